SELECT CAST(game_date AS VARCHAR) AS day, system_id, COUNT(*) AS active, COUNT(current_points_line) AS lined,
  COUNT(*) FILTER (recommendation = 'OVER') AS over,
  COUNT(*) FILTER (ABS(predicted_points - current_points_line) >= 5) AS high_edge,
  COUNT(*) - COUNT(DISTINCT player_lookup || game_id) AS repeated
FROM nba_predictions.player_prop_predictions WHERE is_active GROUP BY ALL ORDER BY ALL
