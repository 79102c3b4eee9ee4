"""Partial responses: the `fields` parameter of Google's JSON APIs: what was not asked for is really absent; pure."""

import re
from typing import Any

from local.storage import errors

_TOKEN = re.compile(r"[A-Za-z0-9_*-]+|[(),/]")


def parse(text: str) -> dict[str, Any]:
    """Return the tree of names in a mask such as "items(name,size),kind"; raise ApiError (400) on bad syntax."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", "") or not tokens:
        raise errors.ApiError(400, "invalidParameter", f"Invalid field selection {text}")
    tree, rest = _names(tokens)
    if rest:
        raise errors.ApiError(400, "invalidParameter", f"Invalid field selection {text}")
    return tree


def apply(tree: dict[str, Any], value: Any) -> Any:
    """Return `value` reduced to the names in `tree`; an empty tree keeps all."""
    if not tree:
        return value
    if isinstance(value, list):
        return [apply(tree, item) for item in value]
    if not isinstance(value, dict):
        return value
    chosen = {key: tree.get(key, tree.get("*")) for key in value}
    return {key: apply(below, value[key]) for key, below in chosen.items() if below is not None}


def _names(tokens: list[str]) -> tuple[dict[str, Any], list[str]]:
    tree: dict[str, Any] = {}
    while tokens:
        path, tokens = _path(tokens)
        below: dict[str, Any] = {}
        if tokens[:1] == ["("]:
            below, tokens = _names(tokens[1:])
            if tokens[:1] != [")"]:
                raise errors.ApiError(400, "invalidParameter", "Invalid field selection: unbalanced parentheses")
            tokens = tokens[1:]
        _graft(tree, path, below)
        if tokens[:1] != [","]:
            break
        tokens = tokens[1:]
    return tree, tokens


def _path(tokens: list[str]) -> tuple[list[str], list[str]]:
    path = tokens[:1]
    tokens = tokens[1:]
    while tokens[:1] == ["/"]:
        path += tokens[1:2]
        tokens = tokens[2:]
    if not path or any(name in "(),/" for name in path):
        raise errors.ApiError(400, "invalidParameter", "Invalid field selection: a name is missing")
    return path, tokens


def _graft(tree: dict[str, Any], path: list[str], below: dict[str, Any]) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = {**tree.get(path[-1], {}), **below}
