"""A reader as a browser is: plain GET of public addresses as fast as it can, and all that it must never see.

It reads the manifest and the immutable objects that it names, and the names that readers know by heart. It remembers
what it saw last, so that it notices whatever goes back.
"""

import contextlib
import dataclasses
import datetime
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests

from cloud_functions.live_export import contracts
from shared.exports import layout, manifest
from tests.cloud_functions.live_export import scenes

SHAPES = {
    "live": "live",
    "live-grading": "live_grading",
    "tonight": "tonight",
    "tonight-day": "tonight",
    "status": "status",
}
STABLE = {
    f"live/{scenes.DAY}.json": "live",
    "live/latest.json": "live",
    f"live-grading/{scenes.DAY}.json": "live_grading",
    "live-grading/latest.json": "live_grading",
    "tonight/all-players.json": "tonight",
    f"tonight/{scenes.DAY}.json": "tonight",
    "status.json": "status",
}
STAMPS = {"live": "updated_at", "live_grading": "updated_at", "tonight": "generated_at", "status": "updated_at"}
SCHEMAS = tuple(layout.schema(shape) for shape in ("live", "live_grading", "tonight", "status", "manifest"))
FINAL, PLAYED = "final", {"scheduled": 0, "in_progress": 1, "final": 2}
PAUSE = 0.05
Json = Mapping[str, Any]


@dataclasses.dataclass
class Seen:
    """What a reader saw: how many answers, what was wrong with them, and the last of each thing that may not go back.

    forgiving: whether an older content than before is no violation, since a person forced it.
    """

    reads: int = 0
    manifests: int = 0
    violations: list[str] = dataclasses.field(default_factory=list)
    present: set[str] = dataclasses.field(default_factory=set)
    furthest: dict[str, Any] = dataclasses.field(default_factory=dict)
    contents: dict[str, Json] = dataclasses.field(default_factory=dict)

    def wrong(self, what: str) -> None:
        """Note a violation."""
        self.violations.append(what)

    def forward(self, what: str, value: Any) -> None:
        """Note a violation when something is less than it was."""
        if value < self.furthest.get(what, value):
            self.wrong(f"{what} went from {self.furthest[what]} back to {value}")
        self.furthest[what] = value


