-- What is known of each of the day's players before tip-off.
WITH names AS (
  SELECT player_lookup, MAX(player_full_name) AS name
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN DATE_SUB(@day, INTERVAL 60 DAY) AND @day
  GROUP BY player_lookup
),
context AS (
  SELECT *
  FROM nba_analytics.upcoming_player_game_context
  WHERE game_date = @day
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY player_lookup, game_id ORDER BY context_version DESC, processed_at DESC
  ) = 1
),
cached AS (
  SELECT *
  FROM nba_precompute.player_daily_cache
  WHERE cache_date = @day
  QUALIFY ROW_NUMBER() OVER (PARTITION BY player_lookup ORDER BY processed_at DESC) = 1
),
factors AS (
  SELECT *
  FROM nba_precompute.player_composite_factors
  WHERE game_date = @day
  QUALIFY ROW_NUMBER() OVER (PARTITION BY player_lookup ORDER BY processed_at DESC) = 1
),
quality AS (
  SELECT player_lookup, MAX(matchup_quality_pct) AS matchup_quality_pct
  FROM nba_predictions.ml_feature_store_v2
  WHERE game_date = @day
  GROUP BY player_lookup
)
SELECT
  context.player_lookup,
  COALESCE(names.name, context.player_lookup) AS name,
  context.game_id,
  context.team_abbr AS team,
  context.home_game AS is_home,
  factors.fatigue_score,
  context.days_rest,
  context.player_status AS injury_status,
  context.injury_report AS injury_reason,
  cached.points_avg_season AS season_ppg,
  COALESCE(cached.minutes_avg_last_10, context.minutes_avg_last_10) AS minutes_avg,
  COALESCE(cached.points_avg_last_5, context.points_avg_last_5) AS last_5_ppg,
  cached.games_played_season AS games_played,
  context.current_points_line AS line,
  quality.matchup_quality_pct
FROM context
LEFT JOIN names ON names.player_lookup = context.player_lookup
LEFT JOIN cached ON cached.player_lookup = context.player_lookup
LEFT JOIN factors ON factors.player_lookup = context.player_lookup
LEFT JOIN quality ON quality.player_lookup = context.player_lookup
ORDER BY context.player_lookup
