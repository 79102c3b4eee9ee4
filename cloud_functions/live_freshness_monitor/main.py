"""live_freshness_monitor: reads the published site as a browser does, and judges what stands in it by the calendar.

POST / or GET /, with a JSON object or query parameters:

    day       the game day, like 2026-02-12; by default the one that it is now
    only      patterns of document ids; by default every watched document
    dry_run   true: judge, and call nobody
    probe     1: report whether the deployment could do its work, touch nothing

Always HTTP 200 with a report (shared/report.schema.json). One finding for the manifest, one for each watched document,
and one for the retry: what live_export was asked for, what it said, and whether that mended the site. pass (fresh, or
mended), warn, fail, unknown (no schedule), error (could not be read), skip (no games, none begun, nothing to mend).
"""

from cloud_functions.live_freshness_monitor import declaration, run
from shared import contract, entrypoint

live_freshness_monitor = entrypoint.serve(
    contract.Function(
        name="live_freshness_monitor",
        request=declaration.Request,
        declare=run.declared,
        run=run.watch,
        scope=lambda _, request: None if request.dry_run else str(request.day or "now"),
        lease_seconds=lambda _: run.LEASE_SECONDS,
        reach=run.reach,
    )
)
