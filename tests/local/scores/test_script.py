"""Claims about a scripted night, each of all its minutes: figures never fall, sums agree, states come in order."""

import dataclasses
import datetime
import itertools

import pytest

from local.scores import clock, script
from tests.local.scores import nights

NIGHT = nights.night()
MINUTES = [half / 2 for half in range(-20, 2 * 300)]
COUNTED = tuple(field.name for field in dataclasses.fields(script.Line))[2:]
ORDER = ("scheduled", "in_progress", "final")


def lines(standing: script.Standing) -> tuple[script.Line, ...]:
    """Return the lines of both teams."""
    return standing.away + standing.home


@pytest.mark.parametrize("seed", range(5))
def test_no_figure_ever_falls(seed: int) -> None:
    """From one half minute to the next, every figure of every player stays or rises."""
    night = nights.night(seed=seed)
    for before, after in itertools.pairwise(night.at(minute) for minute in MINUTES):
        for old, new in zip(before, after, strict=True):
            for was, now in zip(lines(old), lines(new), strict=True):
                assert was.player == now.player
                assert all(getattr(was, name) <= getattr(now, name) for name in COUNTED), (was, now)


def test_figures_agree() -> None:
    """Nobody makes more than is attempted, points are those of the shots, and a team's are those of its players."""
    for standing in (one for minute in MINUTES for one in NIGHT.at(minute)):
        for line in lines(standing):
            assert line.fg3_made <= line.fg_made <= line.fg_attempted
            assert line.fg3_made <= line.fg3_attempted <= line.fg_attempted
            assert line.fg_attempted - line.fg_made >= line.fg3_attempted - line.fg3_made
            assert line.ft_made <= line.ft_attempted
            twos = line.fg_made - line.fg3_made
            assert line.points == 2 * twos + 3 * line.fg3_made + line.ft_made
            assert line.rebounds == line.rebounds_offensive + line.rebounds_defensive
        assert standing.home_points == sum(line.points for line in standing.home)
        assert standing.away_points == sum(line.points for line in standing.away)


def test_five_of_each_team_are_on_court() -> None:
    """The players' seconds add up to five times the game's own time, and who has done something has played."""
    for standing in (one for minute in MINUTES for one in NIGHT.at(minute)):
        for team in (standing.away, standing.home):
            assert sum(line.seconds for line in team) == pytest.approx(5 * standing.clock.elapsed)
            idle = [line for line in team if not line.seconds]
            assert not any(getattr(line, name) for line in idle for name in COUNTED[1:])


def test_states_come_in_order() -> None:
    """Scheduled until tip-off, then in progress, then final; periods and the game's own time only rise."""
    by_game = zip(*(NIGHT.at(minute) for minute in MINUTES), strict=True)
    for game, standings in zip(NIGHT.games, by_game, strict=True):
        seen = [standing.clock for standing in standings]
        for minute, reading in zip(MINUTES, seen, strict=True):
            assert reading.state == ORDER[(minute >= game.tip) + (minute >= game.final_at)]
        assert [each.period for each in seen] == sorted(each.period for each in seen)
        assert [each.elapsed for each in seen] == sorted(each.elapsed for each in seen)
        assert {each.period for each in seen} == set(range(5 + game.overtimes))


def test_every_game_ends() -> None:
    """On the last minute all are final and decided, and from then on nothing changes."""
    end = NIGHT.at(NIGHT.over)
    assert [standing.clock.state for standing in end] == ["final"] * 3
    assert all(standing.home_points != standing.away_points for standing in end)
    assert NIGHT.at(NIGHT.over + 600) == end
    assert "final" not in {standing.clock.state for standing in NIGHT.at(NIGHT.games[0].final_at - 0.5)}


