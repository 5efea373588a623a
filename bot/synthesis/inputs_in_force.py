"""What the results are computed from: read of the database, and hashed.

The hash answers one question: is the newest result computed from the inputs of now? Whatever may
change a result, or what a version says of its studies, stands here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot import VERSION
from bot.app import App
from bot.synthesis.apart import kept_apart
from bot.synthesis.known_corrections import kinds_by_study
from extraction.model import Study
from extraction.sightings import happened
from state import extractions, records
from state.codec import Json, canonical, dumped
from state.screening import StudyStatus
from state.values import AcceptedValue, StoredStudy

ENGINE = f"living-review-bot {VERSION}"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What counts now; `json` is what is stored with a result, `apart` is of open decisions."""

    studies: tuple[Study, ...]
    values: tuple[AcceptedValue, ...]
    apart: dict[str, str]
    json: Json

    @property
    def hash(self) -> str:
        """The name of the result that is computed from these inputs."""
        return hashlib.sha256(canonical(self.json).encode()).hexdigest()


def inputs_of_now(app: App, connection: Connection) -> Inputs:
    """Read the inputs in force."""
    every = extractions.studies(connection)
    studies = _included(every)
    values = extractions.accepted_values(connection)
    apart = kept_apart(app.protocol, connection, studies)
    with_values = frozenset(each.value.cell.study for each in values)
    said = _besides_values(app, connection, every, apart, with_values)
    return Inputs(
        studies,
        values,
        apart,
        said | {"values": [extractions.value_json(each) for each in values]},
    )


def hash_of_now(app: App, connection: Connection) -> str:
    """Return the hash of the inputs in force, for who needs nothing else of them.

    The values are thousands: their texts are hashed as the tables hold them, and none is read.
    """
    every = extractions.studies(connection)
    apart = kept_apart(app.protocol, connection, _included(every))
    values = extractions.written_values(connection)
    with_values = frozenset(each.study for each in values)
    before = canonical(_besides_values(app, connection, every, apart, with_values))
    # Canonical JSON has its keys in their order, and "values" is the last.
    text = f'{before[:-1]},"values":[{",".join(each.text for each in values)}]}}'
    return hashlib.sha256(text.encode()).hexdigest()


def _besides_values(
    app: App,
    connection: Connection,
    every: Sequence[StoredStudy],
    apart: Mapping[str, str],
    with_values: Collection[str],
) -> Json:
    return {
        "apart": sorted([study, decision] for study, decision in apart.items()),
        "corrected": _corrected(connection, every),
        "engine": ENGINE,
        "open_decisions": [each.id for each in app.protocol.open_decisions],
        "places": _places(connection, every, with_values),
        "protocol": app.protocol.version,
        "protocol_sha256": protocol_sha256(app),
        "reports": {study: list(keys) for study, keys in records.later_reports(connection).items()},
        "studies": [dumped(study) for study in _included(every)],
    }


def pooled_from(inputs: Json) -> Json:
    """Return of some inputs those that the numbers are computed from."""
    values = inputs["values"]
    with_values = {each["value"]["cell"]["study"] for each in values}
    return {
        "apart": [each for each in inputs.get("apart", ()) if each[0] in with_values],
        "engine": inputs["engine"],
        "protocol": inputs["protocol_sha256"],
        "studies": [
            each for each in inputs["studies"] if each["id"] in with_values or each.get("entries")
        ],
        "values": values,
    }


def protocol_sha256(app: App) -> str:
    """Return the hash of the protocol that this program works by."""
    return hashlib.sha256(app.review.protocol_text.encode()).hexdigest()


def included_studies(connection: Connection) -> tuple[Study, ...]:
    """Return the studies whose data may count."""
    return _included(extractions.studies(connection))


def _included(studies: Iterable[StoredStudy]) -> tuple[Study, ...]:
    return tuple(each.study for each in studies if each.place is StudyStatus.INCLUDED)


def _places(
    connection: Connection, studies: Sequence[StoredStudy], with_values: Collection[str]
) -> list[Json]:
    """Say where each study stands, and whether its data are still to be extracted."""

    def waits(stored: StoredStudy) -> bool:
        if stored.place is not StudyStatus.INCLUDED or stored.baseline:
            return False
        name = stored.study.id
        return name not in with_values and not extractions.agreement(connection, name).standing

    return [
        {
            "study": each.study.id,
            "label": each.study.label,
            "place": each.place.value,
            "waits_for_data": waits(each),
        }
        for each in sorted(studies, key=lambda stored: stored.study.id)
    ]


def _corrected(connection: Connection, studies: Sequence[StoredStudy]) -> list[list[str]]:
    """Say of which studies a report was retracted, corrected or put in doubt, and which of them."""
    return sorted([name, what] for name, what in _happened(connection, studies))


def _happened(connection: Connection, studies: Sequence[StoredStudy]) -> Iterator[tuple[str, str]]:
    kinds = kinds_by_study(connection)
    for each in studies:
        for what in happened(kinds.get(each.study.id, ())):
            yield each.study.id, what
