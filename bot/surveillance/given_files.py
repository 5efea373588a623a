"""The files that people and providers give: read whole, or refused, as the answer of a source."""

from __future__ import annotations

import hashlib

from bot.review.protocol import SourcePlan
from bot.sources.answer import SourceAnswer
from bot.sources.upstream.reply import Payload
from extraction.errors import ExtractionError
from extraction.readers.export import PLATFORMS, Export, read_export
from extraction.readers.without_people import without_people
from state.errors import BadInput

LARGEST_BYTES = 25_000_000
LARGEST_MAIL_BYTES = 40_000_000  # a file grows by a third in a mail, and there is a letter


def read_file(plan: SourcePlan, body: bytes, name: str) -> SourceAnswer:
    """Read a file; raise BadInput with the place and the reason where it cannot be read whole.

    One without a record is taken where its format says where it ends: else it may be cut off.
    """
    try:
        export = read_export(body, name, source=plan.id)
    except ExtractionError as error:
        raise BadInput(str(error)) from error
    if not export.held and not export.closed:
        raise BadInput(
            f"{name}: found no record ({export.dialect}), expected at least one; if the search"
            " found nothing, say so instead of importing a file"
        )
    return answer_of(plan, body, name, export)


def answer_of(plan: SourcePlan, body: bytes, name: str, export: Export) -> SourceAnswer:
    """Return what was read in a file as an answer of its source."""
    payload = Payload(digest_of(body), "application/octet-stream", without_people(body))
    return SourceAnswer(
        records=export.records,
        payloads=(payload,),
        payload_of=dict.fromkeys(
            [*(record.key for record in export.records), *(odd.key for odd in export.odd)],
            payload.sha256,
        ),
        query=f"imported {name} ({', '.join(filter(None, (export.dialect, export.origin)))})",
        found=export.held,
        pages=1,
        requests=0,
        warnings=(*_stranger(plan, export), *export.warnings),
        odd=export.odd,
    )


def digest_of(body: bytes) -> str:
    """Return the hash by which the same file is known again: that of what is kept of it."""
    return hashlib.sha256(without_people(body)).hexdigest()


def _stranger(plan: SourcePlan, export: Export) -> tuple[str, ...]:
    """Say where a file was written by another database than the one it is given for."""
    origin = export.origin
    known = f"{plan.id} {plan.name}".casefold()
    if origin is None or origin in PLATFORMS or origin.casefold() in known:
        return ()
    return (f"the file looks like one of {origin}, and was imported as a search of {plan.name}",)
