SELECT CAST(game_date AS VARCHAR) AS day, system_id, daily_signal, slate_size, total_picks, high_edge_picks, pct_over::DOUBLE AS pct_over
FROM nba_predictions.daily_prediction_signals ORDER BY game_date, system_id
