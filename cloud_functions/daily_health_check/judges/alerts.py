"""Whether people were told: what alert_relay could not deliver, by its own last report; pure."""

from collections.abc import Collection, Sequence

from shared import errors, history
from shared.report import Finding
from shared.statuses import Status

KIND = "alert"
RELAY = "alert_relay"
QUIET = (Status.PASS, Status.SKIP)


def latest(runs: Sequence[history.Run]) -> history.Run | None:
    """Return the last run of the relay that did its work, if there was one."""
    own = (run for run in runs if run.function == RELAY and run.error_code is None)
    return max(own, key=lambda run: run.started_at, default=None)


def findings(
    runs: Sequence[history.Run] | errors.CloudError,
    said: Sequence[history.Said] | errors.CloudError,
    functions: Collection[str],
) -> tuple[Finding, ...]:
    """Return a finding for every message that is still undelivered or lost, or one that all were delivered."""
    if RELAY not in functions:
        return (Finding("all", KIND, Status.SKIP, "not_deployed", f"there is no {RELAY}", severity="info"),)
    for one in (runs, said):
        if isinstance(one, errors.CloudError):
            fix = "see that OPS_DATASET stands and that the account may read it"
            return (Finding("all", KIND, Status.ERROR, one.code, f"the ledger cannot be read: {one}", fix=fix),)
    assert not isinstance(runs, errors.CloudError) and not isinstance(said, errors.CloudError)  # noqa: S101, PT018 - for the type checker
    run = latest(runs)
    if run is None:
        message = f"{RELAY} has never reported: whether anybody was told is not known"
        fix = f"see the finding of {RELAY}'s schedule, and that its push subscription stands"
        return (Finding("all", KIND, Status.UNKNOWN, "never_reported", message, fix=fix),)
    bad = [one for one in said if one.run_id == run.run_id and one.status not in QUIET]
    if not bad:
        return (Finding("all", KIND, Status.PASS, "delivered", f"nothing was left undelivered by {run.run_id}"),)
    return tuple(_undelivered(one) for one in bad)


def _undelivered(one: history.Said) -> Finding:
    return Finding(
        one.subject,
        KIND,
        one.status,
        one.reason,
        one.message,
        evidence={"run": one.run_id},
        fix=one.fix or f"read the report {one.run_id} of {RELAY}",
    )
