"""On which version the authors' ratings rest, and what was published about its trials since."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from bot.app import App
from bot.results.format import day
from bot.synthesis.known_corrections import KnownCorrection, known_corrections
from extraction.sightings import GRAVE, HAPPENED_TO_A_REPORT
from state import extractions, versions
from state.as_of import last_event_of
from state.events import events
from state.facts import CorrectionSeen
from state.versions import Version


def rated_version(app: App, connection: Connection) -> Version | None:
    """Return the version whose conclusions people rated last: the published review, if any.

    People cannot rate here yet; where they can, this is the one place to say so.
    """
    if all(plan.published is None for plan in app.protocol.analyses):
        return None
    return next(iter(versions.versions(connection)), None)


def notice_lines(
    connection: Connection, since: Version, source_names: Mapping[str, str]
) -> list[str]:
    """Say in lines of a message what was published about the studies since a version."""
    labels = {each.study.id: each.study.label for each in extractions.studies(connection)}
    new = {
        each.fact.correction
        for each in events(connection, after=last_event_of(connection, since))
        if isinstance(each.fact, CorrectionSeen)
    }
    return [
        _sentence(each, labels[each.stored.study], source_names)
        for each in known_corrections(connection)
        if each.stored.id in new and each.stored.kind in GRAVE
    ]


def _sentence(known: KnownCorrection, label: str, names: Mapping[str, str]) -> str:
    happened = HAPPENED_TO_A_REPORT[known.stored.kind]
    seen = day(known.stored.seen_at)
    told_by = known.told_by_named(names)
    return f"A report of {label} {happened} ({known.cited}; {told_by}; seen on {seen})."
