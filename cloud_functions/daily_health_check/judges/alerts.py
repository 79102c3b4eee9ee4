"""Whether people were told: what alert_relay could not deliver, by its own last report; pure."""

import datetime
from collections.abc import Collection, Sequence

from shared import errors, history
from shared.report import Finding
from shared.statuses import Status

KIND = "alert"
RELAY = "alert_relay"
QUIET = (Status.PASS, Status.SKIP)
RECENT = datetime.timedelta(hours=12)
"""How old the relay's last report may be and still say what is undelivered now."""


def latest(runs: Sequence[history.Run]) -> history.Run | None:
    """Return the last run of the relay that did its work, if there was one."""
    own = (run for run in runs if run.function == RELAY and run.error_code is None)
    return max(own, key=lambda run: run.started_at, default=None)


def findings(
    runs: Sequence[history.Run] | errors.CloudError,
    said: Sequence[history.Said] | errors.CloudError,
    functions: Collection[str],
    now: datetime.datetime,
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
    trouble = _doubt(runs, run, now)
    if trouble:
        message = f"{trouble}: whether people were told since is not known"
        fix = f"see the finding of {RELAY}'s schedule, and its log"
        return (Finding("all", KIND, Status.UNKNOWN, "not_reported", message, fix=fix),)
    bad = [one for one in said if one.run_id == run.run_id and one.status not in QUIET]
    if not bad:
        return (Finding("all", KIND, Status.PASS, "delivered", f"nothing was left undelivered by {run.run_id}"),)
    return tuple(_undelivered(one) for one in bad)


def _doubt(runs: Sequence[history.Run], good: history.Run, now: datetime.datetime) -> str | None:
    """Return why the relay's last good report says nothing of now, or None."""
    later = [run for run in runs if run.function == RELAY and run.started_at > good.started_at]
    if later:
        return f"its last {len(later)} run(s) failed as a whole, the last one with {later[0].error_code}"
    if now - good.started_at > RECENT:
        return f"the relay's last report is {(now - good.started_at).total_seconds() / 3600:,.0f} h old"
    return None


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
