"""The box score of a game as it is published and as it is published again; values only."""

import dataclasses

from cloud_functions.live_export.documents import fields
from cloud_functions.live_export.documents.fields import described


@dataclasses.dataclass(frozen=True)
class Player:
    """One player's line in the box score."""

    player_lookup: str = dataclasses.field(metadata=described("The pipeline's key of the player."))
    name: str
    team: str
    points: int
    rebounds: int
    assists: int
    steals: int
    blocks: int
    turnovers: int
    minutes: float | None = dataclasses.field(metadata=described("Minutes played; null for one who did not play."))
    fg_made: int
    fg_attempted: int
    fg3_made: int
    fg3_attempted: int
    ft_made: int
    ft_attempted: int


@dataclasses.dataclass(frozen=True)
class Game:
    """One game of the day."""

    game_id: str = dataclasses.field(metadata=described("The same in every document, like 20260212_MIL_OKC."))
    nba_game_id: str = dataclasses.field(metadata=described("The league's ten digits."))
    provider_id: str | None = dataclasses.field(metadata=described("The score provider's own id, where it tells one."))
    status: fields.State
    period: int = dataclasses.field(metadata=described("0 before tip-off; 5 and more are overtimes.", minimum=0))
    time_remaining: str | None = dataclasses.field(metadata=described("The game clock, as the provider writes it."))
    home_team: str
    away_team: str
    home_score: int | None
    away_score: int | None
    score_source: fields.Source
    player_count: int
    players: tuple[Player, ...] = dataclasses.field(metadata=described("By points, most first."))
