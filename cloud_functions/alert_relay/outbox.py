"""The messages that were decided and not yet delivered: who sends them, and how long they are tried; pure."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence

from cloud_functions.alert_relay import declaration
from cloud_functions.alert_relay.state import Message, State

KEPT_HOURS = 48
"""For how long a message that nobody takes is tried."""
CLAIMED_SECONDS = 180
"""For how long no other run sends a message that one has claimed; longer than a run can take."""
SHORTEST_SECONDS = 30
LONGEST_SECONDS = 600
"""The longest pause between two runs' tries; shorter than the pause between two sweeps."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of a message in a run; wait: seconds that its channel asked for.

    error: why it was not delivered, else None. passing: whether the reason may pass, so that the channel is left alone.
    """

    message: Message
    tries: int
    error: str | None = None
    passing: bool = False
    wait: float = 0.0


def claimed(state: State, now: datetime.datetime) -> tuple[State, tuple[Message, ...]]:
    """Return the memory in which every message that is due belongs to this run, and these messages, oldest first."""
    until = now + datetime.timedelta(seconds=CLAIMED_SECONDS)
    mine = [message for message in state.outbox if message.next_try <= now]
    names = {message.id for message in mine}
    outbox = tuple(
        dataclasses.replace(message, next_try=until) if message.id in names else message for message in state.outbox
    )
    return dataclasses.replace(state, outbox=outbox), tuple(sorted(mine, key=lambda message: message.created))


def expired(state: State, now: datetime.datetime) -> tuple[State, tuple[Message, ...]]:
    """Return the memory without the messages that nobody took for too long, and these; no other run is at them."""
    oldest = now - datetime.timedelta(hours=KEPT_HOURS)
    dropped = tuple(one for one in state.outbox if one.created < oldest and one.tries and one.next_try <= now)
    return dataclasses.replace(state, outbox=tuple(one for one in state.outbox if one not in dropped)), dropped


def settled(state: State, results: Sequence[Result], retry: declaration.Retry, now: datetime.datetime) -> State:
    """Return the memory after a run's tries: without what was delivered, and with when the rest is tried next."""
    by_id = {result.message.id: result for result in results}
    left = (_tried(message, by_id, retry, now) for message in state.outbox)
    return dataclasses.replace(state, outbox=tuple(message for message in left if message is not None))


def _tried(
    message: Message, by_id: Mapping[str, Result], retry: declaration.Retry, now: datetime.datetime
) -> Message | None:
    result = by_id.get(message.id)
    if result is None:
        return message
    if result.error is None:
        return None
    tries = message.tries + result.tries
    pause = max(SHORTEST_SECONDS, result.wait, retry.first_seconds * 2 ** min(tries, 20)) if result.tries else 0.0
    return dataclasses.replace(
        message, tries=tries, next_try=now + datetime.timedelta(seconds=min(LONGEST_SECONDS, pause))
    )
