"""The rows of the benchmark of the export, the judge of its outputs, and the run of ours on them."""

import datetime
import decimal
import json
import random
from pathlib import Path
from typing import Any

import pytest

from bench.export import contract, data, environments, judge, tools

ROWS = [data.row(number, random.Random(number), batched=False) for number in range(200)]  # noqa: S311 - rows that can be made again


def written(rows: list[dict[str, Any]], folder: Path) -> str:
    """Return what ours writes of rows, from the pages that hold them."""
    (folder / contract.PAGES).mkdir()
    for number in range(0, len(rows), 80):
        (folder / contract.PAGES / f"{number:05d}.json").write_bytes(data.page(rows[number : number + 80], len(rows)))
    assert tools.ours(folder, folder / "output") == len(rows)
    return (folder / "output").read_text("utf-8")


def test_ours_keeps_every_rule(tmp_path: Path) -> None:
    """In the eyes of the judge, who has another parser."""
    assert judge.judge(written(ROWS, tmp_path), ROWS) == contract.Verdict(valid=True, rows=200, broken={})


def test_to_gzip_begins_again_with_the_first_page(tmp_path: Path) -> None:
    """And ends at the very row."""
    text = written(ROWS, tmp_path)
    rows, size, gzipped = tools.ours_to_gzip(tmp_path, 450)
    assert rows == 450
    assert size > 2 * len(text.encode())
    assert 0 < gzipped < size


def test_the_rows_have_what_is_hard() -> None:
    """NULL in every kind, NaN, numbers beyond 2^53, names that need escapes and such as are not ASCII."""
    columns = {name: [row[name] for row in ROWS] for name in contract.COLUMNS}
    assert list(ROWS[0]) == list(contract.COLUMNS)
    assert all(None in columns[name] for name in ("player_name", "predicted", "line", "event_id", "note"))
    assert any(value != value for value in columns["probability"])  # noqa: PLR0124 - NaN is not itself
    assert any(value is not None and value > contract.SAFE for value in columns["event_id"])
    assert any('"' in (name or "") for name in columns["player_name"])
    assert any(not (name or "").isascii() for name in columns["player_name"])


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (0.1, "0.1"),
        (decimal.Decimal("12.500000000"), "12.5"),
        (decimal.Decimal("100.000000000"), "100"),
        (datetime.datetime(2026, 2, 12, 12, tzinfo=datetime.UTC), "1770897600000000"),
        (datetime.date(2026, 2, 12), "2026-02-12"),
        (7, "7"),
        ("é", "é"),
    ],
)
def test_cells_are_spelled_as_the_api_does(value: Any, wanted: str | None) -> None:
    """Nearly everything as text."""
    assert data.cell(value) == wanted


def say(row: dict[str, Any], **changed: Any) -> str:
    """Return the JSON of a row as the rules have it, some values changed."""
    kept = {name: judge.expected(value) for name, value in row.items()} | changed
    return json.dumps([kept], default=lambda value: float(value) if isinstance(value, decimal.Decimal) else str(value))


@pytest.mark.parametrize(
    "changed",
    [
        {"line": "27.5"},
        {"event_id": contract.SAFE + 2 + 5},
        {"updated_at": "2023-10-24 23:00:00.123456+00"},
        {"game_date": "2023-10-24T00:00:00.000"},
        {"probability": "0.5"},
        {"player_name": ""},
        {"note": None, "predicted": None},
    ],
)
def test_the_judge_names_what_breaks_a_rule(changed: dict[str, Any]) -> None:
    """A text for a number, a number that browsers round, a date with a time."""
    row = ROWS[5] | {"note": "n", "predicted": 1.5, "line": decimal.Decimal("27.5"), "player_name": "Luka"}
    assert judge.judge(say(row), [row]).kept
    assert judge.judge(say(row, **changed), [row]).broken == dict.fromkeys(changed, 1)


@pytest.mark.parametrize("text", ["[NaN]", "[-Infinity]", "[1,]", "", "[{}"])
def test_the_judge_takes_no_half_json(text: str) -> None:
    """What Python's parser lets pass is no JSON either."""
    assert not judge.judge(text, []).valid


def test_the_judge_counts_rows_and_names() -> None:
    """A row too many, and columns in another order."""
    row = {"a": 1, "b": 2}
    assert judge.judge("[{},{}]", [row]).broken == {"(rows)": 1}
    assert judge.judge('[{"b":2,"a":1}]', [row]).broken == {"(names)": 1}


def test_the_lines_of_programs_are_read_back() -> None:
    """Another line is refused."""
    assert contract.verdict({"valid": True, "rows": 1, "broken": {}}).kept
    with pytest.raises(ValueError, match="judge"):
        contract.verdict({"valid": True})
    with pytest.raises(ValueError, match="run"):
        contract.result({"tool": "x"})


def test_every_tool_pins_its_packages() -> None:
    """And ours has no Arrow: the client of BigQuery would import it."""
    texts = {tool: environments.requirements(tool) for tool in contract.TOOLS}
    assert set(tools.TOOLS) == set(texts)
    assert all(line.count("==") == 1 for text in texts.values() for line in text.splitlines())
    assert "pyarrow" not in texts[contract.OURS]
