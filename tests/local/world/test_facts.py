"""The seed's facts come out of the rows of the whole world, counted anew."""

import typing

import pytest

if typing.TYPE_CHECKING:
    from .conftest import Counted

TODAY, YESTERDAY = "2026-02-12", "2026-02-11"
CHAMPION, SHADOW = "catboost_v9", "catboost_v9_q43_train1102_0131"


def test_eleven_february_has_fourteen_games_and_505_player_rows(full: "Counted") -> None:
    """Fourteen games, all final, one of them MIL@ORL, and 505 rows of listed players."""
    day = full.only("schedule_days", day=YESTERDAY)
    assert (day["games"], day["final"]) == (14, 14)
    assert "MIL@ORL" in day["pairs"]
    assert full.only("rows_by_day", day=YESTERDAY)["players"] == 505


def test_tonight_has_three_games_that_are_not_played(full: "Counted") -> None:
    """The slate of 12 February is the seed's, and nothing of it has happened."""
    day = full.only("schedule_days", day=TODAY)
    assert sorted(day["pairs"]) == ["DAL@LAL", "MIL@OKC", "POR@UTA"]
    assert day["final"] == 0
    assert set(full.only("late_rows").values()) == {0}


def test_feature_quality_today_is_91_4_percent_ready_and_0_red(full: "Counted") -> None:
    """32 of 35 are ready, none is red."""
    features = full.only("features", day=TODAY)
    assert round(100 * features["ready"] / features["stored"], 1) == 91.4
    assert features["red"] == 0


def test_red_is_possible_at_all(full: "Counted") -> None:
    """Other days have red rows, so that their absence today says something."""
    assert sum(row["red"] for row in full.of("features")) > 50


@pytest.mark.parametrize(("day", "percent"), [(TODAY, 100), (YESTERDAY, 98)])
def test_enrichment(full: "Counted", day: str, percent: int) -> None:
    """The share of active predictions with a line is the seed's, for each model and so for all."""
    shares = {round(100 * row["lined"] / row["active"]) for row in full.of("predictions", day=day)}
    assert shares == {percent}


def test_five_models_are_at_parity_on_every_game_day(full: "Counted") -> None:
    """On each day five models made as many active predictions as the champion, without repeating one."""
    for day in {row["day"] for row in full.of("rows_by_day")}:
        rows = full.of("predictions", day=day)
        assert len(rows) == 5
        assert {row["active"] for row in rows} == {full.only("predictions", day=day, system_id=CHAMPION)["active"]}
        assert {row["repeated"] for row in rows} == {0}


def test_no_model_vanished_within_the_last_week(full: "Counted") -> None:
    """Whoever predicted in the seven days before today predicts today, the shadow model included."""
    recent = {row["system_id"] for row in full.of("predictions") if row["day"] >= "2026-02-05"}
    today = {row["system_id"] for row in full.of("predictions", day=TODAY)}
    assert recent == today
    assert SHADOW in today


def test_phase_3_of_yesterday_is_five_of_five_and_triggered(full: "Counted") -> None:
    """Five processors of the five expected succeeded, and the next phase was triggered."""
    phase = full.only("phases", day=YESTERDAY, phase="phase3")
    assert (phase["processors"], phase["expected"], phase["succeeded"], phase["triggered"]) == (5, 5, 5, True)


def test_the_signal_of_today_is_red(full: "Counted") -> None:
    """A slate of three games, 32 picks, none of high edge."""
    signal = full.only("signals", day=TODAY, system_id=CHAMPION)
    assert (signal["daily_signal"], signal["slate_size"], signal["total_picks"]) == ("RED", 3, 32)
    assert {row["high_edge_picks"] for row in full.of("signals", day=TODAY)} == {0}


def test_the_signal_of_yesterday_is_green(full: "Counted") -> None:
    """192 picks, six of high edge, 34.4 % over."""
    signal = full.only("signals", day=YESTERDAY, system_id=CHAMPION)
    assert (signal["daily_signal"], signal["total_picks"], signal["high_edge_picks"]) == ("GREEN", 192, 6)
    assert round(signal["pct_over"], 1) == 34.4


