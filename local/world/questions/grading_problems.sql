WITH judged AS (
  SELECT a.*, g.points, p.predicted_points AS said, p.current_points_line AS line,
    CASE WHEN a.recommendation NOT IN ('OVER', 'UNDER') OR g.points IS NULL OR g.points = a.line_value THEN NULL
      ELSE (a.recommendation = 'OVER') = (g.points > a.line_value) END AS verdict
  FROM nba_predictions.prediction_accuracy a
  LEFT JOIN nba_analytics.player_game_summary g USING (player_lookup, game_id)
  LEFT JOIN nba_predictions.player_prop_predictions p
    ON p.player_lookup = a.player_lookup AND p.game_id = a.game_id AND p.system_id = a.system_id AND p.is_active
)
SELECT COUNT(*) AS "rows",
  COUNT(*) FILTER (prediction_correct IS DISTINCT FROM verdict) AS wrong_verdict,
  COUNT(*) FILTER (actual_points IS DISTINCT FROM points) AS wrong_actual,
  COUNT(*) FILTER (predicted_points IS DISTINCT FROM said OR line_value IS DISTINCT FROM line) AS not_as_predicted,
  COUNT(*) FILTER (is_voided != (points IS NULL)) AS wrong_void,
  COUNT(*) FILTER (confidence_score NOT BETWEEN 0 AND 1) AS wrong_scale,
  COUNT(*) FILTER (actual_points = line_value) AS pushes,
  COUNT(*) FILTER (is_voided) AS voids,
  (SELECT COUNT(*) FROM nba_predictions.player_prop_predictions p WHERE p.is_active AND p.game_date < DATE '2026-02-12') - COUNT(*) AS ungraded
FROM judged
