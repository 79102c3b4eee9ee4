"""What `?probe=1` answers: whether the deployment could do its work, found out without touching anything."""

from collections.abc import Callable, Sequence

from shared import declarations, deployment, errors, settings
from shared.gcp import bigquery, clients, storage
from shared.report import Finding
from shared.statuses import Status


def findings(
    function: str, deployed: settings.Settings, reach: Callable[[], tuple[Sequence[str], Sequence[str]]]
) -> tuple[tuple[Finding, ...], int]:
    """Return a finding per variable, bucket and dataset that is needed, and the number of calls made.

    reach: returns the buckets to write to and the datasets to read.
    """
    found = list(_environment(function, deployed))
    buckets: Sequence[str] = ()
    datasets: Sequence[str] = ()
    try:
        buckets, datasets = reach()
        found.append(_good("declaration", "valid", "the declaration is valid"))
    except errors.InvalidDeclaration as error:
        found.append(_bad("declaration", error, "mend the declaration"))
    try:
        used = clients.connect(deployed.project)
    except errors.CloudError as error:
        return (*found, _bad("account", error, "give the function a service account")), 0
    before = used.calls.total
    found.append(_good("account", "known", f"runs as {clients.account(used)} in project {used.project}"))
    ops = (deployed.ops_bucket,) if deployed.ops_bucket else ()
    found += [_bucket(used, name) for name in dict.fromkeys((*buckets, *ops))]
    ledger = (deployed.ops_dataset,) if deployed.ops_dataset else ()
    found += [_dataset(used, name) for name in dict.fromkeys((*datasets, *ledger))]
    return tuple(found), used.calls.total - before


def summary(found: tuple[Finding, ...]) -> str:
    """Return the sentence that matters first: how many of the things needed are there."""
    good = sum(finding.status is Status.PASS for finding in found)
    missing = ", ".join(finding.subject for finding in found if finding.status is not Status.PASS)
    return f"probe: {good} of {len(found)} things needed are there" + (f"; missing: {missing}" if missing else "")


def _environment(function: str, deployed: settings.Settings) -> list[Finding]:
    path = settings.ROOT / "cloud_functions" / function / deployment.NAME
    facts = declarations.load(deployment.Function, path, environment={})
    return [
        _good(f"env {name}", "set", f"{name} is set")
        if deployed.environment.get(name)
        else Finding(f"env {name}", "probe", Status.FAIL, "not_set", f"{name} is not set", fix=f"deploy with {name}")
        for name in (*facts.env, *facts.secrets)
    ]


def _bucket(used: clients.Clients, name: str) -> Finding:
    subject = f"bucket {name}"
    try:
        missing = storage.missing_rights(used.storage, name)
    except errors.CloudError as error:
        return _bad(subject, error, f"create the bucket {name}, or correct its name")
    if missing:
        message = f"the account lacks {', '.join(missing)} on {name}"
        return Finding(subject, "probe", Status.FAIL, "access_denied", message, fix="grant roles/storage.objectAdmin")
    return _good(subject, "writable", f"{name} can be written to")


def _dataset(used: clients.Clients, name: str) -> Finding:
    try:
        place = bigquery.location(used.bigquery, used.project, name)
    except errors.CloudError as error:
        return _bad(f"dataset {name}", error, f"create the dataset {name}, or correct its name")
    return _good(f"dataset {name}", "readable", f"{name} is in {place}")


def _good(subject: str, reason: str, message: str) -> Finding:
    return Finding(subject, "probe", Status.PASS, reason, message)


def _bad(subject: str, error: errors.PressboxError, fix: str) -> Finding:
    return Finding(subject, "probe", Status.FAIL, error.code, str(error), fix=fix)
