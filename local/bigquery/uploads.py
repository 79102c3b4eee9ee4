"""Load jobs whose file comes with the request: the envelope taken apart byte for byte, the caller's job id kept."""

import json
import pathlib
import re
from typing import Any

from bqemulator.api.routes import upload
from bqemulator.domain.errors import AlreadyExistsError, NotFoundError, ValidationError

from local.bigquery import job_states, jobs, patching

_REFERENCE = "pressbox.jobReference"
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_ERRORS = {"duplicate": AlreadyExistsError, "notFound": NotFoundError}


def install(_settings: Any) -> None:
    """Override how the upload routes read an envelope; `attach` says who runs the job."""
    # The emulator's parser reads line by line, refuses the client's own content type, and drops the job id.
    patching.replace(upload, "_parse_multipart_related", parts)
    patching.replace(upload, "_load_configuration_from_envelope", _configuration)
    if not hasattr(upload, "_run_load") or not hasattr(upload, "_build_job_response"):
        raise patching.UnexpectedInternalsError("the emulator's upload routes are not built as expected")


def attach(runner: jobs.Runner) -> None:
    """Let uploaded load jobs run on `runner`, as all others do."""

    async def run_load(*, project_id: str, configuration: dict[str, Any], media_path: str, ctx: Any) -> tuple[str, Any]:
        del ctx
        # The emulator removes the file when this returns; renaming is all that is done on the loop.
        kept = pathlib.Path(media_path).rename(f"{media_path}.job")  # noqa: ASYNC240 -- one rename
        submitted = {"configuration": {key: value for key, value in configuration.items() if key != _REFERENCE}}
        submitted["jobReference"] = configuration.get(_REFERENCE) or {}
        try:
            job = runner.submit(project_id, submitted, caller=None, upload=str(kept))
        except job_states.Failure as refused:
            kept.unlink()
            raise _ERRORS.get(refused.reason, ValidationError)(refused.message) from refused
        return job.job_id, job

    def response(project_id: str, job_id: str, job: Any, configuration: dict[str, Any]) -> dict[str, Any]:
        del project_id, job_id, configuration
        return job_states.resource(job, runner.context.catalog)

    patching.replace(upload, "_run_load", run_load)
    patching.replace(upload, "_build_job_response", response)


def parts(content_type: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the file of a multipart/related body; raise ValidationError when it is none."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValidationError("Multipart upload without a boundary")
    mark = b"--" + found[1].encode()
    pieces = body.split(mark, 2)
    last = body.rfind(b"\r\n" + mark + b"--")
    if len(pieces) != 3 or last < 0:  # noqa: PLR2004 -- what stands before, the JSON, and all the rest
        raise ValidationError("Multipart upload must have exactly two parts")
    start = len(pieces[0]) + len(pieces[1]) + 2 * len(mark)
    try:
        envelope = json.loads(_content(pieces[1]))
    except ValueError as malformed:
        raise ValidationError(f"Request body is not valid JSON: {malformed}") from malformed
    return envelope, _content(body[start : last + 2])


def _content(part: bytes) -> bytes:
    return part.split(b"\r\n\r\n", 1)[-1].removesuffix(b"\r\n")


def _configuration(envelope: dict[str, Any]) -> dict[str, Any]:
    configuration = envelope.get("configuration") or {}
    if "load" not in configuration:
        raise ValidationError("Upload envelope is missing the required 'configuration.load' field")
    return {**configuration, _REFERENCE: envelope.get("jobReference") or {}}
