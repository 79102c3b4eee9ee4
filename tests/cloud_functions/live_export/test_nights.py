"""Whole nights: their order, when they are over, whom to ask; and that nothing goes backwards, whatever is answered."""

import datetime
import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_functions.live_export import box, boxscores, night, schedule
from local.scores import answers, official
from tests.cloud_functions.live_export import stories
from tests.cloud_functions.live_export.stories import DAY, NOW, before_tip, final, game, provider_game, scheduled
from tests.local.scores import nights

EARLY = datetime.timedelta(minutes=15)
RANK = {"scheduled": 0, "in_progress": 1, "final": 2}


def test_games_being_played_come_first_and_finals_last() -> None:
    """Then by id, so that the order is the same in every run."""
    told = [("a", "final"), ("b", "scheduled"), ("c", "in_progress"), ("d", "final"), ("e", "in_progress")]
    told += [("f", "postponed")]
    games = [scheduled(away, state=state) for away, state in reversed(told)]
    found = night.merge(night.Witnesses(games, (), None, ()), DAY)
    assert [one.away_team for one in found.games] == ["c", "e", "b", "f", "a", "d"]


def test_notes_are_those_of_all_games_and_missing_those_of_absent_ones() -> None:
    """A stale answer is odd, and its game is not missing."""
    games = [scheduled(), scheduled("POR", "UTA", state="in_progress"), scheduled("DAL", "LAL")]
    stale = provider_game("DAL", "LAL", period=1, clock="Q1 1:00")
    found = night.merge(night.Witnesses(games, (), [stale], (game(), game("DAL", "LAL"))), DAY)
    assert [note.reason for note in found.notes] == ["vanished", "not_listed", "stale_scores"]
    assert [(note.game_id, note.reason) for note in night.missing(found)] == [
        (stories.code(), "vanished"),
        (stories.code("POR", "UTA"), "not_listed"),
    ]
    assert found.notes[0].message.endswith("kept as published: period 2, Q2 5:32")
    assert found.notes[2].message == "the provider tells period 1, Q1 1:00, and period 2, Q2 5:32 was published already"


@pytest.mark.parametrize(
    ("games", "over", "counted"),
    [
        ((), False, 0),
        ((final(),), True, 1),
        ((final(), game("POR", "UTA")), False, 1),
        ((final(), before_tip("POR", "UTA")), False, 1),
        ((final(), before_tip("POR", "UTA", status="postponed")), True, 1),
        ((before_tip(status="postponed"),), False, 0),
    ],
)
def test_when_a_night_is_over(games: tuple[box.Game, ...], over: bool, counted: int) -> None:  # noqa: FBT001 - a value of the table
    """There were games, and each is final; what was postponed is not waited for, and alone makes no night."""
    found = night.Night(games, ())
    assert (found.over, found.counted("final")) == (over, counted)
    assert len(found.played) == len([one for one in games if one.status != "postponed"])


@pytest.mark.parametrize(
    ("one", "rows", "needed"),
    [
        (scheduled(), 0, True),
        (scheduled(), 10, True),
        (scheduled(tip=NOW + EARLY), 0, True),
        (scheduled(tip=NOW + EARLY + datetime.timedelta(seconds=1)), 0, False),
        (scheduled(tip=None), 0, True),
        (scheduled(state="in_progress", tip=None), 10, True),
        (scheduled(state="final", tip=None), 0, True),
        (scheduled(state="final", tip=None), 9, True),
        (scheduled(state="final", tip=None), 10, False),
        (scheduled(state="postponed", tip=None), 0, False),
    ],
)
def test_when_the_provider_is_asked(one: schedule.Scheduled, rows: int, needed: bool) -> None:  # noqa: FBT001 - a value of the table
    """From just before the first tip-off until every final is in the official table."""
    assert night.needs_scores([one], stories.official(rows), NOW, early=EARLY) is needed


