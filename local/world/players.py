"""The players: invented names made of syllables, nineteen to a team, strongest first."""

import dataclasses

import numpy as np

from local.world import noise, teams

SLOTS = 19
_JUNIORS = range(40, 600, 41)
_POSITIONS = np.array(["PG", "C", "SF", "SG", "PF"], dtype=object)
_GIVEN = (
    "Tav",
    "Bren",
    "Osk",
    "Quor",
    "Dell",
    "Jarr",
    "Mikk",
    "Zan",
    "Ull",
    "Per",
    "Vash",
    "Kob",
    "Emm",
    "Roth",
    "Lio",
)
_GIVEN_END = ("ik", "on", "avo", "ell", "iro", "en", "os", "ard", "ion", "ey")
_FAMILY = (
    "Orren",
    "Hald",
    "Skev",
    "Mabr",
    "Tolv",
    "Grin",
    "Perl",
    "Vance",
    "Dusk",
    "Wren",
    "Kest",
    "Arld",
    "Fenn",
    "Bool",
)
_FAMILY_END = (
    "dale",
    "wick",
    "mora",
    "strand",
    "ovic",
    "field",
    "kamp",
    "asse",
    "burn",
    "ayo",
    "lund",
    "erra",
    "quist",
)


@dataclasses.dataclass(frozen=True)
class Players:
    """Every player by (team, slot); slots stand in the order of usual minutes.

    minutes: usual minutes a game when playing. usage, threes, paint: tendencies as shares of shots.
    """

    name: np.ndarray
    lookup: np.ndarray
    position: np.ndarray
    age: np.ndarray
    minutes: np.ndarray
    usage: np.ndarray
    threes: np.ndarray
    paint: np.ndarray


_MINUTES = (35.0, 33.5, 32.0, 30.0, 27.0, 23.0, 20.0, 17.0, 13.0, 10.5, 8.0, 7.0, 6.0, 5.5, 5.0, 5.0, 5.0, 5.0, 5.0)
_USAGE = (1.5, 1.3, 1.1, 1.0, 0.9, 1.0, 0.95, 0.9, 0.85, 0.85, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8)


def make(draws: noise.Noise) -> Players:
    """Return the players of all teams, the same for the same seed."""
    keys = np.arange(len(teams.TEAMS) * SLOTS).reshape(len(teams.TEAMS), SLOTS)
    names = _names(draws, keys.size).reshape(keys.shape)
    lookups = np.array([_lookup(name) for name in names.ravel()], dtype=object).reshape(keys.shape)
    return Players(
        name=names,
        lookup=lookups,
        position=_POSITIONS[(keys % SLOTS) % len(_POSITIONS)],
        age=draws.integers("players.age", keys, low=19, high=37),
        minutes=np.array(_MINUTES) * draws.uniform("players.minutes", keys, low=0.93, high=1.07),
        usage=np.array(_USAGE) * draws.uniform("players.usage", keys, low=0.8, high=1.2),
        threes=draws.uniform("players.threes", keys, low=0.15, high=0.6),
        paint=draws.uniform("players.paint", keys, low=0.45, high=0.85),
    )


def _names(draws: noise.Noise, count: int) -> np.ndarray:
    given = [a + b for a in _GIVEN for b in _GIVEN_END]
    family = [a + b for a in _FAMILY for b in _FAMILY_END]
    # A walk with a step prime to the number of pairs meets no pair twice.
    pairs = len(given) * len(family)
    start, step = int(draws.bits("players.names", np.zeros(1))[0]) % pairs, 7919
    places = [(start + step * number) % pairs for number in range(count)]
    made = [f"{given[place % len(given)]} {family[place // len(given)]}" for place in places]
    return np.array([f"{name} Jr." if number in _JUNIORS else name for number, name in enumerate(made)], dtype=object)


def _lookup(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
