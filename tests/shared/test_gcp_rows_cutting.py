"""Answers of the REST API, cut into their cells: whatever these hold, and however the answer is written."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from shared import errors
from shared.gcp import rows

CELLS = strategies.lists(
    strategies.tuples(*[strategies.none() | strategies.text(strategies.characters(exclude_categories=["Cs"]))] * 3)
)
MARKS = ('"},{"v":"', '"}]},{"f":[{"v":"', '"}]}]', "}]}]", '"rows":[{"f":[{"v":"', "\\", '\\"', '"', "null", ",")
FIELDS = [{"name": name, "type": "STRING"} for name in "abc"]


def joined(parts: Iterator[rows.Part]) -> list[tuple[Any, ...]]:
    """Return the rows of parts, each cell as a parser reads it."""
    return [tuple(map(json.loads, row)) for part in parts for row in zip(*part, strict=True)]


def page(cells: Sequence[Sequence[Any]], **more: Any) -> dict[str, Any]:
    """Return an answer of the API with rows of wrapped cells, and what else it says."""
    told = {"jobComplete": True, "totalRows": str(len(cells)), "schema": {"fields": FIELDS}}
    return told | more | {"rows": [{"f": [{"v": cell} for cell in row]} for row in cells]}


def compact(answer: Any) -> bytes:
    """Return an answer as Google writes it."""
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()


@hypothesis.given(CELLS | strategies.lists(strategies.tuples(*[strategies.sampled_from(MARKS)] * 3)))
def test_no_text_is_taken_for_a_mark(cells: list[tuple[Any, ...]]) -> None:
    """However close the answer is written, and wherever in it the rows stand."""
    answer = page(cells)
    first = {"rows": answer["rows"]} | answer
    for body in (compact(answer), compact(first), json.dumps(answer).encode(), json.dumps(first, indent=2).encode()):
        assert joined(rows.cut(body, FIELDS)) == cells


def test_rows_are_cut_into_parts_that_are_whole() -> None:
    """A page of more than a part holds each row once, in order."""
    cells = [(str(number), "x" * 100, None) for number in range(2000)]
    parts = list(rows.cut(compact(page(cells)), FIELDS))
    assert len(parts) > 2
    assert joined(iter(parts)) == cells


def test_arrays_and_structs_lose_their_wrappings() -> None:
    """At any depth: both are lists, in the order of their elements or fields."""
    fields: list[dict[str, Any]] = [
        {"name": "n", "type": "INTEGER", "mode": "REPEATED"},
        {"name": "s", "type": "RECORD", "fields": [{"name": "x", "type": "STRING"}]},
    ]
    cells = [([{"v": "1"}, {"v": "2"}], {"f": [{"v": "}]}]"}]}), ([], None)]
    nested = {"schema": {"fields": fields}}
    last = compact(page(cells) | nested)
    first = compact({"rows": page(cells)["rows"]} | page(cells) | nested)
    wanted = [(["1", "2"], ["}]}]"]), ([], None)]
    assert joined(rows.cut(last, fields)) == joined(rows.cut(first, fields)) == wanted


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"<html>",
        b'{"rows":[{"f":[{"v":"1"},{"v":"2"}]}]}',
        b'{"rows":[{"f":[{"v":"1"},{"v":"2"},{"v":"3"}]},{"f":[{"v":"1"}',
    ],
)
def test_what_is_no_answer_is_garbled(body: bytes) -> None:
    """No JSON, half of it, or rows of another width."""
    with pytest.raises(errors.Garbled):
        list(rows.cut(body, FIELDS))


def test_wrappings_that_are_missing_are_garbled() -> None:
    """Where the parser reads them."""
    with pytest.raises(errors.Garbled, match="wrappings"):
        list(rows.cut(b'{"rows":[{"f":[{"v":["1"]}]}]}', [{"name": "n", "type": "INTEGER", "mode": "REPEATED"}]))
