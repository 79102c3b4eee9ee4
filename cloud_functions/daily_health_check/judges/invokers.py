"""Whether every account that calls a service may: the pairs are discovered from jobs and push endpoints; pure."""

import collections
import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import identity, targets
from cloud_functions.daily_health_check.judges import sources
from shared import errors
from shared.report import Finding
from shared.statuses import Status

KIND = "invoker"
REASONS = frozenset(
    {"healthy", "public", "no_invoker", "conditional", "unverifiable", "target_gone", "gen1", "google", "external"}
)
"""The reasons of kind `invoker`, beside those of a source that did not answer."""
INVOKER = "roles/run.invoker"
PREDEFINED = "roles/"
EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
NAMED = 5
"""How many callers the evidence names."""
ELSEWHERE = {
    "gen1": ("gen1", "a first-generation function, told as a leftover"),
    "google": ("google", "an API of Google, which takes no identity token"),
    "foreign": ("external", "a service of another project, whose policy is not ours to read"),
    "external": ("external", "a host outside of Cloud Run"),
}
Policies = Mapping[str, tuple[snapshots.Binding, ...] | errors.CloudError]


@dataclasses.dataclass(frozen=True)
class _Caller:
    """A job or push subscription; works: how its last attempt ended, None when that is not known."""

    name: str
    account: str
    uri: str
    works: bool | None


@dataclasses.dataclass(frozen=True)
class _Pair:
    """An account, where its calls lead, and every caller that calls there as this account."""

    subject: str
    account: str
    target: targets.Target
    callers: tuple[_Caller, ...]

    @property
    def service(self) -> snapshots.Service | None:
        """The service that is called; None when it is none of ours, or not there."""
        return self.target.service

    @property
    def works(self) -> bool:
        """Whether all of the callers whose last attempt is known succeeded, and one is known."""
        known = [one.works for one in self.callers if one.works is not None]
        return bool(known) and all(known)


def findings(  # noqa: PLR0913 - what is called by whom, what there is to be called, and who may
    subscriptions: Sequence[snapshots.Subscription] | errors.CloudError,
    jobs: Sequence[snapshots.Job] | errors.CloudError,
    *,
    services: Sequence[snapshots.Service] | errors.CloudError,
    functions: Sequence[snapshots.Function] | errors.CloudError,
    policies: Policies,
    project: str,
    regions: Sequence[str] = (),
    whole: bool = True,
) -> tuple[Finding, ...]:
    """Return one finding for each account and service that it calls.

    Each source may be the error that it answered with, which becomes one finding; so does each policy. policies: by a
    service's full name. regions: where services and functions were looked for; everywhere when there are none. whole:
    whether these are all that are there; else no target is gone.
    """
    found = sources.broken(
        KIND,
        ("subscriptions", subscriptions, "roles/pubsub.viewer"),
        ("jobs", jobs, "roles/cloudscheduler.viewer"),
        ("services", services, "roles/run.viewer"),
        ("functions", functions, "roles/cloudfunctions.viewer"),
    )
    listed = None if isinstance(services, errors.CloudError) else services
    known = None if isinstance(functions, errors.CloudError) else functions
    resolve = functools.partial(targets.resolve, project=project, functions=known, services=listed, regions=regions)
    named = sources.subjects(listed or ())
    pairs = _pairs([*_pushes(subscriptions), *_jobs(jobs)], resolve, named=named)
    return (*found, *_unread(pairs, policies), *_each(pairs, policies, project=project, whole=whole))


def _pushes(subscriptions: Sequence[snapshots.Subscription] | errors.CloudError) -> Iterator[_Caller]:
    for one in () if isinstance(subscriptions, errors.CloudError) else subscriptions:
        if one.endpoint and one.account:
            yield _Caller(one.short, one.account, one.endpoint, works=None)


def _jobs(jobs: Sequence[snapshots.Job] | errors.CloudError) -> Iterator[_Caller]:
    for one in () if isinstance(jobs, errors.CloudError) else jobs:
        if one.uri and one.oidc:
            works = None if one.last_attempt is None else not one.code
            yield _Caller(one.short, one.oidc, one.uri, works=works)


def _pairs(
    callers: Iterable[_Caller], resolve: Callable[[str], targets.Target], *, named: Mapping[str, str]
) -> list[_Pair]:
    """Return the pairs by subject, given by full name what a finding calls each service."""
    groups: dict[str, list[tuple[targets.Target, _Caller]]] = collections.defaultdict(list)
    for one in callers:
        target = resolve(one.uri)
        groups[f"{_label(target, named)}/{one.account}"].append((target, one))
    return [
        _Pair(subject, leads[0][1].account, leads[0][0], tuple(one for _, one in leads))
        for subject, leads in sorted(groups.items())
    ]


def _label(target: targets.Target, named: Mapping[str, str]) -> str:
    """Return what a finding calls a target: a service by its name, and all else so that it cannot be taken for one."""
    if target.service:
        return named.get(target.service.name, target.service.short)
    shared = target.host.endswith(targets.FUNCTIONS)
    return f"{target.host}/{target.name}" if shared and target.name else target.host


