"""Asks the platform, the ledger and the outputs what a run wants to know; decides nothing but what to ask whom.

It asks twice: what can be asked at once, and what those answers lead to (policies of targets, logs of what fails).
"""

import dataclasses
import datetime
import functools
from collections.abc import Callable, Mapping
from typing import Any

from cloud_functions.daily_health_check import asking, declaration, gathered, leads, resources
from cloud_functions.daily_health_check.judges import outputs, services, spend
from shared import calendars, contract, errors
from shared.gcp import bigquery, control_plane, pubsub, storage
from shared.gcp import history as gcp_history

Given = contract.Run[declaration.Declared, declaration.Request]
Questions = dict[str, Callable[[], Any]]
FIRST_SHARE = 0.6
"""How much of the time is for what is asked first."""
LOG_SPAN = datetime.timedelta(hours=26)
BACKLOG_SPAN = datetime.timedelta(minutes=15)
RUN_SPAN = datetime.timedelta(days=35)
CALENDAR_BYTES = 100 * 1024**2
LABEL = "health"
NEEDED: Mapping[str, tuple[str, ...]] = {
    "jobs": ("jobs", "functions", "services", "attempts", "calendar", "policies", "lines"),
    "reporters": ("runs", "jobs"),
    "services": ("functions", "services", "records", "jobs", "subscriptions"),
    "subscriptions": ("subscriptions", "topics", "ages"),
    "invokers": ("jobs", "subscriptions", "functions", "services", "policies"),
    "outputs": ("contents", "calendar"),
    "pipeline": ("runs", "said"),
    "spend": ("spend", "calendar"),
    "alerts": ("runs", "said"),
}
"""Which sources each subject is judged by."""


def gather(given: Given, day: datetime.date, *, seconds: float) -> gathered.Gathered:
    """Return what was answered to everything that the wanted subjects need, within `seconds`."""
    wanted = {source for name, sources in NEEDED.items() if given.request.wants(name) for source in sources}
    plane = control_plane.connect(given.clients, endpoint=given.settings.control_plane, seconds=seconds)
    asked = {name: ask for name, ask in _first(given, plane, day).items() if name.partition("/")[0] in wanted}
    known = _known(asking.ask(asked, seconds=seconds * FIRST_SHARE))
    looks = leads.looks(known, given.clients.project, given.declared.health.regions, given.now)
    known = dataclasses.replace(known, looks=looks)
    more = {name: ask for name, ask in _second(given, plane, known, day).items() if name.partition("/")[0] in wanted}
    return _completed(known, asking.ask(more, seconds=seconds * (1 - FIRST_SHARE)))


def _first(given: Given, plane: control_plane.Plane, day: datetime.date) -> Questions:
    """Return what can be asked without knowing anything."""
    now, health = given.now, given.declared.health
    questions: Questions = {
        "functions": functools.partial(control_plane.functions, plane),
        "attempts": functools.partial(control_plane.failed_attempts, plane, first=now - LOG_SPAN, until=now),
        "subscriptions": functools.partial(pubsub.subscriptions, given.clients),
        "topics": functools.partial(pubsub.topics, given.clients),
        "ages": functools.partial(control_plane.backlog_ages, plane, first=now - BACKLOG_SPAN, until=now),
        "runs": functools.partial(_runs, given),
        "calendar": functools.partial(_calendar, given, day),
        "spend": functools.partial(_spend, given),
    }
    for region in health.regions:
        questions[f"jobs/{region}"] = functools.partial(control_plane.jobs, plane, region)
        questions[f"services/{region}"] = functools.partial(control_plane.services, plane, region)
    for output in health.outputs:
        questions[f"contents/{output.id}"] = functools.partial(_content, given, output, day)
    return questions


def _second(given: Given, plane: control_plane.Plane, known: gathered.Gathered, day: datetime.date) -> Questions:
    """Return what the first answers lead to."""
    project, health = given.clients.project, given.declared.health
    questions: Questions = {"said": functools.partial(_said, given, leads.runs(known, health.pipeline, day))}
    for name in leads.targets_of(known, project, health.regions):
        questions[f"policies/{name}"] = functools.partial(_policy, plane, name)
    for number, look in enumerate(known.looks):
        questions[f"lines/{number}"] = functools.partial(
            control_plane.lines, plane, look.services, first=look.first, until=look.until
        )
    for service in known.services.found:
        questions[f"records/{service.short}"] = functools.partial(_record, given, service.short)
    return questions


