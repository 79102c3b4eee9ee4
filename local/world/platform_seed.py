"""Puts the demo platform into an embedded cloud: what deployments recorded, what was published, who is pushed to."""

import datetime
import json
from typing import Any

from google.api_core import exceptions

from local.world import facts, platform_demo

PUBLISHED = "nba-props-platform-api"
RECORDS = "deployments/"
FRESH = datetime.timedelta(minutes=12)
"""How old what was published is, when the demo begins."""


def seed(storage: Any, publisher: Any, subscriber: Any, *, project: str, ops_bucket: str) -> None:
    """Write the records and the published documents through the official clients, and make the push subscriptions.

    Documents are about the world's last day, and stamped a few minutes ago.
    """
    records = storage.bucket(ops_bucket)
    for name, content in platform_demo.records().items():
        _write(records, f"{RECORDS}{name}.json", content)
    if storage.lookup_bucket(PUBLISHED) is None:
        storage.create_bucket(PUBLISHED)
    published = storage.bucket(PUBLISHED)
    for name, document in documents(datetime.datetime.now(datetime.UTC) - FRESH).items():
        _write(published, name, json.dumps(document).encode())
    try:
        platform_demo.make_subscriptions(publisher, subscriber, project)
    except exceptions.AlreadyExists:
        return  # the second start of one cloud


def documents(stamp: datetime.datetime) -> dict[str, dict[str, Any]]:
    """Return the documents that the pipeline published last, by object name, as of an instant."""
    told = stamp.isoformat(timespec="seconds").replace("+00:00", "Z")
    slate = facts.SLATES[facts.LAST_DAY]
    games = [{"away_team": away, "home_team": home, "game_status": "scheduled"} for away, home in facts.TONIGHT]
    services = ("live_data", "tonight_data", "grading", "predictions")
    return {
        "v1/tonight/all-players.json": {
            "game_date": facts.LAST_DAY.isoformat(),
            "generated_at": told,
            "total_players": slate.stored,
            "total_with_lines": slate.lined,
            "games": games,
        },
        "v1/status.json": {
            "updated_at": told,
            "overall_status": "healthy",
            "services": {name: {"status": "healthy", "last_update": told} for name in services},
        },
    }


def _write(bucket: Any, name: str, content: bytes) -> None:
    bucket.blob(name).upload_from_string(content, content_type="application/json")
