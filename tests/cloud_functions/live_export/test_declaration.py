"""The declaration that ships, and every mistake that one can have; neither key nor address is ever quoted."""

import json
import pathlib
import re
from typing import Any

import jsonschema
import pytest
import yaml

from cloud_functions.live_export import building, contracts, declaration, run
from deploy import manifest as deployment
from shared import declarations, errors, settings, shapes
from tests.cloud_functions.live_export import stories

SHIPPED = settings.ROOT / "cloud_functions" / "live_export"
TEXT = (SHIPPED / "exports.yaml").read_text("utf-8")
FACTS = deployment.read("live_export", root=settings.ROOT)

FLOOR, NEXT = "{per_game: 8, shrink: 0.34", "  - id: tonight-day"


def mistakes(text: str, **environment: str) -> list[str]:
    """Return every mistake of a declaration."""
    with pytest.raises(errors.InvalidDeclaration) as refused:
        declarations.parse(
            declaration.Exports, text, source="exports.yaml", environment=stories.variables() | environment
        )
    return list(refused.value.problems)


def changed(*old_and_new: str) -> str:
    """Return what ships with pieces of its text replaced, each of which stands there once."""
    text = TEXT
    for old, new in zip(old_and_new[::2], old_and_new[1::2], strict=True):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def line_of(piece: str, text: str = TEXT) -> int:
    """Return the number of the first line with a piece of text."""
    return next(number for number, line in enumerate(text.splitlines(), start=1) if piece in line)


def test_shipped_declaration_is_valid_with_what_function_yaml_declares() -> None:
    """All five documents, their queries and the pipeline are read; the key and the address are not in its repr."""
    loaded = run.declared(settings.read(stories.variables()))
    ids = [one.id for one in loaded.exports.documents]
    assert ids == ["live", "live-grading", "tonight", "tonight-day", "status"]
    assert set(loaded.texts) == set(loaded.exports.sources)
    assert all("@day" in text for text in loaded.texts.values())
    assert loaded.exports.provider == declaration.Provider(stories.URL, stories.KEY)
    assert (loaded.exports.bucket, loaded.exports.public) == (FACTS.env["EXPORT_BUCKET"], True)
    assert loaded.exports.cors == declaration.Cors((FACTS.env["EXPORT_ORIGIN"],))
    assert stories.KEY not in repr(loaded)
    assert stories.URL not in repr(loaded)


def test_variables_are_exactly_those_that_function_yaml_declares() -> None:
    """None is missing at the deployment and none is left over; the key is a secret, and the address is not."""
    used = set(re.findall(r"\$\{([A-Z_]+)\}", TEXT))
    house = {"OPS_BUCKET", "OPS_DATASET", "REPORTS_TOPIC"}
    assert used == (set(FACTS.env) | set(FACTS.secrets)) - house
    assert set(FACTS.secrets) == {"SCORES_API_KEY"}
    for name in sorted(used):
        found = mistakes(TEXT, **{name: ""})[0]
        assert found.endswith(f"the environment variable {name} is not set")
        assert found.startswith(f"exports.yaml:{line_of(name)}: ")


def test_every_document_is_of_a_shape_with_all_that_it_needs() -> None:
    """And every query's file is used."""
    exports = stories.declared()
    modules = contracts.shapes_of_documents()
    for one in exports.documents:
        assert set(modules[one.shape].NEEDS) == set(one.sources)
    assert {path.name for path in (SHIPPED / "queries").iterdir()} == {one.sql for one in exports.sources.values()}
    assert building.ROWS not in modules


def test_documents_by_name_and_by_day() -> None:
    """Each is found by its id; those of each game day are told apart by their paths."""
    exports = stories.declared()
    assert [exports.of(one.id) for one in exports.documents] == list(exports.documents)
    assert [one.id for one in exports.documents if one.dated] == ["live", "live-grading", "tonight-day"]
    with pytest.raises(StopIteration):
        exports.of("liv")


