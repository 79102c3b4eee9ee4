"""What the judges of the platform share: what a source without an answer comes to, and what things are called; pure."""

import collections
import shlex
from collections.abc import Iterable, Sequence

from cloud_functions.daily_health_check import snapshots
from shared import errors, statuses
from shared.report import Finding
from shared.statuses import Status

REASONS = {"access_denied": "api_denied", "unavailable": "api_timeout"}
"""By an error's code, the reason where it is not the code itself."""


def unasked(kind: str, subject: str, *, error: errors.CloudError, role: str) -> Finding:
    """Return that a source could not be asked, which is never healthy, given the role that asking takes."""
    denied = isinstance(error, errors.AccessDenied)
    fix = f"grant the function's account {role}" if denied else "run again; if it stays, read the message"
    return Finding(subject, kind, Status.ERROR, REASONS.get(error.code, error.code), str(error), fix=fix)


def broken(kind: str, *asked: tuple[str, object, str]) -> list[Finding]:
    """Return one finding for each source that answered with an error, given each as (name, answer, role)."""
    return [
        unasked(kind, name, error=answer, role=role)
        for name, answer, role in asked
        if isinstance(answer, errors.CloudError)
    ]


def worst(findings: Iterable[Finding]) -> Finding:
    """Return the worst of the findings on one subject, at least one; of those that are equally bad the first."""
    return min(findings, key=lambda one: statuses.ORDER.index(one.status))


def subjects(resources: Sequence[snapshots.Service] | Sequence[snapshots.Function]) -> dict[str, str]:
    """Return by full name what a finding calls each resource: its short name, with the region where two share it."""
    shorts = collections.Counter(one.short for one in resources)
    return {one.name: one.short if shorts[one.short] == 1 else f"{one.region}/{one.short}" for one in resources}


def place(name: str) -> str:
    """Return the full name of a service without its project, which one API tells by id and another by number."""
    return name.split("/", 2)[-1]


def gcloud(*words: str) -> str:
    """Return a command of gcloud for a shell, each word quoted where it must be."""
    return shlex.join(("gcloud", *words))
