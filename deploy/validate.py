"""Load every declaration of every function, and tell all mistakes at once; with --warehouse, run every query dry.

`python -m deploy.validate [--warehouse]`: one line a mistake on stderr, with file and line; exit code 1 when there is
one. Declarations are those of DECLARATIONS_DIR where it is set. The warehouse is the one that the account and the
environment lead to; a dry run reads nothing and costs nothing.
"""

import argparse
import dataclasses
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType

from deploy import manifest, stage
from shared import errors, settings
from shared.statuses import Status


@dataclasses.dataclass(frozen=True)
class Rehearsed:
    """What a dry run of one part of a function says: its sentence, and each query that cannot be run."""

    summary: str
    mistakes: tuple[str, ...]


def mistakes(name: str, deployed: settings.Settings) -> list[str]:
    """Return every mistake in the declarations of the function `name`."""
    try:
        manifest.read(name, root=stage.REPOSITORY)
        module = _module(name)
        declared = module.declared(deployed)
        if hasattr(module, "load_all"):
            module.load_all(declared)
    except errors.InvalidDeclaration as error:
        return [f"{name}: {problem}" for problem in error.problems]
    return []


def rehearsals(name: str, deployed: settings.Settings) -> Iterator[Rehearsed]:
    """Yield what a dry run of each part of the function `name` says; raise CloudError without a warehouse."""
    module = _module(name)
    for outcome in module.rehearse(deployed) if hasattr(module, "rehearse") else ():
        bad = (found for found in outcome.findings if found.status is Status.ERROR)
        yield Rehearsed(outcome.summary, tuple(f"{found.subject}: {found.reason}: {found.message}" for found in bad))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"cloud_functions.{name}.run")


def _settings() -> settings.Settings:
    """Return the settings of this process, with what `function.yaml` declares where the environment says nothing.

    A secret that is not at hand is an address that leads nowhere: what can be checked is that it is asked for.
    """
    declared = {key: value for name in stage.functions(stage.REPOSITORY) for key, value in _environment(name).items()}
    return settings.read(declared | dict(os.environ))


def _environment(name: str) -> dict[str, str]:
    try:
        facts = manifest.read(name, root=stage.REPOSITORY)
        return {**facts.env, **dict.fromkeys(facts.secrets, "https://secret.invalid/")}
    except errors.InvalidDeclaration:
        return {}


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 1 when there is a mistake, else 0."""
    parser = argparse.ArgumentParser(prog="python -m deploy.validate", description="Check every declaration.")
    parser.add_argument("--warehouse", action="store_true", help="run every query dry against BigQuery too")
    options = parser.parse_args(arguments)
    try:
        found = _checked(_settings(), warehouse=options.warehouse)
    except errors.PressboxError as error:
        found = [f"{error.code}: {error}"]
    for line in found:
        print(line, file=sys.stderr)
    print(f"{len(found)} mistakes" if found else "every declaration is valid")
    return 1 if found else 0


def _checked(deployed: settings.Settings, *, warehouse: bool) -> list[str]:
    names = [name for name in stage.functions(stage.REPOSITORY) if deployed.declares(name)]
    found = [line for name in names for line in mistakes(name, deployed)]
    if found or not warehouse:
        return found
    for name in names:
        for rehearsed in rehearsals(name, deployed):
            print(rehearsed.summary)
            found += rehearsed.mistakes
    return found


if __name__ == "__main__":
    sys.exit(main())
