-- The games of the day, and how far the schedule says that they are. The same ids count as in pipeline.yaml.
SELECT
  game_id,
  home_team_tricode AS home_team,
  away_team_tricode AS away_team,
  game_status,
  game_status_text,
  home_team_score AS home_score,
  away_team_score AS away_score
FROM nba_raw.nbac_schedule
WHERE game_date = @day AND SUBSTR(game_id, 1, 3) IN ('002', '004')
QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id ORDER BY processed_at DESC) = 1
ORDER BY game_id
