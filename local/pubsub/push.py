"""Push subscriptions: each message is posted, wrapped in JSON, until its endpoint accepts it.

Accepted is what is answered with 102, 200, 201, 202 or 204 before the ack deadline. Anything else, redirects too,
brings the message back after a pause. A declared OIDC token is sent as an unsecured one, which no verifier accepts.
"""

import base64
import contextlib
import datetime
import http.client
import json
import threading
import time
from typing import Any
from urllib import parse

from local import metadata
from local.pubsub import queue, refusals, state

ACCEPTED = (102, 200, 201, 202, 204)
MOST_AT_ONCE = 10  # posts that may be under way for one subscription

_WAIT_SECONDS = 10.0
# A lease outlasts its post, so that the answer, and not the lease's end, decides what becomes of the message.
_GRACE_SECONDS = 5.0


class Pusher:
    """A thread that hands the messages of push subscriptions to posts."""

    def __init__(self, known: state.State) -> None:
        self._known = known
        self._closed = False
        self._posted: dict[str, set[str]] = {}
        self._thread = threading.Thread(target=self._run, name="push", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Begin no more posts; those under way end by themselves."""
        with self._known.changed:
            self._closed = True
            self._known.changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed:
            with self._known.changed:
                now = time.time()
                self._known.settle(now)
                deliveries = [one for name in list(self._known.subscriptions) for one in self._take(name, now)]
                if not deliveries and not self._closed:
                    self._known.wait(now=now, until=now + _WAIT_SECONDS)
            for name, resource, delivery in deliveries:
                work = (self._known, name, resource, delivery)
                threading.Thread(target=_deliver, args=work, name="push-post", daemon=True).start()

    def _take(self, name: str, now: float) -> list[tuple[str, Any, queue.Delivery]]:
        subscription = self._known.subscription(name)
        if not subscription.endpoint:
            return []
        under_way = subscription.messages.leased(self._posted.get(name, set()))
        seconds = subscription.messages.rules.ack_deadline + _GRACE_SECONDS
        deliveries = self._known.take(name, MOST_AT_ONCE - len(under_way), now=now, seconds=seconds)
        self._posted[name] = under_way | {delivery.ack_id for delivery in deliveries}
        return [(name, subscription.resource, delivery) for delivery in deliveries]


def body(subscription: str, delivery: queue.Delivery, *, counted: bool) -> bytes:
    """Return the JSON in which a message is posted, with the number of attempts where these are counted."""
    message = delivery.message
    published = datetime.datetime.fromtimestamp(message.published, datetime.UTC)
    instant = published.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    inner: dict[str, Any] = {
        "attributes": dict(message.attributes),
        "data": base64.b64encode(message.data).decode(),
        "messageId": message.id,
        "message_id": message.id,
        "publishTime": instant,
        "publish_time": instant,
    }
    if message.ordering_key:
        inner["orderingKey"] = message.ordering_key
    outer = {"message": inner, "subscription": subscription}
    return json.dumps(outer | ({"deliveryAttempt": delivery.attempt} if counted else {})).encode()


def _deliver(known: state.State, name: str, resource: Any, delivery: queue.Delivery) -> None:
    status = _post(
        resource.push_config,
        body(name, delivery, counted=resource.HasField("dead_letter_policy")),
        seconds=resource.ack_deadline_seconds,
    )
    with contextlib.suppress(refusals.Refused):  # the subscription may be gone by now
        if status in ACCEPTED:
            known.acknowledge(name, [delivery.ack_id])
        else:
            known.modify(name, [delivery.ack_id], 0, now=time.time())


def _post(config: Any, content: bytes, *, seconds: float) -> int:
    """Return the status with which the endpoint answered; 0 when it did not."""
    url = parse.urlsplit(config.push_endpoint)
    headers = {"Content-Type": "application/json", "User-Agent": "CloudPubSub-Google", "From": "noreply@google.com"}
    if config.oidc_token.service_account_email:
        audience = config.oidc_token.audience or config.push_endpoint
        account = config.oidc_token.service_account_email
        headers["Authorization"] = f"Bearer {metadata.identity_token(audience, account=account, now=time.time())}"
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    with contextlib.closing(kind(url.hostname or "", url.port, timeout=seconds)) as connection:
        try:
            connection.request(
                "POST", url._replace(scheme="", netloc="", fragment="").geturl() or "/", content, headers
            )
            return connection.getresponse().status
        except (OSError, http.client.HTTPException, UnicodeError):  # the last one for a host that no name can be
            return 0
