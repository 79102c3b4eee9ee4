"""What all functions must agree on about the pipeline that they serve, as declared in `pipeline.yaml`; pure."""

import dataclasses

from shared import calendars, gamedays


@dataclasses.dataclass(frozen=True)
class Pipeline:
    """The meaning of "today", and where the schedule of games stands."""

    game_day: gamedays.GameDay
    calendar: calendars.Declared | None = None
