"""Documents that are a query's rows as they are: streamed from BigQuery into gzip, however many there are.

Their JSON Schema follows from the types of the columns, so that it cannot be missed by a row.
"""

import datetime

from cloud_functions.live_export import building, columns, declaration, encoding, plan, sources, witnesses
from cloud_functions.live_export.documents import fields
from shared import errors
from shared.exports import manifest
from shared.gcp import rows as wire

VERSION = "1.0"


def make(
    asked: witnesses.Asked, document: declaration.Document, before: manifest.Entry | None
) -> plan.Candidate | plan.Trouble:
    """Return the document of its one query's rows on the day, or why it is none; what it was billed is charged."""
    name = document.sources[0]
    source = asked.given.declared.exports.sources[name]
    try:
        answer, packed = _read(asked, document)
    except errors.CloudError as error:
        fix = f"look at queries/{source.sql}, its tables, its limits and the account's rights"
        return plan.Trouble("query_failed", f"{name}: {error}", fix, judged=False)
    except columns.Unencodable as error:
        return plan.Trouble("unencodable", f"{name}: {error}", f"give it another type, or a name, in {source.sql}")
    except encoding.TooLarge as error:
        return building.too_large(document, error)
    return _candidate(answer, packed, before.content if before else None, asked.now)


def _candidate(
    answer: wire.Answer, packed: encoding.Encoded, standing: manifest.Content | None, now: datetime.datetime
) -> plan.Candidate:
    schema = building.canonical(columns.schema(answer.fields))
    same = standing is not None and standing.sha256 == packed.sha256
    return plan.Candidate(
        gzipped=packed.gzipped,
        sha256=packed.sha256,
        size=packed.bytes,
        measures=fields.Measures(packed.rows, {}, dict(packed.columns)),
        updated_at=standing.updated_at if standing and same else now,
        version=VERSION,
        schema=schema,
        schema_sha256=building.digest(schema),
    )


def _read(asked: witnesses.Asked, document: declaration.Document) -> tuple[wire.Answer, encoding.Encoded]:
    """Return what the query answered, and all of its rows encoded; raise CloudError, Unencodable or TooLarge."""
    (name,) = document.sources
    given = asked.given
    source = given.declared.exports.sources[name]
    answer = wire.read(
        given.clients.bigquery,
        given.declared.texts[name],
        bytes_limit=source.bytes_limit,
        label=sources.LABEL,
        parameters=sources.parameters(source, asked.day),
        labels={"source": name},
        seconds=source.seconds,
    )
    asked.coming.charged.append(answer.bytes_billed)
    names = columns.names(answer.fields)
    made = encoding.chunks(answer.fields, answer.parts)
    return answer, encoding.array(names, made, most_bytes=document.most_bytes)
