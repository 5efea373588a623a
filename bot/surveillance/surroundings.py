"""What the records of an answer could meet: read of the database in a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from sqlalchemy import Connection

from bot.review.folder import ReviewFolder
from bot.surveillance.likes import DescribedRecord, nearest
from bot.surveillance.placement import Surroundings, names_in
from extraction.linkage import KnownStudies
from state import decisions, extractions, likeness, records
from state.values import StoredRecord


def read_surroundings(
    connection: Connection, review: ReviewFolder, answered: Sequence[DescribedRecord], at: str
) -> Surroundings:
    """Read all that these records could meet. at: when they are taken in."""
    known = records.stored(connection, [each.record.key for each in answered])
    new = [each for each in answered if each.record.key not in known]
    bearers = records.bearers(connection, _once(_flat(map(_names, new))))
    near = set(_met(new, bearers)) - known.keys()
    known |= records.stored(connection, sorted(near))
    return Surroundings(
        at=at,
        known=known,
        bearers=bearers,
        studies_bearing=records.studies_bearing(connection, _once(_flat(map(_study_names, new)))),
        undecided=decisions.undecided(connection, _candidates(known.values())),
        open_pairs=likeness.open_keys(connection),
        confirmed=records.confirmed_items(connection),
        studies=KnownStudies([stored.study for stored in extractions.studies(connection)]),
        known_items=review.known_items,
        open_decisions=review.protocol.open_decisions,
    )


_flat = chain.from_iterable


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _names(one: DescribedRecord) -> tuple[str, ...]:
    return (*one.own, *one.names, *one.near)


def _study_names(one: DescribedRecord) -> Sequence[str]:
    if not one.record.corrections:
        return one.own
    return (*one.own, *_flat(map(names_in, one.record.corrections)))


def _met(new: Sequence[DescribedRecord], bearers: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the keys of the known records that the new ones meet."""
    if not bearers:
        return
    for one in new:
        for name in (*one.own, *one.names):
            yield from bearers.get(name, ())
        yield from nearest(one, lambda name: bearers.get(name, ()))


def _candidates(found: Iterable[StoredRecord]) -> list[str]:
    return _once(each.candidate for each in found if each.candidate is not None)