def _unread(pairs: Iterable[_Pair], policies: Policies) -> Iterator[Finding]:
    """Yield one finding for each service that is called and whose policy could not be read."""
    called = {pair.service.name: pair.subject.removesuffix(f"/{pair.account}") for pair in pairs if pair.service}
    for name, subject in called.items():
        policy = policies.get(name)
        if isinstance(policy, errors.CloudError):
            yield sources.unasked(KIND, subject, error=policy, role="roles/run.viewer")


def _each(pairs: Iterable[_Pair], policies: Policies, *, project: str, whole: bool) -> Iterator[Finding]:
    for pair in pairs:
        if pair.service is None:
            yield _elsewhere(pair, whole=whole)
            continue
        policy = policies.get(pair.service.name)
        if policy is None:
            message = "the policy of the service was not read"
            yield _finding(pair, Status.UNKNOWN, "unverifiable", message)
        elif not isinstance(policy, errors.CloudError):
            yield _judged(pair, pair.service, policy, project=project)


def _elsewhere(pair: _Pair, *, whole: bool) -> Finding:
    """Return what a call comes to that leads to no service of ours."""
    kind, host = pair.target.kind, pair.target.host
    if kind in ELSEWHERE:
        reason, message = ELSEWHERE[kind]
        return _finding(pair, Status.SKIP, reason, f"{host} is {message}", severity="info")
    if kind == "unasked" or pair.works or not whole:
        message = f"what answers at {host} is not among the services that could be listed"
        return _finding(pair, Status.UNKNOWN, "unverifiable", message, fix="see that all regions are declared")
    message = f"nothing of this project answers at {host}"
    fix = "point the callers at the service that took its place, or delete them"
    return _finding(pair, Status.FAIL, "target_gone", message, fix=fix)


def _judged(pair: _Pair, service: snapshots.Service, policy: Sequence[snapshots.Binding], *, project: str) -> Finding:
    """Return whether a service's own policy lets an account call it; a role and its member stand in one binding."""
    can = [one for one in policy if one.role in identity.INVOKERS]
    always = {member for one in can if not one.condition for member in one.members}
    if always & EVERYBODY:
        return _public(pair, service, sorted(always & EVERYBODY), project=project)
    if _member(pair) in always:
        return _finding(pair, Status.PASS, "healthy", "may call the service")
    conditions = [one.condition for one in can if one.condition and _member(pair) in one.members]
    if conditions:
        message = f"may call the service only when {conditions[0]}"
        return _finding(pair, Status.UNKNOWN, "conditional", message, observed=conditions[0], expected="no condition")
    unclear = [*_groups(can), *_custom(pair, policy)]
    if unclear:
        message = f"whether it may call the service depends on {', '.join(unclear)}"
        return _finding(
            pair, Status.UNKNOWN, "unverifiable", message, expected=INVOKER, fix=_grant(pair, service, project)
        )
    return _refused(pair, service, policy, project=project)


def _refused(pair: _Pair, service: snapshots.Service, policy: Sequence[snapshots.Binding], *, project: str) -> Finding:
    roles = sorted({one.role for one in policy if _member(pair) in one.members})
    message = "has no right of its own to call the service"
    works = "; the calls succeed, so the right comes from the project, and goes with it"
    return _finding(
        pair,
        Status.WARN if pair.works else Status.FAIL,
        "no_invoker",
        message + (works if pair.works else ": its calls are refused"),
        observed=", ".join(roles) or "no role on the service",
        expected=INVOKER,
        fix=_grant(pair, service, project),
    )


def _public(pair: _Pair, service: snapshots.Service, who: Sequence[str], *, project: str) -> Finding:
    words = ("run", "services", "remove-iam-policy-binding", service.short, *_where(service, project))
    remove = [sources.gcloud(*words, f"--member={one}", f"--role={INVOKER}") for one in who]
    return _finding(
        pair,
        Status.WARN,
        "public",
        f"may call the service, as may {' and '.join(who)}",
        observed=", ".join(who),
        expected=_member(pair),
        fix="; ".join((_grant(pair, service, project), *remove)),
    )


def _groups(bindings: Iterable[snapshots.Binding]) -> list[str]:
    return sorted({member for one in bindings for member in one.members if member.startswith(identity.MANY)})


def _custom(pair: _Pair, policy: Iterable[snapshots.Binding]) -> list[str]:
    """Return the account's roles that are not predefined: what they hold, the policy does not tell."""
    return [one.role for one in policy if not one.role.startswith(PREDEFINED) and _member(pair) in one.members]


def _member(pair: _Pair) -> str:
    return f"serviceAccount:{pair.account}"


def _where(service: snapshots.Service, project: str) -> tuple[str, str]:
    return f"--region={service.region}", f"--project={project}"


def _grant(pair: _Pair, service: snapshots.Service, project: str) -> str:
    words = ("run", "services", "add-iam-policy-binding", service.short, *_where(service, project))
    return sources.gcloud(*words, f"--member={_member(pair)}", f"--role={INVOKER}")


def _finding(pair: _Pair, status: Status, reason: str, message: str, **details: Any) -> Finding:
    names = [one.name for one in pair.callers]
    evidence = {"callers": names[:NAMED], "number": len(names), "account": pair.account}
    return Finding(pair.subject, KIND, status, reason, message, evidence=evidence, **details)
