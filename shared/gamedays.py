"""The one meaning of "today": a game day, which ends at a declared hour of a declared time zone; pure."""

import dataclasses
import datetime
import zoneinfo


@dataclasses.dataclass(frozen=True)
class GameDay:
    """How instants become game days.

    time_zone: an IANA name. cutover_hour: the local hour, 0 to 12, at which a new game day begins.
    """

    time_zone: str = dataclasses.field(metadata={"description": "IANA name of the time zone, e.g. America/New_York."})
    cutover_hour: int = dataclasses.field(
        metadata={"description": "Local hour at which a new game day begins.", "minimum": 0, "maximum": 12}
    )

    def problems(self) -> list[tuple[str, str]]:
        """Return (field, mistake) for a time zone that does not exist."""
        try:
            zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return [("time_zone", f"no such time zone: {self.time_zone!r}")]
        return []


def of(instant: datetime.datetime, declared: GameDay) -> datetime.date:
    """Return the game day that `instant` belongs to; raise ValueError when `instant` has no time zone.

    The local wall clock decides: on the night a clock is put back, both passes of an hour before the cut-over belong
    to the day that ends.
    """
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {instant.isoformat()}")
    local = instant.astimezone(zoneinfo.ZoneInfo(declared.time_zone))
    day = local.date()
    return day if local.hour >= declared.cutover_hour else day - datetime.timedelta(days=1)


def start(day: datetime.date, declared: GameDay) -> datetime.datetime:
    """Return the instant at which a game day begins, in the declared time zone.

    Where the clock jumps over that hour, the next hour that clocks show; where the hour comes twice, the first time.
    """
    return at(day, datetime.time(declared.cutover_hour), declared)


def at(day: datetime.date, time: datetime.time, declared: GameDay) -> datetime.datetime:
    """Return the instant of a wall-clock time on a date of the declared time zone, always one that exists."""
    zone = zoneinfo.ZoneInfo(declared.time_zone)
    wall = datetime.datetime.combine(day, time, tzinfo=zone)
    # A time that is jumped over becomes the one that clocks show instead, by way of UTC.
    return wall.astimezone(datetime.UTC).astimezone(zone)
