"""How many objects a second export of the same content writes, counted at the stand-in of Cloud Storage."""

import dataclasses
import datetime
from collections.abc import Mapping

from google.auth import credentials as google_credentials
from google.cloud import storage

from cloud_functions.live_export import building, declaration, encoding, execute, plan
from cloud_functions.live_export.documents import fields
from local.storage import server
from shared import calendars
from shared.exports import layout

BUCKET, PROJECT = "export", "bench"
NOW = datetime.datetime(2026, 2, 12, 23, 30, tzinfo=datetime.UTC)
PAUSE = datetime.timedelta(minutes=1)
DAY = plan.Day(datetime.date(2026, 2, 12), calendars.Standing.GAMES, 3)
DOCUMENT = declaration.Document("rows", "rows", "rows/{day}.json", ("rows",), "day", 3600, latest="rows/latest.json")


@dataclasses.dataclass(frozen=True)
class Written:
    """How many objects two exports of the same content wrote."""

    first: int
    second: int


def measure(content: bytes) -> Written:
    """Return what two exports of a document with this content write, a minute apart."""
    started = server.serve()
    try:
        client = storage.Client(
            PROJECT,
            credentials=google_credentials.AnonymousCredentials(),
            client_options={"api_endpoint": started.url},
        )
        client.create_bucket(BUCKET)
        empty = _generations(client)
        _export(client, content, NOW)
        once = _generations(client)
        _export(client, content, NOW + PAUSE)
        return Written(len(once.items() - empty.items()), len(_generations(client).items() - once.items()))
    finally:
        started.close()


def _generations(client: storage.Client) -> Mapping[str, int]:
    return {blob.name: blob.generation for blob in client.list_blobs(BUCKET)}


def _export(client: storage.Client, content: bytes, now: datetime.datetime) -> None:
    """Decide on a document and carry it out, as a run of live_export does."""
    place = execute.Place(client, BUCKET, "v1")
    standing = execute.standing(place, layout.of_day(DAY.date))
    before = standing.manifest.documents if standing.manifest else {}
    run = plan.Run(f"run-{now:%H%M}", now, DAY)
    packed = encoding.document(content, most_bytes=len(content))
    measures = fields.Measures(1, {}, {})
    schema = b"{}"
    made = plan.Candidate(
        packed.gzipped, packed.sha256, packed.bytes, measures, now, "1.0", schema, building.digest(schema)
    )
    decision = plan.decide(DOCUMENT, made, before.get(DOCUMENT.id), run)
    if decision.action in ("publish", "confirm"):
        execute.publish(place, decision, run, "public, max-age=300", leads=True)
    whole = plan.manifest_of([decision], run, standing.manifest, before)
    if whole is not None:
        execute.commit(place, layout.of_day(DAY.date), whole, standing)
        execute.commit(place, layout.MANIFEST, whole, execute.standing(place, layout.MANIFEST))
