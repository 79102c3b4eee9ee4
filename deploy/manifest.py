"""Reads `function.yaml`, the one place where the deploy facts of a function are declared."""

import pathlib

from shared import declarations, deployment


def read(name: str, *, root: pathlib.Path) -> deployment.Function:
    """Return the deploy facts of function `name` of `root`; raise InvalidDeclaration with every mistake in them."""
    return declarations.load(deployment.Function, root / "cloud_functions" / name / deployment.NAME, environment={})
