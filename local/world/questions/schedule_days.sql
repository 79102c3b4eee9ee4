SELECT CAST(game_date AS VARCHAR) AS day, COUNT(*) AS games,
  COUNT(*) FILTER (game_status = 3) AS final,
  LIST(away_team_tricode || '@' || home_team_tricode ORDER BY game_sequence) AS pairs
FROM nba_reference.nba_schedule GROUP BY game_date ORDER BY game_date
