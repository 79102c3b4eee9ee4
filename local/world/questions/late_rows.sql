SELECT (SELECT COUNT(*) FROM nba_analytics.player_game_summary WHERE game_date >= DATE '2026-02-12') AS players_of_tonight,
  (SELECT COUNT(*) FROM nba_predictions.prediction_accuracy WHERE game_date >= DATE '2026-02-12') AS grades_of_tonight,
  (SELECT COUNT(*) FROM nba_orchestration.workflow_decisions WHERE decision_time >= TIMESTAMPTZ '2026-02-12 16:30:00+00') AS decisions_to_come,
  (SELECT COUNT(*) FROM nba_raw.nbac_schedule WHERE processed_at >= TIMESTAMPTZ '2026-02-12 16:30:00+00') AS schedule_written_later,
  (SELECT COUNT(*) FROM nba_analytics.player_game_summary WHERE processed_at >= TIMESTAMPTZ '2026-02-12 16:30:00+00') AS players_written_later,
  (SELECT COUNT(*) FROM nba_predictions.player_prop_predictions WHERE created_at >= TIMESTAMPTZ '2026-02-12 16:30:00+00') AS predictions_made_later
