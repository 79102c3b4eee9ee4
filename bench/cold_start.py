"""Import time and memory of each staged function against the bare sum of its client libraries, in one run.

`python -m bench.cold_start [--rounds N]`: a table on a terminal, JSON in a pipe; exit code 1 when a budget is broken.
Both sides import functions-framework first, as the platform does before it imports a function.
Times are processor time of one import in a fresh interpreter with warm bytecode, memory is the peak resident size,
each the median of its rounds; the two sides take turns, so that a busy machine slows both alike.
"""

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import console, table

from deploy import stage

MAX_RATIO = 1.15
MAX_RSS_MB = 120.0
ROUNDS = 9
FRAMEWORK = "functions_framework"
LIBRARIES = (
    "flask",
    "google.cloud.bigquery",
    "google.cloud.pubsub_v1",
    "google.cloud.storage",
    "google_crc32c",
    "yaml",
)
# The BigQuery client imports these when they are merely installed, and a second or two is gone.
FORBIDDEN = ("numpy", "pandas", "pyarrow")

# What the fresh interpreter runs: argv is the folder to import from, then the modules.
_PROBE = """
import importlib, json, resource, sys, time
sys.path.insert(0, sys.argv[1])
before = time.process_time()
for name in sys.argv[2:]:
    importlib.import_module(name)
milliseconds = (time.process_time() - before) * 1000
try:
    # The resource module would count what the parent held before the exec.
    with open("/proc/self/status", encoding="ascii") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
except FileNotFoundError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)
print(json.dumps({"ms": milliseconds, "mb": peak, "modules": sorted(sys.modules)}))
"""


class ProbeError(RuntimeError):
    """A module could not be imported in a fresh interpreter."""


@dataclasses.dataclass(frozen=True)
class Import:
    """One import in a fresh interpreter: processor milliseconds, peak megabytes, and the modules it left behind."""

    ms: float
    mb: float
    modules: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One function against the libraries it uses, as medians over the rounds."""

    function: str
    import_ms: float
    bare_ms: float
    rss_mb: float
    bare_rss_mb: float
    libraries: tuple[str, ...]
    forbidden: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """Return how many times its libraries' own import the function's import takes."""
        return self.import_ms / self.bare_ms

    @property
    def broken(self) -> tuple[str, ...]:
        """Return the budgets that this measurement breaks, in words; empty when it keeps all."""
        found = [f"imports {name}" for name in self.forbidden]
        found += [f"ratio {self.ratio:.3f} > {MAX_RATIO}"] if self.ratio > MAX_RATIO else []
        found += [f"{self.rss_mb:.0f} MB > {MAX_RSS_MB:.0f} MB"] if self.rss_mb > MAX_RSS_MB else []
        return tuple(found)


def measure(function: str, *, root: Path, rounds: int) -> Measurement:
    """Return the measurement of `function` of the repository `root`; raise ProbeError when it cannot be imported."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = stage.stage(function, root=root, output=Path(scratch) / function).directory
        # The first import of each side writes the bytecode and is not counted.
        full = [FRAMEWORK, "main"]
        found = _import(folder, full).modules
        bare = [FRAMEWORK, *(name for name in LIBRARIES if name in found)]
        _import(folder, bare)
        pairs = [(_import(folder, full), _import(folder, bare)) for _ in range(rounds)]
    return Measurement(
        function=function,
        import_ms=statistics.median(ours.ms for ours, _ in pairs),
        bare_ms=statistics.median(theirs.ms for _, theirs in pairs),
        rss_mb=statistics.median(ours.mb for ours, _ in pairs),
        bare_rss_mb=statistics.median(theirs.mb for _, theirs in pairs),
        libraries=tuple(bare),
        forbidden=tuple(name for name in FORBIDDEN if name in found),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the command line `arguments`: 0 when every function keeps its budgets, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=_positive, default=ROUNDS, help=f"imports a side (default: {ROUNDS})")
    parser.add_argument("--root", type=Path, default=stage.REPOSITORY, help="the repository (default: this one)")
    options = parser.parse_args(arguments)
    try:
        found = [measure(name, root=options.root, rounds=options.rounds) for name in stage.functions(options.root)]
    except (stage.StageError, ProbeError) as error:
        print(f"bench.cold_start: {error}", file=sys.stderr)
        return 1
    if sys.stdout.isatty():
        console.Console().print(_table(found))
    else:
        print(json.dumps(document(found, rounds=options.rounds), indent=2))
    return 1 if any(one.broken for one in found) else 0


def document(measurements: Sequence[Measurement], *, rounds: int) -> dict[str, Any]:
    """Return `measurements` as JSON values, with the budgets and the verdict on each."""
    return {
        "benchmark": "cold_start",
        "python": sys.version.split()[0],
        "rounds": rounds,
        "budgets": {"ratio": MAX_RATIO, "rss_mb": MAX_RSS_MB, "forbidden": FORBIDDEN},
        "functions": [
            dataclasses.asdict(one) | {"ratio": round(one.ratio, 3), "broken": one.broken} for one in measurements
        ],
        "within_budget": not any(one.broken for one in measurements),
    }


def _import(folder: Path, modules: Sequence[str]) -> Import:
    done = subprocess.run(
        [sys.executable, "-I", "-c", _PROBE, str(folder), *modules],
        # -I reads no PYTHON variable, so the bytecode is written and read whatever the caller's habits are.
        env=dict(os.environ),
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        raise ProbeError(f"importing {', '.join(modules)} from {folder.name} failed:\n{done.stderr.strip()}")
    said = json.loads(done.stdout.splitlines()[-1])
    return Import(ms=said["ms"], mb=said["mb"], modules=frozenset(said["modules"]))


def _table(measurements: Sequence[Measurement]) -> table.Table:
    view = table.Table("function", "import ms", "bare ms", "ratio", "RSS MB", "bare MB", "verdict", title="cold start")
    for one in measurements:
        view.add_row(
            one.function,
            f"{one.import_ms:.0f}",
            f"{one.bare_ms:.0f}",
            f"{one.ratio:.2f}",
            f"{one.rss_mb:.0f}",
            f"{one.bare_rss_mb:.0f}",
            "; ".join(one.broken) or "within budget",
        )
    return view


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


if __name__ == "__main__":
    sys.exit(main())
