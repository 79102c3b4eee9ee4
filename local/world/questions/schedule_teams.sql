SELECT team, COUNT(*) AS games, COUNT(*) FILTER (game_date <= DATE '2026-02-12') AS so_far FROM (
  SELECT game_date, home_team_tricode AS team FROM nba_reference.nba_schedule
  UNION ALL SELECT game_date, away_team_tricode FROM nba_reference.nba_schedule
) GROUP BY team ORDER BY team
