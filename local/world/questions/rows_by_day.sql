SELECT CAST(s.game_date AS VARCHAR) AS day, COUNT(DISTINCT s.game_id) AS games,
  (SELECT COUNT(*) FROM nba_analytics.player_game_summary p WHERE p.game_date = s.game_date) AS players,
  (SELECT COUNT(*) FROM nba_analytics.team_offense_game_summary o WHERE o.game_date = s.game_date) AS sides,
  (SELECT COUNT(*) FROM nba_analytics.upcoming_player_game_context u WHERE u.game_date = s.game_date) AS contexts,
  (SELECT COUNT(*) FROM nba_precompute.player_daily_cache c WHERE c.cache_date = s.game_date) AS cached,
  (SELECT COUNT(*) FROM nba_precompute.team_defense_zone_analysis z WHERE z.analysis_date = s.game_date) AS zones
FROM nba_reference.nba_schedule s WHERE s.game_date <= DATE '2026-02-12' GROUP BY s.game_date ORDER BY s.game_date
