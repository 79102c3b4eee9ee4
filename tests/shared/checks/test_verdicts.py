"""From answers to findings: no check is forgotten, every refusal is told, and history and causes find their groups."""

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from shared.checks import model, planning, verdicts
from shared.checks.planning import Refusal
from shared.report import Finding
from shared.statuses import Status
from tests.shared.checks import engine

TABLES = {"d.t": engine.table()}
ROWS = {"kind": "rows", "fail": "== 0"}


def tally(counts: Mapping[model.Group, int]) -> model.Answer:
    """Return the answer to a check that counts rows."""
    return model.Answer({"rows": counts, "tally": counts})


def find(
    check: Mapping[str, Any],
    outcome: verdicts.Outcome,
    history: Mapping[str, list[model.Night]] | None = None,
    **changes: Any,
) -> tuple[Finding, ...]:
    """Return the findings of one check that has this outcome."""
    given = engine.asked(engine.checks(check), **changes)
    known = verdicts.Known({"t.c0": outcome}, TABLES, {}, history)
    return verdicts.findings(given, planning.bound(given.suite), known)


@pytest.mark.parametrize("kind", ["rows", "not_null", "parity", "signal", "gate", "anomaly"])
def test_a_check_without_any_group_is_told(kind: str) -> None:
    """Where no group has any row, a check of groups is unknown, and does not vanish from the report."""
    own: Mapping[str, Mapping[str, Any]] = {
        "rows": {"fail": "== 0"},
        "not_null": {"column": "n", "fail": "> 0"},
        "parity": {"champion": "v9", "expected": ["v9", "v8"], "fail": "< 5"},
        "signal": {
            "ladder": [{"says": "RED", "when": "rows < 1", "status": "fail"}],
            "otherwise": {"says": "GREEN", "status": "pass"},
        },
        "gate": {"champion": "v9", "wins": "n > 0", "of": "n IS NOT NULL"},
        "anomaly": {"warn": "> 3"},
    }
    empty: dict[str, dict[model.Group, Any]] = {name: {} for name in ("rows", "tally", "bad", "wins")}
    found = find({"kind": kind, "each": "s", **own[kind]}, model.Answer(empty), {})

    assert found
    assert {one.status for one in found} == {Status.UNKNOWN}


@pytest.mark.parametrize("skip", [True, False])
def test_a_refusal_is_told(skip: bool) -> None:  # noqa: FBT001 - a column of the table above
    """A skip is no news, and an error has the severity of its check and what to do."""
    (found,) = find({**ROWS, "severity": "warning"}, Refusal("over_budget", "too dear", skip=skip))

    assert (found.subject, found.kind, found.reason, found.message) == (
        "nightly.t.c0",
        "rows",
        "over_budget",
        "too dear",
    )
    assert (found.status, found.severity) == ((Status.SKIP, "info") if skip else (Status.ERROR, "warning"))
    assert (found.fix is None) is skip


@pytest.mark.parametrize("reason", ["not_due", "not_asked"])
def test_what_was_not_asked_needs_no_fact(reason: str) -> None:
    """A check that was refused beforehand is told so, though the fact of its condition was not measured."""
    suite = engine.suite(
        facts={"lines": {"table": "d.t", "at": {"day": "day"}}},
        tables={
            "t": {"table": "d.t", "at": {"day": "day"}, "only_if": "lines > 0", "checks": [{"id": "c0", **ROWS}]},
        },
    )
    known = verdicts.Known({"t.c0": Refusal(reason, "not now", skip=True)}, TABLES, {}, {})
    (found,) = verdicts.findings(engine.asked(suite), planning.bound(suite), known)

    assert (found.status, found.reason) == (Status.SKIP, reason)


def test_a_run_before_the_hour_is_a_run_of_skips() -> None:
    """From the question to the finding, with a condition on a fact that nobody measures then."""
    suite = engine.suite(
        facts={"lines": {"table": "d.t", "at": {"day": "day"}}},
        tables={
            "t": {
                "table": "d.t",
                "at": {"day": "day"},
                "due": "+9 06:00",
                "only_if": "lines > 0",
                "checks": [{"id": "c0", **ROWS}],
            }
        },
    )
    found = engine.judged(
        engine.asked(suite), TABLES, lambda given: engine.result({one.owner: never() for one in given})
    )
    assert [(one.status, one.reason) for one in found["t.c0"]] == [(Status.SKIP, "not_due")]


def never() -> Refusal:
    """Fail the test: nothing should have been asked."""
    raise AssertionError("a question was asked")


@pytest.mark.parametrize("group", ["v9", "a/b", "x]", "[x", "NULL", "", "ü 😀", "x" * 5000])
def test_history_is_that_of_the_group(group: str) -> None:
    """Whatever a group is called, its earlier nights are its own; one that is there no more counts 0."""
    nights = [model.Night(engine.DAY - datetime.timedelta(days=number), 100.0 + number) for number in range(1, 9)]
    check = {"kind": "anomaly", "each": "s", "warn": "> 3.5"}
    given = engine.asked(engine.checks(check))
    (bound,) = planning.bound(given.suite)
    others = [model.Night(night.day, 1.0) for night in nights]
    shown = verdicts.subject(given, bound, model.Verdict(Status.PASS, "", "", group=(group,)))
    history = {shown: nights, "nightly.t.c0[other]": others, "nightly.t.c01": others}
    found = {one.subject: one for one in find(check, tally({(group,): 104}), history)}

    assert set(found) == {shown, "nightly.t.c0[other]"}
    assert (found[shown].status, found[shown].reason) == (Status.PASS, "like_before")
    assert found[shown].evidence["median"] == 104.5
    assert found["nightly.t.c0[other]"].observed == 0


def test_a_cause_is_named_where_it_lies() -> None:
    """What fails behind a table that fails carries the id of the worst before it, and what is good does not."""
    suite = engine.suite(
        tables={
            name: {"table": "d.t", "at": {"day": "day"}, "after": after, "checks": [{"id": "c", **ROWS}]}
            for name, after in (("first", []), ("second", ["first"]), ("third", ["first"]))
        }
    )
    outcomes = {"first.c": tally({(): 0}), "second.c": tally({(): 0}), "third.c": tally({(): 1})}
    found = verdicts.findings(engine.asked(suite), planning.bound(suite), verdicts.Known(outcomes, TABLES, {}, {}))

    assert [one.caused_by for one in found] == [None, "rows:nightly.first.c", None]


def test_the_query_that_finds_the_rows() -> None:
    """A finding that is not good shows how to find its rows, with values that cannot end their quotes."""
    check = {"kind": "accepted", "column": "s", "values": ['say "x"', "it's\\", "a\nb"], "fail": "> 0"}
    given = engine.asked(engine.checks(check, key=["n"]))
    answer = model.Answer({"rows": {(): 2}, "bad": {(): 1}, "samples": {(): ['{"n":1}']}})
    (found,) = verdicts.findings(given, planning.bound(given.suite), verdicts.Known({"t.c0": answer}, TABLES, {}, {}))

    assert found.evidence["samples"] == ['{"n":1}']
    assert found.evidence["find"] == (
        'SELECT `n` FROM `p.d.t` WHERE `day` = DATE \'2026-02-12\' AND `s` NOT IN ("say \\"x\\"", "it\'s\\\\", "a\\nb")'
    )
