"""A report as a person reads it in a terminal: the tables, what was left out and why, and where to look."""

import dataclasses
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box, console, table, text

STYLES = {
    "fail": "bold red",
    "error": "bold red",
    "warn": "yellow",
    "unknown": "magenta",
    "pass": "green",
    "skip": "dim",
}
HEADS = ("status", "table", "rows", "bytes", "verified", "what")
QUIET = ("pass", "skip")
WORDS = ("table", "what")
NUMBERS = ("rows", "bytes")
MOST = 25
"""How many findings a brief names."""
MANIFEST = re.compile(r"gs://\S+/manifest\.json")


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table, as text."""

    status: str
    subject: str
    rows: str
    bytes: str
    verified: str
    what: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the texts in the order of the heads."""
        return dataclasses.astuple(self)


def rows(report: Mapping[str, Any]) -> list[Row]:
    """Return one row for each finding of `report`: what counts first, what was skipped after it, each by subject."""
    findings = sorted(report["findings"], key=lambda one: (one["status"] == "skip", one["subject"]))
    return [_row(finding) for finding in findings]


def render(report: Mapping[str, Any], *, colour: bool, width: int, notes: Sequence[tuple[str, str]] = ()) -> str:
    """Return the terminal's text for `report`, at most `width` wide, closed by its summary and `notes`."""
    stream = io.StringIO()
    page = console.Console(
        file=stream, force_terminal=colour, no_color=not colour, width=width, highlight=False, emoji=False, markup=False
    )
    page.print()
    if report["findings"]:
        page.print(_grid(rows(report)))
        page.print()
    _closing(page, report, notes)
    return stream.getvalue()


def brief(report: Mapping[str, Any], *, colour: bool, width: int, notes: Sequence[tuple[str, str]] = ()) -> str:
    """Return the terminal's text for a report of many findings: its summary, and what is not good, worst first."""
    stream = io.StringIO()
    page = console.Console(
        file=stream, force_terminal=colour, no_color=not colour, width=width, highlight=False, emoji=False, markup=False
    )
    bad = [one for one in report["findings"] if one["status"] not in QUIET]
    for one in bad[:MOST]:
        head = text.Text.assemble(
            (f"{one['status']:<8}", STYLES.get(one["status"], "")), f"{one['kind']} {one['subject']}"
        )
        page.print(text.Text.assemble(head, f"  {one['reason']}: {one['message']}"))
        if one["fix"]:
            page.print(text.Text(f"        {one['fix']}", style="dim"))
    if len(bad) > MOST:
        page.print(text.Text(f"        and {len(bad) - MOST} more"))
    _closing(page, {**report, "findings": []}, notes)
    return stream.getvalue()


def addresses(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the manifest's address, named, when the summary of `report` tells one."""
    found = MANIFEST.search(report["summary"])
    return [("manifest", found[0])] if found else []


def size(number: float) -> str:
    """Return `number` bytes in the largest unit that leaves at least one whole."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < 1024:  # noqa: PLR2004 - the step between units
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} TiB"


def _row(finding: Mapping[str, Any]) -> Row:
    evidence = finding["evidence"]
    counted = finding["observed"] if finding["unit"] == "rows" else None
    weighed, level = evidence.get("bytes"), evidence.get("level")
    return Row(
        status=finding["status"],
        subject=finding["subject"],
        rows="" if counted is None else f"{counted:,}",
        bytes="" if weighed is None else size(weighed),
        verified=f"L{level}" if level else "",
        # What passed or does not apply has said enough with its reason; the report has the sentence.
        what=finding["reason"] if finding["status"] in QUIET else f"{finding['reason']}: {finding['message']}",
    )


def _grid(lines: Sequence[Row]) -> table.Table:
    grid = table.Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in HEADS:
        right = head in NUMBERS
        grid.add_column(head, justify="right" if right else "left", no_wrap=head not in WORDS, overflow="fold")
    for line in lines:
        cells = [text.Text(cell) for cell in line.cells]
        cells[0].stylize(STYLES.get(line.status, ""))
        grid.add_row(*cells, style="dim" if line.status == "skip" else "")
    return grid


def _closing(page: console.Console, report: Mapping[str, Any], notes: Sequence[tuple[str, str]]) -> None:
    status = text.Text(report["status"], style=STYLES.get(report["status"], ""))
    page.print(text.Text.assemble(status, f"  {report['summary']}"), soft_wrap=True)
    if report["error"]:
        page.print(text.Text(f"error {report['error']['code']}: {report['error']['message']}"))
    for finding in report["findings"]:
        if finding["fix"] and finding["status"] not in QUIET:
            page.print(text.Text(f"{finding['subject']}: {finding['fix']}"))
    wide = max((len(name) for name, _ in notes), default=0)
    for name, value in notes:
        page.print(text.Text(f"{name:<{wide}}  {value}"), soft_wrap=True)
