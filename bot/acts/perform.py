"""The one door through which people's acts pass: read, allowed, stored, followed up.

Right, act and all that follows from it are one transaction. What stores an act is loaded with the
first act of its kind: to add a person must not cost the loading of the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.acts.act import Act, Outcome, Saying
from bot.acts.rights import check_right
from bot.acts.said import (
    AddPerson,
    ChangePerson,
    ChoosePlace,
    GiveExport,
    GiveSisterList,
    GiveVerdict,
    HandIn,
    MakeSignInLink,
    PlaceStudy,
    ProposeAmendment,
    RejectProposal,
    Reopen,
    ReopenTask,
    RequestPublication,
    RetirePerson,
    RuleValue,
    SayDifferent,
    SayFileFoundAgain,
    SayNothingFound,
    SaySame,
    SettleConflict,
    SettleLink,
    SettleTask,
    Sign,
    WithdrawProposal,
    WithdrawSearch,
    WithdrawVerdict,
)
from bot.app import App
from state.events import Actor
from state.late import late
from state.proposals import open_proposals


@dataclass(frozen=True, slots=True)
class Doing:
    """How an act is stored; `read` is what is read for it before anything is locked."""

    store: str
    read: str | None = None


DOINGS: Mapping[type[Act[Any]], Doing] = {
    GiveVerdict: Doing("bot.acts.screening:give_verdict"),
    SettleConflict: Doing("bot.acts.screening:settle_conflict"),
    WithdrawVerdict: Doing("bot.acts.screening:withdraw_verdict"),
    SettleLink: Doing("bot.acts.links:settle_link"),
    SaySame: Doing("bot.acts.pairs:say_same"),
    SayDifferent: Doing("bot.acts.pairs:say_different"),
    Reopen: Doing("bot.acts.screening:reopen"),
    SettleTask: Doing("bot.acts.judging:settle_task"),
    ReopenTask: Doing("bot.acts.judging:reopen_task"),
    HandIn: Doing("bot.acts.extraction:hand_in"),
    RuleValue: Doing("bot.acts.extraction:rule_value"),
    PlaceStudy: Doing("bot.acts.places:place_study"),
    RejectProposal: Doing("bot.acts.two_hands:reject_proposal"),
    WithdrawProposal: Doing("bot.acts.two_hands:withdraw_proposal"),
    ChoosePlace: Doing("bot.acts.extraction:choose_place"),
    GiveExport: Doing("bot.acts.searching:give_export", read="bot.acts.searching:read_given"),
    GiveSisterList: Doing("bot.acts.elsewhere:take_list", read="bot.acts.elsewhere:read_list"),
    SayNothingFound: Doing("bot.acts.searching:say_nothing_found"),
    SayFileFoundAgain: Doing(
        "bot.acts.searching:say_file_found_again", read="bot.acts.searching:read_again"
    ),
    ProposeAmendment: Doing("bot.acts.amending:propose", read="bot.acts.amending:read_proposal"),
    WithdrawSearch: Doing("bot.acts.withdrawn_searches:withdraw_search"),
    Sign: Doing("bot.acts.signing:sign"),
    RequestPublication: Doing("bot.acts.signing:request_publication"),
    AddPerson: Doing("bot.acts.team:add_person"),
    ChangePerson: Doing("bot.acts.team:change_person"),
    RetirePerson: Doing("bot.acts.team:retire_person"),
    MakeSignInLink: Doing("bot.acts.team:make_sign_in_link"),
}


def perform(app: App, act: Act[Outcome], actor: Actor) -> Outcome:
    """Do what somebody said, if they may; raise NotAllowed if not. Nothing is stored then."""
    doing = DOINGS[type(act)]
    read = (late(doing.read)(app, act),) if doing.read is not None else ()
    with app.ledger(actor) as ledger:
        check_right(ledger.connection, act, actor)
        saying = Saying(app, ledger, actor)
        done: Outcome = late(doing.store)(saying, act, *read)
        if open_proposals(ledger.connection):  # what was done may have overtaken one
            late("bot.acts.two_hands:let_lapse")(saying)
        return done
