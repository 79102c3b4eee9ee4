"""Lists and their pages: which objects a prefix, a delimiter, a glob and offsets leave, a page at a time."""

import base64
import bisect
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from local.storage import access, errors, exchange, objects, preconditions, store

_MOST = 1000
_LAST = "\U0010ffff"
_GLOB_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]]+\]|\{[^}]*\}|\\.|.", re.DOTALL)

# Name and generation; a prefix has generation -1 and comes before its object.
Key = tuple[str, int]


def answer(stored: store.Store, request: exchange.Request, bucket: str) -> exchange.Response:
    """Return one page of the objects and prefixes that the query leaves; raise ApiError (400, 403, 404, 501)."""
    for parameter, feature in (("softDeleted", "soft delete"), ("filter", "filters on object contexts")):
        if request.query.get(parameter, "false").lower() != "false":
            raise errors.left_out(feature)
    with stored.lock:
        found = stored.bucket(bucket)
        access.need(found, "storage.objects.list")
        entries, token = page(_entries(found, request), request)
        items = [objects.shown(found, version, request) for _, version in entries if version]
    prefixes = [key for (key, _), version in entries if not version]
    listed = {"kind": "storage#objects", **token}
    return exchange.json_response(
        listed | ({"items": items} if items else {}) | ({"prefixes": prefixes} if prefixes else {})
    )


def page(entries: Iterable[tuple[Key, Any]], request: exchange.Request) -> tuple[list[tuple[Key, Any]], dict[str, str]]:
    """Return the sorted entries after the page token, at most maxResults, and the token of the next page if any."""
    asked = preconditions.integer(request.query, "maxResults")
    if asked is not None and asked < 1:
        raise errors.invalid(f"Invalid value '{asked}' for maxResults: it must be positive.")
    most = min(asked or _MOST, _MOST)
    last = _after(request)
    taken: list[tuple[Key, Any]] = []
    for key, value in entries:
        if key <= last:
            continue
        if len(taken) == most:
            token = base64.urlsafe_b64encode(json.dumps(taken[-1][0]).encode()).decode()
            return taken, {"nextPageToken": token}
        taken.append((key, value))
    return taken, {}


def glob(pattern: str) -> re.Pattern[str]:
    """Return the expression for a matchGlob: * and ? stop at slashes, ** does not, [a-z] and {a,b} choose."""
    try:
        return re.compile("".join(_translated(token) for token in _GLOB_TOKEN.findall(pattern)) + r"\Z", re.DOTALL)
    except re.error as error:
        raise errors.invalid(f"Invalid matchGlob '{pattern}'.") from error


def _after(request: exchange.Request) -> Key:
    token = request.query.get("pageToken")
    if not token:
        return ("", -1)
    try:
        name, generation = json.loads(base64.urlsafe_b64decode(token))
        return (str(name), int(generation))
    except (TypeError, ValueError) as error:
        raise errors.invalid("Invalid page token.") from error


def _entries(bucket: store.Bucket, request: exchange.Request) -> Iterator[tuple[Key, store.Version | None]]:
    query, names = request.query, bucket.names
    prefix, delimiter, end = query.get("prefix", ""), query.get("delimiter", ""), query.get("endOffset")
    trailing = exchange.flag(request, "includeTrailingDelimiter")
    every = exchange.flag(request, "versions")
    wanted = glob(query["matchGlob"]) if "matchGlob" in query else None
    start = max(prefix, query.get("startOffset", ""), _after(request)[0])
    position = bisect.bisect_left(names, start)
    while position < len(names) and names[position].startswith(prefix) and (end is None or names[position] < end):
        name = names[position]
        versions = [] if wanted and not wanted.match(name) else _versions(bucket, name, every=every)
        folder = _folder(name, prefix=prefix, delimiter=delimiter)
        if versions and folder:
            yield (folder, -1), None
        if not folder or (trailing and name == folder):
            yield from (((name, int(one.resource["generation"])), one) for one in versions)
        # The rest of a folder that is listed as a prefix is not looked at.
        position = bisect.bisect_left(names, folder + _LAST, position + 1) if versions and folder else position + 1


def _versions(bucket: store.Bucket, name: str, *, every: bool) -> list[store.Version]:
    return [version for version in bucket.objects[name] if every or version.is_live]


def _folder(name: str, *, prefix: str, delimiter: str) -> str:
    if not delimiter:
        return ""
    head, found, _ = name[len(prefix) :].partition(delimiter)
    return prefix + head + found if found else ""


def _translated(token: str) -> str:
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if token in fixed:
        return fixed[token]
    if token.startswith("["):
        inside = token[1:-1]
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    if token.startswith("{"):
        return "(?:" + "|".join(glob(part).pattern.removesuffix(r"\Z") for part in token[1:-1].split(",")) + ")"
    return re.escape(token.removeprefix("\\") or token)