def test_published_schema_is_that_of_the_declaration() -> None:
    """Editors complete what the parser accepts: the file beside the YAML is generated from the dataclass."""
    published = json.loads((SHIPPED / "exports.schema.json").read_text("utf-8"))
    assert published == shapes.schema(declaration.Exports, title="exports.yaml")
    assert TEXT.startswith("# yaml-language-server: $schema=exports.schema.json\n")
    value = yaml.safe_load(TEXT)
    # The bucket's pattern is that of its name, and not of the variable that holds it.
    value |= {"bucket": "site", "post_game": value["post_game"] | {"topic": "topic"}}
    jsonschema.validate(value, published)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value | {"novelty": 1}, published)


ORIGINS = 'origins: ["${EXPORT_ORIGIN}"]'
OWN_LINE = [
    ("key: ${SCORES_API_KEY}", "key: ''", "provider.key: is empty, or holds white space"),
    ("prefix: v1", "prefixes: v1", "prefixes: is not known here"),
    ("    cache: status", "    cache: statuses", "documents.status.cache: there is no cache class 'statuses'"),
    ("    sources: [schedule]\n", "    sources: [x]\n", "documents.status.sources: there is no source 'x'"),
    ("path: status.json", "path: status-{hour}.json", "path: holds braces around something else than {day}"),
    ("path: status.json", "path: status-{.json", "path: holds braces around something else"),
    ("path: status.json", "path: status-}.json", "path: holds braces around something else"),
    ("path: status.json", "path: a/..b.json", "path: holds braces around something else"),
    ("latest: live/latest.json", "latest: live/{day}/l.json", "latest: needs a path with {day}, and none itself"),
    ("path: status.json", "path: /status.json", "path: must match"),
    ("path: status.json", "path: status.txt", "path: must match"),
    ("  - id: status\n", "  - id: Status\n", "id: must match"),
    (ORIGINS, "origins: []", "cors.origins: must have at least 1 item"),
    (ORIGINS, 'origins: ["*"]', "cors.origins: '*' is everybody"),
    (ORIGINS, 'origins: ["https://*.a.example"]', "is everybody"),
    (ORIGINS, 'origins: ["https://a.example/"]', "is no origin"),
    (ORIGINS, 'origins: ["a.example"]', "is no origin"),
    (ORIGINS, 'origins: ["ftp://a.example"]', "is no origin"),
    (ORIGINS, 'origins: ["https://"]', "is no origin"),
    ("max_age_seconds: 1200", "max_age_seconds: 29", "max_age_seconds: must be at least 30"),
    ("sql: official.sql", "sql: ../official.sql", "sources.official.sql: must match"),
    ("1073741824", "1", "sources.recent.bytes_limit: must be at least"),
    ("  page_size: 25", "  page_size: 0", "provider.page_size: must be at least 1"),
    ("  seconds: 20", "  seconds: 121", "provider.seconds: must be at most 120"),
    ("trend_from: 0.25", "trend_from: 1.5", "grade.trend_from: must be at most 1"),
    ("[live, live-grading, results, tonight]", "[]", "export_types: must have at least 1"),
]


@pytest.mark.parametrize(("old", "new", "problem"), OWN_LINE)
def test_mistake_is_named_with_its_line(old: str, new: str, problem: str) -> None:
    """The file, the line and the place, and what is wrong."""
    (found,) = [one for one in mistakes(changed(old, new)) if problem in one]
    assert found.startswith(f"exports.yaml:{line_of(old.strip())}: ")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("  - id: status\n", "  - id: live\n", "documents: live stands here twice"),
        ("path: status.json", "path: live/{day}.json", "documents: two documents are published as live/{day}.json"),
        (
            f"{FLOOR}, filled: [season_ppg]}}\n{NEXT}",
            f"{FLOOR}, filled: season_ppg}}\n{NEXT}",
            "filled: must be a list",
        ),
        (f"{FLOOR}, filled: [season_ppg]}}\n{NEXT}", f"{{shrink: 1.01}}\n{NEXT}", "floor.shrink: must be at most 1"),
        ("path: status.json", "path: schemas/x.json", "path: stands where the export keeps its own"),
        ("path: status.json", "path: manifest.json", "path: stands where the export keeps its own"),
        ("path: status.json", "path: live/latest.json", "two documents are published as live/latest.json"),
        ("cache_final: final", "cache_final: x", "documents.tonight-day.cache_final: there is no cache class 'x'"),
        ("  official: {sql", "  provider: {sql", "provider is the score provider, and no query"),
        ("path: live/{day}.json", "path: live/all.json", "latest: needs a path with {day}"),
    ],
)
def test_mistake_between_several_lines_is_named(old: str, new: str, problem: str) -> None:
    """Two that do not fit together: one of them has the line."""
    (found,) = [one for one in mistakes(changed(old, new)) if problem in one]
    assert re.match(r"exports\.yaml:\d+: ", found)


