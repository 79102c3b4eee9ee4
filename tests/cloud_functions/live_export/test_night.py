"""Four witnesses of one game, and whom to believe: what matters of their combinations, one by one."""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

import pytest

from cloud_functions.live_export import box, boxscores, night
from cloud_functions.live_export.schedule import Scheduled
from tests.cloud_functions.live_export import stories
from tests.cloud_functions.live_export.stories import DAY, final, game, official, provider_game, scheduled

EARLY = datetime.timedelta(minutes=15)
OVER: dict[str, Any] = {"state": "final", "tip": None, "home_score": 110, "away_score": 104}
ON: dict[str, Any] = {"state": "in_progress", "tip": None}
Scores = Sequence[boxscores.Game] | None


def merged(
    one: Scheduled, rows: Sequence[Any] = (), *, scores: Scores = (), before: box.Game | None = None
) -> tuple[box.Game, list[str]]:
    """Return the one game of a night as it is told, and the reasons of its notes."""
    told = night.Witnesses((one,), rows, scores, (before,) if before else ())
    found = night.merge(told, DAY)
    return found.games[0], [note.reason for note in found.notes]


def test_a_game_that_has_not_begun_is_the_schedules() -> None:
    """Without a score, also where the schedule has a stray one."""
    found, notes = merged(scheduled(home_score=1, away_score=2))
    assert (found, notes) == (stories.before_tip(provider_id=None), [])


def test_a_game_that_is_played_is_the_providers() -> None:
    """Whatever the schedule says of it by then: it lags."""
    for state in ("scheduled", "in_progress", "final"):
        found, notes = merged(scheduled(state=state, home_score=7, away_score=9), scores=[provider_game()])
        assert (found.status, found.period, found.time_remaining) == ("in_progress", 2, "Q2 5:32")
        assert (found.home_score, found.away_score, found.score_source) == (61, 55, "live")
        assert [(one.player_lookup, one.points, one.team) for one in found.players] == [
            ("bobtwo", 20, "OKC"),
            ("annone", 12, "MIL"),
        ]
        assert (found.player_count, found.provider_id, notes) == (2, "18", [])


def test_every_number_of_a_line_keeps_its_name() -> None:
    """None stands in for its neighbour, neither the provider's nor the official ones."""
    told: dict[str, Any] = dict(zip((*stories.NUMBERS, *stories.SHOTS), range(1, 13), strict=True))
    found, _ = merged(scheduled(), scores=[provider_game(lines=(stories.line(**told),))])
    assert {name: getattr(found.players[0], name) for name in told} == told
    found, _ = merged(scheduled(**OVER), official(**told))
    assert {name: getattr(found.players[0], name) for name in told} == told


def test_players_are_ranked_by_points_and_then_by_lookup() -> None:
    """The most first; equal ones always in the same order, so that equal content is equal bytes."""
    lines = tuple(stories.line(name, points=points) for name, points in (("C", 5), ("A", 5), ("B", 9)))
    found, _ = merged(scheduled(), scores=[provider_game(lines=lines)])
    assert [one.player_lookup for one in found.players] == ["b", "a", "c"]


@pytest.mark.parametrize(("minutes", "told"), [(21.5, 21.5), (0.0, None), (None, None)])
def test_who_has_not_played_has_no_minutes(minutes: float | None, told: float | None) -> None:
    """The provider lists those on the bench with 0."""
    found, _ = merged(scheduled(), scores=[provider_game(lines=(stories.line(minutes=minutes),))])
    assert found.players[0].minutes == told


def test_the_official_box_score_ends_a_game() -> None:
    """Its numbers count for a final, the schedule's score with them; id and period are the provider's."""
    score = provider_game(state="final", period=5, clock=None)
    found, notes = merged(scheduled(**OVER), official(), scores=[score], before=game())
    assert (found.status, found.time_remaining, found.score_source) == ("final", "Final", "official")
    assert (found.home_score, found.away_score, found.player_count) == (110, 104, 10)
    assert (found.provider_id, found.period, notes) == ("18", 5, [])
    assert [one.points for one in found.players] == [19, 18, 17, 16, 15, 14, 13, 12, 11, 10]


def test_the_official_box_score_needs_no_other_witness() -> None:
    """Without provider and publication a game has four periods and no provider's id; with the last one, its own."""
    found, notes = merged(scheduled(**OVER), official(), scores=None)
    assert (found.status, found.period, found.provider_id, notes) == ("final", 4, None, [])
    found, notes = merged(scheduled(**OVER), official(), scores=None, before=game(period=6))
    assert (found.status, found.period, found.provider_id, notes) == ("final", 6, "18", [])


