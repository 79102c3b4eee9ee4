SELECT recommendation, COUNT(*) AS picks FROM nba_predictions.player_prop_predictions
WHERE system_id = 'catboost_v9_q43_train1102_0131' GROUP BY recommendation ORDER BY recommendation