def test_a_source_that_is_the_provider_needs_one() -> None:
    """Documents cannot be made of scores that nobody is asked for."""
    provider = TEXT[TEXT.index("provider:\n") : TEXT.index("sources:\n")]
    found = mistakes(TEXT.replace(provider, ""))
    assert [one.partition(": ")[2] for one in found] == [
        f"documents.{name}.sources: there is no source 'provider'"
        for name in ("live", "live-grading", "tonight", "tonight-day")
    ]


def test_all_mistakes_are_told_at_once() -> None:
    """Of fields and between fields."""
    found = mistakes(changed("prefix: v1", "prefix: /", "trend_from: 0.25", "trend_from: -1"))
    assert [one.partition(": ")[2].partition(":")[0] for one in found] == ["prefix", "grade.trend_from"]


EXACTLY_ONE = "rows are those of exactly one query"


def with_status(shape: str, sources: str = "schedule") -> str:
    """Return what ships with another shape and other sources of the last document."""
    return changed("shape: status", f"shape: {shape}", "sources: [schedule]\n", f"sources: [{sources}]\n")


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("exports.yaml", with_status("statuses"), "documents.status.shape: must be one of live, "),
        ("exports.yaml", with_status("status", "official"), "status is made from schedule too"),
        ("exports.yaml", with_status("rows", "schedule, official"), f"documents.status.sources: {EXACTLY_ONE}"),
        ("exports.yaml", with_status("rows", "provider"), f"documents.status.sources: {EXACTLY_ONE}"),
        ("queries/recent.sql", None, "sources.recent.sql: recent.sql cannot be read"),
        ("queries/recent.sql", b"\xff", "sources.recent.sql: recent.sql cannot be read"),
    ],
)
def test_shapes_and_queries_are_looked_for(tmp_path: pathlib.Path, file: str, text: Any, problem: str) -> None:
    """A declaration that would fail only at night fails when it is read."""
    folder = tmp_path / "live_export"
    (folder / "queries").mkdir(parents=True)
    for path in (SHIPPED / "exports.yaml", *(SHIPPED / "queries").iterdir()):
        (folder / path.relative_to(SHIPPED)).write_bytes(path.read_bytes())
    if text is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(errors.InvalidDeclaration) as refused:
        run.declared(settings.read(stories.variables() | {"DECLARATIONS_DIR": str(tmp_path)}))
    (found,) = refused.value.problems
    assert problem in found
    assert found.startswith("exports.yaml: ")


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("SCORES_API_URL", "http://scores.example/s3cr3t", "provider.url: must be https"),
        ("SCORES_API_URL", "https://user:s3cr3t@scores.example", "provider.url: needs a host, and no user"),
        ("SCORES_API_URL", "https://metadata.google.internal/s3cr3t", "provider.url: leads to a metadata server"),
        ("SCORES_API_URL", "s3cr3t", "provider.url: "),
        ("SCORES_API_URL", "https://scores.example/s3cr3t\n", "provider.url: is empty, or holds white space"),
        ("SCORES_API_KEY", "s3cr3t\n", "provider.key: is empty, or holds white space"),
        ("SCORES_API_KEY", " s3cr3t", "provider.key: is empty, or holds white space"),
        ("SCORES_API_KEY", "s3cr3t-é", "provider.key: is empty, or holds white space"),
        ("SCORES_API_KEY", " ", "provider.key: is empty, or holds white space"),
    ],
)
def test_key_and_address_are_never_quoted(variable: str, value: str, problem: str) -> None:
    """The mistake is told with its line, and without what may be secret."""
    (found,) = mistakes(TEXT, **{variable: value})
    assert found.startswith(f"exports.yaml:{line_of(variable)}: {problem}")
    assert "s3cr3t" not in found