def test_scores_that_the_schedule_does_not_tell_are_added_up() -> None:
    """The official rows come before the schedule: each team's points, not the other's."""
    found, _ = merged(scheduled(), official(11))
    assert (found.status, found.home_score, found.away_score) == ("final", 11 + 13 + 15 + 17 + 19, 90)


def test_official_rows_of_who_did_not_play() -> None:
    """No minutes, and zeros in spite of what stands there; one who played may lack a number."""
    found, _ = merged(scheduled(**OVER), official(is_dnp=True, points=None))
    assert {(one.points, one.rebounds, one.minutes) for one in found.players} == {(0, 0, None)}
    found, _ = merged(scheduled(**OVER), official(points=None, minutes=None))
    assert {(one.points, one.rebounds, one.minutes) for one in found.players} == {(0, 1, None)}


def test_a_partial_official_box_score_is_none() -> None:
    """Nine rows are not taken for the end of a game, ten are; those of other games do not count."""
    for rows in (official(9), official(9) + official(10, "POR", home="UTA")):
        assert merged(scheduled(**ON), rows, scores=[provider_game()])[0].score_source == "live"
        assert merged(scheduled(**OVER), rows, before=final(score_source="live"))[0].score_source == "live"
    assert merged(scheduled(**ON), official(10))[0].score_source == "official"


def test_official_rows_do_not_end_a_game_that_is_being_played() -> None:
    """As long as the schedule does not say so either; then the provider is the one that is late."""
    for state in ("scheduled", "in_progress"):
        found, _ = merged(scheduled(state=state), official(), scores=[provider_game()])
        assert (found.status, found.score_source) == ("in_progress", "live")
    for one, score in ((scheduled(**OVER), provider_game()), (scheduled(**ON), provider_game(state="final"))):
        found, _ = merged(one, official(), scores=[score])
        assert (found.status, found.score_source) == ("final", "official")


def test_a_final_of_the_provider_is_final_before_the_official_one() -> None:
    """With the provider's numbers; the clock is "Final" whatever it writes."""
    found, notes = merged(scheduled(), scores=[provider_game(state="final", period=4, clock="Q4 0:00")], before=game())
    assert (found.status, found.time_remaining, found.score_source, notes) == ("final", "Final", "live", [])
    assert (found.home_score, found.player_count) == (61, 2)


def test_a_game_that_the_provider_lists_before_tip_off() -> None:
    """It has an id, and no score, no clock and no players yet, though the provider tells zeros."""
    score = provider_game(state="scheduled", period=0, clock="x", home_score=0, away_score=0)
    found, notes = merged(scheduled(), scores=[score])
    assert (found, notes) == (stories.before_tip(), [])


def test_a_vanished_game_in_progress_is_kept_and_noted() -> None:
    """As it was published, and marked as kept."""
    for state in ("scheduled", "in_progress"):
        found, notes = merged(scheduled(state=state), before=game())
        assert (found, notes) == (game(score_source="kept"), ["vanished"])


def test_a_vanished_final_stays() -> None:
    """The provider leaves it out some time after its end: nothing is odd about that."""
    for state, source in (("in_progress", "live"), ("final", "live"), ("final", "kept")):
        before = final(score_source=source)
        assert merged(scheduled(state=state), before=before) == (before, [])


def test_unseen_final_with_the_same_score_is_final() -> None:
    """Dropped between the last basket and the word "final": the numbers are the last ones."""
    before = game(period=4, time_remaining="Q4 0:00", home_score=110, away_score=104)
    found, notes = merged(scheduled(**OVER), before=before)
    assert found == dataclasses.replace(before, status="final", time_remaining="Final", score_source="live")
    assert notes == []


@pytest.mark.parametrize(("home", "away"), [(110, 103), (109, 104), (109, 103)])
def test_unseen_final_with_another_score_is_not_whole(home: int, away: int) -> None:
    """The schedule's score counts; the players' numbers are kept, and marked: they cannot be graded as final."""
    before = game(period=4, time_remaining="Q4 1:10", home_score=home, away_score=away)
    found, notes = merged(scheduled(**OVER), before=before)
    assert (found.status, found.time_remaining, found.score_source) == ("final", "Final", "kept")
    assert (found.home_score, found.away_score, found.players) == (110, 104, before.players)
    assert notes == ["unseen_final"]


def test_unseen_final_without_a_score_keeps_the_last_one() -> None:
    """The schedule says that it is over, and not how."""
    found, notes = merged(scheduled(state="final"), before=game())
    assert (found.status, found.home_score, found.away_score, found.score_source) == ("final", 61, 55, "kept")
    assert notes == ["unseen_final"]


