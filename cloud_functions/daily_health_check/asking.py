"""Questions that are asked side by side under one deadline: each ends with its answer, or with the error it met."""

import concurrent.futures
import time
from collections.abc import Callable, Mapping
from typing import Any

from shared import errors

THREADS = 24
Questions = Mapping[str, Callable[[], Any]]
Answers = dict[str, Any]


def ask(questions: Questions, *, seconds: float) -> Answers:
    """Return the answer to each question by its name, or the CloudError that it ended with, after `seconds` at most.

    A question that is still under way then goes on in its thread, and nobody hears of it.
    """
    ends = time.monotonic() + seconds
    pool = concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="asking")
    try:
        coming = {name: pool.submit(question) for name, question in questions.items()}
        return {name: _answer(future, ends, seconds) for name, future in coming.items()}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _answer(future: "concurrent.futures.Future[Any]", ends: float, seconds: float) -> Any:
    try:
        return future.result(timeout=max(0.0, ends - time.monotonic()))
    except errors.CloudError as error:
        return error
    except TimeoutError:
        return errors.Unavailable(f"there was no answer within {seconds:.0f} s")
