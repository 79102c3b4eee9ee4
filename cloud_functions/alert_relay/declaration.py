"""What is declared for the relay (`alerts.yaml`), and what a caller may ask; pure.

The address of a channel is a secret: no mistake quotes it.
"""

import dataclasses
import datetime
import fnmatch
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from shared import addresses

NAME = "alerts.yaml"
Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"


def _field(description: str, **limits: object) -> dict[str, object]:
    return {"description": description, **limits}


@dataclasses.dataclass(frozen=True)
class Channel:
    """Where messages go: a Slack webhook, or a webhook that takes our own JSON."""

    id: str = dataclasses.field(metadata=_field("Its name in messages and reports.", pattern="[a-z][a-z0-9-]{0,62}"))
    kind: Literal["slack", "webhook"]
    url: str = dataclasses.field(
        repr=False, metadata=_field("Its address, as ${ALERTS_…_URL}; https, or http on this very machine.")
    )

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, mistake) for an address that messages must not go to."""
        mistake = addresses.mistake(self.url)
        return [("url", mistake)] if mistake else []


@dataclasses.dataclass(frozen=True)
class Match:
    """Which findings are meant; what is left out matches everything."""

    function: str = dataclasses.field(default="*", metadata=_field("A pattern of the function's name."))
    kind: str = dataclasses.field(default="*", metadata=_field("A pattern of the finding's kind."))
    subject: tuple[str, ...] = dataclasses.field(
        default=("*",), metadata=_field("Patterns of the finding's subject; one must match.", min_items=1)
    )
    severity: Severity | None = dataclasses.field(default=None, metadata=_field("Exactly this severity."))

    def takes(self, *, function: str, kind: str, subject: str, severity: str) -> bool:
        """Return whether a finding of `function` is meant."""
        return (
            fnmatch.fnmatchcase(function, self.function)
            and fnmatch.fnmatchcase(kind, self.kind)
            and any(fnmatch.fnmatchcase(subject, pattern) for pattern in self.subject)
            and self.severity in (None, severity)
        )


EVERYTHING = Match()


@dataclasses.dataclass(frozen=True)
class Route:
    """Where findings go, and whose they are."""

    channel: str = dataclasses.field(metadata=_field("The id of a channel."))
    owner: str = dataclasses.field(metadata=_field("Who is to act.", pattern=r"\S.{0,99}"))
    match: Match = EVERYTHING


@dataclasses.dataclass(frozen=True)
class Confirm:
    """From how many reports in a row on a bad finding is told; all are told once they were bad for `remind_hours`."""

    critical: int = dataclasses.field(default=1, metadata=_field("Reports.", minimum=1))
    warning: int = dataclasses.field(default=1, metadata=_field("Reports.", minimum=1))
    info: int = dataclasses.field(default=1, metadata=_field("Reports.", minimum=1))


@dataclasses.dataclass(frozen=True)
class Flapping:
    """When a finding that comes and goes is told as flapping, and when it counts as calm again."""

    flips: int = dataclasses.field(default=3, metadata=_field("Changes between good and bad.", minimum=2))
    within_hours: float = dataclasses.field(default=24.0, metadata=_field("The time that they fall into.", minimum=1))
    calm_hours: float = dataclasses.field(default=6.0, metadata=_field("How long it must stand still.", minimum=0.5))


@dataclasses.dataclass(frozen=True)
class Burst:
    """How many messages a channel takes; what is more waits, and is gathered into one message."""

    messages: int = dataclasses.field(default=6, metadata=_field("Messages to one channel.", minimum=1))
    minutes: float = dataclasses.field(default=60.0, metadata=_field("The time that they fall into.", minimum=1))
    critical_minutes: float = dataclasses.field(
        default=15.0, metadata=_field("How long critical findings wait at most.", minimum=0)
    )


@dataclasses.dataclass(frozen=True)
class Quiet:
    """The hours in which some severities are held back; one message tells of all of them when the hours end."""

    start: str = dataclasses.field(metadata=_field("The wall-clock time, like '23:00'.", pattern=_CLOCK))
    end: str = dataclasses.field(metadata=_field("The wall-clock time, like '07:00'.", pattern=_CLOCK))
    time_zone: str = dataclasses.field(metadata=_field("An IANA name."))
    severities: tuple[Literal["warning", "info"], ...] = dataclasses.field(
        default=("warning", "info"), metadata=_field("What is held back; critical never is.", min_items=1)
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for a time zone that does not exist, and for hours without length."""
        try:
            zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            yield "time_zone", f"no such time zone: {self.time_zone!r}"
        if self.start == self.end:
            yield "end", "must differ from start"

    def holds(self, now: datetime.datetime) -> bool:
        """Return whether the wall clock shows a quiet hour at `now`."""
        clock = now.astimezone(zoneinfo.ZoneInfo(self.time_zone)).strftime("%H:%M")
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


