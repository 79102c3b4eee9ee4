SELECT CAST(game_date AS VARCHAR) AS day, system_id,
  COUNT(*) FILTER (prediction_correct) AS hits, COUNT(prediction_correct) AS picks,
  COUNT(*) FILTER (recommendation = 'OVER') AS over, COUNT(*) FILTER (prediction_correct IS NULL) AS unjudged
FROM nba_predictions.prediction_accuracy
WHERE system_id IN ('catboost_v9', 'catboost_v9_q43_train1102_0131') AND ABS(predicted_margin) >= 3
GROUP BY game_date, system_id ORDER BY system_id, game_date
