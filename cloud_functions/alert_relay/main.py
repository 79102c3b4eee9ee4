"""alert_relay: turns changes between reports into messages for people, and few of them.

POST / with the JSON in which a Pub/Sub push subscription wraps a report:

    message          {data, attributes, messageId, publishTime, …}; data is a report in base64
    subscription     the subscription that pushes
    deliveryAttempt  counted by subscriptions with a dead letter topic

GET / or POST / without any of these is a sweep: reminders, the end of quiet hours, and what was not delivered yet.

    probe            1: report whether the deployment could do its work, touch nothing

Always HTTP 200 with a report (shared/report.schema.json). One finding per message: pass (delivered), fail (not
delivered, or given up after 48 hours); and error for a report or a memory that cannot be read, warn for an expired
silence. Its own reports are not published, so that it never speaks about itself to itself.
"""

from cloud_functions.alert_relay import declaration, run
from shared import contract, entrypoint

alert_relay = entrypoint.serve(
    contract.Function(
        name="alert_relay",
        request=declaration.Request,
        declare=run.attempted,
        run=run.relay,
        scope=lambda _declared, _request: None,
        lease_seconds=lambda _: 0.0,
        reach=run.reach,
        publishes=False,
        body_limit=16 * 1024 * 1024,
    )
)
