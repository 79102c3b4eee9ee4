"""Write what readers of the published documents rely on, schemas and types, from the declarations of the documents.

`python -m deploy.contracts [--release]`: after a document was changed. With --release, what is written is also kept
as the last release, which the next change is compared with; refused, with exit code 1, while it breaks the last one.
"""

import argparse
import json
import pathlib
import sys
from collections.abc import Mapping, Sequence

from cloud_functions.live_export import contracts
from deploy import stage

FOLDER = stage.REPOSITORY / "cloud_functions" / "live_export" / "schemas"
RELEASED = "released"
_SUFFIX = ".schema.json"


def files() -> Mapping[str, str]:
    """Return the text of each file that is published for readers, by its name."""
    published = contracts.schemas()
    schemas = {f"{name}{_SUFFIX}": json.dumps(schema, indent=2) + "\n" for name, schema in published.items()}
    return {**schemas, "types.d.ts": contracts.typescript(published)}


def released(folder: pathlib.Path) -> Mapping[str, contracts.Schema]:
    """Return the schemas of the last release, by name, given the folder of the schemas."""
    found = sorted((folder / RELEASED).glob(f"*{_SUFFIX}"))
    return {path.name.removesuffix(_SUFFIX): json.loads(path.read_text("utf-8")) for path in found}


def broken(old: Mapping[str, contracts.Schema], new: Mapping[str, contracts.Schema]) -> list[str]:
    """Return what readers of the `old` schemas would miss or choke on in documents of the `new` ones, by name."""
    gone = [f"{name}: is published no more" for name in old if name not in new]
    return gone + [f"{name}: {one}" for name in old if name in new for one in contracts.breaks(old[name], new[name])]


def write(folder: pathlib.Path, *, names: Mapping[str, str]) -> None:
    """Write these texts into the folder, and take away other schemas that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob(f"*{_SUFFIX}"):
        if path.name not in names:
            path.unlink()
    for name, text in names.items():
        (folder / name).write_text(text, "utf-8")


def main(arguments: Sequence[str] | None = None, *, folder: pathlib.Path = FOLDER) -> int:
    """Return 0 when everything asked for was written, else 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.contracts", description="Write schemas and types anew.")
    parser.add_argument("--release", action="store_true", help="keep them as what readers rely on from now on")
    options = parser.parse_args(arguments)
    made = files()
    write(folder, names=made)
    found = broken(released(folder), contracts.schemas())
    for line in found:
        print(line, file=sys.stderr)
    if options.release and found:
        return 1
    if options.release:
        write(folder / RELEASED, names={name: text for name, text in made.items() if name.endswith(_SUFFIX)})
    print(f"{len(made)} files in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
