WITH players AS (
  SELECT game_id, team_abbr, SUM(points) AS points, SUM(fg_makes) AS fg_makes, SUM(assists) AS assists, SUM(minutes_played) AS minutes,
    COUNT(*) FILTER (starter_flag) AS starters, SUM(plus_minus) AS plus_minus, COUNT(*) AS listed,
    COUNT(*) FILTER (NOT is_dnp) AS played, BOOL_AND(win_flag) AS won, BOOL_OR(win_flag) AS any_won
  FROM nba_analytics.player_game_summary GROUP BY game_id, team_abbr
)
SELECT COUNT(*) AS "rows",
  COUNT(*) FILTER (p.points IS DISTINCT FROM o.points_scored OR p.fg_makes IS DISTINCT FROM o.fg_makes OR p.assists IS DISTINCT FROM o.assists) AS players_against_team,
  COUNT(*) FILTER (p.minutes IS DISTINCT FROM 240 + 25 * o.overtime_periods) AS wrong_minutes,
  COUNT(*) FILTER (p.starters IS DISTINCT FROM 5) AS not_five_starters,
  COUNT(*) FILTER (p.plus_minus IS DISTINCT FROM 5 * o.margin_of_victory) AS wrong_plus_minus,
  COUNT(*) FILTER (p.won != o.win_flag OR p.any_won != o.win_flag OR o.win_flag != (o.margin_of_victory > 0)) AS wrong_win,
  COUNT(*) FILTER (d.points_allowed != r.points_scored OR o.margin_of_victory != o.points_scored - d.points_allowed OR d.win_flag != o.win_flag) AS defence_against_offence,
  COUNT(*) FILTER (s.points IS DISTINCT FROM o.points_scored) AS schedule_against_team,
  COUNT(*) FILTER (o.assists > o.fg_makes) AS assists_without_makes,
  MIN(p.listed) AS listed_least, MAX(p.listed) AS listed_most, MIN(p.played) AS played_least,
  MIN(o.offensive_rating)::DOUBLE AS rating_least, MAX(o.offensive_rating)::DOUBLE AS rating_most,
  MIN(o.pace)::DOUBLE AS pace_least, MAX(o.pace)::DOUBLE AS pace_most, AVG(o.points_scored) AS points_average
FROM nba_analytics.team_offense_game_summary o
LEFT JOIN players p USING (game_id, team_abbr)
LEFT JOIN nba_analytics.team_defense_game_summary d ON d.game_id = o.game_id AND d.defending_team_abbr = o.team_abbr
LEFT JOIN nba_analytics.team_offense_game_summary r ON r.game_id = o.game_id AND r.team_abbr = o.opponent_team_abbr
LEFT JOIN (
  SELECT game_id, home_team_tricode AS team_abbr, home_team_score AS points FROM nba_raw.nbac_schedule
  UNION ALL SELECT game_id, away_team_tricode, away_team_score FROM nba_raw.nbac_schedule
) s ON s.game_id = o.nba_game_id AND s.team_abbr = o.team_abbr
