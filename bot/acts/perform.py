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
    GiveVerdict,
    HandIn,
    MakeSignInLink,
    PlaceStudy,
    RequestPublication,
    RetirePerson,
    RuleValue,
    SayFileFoundAgain,
    SayNothingFound,
    SayWhetherSame,
    SettleConflict,
    SettleLink,
    SettleTask,
    Sign,
)
from bot.app import App
from state.events import Actor
from state.late import late


@dataclass(frozen=True, slots=True)
class Doing:
    """How an act is stored; `read` is what is read for it before anything is locked."""

    store: str
    read: str | None = None


DOINGS: Mapping[type[Act[Any]], Doing] = {
    GiveVerdict: Doing("bot.acts.screening:give_verdict"),
    SettleConflict: Doing("bot.acts.screening:settle_conflict"),
    SettleLink: Doing("bot.acts.screening:settle_link"),
    SayWhetherSame: Doing("bot.acts.pairs:say_whether_same"),
    SettleTask: Doing("bot.acts.judging:settle_task"),
    HandIn: Doing("bot.acts.extraction:hand_in"),
    RuleValue: Doing("bot.acts.extraction:rule_value"),
    ChoosePlace: Doing("bot.acts.extraction:choose_place"),
    PlaceStudy: Doing("bot.acts.extraction:place_study"),
    GiveExport: Doing("bot.acts.searching:give_export", read="bot.acts.searching:read_given"),
    SayNothingFound: Doing("bot.acts.searching:say_nothing_found"),
    SayFileFoundAgain: Doing(
        "bot.acts.searching:say_file_found_again", read="bot.acts.searching:read_again"
    ),
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
        done: Outcome = late(doing.store)(Saying(app, ledger, actor), act, *read)
        return done
