"""Everything about tonight's players before and during their games: form, rest, injury, line and prediction; pure."""

import dataclasses
import datetime
from typing import Literal

from cloud_functions.live_export.documents import fields
from cloud_functions.live_export.documents.fields import described

VERSION = "1.0"


@dataclasses.dataclass(frozen=True)
class Props:
    """The line that bookmakers offer."""

    stat_type: Literal["points"]
    line: float
    over_odds: int | None = dataclasses.field(metadata=described("American odds, where a source tells them."))
    under_odds: int | None = dataclasses.field(metadata=described("American odds, where a source tells them."))


@dataclasses.dataclass(frozen=True)
class Predicted:
    """What the champion model predicts."""

    predicted: float
    confidence: float | None = dataclasses.field(metadata=described("0 to 100."))
    recommendation: Literal["OVER", "UNDER", "PASS", "NO_LINE"]
    factors: tuple[str, ...] = dataclasses.field(metadata=described("At most four."))


@dataclasses.dataclass(frozen=True)
class Player:
    """One player of tonight."""

    player_lookup: str
    name: str
    team: str
    is_home: bool
    has_line: bool
    fatigue_level: Literal["fresh", "normal", "tired"] | None
    fatigue_score: int | None
    days_rest: int | None
    injury_status: str | None
    injury_reason: str | None
    season_ppg: float | None
    season_mpg: float | None
    minutes_avg: float | None = dataclasses.field(metadata=described("Of the last ten games."))
    last_5_ppg: float | None
    games_played: int | None
    limited_data: bool = dataclasses.field(metadata=described("Fewer than ten games this season, or not known."))
    recent_form: Literal["Hot", "Cold", "Neutral"] | None
    last_10_points: tuple[int, ...] = dataclasses.field(metadata=described("Newest first; games played only."))
    last_10_over: int
    last_10_under: int
    last_10_push: int
    props: Props | None
    matchup_quality_pct: float | None
    prediction: Predicted | None


@dataclasses.dataclass(frozen=True)
class Game:
    """One game of tonight and its players."""

    game_id: str
    home_team: str
    away_team: str
    game_time: str | None = dataclasses.field(metadata=described('Like "7:30 PM ET"; null once it has begun.'))
    game_status: fields.State
    home_score: int | None
    away_score: int | None
    player_count: int
    players: tuple[Player, ...]


@dataclasses.dataclass(frozen=True)
class Tonight:
    """The players of one game day."""

    game_date: datetime.date = dataclasses.field(metadata=fields.DAY)
    generated_at: datetime.datetime = dataclasses.field(metadata=fields.STAMP)
    calendar: fields.Calendar
    total_players: int
    total_with_lines: int
    games: tuple[Game, ...]
