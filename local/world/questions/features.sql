SELECT CAST(game_date AS VARCHAR) AS day, COUNT(*) AS stored, COUNT(*) FILTER (is_quality_ready) AS ready,
  COUNT(*) FILTER (quality_alert_level = 'red') AS red,
  COUNT(*) FILTER (LEN(features) != 37 OR LEN(feature_names) != 37) AS wrong_length
FROM nba_predictions.ml_feature_store_v2 GROUP BY game_date ORDER BY game_date