@pytest.mark.parametrize("overtimes", [0, 1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_an_overtime_follows_a_draw(overtimes: int, seed: int) -> None:
    """After four periods, and every overtime but the last, the score is level; and at the end it is not."""
    game = dataclasses.replace(NIGHT.games[0], overtimes=overtimes)
    night = script.Night(nights.DAY, (game,), nights.players(), seed)
    for played in range(overtimes):
        (standing,) = night.at(clock.duration(played) - 1)
        assert standing.clock.text == f"END {clock.name(4 + played)}"
        assert standing.home_points == standing.away_points
    (end,) = night.at(night.over)
    assert (end.clock.period, end.home_points != end.away_points) == (4 + overtimes, True)


def test_the_night_has_one_overtime() -> None:
    """It is in the second game, and its fifth period is seen while it is played."""
    assert [standing.clock.period for standing in NIGHT.at(NIGHT.over)] == [4, 5, 4]
    assert NIGHT.at(30 + 145)[1].clock == clock.Reading("in_progress", 5, "OT1 3:20", 2880 + 100)


@pytest.mark.parametrize(
    ("minute", "period", "text"),
    [
        (-1, 0, ""),
        (0, 1, "Q1 12:00"),
        (14, 1, "Q1 6:00"),
        (27.99, 1, "Q1 0:01"),
        (29, 1, "END Q1"),
        (31, 2, "Q2 12:00"),
        (60, 2, "Half"),
        (73.5, 2, "Half"),
        (74, 3, "Q3 12:00"),
        (137.9, 4, "Q4 0:03"),
        (138, 4, "END Q4"),
        (140, 4, "Final"),
    ],
)
def test_the_clock_shows(minute: float, period: int, text: str) -> None:
    """Twelve minutes of a period take about half an hour, and half-time is a state of its own."""
    reading = clock.read(minute, 0)
    assert (reading.period, reading.text) == (period, text)


def test_some_never_play() -> None:
    """Ten of a team's seventeen play; of those who do not, one usually would: a player with a line to be voided."""
    for standing in NIGHT.at(NIGHT.over):
        for team in (standing.away, standing.home):
            played = [line.seconds > 0 for line in team]
            assert sum(played) == 10
            assert played[:8].count(False) == 1
            assert [line.starts for line in team].count(True) == 5


@pytest.mark.parametrize(("size", "play"), [(1, 1), (3, 3), (5, 5), (6, 5), (9, 8), (10, 8), (11, 9), (12, 10)])
def test_a_small_team_plays_too(size: int, play: int) -> None:
    """Any number of players make a game."""
    for standing in nights.night(size=size).at(999):
        assert standing.home_points + standing.away_points > 100
        assert sum(line.seconds > 0 for line in standing.home) == play


def test_scores_are_those_of_basketball() -> None:
    """Over sixty seeds no team scores as nobody does, and no game ends in a draw, as some would by themselves."""
    ends = [one for seed in range(60) for one in nights.night(seed=seed).at(999)]
    assert all(one.home_points != one.away_points for one in ends)
    points = [each for one in ends for each in (one.home_points, one.away_points)]
    assert min(points) > 60
    assert max(points) < 160
    assert 95 < sum(points) / len(points) < 120


def test_a_script_is_a_function_of_its_values() -> None:
    """The same values tell the same night; another seed or day tells another; one more game moves no other."""
    assert nights.night().at(100) == NIGHT.at(100)
    assert nights.night(seed=8).at(100) != NIGHT.at(100)
    moved = dataclasses.replace(NIGHT, day=nights.DAY + datetime.timedelta(days=1))
    assert moved.at(100) != NIGHT.at(100)
    assert dataclasses.replace(NIGHT, games=NIGHT.games[1:]).at(100) == NIGHT.at(100)[1:]


def test_a_night_that_cannot_be_played_is_refused() -> None:
    """Without a game, without players, and with one player for two teams."""
    with pytest.raises(ValueError, match="needs a game"):
        dataclasses.replace(NIGHT, games=())
    with pytest.raises(ValueError, match="LAL has no players"):
        dataclasses.replace(NIGHT, players=NIGHT.players[:-17])
    twice = dataclasses.replace(NIGHT.players[0], team="LAL")
    with pytest.raises(ValueError, match="annmil0 is listed twice"):
        dataclasses.replace(NIGHT, players=(*NIGHT.players, twice))


def test_the_night_has_instants() -> None:
    """It begins at half past seven in New York, and its last game ends after midnight there."""
    assert NIGHT.began.isoformat() == "2026-02-13T00:30:00+00:00"
    assert NIGHT.instant(NIGHT.over).isoformat() == "2026-02-13T05:20:00+00:00"
    assert [NIGHT.code(game) for game in NIGHT.games] == list(nights.CODES)
