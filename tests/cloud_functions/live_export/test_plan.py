"""What may be published: each refusal at its exact limit, beside the neighbour that must pass."""

import datetime
from typing import Any

import pytest

from cloud_functions.live_export import declaration, plan
from cloud_functions.live_export.documents import fields
from shared import calendars
from shared.exports import manifest
from tests.cloud_functions.live_export import stories
from tests.cloud_functions.live_export.stories import NOW, candidate, content, document, entry, measures, run

SECOND = datetime.timedelta(seconds=1)
OTHER = "b" * 64


def decided(
    made: plan.Candidate | plan.Trouble, before: manifest.Entry | None = None, /, **changes: Any
) -> plan.Decision:
    """Return what is done with a document; `document__…` changes its declaration, `floor__…` its floor."""
    floor = {name.removeprefix("floor__"): one for name, one in changes.items() if name.startswith("floor__")}
    told = {name: one for name, one in changes.items() if not name.startswith("floor__")}
    declared = document(floor=stories.replaced(document().floor, **floor))
    return plan.decide(declared, made, before, run(**told))


def outcome(found: plan.Decision) -> tuple[str, str | None]:
    """Return the action, and the reason for a refusal."""
    return found.action, found.trouble.reason if found.trouble else None


def with_rows(rows: int, **changes: Any) -> plan.Candidate:
    """Return a candidate with so many rows, and content of its own."""
    return candidate(OTHER, measures=measures(rows), **changes)


def test_the_first_of_a_day_is_published() -> None:
    """Nothing stands there; the document, what was made and what stood there are in the decision."""
    made = candidate()
    assert decided(made) == plan.Decision(document(), "publish", None, made)
    before = entry(content(OTHER))
    assert decided(made, before) == plan.Decision(document(), "publish", before, made)
    blank = stories.replaced(entry(), content=None)
    assert decided(made, blank) == plan.Decision(document(), "publish", blank, made)


def test_what_could_not_be_made_is_refused_even_if_forced() -> None:
    """There is nothing that force could publish."""
    trouble = plan.Trouble("query_failed", "m", "f", judged=False)
    for forced in ((), ("live",)):
        found = decided(trouble, entry(), forced=forced)
        assert found == plan.Decision(document(), "refuse", entry(), None, trouble)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(0, ("refuse", "empty")), (29, ("refuse", "below_floor")), (30, ("publish", None)), (31, ("publish", None))],
)
def test_rows_for_each_game(rows: int, expected: tuple[str, str | None]) -> None:
    """Three games make at least thirty rows."""
    assert outcome(decided(with_rows(rows))) == expected


def test_refusals_tell_numbers() -> None:
    """What was found, what was expected, in which unit, and what to do."""
    empty, low = decided(with_rows(0)).trouble, decided(with_rows(29), floor__per_game=9.9).trouble
    assert empty is not None
    assert (empty.message, empty.judged) == ("it has no rows, and 3 games on 2026-02-12", True)
    assert (empty.observed, empty.expected, empty.unit) == (0, "more than 0", "rows")
    assert low is not None
    assert low.message == "it has 29 rows; 3 games make at least 29.7"
    assert (low.observed, round(float(low.expected or 0), 1), low.unit) == (29, 29.7, "rows")


@pytest.mark.parametrize("standing", [each for each in calendars.Standing if each is not calendars.Standing.GAMES])
def test_a_day_without_games_may_be_empty(standing: calendars.Standing) -> None:
    """The calendar says so; the same document is refused on a day with games."""
    assert outcome(decided(with_rows(0), day=stories.day(0, standing))) == ("publish", None)
    assert outcome(decided(with_rows(0), day=stories.day(1))) == ("refuse", "empty")


def test_no_floor_means_none() -> None:
    """A document without rows for each game may be empty, like a status."""
    assert outcome(decided(with_rows(0), floor__per_game=0.0)) == ("publish", None)
    assert outcome(decided(with_rows(0), floor__per_game=0.01)) == ("refuse", "empty")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"predicted": False}, ("refuse", "all_null")),
        ({}, ("refuse", "all_null")),
        ({"predicted": True}, ("publish", None)),
        ({"predicted": True, "other": False}, ("publish", None)),
    ],
)
def test_a_column_that_is_all_null(columns: dict[str, bool], expected: tuple[str, str | None]) -> None:
    """Or that is not there; one value is enough, and columns that nobody watches do not count."""
    found = decided(candidate(OTHER, measures=fields.Measures(40, {"final": 1}, columns)))
    assert outcome(found) == expected
    assert found.trouble is None or found.trouble.message == "predicted is null in all of 40 rows"


def test_no_rows_have_no_column() -> None:
    """An empty document on an off-day is not all null."""
    made = candidate(OTHER, measures=fields.Measures(0, {}, {"predicted": False}))
    assert outcome(decided(made, day=stories.day(0))) == ("publish", None)


