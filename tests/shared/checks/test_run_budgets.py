"""What a run may cost: the bytes of a scan, those of a run, and what becomes of the checks beyond."""

import pytest

from shared import errors
from shared.checks import model, run, sql
from tests.shared.checks import engine
from tests.shared.checks.fakes import CHECKS, FIFTY, MIB, Fake, question, reasons, refusing


@pytest.mark.parametrize(("limit", "kept"), [(50, True), (49, False)])
def test_a_scan_has_a_budget(limit: int, kept: bool) -> None:  # noqa: FBT001 - a column of the table above
    """A scan that would read more is not run, and the message says how much; the other tables are asked."""
    sizes = {"t0": 50 * MIB}
    fake = Fake(size=lambda scan: sizes.get(scan.table.ref.table, MIB))
    result = fake.ask(FIFTY, run.Limits(limit * MIB, 2**50, 4))

    over = {} if kept else {f"t0.c{check}": "over_budget" for check in range(CHECKS)}
    assert reasons(result) == over
    assert len(fake.answered) == (5 if kept else 4)
    assert kept or "50.0 MiB" in str(result.answers["t0.c0"])


def test_a_run_has_a_budget() -> None:
    """Scans are kept in the order of their declaration while they fit; a smaller one behind may still fit."""
    sizes = {"t0": 60, "t1": 50, "t2": 30, "t3": 11, "t4": 1}
    fake = Fake(size=lambda scan: sizes[scan.table.ref.table] * MIB)
    result = fake.ask(FIFTY, run.Limits(2**40, 100 * MIB, 4))

    assert {owner.partition(".")[0]: why for owner, why in reasons(result).items()} == {
        "t1": "over_budget",
        "t3": "over_budget",
    }
    assert sorted(scan.table.ref.table for scan in fake.answered) == ["t0", "t2", "t4"]


def test_small_scans_bill_the_minimum() -> None:
    """BigQuery bills 10 MiB at least, so that ten small scans use up 100 MiB; one of nothing bills nothing."""
    twelve = [question(f"t{table}.c") for table in range(12)]
    limits = run.Limits(2**40, 100 * MIB, 4)

    assert len(reasons(Fake(size=lambda _: 1).ask(twelve, limits))) == 2
    assert not reasons(Fake(size=lambda _: 0).ask(twelve, limits))


def test_halves_are_paid_from_what_is_left() -> None:
    """Each half reads the table again; where the run's budget does not reach, the rest is told, and none overspends."""
    fake = refusing(errors.Rejected, ["t0.c9"])
    result = fake.ask(FIFTY[:CHECKS], run.Limits(2**40, 100 * MIB, 4))

    assert sum(one.bytes_billed for one in result.done) <= 100 * MIB
    assert set(reasons(result).values()) == {"over_budget"}
    assert sum(len(one.scan.questions) for one in result.done) + len(reasons(result)) == CHECKS


def test_an_answer_that_cannot_be_read_was_paid_for() -> None:
    """Too many groups, or two rows of an own query: the bytes count although nothing came of them."""
    own = model.Question("t0.own", engine.table("t0"), None, (model.Measure("observed", "max"),), sql.of("SELECT 1"))
    rows = run.Rows([{"observed": 1}, {"observed": 2}], 20 * MIB)
    warehouse = run.Warehouse(lambda _: 20 * MIB, lambda _: rows)

    result = run.ask([own], warehouse, run.Limits(2**40, 100 * MIB, 4))

    assert reasons(result) == {"t0.own": "broken_query"}
    assert (result.failed, result.bytes_billed) == ((20 * MIB,), 20 * MIB)