class Reader:
    """Reads a scene's public names over one connection, as often as it is told to."""

    def __init__(self, address: Callable[[str], str]) -> None:
        """Read below the addresses that are made of paths."""
        self.seen = Seen()
        self._address = address
        self._session = requests.Session()
        schemas = contracts.schemas()
        self._mistakes = {name: contracts.checker(schemas[name]) for name in schemas}

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def look(self) -> None:
        """Read everything once."""
        self._manifest()
        for path, shape in STABLE.items():
            content = self._get(path)
            if content is not None and (told := self._document(path, shape, content)) is not None:
                self._stable(path, shape, told)
        for path in SCHEMAS:
            content = self._get(path)
            if content is not None and not isinstance(self._json(path, content), dict):
                self.seen.wrong(f"{path} is no schema")

    def _get(self, path: str) -> bytes | None:
        """Return what stands at a path, or None while there has never been anything."""
        try:
            answer = self._session.get(self._address(path), timeout=30)
        except requests.RequestException as error:
            self.seen.wrong(f"{path}: half an answer: {error!r}"[:300])
            return None
        self.seen.reads += 1
        if answer.status_code == requests.codes.ok:
            self.seen.present.add(path)
            if answer.headers.get("Content-Encoding") != "gzip" or not answer.headers.get("Cache-Control"):
                self.seen.wrong(f"{path} comes with {dict(answer.headers)}")
            return answer.content
        if answer.status_code != requests.codes.not_found or path in self.seen.present:
            self.seen.wrong(f"{path} is answered with {answer.status_code}")
        return None

    def _json(self, path: str, content: bytes) -> Any:
        try:
            return json.loads(content)
        except ValueError as error:
            self.seen.wrong(f"{path} is no JSON: {error}")
            return None

    def _document(self, path: str, shape: str, content: bytes) -> Json | None:
        """Return a document, checked once for each content, or None for what is none."""
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self.seen.contents:
            told = self._json(path, content)
            mistakes = self._mistakes[shape](content) if told is not None else ["no JSON"]
            if mistakes:
                self.seen.wrong(f"{path} fails its schema: {mistakes[0]}")
                return None
            self.seen.contents[digest] = told
        return self.seen.contents[digest]

    def _stable(self, path: str, shape: str, told: Json) -> None:
        self.seen.forward(f"{STAMPS[shape]} of {path}", _instant(told[STAMPS[shape]]))
        if shape in ("live", "tonight"):
            self._played(path, told)
        if shape == "live_grading":
            self.seen.forward(f"finals of {path}", told["summary"]["games_final"])

    def _played(self, path: str, told: Json) -> None:
        """Note what is worse of games: fewer, one that goes back, or points that are gone."""
        self.seen.forward(f"games of {path}", len(told["games"]))
        for game in told["games"]:
            state = game["status"] if "status" in game else game["game_status"]
            points = (game["home_score"] or 0) + (game["away_score"] or 0)
            self.seen.forward(f"{game['game_id']} of {path}", (PLAYED[state], points))

    def _manifest(self) -> None:
        content = self._get(layout.MANIFEST)
        if content is None:
            return
        self.seen.manifests += 1
        if mistakes := self._mistakes[contracts.MANIFEST](content):
            self.seen.wrong(f"the manifest fails its schema: {mistakes[0]}")
        found = manifest.decode(content)
        if isinstance(found, str):
            self.seen.wrong(found)
            return
        self.seen.forward("day of the manifest", found.day)
        documents = {name: self._named(name, entry) for name, entry in found.documents.items() if entry.content}
        self._together(found, {name: one for name, one in documents.items() if one is not None})

    def _named(self, name: str, entry: manifest.Entry) -> Json | None:
        """Return a document that the manifest names: there, whole, and not worse than before."""
        told = entry.content
        assert told is not None
        self.seen.forward(f"as_of of {name}", told.as_of)
        self.seen.forward(f"updated_at of {name}", told.updated_at)
        for count in ("final", "graded", "games"):
            self.seen.forward(f"{count} of {name}", told.counts.get(count, 0))
        if told.rows < scenes.FLOORS.get(name, 0):
            self.seen.wrong(f"{name} has {told.rows} rows")
        content = self._get(told.object)
        if content is None:
            self.seen.wrong(f"{told.object} is named, and is not there")
            return None
        if (len(content), hashlib.sha256(content).hexdigest()) != (told.bytes, told.sha256):
            self.seen.wrong(f"{told.object} is not what the manifest says")
        return self._document(told.object, SHAPES[name], content)

    def _together(self, found: manifest.Manifest, documents: Mapping[str, Json]) -> None:
        """Note documents of one manifest that tell of different moments."""
        for name, one in documents.items():
            if one["game_date"] != found.day.isoformat():
                self.seen.wrong(f"{name} is about {one['game_date']}, the manifest about {found.day}")
        told = {name: _standing(name, documents[name]) for name in ("live", "live-grading") if name in documents}
        if len(set(told.values())) > 1:
            self.seen.wrong(f"a mix: {told}")
        games = {name: _scores(documents[name]) for name in ("live", "tonight", "tonight-day") if name in documents}
        if any(one != games.get("live", one) for one in games.values()):
            self.seen.wrong(f"a mix: {games}")


def _standing(name: str, told: Json) -> tuple[int, int]:
    place = told if name == "live" else told["summary"]
    return place["games_in_progress"], place["games_final"]


def _scores(told: Json) -> tuple[tuple[str, Any, Any], ...]:
    return tuple(sorted((game["game_id"], game["home_score"], game["away_score"]) for game in told["games"]))


def _instant(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


@contextlib.contextmanager
def polling(address: Callable[[str], str]) -> Iterator[Seen]:
    """Yield what a reader sees that never rests, in a thread of its own, until the end."""
    reader, ended = Reader(address), threading.Event()

    def poll() -> None:
        while not ended.is_set():
            reader.look()
            # Without a pause it would take the stand-in's whole time, and the exporter would stand still.
            ended.wait(PAUSE)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield reader.seen
    finally:
        ended.set()
        thread.join()
        reader.look()
        reader.close()
