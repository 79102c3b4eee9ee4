"""A run on a hand-made warehouse: prices, budgets, what a broken check costs, and that no question is ever lost."""

import dataclasses
import itertools
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from shared import errors
from shared.checks import fold, model, run, sql
from shared.checks.planning import Refusal
from tests.shared.checks import engine
from tests.shared.checks.fakes import CHECKS, FIFTY, MIB, PLACES, TABLES, Fake, question, reasons, refusing


def test_five_tables_are_five_scans() -> None:
    """Fifty checks on five tables are five dry runs and five queries, whose bytes are counted."""
    fake = Fake()
    result = fake.ask(FIFTY)

    assert (len(fake.priced), len(fake.answered), result.failed) == (5, 5, ())
    assert not reasons(result)
    assert result.bytes_estimated == sum(one.bytes_billed for one in result.done) == 250 * MIB
    assert {one.get("own") for one in result.answers.values() if isinstance(one, model.Answer)} == {1}


@pytest.mark.parametrize("stage", ["price", "answer"])
@pytest.mark.parametrize("bad", PLACES)
def test_a_broken_check_costs_itself_only(bad: str, stage: str) -> None:
    """Wherever it stands, and whether a dry run or the query shows it: 49 of 49 others are answered."""
    fake = refusing(errors.Rejected, [bad], stage)
    result = fake.ask(FIFTY)

    assert reasons(result) == {bad: "broken_query"}
    assert len(fake.answered if stage == "answer" else fake.priced) <= TABLES + 2 * 4
    assert len(result.failed) == len(fake.answered) - len(result.done)
    if stage == "price":
        assert result.failed == ()


@pytest.mark.parametrize("stage", ["price", "answer"])
@pytest.mark.parametrize("pair", list(itertools.combinations(PLACES[:CHECKS], 2)), ids=" ".join)
def test_two_broken_checks_cost_themselves_only(pair: tuple[str, str], stage: str) -> None:
    """However they lie in the halves."""
    assert reasons(refusing(errors.Rejected, pair, stage).ask(FIFTY)) == dict.fromkeys(pair, "broken_query")


@pytest.mark.parametrize("stage", ["price", "answer"])
def test_all_are_broken(stage: str) -> None:
    """Then each is told so, and it ends."""
    result = refusing(errors.Rejected, PLACES, stage).ask(FIFTY)

    assert reasons(result) == dict.fromkeys(PLACES, "broken_query")
    assert result.done == ()


@pytest.mark.parametrize("stage", ["price", "answer"])
@pytest.mark.parametrize(
    "error", [errors.AccessDenied, errors.Unavailable, errors.QuotaExceeded, errors.NotFound, errors.AlreadyExists]
)
def test_what_is_not_the_text_is_not_halved(error: type[errors.CloudError], stage: str) -> None:
    """A refusal of rights, a quota or an outage costs its scan, is not asked again, and leaves the other tables."""
    fake = refusing(error, ["t2.c7"], stage)
    result = fake.ask(FIFTY)

    assert reasons(result) == {f"t2.c{check}": error.code for check in range(CHECKS)}
    assert len(fake.priced) == TABLES
    assert len(fake.answered) == (TABLES if stage == "answer" else TABLES - 1)


def test_a_broken_half_behind_another_refusal() -> None:
    """A half that meets an outage is not halved further, and the other half is answered."""

    def refuse(stage: str, scan: fold.Scan) -> Exception | None:
        if stage == "price":
            return None
        owners = [one.owner for one in scan.questions]
        return errors.Rejected("no") if len(owners) > 5 else errors.Unavailable("no") if "t0.c0" in owners else None

    result = Fake(refuse).ask(FIFTY[:CHECKS])
    assert reasons(result) == {f"t0.c{check}": "unavailable" for check in range(5)}


@pytest.mark.parametrize("after", range(TABLES + 1))
def test_stopped_half_way(after: int) -> None:
    """When time is up, what is answered stays, and the rest is `not_reached` for the reason that is given."""
    fake = Fake()
    stop = lambda: "the time is up" if len(fake.answered) >= after else None  # noqa: E731 - three words of a test
    result = fake.ask(FIFTY, dataclasses.replace(engine.GENEROUS, parallel=1), stop)

    left = {f"t{table}.c{check}" for table in range(after, TABLES) for check in range(CHECKS)}
    assert reasons(result) == dict.fromkeys(left, "not_reached")
    assert {one.message for one in result.answers.values() if isinstance(one, Refusal)} <= {"the time is up"}
    assert len(fake.answered) == after


ALONE = 8  # the query in which the fourth of ten stands alone: 10, 5, 5, 2, 3, 1, 2, 1