STALE = [
    ({"period": 1, "clock": "Q1 0:10"}, game()),
    ({"clock": "Q2 5:33"}, game()),
    ({"clock": "Q2 12:00"}, game()),
    ({"state": "scheduled", "period": 0}, game()),
    ({"period": 4, "clock": None}, game(period=5, time_remaining="OT1 5:00")),
    ({"period": 5, "clock": "OT1 4:00"}, game(period=5, time_remaining="OT1 2:30")),
    ({"period": 5, "clock": "OT1 0:01"}, game(period=6, time_remaining="OT2 5:00")),
    ({"period": 4, "clock": "0:30.5"}, game(period=4, time_remaining="0:30.4")),
]


@pytest.mark.parametrize(("told", "before"), STALE)
def test_a_stale_provider_moves_no_game_backwards(told: dict[str, Any], before: box.Game) -> None:
    """An earlier period or clock, in overtime too: what was published stays, and it is noted."""
    found, notes = merged(scheduled(), scores=[provider_game(**told)], before=before)
    assert (found, notes) == (dataclasses.replace(before, score_source="kept"), ["stale_scores"])


@pytest.mark.parametrize("source", ["live", "official", "kept"])
def test_a_stale_provider_does_not_reopen_a_final(source: str) -> None:
    """And its numbers stay what they were: official ones, or the provider's last."""
    before = final(score_source=source)
    assert merged(scheduled(**OVER), scores=[provider_game()], before=before) == (before, ["stale_scores"])


@pytest.mark.parametrize(
    ("told", "before"),
    [
        ({}, game()),
        ({"clock": "Q2 5:31"}, game()),
        ({"clock": "Half"}, game()),
        ({"period": 3, "clock": "Q3 12:00"}, game()),
        ({"period": 5, "clock": "OT1 2:30"}, game(period=5, time_remaining="OT1 4:00")),
        ({"period": 6, "clock": "OT2 5:00"}, game(period=5, time_remaining="OT1 0:01")),
        ({"state": "final", "period": 4}, game(period=4, time_remaining="END Q4")),
        ({}, stories.before_tip()),
        ({}, game(score_source="kept")),
    ],
)
def test_a_provider_that_is_level_or_ahead_is_believed(told: dict[str, Any], before: box.Game) -> None:
    """The same clock too: free throws are thrown while it stands still."""
    lines = (stories.line(points=13),)
    found, notes = merged(scheduled(), scores=[provider_game(lines=lines, **told)], before=before)
    assert ([one.points for one in found.players], found.score_source, notes) == ([13], "live", [])


def test_scores_of_another_day_are_not_there() -> None:
    """As if the game were not listed, whichever way the date is wrong."""
    for date in ("2026-02-11", "2026-02-13", ""):
        assert merged(scheduled(), scores=[provider_game(date=date)], before=game())[1] == ["vanished"]
        assert merged(scheduled(**ON), scores=[provider_game(date=date)])[1] == ["not_listed"]


def test_scores_of_the_return_match_are_not_this_games() -> None:
    """Home and away exchanged is another game."""
    assert merged(scheduled(**ON), scores=[provider_game("OKC", "MIL")])[1] == ["not_listed"]


def test_a_game_that_nobody_lists() -> None:
    """Odd only where the schedule says that it is being played; a final of the schedule has its score, no players."""
    assert merged(scheduled())[1] == []
    found, notes = merged(scheduled(**ON))
    assert (found.status, found.score_source, found.players, notes) == ("in_progress", "schedule", (), ["not_listed"])
    assert merged(scheduled(**ON, home_score=7, away_score=9))[0].home_score == 7
    found, notes = merged(scheduled(**OVER))
    assert (found.status, found.home_score, found.away_score, notes) == ("final", 110, 104, [])
    assert merged(scheduled(**ON), scores=[provider_game(state="scheduled", period=0)])[1] == ["not_listed"]


def test_who_was_not_asked_leaves_nothing_out() -> None:
    """The same nights, without the provider having been asked: no note."""
    for one, before in ((scheduled(**ON), None), (scheduled(), game()), (scheduled(**OVER), game())):
        assert merged(one, before=before)[1]
        assert merged(one, scores=None, before=before)[1] == []


def test_a_postponed_game_is_postponed() -> None:
    """Whatever the others say of it."""
    found, notes = merged(scheduled(state="postponed"), official(), scores=[provider_game()], before=game())
    assert (found.status, found.home_score, found.players, notes) == ("postponed", None, (), [])


def test_a_night_that_contradicts_itself_keeps_the_schedules_games() -> None:
    """One game for each of the schedule's, none for what only others list."""
    told = night.Witnesses((scheduled(),), official(12, "POR", home="UTA"), [provider_game("DAL", "LAL")], ())
    assert [one.game_id for one in night.merge(told, DAY).games] == [stories.code()]
    assert night.merge(night.Witnesses((), official(), [provider_game()], (game(),)), DAY) == night.Night((), ())
