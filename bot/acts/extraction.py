"""What people read in reports and rule of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.acts.act import Saying
from bot.acts.handed import Lacking, checked
from bot.acts.inclusion import tell_extractors
from bot.acts.said import HandIn, PlaceStudy, RuleValue
from bot.notify import messages
from bot.notify.messages import EVERYBODY
from bot.notify.page_address import page_address
from state import extractions, outbox, versions
from state.agreement import Agreement
from state.codec import canonical
from state.screening import StudyStatus


def hand_in(saying: Saying, act: HandIn) -> Agreement:
    """Store one person's extraction of a study."""
    handed, lacking = checked(act, saying.app.protocol)
    after = extractions.submit(
        saying.ledger,
        act.study,
        saying.person,
        handed,
        protocol_version=saying.app.protocol.version,
    )
    if after.open_round is None:
        _propose_amendments(saying, act.study, lacking)
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
    )
    _follow(saying, act.subject, after)
    return after


def place_study(saying: Saying, act: PlaceStudy) -> None:
    """Move a study among included, ongoing and awaiting; the same place again changes nothing."""
    stored = extractions.find_study(saying.ledger.connection, act.study)
    if (stored.place, stored.next_look_on) == (act.place, act.next_look_on):
        return
    extractions.move_study(saying.ledger, act.study, act.place, act.next_look_on)
    if act.place is StudyStatus.INCLUDED:
        tell_extractors(saying.app, saying.ledger, stored.study)


def _follow(saying: Saying, study: str, after: Agreement) -> None:
    """Tell the adjudicator of differences."""
    connection = saying.ledger.connection
    if after.differences and after.open_round is None:
        label = extractions.find_study(connection, study).study.label
        cells = canonical([each.cell for each in after.differences])
        token = hashlib.sha256(cells.encode()).hexdigest()[:12]
        link = page_address(saying.app)
        notice = messages.differences(study, label, len(after.differences), token, link)
        recipients = outbox.recipients(connection, extractions.ADJUDICATOR)
        outbox.write(saying.ledger, notice, recipients)


def _propose_amendments(saying: Saying, study: str, lacking: Sequence[Lacking]) -> None:
    """Keep what the protocol lacks and ask the authors, once both extractors have handed in."""
    for each in lacking:
        amendment = f"{each.kind}-{each.id}".replace(" ", "-")
        text = (
            f"{study} reports the {each.kind} '{each.label}', which the protocol does not have."
            " Add it?"
        )
        versions.propose_amendment(saying.ledger, amendment, text=text, cause=study)
        notice = messages.amendment_proposed(amendment, text, page_address(saying.app))
        recipients = outbox.recipients(saying.ledger.connection, *EVERYBODY)
        outbox.write(saying.ledger, notice, recipients)
