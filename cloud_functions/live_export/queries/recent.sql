-- The last ten games that each player of tonight's teams played, newest first.
WITH teams AS (
  SELECT home_team_tricode AS team FROM nba_raw.nbac_schedule WHERE game_date = @day
  UNION DISTINCT
  SELECT away_team_tricode AS team FROM nba_raw.nbac_schedule WHERE game_date = @day
),
played AS (
  SELECT player_lookup, game_date, points, minutes_played, over_under_result
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN DATE_SUB(@day, INTERVAL 120 DAY) AND DATE_SUB(@day, INTERVAL 1 DAY)
    AND NOT is_dnp AND points IS NOT NULL
    AND team_abbr IN (SELECT team FROM teams)
),
ranked AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY player_lookup ORDER BY game_date DESC) AS nth FROM played
)
SELECT
  player_lookup,
  ROUND(AVG(minutes_played), 1) AS season_mpg,
  ARRAY_AGG(IF(nth <= 10, points, NULL) IGNORE NULLS ORDER BY nth) AS last_10_points,
  COUNTIF(nth <= 10 AND over_under_result = 'OVER') AS last_10_over,
  COUNTIF(nth <= 10 AND over_under_result = 'UNDER') AS last_10_under,
  COUNTIF(nth <= 10 AND over_under_result = 'PUSH') AS last_10_push
FROM ranked
GROUP BY player_lookup
ORDER BY player_lookup