@pytest.mark.parametrize(
    ("before", "rows", "shrink", "expected"),
    [
        (100, 66, 0.34, ("publish", None)),
        (100, 65, 0.34, ("refuse", "shrunk")),
        (80, 40, 0.5, ("publish", None)),
        (80, 39, 0.5, ("refuse", "shrunk")),
        (40, 40, 0.0, ("publish", None)),
        (40, 39, 0.0, ("refuse", "shrunk")),
        (4000, 30, 1.0, ("publish", None)),
        (40, 4000, 0.34, ("publish", None)),
    ],
)
def test_a_share_of_the_rows_may_be_gone(before: int, rows: int, shrink: float, expected: Any) -> None:
    """Exactly the declared share, and not one row more."""
    found = decided(with_rows(rows), entry(content(rows=before)), floor__shrink=shrink)
    assert outcome(found) == expected


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({"final": 3}, {"final": 2}, ("publish", None)),
        ({"final": 3}, {"final": 1}, ("refuse", "shrunk")),
        ({"final": 3}, {}, ("refuse", "shrunk")),
        ({"final": 0}, {}, ("publish", None)),
        ({}, {"final": 3}, ("publish", None)),
    ],
)
def test_a_share_of_each_count_may_be_gone(before: dict[str, int], now: dict[str, int], expected: Any) -> None:
    """Finals do not become fewer, though the rows stay as they are; a count that is new has nothing to fall from."""
    made = candidate(OTHER, measures=fields.Measures(40, now, {"predicted": True}))
    found = decided(made, entry(content(counts=before)))
    assert outcome(found) == expected
    if found.trouble:
        assert (found.trouble.observed, found.trouble.expected, found.trouble.unit) == (now.get("final", 0), 3, "final")
        assert found.trouble.message.startswith("final fell from 3 to ")
        assert "force: [live]" in found.trouble.fix


def test_an_off_day_after_a_document_with_games_is_shrunk() -> None:
    """A calendar that loses its games in the middle of a day does not empty what is published."""
    found = decided(with_rows(0), entry(), day=stories.day(0))
    assert outcome(found) == ("refuse", "shrunk")
    assert found.trouble is not None
    assert (found.trouble.observed, found.trouble.expected, found.trouble.unit) == (0, 40, "rows")


@pytest.mark.parametrize(
    ("later", "expected"),
    [(SECOND, ("refuse", "older")), (0 * SECOND, ("publish", None)), (-SECOND, ("publish", None))],
)
def test_older_than_what_stands_there(later: datetime.timedelta, expected: tuple[str, str | None]) -> None:
    """A run whose clock is behind, or that was overtaken, does not replace; at the same instant it may."""
    assert outcome(decided(with_rows(40), entry(content(as_of=NOW + later)))) == expected


def test_older_is_told_before_anything_else() -> None:
    """What stands there is newer: nothing that is wrong with the old one degrades it."""
    assert outcome(decided(with_rows(0), entry(content(as_of=NOW + SECOND)))) == ("refuse", "older")


def test_every_refusal_is_found_and_the_first_is_told() -> None:
    """In a fixed order: too little, empty columns, shrunk rows and counts."""
    made = candidate(OTHER, measures=fields.Measures(5, {}, {}))
    told = list(plan.troubles(document(), made, content(as_of=NOW + SECOND), run()))
    assert [one.reason for one in told] == ["older", "below_floor", "all_null", "shrunk", "shrunk"]
    assert outcome(decided(made, entry())) == ("refuse", "below_floor")


def test_force_publishes_over_a_refusal_and_keeps_it() -> None:
    """The trouble stays in the decision; force of another document changes nothing."""
    assert outcome(decided(with_rows(0), entry(), forced=("live",))) == ("publish", "empty")
    assert outcome(decided(with_rows(0), entry(), forced=("live-grading", "li"))) == ("refuse", "empty")
    assert outcome(decided(with_rows(40), entry(), forced=("live",))) == ("publish", None)


def test_force_over_what_is_there_already_writes_nothing() -> None:
    """The same bytes are left, or confirmed, as ever; that they were wanted is kept."""
    before = entry(content(rows=400))
    assert outcome(decided(candidate(), before, forced=("live",))) == ("leave", "shrunk")


@pytest.mark.parametrize(
    ("age", "action"),
    [(0, "leave"), (299, "leave"), (300, "confirm"), (301, "confirm"), (9000, "confirm")],
)
def test_unchanged_content_is_left_until_half_its_age(age: int, action: str) -> None:
    """Of at most ten minutes; then the manifest confirms it."""
    before = entry(content(as_of=NOW - age * SECOND))
    assert outcome(decided(candidate(), before)) == (action, None)
    assert outcome(decided(candidate(OTHER), before)) == ("publish", None)


def test_half_the_age_is_that_of_the_document() -> None:
    """A document that may be an hour old is confirmed after half an hour."""
    before = entry(content(as_of=NOW - 300 * SECOND))
    slow = plan.decide(document(max_age_seconds=3600), candidate(), before, run())
    assert slow.action == "leave"


def test_shape_and_id_name_the_schema() -> None:
    """Documents of one shape share theirs; plain rows have one each."""
    assert plan.schema_path(document("tonight-day", shape="tonight")) == "schemas/tonight.schema.json"
    assert plan.schema_path(document("results", shape="rows")) == "schemas/results.schema.json"


def test_floors_of_the_declaration_that_ships() -> None:
    """A third of the games may not vanish from the scores, nor of the players from tonight."""
    live, tonight = stories.declared().of("live"), stories.declared().of("tonight")
    assert live.floor == declaration.Floor(1, 0.34, ())
    assert tonight.floor == declaration.Floor(8, 0.34, ("season_ppg",))
