"""What live_export has published for the demo's last day: its manifest, as the health check reads it."""

import datetime
import json
from typing import Any

from local.world import facts
from shared.exports import manifest

BUCKET = "nba-props-platform-api"
OBJECT = "v1/manifest.json"
ROWS = {"live": 3, "live-grading": 32, "tonight": 102, "status": 4}


def documents(instant: datetime.datetime, /, **tonight: Any) -> dict[str, dict[str, Any]]:
    """Return what is published as of an instant, by object name; `tonight` are changes of that document's content."""
    entries = {name: _entry(name, rows, instant) for name, rows in ROWS.items()}
    whole = manifest.Manifest(manifest.SCHEMA_VERSION, facts.LAST_DAY, instant, "run-1", entries)
    told: dict[str, Any] = json.loads(manifest.encode(whole))
    told["documents"]["tonight"]["content"] |= tonight
    return {OBJECT: told}


def _entry(name: str, rows: int, as_of: datetime.datetime) -> manifest.Entry:
    content = manifest.Content(
        facts.LAST_DAY, f"objects/{name}.json", "0" * 64, 100, rows, {}, as_of, as_of, "1", "run-1"
    )
    return manifest.Entry("ok", f"{name}.json", None, 600, f"schemas/{name}.schema.json", content)
