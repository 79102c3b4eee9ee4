"""Asks the questions: prices every scan, keeps to the budget, isolates what breaks, and never loses a question.

What reaches the warehouse is a callable, so that this runs on BigQuery, on an emulator, and on any engine of a test.
A scan that is refused is halved until the culprit stands alone; a refusal by a dry run costs nothing.
"""

import concurrent.futures
import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from shared import errors
from shared.checks import fold, model
from shared.checks.planning import Refusal

LEAST_BILLED = 10 * 1024 * 1024
"""Bytes that BigQuery bills for a query at least."""


@dataclasses.dataclass(frozen=True)
class Rows:
    """What a query answered, and the bytes that it was billed."""

    rows: Sequence[Mapping[str, Any]]
    bytes_billed: int


@dataclasses.dataclass(frozen=True)
class Warehouse:
    """How to price a scan (bytes, nothing is run) and how to run it; both raise CloudError.

    stop: why no further scan may be begun, or None.
    """

    price: Callable[[fold.Scan], int]
    answer: Callable[[fold.Scan], Rows]
    stop: Callable[[], str | None] = lambda: None


@dataclasses.dataclass(frozen=True)
class Limits:
    """The budget of a run, in bytes billed, and how many jobs may run at once."""

    bytes_per_scan: int
    bytes_per_run: int
    parallel: int


@dataclasses.dataclass(frozen=True)
class Done:
    """One scan that was run: the questions it answered, and its bytes, estimated and billed."""

    scan: fold.Scan
    bytes_estimated: int
    bytes_billed: int


@dataclasses.dataclass(frozen=True)
class Result:
    """Every question's answer or refusal by its owner, the scans that were run, and the bytes of each sent in vain."""

    answers: Mapping[str, model.Answer | Refusal]
    done: tuple[Done, ...]
    failed: tuple[int, ...] = ()
    bytes_estimated: int = 0

    @property
    def bytes_billed(self) -> int:
        """The bytes that all scans were billed."""
        return sum(one.bytes_billed for one in self.done) + sum(self.failed)


Priced = tuple[fold.Scan, int]


def ask(questions: Iterable[model.Question], warehouse: Warehouse, limits: Limits) -> Result:
    """Return what became of every question."""
    answers: dict[str, model.Answer | Refusal] = {}
    with concurrent.futures.ThreadPoolExecutor(limits.parallel) as pool:
        priced = _priced(_scans(questions, answers), warehouse, answers, pool)
        estimated = sum(size for _, size in priced)
        done, failed = _run(priced, warehouse, limits, answers, pool)
    return Result(answers, tuple(done), tuple(failed), estimated)


def price(questions: Iterable[model.Question], warehouse: Warehouse, limits: Limits) -> tuple[list[Priced], Result]:
    """Return every scan that would be run and its bytes, and what could not be asked; nothing is run."""
    answers: dict[str, model.Answer | Refusal] = {}
    with concurrent.futures.ThreadPoolExecutor(limits.parallel) as pool:
        priced = _priced(_scans(questions, answers), warehouse, answers, pool)
        kept = _affordable(priced, limits, answers)
    return kept, Result(answers, (), bytes_estimated=sum(size for _, size in priced))


def _scans(questions: Iterable[model.Question], answers: dict[str, model.Answer | Refusal]) -> list[fold.Scan]:
    """Return the scans; a question that measures nothing is answered without one."""
    listed = list(questions)
    answers.update({question.owner: model.Answer({}) for question in listed if not question.measures})
    return fold.scans(question for question in listed if question.measures)


def _priced(
    scans: list[fold.Scan],
    warehouse: Warehouse,
    answers: dict[str, model.Answer | Refusal],
    pool: concurrent.futures.Executor,
) -> list[Priced]:
    found: list[Priced] = []
    while scans:
        outcomes = list(pool.map(lambda scan: _attempt(warehouse.price, scan), scans))
        broken = []
        for scan, outcome in zip(scans, outcomes, strict=True):
            if isinstance(outcome, Exception):
                broken += _isolated(scan, outcome, answers)
            else:
                found.append((scan, outcome))
        scans = broken
    return found


