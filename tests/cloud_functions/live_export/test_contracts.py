"""What readers may rely on: the files are what the documents say, and nothing since the last release breaks."""

import dataclasses
import datetime
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import jsonschema
import pytest

from cloud_functions.live_export import contracts
from cloud_functions.live_export.documents import status
from deploy import contracts as writing
from shared import shapes
from shared.exports import manifest

ANEW = "write them anew: python -m deploy.contracts"
NAMES = ("live", "live_grading", "manifest", "status", "tonight")
INSTANT = "2026-02-12T19:30:00.000Z"
STATUS = {
    "updated_at": INSTANT,
    "game_date": "2026-02-12",
    "overall_status": "degraded",
    "services": {
        "live_data": {"status": "healthy", "message": "", "last_update": None, "age_minutes": None, "is_stale": False}
    },
    "known_issues": [{"severity": "warning", "message": "late", "detected_at": INSTANT}],
    "maintenance_windows": [],
    "active_break": None,
}


def test_every_document_and_the_manifest_have_a_schema() -> None:
    """Found by their files, not listed; each tells its version and is valid itself."""
    found = contracts.schemas()
    assert tuple(sorted(found)) == NAMES
    assert (found["live"]["title"], found["manifest"]["title"]) == ("live 1.0", "manifest 1")
    for schema in found.values():
        jsonschema.Draft202012Validator.check_schema(dict(schema))


def test_published_files_are_those_of_the_code() -> None:
    """Schemas and types stand beside the code as the code says them, and nothing else does."""
    present = {path.name: path.read_text("utf-8") for path in writing.FOLDER.glob("*.*")}
    expected = writing.files()
    assert sorted(present) == sorted(expected), ANEW
    assert [name for name in expected if present[name] != expected[name]] == [], ANEW


def test_nothing_breaks_the_last_release() -> None:
    """Documents only gain: whoever reads them as released still can."""
    released = writing.released(writing.FOLDER)
    assert set(released) <= set(NAMES)
    assert writing.broken(released, contracts.schemas()) == []
    assert released, "nothing was ever released: python -m deploy.contracts --release"


