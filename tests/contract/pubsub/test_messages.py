"""Claims about the messages of one subscription, on a clock that stands still until it is moved."""

import itertools

import hypothesis
import pytest
from hypothesis import strategies

from local.pubsub import queue

NUMBERS = itertools.count()


def message(data: bytes, key: str = "") -> queue.Message:
    """Return a message."""
    return queue.Message(str(next(NUMBERS)), data, {}, key, 0.0)


def filled(*data: bytes, key: str = "", **rules: float) -> queue.Queue:
    """Return a queue with these messages."""
    made = queue.Queue(queue.Rules(ordered=bool(key), **rules))  # type: ignore[arg-type]  # the numbers of `Rules`
    for datum in data:
        made.add(message(datum, key))
    return made


def taken(messages: queue.Queue, now: float, limit: int = 100) -> list[bytes]:
    """Return the data of what is handed out now."""
    return [delivery.message.data for delivery in messages.take(limit, now=now)]


@pytest.mark.parametrize(("now", "expected"), [(9.9, []), (10, [b"x"]), (10.1, [b"x"])])
def test_a_lease_ends_with_its_deadline(now: float, expected: list[bytes]) -> None:
    """Before the deadline the message is nobody's; from then on it is handed out again."""
    messages = filled(b"x", ack_deadline=10)
    messages.take(1, now=0)
    assert taken(messages, now) == expected


def test_an_acknowledgement_that_comes_too_late_means_nothing() -> None:
    """Once the message is handed out again, the old id is worth nothing."""
    messages = filled(b"x", ack_deadline=10)
    (old,) = messages.take(1, now=0)
    (new,) = messages.take(1, now=10)
    messages.acknowledge([old.ack_id])
    assert messages.leased([old.ack_id, new.ack_id]) == {new.ack_id}


def test_the_pause_doubles_up_to_its_limit() -> None:
    """Each refusal waits twice as long as the one before, and never longer than the longest."""
    messages = filled(b"x", backoff=1, longest_backoff=5)
    now, pauses = 0.0, []
    for _ in range(5):
        (delivery,) = messages.take(1, now=now)
        messages.modify([delivery.ack_id], 0, now=now)
        again = messages.next_change(now)
        assert again is not None
        assert taken(messages, again - 0.01) == []
        pauses.append(again - now)
        now = again
    assert pauses == [1, 2, 4, 5, 5]


def test_many_refusals_are_no_trouble() -> None:
    """A message that is refused thousands of times still has a pause."""
    messages = filled(b"x", backoff=1, longest_backoff=600)
    for now in range(0, 3_000_000, 1000):
        (delivery,) = messages.take(1, now=now)
        messages.modify([delivery.ack_id], 0, now=now)
    assert messages.next_change(2_999_000) == 2_999_600


def test_a_message_comes_back_to_its_place() -> None:
    """A message that was refused is handed out before those that were published after it."""
    messages = filled(b"a", b"b", b"c")
    (first,) = messages.take(1, now=0)
    messages.modify([first.ack_id], 0, now=0)
    assert taken(messages, 0) == [b"a", b"b", b"c"]


def test_a_key_is_blocked_while_one_of_its_messages_is_leased() -> None:
    """Later messages of the key wait for the earlier one; other keys do not, nor do messages without a key."""
    messages = filled(b"a1", key="a")
    messages.take(1, now=0)
    for datum, key in ((b"a2", "a"), (b"b1", "b"), (b"none", "")):
        messages.add(message(datum, key))
    assert taken(messages, 0) == [b"b1", b"none"]


def test_messages_without_a_key_do_not_block_each_other() -> None:
    """Ordering concerns only messages that have a key."""
    messages = filled(key="ordered")
    messages.add(message(b"a"))
    messages.add(message(b"b"))
    assert taken(messages, 0, limit=1) + taken(messages, 0, limit=1) == [b"a", b"b"]


def test_what_follows_a_refused_message_comes_again_with_it() -> None:
    """Of one batch of a key, the messages after the refused one come back as well, and in order."""
    messages = filled(b"a", b"b", b"c", key="k")
    deliveries = messages.take(3, now=0)
    messages.acknowledge([deliveries[0].ack_id])
    messages.modify([deliveries[1].ack_id], 0, now=0)
    assert taken(messages, 0) == [b"b", b"c"]


def test_what_has_no_key_follows_nothing() -> None:
    """A refused message without a key brings nothing else back."""
    messages = filled(key="ordered")
    messages.add(message(b"a"))
    messages.add(message(b"b"))
    first, _ = messages.take(2, now=0)
    messages.modify([first.ack_id], 0, now=0)
    assert taken(messages, 0) == [b"a"]


def test_a_pause_blocks_its_key() -> None:
    """While the refused message waits, the later ones of its key wait too."""
    messages = filled(b"a", b"b", key="k", backoff=10, longest_backoff=10)
    (first,) = messages.take(1, now=0)
    messages.modify([first.ack_id], 0, now=0)
    assert taken(messages, 9) == []
    assert taken(messages, 10) == [b"a", b"b"]


def test_time_changes_nothing_in_an_empty_queue() -> None:
    """There is nothing to wait for when nothing is leased or paused."""
    assert filled().next_change(0) is None
    assert filled(b"waiting").next_change(0) is None


@hypothesis.given(
    steps=strategies.lists(
        strategies.tuples(
            strategies.sampled_from(["add", "take", "acknowledge", "refuse", "wait"]), strategies.integers(0, 3)
        ),
        max_size=60,
    )
)
def test_a_message_is_waiting_leased_or_acknowledged(steps: list[tuple[str, int]]) -> None:
    """Whatever happens, no message is lost, none is doubled, and the keys keep their order."""
    messages = queue.Queue(queue.Rules(ack_deadline=10, ordered=True, backoff=1, longest_backoff=4))
    added, done, now = 0, [], 0.0
    held: list[queue.Delivery] = []
    for step, number in steps:
        if step == "add":
            messages.add(message(str(added).encode(), key=f"key {number}"))
            added += 1
        elif step == "take":
            held += messages.take(number, now=now)
        elif step == "acknowledge" and held:
            chosen = held.pop(number % len(held))
            done += [int(chosen.message.data)] if messages.leased([chosen.ack_id]) else []
            messages.acknowledge([chosen.ack_id])
        elif step == "refuse" and held:
            messages.modify([held.pop(number % len(held)).ack_id], 0, now=now)
        else:
            now += number * 4
    messages.modify([one.ack_id for one in held], 0, now=now)
    rest = []
    for _ in range(added + 1):
        now += 20
        deliveries = messages.take(1000, now=now)
        messages.acknowledge([one.ack_id for one in deliveries])
        rest += deliveries
    assert sorted([*done, *(int(one.message.data) for one in rest)]) == list(range(added))
    for _, group in itertools.groupby(sorted(rest, key=_key), key=_key):
        places = [int(one.message.data) for one in group]
        assert places == sorted(places)


def _key(delivery: queue.Delivery) -> str:
    return delivery.message.ordering_key
