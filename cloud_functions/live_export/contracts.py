"""What readers of the published documents may rely on: JSON Schemas, TypeScript types, what breaks them; pure.

A published schema is open: objects may get more properties, and whoever validates with an old schema must live with
that. We ourselves are held to the properties that we declared (`checker`). A field whose metadata say `open` may get
more values too: its known ones are published as examples, and not as all that there can be.
"""

import dataclasses
import importlib
import json
import pkgutil
import typing
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import fastjsonschema

from cloud_functions.live_export import documents
from shared import shapes
from shared.exports import manifest

MANIFEST = "manifest"
Schema = Mapping[str, Any]
_TYPES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_FORMATS = {"date": "A date, like 2026-02-12.", "date-time": "An instant, like 2026-02-12T19:30:00.000Z."}
_LEAST = ("minimum", "minItems", "minProperties")
_COMPARED = frozenset(
    {"$schema", "title", "description", "examples", "type", "enum", "format", "pattern", "maximum", *_LEAST}
    | {"properties", "required", "additionalProperties", "items"}
)
_HEAD = "// The published documents. Written by `python -m deploy.contracts` from their declarations; not by hand.\n"


def shapes_of_documents() -> Mapping[str, ModuleType]:
    """Return the module of each shape of document, by the shape's name."""
    names = sorted(found.name for found in pkgutil.iter_modules(documents.__path__))
    modules = {name: importlib.import_module(f"{documents.__name__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "DOCUMENT")}


def schemas() -> Mapping[str, Schema]:
    """Return the published JSON Schema of each shape of document, and of the manifest, by name."""
    found = {name: (module.DOCUMENT, module.VERSION) for name, module in shapes_of_documents().items()}
    found[MANIFEST] = (manifest.Manifest, str(manifest.SCHEMA_VERSION))
    return {
        name: _published(cls, shapes.schema(cls)) | {"title": f"{name} {version}"}
        for name, (cls, version) in found.items()
    }


def _published(expected: Any, shape: Schema) -> dict[str, Any]:
    """Return `shape`, the schema of the type `expected`, as readers get it: open, its objects titled."""
    arguments = typing.get_args(expected)
    if "anyOf" in shape:
        inner = next(argument for argument in arguments if argument is not type(None))
        return {**shape, "anyOf": [_published(inner, shape["anyOf"][0]), *shape["anyOf"][1:]]}
    if "items" in shape:
        return {**shape, "items": _published(arguments[0], shape["items"])}
    if isinstance(shape.get("additionalProperties"), Mapping):
        return {**shape, "additionalProperties": _published(arguments[1], shape["additionalProperties"])}
    if not dataclasses.is_dataclass(expected):
        return dict(shape)
    hints = typing.get_type_hints(expected)
    properties = {
        field.name: _opened(field, _published(hints[field.name], shape["properties"][field.name]))
        for field in dataclasses.fields(expected)
    }
    head = {"$schema": shape["$schema"]} if "$schema" in shape else {}
    titled = {**head, "title": getattr(expected, "__name__", ""), **shape, "properties": properties}
    return {key: value for key, value in titled.items() if key != "additionalProperties"}


def _opened(field: "dataclasses.Field[Any]", shape: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field, its known values as examples where it is declared open."""
    if not field.metadata.get("open"):
        return shape
    if "anyOf" in shape:
        return {**shape, "anyOf": [_opened(field, shape["anyOf"][0]), *shape["anyOf"][1:]]}
    rest = {key: value for key, value in shape.items() if key != "enum"}
    return {"type": "string", "examples": shape["enum"], **rest}


def breaks(old: Schema, new: Schema) -> tuple[str, ...]:
    """Return what a reader made for `old` would miss or choke on in documents of `new`, each with its place.

    A break is: a property that is gone or may be missing now; another or a wider type; null, where there was none;
    one more value where the values were listed, since readers switch over them, unless they are declared open; a
    limit, pattern or format that no longer holds; the same inside objects, lists and maps; and any keyword that is
    not known here and differs. No break is: a new property, required or not; a narrower type or limit; a value that
    does not occur any more; titles, descriptions and examples.
    """
    return tuple(_breaks(old, new, "$"))


def _breaks(old: Schema, new: Schema, path: str) -> Iterator[str]:
    before, after = _flat(old), _flat(new)
    yield from (f"{path}: {what}" for what in (*_of_type(before, after), *_of_limits(before, after)))
    if not {"object", "array"} & _kinds(before) & _kinds(after):
        return
    yield from _of_properties(before, after, path)
    for keyword, place in (("items", f"{path}[]"), ("additionalProperties", f"{path}.*")):
        if isinstance(before.get(keyword), Mapping):
            if isinstance(after.get(keyword), Mapping):
                yield from _breaks(before[keyword], after[keyword], place)
            else:
                yield f"{place}: may be anything, or nothing, now"


def _of_type(old: Schema, new: Schema) -> Iterator[str]:
    was, now = _kinds(old), _kinds(new)
    wider = now - was - ({"integer"} if "number" in was else set())
    if "null" in wider:
        yield "may be null now"
    if wider - {"null"}:
        yield f"was {' or '.join(sorted(was - {'null'}))}, may be {' or '.join(sorted(now - {'null'}))} now"
    elif "enum" in old:
        known = [value for value in old["enum"] if value is not None]
        if "enum" not in new:
            yield f"was one of {', '.join(map(str, known))}, may be anything now"
        for value in new.get("enum", ()):
            if value is not None and value not in known:
                yield f"may be {value!r} now"


def _of_limits(old: Schema, new: Schema) -> Iterator[str]:
    for keyword in _LEAST:
        if keyword in old and (keyword not in new or new[keyword] < old[keyword]):
            yield f"{keyword} was {old[keyword]}, is {new.get(keyword, 'none')}"
    if "maximum" in old and ("maximum" not in new or new["maximum"] > old["maximum"]):
        yield f"maximum was {old['maximum']}, is {new.get('maximum', 'none')}"
    for keyword in ("pattern", "format"):
        if keyword in old and new.get(keyword) != old[keyword]:
            yield f"{keyword} was {old[keyword]}, is {new.get(keyword, 'none')}"
    for keyword in sorted((old.keys() | new.keys()) - _COMPARED):
        if old.get(keyword) != new.get(keyword):
            yield f"{keyword} differs, and is not known here"


def _of_properties(old: Schema, new: Schema, path: str) -> Iterator[str]:
    present = new.get("properties", {})
    for name, shape in old.get("properties", {}).items():
        if name not in present:
            yield f"{path}.{name}: is gone"
            continue
        if name in old.get("required", ()) and name not in new.get("required", ()):
            yield f"{path}.{name}: may be missing now"
        yield from _breaks(shape, present[name], f"{path}.{name}")


def _flat(node: Schema) -> dict[str, Any]:
    """Return a schema of something that may be null as one schema, and any other as it is."""
    match node.get("anyOf"):
        case [inner, {"type": "null"}]:
            flat = {**inner, **{key: value for key, value in node.items() if key != "anyOf"}}
        case _:
            return dict(node)
    if "enum" in flat:
        return {**flat, "enum": [*flat["enum"], None]}
    return {**flat, "type": [flat["type"], "null"]} if "type" in flat else flat


def _kinds(flat: Schema) -> set[str]:
    """Return the JSON types that a flat schema lets pass."""
    if "enum" in flat:
        names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
        return {names[type(value)] for value in flat["enum"]}
    declared = flat.get("type", [*_TYPES, "object", "array"])
    return {declared} if isinstance(declared, str) else set(declared)


def checker(schema: Schema) -> Callable[[Any], list[str]]:
    """Return what tells the first mistake of a document, as bytes or value, with its place; compiled once.

    It is stricter than what is published: what is not declared must not be there.
    """
    validate = fastjsonschema.compile(_closed(schema))

    def mistakes(document: Any) -> list[str]:
        try:
            validate(json.loads(document, parse_constant=_no_number) if isinstance(document, bytes) else document)
        except fastjsonschema.JsonSchemaValueException as error:
            return [f"{str(error.name).replace('data', '$', 1)}: {error.message.removeprefix(str(error.name)).strip()}"]
        except (ValueError, RecursionError) as error:
            return [f"$: is no JSON: {error}"]
        return []

    return mistakes


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _closed(node: Schema) -> dict[str, Any]:
    flat = _flat(node)
    if "examples" in flat:
        flat["enum"] = [*flat["examples"], *([None] if "null" in _kinds(flat) else [])]
    if "items" in flat:
        flat["items"] = _closed(flat["items"])
    if "properties" in flat:
        flat["properties"] = {name: _closed(shape) for name, shape in flat["properties"].items()}
        flat.setdefault("additionalProperties", False)
    if isinstance(flat.get("additionalProperties"), Mapping):
        flat["additionalProperties"] = _closed(flat["additionalProperties"])
    return flat


def typescript(published: Mapping[str, Schema]) -> str:
    """Return the TypeScript declarations of schemas by name; raise ValueError when two interfaces share a name."""
    found: dict[str, str] = {}
    for name, schema in sorted(published.items()):
        root = "".join(word.capitalize() for word in name.split("_"))
        _interface(root, schema, (root, found))
    return "\n".join((_HEAD, *found.values()))


def _interface(name: str, node: Schema, within: tuple[str, dict[str, str]]) -> str:
    """Return `name`, with the interface of `node` noted in the names found so far."""
    root, found = within
    before = found.setdefault(name, "")
    title = f" ({node['title']})" if name == root else ""
    lines = [f"/** {_comment(node.get('description', ''))}{title} */", f"export interface {name} {{"]
    for key, shape in node["properties"].items():
        said = _said(_flat(shape))
        lines += [f"  /** {said} */"] if said else []
        optional = "" if key in node["required"] else "?"
        lines.append(f"  readonly {key}{optional}: {_type(shape, within)};")
    made = "\n".join((*lines, "}\n"))
    if before and before.partition("\n")[2] != made.partition("\n")[2]:
        raise ValueError(f"two interfaces would be named {name}: rename a class")
    found[name] = before or made
    return name


def _type(node: Schema, within: tuple[str, dict[str, str]]) -> str:
    flat = _flat(node)
    if "enum" in flat:
        return " | ".join(json.dumps(value) for value in flat["enum"])
    kinds = [flat.get("type", "")] if isinstance(flat.get("type", ""), str) else flat["type"]
    return " | ".join(_plain(kind, flat, within) for kind in kinds)


def _plain(kind: str, flat: Schema, within: tuple[str, dict[str, str]]) -> str:
    if kind == "array":
        return f"ReadonlyArray<{_type(flat['items'], within)}>"
    if kind == "object" and "properties" in flat:
        return _interface(within[0] + flat["title"], flat, within)
    if kind == "object":
        return f"Readonly<Record<string, {_type(flat['additionalProperties'], within)}>>"
    if kind == "string" and "examples" in flat:
        # Editors offer the known values, and a switch over them must have a default.
        return " | ".join((*map(json.dumps, flat["examples"]), "(string & {})"))
    return _TYPES.get(kind, "unknown")


def _said(flat: Schema) -> str:
    limits = {"minimum": "At least {}.", "maximum": "At most {}.", "pattern": "Matches {}."}
    told = [text.format(flat[keyword]) for keyword, text in limits.items() if keyword in flat]
    words = [] if "properties" in flat else [flat.get("description", "")]
    return _comment(" ".join(word for word in (*words, _FORMATS.get(flat.get("format", ""), ""), *told) if word))


def _comment(text: str) -> str:
    return text.replace("*/", "* /")
