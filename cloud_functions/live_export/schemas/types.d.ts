// The published documents. Written by `python -m deploy.contracts` from their declarations; not by hand.

/** The scores of one game day; games being played first. (live 1.0) */
export interface Live {
  /** Since when the content is this; not when it was looked at last. An instant, like 2026-02-12T19:30:00.000Z. */
  readonly updated_at: string;
  /** The game day that it is about. A date, like 2026-02-12. */
  readonly game_date: string;
  /** The same instant as updated_at, compact. */
  readonly poll_id: string;
  readonly calendar: LiveCalendar;
  readonly games_in_progress: number;
  readonly games_final: number;
  readonly total_games: number;
  readonly games: ReadonlyArray<LiveGame>;
}

/** What the schedule says of the day. */
export interface LiveCalendar {
  /** Whether games are played on the day; without games, why not. */
  readonly standing: "games" | "off_day" | "break" | "off_season";
  /** Games of the day, postponed ones left out. At least 0. */
  readonly games: number;
}

/** One game of the day. */
export interface LiveGame {
  /** The same in every document, like 20260212_MIL_OKC. */
  readonly game_id: string;
  /** The league's ten digits. */
  readonly nba_game_id: string;
  /** The score provider's own id, where it tells one. */
  readonly provider_id: string | null;
  readonly status: "scheduled" | "in_progress" | "final" | "postponed";
  /** 0 before tip-off; 5 and more are overtimes. At least 0. */
  readonly period: number;
  /** The game clock, as the provider writes it. */
  readonly time_remaining: string | null;
  readonly home_team: string;
  readonly away_team: string;
  readonly home_score: number | null;
  readonly away_score: number | null;
  readonly score_source: "official" | "live" | "schedule" | "kept";
  readonly player_count: number;
  /** By points, most first. */
  readonly players: ReadonlyArray<LivePlayer>;
}

/** One player's line in the box score. */
export interface LivePlayer {
  /** The pipeline's key of the player. */
  readonly player_lookup: string;
  readonly name: string;
  readonly team: string;
  readonly points: number;
  readonly rebounds: number;
  readonly assists: number;
  readonly steals: number;
  readonly blocks: number;
  readonly turnovers: number;
  /** Minutes played; null for one who did not play. */
  readonly minutes: number | null;
  readonly fg_made: number;
  readonly fg_attempted: number;
  readonly fg3_made: number;
  readonly fg3_attempted: number;
  readonly ft_made: number;
  readonly ft_attempted: number;
}

/** How the predictions of one game day stand. (live_grading 1.0) */
export interface LiveGrading {
  /** Since when the content is this; not when it was looked at last. An instant, like 2026-02-12T19:30:00.000Z. */
  readonly updated_at: string;
  /** The game day that it is about. A date, like 2026-02-12. */
  readonly game_date: string;
  readonly calendar: LiveGradingCalendar;
  readonly summary: LiveGradingSummary;
  readonly predictions: ReadonlyArray<LiveGradingPrediction>;
}

/** What the schedule says of the day. */
export interface LiveGradingCalendar {
  /** Whether games are played on the day; without games, why not. */
  readonly standing: "games" | "off_day" | "break" | "off_season";
  /** Games of the day, postponed ones left out. At least 0. */
  readonly games: number;
}

/** What the predictions come to. */
export interface LiveGradingSummary {
  readonly total_predictions: number;
  /** In finished games: correct, incorrect, push, void or graded. */
  readonly graded: number;
  readonly pending: number;
  readonly correct: number;
  readonly incorrect: number;
  readonly pushes: number;
  readonly voided: number;
  readonly trending_correct: number;
  readonly trending_incorrect: number;
  /** Correct of correct and incorrect, in finished games only; 3 decimals. */
  readonly win_rate: number | null;
  /** Mean of |error| in finished games; 1 decimal. */
  readonly avg_error: number | null;
  readonly games_in_progress: number;
  readonly games_final: number;
}

/** One prediction, and how it stands. */
export interface LiveGradingPrediction {
  readonly player_lookup: string;
  readonly player_name: string;
  readonly team: string;
  readonly game_id: string;
  readonly home_team: string;
  readonly away_team: string;
  readonly game_status: "scheduled" | "in_progress" | "final" | "postponed";
  readonly period: number;
  readonly time_remaining: string | null;
  readonly predicted: number;
  readonly line: number | null;
  readonly recommendation: "OVER" | "UNDER" | "PASS" | "NO_LINE";
  /** 0 to 100. */
  readonly confidence: number | null;
  readonly has_line: boolean;
  readonly line_source: string | null;
  /** Points so far, or at the end; null before tip-off. */
  readonly actual: number | null;
  readonly minutes: number | null;
  /** predicted - actual. */
  readonly error: number | null;
  /** actual - line. */
  readonly margin_vs_line: number | null;
  /** graded: final, without a pick to be right or wrong; void: the player did not play. */
  readonly status: "pending" | "in_progress" | "trending_correct" | "trending_incorrect" | "correct" | "incorrect" | "push" | "void" | "graded";
  readonly score_source: "official" | "live" | "schedule" | "kept" | null;
}

/** What is published for a game day. published_at: when this manifest was written, by which run. (manifest 1) */
export interface Manifest {
  readonly schema_version: number;
  /** A date, like 2026-02-12. */
  readonly day: string;
  /** An instant, like 2026-02-12T19:30:00.000Z. */
  readonly published_at: string;
  readonly run_id: string;
  readonly documents: Readonly<Record<string, ManifestEntry>>;
}

