"""What the runs amount to: medians, ratios to ours, and the targets that ours misses; pure."""

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.export import contract, unchanged

TIMES_STDLIB = 5.0
TIMES_DUCKDB = 0.5
MOST_RSS_MB = 130.0


@dataclasses.dataclass(frozen=True)
class Line:
    """One tool: medians over its rounds, and the verdict on what it wrote; None when it was not judged."""

    tool: str
    version: str
    rows: int
    bytes: int
    seconds: float
    wall_seconds: float
    rss_mb: float
    verdict: contract.Verdict | None

    @property
    def rate(self) -> float:
        """Return the rows for each second of the processor."""
        return self.rows / self.seconds

    @property
    def megabytes(self) -> float:
        """Return the megabytes written for each second of the processor."""
        return self.bytes / 1e6 / self.seconds


def line(rounds: Sequence[contract.Result], verdict: contract.Verdict | None) -> Line:
    """Return the line of a tool, given its runs, of which there is at least one."""
    return Line(
        tool=rounds[0].tool,
        version=rounds[0].version,
        rows=rounds[0].rows,
        bytes=rounds[0].bytes,
        seconds=statistics.median(one.seconds for one in rounds),
        wall_seconds=statistics.median(one.wall_seconds for one in rounds),
        rss_mb=statistics.median(one.rss_mb for one in rounds),
        verdict=verdict,
    )


def ratios(lines: Mapping[str, Line]) -> dict[str, float]:
    """Return, by peer, how many times its rate ours is; empty when ours was not run."""
    ours = lines.get(contract.OURS)
    if ours is None:
        return {}
    return {name: round(ours.rate / peer.rate, 3) for name, peer in lines.items() if peer is not ours}


def missed(
    lines: Mapping[str, Line], large: contract.Result | None, written: unchanged.Written | None
) -> tuple[str, ...]:
    """Return the targets that ours misses, in words; what was not run is missed too."""
    found = []
    reached = ratios(lines)
    for peer, times in ((contract.STDLIB, TIMES_STDLIB), (contract.DUCKDB, TIMES_DUCKDB)):
        if peer not in reached:
            found.append(f"no ratio to {peer}: one of the two was not run")
        elif reached[peer] < times:
            found.append(f"{reached[peer]:.2f} times the rate of {peer}, not {times}")
    ours = lines.get(contract.OURS)
    if ours is None or ours.verdict is None or not ours.verdict.kept:
        found.append("an output that is no JSON, or breaks the declared rules, or was not judged")
    if large is None:
        found.append("the large document was not written")
    elif large.rss_mb > MOST_RSS_MB:
        found.append(f"{large.rss_mb:.0f} MB for {large.rows:,} rows to gzip, not {MOST_RSS_MB:.0f}")
    if written is None or written.second or not written.first:
        found.append(f"an unchanged export writes {written.second if written else 'nobody knows how many'} objects")
    return tuple(found)


def document(
    lines: Mapping[str, Line],
    large: contract.Result | None,
    written: unchanged.Written | None,
    skipped: Mapping[str, str],
    *,
    rounds: int,
) -> dict[str, Any]:
    """Return everything as JSON values, with the targets and the verdict on them."""
    return {
        "benchmark": "export",
        "rounds": rounds,
        "targets": {"times_stdlib": TIMES_STDLIB, "times_duckdb": TIMES_DUCKDB, "rss_mb": MOST_RSS_MB},
        "tools": [
            dataclasses.asdict(one) | {"rows_per_second": round(one.rate), "mb_per_second": round(one.megabytes, 1)}
            for one in lines.values()
        ],
        "times_rate_of": ratios(lines),
        "large": dataclasses.asdict(large) if large else None,
        "objects_written": dataclasses.asdict(written) if written else None,
        "skipped": dict(skipped),
        "missed": list(missed(lines, large, written)),
    }
