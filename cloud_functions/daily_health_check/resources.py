"""From the REST resources of Google's control planes to `snapshots`; pure.

Google's JSON leaves out what is empty, so a missing field is its default; a field of the wrong type, or a resource
without its name, is garbage: raise Garbled, never guess.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib import parse

from cloud_functions.daily_health_check import snapshots
from shared import errors

T = TypeVar("T")
_DURATION = re.compile(r"(-?\d+(?:\.\d+)?)s")
_KINDS: dict[type, str] = {str: "text", int: "a whole number", bool: "true or false", dict: "an object", list: "a list"}


def job(resource: Any) -> snapshots.Job:
    """Return a job, given the resource of Cloud Scheduler v1; raise Garbled."""
    fields = _object(resource, "job")
    http, pubsub = _get(fields, "httpTarget", dict), _get(fields, "pubsubTarget", dict)
    status = fields.get("status")
    code = None if status is None else _get(_object(status, "status"), "code", int)
    oidc = _get(http, "oidcToken", dict)
    return snapshots.Job(
        name=_name(fields, "job"),
        state=_get(fields, "state", str) or "STATE_UNSPECIFIED",
        schedule=_get(fields, "schedule", str),
        time_zone=_get(fields, "timeZone", str) or "UTC",
        target="http" if http else "pubsub" if pubsub else "app_engine",
        uri=_get(http, "uri", str) or None,
        topic=_get(pubsub, "topicName", str) or None,
        method=_get(http, "httpMethod", str) or None,
        oidc=_get(oidc, "serviceAccountEmail", str) or None,
        audience=_get(oidc, "audience", str) or None,
        oauth=_get(_get(http, "oauthToken", dict), "serviceAccountEmail", str) or None,
        deadline=_seconds(fields, "attemptDeadline") or 180.0,
        retries=_get(_get(fields, "retryConfig", dict), "retryCount", int),
        code=code,
        message=None if status is None else _get(status, "message", str) or None,
        last_attempt=_instant(fields, "lastAttemptTime"),
        next_run=_instant(fields, "scheduleTime"),
        updated=_instant(fields, "userUpdateTime"),
    )


def function(resource: Any) -> snapshots.Function:
    """Return a function, given the resource of Cloud Functions v2; raise Garbled."""
    fields = _object(resource, "function")
    config = _get(fields, "serviceConfig", dict)
    return snapshots.Function(
        name=_name(fields, "function"),
        environment=_get(fields, "environment", str) or "ENVIRONMENT_UNSPECIFIED",
        state=_get(fields, "state", str) or "STATE_UNSPECIFIED",
        url=_get(fields, "url", str) or None,
        uri=_get(config, "uri", str) or None,
        service=_get(config, "service", str) or None,
        revision=_get(config, "revision", str) or None,
        build=_get(_get(fields, "buildConfig", dict), "build", str) or None,
        timeout=float(_get(config, "timeoutSeconds", int)) or None,
        updated=_instant(fields, "updateTime"),
        labels=_texts(fields, "labels"),
    )


def service(resource: Any) -> snapshots.Service:
    """Return a service, given the resource of Cloud Run v2; raise Garbled."""
    fields = _object(resource, "service")
    template, condition = _get(fields, "template", dict), _get(fields, "terminalCondition", dict)
    containers = [_object(one, "container") for one in _get(template, "containers", list)]
    first: Mapping[str, Any] = containers[0] if containers else {}
    variables = [_object(one, "variable") for one in _get(first, "env", list)]
    return snapshots.Service(
        name=_name(fields, "service"),
        uri=_get(fields, "uri", str) or None,
        urls=tuple(_each(fields, "urls", str)),
        state=_get(condition, "state", str) or "STATE_UNSPECIFIED",
        problem=_get(condition, "message", str) or _get(condition, "reason", str) or None,
        created_revision=_last(_get(fields, "latestCreatedRevision", str)),
        ready_revision=_last(_get(fields, "latestReadyRevision", str)),
        traffic=tuple(_share(one, fields) for one in _get(fields, "trafficStatuses", list)),
        image=_get(first, "image", str) or None,
        environment={_get(one, "name", str): _get(one, "value", str) for one in variables if "value" in one},
        labels=_texts(fields, "labels"),
        template_labels=_texts(template, "labels"),
        timeout=_seconds(template, "timeout"),
    )


def policy(resource: Any) -> tuple[snapshots.Binding, ...]:
    """Return the bindings of an IAM policy; raise Garbled."""
    fields = _object(resource, "policy")
    bindings = (_object(one, "binding") for one in _get(fields, "bindings", list))
    return tuple(
        snapshots.Binding(
            _get(one, "role", str),
            tuple(_each(one, "members", str)),
            _get(_get(one, "condition", dict), "expression", str) or None,
        )
        for one in bindings
    )


def attempt(entry: Any) -> snapshots.Attempt:
    """Return an attempt, given an entry of the Scheduler's log (AttemptFinished); raise Garbled."""
    fields = _object(entry, "log entry")
    payload, request = _get(fields, "jsonPayload", dict), _get(fields, "httpRequest", dict)
    return snapshots.Attempt(
        job=_name(payload, "attempt", "jobName"),
        at=_required(fields, "timestamp"),
        status=_get(payload, "status", str) or None,
        http=_get(request, "status", int) or None,
        debug=_get(payload, "debugInfo", str),
        url=_get(payload, "url", str) or None,
    )