def _objects(schema: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(schema, Mapping):
        if isinstance(schema.get("properties"), Mapping):
            yield schema
        for below in schema.values():
            yield from _objects(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from _objects(below)


@pytest.mark.parametrize("name", NAMES)
def test_published_schema_is_open(name: str) -> None:
    """A reader who validates must not choke on a property of tomorrow; every object has a name for its readers."""
    found = list(_objects(contracts.schemas()[name]))
    assert len(found) > 2
    assert [one["title"] for one in found if "additionalProperties" in one or not one["title"]] == []


def test_good_document_has_no_mistake() -> None:
    """As value or as bytes, by our own checker and by another library."""
    schema = contracts.schemas()["status"]
    check = contracts.checker(schema)
    assert check(STATUS) == check(json.dumps(STATUS).encode()) == []
    jsonschema.validate(STATUS, schema)


def _changed(*path: Any, to: Any) -> Any:
    """Return the good document with the value at `path` replaced; taken away, for `...`."""
    document = json.loads(json.dumps(STATUS))
    *parents, last = path
    place = document
    for step in parents:
        place = place[step]
    if to is ...:
        del place[last]
    else:
        place[last] = to
    return document


@pytest.mark.parametrize(
    ("document", "mistake"),
    [
        (_changed("updated_at", to=...), r"\$: must contain \['updated_at'\] properties"),
        (_changed("updated_at", to="yesterday"), r"\$\.updated_at: must be date-time"),
        (_changed("game_date", to="12.02.2026"), r"\$\.game_date: must be date"),
        (_changed("overall_status", to="fine"), r"\$\.overall_status: must be one of"),
        (_changed("overall_status", to=None), r"\$\.overall_status: must be one of"),
        (_changed("services", "live_data", "is_stale", to="no"), r"\$\.services\.live_data\.is_stale: must be boolean"),
        (_changed("services", "live_data", "age_minutes", to=1.5), r"age_minutes: must be integer or null"),
        (_changed("services", "live_data", "note", to=""), r"\$\.services\.live_data: must not contain .*note"),
        (_changed("known_issues", 0, "severity", to=...), r"\$\.known_issues\[0\]: must contain \['severity'\]"),
        (_changed("active_break", to={}), r"\$\.active_break: must contain"),
        (_changed("extra", to=1), r"\$: must not contain .*extra"),
        ([], r"\$: must be object"),
        (b'{"updated_at": ', r"\$: is no JSON"),
        (b"\xff", r"\$: is no JSON"),
        (b'{"updated_at": NaN}', r"\$: is no JSON: NaN is no number"),
        (b"[" * 200_000, r"\$: is no JSON"),
    ],
)
def test_mistake_is_found_with_its_place(document: Any, mistake: str) -> None:
    """Whatever a bad document has wrong, also what readers would not mind: we write what we declared."""
    (found,) = contracts.checker(contracts.schemas()["status"])(document)
    assert re.match(mistake if mistake.startswith(r"\$") else ".*" + mistake, found), found


def test_manifest_as_encoded_keeps_its_schema() -> None:
    """What `shared.exports.manifest` writes is what is promised of it."""
    moment = datetime.datetime(2026, 2, 12, 19, 30, tzinfo=datetime.UTC)
    content = manifest.Content(
        day=moment.date(), object="objects/a.0123.json", sha256="0" * 64, bytes=2, rows=0, counts={"final": 0},
        as_of=moment, updated_at=moment, schema_version="1.0", run_id="r",
    )  # fmt: skip
    entry = manifest.Entry(
        status="degraded", path="a.json", latest=None, max_age_seconds=60, schema="schemas/live.schema.json",
        content=content, reason="shrunken", message="fewer", since=moment,
    )  # fmt: skip
    whole = manifest.Manifest(
        1, moment.date(), moment, "r", {"a": entry, "b": dataclasses.replace(entry, content=None)}
    )
    check = contracts.checker(contracts.schemas()["manifest"])
    assert check(manifest.encode(whole)) == []
    assert check(manifest.encode(whole).replace(b'"degraded"', b'"bad"', 1)) != []


@dataclasses.dataclass(frozen=True)
class Open:
    """With values of which there may be more."""

    state: Literal["a", "b"] | None = dataclasses.field(metadata={"description": "How.", "open": True})
    kind: Literal["c"] = dataclasses.field(metadata={"open": False})


def test_field_that_is_declared_open_promises_no_end() -> None:
    """Readers get its values as examples, types make them expect others; we are still held to those we declared."""
    # A document's schema is made from its dataclass alone, so a dataclass of the test's own will do.
    schema = contracts._published(Open, shapes.schema(Open))  # noqa: SLF001 - declared open is none of the real ones
    jsonschema.validate({"state": "z", "kind": "c"}, schema)
    check = contracts.checker(schema)
    assert [check({"state": state, "kind": "c"}) for state in ("a", None)] == [[], []]
    assert check({"state": "z", "kind": "c"}) == ["$.state: must be one of ['a', 'b', None]"]
    text = contracts.typescript({"open": schema})
    assert '  readonly state: "a" | "b" | (string & {}) | null;\n  readonly kind: "c";' in text


INTERFACE = re.compile(r"^/\*\* (.+) \*/\nexport interface (\w+) \{\n((?:  .+\n)+)\}\n", re.MULTILINE)


def test_types_name_every_property_once() -> None:
    """The declarations are interfaces and nothing else, each once, with every property, and no name is unknown.

    That a compiler takes them is not proven here: there is none that runs without Node.
    """
    text = contracts.typescript(contracts.schemas())
    found = INTERFACE.findall(text)
    head, *rest = INTERFACE.sub("", text).splitlines()
    assert (head[:2], "".join(rest)) == ("//", "")
    properties = {name: re.findall(r"^  readonly (\w+)\??: ", body, re.MULTILINE) for _, name, body in found}
    assert (properties, len(found)) == (_declared(), len(properties))
    types = " ".join(re.findall(r"^  readonly \w+\??: (.+);$", text, re.MULTILINE))
    used = set(re.findall(r"\w+", re.sub(r'"[^"]*"', "", types)))
    assert used - properties.keys() == {"ReadonlyArray", "Readonly", "Record", "string", "number", "boolean", "null"}


def _declared() -> dict[str, list[str]]:
    """Return the names of the properties of every object of every schema, by the name of its interface."""
    found = {}
    for name, schema in contracts.schemas().items():
        root = name.title().replace("_", "")
        for one in _objects(schema):
            found[root if one is schema else root + one["title"]] = list(one["properties"])
    return found


@pytest.mark.parametrize(
    "line",
    [
        "  readonly players: ReadonlyArray<LivePlayer>;",
        "  readonly props: TonightProps | null;",
        "  readonly services: Readonly<Record<string, StatusService>>;",
        "  readonly counts: Readonly<Record<string, number>>;",
        '  readonly fatigue_level: "fresh" | "normal" | "tired" | null;',
        "  readonly has_line: boolean;",
        "  readonly forced?: boolean;",
        "  /** The game day that it is about. A date, like 2026-02-12. */",
        "  /** Games of the day, postponed ones left out. At least 0. */",
        "/** How everything that is published stands. (status 1.0) */",
    ],
)
def test_types_say_it_in_typescript(line: str) -> None:
    """One line for each way in which a value can be declared."""
    assert f"\n{line}\n" in contracts.typescript(contracts.schemas())


def test_comment_cannot_end_itself() -> None:
    """A description with the end of a comment in it does not become code."""
    node = {"type": "object", "description": "a */ b", "properties": {}, "required": [], "title": "t"}
    assert "/** a * / b (t) */" in contracts.typescript({"one": node})


def test_two_interfaces_of_one_name_are_refused() -> None:
    """Rather than that one of them is lost."""
    inner = {"type": "object", "title": "A", "properties": {"x": {"type": "string"}}, "required": []}
    other = {**inner, "properties": {"x": {"type": "integer"}}}
    both = {"title": "t", "type": "object", "properties": {"a": inner, "b": other}, "required": []}
    with pytest.raises(ValueError, match="two interfaces would be named OneA"):
        contracts.typescript({"one": both})
    assert contracts.typescript({"one": {**both, "properties": {"a": inner, "b": inner}}}).count("interface OneA") == 1


def test_main_dataclass_is_named_by_its_module() -> None:
    """`DOCUMENT` is what the schema is made from."""
    assert contracts.shapes_of_documents()["status"].DOCUMENT is status.Status
