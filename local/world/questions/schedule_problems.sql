WITH sides AS (
  SELECT game_date, home_team_tricode AS team FROM nba_reference.nba_schedule
  UNION ALL SELECT game_date, away_team_tricode FROM nba_reference.nba_schedule
), spaced AS (
  SELECT team, game_date, LAG(game_date, 2) OVER (PARTITION BY team ORDER BY game_date) AS two_before FROM sides
)
SELECT
  (SELECT COUNT(*) FROM (SELECT 1 FROM sides GROUP BY team, game_date HAVING COUNT(*) > 1)) AS twice_a_day,
  (SELECT COUNT(*) FROM spaced WHERE game_date - two_before = 2 AND game_date <= DATE '2026-02-12') AS three_days_running,
  (SELECT COUNT(*) FROM nba_raw.nbac_schedule WHERE (game_status = 3) != (home_team_score IS NOT NULL)) AS status_against_score,
  (SELECT COUNT(*) FROM nba_raw.nbac_schedule WHERE home_team_score = away_team_score) AS drawn,
  (SELECT COUNT(*) - COUNT(DISTINCT game_id) FROM nba_raw.nbac_schedule) AS repeated_ids
