"""Plans: everything declared, asked or discovered is accounted for, with its reason."""

import dataclasses
import datetime
from typing import Any

import pytest

from cloud_functions.bigquery_backup import declaration, plan
from cloud_functions.bigquery_backup.declaration import Backups, Dataset, Request
from shared import calendars, gamedays, pipeline, refs
from shared.statuses import Status

T0 = datetime.datetime(2026, 2, 12, 10, 0, 0, tzinfo=datetime.UTC)
EARLIER = T0 - datetime.timedelta(days=1)
EVERYTHING = Request()


def listed(
    name: str, kind: str = "BASE TABLE", dataset: str = "d", created: datetime.datetime = EARLIER
) -> plan.Listed:
    """Return a table as its dataset lists it."""
    return plan.Listed(refs.Table("p", dataset, name), kind, created, f"CREATE {name}")


def declared(*include: str, exclude: tuple[str, ...] = (), dataset: str = "d") -> Backups:
    """Return a declaration of one dataset."""
    return Backups("bucket", (Dataset(dataset, include or ("*",), exclude),))


def select(
    backups: Backups, *tables: plan.Listed, request: Request = EVERYTHING
) -> tuple[list[str], dict[str, tuple[Status, str]]]:
    """Return the chosen tables' names, and what is left out with status and reason."""
    chosen, left_out = plan.select(backups, request, (plan.Listing("d", "US", tables),), T0)
    return [item.ref.table for item in chosen], {item.subject: (item.status, item.reason) for item in left_out}


def test_declared_table_is_chosen_and_the_rest_is_told() -> None:
    """A table that nobody declared is a finding, not a silence."""
    assert select(declared("a"), listed("a"), listed("b")) == (["a"], {"d.b": (Status.SKIP, "undeclared")})


def test_patterns_include_and_exclude() -> None:
    """Exclusion wins over inclusion."""
    chosen, left_out = select(
        declared("a*", exclude=("*_tmp",)), listed("a1"), listed("a2"), listed("a_tmp"), listed("b")
    )

    assert chosen == ["a1", "a2"]
    assert left_out == {"d.a_tmp": (Status.SKIP, "excluded"), "d.b": (Status.SKIP, "undeclared")}


def test_name_is_not_a_prefix() -> None:
    """Declaring `a` does not take `a-b` or `ab`."""
    assert select(declared("a"), listed("a"), listed("a-b"), listed("ab"))[0] == ["a"]


def test_missing_table_fails() -> None:
    """A declared table that does not exist is the loudest finding there is."""
    assert select(declared("a", "gone"), listed("a"))[1] == {"d.gone": (Status.FAIL, "missing_table")}


def test_pattern_that_matches_nothing_fails() -> None:
    """A pattern that covers nothing protects nothing."""
    assert select(declared("a", "old_*"), listed("a"))[1] == {"d.old_*": (Status.FAIL, "matches_nothing")}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("VIEW", "view"),
        ("EXTERNAL", "external"),
        ("MATERIALIZED VIEW", "materialized_view"),
        ("SNAPSHOT", "snapshot"),
        ("A NEW KIND", "a_new_kind"),
    ],
)
def test_what_has_no_rows_of_its_own_is_skipped_with_its_definition(kind: str, reason: str) -> None:
    """Views and their like are told, and their definition is kept."""
    _, left_out = plan.select(declared(), EVERYTHING, (plan.Listing("d", "US", (listed("v", kind),)),), T0)

    assert [(item.status, item.reason, item.ddl) for item in left_out] == [(Status.SKIP, reason, "CREATE v")]


def test_clone_is_a_table() -> None:
    """A table clone has rows of its own."""
    assert select(declared(), listed("c", "CLONE"))[0] == ["c"]


def test_table_younger_than_the_instant_is_skipped() -> None:
    """There is nothing to clone from before a table was made."""
    young = listed("a", created=T0 + datetime.timedelta(milliseconds=1))

    assert select(declared(), young)[1] == {"d.a": (Status.SKIP, "created_after_t0")}
    assert select(declared(), listed("a", created=T0))[0] == ["a"]


def test_request_narrows_and_still_tells() -> None:
    """What is declared but not asked for is skipped, with that reason."""
    chosen, left_out = select(declared("a", "b"), listed("a"), listed("b"), request=Request(("d.a",)))

    assert chosen == ["a"]
    assert left_out == {"d.b": (Status.SKIP, "not_requested")}


def test_missing_table_that_was_not_asked_for_is_still_told() -> None:
    """Everything declared is in the report: what is missing does not fail a run that did not ask for it, nor vanish."""
    left_out = select(declared("a", "gone"), listed("a"), request=Request(("d.a",)))[1]

    assert left_out == {"d.gone": (Status.SKIP, "not_requested")}


