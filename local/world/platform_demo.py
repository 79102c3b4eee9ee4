"""The demo platform put together: the pipeline, Pressbox's own functions as they are declared, and the troubles.

It has 110 jobs, whatever the number of ours: 7 that fail, those of our functions, and the pipeline's up to that number.
"""

import contextlib
import dataclasses
from collections.abc import Mapping
from typing import Any

from google.api_core import exceptions

from local import catalogue
from local.world import platform, platform_pipeline, platform_troubles
from shared import deployment

JOBS = 110
# The one function of ours that Pub/Sub calls too.
PUSHED_TO = "alert_relay"

SUBSCRIPTIONS = platform_pipeline.subscriptions()
"""The 17 push subscriptions."""


def build(functions: Mapping[str, deployment.Function] | None = None) -> platform.Platform:
    """Return the demo platform, given the deploy facts of our functions, by default those of this repository."""
    known = catalogue.functions() if functions is None else functions
    # While a function of the first generation holds a name, none of ours can be deployed under it.
    ours = {name: facts for name, facts in known.items() if _service_name(name) not in platform_pipeline.GEN1}
    own = {one.name: one for one in (_service(name, facts) for name, facts in ours.items())}
    services = {one.name: one for one in platform_pipeline.services()} | own
    first = (*platform_troubles.JOBS, *(_job(name, one) for name, facts in ours.items() for one in facts.schedules))
    taken = {one.name for one in first}
    # A service that we took over from the pipeline is called by our jobs only.
    filling = [one for one in platform_pipeline.jobs() if one.name not in taken and one.service not in own]
    return platform.Platform(
        services=tuple(
            dataclasses.replace(services[name], problem=platform_troubles.PROBLEMS.get(name, ""))
            for name in sorted(services)
        ),
        jobs=tuple(sorted((*first, *filling)[:JOBS], key=lambda one: one.name)),
        gen1=platform_pipeline.GEN1,
        subscriptions=SUBSCRIPTIONS,
        ages={one.name: int(platform.digest(one.name)[:2], 16) % 20 for one in SUBSCRIPTIONS},
    )


def records() -> dict[str, bytes]:
    """Return by service what its deployment wrote down of it, as a JSON document each, for the demo platform."""
    return platform.records(build())


def make_subscriptions(publisher: Any, subscriber: Any, project: str) -> None:
    """Create the topics and push subscriptions in a project, given the official clients; raise AlreadyExists."""
    for one in SUBSCRIPTIONS:
        topic = publisher.topic_path(project, one.topic)
        with contextlib.suppress(exceptions.AlreadyExists):  # a function of ours publishes to it too
            publisher.create_topic(request={"name": topic})
        push = {
            "push_endpoint": one.endpoint,
            "oidc_token": {"service_account_email": one.account, "audience": one.audience},
        }
        name = subscriber.subscription_path(project, one.name)
        subscriber.create_subscription(request={"name": name, "topic": topic, "push_config": push})


def _service_name(function: str) -> str:
    return function.replace("_", "-")


def _service(name: str, facts: deployment.Function) -> platform.Service:
    return platform.Service(
        _service_name(name),
        timeout=facts.timeout,
        account=facts.account,
        function=name,
        environment=facts.env,
        memory=facts.memory,
        invokers=(platform.SCHEDULER, *((platform.INVOKER,) if name == PUSHED_TO else ())),
    )


def _job(name: str, schedule: deployment.Schedule) -> platform.Job:
    return platform.Job(
        schedule.name,
        schedule.cron,
        _service_name(name),
        body=schedule.body,
        time_zone=schedule.time_zone,
        deadline=schedule.deadline,
        retries=2,
        account=platform.SCHEDULER,
    )
