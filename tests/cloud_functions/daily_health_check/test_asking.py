"""Questions are asked side by side under one deadline, and none of them costs another its answer."""

import collections
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cloud_functions.daily_health_check import asking
from shared import errors

SOON = 0.4
"""Seconds of a deadline that is waited for."""
LATE = 30.0
"""Seconds that no test may take: what hangs here is let go when its test ends."""


@pytest.fixture
def hang() -> Iterator[Callable[[], Any]]:
    """Yield a question without an answer while the test lasts."""
    ended = threading.Event()
    yield lambda: ended.wait(LATE)
    ended.set()


def refused(error: Exception) -> Callable[[], Any]:
    """Return a question that ends with an error."""

    def ask() -> Any:
        raise error

    return ask


def test_each_question_has_its_answer() -> None:
    """By its name, in the order in which they were asked; also one that is nothing."""
    answers = asking.ask({"b": lambda: 1, "a": lambda: None, "c": list}, seconds=LATE)

    assert list(answers.items()) == [("b", 1), ("a", None), ("c", [])]
    assert asking.ask({}, seconds=LATE) == {}


@pytest.mark.parametrize(
    "error", [errors.AccessDenied("no"), errors.Garbled("what"), errors.QuotaExceeded("slow down"), errors.NotFound("")]
)
def test_an_error_stands_in_its_questions_place(error: errors.CloudError) -> None:
    """The very error, and the others keep their answers."""
    answers = asking.ask({"a": lambda: 1, "bad": refused(error), "b": lambda: 2}, seconds=LATE)

    assert answers == {"a": 1, "bad": error, "b": 2}


@pytest.mark.parametrize("place", [0, 2])
def test_a_question_that_hangs_is_unavailable(hang: Callable[[], Any], place: int) -> None:
    """The others keep their answers, whether they were asked before it or after."""
    questions = [("a", lambda: 1), ("b", lambda: 2)]
    questions.insert(place, ("hangs", hang))
    answers = asking.ask(dict(questions), seconds=SOON)

    assert (answers["a"], answers["b"]) == (1, 2)
    assert isinstance(answers["hangs"], errors.Unavailable)


@pytest.mark.parametrize("number", [asking.THREADS - 1, asking.THREADS * 3])
def test_many_that_hang_take_no_longer_than_one(hang: Callable[[], Any], number: int) -> None:
    """One deadline holds for all of them, those that never had a turn included; what had its turn is answered."""
    answers = asking.ask({"first": lambda: 1} | {f"hangs-{one}": hang for one in range(number)}, seconds=SOON)

    assert answers.pop("first") == 1
    assert collections.Counter(type(one) for one in answers.values()) == {errors.Unavailable: number}


def test_what_had_no_turn_is_never_asked() -> None:
    """After the deadline nothing begins any more, so that nobody is asked for what nobody hears."""
    go, begun = threading.Event(), threading.Event()
    waiting = {str(number): lambda: go.wait(LATE) for number in range(asking.THREADS)}
    answers = asking.ask({**waiting, "last": begun.set}, seconds=SOON)
    go.set()

    assert isinstance(answers["last"], errors.Unavailable)
    assert not begun.wait(SOON)


def test_an_unanswered_question_tells_how_long_was_waited(hang: Callable[[], Any]) -> None:
    """In whole seconds."""
    assert str(asking.ask({"a": hang}, seconds=1.0)["a"]) == "there was no answer within 1 s"


def test_questions_are_asked_side_by_side() -> None:
    """As many as there are threads for: each of these waits until all have begun."""
    together = threading.Barrier(asking.THREADS)
    answers = asking.ask({str(number): lambda: together.wait(LATE) for number in range(asking.THREADS)}, seconds=LATE)

    assert sorted(answers.values()) == list(range(asking.THREADS))


def test_an_answer_after_the_deadline_is_not_heard() -> None:
    """What went on in its thread changes nothing afterwards."""
    go, done = threading.Event(), threading.Event()

    def late() -> str:
        go.wait(LATE)
        done.set()
        return "late"

    answers = asking.ask({"late": late}, seconds=SOON)
    go.set()

    assert done.wait(LATE)
    assert isinstance(answers["late"], errors.Unavailable)


def test_our_own_mistake_is_not_taken_for_an_answer() -> None:
    """Only what the cloud answers is an answer; a bug ends the run, and the report says so."""
    with pytest.raises(ZeroDivisionError):
        asking.ask({"a": lambda: 1, "bug": lambda: 1 / 0}, seconds=LATE)