def line(entry: Any) -> snapshots.Line:
    """Return a line, given an entry of a Cloud Run service's log; raise Garbled."""
    fields = _object(entry, "log entry")
    labels = _get(_get(fields, "resource", dict), "labels", dict)
    payload = _get(fields, "jsonPayload", dict)
    log = parse.unquote(_get(fields, "logName", str))
    return snapshots.Line(
        service=_name(labels, "log entry", "service_name"),
        at=_required(fields, "timestamp"),
        severity=_get(fields, "severity", str) or "DEFAULT",
        text=_get(fields, "textPayload", str) or str(payload.get("message", "")),
        own=log.endswith(("/stdout", "/stderr")) or not log.partition("/logs/")[2].startswith("run.googleapis.com/"),
    )


def subscription(resource: Any) -> snapshots.Subscription:
    """Return a subscription, given the resource of Pub/Sub v1; raise Garbled."""
    fields = _object(resource, "subscription")
    push = _get(fields, "pushConfig", dict)
    token = _get(push, "oidcToken", dict)
    return snapshots.Subscription(
        name=_name(fields, "subscription"),
        topic=_get(fields, "topic", str),
        endpoint=_get(push, "pushEndpoint", str) or None,
        account=_get(token, "serviceAccountEmail", str) or None,
        audience=_get(token, "audience", str) or None,
        filter=_get(fields, "filter", str),
        dead_letter=_get(_get(fields, "deadLetterPolicy", dict), "deadLetterTopic", str) or None,
        detached=_get(fields, "detached", bool),
    )


def _share(resource: Any, fields: Mapping[str, Any]) -> snapshots.Share:
    share = _object(resource, "traffic")
    latest = _get(share, "type", str) == "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    revision = _get(share, "revision", str) or (_get(fields, "latestReadyRevision", str) if latest else "")
    return snapshots.Share(_last(revision) or "", _get(share, "percent", int), latest)


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise errors.Garbled(f"a {what} must be an object, not {str(value)[:40]!r}")
    return value


def _get(fields: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """Return a field, or the empty value of its kind when it is left out."""
    value = fields.get(name)
    if value is None:
        return kind()
    if kind is int and isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        value = int(value)  # Google's JSON writes 64-bit numbers as text
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise errors.Garbled(f"{name} must be {_KINDS[kind]}, not {str(value)[:40]!r}")
    return value


def _each(fields: Mapping[str, Any], name: str, kind: type[T]) -> Sequence[T]:
    items = _get(fields, name, list)
    if not all(isinstance(item, kind) for item in items):
        raise errors.Garbled(f"{name} must be a list of {_KINDS[kind]} each, not {str(items)[:40]!r}")
    return items


def _texts(fields: Mapping[str, Any], name: str) -> dict[str, str]:
    return {key: str(value) for key, value in _get(fields, name, dict).items()}


def _name(fields: Mapping[str, Any], what: str, field: str = "name") -> str:
    name = _get(fields, field, str)
    if not name:
        raise errors.Garbled(f"a {what} has no {field}")
    return name


def _last(name: str) -> str | None:
    return name.rsplit("/", 1)[-1] or None


def _seconds(fields: Mapping[str, Any], name: str) -> float | None:
    text = _get(fields, name, str)
    match = _DURATION.fullmatch(text)
    if text and not match:
        raise errors.Garbled(f"{name} must be seconds, like 180s, not {text[:40]!r}")
    return float(match[1]) if match else None


def _instant(fields: Mapping[str, Any], name: str) -> datetime.datetime | None:
    text = _get(fields, name, str)
    if not text:
        return None
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise errors.Garbled(f"{name} must be an instant, not {text[:40]!r}") from None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def _required(fields: Mapping[str, Any], name: str) -> datetime.datetime:
    found = _instant(fields, name)
    if found is None:
        raise errors.Garbled(f"{name} is missing")
    return found
