"""validation_runner: runs a suite of checks against BigQuery, and reports every declared check.

POST / or GET /, with a JSON object or query parameters:

    suite     the suite to run; without it, the suites and their schedules are listed
    day       the game day, like 2026-02-12; by default the one that it is now
    as_of     the instant that ages and due hours are judged at; by default now, or the end of a day that is past
    only      patterns of <table>.<check>; the other checks are reported as skipped
    plan      true: report the SQL, the bytes and the checks of each scan, run nothing
    probe     1: report whether the deployment could do its work, touch nothing

Always HTTP 200 with a report (shared/report.schema.json). One finding per check, or per group of a check: pass, warn,
fail, unknown (too little to judge by), error (could not be judged), skip (off-day, not due, …).
"""

from cloud_functions.validation_runner import declaration, run
from shared import contract, entrypoint

validation_runner = entrypoint.serve(
    contract.Function(
        name="validation_runner",
        request=declaration.Request,
        declare=run.declared,
        run=run.validate,
        scope=lambda _, request: None if request.reads_only else f"{request.suite}/{request.day or 'now'}",
        lease_seconds=lambda _: run.LEASE_SECONDS,
        reach=run.reach,
    )
)
