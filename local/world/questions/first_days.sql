SELECT 'player_shot_zone_analysis' AS table_name, CAST(MIN(analysis_date) AS VARCHAR) AS first FROM nba_precompute.player_shot_zone_analysis
UNION ALL SELECT 'team_defense_zone_analysis', CAST(MIN(analysis_date) AS VARCHAR) FROM nba_precompute.team_defense_zone_analysis
UNION ALL SELECT 'player_daily_cache', CAST(MIN(cache_date) AS VARCHAR) FROM nba_precompute.player_daily_cache
UNION ALL SELECT 'workflow_decisions', CAST(MIN(decision_time)::DATE AS VARCHAR) FROM nba_orchestration.workflow_decisions
ORDER BY table_name
