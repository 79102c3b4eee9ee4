"""The declaration that ships, the schema beside it, and the mistakes that a declaration can have."""

import importlib
import json

import pytest

from cloud_functions.live_freshness_monitor import declaration, expectations, retrying, run, verdicts
from deploy import manifest, stage
from shared import declarations, errors, settings, shapes
from shared.statuses import Status

SHIPPED = settings.ROOT / "cloud_functions" / "live_freshness_monitor"
GOOD = "url: https://site.example/v1\ndocuments: [{id: live}]\n"


def parse(text: str) -> declaration.Freshness:
    """Return the declaration in a text."""
    return declarations.parse(declaration.Freshness, text, source="freshness.yaml", environment={})


def test_what_ships_is_valid_with_its_own_environment() -> None:
    """All that it needs is in function.yaml; what it watches is what live_export publishes, by paths that are there."""
    facts = manifest.read("live_freshness_monitor", root=stage.REPOSITORY)
    loaded = run.declared(settings.read(facts.env))

    assert loaded.freshness.url == facts.env["EXPORT_URL"]
    assert loaded.freshness.export
    assert loaded.freshness.export.url == facts.env["LIVE_EXPORT_URL"]
    assert loaded.pipeline.calendar
    assert loaded.pipeline.calendar.live == "game_status = 2"
    assert run.reach(loaded).datasets == ("nba_raw",)


def test_what_ships_watches_what_is_published() -> None:
    """Each id is one of exports.yaml, and each path is one of the document's shape."""
    text = (settings.ROOT / "cloud_functions" / "live_export" / "exports.yaml").read_text("utf-8")
    exports = importlib.import_module("cloud_functions.live_export.declaration").Exports
    needed = dict.fromkeys(("EXPORT_ORIGIN", "SCORES_API_URL"), "https://x.example")
    named = {"EXPORT_BUCKET": "some-bucket", "SCORES_API_KEY": "k", "POST_GAME_TOPIC": "some-topic"}
    published = declarations.parse(exports, text, source="exports.yaml", environment=needed | named)
    facts = manifest.read("live_freshness_monitor", root=stage.REPOSITORY)
    for one in run.declared(settings.read(facts.env)).freshness.documents:
        shape = published.of(one.id).shape
        module = importlib.import_module(f"cloud_functions.live_export.documents.{shape}")
        schema = shapes.schema(getattr(module, shape.title().replace("_", "")))
        paths = (one.day, one.games, one.in_progress, one.finals, one.rows)
        assert [path for path in paths if path and not _leads(schema, path)] == [], one.id


def _leads(schema: dict[str, object], path: str) -> bool:
    """Return whether a dotted path leads to something in a JSON Schema."""
    found: object = schema
    for name in path.split("."):
        properties = found.get("properties") if isinstance(found, dict) else None
        found = properties.get(name) if isinstance(properties, dict) else None
    return found is not None


def test_the_time_is_enough_for_a_call() -> None:
    """Two looks and the pause before each fit beside a whole call of live_export, and the schedules cover the night."""
    facts = manifest.read("live_freshness_monitor", root=stage.REPOSITORY)
    declared = run.declared(settings.read(facts.env)).freshness

    assert declared.export
    assert declared.export.seconds <= facts.timeout - run.RESERVE
    assert [one.cron for one in facts.schedules] == ["*/5 0-3,12-23 * * *"]
    assert {one.time_zone for one in facts.schedules} == {"America/New_York"}


def test_published_schema_is_that_of_the_declaration() -> None:
    """Editors complete what the parser accepts: the file beside the YAML is generated from the dataclass."""
    published = json.loads((SHIPPED / "freshness.schema.json").read_text("utf-8"))

    assert published == shapes.schema(declaration.Freshness, title="freshness.yaml")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("documents: [{id: live}]\n", "url: is missing"),
        (GOOD.replace("https", "http"), "url: must be https"),
        (GOOD.replace("/v1", "/v1?x=1"), "url: must end before any ? or #"),
        ("url: https://site.example\ndocuments: []\n", "documents: must have at least 1 item"),
        (GOOD.replace("{id: live}", "{id: live}, {id: live}"), "documents: live stands here twice"),
        (GOOD.replace("{id: live}", "{id: Live}"), "documents[0].id: must match"),
        (GOOD.replace("{id: live}", "{id: live, rows: 'a..b'}"), "documents[0].rows: must match"),
        (GOOD.replace("{id: live}", "{id: live, in_progress: a}"), "documents[0].in_progress: needs finals"),
        (GOOD.replace("{id: live}", "{id: live, severity: bad}"), "must be one of critical, warning, info"),
        (GOOD + "export: {url: 'http://10.0.0.7/'}\n", "export.url: must be https"),
        (GOOD + "export: {url: 'https://a.example', tries: 4}\n", "export.tries: must be at most 3"),
        (GOOD + "seconds: 0\n", "seconds: must be at least 0.5"),
        (GOOD + "parallel: 0\n", "parallel: must be at least 1"),
        (GOOD + "grace_minutes: -1\n", "grace_minutes: must be at least 0"),
        (GOOD + "bucket: b\n", "bucket: is not known here"),
    ],
)
def test_mistake_is_named(text: str, problem: str) -> None:
    """A wrong declaration watches nothing, and says why."""
    with pytest.raises(errors.InvalidDeclaration) as refused:
        parse(text)

    assert problem in str(refused.value)


def test_defaults_judge_nothing_but_the_manifest() -> None:
    """A document without paths is judged by what the manifest says of it."""
    (one,) = parse(GOOD).documents
    assert (one.day, one.games, one.in_progress, one.finals, one.rows, one.severity) == (*[None] * 5, "critical")


def test_the_vocabulary_is_closed() -> None:
    """What can be mended is a reason, and an unknown reason makes no finding; each reason of a retry has its word."""
    assert verdicts.FIXES.keys() >= verdicts.MENDABLE
    assert verdicts.FIXES.keys() >= {one.value for one in expectations.NO_GAMES}
    with pytest.raises(KeyError):
        verdicts.finding(verdicts.Verdict(Status.FAIL, "odd", ""), "document", "x", severity="info", evidence={})
    assert retrying.unneeded().reason in retrying.FIXES
    assert retrying.untried("no_time", {"only": ["live"]}).status is Status.ERROR


def test_a_request_names_documents_by_patterns() -> None:
    """By default all are wanted."""
    assert declaration.Request().wants("live")
    assert declaration.Request(only=("live-*",)).wants("live-grading")
    assert not declaration.Request(only=("live-*",)).wants("live")