@pytest.mark.parametrize("after", range(1, ALONE + 1))
def test_stopped_while_halving(after: int) -> None:
    """The halves that are still to come are `not_reached`, and no culprit is named without having been alone."""
    fake = refusing(errors.Rejected, ["t0.c3"])
    stop = lambda: "the time is up" if len(fake.answered) >= after else None  # noqa: E731 - three words of a test
    found = reasons(fake.ask(FIFTY[:CHECKS], dataclasses.replace(engine.GENEROUS, parallel=1), stop))

    assert all(why == "not_reached" for owner, why in found.items() if owner != "t0.c3")
    assert found["t0.c3"] == ("broken_query" if after == ALONE else "not_reached")


@pytest.mark.parametrize("parallel", [1, 2, 3, 6])
def test_no_more_jobs_at_once_than_allowed(parallel: int) -> None:
    """Counted while they run: pricing, asking and halving all keep to it, and use it."""
    lock, now, most = threading.Lock(), [0], [0]

    def counted(step: Callable[[fold.Scan], Any]) -> Callable[[fold.Scan], Any]:
        def do(scan: fold.Scan) -> Any:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            try:
                time.sleep(0.004)
                return step(scan)
            finally:
                with lock:
                    now[0] -= 1

        return do

    fake = refusing(errors.Rejected, [f"t{table}.c{table}" for table in range(8)])
    warehouse = run.Warehouse(counted(fake.price), counted(fake.answer))
    many = [question(f"t{table}.c{check}") for table in range(8) for check in range(8)]
    result = run.ask(many, warehouse, dataclasses.replace(engine.GENEROUS, parallel=parallel))

    assert most == [parallel]
    assert len(reasons(result)) == 8


def test_a_plan_runs_nothing() -> None:
    """The price of every scan, what is over budget and what a dry run refuses; no query is sent."""
    fake = refusing(errors.Rejected, ["t1.c1"], "price")
    warehouse = run.Warehouse(fake.price, fake.answer)
    priced, result = run.price(FIFTY, warehouse, run.Limits(2**40, 2**40, 4))

    assert fake.answered == []
    assert reasons(result) == {"t1.c1": "broken_query"}
    assert sum(len(scan.questions) for scan, _ in priced) == 49
    assert result.bytes_estimated == sum(size for _, size in priced)


def test_what_measures_nothing_needs_no_scan() -> None:
    """A question that metadata answers is never sent, alone on its table or beside others."""
    silent = [dataclasses.replace(question(f"t{table}.schema"), measures=()) for table in (0, 9)]
    fake = Fake()
    result = fake.ask([*FIFTY, *silent])

    assert not reasons(result)
    assert len(fake.answered) == TABLES
    assert all(one.owner != "t0.schema" for scan in fake.answered for one in scan.questions)


def test_too_many_groups_are_told_of_the_check_that_has_them() -> None:
    """A scan whose groups are too many is halved, as if it had been refused, until the culprit stands alone."""
    column = sql.Sql(("`n`",), frozenset({("n",)}))
    wide = question("t0.wide", model.Measure("rows", "count", by=(column,)))
    fake = Fake()

    def answer(scan: fold.Scan) -> run.Rows:
        one = {**dict.fromkeys(scan.aliases.values(), 1), "g0": 1, "k0": None}
        return run.Rows([one] * (fold.MOST_GROUPS + 1 if scan.grouped else 1), 0)

    found = reasons(run.ask([*FIFTY, wide], run.Warehouse(fake.price, answer), engine.GENEROUS))
    assert found == {"t0.wide": "too_many_groups"}


def test_nothing_is_asked_without_questions() -> None:
    """No question, no call."""
    fake = Fake()
    assert fake.ask([]) == run.Result({}, ())
    assert fake.priced == []


ERRORS = (errors.Rejected, errors.AccessDenied, errors.Unavailable, errors.QuotaExceeded, errors.NotFound)


@hypothesis.settings(max_examples=150, deadline=None, derandomize=True)
@hypothesis.given(
    strategies.lists(strategies.sampled_from(PLACES), unique=True, max_size=30),
    strategies.integers(0, 2**32),
    strategies.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]),
    strategies.integers(0, 40),
    strategies.sampled_from([30, 100, 1000]),
)
def test_no_question_is_ever_lost(owners: list[str], seed: int, share: float, after: int, budget: int) -> None:
    """Whatever fails, wherever and when: every question has exactly one outcome, and no run overspends."""
    chance, lock = random.Random(seed), threading.Lock()  # noqa: S311 - a seeded test, no secret

    def refuse(_stage: str, _scan: fold.Scan) -> Exception | None:
        with lock:
            return chance.choice(ERRORS)("no") if chance.random() < share else None

    fake = Fake(refuse, lambda scan: len(scan.questions) * 5 * MIB)
    stop = lambda: "the time is up" if len(fake.answered) >= after else None  # noqa: E731 - three words of a test
    result = fake.ask([question(owner) for owner in owners], run.Limits(40 * MIB, budget * MIB, 2), stop)

    answered = [one.owner for scan in result.done for one in scan.scan.questions]
    assert sorted([*answered, *reasons(result)]) == sorted(owners)
    assert sum(one.bytes_billed for one in result.done) <= budget * MIB
    assert len(fake.answered) == len(result.done) + len(result.failed)
