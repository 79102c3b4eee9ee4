"""The small charts of the page, as inline SVG with a text for whoever does not see them; pure.

Both show the same days side by side, the last one today (UTC), so that a column of them can be read downwards.
"""

import collections
import datetime
import itertools
from collections.abc import Callable, Sequence

from cloud_functions.daily_health_check.page import phrases
from shared import statuses
from shared.statuses import Status

DAYS = 14
HEIGHT = 28
BASE = 26
"""Where the bars stand, in pixels from above."""
SLOT = 11
"""The width of a day, in pixels."""
WIDEST = 6.0
SHARED_HOURS = 2
"""Runs within so many hours share a bar, of the worst status: what is called again and again stays legible."""
LINE_WIDTH = 84
NOUNS = {Status.PASS: "passed", Status.SKIP: "skipped", Status.FAIL: "failed", Status.ERROR: "could not be judged"}
Point = tuple[datetime.datetime, Status]


def history(points: Sequence[Point], now: datetime.datetime, *, key: str) -> str:
    """Return one bar for each run of the last 14 days, its colour and shape by status, given when each began.

    A day without a run stays empty. key: makes the ids of the chart's texts unique in the document.
    """
    first = _first(now)
    days: dict[int, dict[int, Status]] = collections.defaultdict(dict)
    shown = [(began.astimezone(datetime.UTC), status) for began, status in points]
    shown = [(began, status) for began, status in shown if 0 <= (began.date() - first).days < DAYS]
    for began, status in shown:
        hours = days[(began.date() - first).days]
        share = began.hour // SHARED_HOURS
        hours[share] = statuses.worst((status, hours.get(share, status)))
    strokes: dict[Status, list[str]] = collections.defaultdict(list)
    for day, hours in days.items():
        step = min(WIDEST, (SLOT - 1) / len(hours))
        start = day * SLOT + (SLOT - len(hours) * step) / 2
        for number, (_, status) in enumerate(sorted(hours.items())):
            strokes[status].append(_SHAPES[status](start + number * step, step * 0.85))
    bars = "".join(f'<path class="{status}" d="{"".join(strokes[status])}"/>' for status in Status if strokes[status])
    title, detail = _told([status for _, status in shown]), _detail(shown)
    return _svg(f"{_axis()}{bars}", DAYS * SLOT, title, detail, key=key)


def line(values: Sequence[tuple[datetime.datetime, int]], now: datetime.datetime, *, key: str) -> str:
    """Return a line through bytes by run, in order of time, from zero to the most.

    Nothing for fewer than two runs, or when none was billed.
    """
    first = _first(now)
    shown = [(began.astimezone(datetime.UTC), value) for began, value in sorted(values)]
    shown = [(began, value) for began, value in shown if 0 <= (began.date() - first).days < DAYS]
    if len(shown) < 2 or not any(value for _, value in shown):  # noqa: PLR2004 - a line needs two ends
        return ""
    start = datetime.datetime.combine(first, datetime.time(), datetime.UTC)
    most = max(value for _, value in shown)
    scale = (LINE_WIDTH - 6) / (DAYS * phrases.DAY)
    spots = [
        f"{3 + (began - start).total_seconds() * scale:.1f} {BASE - 2 - (BASE - 6) * value / most:.1f}"
        for began, value in shown
    ]
    x, y = spots[-1].split()
    drawn = f'<path class="trend" d="M{"L".join(spots)}"/><circle class="end" cx="{x}" cy="{y}" r="2.5"/>'
    low = min(value for _, value in shown)
    title = f"Bytes billed by run: last {phrases.size(shown[-1][1])}"
    detail = f"Between {phrases.size(low)} and {phrases.size(most)} in {phrases.amount(len(shown), 'run')}."
    return _svg(drawn, LINE_WIDTH, title, detail, key=key)


def sample(status: Status) -> str:
    """Return the bar of a status alone, for a legend, where its word stands beside it."""
    shape = _SHAPES[status](0, WIDEST)
    drawn = f'<path class="{status}" d="{shape}"/>'
    return f'<svg width="8" height="{HEIGHT}" aria-hidden="true" focusable="false">{drawn}</svg>'


def _first(now: datetime.datetime) -> datetime.date:
    return now.astimezone(datetime.UTC).date() - datetime.timedelta(days=DAYS - 1)


def _svg(drawn: str, width: int, title: str, detail: str, *, key: str) -> str:
    return (
        f'<svg class="chart" role="img" aria-labelledby="{key}-t {key}-d" width="{width}" height="{HEIGHT}"'
        f' viewBox="0 0 {width} {HEIGHT}"><title id="{key}-t">{phrases.escape(title)}</title>'
        f'<desc id="{key}-d">{phrases.escape(detail)}</desc>{drawn}</svg>'
    )


def _axis() -> str:
    ticks = "".join(f"M{day * SLOT + 2} {HEIGHT - 0.5}h{SLOT - 4}" for day in range(DAYS))
    return f'<path class="axis" d="{ticks}"/>'


def _told(found: Sequence[Status]) -> str:
    if not found:
        return f"No run in the last {DAYS} days"
    counts = collections.Counter(found)
    parts = [f"{counts[status]} {NOUNS.get(status, status.value)}" for status in Status if counts[status]]
    return f"{phrases.amount(len(found), 'run')} in the last {DAYS} days: {', '.join(parts)}"


def _detail(shown: Sequence[Point]) -> str:
    """Return the days by status, the worst first, as text; good and skipped days need none."""
    bad = sorted((point for point in shown if point[1] not in (Status.PASS, Status.SKIP)), key=_worst_first)
    if not bad:
        return "Nothing but good or skipped runs." if shown else "Nothing was reported."
    parts = []
    for status, points in itertools.groupby(bad, key=lambda point: point[1]):
        days = dict.fromkeys(f"{began:%m-%d}" for began, _ in points)
        parts.append(f"{status.value} on {', '.join(days)}")
    return "; ".join(parts) + "."


def _worst_first(point: Point) -> tuple[int, datetime.datetime]:
    return statuses.ORDER.index(point[1]), point[0]


def _box(x: float, top: float, wide: float, high: float) -> str:
    return f"M{x:.4g} {top:.4g}h{wide:.3g}v{high:.3g}h-{wide:.3g}z"


def _hollow(x: float, wide: float) -> str:
    rim = min(1.2, wide / 3)
    return _box(x, BASE - 15, wide, 15) + _box(x + rim, BASE - 15 + rim, wide - 2 * rim, 15 - 2 * rim)


def _roof(x: float, wide: float) -> str:
    return f"M{x:.4g} {BASE}V{BASE - 12}L{x + wide / 2:.4g} {BASE - 19}L{x + wide:.4g} {BASE - 12}V{BASE}z"


_SHAPES: dict[Status, Callable[[float, float], str]] = {
    Status.FAIL: lambda x, wide: _box(x, BASE - 24, wide, 24),
    Status.ERROR: lambda x, wide: _box(x, BASE - 24, wide, 10) + _box(x, BASE - 11, wide, 11),
    Status.WARN: _roof,
    Status.UNKNOWN: _hollow,
    Status.PASS: lambda x, wide: _box(x, BASE - 9, wide, 9),
    Status.SKIP: lambda x, wide: _box(x, BASE - 2.5, wide, 2.5),
}
"""Of each status a bar of its own: tall, tall in two pieces, roofed, hollow, low, and a mere line."""
