SELECT COUNT(*) AS "rows", COUNT(*) - COUNT(DISTINCT prediction_id) AS repeated_ids,
  COUNT(*) FILTER (recommendation IS DISTINCT FROM CASE WHEN current_points_line IS NULL THEN 'NO_LINE'
    WHEN predicted_points > current_points_line THEN 'OVER' WHEN predicted_points < current_points_line THEN 'UNDER' ELSE 'PASS' END) AS wrong_side,
  COUNT(*) FILTER (has_prop_line != (current_points_line IS NOT NULL) OR has_prop_line = (line_source = 'NO_PROP_LINE')) AS line_against_flag,
  COUNT(*) FILTER (NOT is_active) AS superseded,
  COUNT(*) FILTER (current_points_line = 20) AS placeholder_lines,
  COUNT(*) FILTER (predicted_points < 0 OR confidence_score NOT BETWEEN 50 AND 100) AS out_of_range,
  COUNT(*) FILTER (is_active AND (s.is_quality_ready IS DISTINCT FROM TRUE)) AS of_unready_players
FROM nba_predictions.player_prop_predictions p
LEFT JOIN nba_predictions.ml_feature_store_v2 s USING (player_lookup, game_id)
