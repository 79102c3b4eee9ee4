SELECT CAST(game_date AS VARCHAR) AS day, phase, COUNT(DISTINCT processor_name) AS processors, MAX(expected_processors) AS expected,
  COUNT(*) FILTER (status = 'success') AS succeeded, BOOL_AND(triggered_next) AS triggered, MIN(mode) AS mode
FROM nba_orchestration.phase_completions GROUP BY game_date, phase ORDER BY game_date, phase
