"""Where a study stands: moved by two people, with a reason; the results stand until the second."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.acts.act import Saying
from bot.acts.inclusion import tell_extractors
from bot.acts.said import HandGiven, PlaceStudy
from bot.acts.two_hands import confirmed, echoed, made, other_waits, standing
from bot.synthesis.known_corrections import known_corrections
from extraction.sightings import GRAVE
from state import extractions, proposals
from state.errors import BadInput
from state.facts.words import ProposalKind
from state.proposals import Proposal
from state.screening import StudyStatus
from state.values import StoredStudy


def place_study(saying: Saying, act: PlaceStudy) -> HandGiven:
    """Propose that a study stand elsewhere, or confirm it; the same place again changes nothing."""
    stored = extractions.find_study(saying.ledger.connection, act.study)
    if act.place is stored.place:
        return _look_again(saying, stored, act)
    if act.note is None:
        raise BadInput(f"note: found none, expected why {stored.study.label} is to be {act.place}")
    waiting = standing(saying, ProposalKind.MOVE, act.study)
    if waiting is None:
        return _propose(saying, stored, act, act.note)
    if not _the_same(act, waiting):
        raise other_waits(waiting)
    if waiting.person == saying.person:
        return echoed(saying, waiting)
    return _move(saying, stored, waiting, act.note)


def _look_again(saying: Saying, stored: StoredStudy, act: PlaceStudy) -> HandGiven:
    """Set the day to look at a study again, which takes nothing away; without a day it stays."""
    if act.next_look_on not in (None, stored.next_look_on):
        extractions.move_study(
            saying.ledger,
            act.study,
            act.place,
            act.next_look_on,
            note=act.note,
            people=[saying.person],
        )
    return HandGiven()


def _propose(saying: Saying, stored: StoredStudy, act: PlaceStudy, note: str) -> HandGiven:
    proposal = proposals.propose_move(
        saying.ledger,
        act.study,
        saying.person,
        since=stored.place,
        place=act.place,
        next_look_on=act.next_look_on,
        note=note,
        cites=_notices(saying.ledger.connection, act.study),
    )
    return made(saying, proposal)


def _notices(connection: Connection, study: str) -> tuple[str, ...]:
    """Return the retractions and concerns known of a study's reports, as they are cited."""
    known = known_corrections(connection, study)
    return tuple(each.cited for each in known if each.stored.kind in GRAVE)


def _the_same(act: PlaceStudy, waiting: Proposal) -> bool:
    return act.place is waiting.place and act.next_look_on in (None, waiting.next_look_on)


def _move(saying: Saying, stored: StoredStudy, waiting: Proposal, note: str) -> HandGiven:
    given = confirmed(saying, waiting, note)
    extractions.move_study(
        saying.ledger,
        stored.study.id,
        waiting.place or stored.place,
        waiting.next_look_on,
        note=waiting.note,
        people=[waiting.person, saying.person],
        cites=waiting.cites,
    )
    if waiting.place is StudyStatus.INCLUDED:
        tell_extractors(saying.app, saying.ledger, stored.study)
    return given