def test_every_signal_agrees_with_the_predictions(full: "Counted") -> None:
    """Each signal's picks, high edges and share of overs are those of the day's active predictions."""
    made = {(row["day"], row["system_id"]): row for row in full.of("predictions")}
    signals = full.of("signals")
    assert len(signals) == len(made)
    for signal in signals:
        row = made[signal["day"], signal["system_id"]]
        assert (signal["total_picks"], signal["high_edge_picks"]) == (row["lined"], row["high_edge"])
        assert signal["pct_over"] == pytest.approx(100 * row["over"] / row["lined"], abs=0.006)


def test_all_three_colours_occur(full: "Counted") -> None:
    """The champion had green, yellow and red days."""
    assert {row["daily_signal"] for row in full.of("signals", system_id=CHAMPION)} == {"GREEN", "YELLOW", "RED"}


SHADOW_TABLE = {
    SHADOW: [(4, 6), (2, 4), (1, 3), (7, 16)],
    CHAMPION: [(3, 9), (4, 9), (1, 5), (15, 33)],
}


@pytest.mark.parametrize("system", SHADOW_TABLE)
def test_the_shadow_table(full: "Counted", system: str) -> None:
    """Hits and picks of edge 3 or more with a verdict, from 8 to 11 February, are the seed's."""
    rows = [row for row in full.of("shadow", system_id=system) if row["day"] >= "2026-02-08"]
    assert [(row["hits"], row["picks"]) for row in rows] == SHADOW_TABLE[system]


def test_the_shadow_model_has_29_picks_in_all(full: "Counted") -> None:
    """It has no pick of edge 3 with a verdict before 8 February: 14 of 29 is all there is."""
    rows = full.of("shadow", system_id=SHADOW)
    assert (sum(row["hits"] for row in rows), sum(row["picks"] for row in rows)) == (14, 29)


def test_the_champion_comes_to_23_of_56(full: "Counted") -> None:
    """41.1 %, where the seed prints 41.8 %."""
    rows = [row for row in full.of("shadow", system_id=CHAMPION) if row["day"] >= "2026-02-08"]
    hits, picks = sum(row["hits"] for row in rows), sum(row["picks"] for row in rows)
    assert (hits, picks, round(100 * hits / picks, 1)) == (23, 56, 41.1)


def test_some_large_edges_have_no_verdict(full: "Counted") -> None:
    """Pushes and voids of edge 3 or more exist, so that a rate over all rows comes out wrong."""
    assert all(row["unjudged"] > 0 for row in full.of("shadow") if row["day"] >= "2026-02-08")


def test_the_shadow_model_says_under_only(full: "Counted") -> None:
    """Every one of its predictions with a line is UNDER."""
    assert {row["recommendation"] for row in full.of("shadow_sides")} == {"UNDER", "NO_LINE"}


def test_the_champion_decays(full: "Counted") -> None:
    """Its hit rate was above 65 % before its training went stale, and is below 50 % in the last two weeks."""
    rows = full.of("shadow", system_id=CHAMPION)
    fresh = [row for row in rows if row["day"] < "2026-01-09"]
    stale = [row for row in rows if row["day"] >= "2026-01-29"]
    rates = [sum(row["hits"] for row in part) / sum(row["picks"] for row in part) for part in (fresh, stale)]
    assert rates[0] > 0.65
    assert rates[1] < 0.50


def test_exhibitions_stand_in_the_schedule_and_are_not_games(full: "Counted") -> None:
    """The All-Star break has exhibitions under another prefix, and the clean view has no game in it."""
    stars = full.only("schedule_prefixes", prefix="003")
    assert (stars["games"], stars["regular"], stars["all_star"]) == (3, 0, 3)
    assert stars["first"] == "2026-02-13"
    assert not [row for row in full.of("schedule_days") if TODAY < row["day"] < "2026-02-19"]


def test_the_season_goes_on_after_the_break_in_the_schedule_only(full: "Counted") -> None:
    """22 February has eleven games, none of them final."""
    day = full.only("schedule_days", day="2026-02-22")
    assert (day["games"], day["final"]) == (11, 0)
    assert max(row["day"] for row in full.of("rows_by_day")) == TODAY
