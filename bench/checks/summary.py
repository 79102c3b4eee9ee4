"""What the rounds amount to: medians, right answers, false fails, ratios to "pressbox", and the targets it missed."""

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.checks import contract, environments, runs

OURS = "pressbox"
OURS_QUERIES = len(contract.TABLES)
OTHERS = len(contract.truth(contract.CLEAN)) - 1


@dataclasses.dataclass(frozen=True)
class Figures:
    """One variant of one tool, as medians over its rounds; the answers are those of its worst round."""

    statements: int
    table_queries: int
    run_seconds: float
    import_seconds: float
    total_seconds: float
    total_spread: tuple[float, float]
    rss_mb: float
    right: int
    false_fails: int
    missed_fails: int
    bad_check: str | None
    answers: dict[str, int]


@dataclasses.dataclass(frozen=True)
class Line:
    """One tool: its figures by variant, what its environment weighs, its modelled bill, and what went wrong."""

    tool: str
    version: str | None
    figures: Mapping[str, Figures]
    weight: environments.Weight | None
    bills: Mapping[str, Mapping[str, Any]]
    errors: Mapping[str, str]

    @property
    def total(self) -> float | None:
        """Return the seconds of import and run on clean data, if it was run."""
        clean = self.figures.get(contract.CLEAN)
        return clean.total_seconds if clean else None

    @property
    def false_fails(self) -> int:
        """Return how many checks were said to fail that do not, over the variants."""
        return sum(found.false_fails for found in self.figures.values())


def figures(variant: str, rounds: Sequence[contract.Result]) -> Figures:
    """Return the figures of `rounds`, of which there is at least one, in `variant`."""
    totals = [one.seconds + one.import_seconds for one in rounds]
    worst = min(rounds, key=lambda one: right(variant, one.answers))
    truth = contract.truth(variant)
    said = {check: worst.answers[check] for check in truth if truth[check] != contract.ERROR}
    answers = list(worst.answers.values())
    return Figures(
        statements=max(one.statements for one in rounds),
        table_queries=max(one.table_queries for one in rounds),
        run_seconds=statistics.median(one.seconds for one in rounds),
        import_seconds=statistics.median(one.import_seconds for one in rounds),
        total_seconds=round(statistics.median(totals), 3),
        total_spread=(round(min(totals), 3), round(max(totals), 3)),
        rss_mb=statistics.median(one.rss_mb for one in rounds),
        right=right(variant, worst.answers),
        false_fails=sum(told == contract.FAIL != truth[check] for check, told in said.items()),
        missed_fails=sum(told == contract.PASS != truth[check] for check, told in said.items()),
        bad_check=worst.answers[contract.BROKEN_ID] if variant == contract.BROKEN else None,
        answers={answer: answers.count(answer) for answer in contract.ANSWERS},
    )


def right(variant: str, answers: Mapping[str, str]) -> int:
    """Return how many of `answers` are right, the check that is broken in `variant` aside."""
    truth = contract.truth(variant)
    return sum(answers[check] == wanted for check, wanted in truth.items() if wanted != contract.ERROR)


def line(
    tool: str, said: runs.Runs, weight: environments.Weight | None, bills: Mapping[str, Mapping[str, Any]]
) -> Line:
    """Return the line of `tool`."""
    every = [one for rounds in said.results.values() for one in rounds]
    return Line(
        tool=tool,
        version=every[0].version if every else None,
        figures={variant: figures(variant, rounds) for variant, rounds in said.results.items()},
        weight=weight,
        bills=bills,
        errors=dict(said.errors),
    )


def missed(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the targets that "pressbox" misses among `lines`, in words; empty when it is not among them."""
    ours = next((one for one in lines if one.tool == OURS), None)
    if ours is None:
        return ()
    if set(ours.figures) != set(contract.VARIANTS) or ours.errors:
        return (f"{OURS} was not run in every variant",)
    found = [
        f"{variant}: {one.table_queries} table queries, not {OURS_QUERIES}"
        for variant, one in ours.figures.items()
        if one.table_queries != OURS_QUERIES
    ]
    found += [
        f"{variant}: {one.right} right answers, not {OTHERS if variant == contract.BROKEN else OTHERS + 1}"
        for variant, one in ours.figures.items()
        if one.right != (OTHERS if variant == contract.BROKEN else OTHERS + 1)
    ]
    total = ours.figures[contract.CLEAN].total_seconds
    found += [
        f"total {total:.2f} s, not below the {peer.total:.2f} s of {peer.tool}"
        for peer in lines
        if peer is not ours and peer.total is not None and peer.total <= total
    ]
    return tuple(found)


def ratios(one: Line, ours: Line | None) -> dict[str, float]:
    """Return how many times the figure of `ours` that of `one` is, on clean data; empty when either was not run."""
    mine, his = (side.figures.get(contract.CLEAN) if side else None for side in (ours, one))
    if mine is None or his is None:
        return {}
    names = ("table_queries", "run_seconds", "import_seconds", "total_seconds", "rss_mb")
    pairs = {name: (getattr(his, name), getattr(mine, name)) for name in names}
    for name in ("large_mb", "small_mb"):
        pairs[name] = tuple(side.bills.get(contract.CLEAN, {}).get(name, 0) for side in (one, ours) if side)
    if one.weight and ours and ours.weight:
        pairs["megabytes"] = (one.weight.megabytes, ours.weight.megabytes)
    return {name: round(theirs / base, 2) for name, (theirs, base) in pairs.items() if base}


def document(lines: Sequence[Line], skipped: Mapping[str, str], *, rows: int, rounds: int) -> dict[str, Any]:
    """Return `lines` as JSON values, with the targets and the verdict on them."""
    ours = next((one for one in lines if one.tool == OURS), None)
    return {
        "benchmark": "checks",
        "rows": rows,
        "rounds": rounds,
        "checks": OTHERS + 1,
        "targets": {"table_queries": OURS_QUERIES, "right_of_others": OTHERS, "total_seconds": "below every peer"},
        "tools": [dataclasses.asdict(one) | {"ratio_to_pressbox": ratios(one, ours)} for one in lines],
        "skipped": dict(skipped),
        "missed": list(missed(lines)),
    }
