"""The small words of the page, as HTML that is escaped already: instants, durations, sizes, statuses; pure."""

import datetime
import html

from shared.statuses import Status

MINUTE, HOUR, DAY = 60, 3600, 86400
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_GLYPHS = {
    Status.FAIL: '<circle cx="8" cy="8" r="7.5" fill="currentColor"/><path d="M5 5l6 6m0-6l-6 6" class="cut"/>',
    Status.ERROR: '<path d="M8 .2L15.8 8 8 15.8.2 8z" fill="currentColor"/><path d="M8 4.4v4.4M8 11v.6" class="cut"/>',
    Status.WARN: '<path d="M8 .8L15.8 15H.2z" fill="currentColor"/><path d="M8 5.6v4.6M8 12.2v.6" class="cut"/>',
    Status.UNKNOWN: '<circle cx="8" cy="8" r="6.4" class="line"/><path d="M8 8v.01" class="line wide"/>',
    Status.PASS: '<path d="M2.2 8.6l3.9 3.9L13.8 4" class="line"/>',
    Status.SKIP: '<path d="M3 8h10" class="line"/>',
}
"""Of each status a shape of its own, in a square of 16: whoever sees no colours tells them apart."""


def escape(text: str) -> str:
    """Return any text as HTML, fit for an element and for a quoted attribute."""
    return html.escape(text, quote=True)


def amount(count: int, noun: str) -> str:
    """Return a count and its noun, given the noun's singular, whose plural ends in s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def cut(text: str, limit: int) -> str:
    """Return the text, at most `limit` characters of it; what was cut ends in an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def ago(then: datetime.datetime, now: datetime.datetime) -> str:
    """Return how long ago an instant is, in words, rounded down to its largest unit; an instant ahead says so."""
    seconds = int((now - then).total_seconds())
    if abs(seconds) < MINUTE:
        return "just now"
    size, noun = next(
        (size, noun) for size, noun in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")) if _fits(seconds, size)
    )
    words = amount(abs(seconds) // size, noun)
    return f"{words} ago" if seconds > 0 else f"in {words}"


def _fits(seconds: int, size: int) -> bool:
    # Up to 47 hours are told in hours: "1 day ago" would leave open on which of two days it was.
    return abs(seconds) >= (2 * size if size == DAY else size)


def instant(then: datetime.datetime) -> str:
    """Return an instant in UTC, to the minute."""
    return f"{then.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"


def when(then: datetime.datetime, now: datetime.datetime) -> str:
    """Return a `<time>` that says how long ago an instant is."""
    utc = then.astimezone(datetime.UTC)
    return f'<time datetime="{utc:%Y-%m-%dT%H:%M:%SZ}">{ago(then, now)}</time>'


def read(text: str) -> datetime.datetime | None:
    """Return the instant that an ISO text names, in UTC unless it says otherwise; None when it names none."""
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def duration(milliseconds: int) -> str:
    """Return a duration in its natural unit, given milliseconds."""
    if milliseconds < 1000:  # noqa: PLR2004 - milliseconds of a second
        return f"{milliseconds} ms"
    seconds = milliseconds / 1000
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    return f"{int(seconds // MINUTE)} min {int(seconds % MINUTE)} s"


def size(count: float) -> str:
    """Return a number of bytes in its natural unit."""
    for unit in _UNITS[:-1]:
        if count < 1024:  # noqa: PLR2004 - units of IEC
            return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"  # noqa: PLR2004 - digits
        count /= 1024
    return f"{count:,.1f} {_UNITS[-1]}"


def glyphs() -> str:
    """Return the shapes that `mark` uses, once for a document."""
    symbols = "".join(
        f'<symbol id="m-{status}" viewBox="0 0 16 16">{shape}</symbol>' for status, shape in _GLYPHS.items()
    )
    return f'<svg class="glyphs" width="0" height="0" aria-hidden="true" focusable="false">{symbols}</svg>'


def mark(status: Status) -> str:
    """Return the shape of a status, which says nothing to who cannot see it: a word always stands beside it."""
    return f'<svg class="mark {status}" aria-hidden="true" focusable="false"><use href="#m-{status}"/></svg>'


def badge(status: Status, word: str | None = None) -> str:
    """Return the mark of a status and its word, or another word."""
    return f'<span class="badge {status}">{mark(status)}<span>{escape(word or status.value)}</span></span>'
