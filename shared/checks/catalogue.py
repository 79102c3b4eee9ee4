"""The kinds of checks, found by the names of their files in `shared/checks/kinds/`.

A kind is a module with `Args` (the keys of its checks), `ask(check, scope)`, `judge(check, answer, context)`, `REASONS`
(the closed vocabulary of its findings) and `EXAMPLE` (one check, in YAML).
"""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType

from shared.checks import kinds, model


@functools.cache
def modules() -> Mapping[str, ModuleType]:
    """Return the module of every kind, by its name."""
    names = sorted(found.name for found in pkgutil.iter_modules(kinds.__path__))
    return {name: importlib.import_module(f"{kinds.__name__}.{name}") for name in names}


def shapes() -> Mapping[str, type[model.Check]]:
    """Return the shape of a check of every kind, by its name."""
    return {name: module.Args for name, module in modules().items()}
