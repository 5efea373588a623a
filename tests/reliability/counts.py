"""What a data folder holds and what left it, and what of that is lost, doubled, half done or stuck.

`held` is taken in the folder by a process that nothing was planted in. What came by chance or by
the clock (instants, ids of runs, hashes) is left out, so that an update that was struck and healed
can be held against one that was not.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from bot.app import App
from bot.cli.keeping import verified
from state import tables as t
from state.codec import instant
from state.people import people
from state.processes import lives
from state.runs import WorkState
from state.values import WorkKind

COMPARED = (
    t.person,
    t.protocol_version,
    t.study,
    t.decision,
    t.ruling,
    t.baseline_value,
    t.submission,
    t.adjudicated_value,
    t.snapshot,
    t.confirmation,
    t.version,
    t.signal,
    t.signature,
    t.likeness,
    t.task,
    t.correction,
    t.strategy,
)
BY_CHANCE = {"seq", "at", "run_id", "hash", "prev_hash", "result_id", "manifest_sha256"}
# Which of two sources that hold an item brought it first is a chance where one is asked again.
FIRST_TO_BRING = {t.confirmation.c.record_key}
# Told by the titles in it: how many are in one notice depends on which source was first.
NEW_CANDIDATES, LISTED, TO_SCREEN = (
    "new_candidates",
    re.compile(r"^  - (.*)$", re.MULTILINE),
    re.compile(r"\d+ new candidates? to screen$"),
)
# Rows that are no work: a slot that was taken, a day on which the registers were looked at.
MARKS = (WorkKind.SLOT, WorkKind.LOOK)
# Notices that tell of what the blow itself did: owed to nobody in an update that was not struck.
OF_A_FAILURE = {"source_failing", "work_failing", "hook_failed", "recompute_failed"}


class Kind(StrEnum):
    """In which way a promise is broken."""

    LOST = "lost"
    DOUBLED = "doubled"
    HALF = "half done"
    STUCK = "stuck"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Failure:
    """One broken promise."""

    kind: Kind
    what: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice in a mail as a server took it. mail: the mail's id; message_id: the notice's."""

    recipient: str
    subject: str
    message_id: str
    mail: str


@dataclass(slots=True)
class Left:
    """What left: each mail and each call of a hook, in order, repeats included."""

    letters: list[Letter] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counted:
    """A folder and what left of it."""

    held: Mapping[str, Any]
    left: Left


# ---- in the folder -------------------------------------------------------------------------------


def held(app: App) -> dict[str, Any]:
    """Return what a folder holds, what `verify` finds, and what waits that should not."""
    with app.database.reading() as connection:
        return {
            "rows": sorted(_rows(connection)),
            "notices": sorted(_notices(connection)),
            "searched": sorted(_searched(connection)),
            "failures_told": sorted(_failures_told(connection)),
            "delivered": sorted(_delivered(connection)),
            "stuck": sorted(_stuck(connection, instant(app.clock.now()))),
            "faults": verified(app)["faults"],
        }


def _rows(connection: Connection) -> Iterator[str]:
    yield from _records(connection)
    for table in COMPARED:
        chance = {c for c in table.c if c.name in BY_CHANCE or c.name.endswith("_at")}
        kept = [c for c in table.c if c not in chance | FIRST_TO_BRING]
        for row in connection.execute(select(*kept)):
            yield f"{table.name} {tuple(row)}"[:300]


def _records(connection: Connection) -> Iterator[str]:
    """Name each record, and each candidate by its records and to whom it was told.

    Which of two reports of a trial came first, and so gave the candidate its name and its title, is
    a chance where sources are searched side by side.
    """
    records = connection.execute(select(t.record).order_by(t.record.c.key)).all()
    together: defaultdict[str, list[Any]] = defaultdict(list)
    for row in records:
        yield f"record {row.key} of {row.study_id}"
        if row.candidate_id is not None:
            together[row.candidate_id].append(row)
    told = _told(connection)
    for candidate in connection.execute(select(t.candidate)):
        group = together[candidate.id]
        name = f"candidate {' + '.join(row.key for row in group)}"
        yield f"{name}: closed {candidate.closed}, {candidate.outcome}, of {candidate.study_id}"
        titles = {json.loads(row.data)["title"] for row in group}
        yield from (f"{name}: told to {to}" for to, title in told if title in titles)


def _told(connection: Connection) -> list[tuple[str, str]]:
    """Return who was told of which new candidate, by its title."""
    query = select(t.notice.c.body, t.delivery.c.recipient)
    query = query.join(t.delivery, t.delivery.c.notice_key == t.notice.c.key)
    rows = connection.execute(query.where(t.notice.c.kind == NEW_CANDIDATES))
    return [(row.recipient, title) for row in rows for title in LISTED.findall(row.body)]


def _notices(connection: Connection) -> Iterator[str]:
    query = select(t.notice.c.kind, t.notice.c.subject, t.delivery.c.recipient)
    query = query.join(t.delivery, t.delivery.c.notice_key == t.notice.c.key)
    for row in connection.execute(query):
        if row.kind not in {*OF_A_FAILURE, NEW_CANDIDATES}:
            yield f"notice {row.kind} '{row.subject}' to {row.recipient}"


def _failures_told(connection: Connection) -> Iterator[str]:
    query = select(t.notice.c.kind).where(t.notice.c.kind.in_(OF_A_FAILURE))
    return (str(kind) for kind in connection.execute(query).scalars())


