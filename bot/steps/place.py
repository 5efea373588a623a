"""Say where an eligible study stands: an ongoing one whose results have come is included."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from bot.app import App
from bot.notify import messages
from bot.steps.links import base_link
from state import extractions, outbox, people
from state.decisions import SCREENER
from state.errors import BadInput, NotAllowed
from state.events import Actor
from state.screening import Place

MAY_PLACE = ("lead", SCREENER)


def place_study(
    app: App, actor: Actor, person: str, study: str, place: Place, next_look_on: str | None
) -> None:
    """Move a study among included, ongoing and awaiting; the same place again changes nothing."""
    _check_date(next_look_on)
    with app.ledger(actor) as ledger:
        _check_person(ledger.connection, person)
        stored = extractions.find_study(ledger.connection, study)
        if (stored.place, stored.next_look_on) == (place, next_look_on):
            return
        extractions.move_study(ledger, study, place, next_look_on)
        if place is Place.INCLUDED:
            notice = messages.extraction_due(study, stored.study.label, base_link(app))
            extractors = outbox.recipients(ledger.connection, extractions.EXTRACTOR)
            outbox.write(ledger, notice, extractors)


def _check_person(connection: Connection, person: str) -> None:
    found = people.find_person(connection, person)
    if not any(found in people.holders(connection, role) for role in MAY_PLACE):
        raise NotAllowed(f"{found.name} is neither {' nor '.join(MAY_PLACE)}")


def _check_date(text: str | None) -> None:
    try:
        if text is not None:
            date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"next look: found '{text}', expected a date such as 2027-01-31") from None