def test_request_that_matches_nothing_fails() -> None:
    """A typing mistake in `only` is not a green run of nothing."""
    assert select(declared("a"), listed("a"), request=Request(("d.typo",)))[1] == {
        "d.a": (Status.SKIP, "not_requested"),
        "d.typo": (Status.FAIL, "matches_nothing"),
    }


def test_request_cannot_reach_beyond_the_declaration() -> None:
    """Asking for an undeclared table does not back it up."""
    assert select(declared("a"), listed("a"), listed("secret"), request=Request(("d.secret",))) == (
        [],
        {"d.a": (Status.SKIP, "not_requested"), "d.secret": (Status.SKIP, "undeclared")},
    )


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [("not_found", Status.FAIL, "missing_dataset"), ("access_denied", Status.ERROR, "access_denied")],
)
def test_dataset_that_cannot_be_listed(code: str, status: Status, reason: str) -> None:
    """A dataset that is not there was judged; one that may not be read could not be."""
    _, left_out = plan.select(declared("a"), EVERYTHING, (plan.Listing("d", trouble=(code, "said Google")),), T0)

    assert [(item.subject, item.status, item.reason) for item in left_out] == [("d", status, reason)]


def source(name: str, size: int = 10, kind: str = "STRING", **changed: Any) -> plan.Source:
    """Return a table as BigQuery describes it."""
    resource = {"schema": {"fields": [{"name": "c", "type": kind}]}, "numRows": "3", "numBytes": str(size)}
    return dataclasses.replace(plan.Source(listed(name), "US", resource, ()), **changed)


def test_largest_table_goes_first() -> None:
    """The straggler starts at once; equals go by name."""
    made, _ = plan.steps(declared(), (source("a", 1), source("c", 99), source("b", 99)))

    assert [step.table.table for step in made] == ["b", "c", "a"]


def test_table_without_a_lossless_format_fails() -> None:
    """A lossy backup would be a green lie."""
    made, refused = plan.steps(declared(), (source("a", kind="INTERVAL"), source("b")))

    assert [step.table.table for step in made] == ["b"]
    assert [(item.subject, item.status, item.reason) for item in refused] == [
        ("d.a", Status.FAIL, "no_lossless_format")
    ]


def test_table_that_cannot_be_read_is_an_error() -> None:
    """One unreadable table does not stop the others."""
    made, refused = plan.steps(declared(), (source("a", resource=None, trouble=("access_denied", "no")), source("b")))

    assert [step.table.table for step in made] == ["b"]
    assert [(item.status, item.reason) for item in refused] == [(Status.ERROR, "access_denied")]


def a_plan(**changed: Any) -> plan.Plan:
    """Return a plan of one step."""
    step = plan.Step(refs.Table("p", "d", "a"), "US", "parquet", 3, 10)
    made = plan.Plan(1, "r", "p", "bucket", "daily", T0.date(), 1, T0, "s", "clone", "scratch", (step,), ())
    return dataclasses.replace(made, **changed)


def test_job_ids_are_made_from_the_deed() -> None:
    """The same deed has the same id; another run, instant, stage or attempt has another."""
    made = a_plan()
    step = made.steps[0]
    ids = {
        made.job_id(step, "clone", 1),
        made.job_id(step, "extract", 1),
        made.job_id(step, "clone", 2),
        a_plan(number=2).job_id(step, "clone", 1),
        a_plan(t0=EARLIER).job_id(step, "clone", 1),
        a_plan(bucket="other").job_id(step, "clone", 1),
        made.job_id(dataclasses.replace(step, table=refs.Table("p", "e", "a")), "clone", 1),
    }

    assert len(ids) == 7
    assert a_plan().job_id(step, "clone", 1) in ids


def test_clones_of_twins_do_not_meet() -> None:
    """Tables of one name in two datasets, and in two locations, have clones of their own."""
    made = a_plan()
    steps = [
        plan.Step(refs.Table("p", dataset, "a"), place, "parquet", 1, 1) for dataset in "de" for place in ("US", "EU")
    ]
    scratch = {made.scratch(step) for step in steps}

    assert {item.dataset for item in scratch} == {"scratch_us", "scratch_eu"}
    assert len({item.table for item in scratch}) == 2


def test_scope_follows_declaration_and_request() -> None:
    """A run is resumed only for what it was begun for."""
    both = declaration.Declared(declared("a"), pipeline.Pipeline(gamedays.GameDay("America/New_York", 4)))
    other = dataclasses.replace(both, backups=declared("b"))

    assert len({plan.scope(both, Request()), plan.scope(other, Request()), plan.scope(both, Request(("d.a",)))}) == 3
    assert plan.scope(both, Request(dry_run=True)) == plan.scope(both, Request())
    off = calendars.OffSeason(datetime.date(2026, 6, 22), datetime.date(2026, 10, 19))
    games = calendars.Declared("raw.games", "day", "id", off_seasons=(off,))
    known = dataclasses.replace(both, pipeline=dataclasses.replace(both.pipeline, calendar=games))
    assert plan.scope(known, Request()) == plan.scope(both, Request())
