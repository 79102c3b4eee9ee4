"""What one call of the relay is going to write down and send, before it does; pure."""

import dataclasses
import datetime
from collections.abc import Mapping

from cloud_functions.alert_relay import declaration, news, outbox, relay
from cloud_functions.alert_relay.state import SEEN, Message, State


@dataclasses.dataclass(frozen=True)
class Plan:
    """The memory to write, what to send once it is written, and what came of each message of Pub/Sub.

    passed: (message id, reason) of those that are no news: duplicate, or no_run.
    """

    state: State
    decision: relay.Decision
    sent: tuple[Message, ...]
    dropped: tuple[Message, ...]
    taken: tuple[news.News, ...]
    passed: tuple[tuple[str, str], ...]


def plan(
    state: State,
    inbox: Mapping[str, news.News | news.Unreadable],
    declared: declaration.Alerts,
    now: datetime.datetime,
) -> Plan:
    """Return what is to be written and sent, given what is remembered and the messages that came, by their ids."""
    fresh = {name: one for name, one in inbox.items() if name not in state.seen}
    reports = {name: one for name, one in fresh.items() if isinstance(one, news.News)}
    runs = [one for one in reports.values() if one.is_run]
    left, dropped = outbox.expired(state, now)
    decision = relay.decide(left, runs, declared, now)
    seen = (*state.seen, *fresh)[-SEEN:]
    written, sent = outbox.claimed(dataclasses.replace(decision.state, seen=seen), now)
    return Plan(
        state=written,
        decision=decision,
        sent=sent,
        dropped=dropped,
        taken=tuple(one for one in runs if one not in decision.outdated),
        passed=(
            *((name, "duplicate") for name, one in inbox.items() if name in state.seen),
            *((name, "no_run") for name, one in reports.items() if not one.is_run),
        ),
    )
