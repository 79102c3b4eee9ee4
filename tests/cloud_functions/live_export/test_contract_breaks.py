"""What breaks readers and what does not: for each rule a change that is found, and its neighbour that is allowed."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from cloud_functions.live_export import contracts

Change = Callable[[Any], Any]
OLD: dict[str, Any] = {
    "title": "t 1.0",
    "type": "object",
    "description": "d",
    "properties": {
        "name": {"type": "string", "pattern": "^(?:[a-z]+)$"},
        "day": {"type": "string", "format": "date"},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "share": {"type": "number"},
        "state": {"enum": ["a", "b"]},
        "source": {"type": "string", "examples": ["x", "y"]},
        "maybe": {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}], "description": "d"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "games": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "title": "G", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        },
        "parts": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1},
        "inner": {"type": "object", "title": "I", "properties": {"x": {"type": "string"}}, "required": ["x"]},
        "free": {},
        "late": {"type": "string"},
    },
    "required": ["name", "day", "count", "share", "state", "source", "maybe", "games", "parts", "inner"],
}


def _at(path: str, to: Any) -> Change:
    """Return the change that puts `to` at a path with dots; `...` takes away what stands there."""

    def change(schema: Any) -> Any:
        *parents, last = path.split(".")
        place = schema
        for step in parents:
            place = place[int(step) if isinstance(place, list) else step]
        key = int(last) if isinstance(place, list) else last
        if to is ...:
            del place[key]
        else:
            place[key] = to
        return schema

    return change


def _required(*, without: str = "", plus: str = "") -> Change:
    kept = [name for name in OLD["required"] if name != without]
    return _at("required", [*kept, *([plus] if plus else [])])


def _nullable(inner: Any) -> Any:
    return {"anyOf": [inner, {"type": "null"}]}


def _found(change: Change) -> tuple[str, ...]:
    return contracts.breaks(OLD, change(copy.deepcopy(OLD)))


BREAKS = {
    "property gone": (_at("properties.name", ...), "$.name: is gone"),
    "optional property gone": (_at("properties.late", ...), "$.late: is gone"),
    "no longer required": (_required(without="name"), "$.name: may be missing now"),
    "another type": (_at("properties.note", {"type": "integer"}), "$.note: was string, may be integer now"),
    "a wider type": (_at("properties.count.type", "number"), "$.count: was integer, may be number now"),
    "one more type": (
        _at("properties.late.type", ["string", "boolean"]),
        "$.late: was string, may be boolean or string now",
    ),
    "null": (_at("properties.late", _nullable({"type": "string"})), "$.late: may be null now"),
    "null of an enum": (_at("properties.state", _nullable({"enum": ["a", "b"]})), "$.state: may be null now"),
    "null of an object": (_at("properties.inner", _nullable(OLD["properties"]["inner"])), "$.inner: may be null now"),
    "one more value": (_at("properties.state.enum", ["a", "b", "c"]), "$.state: may be 'c' now"),
    "one more value or null": (_at("properties.maybe.anyOf.0.enum", ["a", "b", "c"]), "$.maybe: may be 'c' now"),
    "any value": (_at("properties.state", {"type": "string"}), "$.state: was one of a, b, may be anything now"),
    "a value of another type": (
        _at("properties.state.enum", ["a", 1]),
        "$.state: was string, may be integer or string now",
    ),
    "lower minimum": (_at("properties.count.minimum", 0), "$.count: minimum was 1, is 0"),
    "no minimum": (_at("properties.count.minimum", ...), "$.count: minimum was 1, is none"),
    "higher maximum": (_at("properties.count.maximum", 10), "$.count: maximum was 9, is 10"),
    "no maximum": (_at("properties.count.maximum", ...), "$.count: maximum was 9, is none"),
    "another pattern": (
        _at("properties.name.pattern", "^(?:[a-z]*)$"),
        "$.name: pattern was ^(?:[a-z]+)$, is ^(?:[a-z]*)$",
    ),
    "no pattern": (_at("properties.name.pattern", ...), "$.name: pattern was ^(?:[a-z]+)$, is none"),
    "another format": (_at("properties.day.format", "date-time"), "$.day: format was date, is date-time"),
    "no format": (_at("properties.day.format", ...), "$.day: format was date, is none"),
    "shorter list": (_at("properties.games.minItems", 0), "$.games: minItems was 1, is 0"),
    "other items": (_at("properties.games.items", {"type": "string"}), "$.games[]: was object, may be string now"),
    "any items": (_at("properties.games.items", ...), "$.games[]: may be anything, or nothing, now"),
    "in an item": (_at("properties.games.items.properties.id", ...), "$.games[].id: is gone"),
    "in an object": (_at("properties.inner.properties.x.type", "integer"), "$.inner.x: was string, may be integer now"),
    "smaller map": (_at("properties.parts.minProperties", ...), "$.parts: minProperties was 1, is none"),
    "other values in a map": (
        _at("properties.parts.additionalProperties.type", "string"),
        "$.parts.*: was integer, may be string now",
    ),
    "a map that is an object": (
        _at("properties.parts", {"type": "object", "properties": {}, "required": [], "minProperties": 1}),
        "$.parts.*: may be anything, or nothing, now",
    ),
    "an object that is a map": (
        _at("properties.inner", {"type": "object", "additionalProperties": {"type": "string"}}),
        "$.inner.x: is gone",
    ),
    "a rule that is not known": (
        _at("properties.count.multipleOf", 5),
        "$.count: multipleOf differs, and is not known here",
    ),
    "a choice that is not known": (
        _at("properties.late", {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        "$.late: anyOf differs, and is not known here",
    ),
}

ALLOWED = {
    "nothing": lambda schema: schema,
    "a new optional property": _at("properties.more", {"type": "string"}),
    "a new required property": lambda schema: _required(plus="more")(_at("properties.more", {})(schema)),
    "a property that is always there now": _required(plus="late"),
    "a new property in an item": _at("properties.games.items.properties.more", {"type": "integer"}),
    "a new property in an object": _at("properties.inner.properties.more", {"enum": ["a"]}),
    "a narrower type": _at("properties.share.type", "integer"),
    "a type where there was none": _at("properties.free", {"type": "object", "properties": {}, "required": []}),
    "null no more": _at("properties.note", {"type": "string"}),
    "a value no more": _at("properties.state.enum", ["a"]),
    "values in another order": _at("properties.maybe.anyOf.0.enum", ["b", "a"]),
    "values that are listed now": _at("properties.late", {"enum": ["p", "q"]}),
    "one more value where it is declared open": _at("properties.source.examples", ["x", "y", "z"]),
    "a higher minimum": _at("properties.count.minimum", 2),
    "a lower maximum": _at("properties.count.maximum", 8),
    "a new limit": _at("properties.share.minimum", 0),
    "a new pattern": _at("properties.late.pattern", "^(?:x)$"),
    "a new format": _at("properties.late.format", "date"),
    "a longer list": _at("properties.games.minItems", 2),
    "a larger map": _at("properties.parts.minProperties", 2),
    "another description": _at("properties.maybe.description", "other"),
    "another title": _at("title", "t 1.1"),
}


@pytest.mark.parametrize("case", BREAKS)
def test_break_is_found(case: str) -> None:
    """It is told with its place and what it was, and nothing is told of any other place."""
    change, told = BREAKS[case]
    assert told in _found(change)
    assert [one for one in _found(change) if not one.startswith(told.split(":")[0])] == []


@pytest.mark.parametrize("case", ALLOWED)
def test_addition_is_no_break(case: str) -> None:
    """A reader of the old sees nothing that it did not know, or only more than it looks at."""
    assert _found(ALLOWED[case]) == ()


def test_all_breaks_are_told_at_once() -> None:
    """Whoever mends a document sees everything."""
    new = _at("properties.name", ...)(_at("properties.games.items.properties.id", ...)(copy.deepcopy(OLD)))
    assert contracts.breaks(OLD, new) == ("$.name: is gone", "$.games[].id: is gone")


def test_another_kind_of_thing_is_told_once() -> None:
    """Below a value that has become something else nothing is compared."""
    assert _found(_at("properties.inner", {"type": "string"})) == ("$.inner: was object, may be string now",)
