"""What a browser gets instead of a report: a page of a function, or a page that says why there is none."""

import html
from collections.abc import Callable

import flask

from shared import errors, logs

# Nothing but the page's own style is loaded or run, whatever a report's text may hold.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def answer(name: str, run_id: str, make: Callable[[], str]) -> flask.Response:
    """Return the page that `make` makes, with status 200; a page that says why when it cannot be made."""
    try:
        text = make()
    except errors.PressboxError as error:
        logs.emit("ERROR", f"the page could not be made: {error}", function=name, run_id=run_id, code=error.code)
        text = trouble(name, error.code, str(error))
    return respond(text)


def respond(text: str) -> flask.Response:
    """Return a page as it leaves: never kept by anyone on the way, and unable to load anything."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return flask.Response(text, status=200, content_type="text/html; charset=utf-8", headers=headers)


def trouble(name: str, code: str, message: str) -> str:
    """Return a page that says why `name` has nothing to show."""
    title, told = html.escape(f"{name}: {code}"), html.escape(message)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><h1>{title}</h1><p>{told}</p></html>'
    )
