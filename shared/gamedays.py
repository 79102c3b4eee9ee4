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
