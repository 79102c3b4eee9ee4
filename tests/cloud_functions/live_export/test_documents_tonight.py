"""Tonight's players: every value from its row, words for numbers at their limits, and nulls where nothing is known."""

import datetime
import zoneinfo
from typing import Any

import pytest

from cloud_functions.live_export.documents import fields, tonight
from tests.cloud_functions.live_export import stories
from tests.cloud_functions.live_export.stories import NOW, before_tip, candidate_player, final, game, known, prediction

STAMP = NOW - datetime.timedelta(minutes=3)
NULLS = (
    *("fatigue_score", "days_rest", "injury_status", "injury_reason", "season_ppg", "minutes_avg", "last_5_ppg"),
    *("games_played", "line", "matchup_quality_pct", "is_home"),
)
UNKNOWN: dict[str, Any] = dict.fromkeys(NULLS)


def told(*, players: Any = (), predictions: Any = (), recent: Any = (), **changes: Any) -> tonight.Tonight:
    """Return the document of a night before its one game."""
    games = changes.pop("games", (before_tip(),))
    known_ = known(*games, players=players, predictions=predictions, recent=recent, **changes)
    return tonight.build(known_, STAMP)


def only(row: dict[str, Any], **more: Any) -> tonight.Player:
    """Return the player that one row becomes."""
    built = told(players=[row], **more)
    assert stories.mistakes("tonight", built) == []
    return built.games[0].players[0]


def test_every_value_of_a_player_is_where_it_belongs() -> None:
    """From the players' row, the last ten games, and the prediction, whose line goes before the players' own."""
    row = candidate_player(injury_status="OUT", injury_reason="knee")
    recent = {"player_lookup": "annone", "season_mpg": 30.1, "last_10_points": [20, 18, 9]}
    recent |= {"last_10_over": 5, "last_10_under": 3, "last_10_push": 1}
    assert only(row, predictions=[prediction()], recent=[recent]) == tonight.Player(
        player_lookup="annone", name="Annone", team="MIL", is_home=False, has_line=True, fatigue_level="fresh",
        fatigue_score=80, days_rest=2, injury_status="OUT", injury_reason="knee", season_ppg=20.0, season_mpg=30.1,
        minutes_avg=31.0, last_5_ppg=22.0, games_played=40, limited_data=False, recent_form="Hot",
        last_10_points=(20, 18, 9), last_10_over=5, last_10_under=3, last_10_push=1,
        props=tonight.Props("points", 18.5, None, None), matchup_quality_pct=88.0,
        prediction=tonight.Predicted(21.4, 77.0, "OVER", ("edge: 2.9", "rested: true")),
    )  # fmt: skip


def test_a_player_of_whom_nothing_is_known() -> None:
    """Nulls, empty lists and zeros, none of them guessed; and too few games, since they are not known."""
    found = only(candidate_player(**UNKNOWN))
    assert [name for name in NULLS if name in tonight.Player.__dataclass_fields__ and getattr(found, name)] == []
    assert (found.fatigue_level, found.recent_form, found.props, found.prediction) == (None, None, None, None)
    assert (found.season_mpg, found.last_10_points, found.last_10_over) == (None, (), 0)
    assert (found.has_line, found.limited_data, found.is_home) == (False, True, False)


def test_a_number_that_is_none_is_null() -> None:
    """NaN of the feature store is no quality."""
    built = told(players=[candidate_player(matchup_quality_pct=float("nan"), season_ppg=float("nan"))])
    assert built.games[0].players[0].matchup_quality_pct is None
    assert tonight.measure(built).columns["season_ppg"] is False
    assert stories.mistakes("tonight", built) == []


@pytest.mark.parametrize(
    ("score", "level"), [(None, None), (0, "tired"), (49, "tired"), (50, "normal"), (74, "normal"), (75, "fresh")]
)
def test_fatigue_in_a_word(score: int | None, level: str | None) -> None:
    """From 75 on fresh, from 50 on normal; 0 is known, and tired."""
    found = only(candidate_player(fatigue_score=score))
    assert (found.fatigue_level, found.fatigue_score) == (level, score)


@pytest.mark.parametrize(
    ("last_5", "season", "form"),
    [
        (22.0, 20.0, "Hot"),
        (21.9, 20.0, "Neutral"),
        (18.1, 20.0, "Neutral"),
        (18.0, 20.0, "Cold"),
        (0.0, 20.0, "Cold"),
        (None, 20.0, None),
        (22.0, None, None),
        (22.0, 0.0, None),
    ],
)
def test_form_in_a_word(last_5: float | None, season: float | None, form: str | None) -> None:
    """The last five games a tenth above or below the season; nothing without one of them."""
    assert only(candidate_player(last_5_ppg=last_5, season_ppg=season)).recent_form == form


