"""The thirty teams: their codes are the league's own; strengths are invented."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Team:
    """One team; `strength` is points a game better than an average team."""

    code: str
    id: int
    city: str
    name: str
    state: str
    timezone: str
    strength: float


_FIRST_ID = 1610612737
_EAST, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"
_ROWS = (
    ("ATL", "Atlanta", "Hawks", "GA", _EAST, 0.8),
    ("BOS", "Boston", "Celtics", "MA", _EAST, 4.6),
    ("CLE", "Cleveland", "Cavaliers", "OH", _EAST, 4.2),
    ("NOP", "New Orleans", "Pelicans", "LA", _CENTRAL, -4.9),
    ("CHI", "Chicago", "Bulls", "IL", _CENTRAL, -1.2),
    ("DAL", "Dallas", "Mavericks", "TX", _CENTRAL, -3.1),
    ("DEN", "Denver", "Nuggets", "CO", _MOUNTAIN, 5.1),
    ("GSW", "Golden State", "Warriors", "CA", _PACIFIC, 1.4),
    ("HOU", "Houston", "Rockets", "TX", _CENTRAL, 4.8),
    ("LAC", "LA", "Clippers", "CA", _PACIFIC, -0.6),
    ("LAL", "Los Angeles", "Lakers", "CA", _PACIFIC, 1.9),
    ("MIA", "Miami", "Heat", "FL", _EAST, 1.1),
    ("MIL", "Milwaukee", "Bucks", "WI", _CENTRAL, -1.8),
    ("MIN", "Minnesota", "Timberwolves", "MN", _CENTRAL, 3.4),
    ("BKN", "Brooklyn", "Nets", "NY", _EAST, -6.2),
    ("NYK", "New York", "Knicks", "NY", _EAST, 4.0),
    ("ORL", "Orlando", "Magic", "FL", _EAST, 1.6),
    ("IND", "Indiana", "Pacers", "IN", _EAST, -4.4),
    ("PHI", "Philadelphia", "76ers", "PA", _EAST, 0.9),
    ("PHX", "Phoenix", "Suns", "AZ", "America/Phoenix", 1.2),
    ("POR", "Portland", "Trail Blazers", "OR", _PACIFIC, -1.5),
    ("SAC", "Sacramento", "Kings", "CA", _PACIFIC, -6.8),
    ("SAS", "San Antonio", "Spurs", "TX", _CENTRAL, 4.3),
    ("OKC", "Oklahoma City", "Thunder", "OK", _CENTRAL, 9.5),
    ("TOR", "Toronto", "Raptors", "ON", _EAST, 1.7),
    ("UTA", "Utah", "Jazz", "UT", _MOUNTAIN, -5.8),
    ("MEM", "Memphis", "Grizzlies", "TN", _CENTRAL, -1.9),
    ("WAS", "Washington", "Wizards", "DC", _EAST, -8.7),
    ("DET", "Detroit", "Pistons", "MI", _EAST, 6.4),
    ("CHA", "Charlotte", "Hornets", "NC", _EAST, -2.3),
)

TEAMS = tuple(
    Team(code=code, id=_FIRST_ID + place, city=city, name=name, state=state, timezone=zone, strength=strength)
    for place, (code, city, name, state, zone, strength) in enumerate(_ROWS)
)
CODES = tuple(team.code for team in TEAMS)
INDEX = {code: place for place, code in enumerate(CODES)}

# Sides of the All-Star exhibitions: not teams of the league, so no team row joins them.
EXHIBITION = (
    Team(code="STR", id=1610616851, city="USA", name="Stars", state="CA", timezone=_PACIFIC, strength=0.0),
    Team(code="STP", id=1610616852, city="USA", name="Stripes", state="CA", timezone=_PACIFIC, strength=0.0),
    Team(code="WLD", id=1610616853, city="World", name="World", state="CA", timezone=_PACIFIC, strength=0.0),
)
