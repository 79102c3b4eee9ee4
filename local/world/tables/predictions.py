"""nba_predictions: what each model predicted, how it was graded, and each day's signal."""

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa

from local.world import columns, facts, picks, state
from local.world.tables import keys

_MADE = "nba_predictions.player_prop_predictions"
_GRADED = "nba_predictions.prediction_accuracy"
_SIGNALS = "nba_predictions.daily_prediction_signals"
_MORNING, _NEXT_MORNING = 15.75, 33.0
_SMALLEST_EDGE = 0.05
_TRAINED = {facts.CHAMPION: ("2025-11-02", "2026-01-08"), facts.SHADOW: ("2025-11-02", "2026-01-31")}
_USUALLY_TRAINED = ("2024-10-22", "2025-06-22")
_SUPERSEDED_SHARE = 0.03
_HIGH, _PREMIUM, _ULTRA = 5.0, 3.0, 7.0
_PREMIUM_CONFIDENCE, _UNSURE = 92.0, 70.0
_OVER_HEAVY, _MANY_HIGH_EDGE = 40.0, 8
_NEAR, _FAIR, _THIN_SLOTS = 3, 5, 7


@dataclasses.dataclass(frozen=True)
class Drawn:
    """Every prediction, in the order of days and models: its player slot, its model, and its values."""

    cells: tuple[np.ndarray, np.ndarray]
    system: np.ndarray
    margin: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    recommendation: np.ndarray
    keys: np.ndarray


def tables(world: state.World) -> dict[str, pa.Table]:
    """Return the predictions, their grades for finished games, and the signals."""
    drawn = _draw(world)
    return {_MADE: _made(world, drawn), _GRADED: _graded(world, drawn), _SIGNALS: _signals(world, drawn)}


def _draw(world: state.World) -> Drawn:
    """Return one prediction for each ready player and each model that ran on that day."""
    rows, slots, system, margin = [], [], [], []
    for number, model in enumerate(world.models):
        ran = (world.side.date >= np.datetime64(model.first)) & (world.side.date <= np.datetime64(model.last))
        cells = world.cells(world.lines.ready & ran[:, None])
        rows.append(cells[0])
        slots.append(cells[1])
        system.append(np.full(len(cells[0]), number))
        margin.append(model.margin[cells])
    joined = [np.concatenate(parts) for parts in (rows, slots, system, margin)]
    order = np.lexsort((joined[1], joined[0], joined[2], world.side.date[joined[0]]))
    at, slot, number, edge = (part[order] for part in joined)
    return _valued(world, (at, slot), number=number, edge=edge)


def _valued(world: state.World, cells: tuple[np.ndarray, np.ndarray], *, number: np.ndarray, edge: np.ndarray) -> Drawn:
    keyed = world.side.cells[cells] * 8 + number
    line = world.lines.line[cells]
    free = world.lines.expected[cells] + world.draws.normal("predictions.free", keyed, deviation=1.5)
    predicted = np.round(np.where(np.isnan(line), free, line + edge), 1).clip(0.1)
    confident = 58 + 4.5 * np.abs(edge) + world.draws.normal("predictions.confidence", keyed, deviation=5.0)
    words = np.where(edge > 0, keys.same(len(edge), "OVER"), "UNDER")
    words = np.where(np.abs(edge) < _SMALLEST_EDGE, "PASS", words)
    return Drawn(
        cells=cells,
        system=np.array([model.system for model in world.models], dtype=object)[number],
        margin=np.where(np.isnan(line), np.nan, np.round(predicted - np.nan_to_num(line), 1)),
        predicted=predicted,
        confidence=np.round(confident.clip(50, 97), 2),
        recommendation=np.where(np.isnan(line), "NO_LINE", words),
        keys=keyed,
    )


def _line_source(world: state.World, drawn: Drawn) -> np.ndarray:
    known = columns.pick(
        ["ACTUAL_PROP", "ODDS_API", "BETTINGPROS"],
        world.draws.weighted("predictions.source", world.side.cells[drawn.cells], weights=(80, 15, 5)),
    )
    return np.where(np.isnan(drawn.margin), "NO_PROP_LINE", known)


