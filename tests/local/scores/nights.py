"""The night of the tests: three games of six teams, seventeen players each, tip-offs 0, 30 and 150 minutes in."""

import datetime

from local.scores import script

DAY = datetime.date(2026, 2, 12)
PAIRS = (("MIL", "OKC"), ("POR", "UTA"), ("DAL", "LAL"))
CODES = ("20260212_MIL_OKC", "20260212_POR_UTA", "20260212_DAL_LAL")
GAMES = script.staggered(
    tuple(script.Game(f"002250080{number}", away, home) for number, (away, home) in enumerate(PAIRS))
)


def players(size: int = 17) -> tuple[script.Player, ...]:
    """Return so many players of each team."""
    return tuple(
        script.Player(f"ann{team.lower()}{number}", f"Ann {team}{number}", team)
        for pair in PAIRS
        for team in pair
        for number in range(size)
    )


def night(*, size: int = 17, seed: int = 7) -> script.Night:
    """Return a night of the three games."""
    return script.Night(DAY, GAMES, players(size), seed)
