"""What a good publisher writes: documents of one night and the manifest that names them, for tests to spoil."""

import dataclasses
import datetime
import hashlib
import json
from typing import Any

from shared.exports import layout, manifest

DAY = datetime.date(2026, 2, 12)
MAX_AGE = 600
CACHE = "public, max-age=15"


@dataclasses.dataclass(frozen=True)
class Evening:
    """How far a night is, and when the sources last confirmed it; age, unchanged: minutes before `now`."""

    now: datetime.datetime
    day: datetime.date = DAY
    games: int = 3
    live: int = 2
    final: int = 1
    rows: int = 40
    age: float = 1.0
    unchanged: float = 2.0

    def document(self, name: str) -> dict[str, Any]:
        """Return a document: live, or live-grading."""
        stamp = self.before(self.unchanged).isoformat()
        standing = "games" if self.games else "off_day"
        head = {
            "updated_at": stamp,
            "game_date": self.day.isoformat(),
            "calendar": {"standing": standing, "games": self.games},
        }
        if name == "live":
            listed = [{"game_id": f"g{number}"} for number in range(self.games)]
            counts = {"games_in_progress": self.live, "games_final": self.final, "total_games": self.games}
            return {**head, **counts, "games": listed}
        summary = {"games_in_progress": self.live, "games_final": self.final}
        return {**head, "summary": summary, "predictions": [{"player_lookup": f"p{n}"} for n in range(self.rows)]}

    def before(self, minutes: float) -> datetime.datetime:
        """Return the instant so many minutes ago."""
        return self.now - datetime.timedelta(minutes=minutes)


NAMES = ("live", "live-grading")


def paths(name: str, evening: Evening, body: bytes) -> tuple[str, str, str]:
    """Return where a document stands: its own path, the latest, and the immutable copy."""
    path = layout.dated(f"{name}/{layout.DAY}.json", evening.day)
    return path, f"{name}/latest.json", layout.immutable(path, hashlib.sha256(body).hexdigest())


def entry(name: str, evening: Evening, body: bytes, **changes: Any) -> manifest.Entry:
    """Return the entry of a document in the manifest."""
    path, latest, kept = paths(name, evening, body)
    content = manifest.Content(
        day=evening.day,
        object=kept,
        sha256=hashlib.sha256(body).hexdigest(),
        bytes=len(body),
        rows=evening.rows,
        counts={},
        as_of=evening.before(evening.age),
        updated_at=evening.before(evening.unchanged),
        schema_version="1.0",
        run_id="20260212T235900Z-aaaaaaaaaaaa",
    )
    made = manifest.Entry("ok", path, latest, MAX_AGE, layout.schema(name), content)
    return dataclasses.replace(made, **changes)


def published(evening: Evening, **documents: Any) -> dict[str, bytes]:
    """Return every object of a night by its path; `documents` stand in for its own, by name with underscores."""
    found: dict[str, bytes] = {}
    entries: dict[str, manifest.Entry] = {}
    for name in NAMES:
        body = json.dumps(documents.get(name.replace("-", "_")) or evening.document(name)).encode()
        found |= dict.fromkeys(paths(name, evening, body), body)
        entries[name] = entry(name, evening, body)
    return found | {layout.MANIFEST: manifest.encode(told(evening, entries))}


def told(evening: Evening, entries: dict[str, manifest.Entry]) -> manifest.Manifest:
    """Return the manifest of a night."""
    return manifest.Manifest(1, evening.day, evening.before(evening.age), "20260212T235900Z-aaaaaaaaaaaa", entries)


def changed(objects: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    """Return the objects with a changed manifest: `document__field` of an entry, `content__field` of every content."""
    value = json.loads(objects[layout.MANIFEST])
    for name, one in changes.items():
        outer, _, field = name.partition("__")
        for entry_name, found in value["documents"].items():
            if outer == "content":
                found["content"][field] = one
            elif entry_name == outer.replace("_", "-"):
                found[field] = one
        if outer == "manifest":
            value[field] = one
    return objects | {layout.MANIFEST: json.dumps(value).encode()}