def _affordable(priced: list[Priced], limits: Limits, answers: dict[str, model.Answer | Refusal]) -> list[Priced]:
    """Return the scans that the budget allows, in the order of their declaration."""
    kept, spent = [], 0
    for scan, size in priced:
        billed = max(size, LEAST_BILLED) if size else 0
        if size > limits.bytes_per_scan:
            message = f"the scan would read {_mib(size)}, more than the {_mib(limits.bytes_per_scan)} of a scan"
        elif spent + billed > limits.bytes_per_run:
            message = (
                f"{_mib(spent)} are spent, and {_mib(billed)} more exceed the {_mib(limits.bytes_per_run)} of a run"
            )
        else:
            kept.append((scan, size))
            spent += billed
            continue
        _refuse(scan, Refusal("over_budget", message), answers)
    return kept


def _run(
    priced: list[Priced],
    warehouse: Warehouse,
    limits: Limits,
    answers: dict[str, model.Answer | Refusal],
    pool: concurrent.futures.Executor,
) -> tuple[list[Done], list[int]]:
    done: list[Done] = []
    failed: list[int] = []
    priced = _affordable(priced, limits, answers)

    def answered(scan: fold.Scan) -> Any:
        return _attempt(lambda one: _answered(one, warehouse), scan)

    while priced:
        outcomes = list(pool.map(answered, (scan for scan, _ in priced)))
        broken: list[fold.Scan] = []
        for (scan, size), outcome in zip(priced, outcomes, strict=True):
            found, billed = (outcome, 0) if isinstance(outcome, Exception) else outcome
            if not isinstance(found, Exception):
                answers.update(found)
                done.append(Done(scan, size, billed))
                continue
            failed += [] if isinstance(found, NotReached) else [billed]
            broken += _isolated(scan, found, answers)
        # Each half reads the table again: halves are priced, and paid from what is left.
        left = limits.bytes_per_run - sum(one.bytes_billed for one in done) - sum(failed)
        halves = _priced(broken, warehouse, answers, pool)
        priced = _affordable(halves, dataclasses.replace(limits, bytes_per_run=left), answers)
    return done, failed


class NotReached(errors.PressboxError):
    """A scan that was not begun, because the run's time was used up."""

    code = "not_reached"


Unreadable = fold.TooManyGroups | fold.MalformedAnswer


def _answered(scan: fold.Scan, warehouse: Warehouse) -> tuple[dict[str, model.Answer] | Unreadable, int]:
    """Return the answers, or why the rows hold none, and the bytes billed either way; raise PressboxError."""
    why = warehouse.stop()
    if why is not None:
        raise NotReached(why)
    answer = warehouse.answer(scan)
    try:
        return fold.read(scan, answer.rows), answer.bytes_billed
    except (fold.TooManyGroups, fold.MalformedAnswer) as error:
        return error, answer.bytes_billed


def _attempt(step: Callable[[fold.Scan], Any], scan: fold.Scan) -> Any:
    try:
        return step(scan)
    except errors.PressboxError as error:
        return error


def _isolated(scan: fold.Scan, error: Exception, answers: dict[str, model.Answer | Refusal]) -> list[fold.Scan]:
    """Return the halves of a scan that was refused for what it says; otherwise note why it has no answer."""
    mistaken = isinstance(error, errors.Rejected | Unreadable)
    if mistaken and len(scan.questions) > 1:
        return list(scan.halves())
    reason = "broken_query" if mistaken else getattr(error, "code", "internal")
    if isinstance(error, fold.TooManyGroups):
        reason = "too_many_groups"
    _refuse(scan, Refusal(reason, str(error)), answers)
    return []


def _refuse(scan: fold.Scan, refusal: Refusal, answers: dict[str, model.Answer | Refusal]) -> None:
    answers.update({question.owner: refusal for question in scan.questions})


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"


_WIDTHS = {"BOOL": 1, "STRING": 16, "BYTES": 16, "NUMERIC": 16, "BIGNUMERIC": 32, "JSON": 64}


def unfolded(done: Sequence[Done]) -> int:
    """Return the bytes that one query for each question would have billed: modelled by the columns that each reads.

    Columns count by the width of their type, and each query bills at least BigQuery's minimum.
    """
    total = 0
    for one in done:
        whole = _width(one.scan.table, one.scan.columns)
        for question in one.scan.questions:
            part = _width(one.scan.table, fold.columns(question)) / whole if whole else 0
            total += max(round(one.bytes_estimated * part), LEAST_BILLED if one.bytes_billed else 0)
    return total


def _width(table: model.Table, names: Iterable[tuple[str, ...]]) -> int:
    found = (table.columns.get(tuple(part.lower() for part in name)) for name in names)
    return sum(_WIDTHS.get(column.type, 8) for column in found if column is not None)