def _made(world: state.World, drawn: Drawn) -> pa.Table:
    rows = keys.cells(world, _MADE, drawn.cells, hour=_MORNING)
    rows = dataclasses.replace(rows, keys=drawn.keys)
    ids = columns.hexadecimal(world.draws.bits("predictions.id", drawn.keys))
    given = keys.player(world, drawn.cells) | keys.game(world, drawn.cells[0]) | _model(drawn)
    given |= _quote(world, drawn) | {
        "prediction_id": ids,
        "predicted_points": drawn.predicted,
        "confidence_score": drawn.confidence,
        "recommendation": drawn.recommendation,
        "prediction_made_before_game": np.ones(len(drawn.keys), dtype=bool),
        "is_actionable": (np.abs(np.nan_to_num(drawn.margin)) >= _PREMIUM),
        "predicted_at": rows.written(),
        "quality_alert_level": keys.same(len(drawn.keys), "green"),
        "feature_quality_score": world.draws.uniform("features.score", rows.keys // 8, low=85, high=99).round(2),
        "feature_count": np.full(len(drawn.keys), 37),
        "key_factors": _factors(drawn),
        "warnings": columns.lists([[], ["thin_history"]], (drawn.cells[1] >= _THIN_SLOTS).astype(np.int64)),
    }
    given |= _alive(np.ones(len(drawn.keys), dtype=bool), ids)
    return pa.concat_tables([world.table(rows, given), _superseded(world, rows.keys, given, rows=rows)])


def _quote(world: state.World, drawn: Drawn) -> dict[str, Any]:
    line = world.lines.line[drawn.cells]
    return {
        "has_prop_line": ~np.isnan(line),
        "current_points_line": line,
        "opening_points_line": world.lines.opening[drawn.cells],
        "line_margin": drawn.margin,
        "line_source": _line_source(world, drawn),
        "estimated_line_value": np.where(np.isnan(line), np.round(world.lines.expected[drawn.cells], 1), np.nan),
    }


def _model(drawn: Drawn) -> dict[str, Any]:
    spans = [_TRAINED.get(system, _USUALLY_TRAINED) for system in drawn.system]
    return {
        "system_id": drawn.system,
        "ml_model_id": drawn.system,
        "model_version": drawn.system + "/1",
        "model_training_start_date": np.array([start for start, _ in spans], dtype="datetime64[D]"),
        "model_training_end_date": np.array([end for _, end in spans], dtype="datetime64[D]"),
    }


def _factors(drawn: Drawn) -> np.ndarray:
    edges = np.nan_to_num(drawn.margin)
    return np.array([f'{{"edge": {edge:.1f}, "rested": {"true" if edge > 0 else "false"}}}' for edge in edges], object)


def _alive(active: np.ndarray, ids: pa.Array) -> dict[str, Any]:
    count = len(active)
    return {
        "is_active": active,
        "prediction_version": np.where(active, 2, 1),
        "superseded_by": keys.same(count, None) if active.all() else ids,
        "invalidation_reason": np.where(active, None, keys.same(count, "superseded")),
        "invalidated_at": np.full(count, np.datetime64("NaT"), dtype="datetime64[us]"),
    }


def _superseded(world: state.World, keyed: np.ndarray, given: dict[str, Any], *, rows: Any) -> pa.Table:
    """Return earlier, no longer active versions of a few predictions; none of the last two days."""
    old = world.draws.chance("predictions.superseded", keyed, share=_SUPERSEDED_SHARE)
    chosen = np.flatnonzero(old & (rows.day < np.datetime64(facts.YESTERDAY)))
    earlier = dataclasses.replace(rows, keys=keyed[chosen], day=rows.day[chosen], hour=rows.hour - 4)
    values = {
        name: column.take(chosen) if isinstance(column, pa.Array) else column[chosen] for name, column in given.items()
    }
    values["predicted_at"] = earlier.written()
    values |= _alive(np.zeros(len(chosen), dtype=bool), values["prediction_id"])
    values["invalidated_at"] = earlier.written() + np.timedelta64(4, "h")
    values["prediction_id"] = columns.hexadecimal(world.draws.bits("predictions.old_id", earlier.keys))
    return world.table(earlier, values)


def _graded(world: state.World, drawn: Drawn) -> pa.Table:
    """Return every prediction of a finished game against what happened."""
    kept = np.flatnonzero(world.side.final[drawn.cells[0]])
    cells = (drawn.cells[0][kept], drawn.cells[1][kept])
    confidence, line = drawn.confidence[kept], world.lines.line[cells]
    given = keys.player(world, cells) | keys.game(world, cells[0])
    del given["universal_player_id"]
    given |= _result(world, cells, predicted=drawn.predicted[kept], said=drawn.recommendation[kept])
    given |= {
        "system_id": drawn.system[kept],
        "model_version": drawn.system[kept] + "/1",
        "confidence_score": confidence / 100,
        "confidence_decile": np.ceil(confidence / 10).astype(np.int64),
        "line_value": line,
        "predicted_margin": drawn.margin[kept],
        "has_prop_line": ~np.isnan(line),
        "line_source": _line_source(world, drawn)[kept],
        "estimated_line_value": np.where(np.isnan(line), np.round(world.lines.expected[cells], 1), np.nan),
    }
    rows = world.rows(_GRADED, drawn.keys[kept], world.side.date[cells[0]], hour=_NEXT_MORNING)
    return world.table(rows, given | {"graded_at": rows.written()})


def _result(
    world: state.World, cells: tuple[np.ndarray, np.ndarray], *, predicted: np.ndarray, said: np.ndarray
) -> dict[str, Any]:
    """Return what happened, how far off each prediction was, and its verdict."""
    played = world.box.plays[cells]
    actual = np.where(played, world.box.stats["points"][cells], np.nan)
    error, margin = predicted - actual, actual - world.lines.line[cells]
    far = np.abs(np.nan_to_num(error))
    return {
        "predicted_points": predicted,
        "recommendation": said,
        "actual_points": actual,
        "minutes_played": np.where(played, world.box.minutes[cells] / 10.0, np.nan),
        "absolute_error": np.abs(error),
        "signed_error": error,
        "actual_margin": margin,
        "prediction_correct": _verdict(said, margin),
        "within_3_points": columns.nullable(far <= _NEAR, played),
        "within_5_points": columns.nullable(far <= _FAIR, played),
        "is_voided": ~played,
        "void_reason": np.where(played, None, keys.same(len(said), "dnp")),
    }


def _verdict(said: np.ndarray, margin: np.ndarray) -> np.ma.MaskedArray:
    """Return whether each pick was right by the rule; NULL for a push, a void, a pass and no line."""
    judged = np.isin(said, ["OVER", "UNDER"]) & ~np.isnan(margin) & (margin != 0)
    return columns.nullable((said == "OVER") == (np.nan_to_num(margin) > 0), judged)


def _signals(world: state.World, drawn: Drawn) -> pa.Table:
    """Return one row a day and model, computed from the predictions of that day that have a line."""
    day = world.side.date[drawn.cells[0]]
    lined = ~np.isnan(drawn.margin)
    made: list[dict[str, Any]] = []
    for date in np.unique(day):
        slate = len(np.unique(world.side.game[world.side.date == date]))
        for system in dict.fromkeys(drawn.system[day == date]):
            chosen = lined & (day == date) & (drawn.system == system)
            made.append(_signal(drawn, chosen, slate=slate) | {"game_date": date, "system_id": system})
    values = {name: [row[name] for row in made] for name in made[0]}
    dates = np.array(values["game_date"], dtype="datetime64[D]")
    rows = world.rows(_SIGNALS, np.arange(len(made)) + 8 * dates.astype(np.int64), dates, hour=16.0)
    values = {name: np.array(column) if isinstance(column[0], float) else column for name, column in values.items()}
    return world.table(rows, values | {"game_date": dates, "calculated_at": rows.written()})


def _skew(over: float) -> str:
    if over < picks.LEAST_OVER:
        return "UNDER_HEAVY"
    return "OVER_HEAVY" if over > _OVER_HEAVY else "BALANCED"


def _signal(drawn: Drawn, chosen: np.ndarray, *, slate: int) -> dict[str, Any]:
    edge, said, sure = np.abs(drawn.margin[chosen]), drawn.recommendation[chosen], drawn.confidence[chosen]
    total, high = max(int(chosen.sum()), 1), int(np.sum(edge >= _HIGH))
    over, under = (100.0 * float(np.sum(said == word)) / total for word in ("OVER", "UNDER"))
    colour, why = picks.signal(slate=slate, over_share=over, high_edge=high)
    return {
        "total_picks": int(chosen.sum()),
        "high_edge_picks": high,
        "premium_picks": int(np.sum((sure >= _PREMIUM_CONFIDENCE) & (edge >= _PREMIUM))),
        "pct_over": over,
        "pct_under": under,
        "avg_confidence": float(sure.mean()),
        "avg_edge": float(edge.mean()),
        "skew_category": "UNDER_HEAVY"
        if over < picks.LEAST_OVER
        else "OVER_HEAVY"
        if over > _OVER_HEAVY
        else "BALANCED",
        "volume_category": "LOW" if high < picks.FEW_HIGH_EDGE else "HIGH" if high > _MANY_HIGH_EDGE else "NORMAL",
        "daily_signal": colour,
        "signal_explanation": why,
        "optimal_over_count": int(np.sum((said == "OVER") & (edge >= _HIGH))),
        "optimal_under_count": int(np.sum((said == "UNDER") & (edge >= _PREMIUM))),
        "ultra_high_edge_count": int(np.sum(edge >= _ULTRA)),
        "anti_pattern_count": int(np.sum((said == "UNDER") & (edge >= _HIGH) & (sure < _UNSURE))),
        "avg_pvl": float(np.mean(drawn.margin[chosen])),
        "slate_size": slate,
    }
