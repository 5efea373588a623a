"""Faults that are planted in the program, to see whether the harness sees them.

Each is what somebody could have written: one promise taken away by another function in the place
of one, at a seam that many rooms share. Where that function is no longer there, planting fails
loudly. A fault is shown by a short history that leads to it; the same history without it must hold.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

from bot.acts.rights import RIGHTS
from bot.acts.said import SayNothingFound, SettleTask
from bot.report import flow
from bot.silence import status
from bot.work import handlers
from state import agreement, decisions, events, outbox, projections, runs, versions
from state.codec import instant
from state.facts import StudyMoved
from state.facts.words import SignatureVerdict, SignedKind
from state.projections import surveillance
from state.screening import Verdict
from tests.histories.events import KINDS, drawn
from tests.histories.people import NAMES
from tests.histories.playing import History, Played, play

Plant = Callable[[], AbstractContextManager[object]]
MOST_TRIES = 12  # histories of a script, until the fault has shown itself
SEEDS_OF_A_SCRIPT = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """A promise taken away. sees: any of these must be broken; script: kinds that lead to it."""

    plant: Plant
    sees: tuple[str, ...]
    script: tuple[str, ...]


def seen() -> dict[str, Any]:
    """Plant each fault, and play until it is seen; play the same without it."""
    found = []
    for name in FAULTS:
        shown = show(name)
        found.append(shown)
        sys.stderr.write(f"{name}: {'seen' if shown['seen'] else 'NOT SEEN'}\n")
    return {"faults": found, "ok": all(each["seen"] and each["clean"] for each in found)}


def show(name: str) -> dict[str, Any]:
    """Play histories that lead to a fault until one shows it and holds without it.

    Where each that shows it fails without it as well, it tells nothing: it is not clean.
    """
    fault, unclean = FAULTS[name], None
    for history in _scripted(fault.script):
        with_it = _broken(fault, history, fault.plant())
        without = _broken(fault, history, nullcontext()) if with_it else []
        if with_it and not without:
            return _row(name, seen=True, clean=True, what=with_it)
        unclean = unclean or without or None
    return _row(name, seen=unclean is not None, clean=unclean is None, what=unclean or [])


def _row(name: str, *, seen: bool, clean: bool, what: list[str]) -> dict[str, Any]:
    return {"fault": name, "seen": seen, "clean": clean, "what": (what or [""])[0], "all": what}


def _broken(fault: Fault, history: History, planted: AbstractContextManager[object]) -> list[str]:
    with planted:
        played: Played = play(history, fault.sees)
    return [str(each) for each in played.failures]


def _scripted(script: tuple[str, ...]) -> Iterator[History]:
    """Yield histories of these kinds of events, each with other choices."""
    assert set(script) <= set(KINDS)
    for seed in range(SEEDS_OF_A_SCRIPT, SEEDS_OF_A_SCRIPT + MOST_TRIES):
        seeds = drawn(seed, len(script))
        chosen = zip(seeds, script, strict=True)
        yield History(seed, tuple(replace(each, kind=kind) for each, kind in chosen))


# ---- the faults ----------------------------------------------------------------------------------


def _no_recompute() -> AbstractContextManager[object]:
    """The loop forgets to compute."""
    return patch.object(handlers, "recompute_due", lambda _: None)


def _one_reader_is_enough() -> AbstractContextManager[object]:
    """A candidate is closed when the first reader excludes it."""
    give = decisions.give_verdict

    def careless(ledger: Any, candidate: str, person: str, answer: Any, **rest: Any) -> Any:
        result = give(ledger, candidate, person, answer, **rest)
        if answer.verdict is Verdict.EXCLUDE and not result.over:
            decisions.close(ledger, candidate, "excluded")
        return result

    return patch.object(decisions, "give_verdict", careless)


def _lost_box() -> AbstractContextManager[object]:
    """Known reports that are found again are in no box."""
    boxes = flow.boxes_of

    def fewer(record: Any) -> Any:
        return tuple(box for box in boxes(record) if box is not flow.RecordBox.ALREADY_KNOWN)

    return patch.object(flow, "boxes_of", fewer)


def _lost_verdict() -> AbstractContextManager[object]:
    """What was said of a record that becomes another is not carried over to it."""
    return patch.object(surveillance, "carry_verdicts", lambda *_: None, create=True)


def _draft_not_told() -> AbstractContextManager[object]:
    """A new result is computed and no version is drafted of it."""
    return patch.object(versions, "draft_version", lambda *_, **__: None)


def _anybody_searches() -> AbstractContextManager[object]:
    """Whoever is on the team may say that a source was searched."""
    anybody = {SayNothingFound: RIGHTS[SettleTask]}
    return patch.dict(RIGHTS, anybody)


def _one_extractor_is_enough() -> AbstractContextManager[object]:
    """A first reading counts as two."""
    agree = agreement.agree

    def careless(submissions: Any, *rest: Any, **more: Any) -> Any:
        twice = [
            each if person is None else replace(each, person=f"{each.person}{person}")
            for each in submissions
            for person in (None, " again")
        ]
        return agree(twice, *rest, **more)

    return patch("state.extractions.agree", careless)


def _one_signature_amends() -> AbstractContextManager[object]:
    """The first to accept an amendment puts another protocol in force."""
    sign, numbers = versions.sign, count(100)

    def careless(ledger: Any, subject: str, person: str, **rest: Any) -> Any:
        kind = sign(ledger, subject, person, **rest)
        if kind is SignedKind.AMENDMENT:
            number, before = str(next(numbers)), versions.protocols(ledger.connection)[-1].body
            body = f"{before}\n# amended by {person} alone\n"
            digest = hashlib.sha256(body.encode()).hexdigest()
            versions.adopt_protocol(ledger, version=number, sha256=digest, body=body, reason="?")
        return kind

    return patch.object(versions, "sign", careless)


def _empty_seats_untold() -> AbstractContextManager[object]:
    """Nobody is told that a role is held by nobody."""
    return patch.object(status, "_empty_seats", lambda *_: [])


def _dated_wrongly() -> AbstractContextManager[object]:
    """What happens is written down under the day after."""

    def tomorrow(at: datetime) -> str:
        return instant(at + timedelta(days=1))

    return patch("bot.app.instant", tomorrow)


def _projection_not_updated() -> AbstractContextManager[object]:
    """A study that moved stands where it was, until the log is replayed."""

    class Forgetful:
        @staticmethod
        def apply(connection: Any, stored: Any) -> None:
            if not isinstance(stored.fact, StudyMoved):
                projections.apply(connection, stored)

    return patch.object(events, "projections", Forgetful)


def _told_twice() -> AbstractContextManager[object]:
    """A notice is written a second time under another key."""
    write = outbox.write

    def twice(ledger: Any, notice: Any, recipients: Any) -> bool:
        write(ledger, replace(notice, key=f"{notice.key}:again"), recipients)
        return write(ledger, notice, recipients)

    return patch.object(outbox, "write", twice)


def _nobody_signed() -> AbstractContextManager[object]:
    """A draft is published for whoever asks, signed or not."""
    accepted = SignatureVerdict.ACCEPT
    stack = ExitStack()
    stack.enter_context(patch.object(versions, "accepted_by", lambda _: NAMES))
    stack.enter_context(
        patch.object(versions, "settled_as", lambda *_, **__: accepted, create=True)
    )
    return stack


def _no_search_since() -> AbstractContextManager[object]:
    """A version is called an amendment although sources were searched for it."""
    return patch.object(runs, "searched_since", lambda *_: False)


_ELIGIBLE = ("search brings", "eligible", "eligible", "work")
_VALUES = (*_ELIGIBLE, "extraction by two", "extraction by two", "work")
_READ_ONCE = ("search brings", *["verdict"] * 12)
FAULTS: Mapping[str, Fault] = {
    "recompute skipped": Fault(_no_recompute, ("the result is of now",), _VALUES),
    "a hand missing": Fault(
        _one_reader_is_enough, ("candidates end by two",), ("verdict changed", *_READ_ONCE)
    ),
    "a version that says what did not happen": Fault(
        _no_search_since,
        ("versions say what happened",),
        (*_VALUES, "version released", "version released", "work"),
    ),
    "a box lost": Fault(_lost_box, ("the flow adds up",), _VALUES),
    "a verdict lost in a merge": Fault(
        _lost_verdict,
        ("no verdict is lost in a merge",),
        (*["search brings a likeness"] * 3, *["verdict"] * 6, *["records same by two"] * 4),
    ),
    "a draft not told": Fault(
        _draft_not_told, ("the draft holds the result", "no work is stuck"), _VALUES
    ),
    "a search marked made by the wrong role": Fault(
        _anybody_searches,
        ("searches by hand are said by who may",),
        ("hand search by anybody",) * 6,
    ),
    "a value accepted with one reader": Fault(
        _one_extractor_is_enough,
        ("what counts was read by two",),
        (*_ELIGIBLE, "extraction", "extraction", "work"),
    ),
    "an amendment in force with one signature": Fault(
        _one_signature_amends,
        ("amendments are in force by two",),
        (*_ELIGIBLE, *["extraction of what the protocol lacks"] * 3, "amendment accepted"),
    ),
    "an open thing without an owner": Fault(
        _empty_seats_untold,
        ("everything open has an owner",),
        ("person changes", "search brings", *["person retires"] * 4, *["verdict"] * 4),
    ),
    "a step dated wrongly": Fault(
        _dated_wrongly, ("every step is dated when it was made",), ("verdict", "work")
    ),
    "a projection not updated": Fault(
        _projection_not_updated, ("the log verifies",), ("study moved by two",) * 3
    ),
    "a notice doubled": Fault(_told_twice, ("no notice is doubled",), ("search brings", "work")),
    "a version that nobody signed": Fault(
        _nobody_signed,
        ("versions are published by two",),
        (*_VALUES, "publication requested", "work"),
    ),
}
