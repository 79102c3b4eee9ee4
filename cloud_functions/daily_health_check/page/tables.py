"""The reporters, one a row with the charts of their last days; and what is good, folded away; pure."""

import datetime
from collections.abc import Sequence

from cloud_functions.daily_health_check.page import charts, phrases, standings
from shared import history
from shared.statuses import Status

COLUMNS = ("Reporter", "Status", "Last run", "Summary", "Took", "Complete", "Last 14 days", "Billed")
SUMMARY_LIMIT = 320
LISTED = 200
"""How many good findings of a reporter are listed; the others are only counted."""
ROOM = 4000
"""How many good findings the page has room for, in all reporters together."""
MESSAGE_LIMIT = 120


def reporters(found: Sequence[standings.Reporter], now: datetime.datetime) -> str:
    """Return the table of the reporters as HTML, one row for each function and scope.

    The roles are named, because a narrow screen lays the rows out as blocks, which may hide a table from the ear.
    """
    heads = "".join(f'<th role="columnheader" scope="col">{name}</th>' for name in COLUMNS)
    rows = "".join(_row(one, now, key=f"c{number}") for number, one in enumerate(found))
    return (
        '<table role="table"><caption class="unseen">One row for each function and what it was asked about</caption>'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )


def _row(one: standings.Reporter, now: datetime.datetime, *, key: str) -> str:
    scope = f'<span class="scope">{phrases.escape(one.scope)}</span>' if one.scope else ""
    judged = one.judged
    summary = phrases.escape(phrases.cut(judged.summary, SUMMARY_LIMIT)) if judged else _own_words(one)
    chart = charts.history(standings.points(one), now, key=f"{key}h") if one.runs else ""
    cells = (
        phrases.badge(one.status, one.word),
        _last_run(one, now),
        summary,
        phrases.duration(judged.duration_ms) if judged else "",
        ("yes" if judged.complete else "<b>no</b>") if judged else "",
        chart,
        _billed(one, now, key=f"{key}b"),
    )
    told = zip(COLUMNS[1:], cells, strict=True)
    head = f'<th role="rowheader" scope="row">{phrases.escape(one.function)}{scope}</th>'
    return f'<tr role="row">{head}{"".join(_cell(name, cell) for name, cell in told)}</tr>'


def _cell(name: str, inner: str) -> str:
    kind = name.lower().replace(" ", "-")
    none = '<span class="none">none</span>'
    return f'<td role="cell" class="c-{kind}" data-name="{name}">{inner or none}</td>'


def _own_words(one: standings.Reporter) -> str:
    return " ".join(phrases.escape(own.message) for own in one.own)


def _last_run(one: standings.Reporter, now: datetime.datetime) -> str:
    if not one.judged:
        return ""
    told = phrases.when(one.judged.started_at, now)
    newest = one.runs[-1] if one.runs else one.judged
    skipped = newest.run_id != one.judged.run_id
    more = f'<span class="then">skipped {phrases.when(newest.started_at, now)}</span>' if skipped else ""
    return f'{told}<span class="then">{phrases.instant(one.judged.started_at)}</span>{more}'


def _billed(one: standings.Reporter, now: datetime.datetime, *, key: str) -> str:
    values = [(run.started_at, run.bytes_billed) for run in one.runs if run.bytes_billed is not None]
    if not values:
        return ""
    return f"{charts.line(values, now, key=key)}<span>{phrases.size(values[-1][1])}</span>"


def good(found: Sequence[standings.Reporter]) -> str:
    """Return what passed and what was skipped, folded away for each reporter; nothing when nothing did."""
    full = [one for one in found if one.good]
    limit = min(LISTED, ROOM // max(1, len(full)))
    return "".join(_good(one, limit) for one in full)


def _good(one: standings.Reporter, limit: int) -> str:
    passed = [said for said in one.good if said.status is Status.PASS]
    skipped = [said for said in one.good if said.status is Status.SKIP]
    counts = ", ".join(f"{len(alike):,} {word}" for alike, word in ((passed, "pass"), (skipped, "skip")) if alike)
    name = f'{phrases.escape(one.function)} <span class="scope">{phrases.escape(one.scope or "")}</span>'
    listed = "".join(_line(said) for alike in (skipped, passed) for said in alike[:limit])
    more = sum(max(0, len(alike) - limit) for alike in (skipped, passed))
    rest = f'<p class="aside">{more:,} more are only counted.</p>' if more else ""
    summary = f'<summary><span class="name">{name}</span> <span class="counts">{counts}</span></summary>'
    return f"<details>{summary}<ul>{listed}</ul>{rest}</details>"


def _line(said: history.Said) -> str:
    message = phrases.escape(phrases.cut(said.message, MESSAGE_LIMIT))
    return f"<li>{phrases.badge(said.status)} <b>{phrases.escape(said.subject)}</b> <span>{message}</span></li>"
