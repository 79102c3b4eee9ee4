"""The messages of one subscription: which wait, which are leased to whom until when, which are dead; pure.

Time is a number of seconds, and is always passed in. With ordering, the messages of one key are handed out in the order
of publication: none while an earlier one is leased, except in the same batch; and when one comes back, those after it
that are still leased come back too. Left out: the redelivery of later messages that were acknowledged already, and
the loss of messages that are older than the subscription's retention.
"""

import bisect
import dataclasses
import itertools
from collections.abc import Iterable, Mapping

# The official clients, told of an emulator, open a channel that refuses answers above gRPC's own limit of 4 MiB.
BATCH_BYTES = 3_000_000


@dataclasses.dataclass(frozen=True)
class Message:
    """What was published, with the id and the time that it got."""

    id: str
    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str
    published: float


@dataclasses.dataclass(frozen=True)
class Rules:
    """How a subscription hands out messages; times in seconds.

    attempts: how many deliveries before a message is dead; 0 means any number.
    backoff: the pause before a message that came back is handed out again, which doubles up to `longest_backoff`.
    """

    ack_deadline: float = 10
    ordered: bool = False
    attempts: int = 0
    backoff: float = 0
    longest_backoff: float = 0


@dataclasses.dataclass(frozen=True)
class Delivery:
    """One message as handed out: the id under which it is acknowledged, and how many times it was handed out now."""

    ack_id: str
    message: Message
    attempt: int


@dataclasses.dataclass
class _Entry:
    """A message with its place in the order, how often it was handed out, and from when or until when that counts."""

    place: int
    message: Message
    attempts: int = 0
    until: float = 0


class Queue:
    """The messages of one subscription; not safe to use from many threads by itself."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._places = itertools.count()
        self._ids = itertools.count(1)
        self._waiting: list[_Entry] = []
        self._leased: dict[str, _Entry] = {}
        self._dead: list[_Entry] = []

    def __len__(self) -> int:
        """Return how many messages were not acknowledged."""
        return len(self._waiting) + len(self._leased) + len(self._dead)

    def add(self, message: Message) -> None:
        """Put a message at the end."""
        self._waiting.append(_Entry(next(self._places), message))

    def take(self, limit: int, *, now: float, seconds: float | None = None) -> list[Delivery]:
        """Return up to `limit` messages, leased for `seconds` or as the rules say; together they suit one answer."""
        self.expire(now)
        taken, passed, read = self._choose(limit, now=now)
        self._waiting = passed + self._waiting[read:]
        deliveries = []
        for entry in taken:
            entry.attempts += 1
            entry.until = now + (self.rules.ack_deadline if seconds is None else seconds)
            ack_id = f"{entry.message.id}-{next(self._ids)}"
            self._leased[ack_id] = entry
            deliveries.append(Delivery(ack_id, entry.message, entry.attempts))
        return deliveries

    def acknowledge(self, ack_ids: Iterable[str]) -> None:
        """Forget the messages that are leased under these ids; other ids mean nothing."""
        for ack_id in ack_ids:
            self._leased.pop(ack_id, None)

    def modify(self, ack_ids: Iterable[str], seconds: float, *, now: float) -> None:
        """Let the leases under these ids end in `seconds`, or at once when that is 0; other ids mean nothing."""
        for ack_id in ack_ids:
            if ack_id in self._leased:
                self._leased[ack_id].until = now + seconds
        self.expire(now)

    def expire(self, now: float) -> None:
        """Take back the messages whose lease has ended."""
        ended = {ack_id for ack_id, entry in self._leased.items() if entry.until <= now}
        if self.rules.ordered and ended:
            first: dict[str, int] = {}
            for entry in (self._leased[ack_id] for ack_id in ended):
                key = entry.message.ordering_key
                first[key] = min(first.get(key, entry.place), entry.place)
            first.pop("", None)
            ended |= {i for i, e in self._leased.items() if e.place > first.get(e.message.ordering_key, e.place)}
        for ack_id in sorted(ended):
            self._come_back(self._leased.pop(ack_id), now=now)

    def dead(self) -> list[tuple[Message, int]]:
        """Return the messages that were handed out as often as the rules allow, each with that number."""
        return [(entry.message, entry.attempts) for entry in self._dead]

    def bury(self) -> None:
        """Forget the dead messages."""
        self._dead.clear()

    def revive(self) -> None:
        """Put the dead messages back among the waiting ones, because nobody would have them."""
        for entry in self._dead:
            bisect.insort(self._waiting, entry, key=_place)
        self._dead.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self._leased.clear()
        self._dead.clear()

    def leased(self, ack_ids: Iterable[str]) -> set[str]:
        """Return those of these ids under which a message is leased."""
        return {ack_id for ack_id in ack_ids if ack_id in self._leased}

    def next_change(self, now: float) -> float | None:
        """Return when a lease or a pause ends next; None when time alone changes nothing."""
        times = [entry.until for entry in self._leased.values()]
        times += [entry.until for entry in self._waiting if entry.until > now]
        return min(times, default=None)

    def _choose(self, limit: int, *, now: float) -> tuple[list[_Entry], list[_Entry], int]:
        """Return the entries to hand out, those passed over, and how many of the waiting ones these are together."""
        taken: list[_Entry] = []
        passed: list[_Entry] = []
        blocked = {entry.message.ordering_key for entry in self._leased.values()} if self.rules.ordered else set()
        room = BATCH_BYTES
        for entry in self._waiting:
            if len(taken) == limit or (taken and len(entry.message.data) > room):
                break
            key = entry.message.ordering_key if self.rules.ordered else ""
            if entry.until > now or (key and key in blocked):
                blocked.add(key)
                passed.append(entry)
            else:
                taken.append(entry)
                room -= len(entry.message.data)
        return taken, passed, len(taken) + len(passed)

    def _come_back(self, entry: _Entry, *, now: float) -> None:
        # The exponent is bounded, so that a message that is refused for ever does not overflow a float.
        pause = min(self.rules.backoff * 2.0 ** min(entry.attempts - 1, 64), self.rules.longest_backoff)
        entry.until = now + pause
        if self.rules.attempts and entry.attempts >= self.rules.attempts:
            self._dead.append(entry)
            return
        bisect.insort(self._waiting, entry, key=_place)


def _place(entry: _Entry) -> int:
    return entry.place
