"""The commands that mend a job, a service or a function, every value quoted for the shell; pure."""

import datetime
import shlex

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import targets
from shared import report

_KINDS = {"http": "http", "pubsub": "pubsub", "app_engine": "app-engine"}
RETRIES = {"max_retry_attempts": 2, "min_backoff": "60s"}
"""Two retries a minute apart outlast a missing instance."""


def scheduler(job: snapshots.Job, verb: str, **flags: object) -> str:
    """Return a command on a job, such as resume or describe."""
    return command(f"gcloud scheduler jobs {verb}", job.short, location=job.region, **flags, project=_project(job.name))


def update(job: snapshots.Job, **flags: object) -> str:
    """Return the command that changes a job, whatever its target is."""
    return scheduler(job, f"update {_KINDS[job.target]}", **flags)


def service(target: targets.Target, verb: str, project: str, **flags: object) -> str:
    """Return a command on the Cloud Run service of a target, such as update or describe."""
    name = service_name(target) or "SERVICE"
    return command(f"gcloud run services {verb}", name, region=target.region or "REGION", **flags, project=project)


def logs(
    target: targets.Target,
    project: str,
    *,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
) -> str:
    """Return the command that reads what a target's code and platform wrote, between two instants where given."""
    if target.kind == "gen1":
        region, name = target.region or "REGION", target.name or "FUNCTION"
        span = {"start_time": report.iso(since), "end_time": report.iso(until)} if since and until else {"limit": "50"}
        return command("gcloud functions logs read", name, region=region, **span, project=project)
    between = f'timestamp>="{report.iso(since)}" AND timestamp<="{report.iso(until)}"' if since and until else None
    span = {"log_filter": between} if between else {"limit": "50"}
    return service(target, "logs read", project, **span)


def grant(target: targets.Target, project: str, account: str) -> str:
    """Return the command that lets an account call a service."""
    member = f"serviceAccount:{account}"
    return service(target, "add-iam-policy-binding", project, member=member, role="roles/run.invoker")


def migration(job: snapshots.Job, target: targets.Target, project: str) -> str:
    """Return the steps that put a second-generation function in the place of one of the first, without a gap."""
    name, region = target.name or "FUNCTION", target.region or "REGION"
    copy = f"{name}-v2"
    place = {"region": region, "project": project}
    deploy = command("gcloud functions deploy", copy, source=".", trigger_http=None, gen2=None, **place)
    repoint = update(job, uri="NEW_URL", **identity(job.oidc, "NEW_URL"))
    delete = command("gcloud functions delete", name, no_gen2=None, **place)
    return (
        f"blue-green migration to Gen2: 1. {deploy}; 2. smoke-test it: "
        f"{command('gcloud functions call', copy, gen2=None, **place)}; 3. repoint the job: {repoint}; "
        f"4. {scheduler(job, 'run')} and watch one run; 5. {delete}"
    )


def identity(account: str | None, audience: str) -> dict[str, str]:
    """Return the flags that let a job send an identity token of an account for an audience."""
    return {"oidc_service_account_email": account or "ACCOUNT", "oidc_token_audience": audience}


def service_name(target: targets.Target) -> str | None:
    """Return the name of the Cloud Run service of a target, which its log lines carry too."""
    if target.service:
        return target.service.short
    if target.function and target.function.service:
        return target.function.service.rsplit("/", 1)[-1]
    return target.name


def command(verb: str, name: str | None, **flags: object) -> str:
    """Return a command with its argument, if it has one, and its flags; a flag that is None has no value."""
    parts = [verb] if name is None else [verb, shlex.quote(name)]
    for flag, value in flags.items():
        option = "--" + flag.replace("_", "-")
        parts.append(option if value is None else f"{option}={shlex.quote(str(value))}")
    return " ".join(parts)


def _project(name: str) -> str:
    parts = name.split("/")
    return parts[1] if len(parts) > 1 and parts[0] == "projects" else "PROJECT"
