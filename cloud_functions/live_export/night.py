"""The day's games as they really stand, from four witnesses: schedule, official box score, provider, last publication.

Pure. A finished game comes from the official table, one that is being played from the provider. What the provider
leaves out is kept as it was published last: a game does not vanish, and does not go backwards.
"""

import collections
import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cloud_functions.live_export import box, boxscores, grading
from cloud_functions.live_export.documents import fields
from cloud_functions.live_export.schedule import Scheduled

_RANK = {"postponed": 0, "scheduled": 0, "in_progress": 1, "final": 2}
_NUMBERS = (
    *("points", "rebounds", "assists", "steals", "blocks", "turnovers"),
    *("fg_made", "fg_attempted", "fg3_made", "fg3_attempted", "ft_made", "ft_attempted"),
)
LEAST_OFFICIAL = 5
"""How many players of each team the official table must list before a game's box score is taken for written."""


@dataclasses.dataclass(frozen=True)
class Note:
    """Something that a witness did, which readers of the report should know; reason: of a closed vocabulary."""

    game_id: str
    reason: str
    message: str


@dataclasses.dataclass(frozen=True)
class Night:
    """The games, those being played first, and what was odd about the witnesses."""

    games: tuple[box.Game, ...]
    notes: tuple[Note, ...]

    def counted(self, state: fields.State) -> int:
        """Return how many games are in a state."""
        return sum(game.status == state for game in self.games)

    @property
    def played(self) -> tuple[box.Game, ...]:
        """The games that count: those that were not postponed."""
        return tuple(game for game in self.games if game.status != "postponed")

    @property
    def over(self) -> bool:
        """Whether there were games, and every one of them is final."""
        return bool(self.played) and all(game.status == "final" for game in self.played)


@dataclasses.dataclass(frozen=True)
class Witnesses:
    """What each of them tells; scores is None when the provider was not asked, since nothing can be on yet."""

    schedule: Sequence[Scheduled]
    official: Sequence[Mapping[str, Any]]
    scores: Sequence[boxscores.Game] | None
    published: Sequence[box.Game]


def merge(told: Witnesses, day: datetime.date) -> Night:
    """Return the day's games; raise nothing: what contradicts itself is noted."""
    official = _by_game(told.official)
    scores = {(one.away, one.home): one for one in told.scores or () if one.date == day.isoformat()}
    asked = told.scores is not None
    published = {one.game_id: one for one in told.published}
    notes: list[Note] = []
    games = []
    for one in told.schedule:
        rows, score = official.get(one.game_id, ()), scores.get((one.away, one.home))
        game, noted = _game(one, rows, score, published.get(one.game_id))
        games.append(game)
        # Who was not asked left nothing out.
        notes += noted if asked else ()
    ordered = sorted(games, key=lambda game: (game.status != "in_progress", game.status == "final", game.game_id))
    return Night(tuple(ordered), tuple(notes))


def needs_scores(
    games: Iterable[Scheduled],
    official: Iterable[Mapping[str, Any]],
    now: datetime.datetime,
    *,
    early: datetime.timedelta,
) -> bool:
    """Return whether a game may have begun that the official table does not tell the end of."""
    rows = _by_game(official)
    begun = (one for one in games if one.begun(now, early=early))
    return any(one.state != "final" or not _written(one, rows.get(one.game_id, ())) for one in begun)


def missing(night: Night) -> tuple[Note, ...]:
    """Return the notes of games that are being played and that the provider does not list."""
    return tuple(note for note in night.notes if note.reason in ("vanished", "not_listed"))


