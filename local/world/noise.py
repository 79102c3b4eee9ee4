"""Randomness without state: a value depends on the seed, the name of what is drawn and the row, and on nothing else.

So the order of drawing does not matter, a new column moves no other, and the last days of a world are the same
whether the season before them is written or not.
"""

import dataclasses
import hashlib
from collections.abc import Sequence

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_EXACT_BITS = 53


@dataclasses.dataclass(frozen=True)
class Noise:
    """The one seed of a world; every draw takes the name of what is drawn and an array of row keys."""

    seed: int

    def bits(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Return 64 uniform bits a row (splitmix64 of the row key, offset by the seed and `name`)."""
        offset = np.uint64(int.from_bytes(hashlib.blake2b(f"{self.seed}/{name}".encode(), digest_size=8).digest()))
        state = rows.astype(np.uint64) * _GOLDEN + offset
        for shift, factor in _MIX:
            state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
        return state ^ (state >> np.uint64(31))

    def uniform(self, name: str, rows: np.ndarray, *, low: float = 0.0, high: float = 1.0) -> np.ndarray:
        """Return a float in [low, high) a row."""
        unit = (self.bits(name, rows) >> np.uint64(64 - _EXACT_BITS)) / float(1 << _EXACT_BITS)
        return low + unit * (high - low)

    def normal(self, name: str, rows: np.ndarray, *, mean: float = 0.0, deviation: float = 1.0) -> np.ndarray:
        """Return a nearly normal float a row: the sum of four uniforms, so never more than 3.5 deviations away."""
        total = sum(self.uniform(f"{name}/{part}", rows) for part in range(4))
        return mean + (total - 2.0) * np.sqrt(3.0) * deviation

    def integers(self, name: str, rows: np.ndarray, *, low: int, high: int) -> np.ndarray:
        """Return an integer from low to high, both included, a row."""
        return low + (self.bits(name, rows) >> np.uint64(11)).astype(np.int64) % (high - low + 1)

    def chance(self, name: str, rows: np.ndarray, *, share: float) -> np.ndarray:
        """Return a boolean a row that is true in `share` of the rows."""
        return self.uniform(name, rows) < share

    def weighted(self, name: str, rows: np.ndarray, *, weights: Sequence[float]) -> np.ndarray:
        """Return an index into `weights` a row, each as frequent as its weight says."""
        edges = np.cumsum(weights) / np.sum(weights)
        return np.searchsorted(edges, self.uniform(name, rows), side="right").clip(max=len(weights) - 1)