@pytest.mark.parametrize(("games", "limited"), [(None, True), (0, True), (9, True), (10, False), (40, False)])
def test_limited_data(games: int | None, limited: bool) -> None:  # noqa: FBT001 - a value of the table
    """Fewer than ten games."""
    assert only(candidate_player(games_played=games)).limited_data is limited


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        (None, ()),
        ("", ()),
        ("null", ()),
        ("[1, 2]", ()),
        ('"text"', ()),
        ("{}", ()),
        ('{"b": null, "a": 1.50, "c": "x"}', ("a: 1.5", 'c: "x"')),
        ('{"e": 1, "d": 2, "c": 3, "b": 4, "a": 5}', ("a: 5", "b: 4", "c: 3", "d: 2")),
    ],
)
def test_factors_are_at_most_four(factors: str | None, said: tuple[str, ...]) -> None:
    """By name, without empty ones; JSON that is no object has none."""
    found = only(candidate_player(), predictions=[prediction(factors=factors)])
    assert found.prediction is not None
    assert found.prediction.factors == said


def test_the_line_of_the_prediction_counts() -> None:
    """It is the one that was predicted against, even where it is none; without a prediction, the market's."""
    assert only(candidate_player(line=17.5)).props == tonight.Props("points", 17.5, None, None)
    assert only(candidate_player(line=17.5), predictions=[prediction(line=None)]).has_line is False
    assert only(candidate_player(line=None), predictions=[prediction(line=18.5)]).has_line is True


def test_rows_go_to_their_own_game_and_player() -> None:
    """A prediction of another game or player is not his, and a player of another day's game is left out."""
    rows = [candidate_player(), candidate_player("bobtwo", game_id="20260211_MIL_OKC")]
    others = [prediction("cecil"), prediction(game_id="20260211_MIL_OKC")]
    built = told(players=rows, predictions=others, recent=[{"player_lookup": "cecil", "season_mpg": 3.0}])
    (one,) = built.games[0].players
    assert (one.player_lookup, one.prediction, one.season_mpg) == ("annone", None, None)
    assert (built.total_players, built.games[0].player_count) == (1, 1)


def test_players_with_a_prediction_come_first() -> None:
    """Then who scores most in the season, then by lookup; who has no average comes last."""
    averages = {"a": 5.0, "b": None, "c": 9.0, "d": 9.0, "e": 1.0}
    rows = [candidate_player(name, season_ppg=average) for name, average in averages.items()]
    built = told(players=list(reversed(rows)), predictions=[prediction("e"), prediction("b")])
    assert [one.player_lookup for one in built.games[0].players] == ["e", "b", "c", "d", "a"]


def test_numbers_of_the_whole_night() -> None:
    """Players, those with a line and with a prediction, and the filled columns, over all games."""
    rows = [
        candidate_player(days_rest=None),
        candidate_player("bobtwo", line=None, season_ppg=None, fatigue_score=None, last_5_ppg=None),
        candidate_player(
            "cecil", game_id=stories.code("POR", "UTA"), season_ppg=None, minutes_avg=None, days_rest=None
        ),
        candidate_player("dan", game_id=stories.code("POR", "UTA"), line=None, fatigue_score=None, season_ppg=None),
    ]
    built = told(players=rows, predictions=[prediction()], games=(before_tip(), game("POR", "UTA")))
    assert (built.total_players, built.total_with_lines) == (4, 2)
    assert (built.game_date, built.generated_at) == (stories.DAY, STAMP)
    columns = dict.fromkeys(("season_ppg", "minutes_avg", "last_5_ppg", "days_rest", "fatigue_score"), True)
    assert tonight.measure(built) == fields.Measures(4, {"with_lines": 2, "predictions": 1}, columns)


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(19, 30, "7:30 PM ET"), (22, 0, "10:00 PM ET"), (12, 5, "12:05 PM ET"), (0, 30, "12:30 AM ET")],
)
def test_time_of_a_game(hour: int, minute: int, said: str) -> None:
    """As people in the East write it."""
    tip = datetime.datetime(2026, 2, 12, hour, minute, tzinfo=zoneinfo.ZoneInfo("America/New_York"))
    assert told(schedule=(stories.scheduled(tip=tip),)).games[0].game_time == said


def test_a_game_that_has_begun_tells_no_time() -> None:
    """Its score instead, as the scores' own document has it."""
    for one in (game(), final(), before_tip(status="postponed")):
        (found,) = told(games=(one,), schedule=(stories.scheduled(tip=NOW),)).games
        assert (found.game_time, found.game_status) == (None, one.status)
        assert (found.home_score, found.away_score) == (one.home_score, one.away_score)
        assert (found.game_id, found.home_team, found.away_team) == (one.game_id, "OKC", "MIL")
    assert told(schedule=(stories.scheduled(tip=None),)).games[0].game_time is None
