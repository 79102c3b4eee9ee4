"""The functions of this repository as their folders declare them: discovered by name, never listed by hand."""

from collections.abc import Mapping
from pathlib import Path

from deploy import manifest, stage
from shared import deployment

BUCKET = "_BUCKET"
DATASET = "_DATASET"
TOPIC = "_TOPIC"


def functions(root: Path = stage.REPOSITORY) -> dict[str, deployment.Function]:
    """Return the deploy facts of each function of `root`, by name, sorted; raise InvalidDeclaration for a bad one."""
    return {name: manifest.read(name, root=root) for name in stage.functions(root)}


def variables(functions: Mapping[str, deployment.Function], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that the functions declare, where a value of `environ` takes precedence."""
    declared = {name: value for facts in functions.values() for name, value in facts.env.items()}
    return {name: environ.get(name) or value for name, value in sorted(declared.items())}


def buckets(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the buckets that `variables` name, each once."""
    return _named(variables, BUCKET)


def datasets(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the datasets that `variables` name, each once."""
    return _named(variables, DATASET)


def topics(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the topics that `variables` name, each once."""
    return _named(variables, TOPIC)


def _named(variables: Mapping[str, str], ending: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name, value in variables.items() if name.endswith(ending)))
