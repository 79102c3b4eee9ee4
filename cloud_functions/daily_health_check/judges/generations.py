"""Whether the functions are well by their own API, and which of them are of the first generation; pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.judges import sources
from shared.report import Finding
from shared.statuses import Status

KIND, SERVICE = "function", "service"
"""First-generation functions are findings of their own; a second-generation function is told as its service."""
FIRST, SECOND = "GEN_1", "GEN_2"
CHANGING = ("DEPLOYING", "DELETING", "DETACHING")
USE = {
    True: "something still calls it",
    False: "no job and no push endpoint calls it",
    None: "whether something still calls it could not be asked",
}


def leftovers(
    functions: Sequence[snapshots.Function], *, gen1: Mapping[str, str], used: frozenset[str] | None
) -> Iterator[Finding]:
    """Yield one finding for each first-generation function, and for each name in `gen1` of which none is left.

    gen1: what was declared to become of each, by name. used: the names of those that something still calls;
    None when the callers could not all be asked.
    """
    left = [one for one in functions if one.environment == FIRST]
    named = sources.subjects(left)
    for function in left:
        called = None if used is None else function.short in used
        yield _leftover(function, named[function.name], plan=gen1.get(function.short), called=called)
    for name in sorted(gen1.keys() - {one.short for one in left}):
        message = "no first-generation function of this name is left: take it out of gen1"
        yield Finding(name, KIND, Status.PASS, "healthy", message)


def _leftover(function: snapshots.Function, subject: str, *, plan: str | None, called: bool | None) -> Finding:
    use = USE[called]
    return Finding(
        subject=subject,
        kind=KIND,
        status=Status.FAIL if called else Status.WARN,
        reason="gen1",
        message=f"is of the first generation; {use}; declared: {plan or 'nothing'}",
        observed=function.environment,
        expected=SECOND,
        evidence={"state": function.state, "url": function.url},
        fix=migration(function, called=called is not False),
    )


def migration(function: snapshots.Function, *, called: bool) -> str:
    """Return the steps from a first-generation function to a second-generation one, the deletion last."""
    name, region = function.short, f"--region={function.region}"
    new = f"{name}-v2"
    grant = ("run", "services", "add-iam-policy-binding", new, region)
    repoint = ("scheduler", "jobs", "update", "http", "JOB", f"--location={function.region}")
    steps = (
        f"{sources.gcloud('functions', 'describe', name, region)}, since variables and secrets are not copied",
        f"{sources.gcloud('functions', 'deploy', new, '--gen2', region, '--no-allow-unauthenticated')} --source=SOURCE",
        'curl -H "Authorization: Bearer $(gcloud auth print-identity-token)" "URL?probe=1"',
        sources.gcloud(*grant, "--member=serviceAccount:ACCOUNT", "--role=roles/run.invoker"),
        sources.gcloud(*repoint, "--uri=URL", "--oidc-service-account-email=ACCOUNT", "--oidc-token-audience=URL"),
        f"{sources.gcloud('scheduler', 'jobs', 'run', 'JOB', f'--location={function.region}')}, and watch that run",
        f"only then {sources.gcloud('functions', 'delete', name, region)}",
    )
    plan = "; ".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))
    unused = "" if called else "if its log shows no caller either, the last step is enough; else "
    return f"{unused}put a copy beside it: {plan} (gcloud upgrades in place by alpha commands only)"


def state(function: snapshots.Function, subject: str) -> Finding | None:
    """Return what is wrong with a second-generation function by its own state; None when it is active."""
    if function.state == "ACTIVE":
        return None
    changing, unsaid = function.state in CHANGING, function.state == "STATE_UNSPECIFIED"
    return Finding(
        subject=subject,
        kind=SERVICE,
        status=Status.WARN if changing else Status.UNKNOWN if unsaid else Status.FAIL,
        reason="not_ready" if changing else "function_failed",
        message=f"the function {function.short} is {function.state}",
        observed=function.state,
        expected="ACTIVE",
        fix=sources.gcloud("functions", "describe", function.short, f"--region={function.region}"),
    )


def behind(function: snapshots.Function, subject: str, *, serving: str | None) -> Finding | None:
    """Return that another revision serves than the function's deployment made; None when none or the same is known."""
    revision = (function.revision or "").rsplit("/", 1)[-1]
    if not revision or serving is None or revision == serving:
        return None
    return Finding(
        subject=subject,
        kind=SERVICE,
        status=Status.FAIL,
        reason="function_behind",
        message=f"the function's deployment made {revision}, and {serving} serves",
        observed=serving,
        expected=revision,
        unit="revision",
        fix="find out who changed the service past the function, then deploy the function again",
    )


def orphans(functions: Sequence[snapshots.Function], *, services: frozenset[str], whole: bool) -> Iterator[Finding]:
    """Yield what is wrong with second-generation functions whose service is not judged.

    services: the places of those that are. whole: whether these are all that there are; else none can be missed.
    """
    later = [one for one in functions if one.environment != FIRST]
    named = sources.subjects(later)
    for function in later:
        if function.service and sources.place(function.service) in services:
            continue
        found = state(function, named[function.name])
        found = found or (_without(function, named[function.name]) if whole else None)
        if found:
            yield found


def placed(
    functions: Sequence[snapshots.Function], regions: Collection[str]
) -> tuple[list[snapshots.Function], list[Finding]]:
    """Return the functions of some regions, of all when there are none, and what is said of the others: nothing."""
    inside = [one for one in functions if not regions or one.region in regions]
    return inside, [_outside(one) for one in functions if one not in inside and one.environment != FIRST]


def _outside(function: snapshots.Function) -> Finding:
    message = f"is in {function.region}, which is not among the regions of health.yaml: nothing of it is judged"
    subject = f"{function.region}/{function.short}"
    return Finding(subject, SERVICE, Status.SKIP, "other_region", message, severity="info")


def _without(function: snapshots.Function, subject: str) -> Finding:
    unsaid = function.environment != SECOND
    return Finding(
        subject=subject,
        kind=SERVICE,
        status=Status.UNKNOWN if unsaid else Status.FAIL,
        reason="revision_unverifiable" if unsaid else "missing",
        message="its generation is not told"
        if unsaid
        else f"the service under the function is gone: {function.service}",
        expected=function.service,
        fix="deploy the function again",
    )
