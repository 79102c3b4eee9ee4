-- The official box score, once it is written: listed players who did not play included.
SELECT
  game_id,
  player_lookup,
  COALESCE(player_full_name, player_lookup) AS name,
  team_abbr AS team,
  is_dnp,
  points,
  offensive_rebounds + defensive_rebounds AS rebounds,
  assists,
  steals,
  blocks,
  turnovers,
  minutes_played AS minutes,
  fg_makes AS fg_made,
  fg_attempts AS fg_attempted,
  three_pt_makes AS fg3_made,
  three_pt_attempts AS fg3_attempted,
  ft_makes AS ft_made,
  ft_attempts AS ft_attempted
FROM nba_analytics.player_game_summary
WHERE game_date = @day
ORDER BY game_id, player_lookup
