"""daily_health_check: watches the platform, the reporters and the outputs; says why something fails and what to do.

POST / or GET /, with a JSON object or query parameters:

    day       the game day whose outputs and phases are judged, like 2026-02-12; by default the one that it is now
    only      subjects: jobs, reporters, services, subscriptions, invokers, outputs, pipeline, spend, alerts
    probe     1: report whether the deployment could do its work, touch nothing

Always HTTP 200 with a report (shared/report.schema.json). One finding for each job, schedule, service, subscription,
caller, output and check; what could not be asked is an error, never healthy. A browser's GET / (Accept: text/html)
shows the status page, made of the last reports of all functions; it asks nothing anew.
"""

from cloud_functions.daily_health_check import declaration, run
from shared import contract, entrypoint

daily_health_check = entrypoint.serve(
    contract.Function(
        name=run.NAME,
        request=declaration.Request,
        declare=run.declared,
        run=run.check,
        scope=lambda _, __: None,
        lease_seconds=lambda _: 0.0,
        reach=run.reach,
        page=run.show,
    )
)
