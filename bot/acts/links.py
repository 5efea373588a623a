"""Whether a candidate is a report of a known study: two people link it, one has it screened."""

from __future__ import annotations

from bot.acts.act import Saying
from bot.acts.said import HandGiven, SettleLink
from bot.acts.two_hands import confirmed, echoed, made, refuse, standing
from bot.surveillance.watch_reports import watch_reports
from state import decisions, proposals
from state.facts.words import LinkVerdict, ProposalKind
from state.standings import link_open


def settle_link(saying: Saying, act: SettleLink) -> HandGiven:
    """Store what is said of a link; a report that two have confirmed is watched from now on."""
    waiting = standing(saying, ProposalKind.LINK, act.candidate)
    if act.verdict is LinkVerdict.REFUSE:
        if waiting is not None:
            refuse(saying, waiting, act.note)
        _settle(saying, act)
        return HandGiven()
    if waiting is None:
        return _propose(saying, act)
    if waiting.person == saying.person:
        return echoed(saying, waiting)
    given = confirmed(saying, waiting, act.note)
    _settle(saying, act)
    watch_reports(saying.app, saying.ledger)
    return given


def _propose(saying: Saying, act: SettleLink) -> HandGiven:
    found = decisions.candidate(saying.ledger.connection, act.candidate)
    if not link_open(found) or found.study is None:
        _settle(saying, act)  # settled so already, or refused with the reason
        return HandGiven()
    link = proposals.propose_link(
        saying.ledger, act.candidate, found.study, saying.person, note=act.note
    )
    return made(saying, link)


def _settle(saying: Saying, act: SettleLink) -> None:
    confirmed = act.verdict is LinkVerdict.CONFIRM
    decisions.settle_link(
        saying.ledger, act.candidate, saying.person, confirmed=confirmed, note=act.note
    )