def test_one_game_is_enough_to_ask_and_rows_count_for_their_own_game() -> None:
    """The official rows of another game do not end this one."""
    ended, later = scheduled(state="final", tip=None), scheduled("POR", "UTA", tip=NOW + 2 * EARLY)
    assert not night.needs_scores([ended, later], stories.official(), NOW, early=EARLY)
    assert night.needs_scores([ended, later], stories.official(10, "POR", home="UTA"), NOW, early=EARLY)
    assert not night.needs_scores([], (), NOW, early=EARLY)


NIGHT = nights.night()


@functools.cache
def _listed(minute: int) -> tuple[boxscores.Game, ...]:
    """Return what a provider that tells everything tells at a minute."""
    found = boxscores.read(answers.page(NIGHT, minute, {"per_page": "100"}, thrown={}))
    assert isinstance(found, boxscores.Page)
    return found.games


@functools.cache
def _schedule(minute: int) -> tuple[schedule.Scheduled, ...]:
    """Return the schedule at a minute, some minutes behind."""
    rows: list[dict[str, Any]] = []
    for one in NIGHT.at(minute - 4):
        told = official.schedule(NIGHT, one)
        teams = {"game_id": one.game.nba_id, "home_team": one.game.home, "away_team": one.game.away}
        scores = {"home_score": told["home_team_score"], "away_score": told["away_team_score"]}
        rows.append(told | teams | scores)
    return schedule.read(rows, DAY, stories.GAME_DAY)


OVERTIME = (165, 185)
"""The minutes around the overtime of the second game."""


class Step(NamedTuple):
    """One run: minutes since the last; and the answer: stale by minutes, without some games, or not asked for."""

    wait: int
    stale: int
    without: frozenset[str]
    asked: bool


STEPS = st.builds(
    Step,
    wait=st.integers(0, 3) | st.integers(0, 25),
    stale=st.sampled_from([0, 0, 0, 1, 2, 5, 20, 60]),
    without=st.frozensets(st.sampled_from(["MIL", "POR", "DAL"])),
    asked=st.sampled_from([True, True, True, False]),
)


def _answer(minute: int, step: Step) -> Sequence[boxscores.Game] | None:
    listed = [one for one in _listed(minute - step.stale) if one.away not in step.without]
    return listed if step.asked else None


def _points(found: box.Game) -> dict[str, int]:
    return {one.player_lookup: one.points for one in found.players}


def _backwards(before: box.Game, after: box.Game) -> str | None:
    if RANK[after.status] < RANK[before.status]:
        return f"{after.game_id}: {after.status} after {before.status}"
    told, was = _points(after), _points(before)
    fallen = sorted(name for name, points in was.items() if told.get(name, -1) < points)
    return f"{after.game_id}: fewer points of {fallen} at {after.time_remaining}" if fallen else None


@settings(max_examples=200, deadline=None)
@given(begin=st.integers(-40, 40) | st.integers(*OVERTIME), steps=st.lists(STEPS, min_size=2, max_size=30))
def test_nothing_goes_backwards_whatever_the_provider_answers(begin: int, steps: list[Step]) -> None:
    """Late, repeated, partial and missing answers over a night, or its overtime: states and points only rise."""
    minute, published = begin, tuple[box.Game, ...]()
    for step in steps:
        minute += step.wait
        told = night.Witnesses(_schedule(minute), (), _answer(minute, step), published)
        merged = night.merge(told, DAY).games
        assert len(merged) == 3
        known = {one.game_id: one for one in merged}
        assert [said for one in published if (said := _backwards(one, known[one.game_id]))] == []
        published = merged


def test_a_night_with_good_answers_is_what_happened() -> None:
    """Told every three minutes until everything is final: no note, and the points of the script."""
    published: tuple[box.Game, ...] = ()
    for minute in range(-33, int(NIGHT.over) + 15, 3):
        found = night.merge(night.Witnesses(_schedule(minute), (), _listed(minute), published), DAY)
        assert found.notes == (), minute
        published = found.games
    assert found.over
    ended = {NIGHT.code(one.game): one for one in NIGHT.at(NIGHT.over)}
    for one in published:
        assert (one.home_score, one.away_score) == (ended[one.game_id].home_points, ended[one.game_id].away_points)
        lines = [*ended[one.game_id].home, *ended[one.game_id].away]
        assert _points(one) == {line.player.lookup: line.points for line in lines}
