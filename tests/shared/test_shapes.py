"""Trees of values become dataclasses, strictly, and every mistake is named with its place."""

import dataclasses
import datetime
import enum
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import jsonschema
import pytest

from shared import shapes


class Colour(enum.StrEnum):
    """A closed set."""

    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a whole."""

    name: str = dataclasses.field(metadata={"pattern": "[a-z]+"})
    size: float = 1.0


@dataclasses.dataclass(frozen=True)
class Whole:
    """All kinds of fields."""

    parts: tuple[Part, ...] = dataclasses.field(metadata={"min_items": 1})
    count: int = dataclasses.field(default=1, metadata={"minimum": 1, "maximum": 9})
    exact: bool = False
    colour: Colour = Colour.RED
    mode: Literal["fast", "slow"] = "fast"
    day: datetime.date | None = None
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    anything: Any = None

    def problems(self) -> list[tuple[str, str]]:
        """Return the rule between fields."""
        return [("mode", "cannot be slow with one part")] if self.mode == "slow" and len(self.parts) == 1 else []


@dataclasses.dataclass(frozen=True)
class Foreign:
    """A shape of another's making."""

    foreign: ClassVar[bool] = True
    name: str = ""


def mistakes(value: Any) -> list[str]:
    """Return the mistakes in a value, as `path: message`."""
    built, problems = shapes.build(Whole, shapes.plain(value))
    assert (built is None) == bool(problems)
    return [f"{problem.path}: {problem.message}" for problem in problems]


def test_another_may_add_keys_to_what_is_not_ours() -> None:
    """An unknown key is left out where the shape is foreign, and what is known is checked as ever."""
    built, problems = shapes.build(Foreign, shapes.plain({"name": "a", "added": {"later": 1}}))
    assert (built, problems) == (Foreign(name="a"), [])
    assert shapes.build(Foreign, shapes.plain({"name": 1}))[0] is None


def test_every_kind_of_field_is_built() -> None:
    """Values arrive as their declared types."""
    value = {
        "parts": [{"name": "a"}, {"name": "b", "size": 2}],
        "count": 3,
        "exact": True,
        "colour": "blue",
        "mode": "slow",
        "day": "2026-02-12",
        "labels": {"k": "v"},
        "anything": [{"x": [1]}],
    }

    built, problems = shapes.build(Whole, shapes.plain(value))

    assert problems == []
    assert built == Whole(
        (Part("a"), Part("b", 2.0)), 3, exact=True, colour=Colour.BLUE, mode="slow",
        day=datetime.date(2026, 2, 12), labels={"k": "v"}, anything=[{"x": [1]}],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, ["parts: is missing"]),
        ([], [": must be a mapping, not []"]),
        ({"parts": []}, ["parts: must have at least 1 item(s)"]),
        ({"parts": {}}, ["parts: must be a list, not {}"]),
        ({"parts": [{"name": "A"}]}, ["parts[0].name: must match [a-z]+, not 'A'"]),
        (
            {"parts": [{"nam": "a"}]},
            ["parts[0].nam: is not known here; known: name, size", "parts[0].name: is missing"],
        ),
        ({"parts": [{"name": "a", "size": "big"}]}, ["parts[0].size: must be a number, not 'big'"]),
        ({"parts": [{"name": None}]}, ["parts[0].name: must be a text, not nothing"]),
        ({"parts": [{"name": "a"}], "count": True}, ["count: must be a whole number, not True"]),
        ({"parts": [{"name": "a"}], "count": 10}, ["count: must be at most 9, not 10"]),
        ({"parts": [{"name": "a"}], "count": 0}, ["count: must be at least 1, not 0"]),
        ({"parts": [{"name": "a"}], "exact": 1}, ["exact: must be true or false, not 1"]),
        ({"parts": [{"name": "a"}], "colour": "green"}, ["colour: must be one of red, blue, not 'green'"]),
        ({"parts": [{"name": "a"}], "day": "soon"}, ["day: must be a date, like 2026-02-12, not 'soon'"]),
        ({"parts": [{"name": "a"}], "labels": {"k": 1}}, ["labels.k: must be a text, not 1"]),
        ({"parts": [{"name": "a"}], "mode": "slow"}, ["mode: cannot be slow with one part"]),
        (
            {"parts": [{"name": "A"}], "count": "x", "typo": 1},
            [
                "typo: is not known here; known: parts, count, exact, colour, mode, day, labels, anything",
                "parts[0].name: must match [a-z]+, not 'A'",
                "count: must be a whole number, not 'x'",
            ],
        ),
    ],
)
def test_mistakes_are_named_all_at_once(value: Any, expected: list[str]) -> None:
    """Each mistake has its path and says what was expected."""
    assert mistakes(value) == expected


def test_schema_agrees_with_the_parser() -> None:
    """What the JSON Schema accepts and refuses, the parser accepts and refuses."""
    schema = shapes.schema(Whole)
    good = {"parts": [{"name": "a"}], "count": 9, "colour": "red", "day": None, "labels": {}}
    bad = [{}, {"parts": []}, {"parts": [{"name": "A"}]}, {"parts": [{"name": "a"}], "count": 10}, good | {"typo": 1}]

    jsonschema.validate(good, schema)
    assert mistakes(good) == []
    for value in bad:
        assert mistakes(value)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(value, schema)
