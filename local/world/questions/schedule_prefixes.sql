SELECT SUBSTR(game_id, 1, 3) AS prefix, COUNT(*) AS games, COUNT(*) FILTER (is_regular_season) AS regular,
  COUNT(*) FILTER (is_all_star) AS all_star, CAST(MIN(game_date) AS VARCHAR) AS first, CAST(MAX(game_date) AS VARCHAR) AS last
FROM nba_raw.nbac_schedule GROUP BY prefix ORDER BY prefix
