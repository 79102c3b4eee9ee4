"""The health check's declaration: what ships is valid, what is left out has a default, and every mistake is told."""

import datetime
import json
from typing import Any

import jsonschema
import pytest
import yaml

from cloud_functions.daily_health_check import declaration, run
from shared import declarations, errors, settings, shapes

FOLDER = settings.ROOT / "cloud_functions" / "daily_health_check"
SHIPPED = FOLDER / declaration.NAME


def parsed(text: str) -> declaration.Health:
    """Return the declaration in a YAML text."""
    return declarations.parse(declaration.Health, text, source="health.yaml", environment={})


def mistakes(text: str) -> list[str]:
    """Return every mistake of a YAML text."""
    with pytest.raises(errors.InvalidDeclaration) as raised:
        parsed(text)
    return list(raised.value.problems)


def schema() -> Any:
    """Return the published schema."""
    return json.loads((FOLDER / "health.schema.json").read_text("utf-8"))


def test_shipped_declaration_is_valid() -> None:
    """It loads as the function loads it, with every function that stands beside it."""
    declared = run.declared(settings.read({}))

    assert declared.health.regions == ("us-west2",)
    assert [one.id for one in declared.health.outputs] == ["tonight", "live", "status"]
    assert set(declared.functions) >= {"bigquery_backup", "validation_runner", "alert_relay", "daily_health_check"}
    assert all(facts.schedules for facts in declared.functions.values())


def test_shipped_declaration_keeps_the_published_schema() -> None:
    """What ships is what an editor accepts, and a slip of the pen is not."""
    shipped = yaml.safe_load(SHIPPED.read_text("utf-8"))

    jsonschema.validate(shipped, schema())
    shipped["jobs"]["periodes"] = shipped["jobs"].pop("periods")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(shipped, schema())


def test_published_schema_is_that_of_the_declaration() -> None:
    """Editors complete what the parser accepts."""
    assert schema() == shapes.schema(declaration.Health, title="health.yaml")


def test_told_suites_are_those_that_there_are() -> None:
    """A suite that is told and that nobody declared would never be answered."""
    told = {one.suite for one in parsed(SHIPPED.read_text("utf-8")).pipeline}
    suites = {path.stem for path in (settings.ROOT / "cloud_functions/validation_runner/suites").glob("*.yaml")}

    assert told <= suites


def test_what_is_left_out_has_its_default() -> None:
    """Only the regions must be declared."""
    health = parsed("regions: [us-west2, us-east1]")

    assert health == declaration.Health(("us-west2", "us-east1"))
    assert (health.jobs.grace_minutes, health.jobs.periods, health.reporters.grace_minutes) == (30, 1.5, 45)
    assert (health.subscriptions.backlog_warn_minutes, health.subscriptions.backlog_fail_minutes) == (15, 120)
    assert (health.services.records, health.services.build_variables) == ("deployments/", ("BUILD_COMMIT",))
    assert (health.outputs, health.pipeline, health.gen1, health.seconds) == ((), (), {}, 60.0)


def test_a_part_that_is_declared_keeps_the_defaults_of_the_rest() -> None:
    """One limit may be set alone, and an output needs no more than what names it."""
    output = "{id: a, bucket: b, object: c, as_of: d}"
    health = parsed(f"regions: [r]\njobs: {{grace_minutes: 5, declared: [{{name: a}}]}}\noutputs: [{output}]")

    assert health.jobs == declaration.Jobs((declaration.Job("a"),), 1.5, 5)
    assert health.outputs == (declaration.Output("a", "b", "c", "d", None, None, 1440, "critical", None),)


def test_every_mistake_is_told_at_once() -> None:
    """With file, line and path; no mistake hides another."""
    text = """regions: []
jobs: {grace_minutes: 0, periods: half, declared: [{timeout: 9}]}
reporters: {grace: 45}
outputs:
  - {id: Tonight, bucket: b, object: c, as_of: d, severity: bad}
pipeline:
  - {suite: a, checks: []}
spend: {location: "US;", days: 2}
seconds: 0
"""
    found = mistakes(text)

    assert sorted(one.split(": ")[:2] for one in found) == [
        ["health.yaml:1", "regions"],
        ["health.yaml:2", "jobs.declared[0].name"],
        ["health.yaml:2", "jobs.grace_minutes"],
        ["health.yaml:2", "jobs.periods"],
        ["health.yaml:3", "reporters.grace"],
        ["health.yaml:5", "outputs[0].id"],
        ["health.yaml:5", "outputs[0].severity"],
        ["health.yaml:7", "pipeline[0].checks"],
        ["health.yaml:8", "spend.days"],
        ["health.yaml:8", "spend.location"],
        ["health.yaml:9", "seconds"],
    ]


def test_what_stands_twice_and_what_contradicts_is_told() -> None:
    """Names must be unique among jobs, outputs and suites; a backlog warns no later than it fails."""
    output = "{id: tonight, bucket: b, object: c, as_of: d}"
    found = mistakes(
        "regions: [r]\n"
        "jobs: {declared: [{name: a}, {name: b}, {name: a}]}\n"
        f"outputs: [{output}, {output}]\n"
        "pipeline: [{suite: s, checks: [x]}, {suite: s, checks: [y]}]\n"
        "subscriptions: {backlog_warn_minutes: 121}\n"
    )

    assert found == [
        "health.yaml:2: jobs: a stands there twice",
        "health.yaml:3: outputs: tonight stands there twice",
        "health.yaml:4: pipeline: s stands there twice",
        "health.yaml:5: subscriptions: backlog_warn_minutes lies above backlog_fail_minutes",
    ]
    assert parsed("regions: [r]\nsubscriptions: {backlog_warn_minutes: 120}").subscriptions.backlog_warn_minutes == 120


def test_a_declaration_without_regions_is_none() -> None:
    """Nothing would be looked at, and all would be well."""
    assert mistakes("seconds: 60") == ["health.yaml:1: regions: is missing"]


@pytest.mark.parametrize("subject", declaration.SUBJECTS)
def test_a_request_may_name_any_subject(subject: str) -> None:
    """It is wanted then, and no other; without a name all are."""
    asked = declaration.Request(only=(subject,))

    assert list(asked.problems()) == []
    assert [name for name in declaration.SUBJECTS if asked.wants(name)] == [subject]
    assert all(declaration.Request().wants(name) for name in declaration.SUBJECTS)


def test_a_request_for_what_is_none_is_refused() -> None:
    """Each slip of the pen is told, with the names that there are."""
    found = list(declaration.Request(day=datetime.date(2026, 2, 12), only=("job", "jobs", "")).problems())

    assert [field for field, _ in found] == ["only", "only"]
    assert found[0][1] == f"there is no subject 'job'; there are {', '.join(declaration.SUBJECTS)}"
