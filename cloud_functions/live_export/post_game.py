"""Asks for the post-game export once a day, after the last final: one claim, one message.

The claim is an object that only one run can create. Who created it publishes, and says so in it; a claim that nobody
fulfilled for a while is taken over, so that a run that was killed in between does not swallow the message. The message
carries the same id in any case: whoever gets it twice can tell.
"""

import datetime
import json
from typing import Any, NamedTuple

from cloud_functions.live_export import declaration
from shared import errors, report
from shared.gcp import clients, pubsub, storage
from shared.report import Finding
from shared.statuses import Status

KIND = "message"
SUBJECT = "post-game"
CLAIM_SECONDS = 300.0
"""After how long a claim that was not fulfilled is taken over; longer than a run can take."""


class Place(NamedTuple):
    """Where the claim stands, and who claims: the operations bucket and the run's id."""

    used: clients.Clients
    bucket: str
    run_id: str


def ask(place: Place, declared: declaration.PostGame, day: datetime.date, now: datetime.datetime) -> Finding:
    """Return what became of the day's one message; raise nothing: errors are findings."""
    name = f"exports/post-game/{day.isoformat()}.json"
    try:
        present, generation = _read(place, name)
        if present.get("state") == "sent":
            told = f"asked for once already, by run {present.get('run_id')}: message {present.get('message')}"
            return Finding(SUBJECT, KIND, Status.PASS, "sent_before", told)
        if present and _held(present, now):
            told = f"run {present.get('run_id')} is asking for it"
            return Finding(SUBJECT, KIND, Status.SKIP, "claimed", told, severity="info")
        claim = {"state": "claimed", "run_id": place.run_id, "at": report.iso(now)}
        generation = storage.write(place.used.storage, place.bucket, name, _bytes(claim), generation=generation)
        message = _publish(place, declared, day)
        sent = {**claim, "state": "sent", "message": message}
        storage.write(place.used.storage, place.bucket, name, _bytes(sent), generation=generation)
    except errors.PreconditionFailed:
        return Finding(SUBJECT, KIND, Status.SKIP, "claimed", "another run was faster", severity="info")
    except errors.CloudError as error:
        fix = f"look at topic {declared.topic} and at gs://{place.bucket}/{name}; a later run tries again"
        told = f"nothing proves that the post-game export was asked for: {error}"
        return Finding(SUBJECT, KIND, Status.ERROR, error.code, told, fix=fix)
    return Finding(SUBJECT, KIND, Status.PASS, "sent", f"all games are final; message {message} asks for the export")


def _publish(place: Place, declared: declaration.PostGame, day: datetime.date) -> str:
    body = {
        "export_types": list(declared.export_types),
        "target_date": day.isoformat(),
        "trigger_source": "live_export",
        "update_latest": True,
    }
    attributes = {"target_date": day.isoformat(), "dedup_id": f"post-game-{day.isoformat()}"}
    return pubsub.publish(place.used, declared.topic, _bytes(body), attributes)


def _read(place: Place, name: str) -> tuple[dict[str, Any], int]:
    """Return what the claim says, and its generation; nothing and 0 where there is none."""
    try:
        content, generation = storage.read(place.used.storage, place.bucket, name)
    except errors.NotFound:
        return {}, 0
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    return (found if isinstance(found, dict) else {}), generation


def _held(claim: dict[str, Any], now: datetime.datetime) -> bool:
    """Return whether a claim is younger than a run can take; one that says nothing readable is not."""
    try:
        at = datetime.datetime.fromisoformat(str(claim.get("at")))
    except ValueError:
        return False
    return (now - at).total_seconds() < CLAIM_SECONDS if at.tzinfo else False


def _bytes(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()
