"""From a tree of plain values to frozen dataclasses, strictly, with every mistake and its place; and to JSON Schema.

Pure. The dataclass is the only declaration of a shape: its field types, its defaults, and in `field(metadata=…)` what
a type cannot say: `description`, `minimum`, `maximum`, `pattern`, `min_items`. A dataclass may have
`problems() -> [(field, mistake)]` for rules between fields. Unknown and missing keys are mistakes. A class with `tag`
and `variants()` stands for one of several dataclasses, which the key `tag` chooses. A class with `foreign = True` is of
another's making, who may add keys to it: those that are not known are left out. Used for YAML documents, request
bodies and our own JSON objects.
"""

import dataclasses
import datetime
import enum
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeVar

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Node:
    """A value and the line that it stands on; a list holds Nodes, a mapping has Nodes as values."""

    value: Any
    line: int | None = None


@dataclasses.dataclass(frozen=True)
class Problem:
    """One mistake: where in the tree, on which line, and what is wrong."""

    path: str
    line: int | None
    message: str


class _Missing(enum.Enum):
    """The value of something that could not be built; its mistake is already noted."""

    MISSING = enum.auto()


MISSING = _Missing.MISSING
_NAMES: dict[Any, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def plain(value: Any) -> Node:
    """Return the tree of Nodes, without lines, given a value as `json.loads` makes it."""
    if isinstance(value, Mapping):
        return Node({str(key): plain(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return Node([plain(item) for item in value])
    return Node(value)


def bare(node: Node) -> Any:
    """Return the plain value of a tree of Nodes."""
    if isinstance(node.value, dict):
        return {key: bare(item) for key, item in node.value.items()}
    if isinstance(node.value, list):
        return [bare(item) for item in node.value]
    return node.value


def build(cls: type[T], node: Node) -> tuple[T | None, list[Problem]]:
    """Return the `cls` that `node` describes and no problems, or None and every problem."""
    problems: list[Problem] = []
    built = _dataclass(cls, node, "", problems)
    return (None, problems) if problems or built is MISSING else (built, [])


def _any(expected: Any, node: Node, path: str, problems: list[Problem]) -> Any:
    """Return the value of type `expected` at `node`, or MISSING with its mistakes noted in `problems`."""
    if expected is Any:
        return bare(node)
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if origin in (types.UnionType, typing.Union):
        inner = next(argument for argument in arguments if argument is not type(None))
        return None if node.value is None else _any(inner, node, path, problems)
    if origin is Literal:
        return _choice(arguments, node, path, problems)
    if isinstance(expected, type) and issubclass(expected, enum.Enum):
        chosen = _choice(tuple(member.value for member in expected), node, path, problems)
        return chosen if chosen is MISSING else expected(chosen)
    if origin is tuple:
        return _sequence(arguments[0], node, path, problems)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(arguments[1], node, path, problems)
    if hasattr(expected, "variants"):
        return _variant(expected, node, path, problems)
    if dataclasses.is_dataclass(expected):
        return _dataclass(expected, node, path, problems)
    return _scalar(expected, node, path, problems)


def _note(problems: list[Problem], node: Node, path: str, message: str) -> Any:
    problems.append(Problem(path, node.line, message))
    return MISSING


def _choice(choices: tuple[Any, ...], node: Node, path: str, problems: list[Problem]) -> Any:
    if any(node.value == choice and type(node.value) is type(choice) for choice in choices):
        return node.value
    return _note(problems, node, path, f"must be one of {', '.join(map(str, choices))}, not {bare(node)!r}")


def _scalar(expected: Any, node: Node, path: str, problems: list[Problem]) -> Any:
    value = node.value
    if expected in (datetime.datetime, datetime.date):
        return _instant(expected, node, path, problems)
    if expected is float and type(value) is int:
        return float(value)
    if type(value) is expected:
        return value
    found = "nothing" if value is None else repr(bare(node))
    return _note(problems, node, path, f"must be {_NAMES[expected]}, not {found}")


def _instant(expected: Any, node: Node, path: str, problems: list[Problem]) -> Any:
    word = "a date, like 2026-02-12" if expected is datetime.date else "an instant, like 2026-02-12T10:00:00+00:00"
    try:
        return expected.fromisoformat(node.value)
    except (TypeError, ValueError):
        return _note(problems, node, path, f"must be {word}, not {bare(node)!r}")


def _sequence(inner: Any, node: Node, path: str, problems: list[Problem]) -> Any:
    if not isinstance(node.value, list):
        return _note(problems, node, path, f"must be a list, not {bare(node)!r}")
    items = [_any(inner, item, f"{path}[{index}]", problems) for index, item in enumerate(node.value)]
    # What cannot be built is left out, so that the rest is looked at too; nothing is used once there is a mistake.
    return tuple(item for item in items if item is not MISSING)


def _mapping(inner: Any, node: Node, path: str, problems: list[Problem]) -> Any:
    if not isinstance(node.value, dict):
        return _note(problems, node, path, f"must be a mapping, not {bare(node)!r}")
    items = {key: _any(inner, item, _join(path, key), problems) for key, item in node.value.items()}
    return {key: item for key, item in items.items() if item is not MISSING}


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _dataclass(cls: Any, node: Node, path: str, problems: list[Problem]) -> Any:
    if not isinstance(node.value, dict):
        return _note(problems, node, path, f"must be a mapping, not {bare(node)!r}")
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls) if field.init}
    for key, item in node.value.items():
        if key not in fields and not getattr(cls, "foreign", False):
            known = ", ".join(fields) or "none"
            _note(problems, item, _join(path, key), f"is not known here; known: {known}")
    values = {}
    for name, field in fields.items():
        if name in node.value:
            values[name] = _field(field, hints[name], node.value[name], (_join(path, name), problems))
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            values[name] = _note(problems, node, _join(path, name), "is missing")
    if MISSING in values.values():
        return MISSING
    return _checked(cls(**values), node, path, problems)


def _variant(expected: Any, node: Node, path: str, problems: list[Problem]) -> Any:
    """Return one of several shapes: the one that the key `expected.tag` names."""
    if not isinstance(node.value, dict):
        return _note(problems, node, path, f"must be a mapping, not {bare(node)!r}")
    variants, tag = expected.variants(), node.value.get(expected.tag)
    if tag is None:
        return _note(problems, node, _join(path, expected.tag), f"is missing; one of {', '.join(variants)}")
    if not isinstance(tag.value, str) or tag.value not in variants:
        text = f"must be one of {', '.join(variants)}, not {bare(tag)!r}"
        return _note(problems, tag, _join(path, expected.tag), text)
    return _dataclass(variants[tag.value], node, path, problems)


def _field(field: "dataclasses.Field[Any]", expected: Any, node: Node, place: tuple[str, list[Problem]]) -> Any:
    path, problems = place
    before = len(problems)
    value = _any(expected, node, path, problems)
    if value is not MISSING and value is not None and len(problems) == before:
        for message in _limits(field.metadata, value):
            _note(problems, node, path, message)
    return value


def _limits(metadata: Mapping[str, Any], value: Any) -> Iterator[str]:
    rules: dict[str, tuple[Callable[[Any], bool], str]] = {
        "minimum": (lambda limit: value < limit, "must be at least {limit}, not {value!r}"),
        "maximum": (lambda limit: value > limit, "must be at most {limit}, not {value!r}"),
        "pattern": (lambda limit: not re.fullmatch(limit, value), "must match {limit}, not {value!r}"),
        "min_items": (lambda limit: len(value) < limit, "must have at least {limit} item(s)"),
    }
    for name, (broken, message) in rules.items():
        if name in metadata and broken(metadata[name]):
            yield message.format(limit=metadata[name], value=value)


def _checked(built: Any, node: Node, path: str, problems: list[Problem]) -> Any:
    own = getattr(built, "problems", None)
    for name, message in own() if callable(own) else ():
        _note(problems, _place(node, name.split(".")), _join(path, name) if name else path, message)
    return built


def _place(node: Node, names: list[str]) -> Node:
    """Return the node that dotted names lead to, as far as they do; in a list an item goes by its `id`."""
    name, *rest = names
    found = node.value.get(name) if isinstance(node.value, dict) else None
    if isinstance(node.value, list):
        found = next((item for item in node.value if _id(item) == name), None)
    if not isinstance(found, Node):
        return node
    return _place(found, rest) if rest else found


def _id(node: Node) -> Any:
    named = node.value.get("id") if isinstance(node.value, dict) else None
    return named.value if named else None


def schema(cls: Any, *, title: str = "") -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the dataclass `cls`."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | ({"title": title} if title else {})
    return head | _schema(cls)


def _schema(expected: Any) -> dict[str, Any]:
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if expected is Any:
        return {}
    if origin in (types.UnionType, typing.Union):
        inner = next(argument for argument in arguments if argument is not type(None))
        return {"anyOf": [_schema(inner), {"type": "null"}]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if isinstance(expected, type) and issubclass(expected, enum.Enum):
        return {"enum": [member.value for member in expected]}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0])}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1])}
    if hasattr(expected, "variants"):
        shapes = expected.variants().items()
        return {"oneOf": [_tagged(_schema(shape), expected.tag, name) for name, shape in shapes]}
    if expected in (datetime.datetime, datetime.date):
        return {"type": "string", "format": "date-time" if expected is datetime.datetime else "date"}
    return _object_schema(expected) if dataclasses.is_dataclass(expected) else {"type": _JSON_TYPES[expected]}


def _tagged(shape: dict[str, Any], tag: str, name: str) -> dict[str, Any]:
    return shape | {"properties": shape["properties"] | {tag: {"const": name}}}


def _object_schema(cls: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    names = {"description": "description", "minimum": "minimum", "maximum": "maximum", "min_items": "minItems"}
    properties, required = {}, []
    for field in dataclasses.fields(cls):
        extra = {word: field.metadata[key] for key, word in names.items() if key in field.metadata}
        if "pattern" in field.metadata:
            extra["pattern"] = f"^(?:{field.metadata['pattern']})$"
        shape = _schema(hints[field.name])
        if shape.get("type") == "object" and "minItems" in extra:
            extra["minProperties"] = extra.pop("minItems")
        properties[field.name] = shape | extra
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            required.append(field.name)
    return {
        "type": "object",
        "description": (cls.__doc__ or "").split("\n")[0],
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
