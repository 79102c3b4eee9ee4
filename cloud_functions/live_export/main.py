"""live_export: publishes JSON for a front end from BigQuery and a score provider, and never publishes worse.

POST / or GET /, with a JSON object or query parameters:

    day       today (by default), or a game day like 2026-02-12
    only      ids of documents, or patterns of them; the others are reported as skipped
    force     ids of documents to publish even if they are refused; recorded in the report and in the manifest
    dry_run   true: report what would be published or refused, write nothing
    probe     1: report whether the deployment could do its work, touch nothing

Always HTTP 200 with a report (shared/report.schema.json). One finding per document: pass (published, or unchanged),
fail (refused: worse than what stands there), error (could not be made or written), warn (forced), skip (not asked,
outrun by a newer run); and findings for the bucket, the provider's oddities, the manifest, the post-game message.
"""

from cloud_functions.live_export import declaration, run
from shared import contract, entrypoint

live_export = entrypoint.serve(
    contract.Function(
        name=run.NAME,
        request=declaration.Request,
        declare=run.declared,
        run=run.export,
        scope=lambda found, asked: None if asked.dry_run else f"{found.exports.bucket}/{found.exports.prefix}",
        lease_seconds=lambda found: found.exports.lease_seconds,
        reach=run.reach,
    )
)