/** One declared document: where readers find it, and how it stands. */
export interface ManifestEntry {
  readonly status: "ok" | "degraded";
  readonly path: string;
  readonly latest: string | null;
  readonly max_age_seconds: number;
  readonly schema: string;
  readonly content: ManifestContent | null;
  readonly reason?: string | null;
  readonly message?: string | null;
  /** An instant, like 2026-02-12T19:30:00.000Z. */
  readonly since?: string | null;
  readonly forced?: boolean;
}

/** One content of a document. */
export interface ManifestContent {
  /** A date, like 2026-02-12. */
  readonly day: string;
  readonly object: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly rows: number;
  readonly counts: Readonly<Record<string, number>>;
  /** An instant, like 2026-02-12T19:30:00.000Z. */
  readonly as_of: string;
  /** An instant, like 2026-02-12T19:30:00.000Z. */
  readonly updated_at: string;
  readonly schema_version: string;
  readonly run_id: string;
  readonly schema_sha256?: string;
}

/** How everything that is published stands. (status 1.0) */
export interface Status {
  /** Since when the content is this; not when it was looked at last. An instant, like 2026-02-12T19:30:00.000Z. */
  readonly updated_at: string;
  /** The game day that it is about. A date, like 2026-02-12. */
  readonly game_date: string;
  readonly overall_status: "healthy" | "degraded" | "unhealthy";
  /** live_data, tonight_data, grading, predictions. */
  readonly services: Readonly<Record<string, StatusService>>;
  readonly known_issues: ReadonlyArray<StatusIssue>;
  readonly maintenance_windows: ReadonlyArray<string>;
  readonly active_break: StatusBreak | null;
}

/** How one part of the site stands. */
export interface StatusService {
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly message: string;
  /** As of when its data are. An instant, like 2026-02-12T19:30:00.000Z. */
  readonly last_update: string | null;
  /** Of last_update, at updated_at. */
  readonly age_minutes: number | null;
  readonly is_stale: boolean;
}

/** Something that readers should know. */
export interface StatusIssue {
  readonly severity: "critical" | "warning";
  readonly message: string;
  /** An instant, like 2026-02-12T19:30:00.000Z. */
  readonly detected_at: string;
}

/** Why no games are played for days. */
export interface StatusBreak {
  readonly headline: string;
  readonly message: string;
  /** A date, like 2026-02-12. */
  readonly resume_date: string | null;
  /** A date, like 2026-02-12. */
  readonly last_game_date: string | null;
}

/** The players of one game day. (tonight 1.0) */
export interface Tonight {
  /** The game day that it is about. A date, like 2026-02-12. */
  readonly game_date: string;
  /** Since when the content is this; not when it was looked at last. An instant, like 2026-02-12T19:30:00.000Z. */
  readonly generated_at: string;
  readonly calendar: TonightCalendar;
  readonly total_players: number;
  readonly total_with_lines: number;
  readonly games: ReadonlyArray<TonightGame>;
}

/** What the schedule says of the day. */
export interface TonightCalendar {
  /** Whether games are played on the day; without games, why not. */
  readonly standing: "games" | "off_day" | "break" | "off_season";
  /** Games of the day, postponed ones left out. At least 0. */
  readonly games: number;
}

/** One game of tonight and its players. */
export interface TonightGame {
  readonly game_id: string;
  readonly home_team: string;
  readonly away_team: string;
  /** Like "7:30 PM ET"; null once it has begun. */
  readonly game_time: string | null;
  readonly game_status: "scheduled" | "in_progress" | "final" | "postponed";
  readonly home_score: number | null;
  readonly away_score: number | null;
  readonly player_count: number;
  readonly players: ReadonlyArray<TonightPlayer>;
}

/** One player of tonight. */
export interface TonightPlayer {
  readonly player_lookup: string;
  readonly name: string;
  readonly team: string;
  readonly is_home: boolean;
  readonly has_line: boolean;
  readonly fatigue_level: "fresh" | "normal" | "tired" | null;
  readonly fatigue_score: number | null;
  readonly days_rest: number | null;
  readonly injury_status: string | null;
  readonly injury_reason: string | null;
  readonly season_ppg: number | null;
  readonly season_mpg: number | null;
  /** Of the last ten games. */
  readonly minutes_avg: number | null;
  readonly last_5_ppg: number | null;
  readonly games_played: number | null;
  /** Fewer than ten games this season, or not known. */
  readonly limited_data: boolean;
  readonly recent_form: "Hot" | "Cold" | "Neutral" | null;
  /** Newest first; games played only. */
  readonly last_10_points: ReadonlyArray<number>;
  readonly last_10_over: number;
  readonly last_10_under: number;
  readonly last_10_push: number;
  readonly props: TonightProps | null;
  readonly matchup_quality_pct: number | null;
  readonly prediction: TonightPredicted | null;
}

/** The line that bookmakers offer. */
export interface TonightProps {
  readonly stat_type: "points";
  readonly line: number;
  /** American odds, where a source tells them. */
  readonly over_odds: number | null;
  /** American odds, where a source tells them. */
  readonly under_odds: number | null;
}

/** What the champion model predicts. */
export interface TonightPredicted {
  readonly predicted: number;
  /** 0 to 100. */
  readonly confidence: number | null;
  readonly recommendation: "OVER" | "UNDER" | "PASS" | "NO_LINE";
  /** At most four. */
  readonly factors: ReadonlyArray<string>;
}