def _searched(connection: Connection) -> set[str]:
    """Return which sources gave a whole answer: the same search twice is two searches."""
    run = t.search_run.c
    return set(map(str, connection.execute(select(run.source).where(run.status == "ok")).scalars()))


def _delivered(connection: Connection) -> Iterator[str]:
    delivery = t.delivery.c
    query = select(delivery.message_id).where(delivery.channel == "mail")
    return (str(each) for each in connection.execute(query).scalars())


def _stuck(connection: Connection, now: str) -> Iterator[str]:
    """Name what is still claimed or due, though all that could be done was done."""
    work = t.work.c
    for row in connection.execute(
        select(t.work).where(work.state != WorkState.DONE, work.kind.not_in(MARKS))
    ):
        if row.state == WorkState.CLAIMED:
            holder = "that lives" if lives(row.holder) else "that is dead"
            yield f"work {row.kind} {row.key}: claimed by a process {holder}"
        elif row.due_at <= now:
            yield f"work {row.kind} {row.key}: due and not done"
    reachable = {each.id for each in people(connection) if each.address}
    query = select(t.notice.c.kind, t.delivery.c.recipient)
    query = query.join(t.delivery, t.delivery.c.notice_key == t.notice.c.key)
    query = query.where(t.delivery.c.delivered_at.is_(None))
    for row in connection.execute(query):
        if row.recipient in reachable:
            yield f"notice {row.kind} to {row.recipient}: never delivered"


# ---- held against what should be -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a blow excuses.

    repeats: how often something may leave again under its own id. owes: notices of a failure that
    must have been written. sent_before: ids of the mails that left before the blow's story began.
    searched_again: whether what is told of a search may be told of a second one.
    """

    repeats: int = 0
    owes: tuple[str, ...] = ()
    sent_before: frozenset[str] = frozenset()
    searched_again: bool = False


# What a second, whole search rightly tells anew.
OF_EACH_SEARCH = re.compile(r"nothing_new|Searched, nothing new|task \('certificate")


def failures(expected: Counted, found: Counted, allowance: Allowance) -> list[Failure]:
    """Return every promise that was broken, measured by an update that was not struck."""
    return [
        *_of_rows(expected.held, found.held, allowance),
        *_of_letters(expected.left, found, allowance),
        *_of_hooks(expected.left.hooks, found.left.hooks, allowance),
        *(Failure(Kind.HALF, each) for each in found.held["faults"]),
        *(Failure(Kind.STUCK, each) for each in _more(expected.held, found.held, "stuck")),
    ]


def _of_rows(
    expected: Mapping[str, Any], found: Mapping[str, Any], allowance: Allowance
) -> Iterator[Failure]:
    for part in ("rows", "notices", "searched"):
        yield from (Failure(Kind.LOST, each) for each in _more(found, expected, part))
        for each in _more(expected, found, part):
            if not (allowance.searched_again and OF_EACH_SEARCH.search(each)):
                yield Failure(Kind.DOUBLED, each)
    told = Counter(found["failures_told"])
    for kind, times in Counter(allowance.owes).items():
        if told[kind] < times:
            yield Failure(Kind.LOST, f"a notice that was owed: {kind}")


def _more(few: Mapping[str, Any], many: Mapping[str, Any], part: str) -> Iterable[str]:
    return (Counter(many[part]) - Counter(few[part])).elements()


def _of_letters(expected: Left, found: Counted, allowance: Allowance) -> Iterator[Failure]:
    owed, came = _ids(expected.letters), _ids(found.left.letters)
    for to, ids in owed.items():
        if len(came.get(to, ())) < len(ids):
            yield Failure(Kind.LOST, f"mail '{to[1]}' to {to[0]}: never left")
    for to, ids in came.items():
        if len(ids) > len(owed.get(to, ())) and not _is_excused(to[1], allowance):
            yield Failure(Kind.DOUBLED, f"mail '{to[1]}' to {to[0]}: left under {len(ids)} ids")
    known = {each.message_id for each in found.left.letters} | allowance.sent_before
    for each in found.held["delivered"]:
        if each not in known:
            yield Failure(Kind.LOST, f"mail {each}: marked as delivered, and never left")
    mails = [each for each in found.left.letters if each.message_id == each.mail]
    times = Counter(each.mail for each in mails)
    again = sum(times.values()) - len(times)
    if again > allowance.repeats:
        yield Failure(Kind.DOUBLED, f"{again} mails left again, where {allowance.repeats} may have")


def _ids(letters: Iterable[Letter]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for each in letters:
        if TO_SCREEN.search(each.subject):
            continue
        found.setdefault((each.recipient, each.subject), set()).add(each.message_id)
    return found


def _is_excused(subject: str, allowance: Allowance) -> bool:
    """Whether a mail tells of the blow itself, or of a search that was rightly made again."""
    if allowance.searched_again and OF_EACH_SEARCH.search(subject):
        return True
    return bool(allowance.owes) and "fail" in subject


def _of_hooks(expected: list[str], found: list[str], allowance: Allowance) -> Iterator[Failure]:
    for each in set(expected) - set(found):
        yield Failure(Kind.LOST, f"hook {each}: never called")
    for each in set(found) - set(expected):
        yield Failure(Kind.DOUBLED, f"hook {each}: called beside what was owed")
    again = len(found) - len(set(found))
    if again > allowance.repeats:
        yield Failure(Kind.DOUBLED, f"{again} hooks called again, where {allowance.repeats} may be")
