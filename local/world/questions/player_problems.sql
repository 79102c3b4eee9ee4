SELECT COUNT(*) AS "rows",
  COUNT(*) FILTER (is_dnp != (minutes_played IS NULL)) AS minutes_against_dnp,
  COUNT(*) FILTER (is_dnp != (points IS NULL)) AS points_against_dnp,
  COUNT(*) FILTER (fg_makes > fg_attempts OR three_pt_makes > three_pt_attempts OR ft_makes > ft_attempts
    OR paint_makes > paint_attempts OR mid_range_makes > mid_range_attempts) AS more_made_than_tried,
  COUNT(*) FILTER (points != 2 * fg_makes + three_pt_makes + ft_makes) AS points_not_from_shots,
  COUNT(*) FILTER (fg_makes != paint_makes + mid_range_makes + three_pt_makes) AS zones_not_all,
  COUNT(*) FILTER (fg_makes != assisted_fg_makes + unassisted_fg_makes) AS assisted_not_all,
  COUNT(*) FILTER (over_under_result != CASE WHEN points > points_line THEN 'OVER' WHEN points < points_line THEN 'UNDER' ELSE 'PUSH' END) AS wrong_result,
  COUNT(*) FILTER (margin != points - points_line) AS wrong_margin,
  COUNT(*) FILTER (starter_flag AND is_dnp) AS started_unplayed,
  COUNT(*) - COUNT(DISTINCT dedup_key) AS repeated
FROM nba_analytics.player_game_summary
