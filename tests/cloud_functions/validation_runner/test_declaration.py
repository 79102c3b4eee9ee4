"""The suites that ship, the schema that is published beside them, and what a caller may ask."""

import datetime
import json
import zoneinfo

import jsonschema
import pytest
import yaml

from cloud_functions.validation_runner import declaration, run
from deploy import manifest
from shared import gamedays, pipeline, settings, shapes
from shared.checks import planning, suites

SHIPPED = settings.ROOT / "cloud_functions" / "validation_runner"
NAMES = ("grading", "models", "post_game", "post_overnight", "pre_game")


def test_shipped_suites_are_valid() -> None:
    """Five suites, each with a sentence, every check with an id of its own."""
    loaded = run.load_all(run.declared(settings.read({})))

    assert tuple(loaded) == NAMES
    for suite in loaded.values():
        ids = [check.id for check in planning.bound(suite)]
        assert suite.summary
        assert len(ids) == len(set(ids)) >= 5


def test_published_schemas_are_those_of_the_declarations() -> None:
    """Editors complete what the parser accepts: the files beside the YAML are generated from the dataclasses."""
    suite = json.loads((SHIPPED / "suite.schema.json").read_text("utf-8"))
    agreed = json.loads((settings.ROOT / "shared" / "pipeline.schema.json").read_text("utf-8"))

    assert suite == shapes.schema(suites.Suite, title="suites/*.yaml of validation_runner")
    assert agreed == shapes.schema(pipeline.Pipeline, title="pipeline.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_shipped_suites_keep_the_published_schema(name: str) -> None:
    """What ships is what an editor accepts, and a key of another kind is not."""
    schema = json.loads((SHIPPED / "suite.schema.json").read_text("utf-8"))
    declared = yaml.safe_load((SHIPPED / "suites" / f"{name}.yaml").read_text("utf-8"))

    jsonschema.validate(declared, schema)
    table = next(iter(declared["tables"].values()))
    table["checks"][0]["champion"] = table["checks"][0].pop("kind")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(declared, schema)


def test_every_suite_has_a_schedule_and_every_schedule_its_suite() -> None:
    """A suite that nobody calls checks nothing; a job that calls none is an error every day."""
    schedules = manifest.read("validation_runner", root=settings.ROOT).schedules

    assert {one.body["suite"] for one in schedules} == set(NAMES)
    assert all(set(one.body) == {"suite"} for one in schedules)


def ticks() -> list[tuple[str, datetime.datetime]]:
    """Return the suite and the instant of every tick of the Scheduler on 12 February."""
    found = []
    for one in manifest.read("validation_runner", root=settings.ROOT).schedules:
        minute, hours, *_ = one.cron.split()
        zone = zoneinfo.ZoneInfo(one.time_zone)
        found += [
            (one.body["suite"], datetime.datetime(2026, 2, 12, int(hour), int(minute), tzinfo=zone))
            for hour in hours.split(",")
        ]
    return found


@pytest.mark.parametrize(("name", "tick"), ticks())
def test_no_check_is_always_too_early(name: str, tick: datetime.datetime) -> None:
    """At each hour that a suite is called, every check of it is due: one that never is could never fail."""
    agreed = run.declared(settings.read({}))
    game_day = agreed.pipeline.game_day
    suite = run.load(agreed.suites[name])
    asked = planning.Asked(name, suite, gamedays.of(tick, game_day), tick, tick, game_day)

    assert [check.id for check in planning.bound(suite) if planning.not_due(asked, check)] == []


def test_a_request_says_what_it_wants() -> None:
    """Patterns choose checks by `<table>.<check>`; without any, all are wanted."""
    assert declaration.Request(suite="a").wants("t.c")
    assert declaration.Request(suite="a", only=("t.*",)).wants("t.c")
    assert not declaration.Request(suite="a", only=("u.*", "t.d")).wants("t.c")


def test_a_list_and_a_plan_change_nothing() -> None:
    """Only a run needs a lease."""
    day = datetime.date(2026, 2, 12)

    assert declaration.Request().reads_only
    assert declaration.Request(suite="a", plan=True, day=day).reads_only
    assert not declaration.Request(suite="a").reads_only
