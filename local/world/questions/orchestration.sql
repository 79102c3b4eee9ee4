SELECT
  (SELECT COUNT(*) FROM nba_orchestration.processor_output_validation WHERE game_date IS NULL) AS outputs_without_day,
  (SELECT COUNT(*) FROM nba_orchestration.processor_output_validation) AS outputs,
  (SELECT COUNT(DISTINCT DATE_TRUNC('hour', decision_time)) FROM nba_orchestration.workflow_decisions WHERE decision_time::DATE = DATE '2026-02-11') AS hours_decided,
  (SELECT COUNT(*) FROM nba_orchestration.workflow_decisions WHERE context IS NOT NULL AND NOT JSON_VALID(context)) AS broken_json,
  (SELECT COUNT(*) FROM nba_orchestration.workflow_decisions WHERE (action = 'RUN') != (LEN(scrapers_triggered) > 0)) AS run_without_scrapers,
  (SELECT COUNT(*) FROM nba_orchestration.scraper_execution_log WHERE completed_at < triggered_at) AS ended_before_start,
  (SELECT COUNT(DISTINCT status) FROM nba_orchestration.scraper_execution_log) AS scraper_statuses