def _written(one: Scheduled, rows: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether the official box score of a game is there, and not only that of one team."""
    listed = collections.Counter(row["team"] for row in rows)
    return all(listed[team] >= LEAST_OFFICIAL for team in (one.home, one.away))


def _by_game(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["game_id"], []).append(row)
    return found


def _game(
    one: Scheduled, rows: Sequence[Mapping[str, Any]], score: boxscores.Game | None, before: box.Game | None
) -> tuple[box.Game, tuple[Note, ...]]:
    if one.state == "postponed":
        return _scheduled(one), ()
    playing = score is not None and score.state == "in_progress"
    if _written(one, rows) and (one.state == "final" or not playing):
        return _official(one, rows, score, before), ()
    if score is not None and (score.state != "scheduled" or one.state == "scheduled"):
        return _provided(one, score, before)
    if before is not None and _RANK[before.status]:
        return _kept(one, before)
    note = Note(one.game_id, "not_listed", f"the schedule says {one.state}, and the provider does not list it")
    return _scheduled(one), (note,) if one.state == "in_progress" else ()


def _scheduled(one: Scheduled) -> box.Game:
    begun = one.state in ("in_progress", "final")
    return box.Game(
        game_id=one.game_id,
        nba_game_id=one.nba_game_id,
        provider_id=None,
        status=one.state,
        period=0,
        time_remaining=None,
        home_team=one.home,
        away_team=one.away,
        home_score=one.home_score if begun else None,
        away_score=one.away_score if begun else None,
        score_source="schedule",
        player_count=0,
        players=(),
    )


def _official(
    one: Scheduled, rows: Sequence[Mapping[str, Any]], score: boxscores.Game | None, before: box.Game | None
) -> box.Game:
    players = tuple(_row(row) for row in rows)
    home, away = (sum(player.points for player in players if player.team == team) for team in (one.home, one.away))
    return dataclasses.replace(
        _scheduled(one),
        provider_id=score.provider_id if score else before.provider_id if before else None,
        status="final",
        period=score.period if score else before.period if before else grading.PERIODS,
        time_remaining="Final",
        home_score=home if one.home_score is None else one.home_score,
        away_score=away if one.away_score is None else one.away_score,
        score_source="official",
        player_count=len(players),
        players=_ranked(players),
    )


def _row(row: Mapping[str, Any]) -> box.Player:
    """Return an official line; one who did not play has no minutes, and numbers of 0."""
    played = not row["is_dnp"]
    return box.Player(
        player_lookup=row["player_lookup"],
        name=row["name"],
        team=row["team"],
        minutes=float(row["minutes"]) if played and row["minutes"] is not None else None,
        **{name: int(row[name] or 0) if played else 0 for name in _NUMBERS},
    )


def _provided(one: Scheduled, score: boxscores.Game, before: box.Game | None) -> tuple[box.Game, tuple[Note, ...]]:
    game = _live(one, score)
    if before is not None and _behind(game, before):
        message = f"the provider tells {_place(game)}, and {_place(before)} was published already"
        source: fields.Source = before.score_source if before.status == "final" else "kept"
        return dataclasses.replace(before, score_source=source), (Note(one.game_id, "stale_scores", message),)
    return game, ()


def _live(one: Scheduled, score: boxscores.Game) -> box.Game:
    players = tuple(
        box.Player(
            player_lookup=line.lookup,
            name=line.name,
            team=line.team,
            minutes=line.minutes or None,
            **{name: getattr(line, name) for name in _NUMBERS},
        )
        for line in score.lines
    )
    begun = score.state != "scheduled"
    return dataclasses.replace(
        _scheduled(one),
        provider_id=score.provider_id,
        status=score.state,
        period=score.period,
        time_remaining="Final" if score.state == "final" else score.clock if begun else None,
        home_score=score.home_score if begun else None,
        away_score=score.away_score if begun else None,
        score_source="live" if begun else "schedule",
        player_count=len(players) if begun else 0,
        players=_ranked(players) if begun else (),
    )


def _kept(one: Scheduled, before: box.Game) -> tuple[box.Game, tuple[Note, ...]]:
    """Return a game as it was published, which the provider leaves out: it does so some time after the final."""
    if before.status == "final":
        return before, ()
    if one.state == "final":
        return _unseen(one, before)
    message = f"the provider does not list it any more; kept as published: {_place(before)}"
    return dataclasses.replace(before, score_source="kept"), (Note(one.game_id, "vanished", message),)


def _unseen(one: Scheduled, before: box.Game) -> tuple[box.Game, tuple[Note, ...]]:
    """Return a game as final that the provider dropped before; kept tells that the players' numbers may go on."""
    scores = (one.home_score, one.away_score)
    whole = scores == (before.home_score, before.away_score)
    final = dataclasses.replace(
        before,
        status="final",
        time_remaining="Final",
        score_source="live" if whole else "kept",
        home_score=before.home_score if one.home_score is None else one.home_score,
        away_score=before.away_score if one.away_score is None else one.away_score,
    )
    note = Note(one.game_id, "unseen_final", "the provider dropped it before its final numbers were seen")
    return final, () if whole else (note,)


def _behind(game: box.Game, before: box.Game) -> bool:
    """Return whether a game stands earlier than it did before; a clock that is not told is not earlier."""
    now, then = ((_RANK[one.status], one.period) for one in (game, before))
    if now != then or None in (game.time_remaining, before.time_remaining):
        return now < then
    return _over(game) < _over(before)


def _over(game: box.Game) -> float:
    """Return how much of its period is over; an overtime has a clock too, which the share of a game does not tell."""
    return (
        grading.played(min(game.period, grading.PERIODS), game.time_remaining) if game.status == "in_progress" else 0.0
    )


def _place(game: box.Game) -> str:
    if game.status != "in_progress":
        return game.status
    return f"period {game.period}, {game.time_remaining or 'no clock'}"


def _ranked(players: Iterable[box.Player]) -> tuple[box.Player, ...]:
    return tuple(sorted(players, key=lambda player: (-player.points, player.player_lookup)))
