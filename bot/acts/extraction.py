"""What people read in reports and rule of it."""

from __future__ import annotations

import hashlib

from bot.acts.act import Saying
from bot.acts.amending import propose_read_out
from bot.acts.handed import checked
from bot.acts.questions import ask_for_a_look
from bot.acts.said import ChoosePlace, HandIn, RuleValue
from bot.acts.study_reports import read_in, reports_of
from bot.notify import messages
from bot.notify.page_address import page_address
from extraction.model import beside
from state import extractions, outbox
from state.agreement import Agreement
from state.codec import canonical
from state.extractions import Ruled


def hand_in(saying: Saying, act: HandIn) -> Agreement:
    """Store one person's extraction of a study."""
    handed = checked(act, saying.app.protocol)
    handed = read_in(reports_of(saying.ledger.connection, act.study), act, handed)
    after = extractions.submit(
        saying.ledger,
        act.study,
        saying.person,
        handed,
        protocol_version=saying.app.protocol.version,
    )
    _ask(saying, act.study, after)
    _follow(saying, act.study, after)
    return after


def rule_value(saying: Saying, act: RuleValue) -> Agreement:
    """Store a third person's answer for a value on which the two extractors differ."""
    after = extractions.adjudicate(
        saying.ledger,
        act.subject,
        saying.person,
        act.cell,
        number=act.number,
        text=act.text,
        note=act.note,
        also=[Ruled(beside(act.cell, field), number) for field, number in act.also.items()],
    )
    _follow(saying, act.subject, after)
    return after


def choose_place(saying: Saying, act: ChoosePlace) -> Agreement:
    """Store which of two places counts; the results name it from then on."""
    after = extractions.choose_place(
        saying.ledger, act.subject, saying.person, act.cell, act.place_of, note=act.note
    )
    _follow(saying, act.subject, after)
    return after


def _follow(saying: Saying, study: str, after: Agreement) -> None:
    """Write what follows once everything is agreed or ruled."""
    if after.settled and after.open_round is None:
        ask_for_a_look(saying.ledger, study, after)
        propose_read_out(saying.app, saying.ledger, study)


def _ask(saying: Saying, study: str, after: Agreement) -> None:
    """Ask for what two hand-ins leave open. An answer to some of it asks nobody again."""
    if after.open_round is not None:
        return  # nothing that others could see follows from what one has said
    if after.places:
        _ask_for_places(saying, study, after)
    if after.differences:
        label = extractions.find_study(saying.ledger.connection, study).study.label
        token = _token(after, [each.cell for each in after.differences])
        link = page_address(saying.app)
        notice = messages.differences(study, label, len(after.differences), token, link)
        recipients = outbox.recipients(saying.ledger.connection, extractions.ADJUDICATOR)
        outbox.write(saying.ledger, notice, recipients)


def _ask_for_places(saying: Saying, study: str, after: Agreement) -> None:
    """Ask the two who read equal numbers in different places which place counts."""
    stored = extractions.find_study(saying.ledger.connection, study)
    token = _token(after, [each.cell for each in after.places])
    link = page_address(saying.app)
    notice = messages.two_places(study, stored.study.label, len(after.places), token, link)
    two = tuple(dict.fromkeys(who for each in after.places for who in each.said))
    outbox.write(saying.ledger, notice, two)


def _token(after: Agreement, cells: list[str]) -> str:
    """Tell this question from one about the same numbers in another round of hand-ins."""
    asked = canonical([len(after.rounds), *cells])
    return hashlib.sha256(asked.encode()).hexdigest()[:12]
