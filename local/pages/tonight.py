"""The page of tonight as an HTTP answer: its file, and the policy under which the browser does what it needs, no more.

It shows the published files of `live_export` in a browser; where they are is in its own address, as `?base=`.
"""

import base64
import dataclasses
import hashlib
import re
from pathlib import Path
from urllib import parse

PATH = "/tonight"
SUMMARY = "Tonight's games and predictions, from the published files."
BASE = "base"
_FILE = Path(__file__).with_name("tonight.html")
_INLINE = re.compile(rb"<(?P<tag>script|style)>(?P<content>.*?)</(?P=tag)>", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Page:
    """The file's bytes and its Content-Security-Policy. published: the address of the files, where it is known."""

    body: bytes
    policy: str
    published: str | None


def load(published: str | None) -> Page:
    """Return the page as its file is now, given the base address of the published files, if there are any."""
    body = _FILE.read_bytes()
    return Page(body, policy(body), published)


def policy(body: bytes) -> str:
    """Return the policy under which just the inline script and style of `body` work.

    It may ask its own server and this machine, and turns no text into HTML.
    """
    hashed = {"script": "", "style": ""}
    for found in _INLINE.finditer(body):
        digest = base64.b64encode(hashlib.sha256(found["content"]).digest()).decode()
        hashed[found["tag"].decode()] += f" 'sha256-{digest}'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src{hashed['script']}",
            f"style-src{hashed['style']}",
            "img-src data:",
            "connect-src 'self' http://127.0.0.1:*",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def redirection(page: Page, query: str) -> str | None:
    """Return where the page is with the address of the published files, given a query without one; else None."""
    asked = parse.parse_qsl(query, keep_blank_values=True)
    if page.published is None or any(name == BASE and value for name, value in asked):
        return None
    kept = [(name, value) for name, value in asked if name != BASE]
    return f"{PATH}?{parse.urlencode([*kept, (BASE, page.published)])}"


def headers(page: Page) -> list[tuple[str, str]]:
    """Return the headers of an answer that holds the page."""
    return [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(page.body))),
        ("Content-Security-Policy", page.policy),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ]
