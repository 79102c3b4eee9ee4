"""A scripted game night: for each of its minutes, how every game stands and what every player has done; pure.

A script is a function of its day, games, players and seed, and of nothing else: nobody's clock runs in it, whoever
asks names the minute. Minute 0 is the first tip-off of the night.
"""

import collections
import dataclasses
import datetime
import functools
import random

from local.scores import clock, play

TIPS = (0, 30, 150)
FIRST_TIP = datetime.time(0, 30, tzinfo=datetime.UTC)
"""Half past seven in the evening in New York, in winter; in UTC that is the day after."""


@dataclasses.dataclass(frozen=True)
class Player:
    """One player. lookup: the pipeline's key. A team's players stand from the one who usually plays most."""

    lookup: str
    name: str
    team: str
    position: str = "G"


@dataclasses.dataclass(frozen=True)
class Game:
    """One game. nba_id: the league's ten digits. tip: the minute of the night at which it begins."""

    nba_id: str
    away: str
    home: str
    tip: float = 0
    overtimes: int = 0

    @property
    def final_at(self) -> float:
        """Return the minute of the night from which on it is final."""
        return self.tip + clock.duration(self.overtimes)


@dataclasses.dataclass(frozen=True)
class Line:
    """What one player has done so far."""

    player: Player
    starts: bool
    seconds: float
    fg_made: int = 0
    fg_attempted: int = 0
    fg3_made: int = 0
    fg3_attempted: int = 0
    ft_made: int = 0
    ft_attempted: int = 0
    rebounds_offensive: int = 0
    rebounds_defensive: int = 0
    assists: int = 0
    steals: int = 0
    blocks: int = 0
    turnovers: int = 0
    fouls: int = 0

    @property
    def points(self) -> int:
        """Return the points, counted from the shots."""
        return 2 * self.fg_made + self.fg3_made + self.ft_made

    @property
    def rebounds(self) -> int:
        """Return the rebounds of both kinds."""
        return self.rebounds_offensive + self.rebounds_defensive

    @property
    def minutes(self) -> float:
        """Return the minutes on court."""
        return self.seconds / 60


@dataclasses.dataclass(frozen=True)
class Standing:
    """How one game stands at a minute of the night: the clock, and both teams' lines, those who did not play too."""

    game: Game
    clock: clock.Reading
    away: tuple[Line, ...]
    home: tuple[Line, ...]

    @property
    def away_points(self) -> int:
        """Return the visitors' points, which are those of their players."""
        return sum(line.points for line in self.away)

    @property
    def home_points(self) -> int:
        """Return the home team's points, which are those of its players."""
        return sum(line.points for line in self.home)


@dataclasses.dataclass(frozen=True)
class _Played:
    away: play.Side
    home: play.Side
    events: tuple[play.Event, ...]


@dataclasses.dataclass(frozen=True)
class Night:
    """One night of games; raise ValueError without a game, for a team without players and for a player listed twice."""

    day: datetime.date
    games: tuple[Game, ...]
    players: tuple[Player, ...]
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.games:
            raise ValueError("a night needs a game")
        for team in (team for game in self.games for team in (game.away, game.home)):
            if not self.of(team):
                raise ValueError(f"{team} has no players")
        listed = collections.Counter(player.lookup for player in self.players)
        if twice := sorted(lookup for lookup, count in listed.items() if count > 1):
            raise ValueError(f"{twice[0]} is listed twice")

    @property
    def began(self) -> datetime.datetime:
        """Return the instant of minute 0."""
        return datetime.datetime.combine(self.day + datetime.timedelta(days=1), FIRST_TIP)

    @property
    def over(self) -> float:
        """Return the minute from which on every game is final."""
        return max(game.final_at for game in self.games)

    def of(self, team: str) -> tuple[Player, ...]:
        """Return a team's players."""
        return tuple(player for player in self.players if player.team == team)

    def code(self, game: Game) -> str:
        """Return the pipeline's own id of a game, like 20260212_MIL_OKC."""
        return f"{self.day:%Y%m%d}_{game.away}_{game.home}"

    def instant(self, minute: float) -> datetime.datetime:
        """Return the instant of a minute of the night."""
        return self.began + datetime.timedelta(minutes=minute)

    def at(self, minute: float) -> tuple[Standing, ...]:
        """Return how every game stands at a minute, which is negative before the first tip-off."""
        return tuple(self._standing(game, minute) for game in self.games)

    @functools.cached_property
    def _played(self) -> dict[str, _Played]:
        return {game.nba_id: self._play(game) for game in self.games}

    def _play(self, game: Game) -> _Played:
        # The name of the draw holds all that may change it, so that one more game moves no other.
        draws = random.Random(f"{self.seed}/{self.day}/{game.nba_id}")
        away, home = (
            play.side(draws, [player.lookup for player in self.of(team)], overtimes=game.overtimes)
            for team in (game.away, game.home)
        )
        return _Played(away, home, play.events(draws, away, home, overtimes=game.overtimes))

    def _standing(self, game: Game, minute: float) -> Standing:
        played, reading = self._played[game.nba_id], clock.read(minute - game.tip, game.overtimes)
        counted = collections.Counter(
            (event.lookup, event.statistic) for event in played.events if event.second <= reading.elapsed
        )
        sides = ((game.away, played.away), (game.home, played.home))
        away, home = (
            tuple(_line(player, side, reading.elapsed, counted=counted) for player in self.of(team))
            for team, side in sides
        )
        return Standing(game, reading, away, home)


def _line(player: Player, side: play.Side, elapsed: float, *, counted: "collections.Counter[tuple[str, str]]") -> Line:
    names = [field.name for field in dataclasses.fields(Line)][3:]
    figures = {name: counted[player.lookup, name] for name in names}
    # Who has six fouls may not play on; the script does not take anybody out for it.
    figures["fouls"] = min(figures["fouls"], play.MOST_FOULS)
    return Line(player, player.lookup in side.stints[0], side.played(player.lookup, elapsed), **figures)


def staggered(games: "tuple[Game, ...]") -> tuple[Game, ...]:
    """Return the games with tip-offs 0, 30 and 150 minutes into the night, in turn, and an overtime in the second.

    Of a single game it is that one that has the overtime.
    """
    extra = min(1, len(games) - 1)
    return tuple(
        dataclasses.replace(game, tip=TIPS[number % len(TIPS)], overtimes=int(number == extra))
        for number, game in enumerate(games)
    )