def _known(answers: asking.Answers) -> gathered.Gathered:
    """Return the first answers as values."""
    by_region = _below(answers, "jobs")
    jobs = [one for resources in by_region.values() if isinstance(resources, list) for one in resources]
    ages = answers.get("ages", gathered.NOT_ASKED)
    return gathered.Gathered(
        jobs=gathered.listed(by_region, "job", resources.job),
        bodies=gathered.bodies(jobs),
        functions=gathered.listed(_below(answers, "functions"), "function", resources.function),
        services=gathered.listed(_below(answers, "services"), "service", resources.service),
        attempts=gathered.read_all(answers.get("attempts", gathered.NOT_ASKED), resources.attempt),
        subscriptions=gathered.read_all(answers.get("subscriptions", gathered.NOT_ASKED), resources.subscription),
        topics=_or_error(answers.get("topics", gathered.NOT_ASKED), frozenset),
        ages=_or_error(ages, gathered.ages),
        runs=answers.get("runs", gathered.NOT_ASKED),
        calendar=answers.get("calendar", gathered.NOT_ASKED),
        contents=_below(answers, "contents"),
        spend=answers.get("spend", gathered.NOT_ASKED),
    )


def _completed(known: gathered.Gathered, answers: asking.Answers) -> gathered.Gathered:
    """Return everything, the second answers included."""
    looks = list(_below(answers, "lines").values())
    failed = next((one for one in looks if isinstance(one, errors.CloudError)), None)
    lines = failed or [line for look in looks for line in look]
    return dataclasses.replace(
        known,
        policies=_below(answers, "policies"),
        lines=gathered.read_all(lines, resources.line),
        said=answers.get("said", gathered.NOT_ASKED),
        records=_below(answers, "records"),
    )


def _below(answers: asking.Answers, source: str) -> dict[str, Any]:
    """Return the answers of one source by what stands behind the slash; a source without parts is its only one."""
    return {name.partition("/")[2] or source: one for name, one in answers.items() if name.partition("/")[0] == source}


def _or_error(answer: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return answer if isinstance(answer, errors.CloudError) else read(answer)
    except errors.Garbled as error:
        return error


def _policy(plane: control_plane.Plane, service: str) -> Any:
    return resources.policy(control_plane.policy(plane, service))


def _runs(given: Given) -> Any:
    dataset = given.settings.ops_dataset
    if not dataset:
        raise errors.NotFound("OPS_DATASET is not set, so that there is no ledger")
    return gcp_history.runs(given.clients, dataset, since=given.now - RUN_SPAN)


def _said(given: Given, runs: Any) -> Any:
    return gcp_history.said(given.clients, given.settings.ops_dataset or "", runs)


def _record(given: Given, service: str) -> services.Record:
    bucket, prefix = given.settings.ops_bucket, given.declared.health.services.records
    if not bucket:
        raise errors.NotFound("OPS_BUCKET is not set, so that there are no records of deployments")
    content, _ = storage.read(given.clients.storage, bucket, f"{prefix}{service}.json")
    return services.record(content)


def _content(given: Given, output: declaration.Output, day: datetime.date) -> bytes:
    content, _ = storage.read(given.clients.storage, output.bucket, outputs.of_day(output, day).object)
    return content


def _calendar(given: Given, day: datetime.date) -> calendars.Calendar:
    declared = given.declared.pipeline.calendar
    if declared is None:
        raise errors.NotFound("pipeline.yaml declares no calendar")
    first = day - datetime.timedelta(days=given.declared.health.spend.days)
    text, parameters = calendars.question(declared, project=given.clients.project, first=first, last=day)
    answer = bigquery.query(
        given.clients.bigquery, text, bytes_limit=CALENDAR_BYTES, label=LABEL, parameters=parameters
    )
    return calendars.read(declared, answer.rows)


def _spend(given: Given) -> Any:
    declared = given.declared.health.spend
    try:
        text, parameters = spend.question(given.clients.project, declared.location, days=declared.days, now=given.now)
    except errors.InvalidDeclaration as error:
        raise errors.Rejected(str(error)) from error
    answer = bigquery.query(
        given.clients.bigquery,
        text,
        bytes_limit=declared.bytes_limit,
        label=LABEL,
        location=declared.location,
        parameters=parameters,
    )
    return answer.rows
