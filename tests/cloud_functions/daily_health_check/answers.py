"""What the demo platform answers to everything that a health check asks, with a ledger and outputs that are well."""

import dataclasses
import datetime
import json
from collections.abc import Mapping
from typing import Any

from cloud_functions.daily_health_check import declaration, gathered, leads, resources, snapshots
from cloud_functions.daily_health_check.doctor import schedules
from cloud_functions.daily_health_check.judges import services
from local.world import platform, platform_demo
from shared import calendars
from shared.gcp import control_plane
from shared.statuses import Status
from tests.browser import newsroom
from tests.cloud_functions.daily_health_check import published
from tests.contract.control_plane import tools

NOW = tools.NOW
TODAY = datetime.date(2026, 2, 12)
DAY = datetime.timedelta(days=1)
REGIONS = (platform.REGION,)
TOLD: Mapping[str, tuple[str, ...]] = {
    "jobs": ("jobs", "invokers"),
    "functions": ("services", "invokers"),
    "services": ("services", "invokers"),
    "attempts": ("jobs",),
    "calendar": ("outputs",),
    "policies": ("invokers",),
    "lines": ("jobs",),
    "runs": ("reporters", "pipeline", "alerts"),
    "records": ("services",),
    "subscriptions": ("subscriptions", "invokers"),
    "topics": ("subscriptions",),
    "ages": ("subscriptions",),
    "contents": ("outputs",),
    "said": ("pipeline", "alerts"),
    "spend": ("spend",),
}
"""By source, the subjects that tell of it when it does not answer, each of them also when asked for alone."""


def answered(plane: control_plane.Plane, declared: declaration.Declared) -> gathered.Gathered:
    """Return the answers of the control planes, in two steps as a run asks, and all others as they are when well."""
    known = dataclasses.replace(first(plane, declared), **ledger(declared))
    policies = {
        name: resources.policy(control_plane.policy(plane, name))
        for name in leads.targets_of(known, platform.PROJECT, REGIONS)
    }
    looks = leads.looks(known, platform.PROJECT, REGIONS, NOW)
    lines = [
        entry
        for look in looks
        for entry in control_plane.lines(plane, look.services, first=look.first, until=look.until)
    ]
    return dataclasses.replace(known, policies=policies, looks=looks, lines=gathered.read_all(lines, resources.line))


def first(plane: control_plane.Plane, declared: declaration.Declared) -> gathered.Gathered:
    """Return the answers to what can be asked without knowing anything."""
    jobs = control_plane.jobs(plane, platform.REGION)
    run = {platform.REGION: control_plane.services(plane, platform.REGION)}
    calendar = declared.pipeline.calendar
    assert calendar
    return gathered.Gathered(
        jobs=gathered.listed({platform.REGION: jobs}, "job", resources.job),
        bodies=gathered.bodies(jobs),
        functions=gathered.listed({"functions": control_plane.functions(plane)}, "function", resources.function),
        services=gathered.listed(run, "service", resources.service),
        attempts=gathered.read_all(tools.ASKS["logging"](plane), resources.attempt),
        subscriptions=tuple(subscription(one) for one in platform_demo.SUBSCRIPTIONS),
        topics=frozenset(topic(one) for one in platform_demo.SUBSCRIPTIONS),
        ages=gathered.ages(tools.ASKS["monitoring"](plane)),
        calendar=calendars.Calendar(
            calendar, {TODAY + number * DAY: calendars.Day(8, 8, 8) for number in range(-30, 15)}
        ),
        contents=contents(declared),
        records={name: services.record(text) for name, text in platform_demo.records().items()},
        spend=tuple(
            {"day_number": number, "jobs": 9, "failed": 0, "bytes": 9, "top_bytes": 9, "top_user": "a"}
            for number in range(15)
        ),
    )


def topic(one: platform.Subscription) -> str:
    """Return the full name of a subscription's topic."""
    return f"projects/{platform.PROJECT}/topics/{one.topic}"


def subscription(one: platform.Subscription) -> snapshots.Subscription:
    """Return a subscription of the demo as Pub/Sub tells it."""
    name = f"projects/{platform.PROJECT}/subscriptions/{one.name}"
    return snapshots.Subscription(
        name, topic(one), one.endpoint, one.account, one.audience, filter="", dead_letter=None, detached=False
    )


def contents(declared: declaration.Declared) -> dict[str, bytes]:
    """Return the documents that the demo publishes, by the id of their outputs."""
    documents = published.documents(NOW)
    return {one.id: json.dumps(documents[one.object]).encode() for one in declared.health.outputs}


def ledger(declared: declaration.Declared) -> dict[str, Any]:
    """Return a run at the last tick of each schedule, all well, and what the suites said in theirs."""
    runs = {}
    for name, facts in declared.functions.items():
        for one in facts.schedules:
            at = schedules.previous(one.cron, one.time_zone, NOW)
            more: dict[str, Any] = {"started_at": at, "run_id": one.name, "day": TODAY, "request": one.body}
            runs[one.name] = newsroom.run(name, one.body.get("suite"), **more)
    by_suite = {run.scope: run for run in runs.values()}
    said = (
        newsroom.said(by_suite[told.suite], f"{told.suite}.{pattern.replace('*', 'x')}", Status.PASS)
        for told in declared.health.pipeline
        for pattern in told.checks
    )
    return {"runs": tuple(runs.values()), "said": tuple(said)}
