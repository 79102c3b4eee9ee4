-- The champion's latest active prediction of each player.
WITH names AS (
  SELECT player_lookup, MAX(player_full_name) AS name
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN DATE_SUB(@day, INTERVAL 60 DAY) AND @day
  GROUP BY player_lookup
)
SELECT
  predictions.player_lookup,
  COALESCE(names.name, predictions.player_lookup) AS name,
  predictions.game_id,
  predictions.team_abbr AS team,
  predictions.predicted_points AS predicted,
  predictions.confidence_score AS confidence,
  predictions.recommendation,
  predictions.has_prop_line AS has_line,
  predictions.current_points_line AS line,
  predictions.line_source,
  TO_JSON_STRING(predictions.key_factors) AS factors
FROM nba_predictions.player_prop_predictions AS predictions
LEFT JOIN names ON names.player_lookup = predictions.player_lookup
WHERE predictions.game_date = @day AND predictions.system_id = @champion AND predictions.is_active
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY predictions.player_lookup, predictions.game_id
  ORDER BY predictions.prediction_version DESC, predictions.created_at DESC
) = 1
ORDER BY predictions.player_lookup
