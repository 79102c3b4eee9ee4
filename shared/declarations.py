"""YAML declarations, parsed strictly: every mistake is reported at once, with file, line and path.

Unknown and duplicate keys are mistakes. A text value may be `${NAME}`, whole: it is taken from the environment of the
deployment, and must be set there.
"""

import pathlib
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import yaml

from shared import errors, shapes

T = TypeVar("T")
# The parser in C where PyYAML was built with it, as its wheels are: a long suite is read ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SURROGATE = re.compile("[\ud800-\udfff]")
_REFERENCE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


def load(cls: type[T], path: pathlib.Path, *, environment: Mapping[str, str]) -> T:
    """Return the declaration `cls` in the YAML file `path`; raise InvalidDeclaration with every mistake in it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise errors.InvalidDeclaration([f"{path}: cannot be read: {error}"]) from error
    return parse(cls, text, source=path.name, environment=environment)


def parse(cls: type[T], text: str, *, source: str, environment: Mapping[str, str]) -> T:
    """Return the declaration `cls` in the YAML `text`; raise InvalidDeclaration with every mistake in it."""
    problems: list[shapes.Problem] = []
    try:
        root = yaml.compose(text, Loader=_LOADER)
        tree = _tree(root, "", problems) if root else shapes.Node({}, 1)
    except yaml.YAMLError as error:
        raise errors.InvalidDeclaration([_yaml_problem(source, error)]) from error
    tree = _resolved(tree, "", environment, problems)
    declared, mistakes = shapes.build(cls, tree)
    problems += mistakes
    if problems or declared is None:
        raise errors.InvalidDeclaration(_line(source, problem) for problem in problems)
    return declared


def _yaml_problem(source: str, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f"{source}:{mark.line + 1}" if mark else source
    return f"{place}: not YAML: {getattr(error, 'problem', None) or error}"


def _line(source: str, problem: shapes.Problem) -> str:
    place = f"{source}:{problem.line}" if problem.line else source
    return f"{place}: {problem.path or 'the document'}: {problem.message}"


def _tree(node: Any, path: str, problems: list[shapes.Problem]) -> shapes.Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return shapes.Node([_tree(item, f"{path}[{index}]", problems) for index, item in enumerate(node.value)], line)
    if isinstance(node, yaml.MappingNode):
        items: dict[str, shapes.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            place = f"{path}.{name}" if path else name
            if name in items:
                problems.append(shapes.Problem(place, key.start_mark.line + 1, "stands here twice"))
            items[name] = _tree(value, place, problems)
        return shapes.Node(items, line)
    value = _scalar(node)
    if isinstance(value, str) and _SURROGATE.search(value):
        # The parser in C refuses such an escape itself.
        problems.append(shapes.Problem(path, line, "holds half of a character"))
    return shapes.Node(value, line)


def _scalar(node: Any) -> Any:
    """Return the value of a scalar, with dates left as the text that they are."""
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    return yaml.constructor.SafeConstructor().construct_object(node)


def _resolved(
    node: shapes.Node, path: str, environment: Mapping[str, str], problems: list[shapes.Problem]
) -> shapes.Node:
    if isinstance(node.value, dict):
        items = {
            key: _resolved(item, f"{path}.{key}" if path else key, environment, problems)
            for key, item in node.value.items()
        }
        return shapes.Node(items, node.line)
    if isinstance(node.value, list):
        parts = [_resolved(item, f"{path}[{i}]", environment, problems) for i, item in enumerate(node.value)]
        return shapes.Node(parts, node.line)
    match = _REFERENCE.fullmatch(node.value) if isinstance(node.value, str) else None
    if match is None:
        return node
    value = environment.get(match[1])
    if not value:
        problems.append(shapes.Problem(path, node.line, f"the environment variable {match[1]} is not set"))
        return shapes.Node(node.value, node.line)
    return shapes.Node(value, node.line)
