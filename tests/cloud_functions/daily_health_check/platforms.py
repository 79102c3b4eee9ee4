"""What the platform tells of itself when all is well, as values for tests to change."""

import datetime
from typing import Any

from cloud_functions.daily_health_check import snapshots

NOW = datetime.datetime(2026, 2, 12, 13, 0, tzinfo=datetime.UTC)
PROJECT, NUMBER, REGION = "demo", "123456789012", "us-west2"
ACCOUNT = f"caller@{PROJECT}.iam.gserviceaccount.com"
DIGEST = "sha256:" + "a" * 64


def service(name: str = "grader", **changes: Any) -> snapshots.Service:
    """Return a service whose newest revision is ready and serves everything."""
    region = changes.pop("region", REGION)
    revision = f"{name}-00002-new"
    told: dict[str, Any] = {
        "name": f"projects/{PROJECT}/locations/{region}/services/{name}",
        "uri": f"https://{name}-{NUMBER}.{region}.run.app",
        "urls": (f"https://{name}-{NUMBER}.{region}.run.app",),
        "state": "CONDITION_SUCCEEDED",
        "problem": None,
        "created_revision": revision,
        "ready_revision": revision,
        "traffic": (snapshots.Share(revision, 100, latest=True),),
        "image": f"{region}-docker.pkg.dev/{PROJECT}/images/{name}@{DIGEST}",
        "environment": {"BUILD_COMMIT": "0123456789abcdef"},
        "labels": {},
        "template_labels": {},
        "timeout": 300.0,
    }
    return snapshots.Service(**(told | changes))


def function(name: str = "grader", **changes: Any) -> snapshots.Function:
    """Return an active second-generation function over the service of its name."""
    told: dict[str, Any] = {
        "name": f"projects/{PROJECT}/locations/{REGION}/functions/{name}",
        "environment": "GEN_2",
        "state": "ACTIVE",
        "url": f"https://{REGION}-{PROJECT}.cloudfunctions.net/{name}",
        "uri": f"https://{name}-{NUMBER}.{REGION}.run.app",
        "service": f"projects/{PROJECT}/locations/{REGION}/services/{name}",
        "revision": f"{name}-00002-new",
        "build": None,
        "timeout": 300.0,
        "updated": NOW,
        "labels": {},
    }
    return snapshots.Function(**(told | changes))


def gen1(name: str, **changes: Any) -> snapshots.Function:
    """Return an active first-generation function."""
    bare: dict[str, Any] = {"environment": "GEN_1", "uri": None, "service": None, "revision": None}
    return function(name, **(bare | changes))


def job(name: str = "grade-daily", **changes: Any) -> snapshots.Job:
    """Return a job that calls the service `grader` as an account, and whose last attempt succeeded."""
    told: dict[str, Any] = {
        "name": f"projects/{PROJECT}/locations/{REGION}/jobs/{name}",
        "state": "ENABLED",
        "schedule": "0 8 * * *",
        "time_zone": "America/New_York",
        "target": "http",
        "uri": f"{service().uri}/run",
        "topic": None,
        "method": "POST",
        "oidc": ACCOUNT,
        "audience": service().uri,
        "oauth": None,
        "deadline": 300.0,
        "retries": 0,
        "code": None,
        "message": None,
        "last_attempt": NOW,
        "next_run": NOW,
        "updated": NOW,
    }
    return snapshots.Job(**(told | changes))


def subscription(name: str = "grader-push", **changes: Any) -> snapshots.Subscription:
    """Return a push subscription of the topic `picks` to the service `grader`, as an account."""
    told: dict[str, Any] = {
        "name": f"projects/{PROJECT}/subscriptions/{name}",
        "topic": topic("picks"),
        "endpoint": f"{service().uri}/push",
        "account": ACCOUNT,
        "audience": None,
        "filter": "",
        "dead_letter": None,
        "detached": False,
    }
    return snapshots.Subscription(**(told | changes))


def topic(name: str) -> str:
    """Return the full name of a topic."""
    return f"projects/{PROJECT}/topics/{name}"
