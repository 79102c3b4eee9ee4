"""Judge an output: `python bench/export/judge.py --folder D --output F` prints whether it is JSON and keeps the rules.

The parser is Python's own, made strict: NaN and the infinities are no JSON, and numbers keep all their digits. Each
cell is compared with the Arrow input that all outputs were made from, by the rules that Pressbox declares.
"""

import argparse
import dataclasses
import datetime
import decimal
import importlib
import json
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from bench.export import contract


def strictly(text: str) -> Any:
    """Return what a JSON text says, numbers with a point as decimals; raise ValueError for what is no JSON."""
    return json.loads(text, parse_constant=_refuse, parse_float=decimal.Decimal)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def expected(value: Any) -> Any:
    """Return a value as the declared rules have it, given as Arrow has it."""
    if isinstance(value, float):
        return decimal.Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > contract.SAFE:
        return str(value)
    return value


def judge(text: str, rows: Sequence[Mapping[str, Any]]) -> contract.Verdict:
    """Return the verdict on an output, given the rows that it was made from."""
    try:
        found = strictly(text)
    except ValueError:
        return contract.Verdict(valid=False, rows=0, broken={})
    if not isinstance(found, list) or len(found) != len(rows):
        return contract.Verdict(valid=True, rows=len(found), broken={"(rows)": abs(len(found) - len(rows))})
    broken: Counter[str] = Counter()
    for given, row in zip(found, rows, strict=True):
        if list(given) != list(row):
            broken["(names)"] += 1
        for name, value in row.items():
            broken[name] += not _same(given.get(name), expected(value))
    return contract.Verdict(valid=True, rows=len(found), broken=dict(+broken))


def _same(given: Any, wanted: Any) -> bool:
    """Return whether two values are one: a string is no number, and a number is the same to the last digit."""
    if isinstance(given, str) != isinstance(wanted, str) or (given is None) != (wanted is None):
        return False
    return bool(given == wanted)


def main() -> int:
    """Print the verdict as one line of JSON, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    with importlib.import_module("pyarrow").ipc.open_file(str(options.folder / contract.INPUT)) as reader:
        rows = reader.read_all().to_pylist()
    try:
        found = judge(options.output.read_text("utf-8"), rows)
    except UnicodeDecodeError:
        found = contract.Verdict(valid=False, rows=0, broken={})
    print(json.dumps(dataclasses.asdict(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
