"""The relay's memory in the operations bucket: its state, messages that wait, and what could not be read.

alerts/state.json           what is remembered, written only over the generation that was read
alerts/waiting/<id>.json    messages that came while nothing could be decided
alerts/unreadable/<…>.json  messages and states that no reader understands, as they came
"""

import base64
import contextlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cloud_functions.alert_relay import news
from cloud_functions.alert_relay import state as states
from shared import errors
from shared.gcp import clients, storage

OBJECT = "alerts/state.json"
WAITING = "alerts/waiting/"
UNREADABLE = "alerts/unreadable/"
MOST_WAITING = 100
"""How many waiting messages one run takes up."""


class Place(NamedTuple):
    """Where the memory is kept."""

    used: clients.Clients
    bucket: str


class Memory(NamedTuple):
    """What was read: the state, the generation that the next write replaces, and why an older state was set aside."""

    state: states.State
    generation: int
    reset: str | None = None


class Waiting(NamedTuple):
    """A message that waits in the bucket: its object, the generation of it, and the message."""

    name: str
    generation: int
    posted: Mapping[str, Any]


def read(place: Place) -> Memory:
    """Return what is remembered; a state that cannot be read is kept aside first. Raise CloudError."""
    try:
        content, generation = storage.read(place.used.storage, place.bucket, OBJECT)
    except errors.NotFound:
        return Memory(states.State(), 0)
    found = states.decode(content)
    if isinstance(found, states.State):
        return Memory(found, generation)
    name = f"{UNREADABLE}state-{generation}.json"
    _create(place, name, content)
    return Memory(states.State(), generation, f"{found}; it is kept at gs://{place.bucket}/{name}")


def write(place: Place, state: states.State, *, generation: int) -> None:
    """Write the state over the generation that was read; raise PreconditionFailed, or another CloudError."""
    storage.write(place.used.storage, place.bucket, OBJECT, states.encode(state), generation=generation)


def keep_unreadable(place: Place, posted: Mapping[str, Any]) -> str:
    """Return the address at which a message is kept that cannot be read; raise CloudError."""
    name = f"{UNREADABLE}{news.message_id(posted)}.json"
    _create(place, name, news.encode(posted))
    return f"gs://{place.bucket}/{name}"


def keep_waiting(place: Place, posted: Mapping[str, Any]) -> str:
    """Return the address at which a message waits for the next run; raise CloudError."""
    name = f"{WAITING}{news.message_id(posted)}.json"
    _create(place, name, news.encode(posted))
    return f"gs://{place.bucket}/{name}"


def waiting(place: Place) -> list[Waiting]:
    """Return the messages that wait; raise CloudError."""
    found = []
    for listed in storage.list_objects(place.used.storage, place.bucket, WAITING)[:MOST_WAITING]:
        with contextlib.suppress(errors.NotFound):  # another run has taken it up meanwhile
            content, generation = storage.read(place.used.storage, place.bucket, listed.name)
            found.append(Waiting(listed.name, generation, _message(listed.name, content)))
    return found


def _message(name: str, content: bytes) -> Mapping[str, Any]:
    """Return the message that waits in an object; one that carries the content where this is no message."""
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(content)
        if isinstance(value, dict):
            return value
    stem = name.removeprefix(WAITING).removesuffix(".json")
    return {"messageId": stem, "data": base64.b64encode(content).decode()}


def forget(place: Place, taken: Waiting) -> None:
    """Delete a message that waited; raise CloudError, but not when it is gone already."""
    with contextlib.suppress(errors.NotFound, errors.PreconditionFailed):
        storage.delete(place.used.storage, place.bucket, taken.name, generation=taken.generation)


def _create(place: Place, name: str, content: bytes) -> None:
    with contextlib.suppress(errors.PreconditionFailed):  # kept before, at an earlier delivery
        storage.create(place.used.storage, place.bucket, name, content)
