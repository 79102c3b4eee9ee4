"""The names of what is published, below the prefix of an export; pure.

manifest.json                              last: what is published now, for the current game day
manifests/{day}.json                       the same for each game day
<path of a document>                       its content under the name that readers know
objects/<path>.<digest>.json               the same bytes under a name that never changes its content
schemas/<document>.schema.json, types.d.ts what readers may rely on
"""

import datetime

DAY = "{day}"
"""What stands for the game day in the declared path of a document."""
MANIFEST = "manifest.json"
SCHEMAS = "schemas/"
TYPES = f"{SCHEMAS}types.d.ts"
DIGITS = 12
"""How many digits of a content's SHA-256 tell its immutable object apart."""


def dated(path: str, day: datetime.date) -> str:
    """Return the path of a document on a day."""
    return path.replace(DAY, day.isoformat())


def immutable(path: str, sha256: str) -> str:
    """Return the path of the object that holds exactly these bytes for ever, given the dated path of its document."""
    return f"objects/{path.removesuffix('.json')}.{sha256[:DIGITS]}.json"


def of_day(day: datetime.date) -> str:
    """Return the path of a day's manifest."""
    return f"manifests/{day.isoformat()}.json"


def schema(document: str) -> str:
    """Return the path of a document's JSON Schema."""
    return f"{SCHEMAS}{document}.schema.json"
