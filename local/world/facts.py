"""The facts planted in the demo world: what the pipeline looked like on the morning of 2026-02-12.

Values only. The generator makes rows that come to these numbers; `recount` counts them again from the rows.
"""

import dataclasses
import datetime

FIRST_DAY = datetime.date(2025, 10, 21)
LAST_DAY = datetime.date(2026, 2, 12)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
SEASON_END = datetime.date(2026, 4, 12)
SEASON_YEAR = 2025
YESTERDAY = LAST_DAY - datetime.timedelta(days=1)
SEED = 20260212

TONIGHT = (("MIL", "OKC"), ("POR", "UTA"), ("DAL", "LAL"))
FIXED_YESTERDAY = ("MIL", "ORL")
FIXED_COUNTS = {
    datetime.date(2025, 10, 21): 2,
    datetime.date(2025, 10, 22): 12,
    datetime.date(2025, 11, 27): 0,
    datetime.date(2025, 12, 9): 2,
    datetime.date(2025, 12, 10): 2,
    datetime.date(2025, 12, 13): 2,
    datetime.date(2025, 12, 16): 0,
    datetime.date(2025, 12, 24): 0,
    datetime.date(2025, 12, 25): 5,
    datetime.date(2026, 2, 8): 8,
    datetime.date(2026, 2, 9): 7,
    datetime.date(2026, 2, 10): 5,
    YESTERDAY: 14,
    LAST_DAY: 3,
    datetime.date(2026, 2, 22): 11,
    datetime.date(2026, 4, 10): 15,
    datetime.date(2026, 4, 11): 0,
    SEASON_END: 15,
}
BREAK = (datetime.date(2026, 2, 13), datetime.date(2026, 2, 18))
CUP_FINAL = datetime.date(2025, 12, 16)

PLAYER_ROWS_YESTERDAY = 505

CHAMPION = "catboost_v9"
SHADOW = "catboost_v9_q43_train1102_0131"
PREDECESSOR = "xgboost_v1"
SHADOW_FIRST_DAY = datetime.date(2026, 2, 1)
SHADOW_FIRST_PICKS = datetime.date(2026, 2, 8)
EVERY_DAY = (CHAMPION, "catboost_v8", "ensemble_v1_1", "similarity_balanced_v1")


@dataclasses.dataclass(frozen=True)
class Picks:
    """What one model's picks of one day come to: picks of edge 3 or more that have a verdict, and the hits among them.

    high_edge: of all picks, those of edge 5 or more. over: of all picks with a line, those that say OVER.
    """

    edge3: int
    hits: int
    high_edge: int = 0
    over: int | None = None


@dataclasses.dataclass(frozen=True)
class Slate:
    """How many players one day's feature store holds, how many of them are ready, and how many have a line."""

    stored: int
    ready: int
    lined: int


SLATES = {YESTERDAY: Slate(stored=214, ready=196, lined=192), LAST_DAY: Slate(stored=35, ready=32, lined=32)}


def _february(day: int) -> datetime.date:
    return datetime.date(2026, 2, day)


PLANTED = {
    (SHADOW, _february(8)): Picks(edge3=6, hits=4, over=0),
    (SHADOW, _february(9)): Picks(edge3=4, hits=2, over=0),
    (SHADOW, _february(10)): Picks(edge3=3, hits=1, over=0),
    (SHADOW, _february(11)): Picks(edge3=16, hits=7, high_edge=2, over=0),
    (SHADOW, _february(12)): Picks(edge3=3, hits=0, over=0),
    (CHAMPION, _february(8)): Picks(edge3=9, hits=3, high_edge=3),
    (CHAMPION, _february(9)): Picks(edge3=9, hits=4, high_edge=3),
    (CHAMPION, _february(10)): Picks(edge3=5, hits=1, high_edge=1),
    (CHAMPION, _february(11)): Picks(edge3=33, hits=15, high_edge=6, over=66),
    (CHAMPION, _february(12)): Picks(edge3=4, hits=0, over=11),
}
