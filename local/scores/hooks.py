"""What tests and curious people may ask of the score provider's stand-in; these requests need no key and never count.

POST   /_minute     {"minute": 35}: the minute of the night, negative before the first tip-off; GET shows it
POST   /_switches   merge switches into those that are thrown (see `switches`); GET shows them, DELETE takes all back

What every stand-in is asked, its faults and its counts, is in local/hooks.py; the counts are kept without the key.
"""

from local import faults, hooks
from local.scores import refusals, state
from local.storage import exchange


def run(
    known: state.State, request: exchange.Request, *, armed: faults.Faults, counted: hooks.Counter
) -> exchange.Response:
    """Return the response to a request on a path that begins with "/_"."""
    try:
        return _common(request, armed, counted) or _of_the_night(request, known)
    except refusals.Refused as refused:
        return refused.response()


def _common(request: exchange.Request, armed: faults.Faults, counted: hooks.Counter) -> exchange.Response | None:
    def document() -> dict[str, object]:
        return refusals.document(request.body)

    try:
        return hooks.common(request, document, armed=armed, counted=counted, whose="the score provider")
    except ValueError as error:
        raise refusals.Refused(400, str(error)) from error


def _of_the_night(request: exchange.Request, known: state.State) -> exchange.Response:
    match request.method, request.path:
        case "GET", "/_minute":
            return exchange.json_response({"minute": known.now()[0]})
        case "GET", "/_switches":
            return exchange.json_response(known.now()[1])
        case "POST", "/_minute":
            known.at(_minute(refusals.document(request.body)))
        case "POST", "/_switches":
            known.throw(refusals.document(request.body))
        case "DELETE", "/_switches":
            known.restore()
        case _:
            raise refusals.Refused(404, f"There is no {request.method} {request.path}.")
    return exchange.Response(204)


def _minute(wanted: dict[str, float]) -> float:
    if set(wanted) != {"minute"}:
        raise refusals.Refused(400, 'The body must be {"minute": <number>}.')
    return wanted["minute"]
