"""bigquery_backup: backs up the declared BigQuery tables to Cloud Storage, and verifies what it wrote.

POST / or GET /, with a JSON object or query parameters:

    only      patterns of dataset.table; by default everything that backups.yaml declares
    dry_run   true: report the plan, do nothing
    probe     1: report whether the deployment could do its work, touch nothing

Always HTTP 200 with a report (shared/report.schema.json). One finding per table: pass (verified), fail (verification
found it wrong, or it does not exist), error (it could not be backed up), skip (not declared, a view, …). The run's
manifest is written last; without it there is no backup.
"""

from cloud_functions.bigquery_backup import declaration, run
from shared import contract, entrypoint

bigquery_backup = entrypoint.serve(
    contract.Function(
        name="bigquery_backup",
        request=declaration.Request,
        declare=run.declared,
        run=run.backup,
        scope=lambda declared, request: (
            None if request.dry_run else f"{declared.backups.bucket}/{declared.backups.prefix}"
        ),
        lease_seconds=lambda declared: declared.backups.lease_seconds,
        reach=lambda declared: contract.Reach(
            (declared.backups.bucket,), tuple(item.dataset for item in declared.backups.datasets)
        ),
    )
)