@dataclasses.dataclass(frozen=True)
class Silence:
    """Findings that nobody is told of for a while, why, and who answers for that."""

    match: Match
    until: datetime.datetime = dataclasses.field(metadata=_field("When it ends, with its offset from UTC."))
    reason: str = dataclasses.field(metadata=_field("Why.", pattern=r"\S.{0,299}"))
    owner: str = dataclasses.field(metadata=_field("Who answers for it.", pattern=r"\S.{0,99}"))

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, mistake) for an end without an offset."""
        offset = "needs its offset from UTC, like 2026-02-12T11:30:00-05:00"
        return [] if self.until.tzinfo else [("until", offset)]


@dataclasses.dataclass(frozen=True)
class Retry:
    """How hard a run tries to deliver one message; what it does not deliver, the next run tries again."""

    tries: int = dataclasses.field(default=3, metadata=_field("Requests a run.", minimum=1, maximum=10))
    first_seconds: float = dataclasses.field(default=1.0, metadata=_field("The first pause; it doubles.", minimum=0.01))
    longest_seconds: float = dataclasses.field(default=10.0, metadata=_field("The longest pause.", minimum=0.01))
    budget_seconds: float = dataclasses.field(
        default=40.0, metadata=_field("For all messages of a run.", minimum=1, maximum=600)
    )


@dataclasses.dataclass(frozen=True)
class Alerts:
    """Who is told of what, where, and how often."""

    channels: tuple[Channel, ...] = dataclasses.field(metadata=_field("Where messages go.", min_items=1))
    routes: tuple[Route, ...] = dataclasses.field(
        metadata=_field("The first that matches decides; the last matches everything.", min_items=1)
    )
    remind_hours: float = dataclasses.field(
        default=24.0, metadata=_field("After how many hours what is still bad is told again.", minimum=1)
    )
    confirm: Confirm = Confirm()
    flapping: Flapping = Flapping()
    burst: Burst = Burst()
    quiet: Quiet | None = None
    silences: tuple[Silence, ...] = ()
    retry: Retry = Retry()

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield (field, mistake) for channels and routes that do not fit together."""
        ids = [channel.id for channel in self.channels]
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            yield "channels", f"{twice} stands here twice"
        for route in self.routes:
            if route.channel not in ids:
                yield "routes", f"there is no channel {route.channel!r}"
        if self.routes and self.routes[-1].match != EVERYTHING:
            yield "routes", "the last one must match everything, so that nothing goes nowhere"
        if any(route.match == EVERYTHING for route in self.routes[:-1]):
            yield "routes", "one before the last matches everything, so that those below it are never asked"


class Posted(Mapping[str, Any]):
    """A Pub/Sub message as it was posted, with whatever fields Google may add; as a text, its name only."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __getitem__(self, key: str) -> Any:
        return self._fields[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __str__(self) -> str:
        """Return the message's name: a report repeats its request as texts, and must not repeat a whole report."""
        return f"message {str(self.get('messageId', 'without an id'))[:100]}"


@dataclasses.dataclass(frozen=True)
class Request:
    """What Pub/Sub posts; nothing of it is a sweep."""

    foreign: ClassVar[bool] = True
    """Google may add fields to the envelope; a message must not be lost for them."""

    message: Mapping[str, Any] | None = dataclasses.field(default=None, metadata=_field("The Pub/Sub message."))
    subscription: str | None = dataclasses.field(default=None, metadata=_field("Which subscription pushes it."))
    deliveryAttempt: int | None = dataclasses.field(  # noqa: N815 - Pub/Sub spells it so
        default=None, metadata=_field("How often it was tried.")
    )

    def __post_init__(self) -> None:
        """Wrap the message, so that the report does not repeat what it carries."""
        if self.message is not None:
            object.__setattr__(self, "message", Posted(self.message))

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, mistake) for an envelope around nothing."""
        empty = self.message is None and (self.subscription or self.deliveryAttempt)
        return [("message", "is missing")] if empty else []
