"""What tests and curious people may ask of the score provider's stand-in; these requests need no key and never count.

POST   /_minute     {"minute": 35}: the minute of the night, negative before the first tip-off; GET shows it
POST   /_faults     arm a fault (see local/faults.py); GET shows, DELETE disarms them
POST   /_switches   merge switches into those that are thrown (see `switches`); GET shows them, DELETE takes all back
GET    /_requests   how many requests came, in total and by call, without the key; DELETE starts from nought
"""

from local import faults
from local.scores import refusals, state
from local.storage import exchange
from local.storage import hooks as counting


def run(
    known: state.State, request: exchange.Request, *, armed: faults.Faults, counted: counting.Counter
) -> exchange.Response:
    """Return the response to a request on a path that begins with "/_"."""
    try:
        if request.path == "/_minute":
            return _minute(request, known)
        if request.path == "/_faults":
            return _faults(request, armed)
        if request.path == "/_switches":
            return _switches(request, known)
        if request.path == "/_requests":
            return _requests(request, counted)
        raise _no_hook(request)
    except refusals.Refused as refused:
        return refused.response()


def _minute(request: exchange.Request, known: state.State) -> exchange.Response:
    if request.method == "GET":
        return exchange.json_response({"minute": known.now()[0]})
    if request.method != "POST":
        raise _no_hook(request)
    wanted = refusals.document(request.body)
    if set(wanted) != {"minute"}:
        raise refusals.Refused(400, 'The body must be {"minute": <number>}.')
    known.at(wanted["minute"])
    return exchange.Response(204)


def _faults(request: exchange.Request, armed: faults.Faults) -> exchange.Response:
    if request.method == "GET":
        return exchange.json_response(armed.state())
    if request.method == "DELETE":
        armed.clear()
    elif request.method == "POST":
        _arm(request, armed)
    else:
        raise _no_hook(request)
    return exchange.Response(204)


def _arm(request: exchange.Request, armed: faults.Faults) -> None:
    try:
        armed.arm(refusals.document(request.body), whose="the score provider")
    except ValueError as error:
        raise refusals.Refused(400, str(error)) from error


def _switches(request: exchange.Request, known: state.State) -> exchange.Response:
    if request.method == "GET":
        return exchange.json_response(known.now()[1])
    if request.method == "DELETE":
        known.restore()
    elif request.method == "POST":
        known.throw(refusals.document(request.body))
    else:
        raise _no_hook(request)
    return exchange.Response(204)


def _requests(request: exchange.Request, counted: counting.Counter) -> exchange.Response:
    if request.method == "DELETE":
        counted.clear()
        return exchange.Response(204)
    if request.method == "GET":
        return exchange.json_response(counted.state())
    raise _no_hook(request)


def _no_hook(request: exchange.Request) -> refusals.Refused:
    return refusals.Refused(404, f"There is no {request.method} {request.path}.")
