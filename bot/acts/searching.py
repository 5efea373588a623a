"""What people bring from a search by hand: an export, or the word that it was nothing.

An export is read whole or refused. One that holds no record is taken where its format closes (XML,
JSON); any other may have been cut off, so the person has to say that nothing was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.acts.act import Saying
from bot.acts.said import GiveExport, Import, SayFileFoundAgain, SayNothingFound
from bot.acts.told_searches import Telling, corrected, read_telling, told_again
from bot.app import AT_THE_MACHINE, App, log
from bot.notify.page_address import page_address
from bot.notify.proposed import searched_by_hand
from bot.review.protocol import MANUAL, SourcePlan
from bot.sources.answer import SourceAnswer
from bot.surveillance.answered_searches import asked_searches
from bot.surveillance.given_files import answer_of, digest_of, read_file
from bot.surveillance.hand_searches import standing
from bot.surveillance.intake import DecidedAnswer, decide_answer, take_in
from bot.surveillance.owed_searches import open_lines
from bot.surveillance.search import new_run_id, run_of, tell
from bot.surveillance.searched import asked_of, can_be_by_hand, last_try
from bot.surveillance.sister_checks import of_all_parts
from bot.surveillance.slots import find_source
from extraction.readers.export import read_export
from state import outbox, people, records, runs
from state.errors import BadInput
from state.facts import HandSearchTold, KnownItemMissing, SearchRun
from state.facts.words import RoleId, RunStatus
from state.told_searches import made_searches, tell_search
from state.values import MadeSearch

NOTHING_FOUND = "searched by hand, nothing found (stated by {person})"
NOON = time(12)
MANY = 2_000  # records of one file: more than a person waits for without a word
NOW_PLACED = "now each is compared with what is known"
SAME_FILE = "searched by hand again, the file is that of {run} (stated by {person})"


@dataclass(frozen=True, slots=True)
class HandAnswer:
    """What a search by hand brought, read and decided on, and not yet stored.

    again: it is a file that was taken before, and was not read: there is nothing to store of it.
    """

    plan: SourcePlan
    decided: DecidedAnswer
    searched_at: datetime
    telling: Telling
    again: bool = False


def read_given(app: App, act: GiveExport) -> HandAnswer:
    """Read an export before anything is locked; raise BadInput with the place and the reason."""
    plan, searched_at = _searched_by_hand(app, act.source), _searched_at(app, act.searched_on)
    with app.database.reading() as connection:
        telling = read_telling(app, connection, plan, act)
        named = telling.search if act.search is not None else None
        before = _taken_before(connection, plan, digest_of(act.body), named)
    if before is not None:  # read once more, a large file would take as long as the first time
        unread = SourceAnswer((), (), {}, query="", found=0, pages=0, requests=0)
        return replace(_hand_answer(app, plan, unread, searched_at, telling), again=True)
    answer = read_file(plan, act.body, act.name)
    if answer.found >= MANY:
        log.info("%s: %s records read, %s", act.name, f"{answer.found:,}", NOW_PLACED)
    return _hand_answer(app, plan, answer, searched_at, telling)


def read_again(app: App, act: SayFileFoundAgain) -> HandAnswer:
    """Read the file of an earlier search once more."""
    plan = find_source(app, act.source)
    with app.database.reading() as connection:
        earlier = runs.find_run(connection, plan.id, act.run)
        bodies = [records.payload(connection, digest) for digest in earlier.payloads]
        today = read_telling(app, connection, plan, SayNothingFound(source=plan.id, search="1"))
        telling = told_again(connection, act.run, replace(today, shown=None))
    if not bodies:
        raise BadInput(f"the search {act.run} took no file")
    export = read_export(bodies[0], act.source, source=plan.id)
    answer = answer_of(plan, bodies[0], act.source, export)
    return _hand_answer(app, plan, answer, app.clock.now(), telling)


def give_export(saying: Saying, act: GiveExport, given: HandAnswer) -> Import:
    """Take in an export as one run of its source.

    The same file again changes nothing, but for what else is told of it; for another search of its
    source, when that is named, it is that one's answer as well.
    """
    connection = saying.ledger.connection
    before = _taken_before(connection, given.plan, digest_of(act.body), _other_than(act, given))
    if before is None and given.again:
        raise BadInput(f"{act.name}: its import was taken back just now; give it again")
    if before is None:
        return Import(_store(saying, given))
    told = corrected(connection, before.id, act, given.telling)
    if told is not None:
        tell_search(saying.ledger, told)
    return Import(before, again=True, told=told is not None)


def say_nothing_found(saying: Saying, act: SayNothingFound) -> SearchRun:
    """Store that a person searched a source and found nothing: a search with 0 records."""
    query = NOTHING_FOUND.format(person=_name(saying))
    answer = SourceAnswer((), (), {}, query=query, found=0, pages=0, requests=0)
    app, plan = saying.app, _searched_by_hand(saying.app, act.source)
    telling = read_telling(app, saying.ledger.connection, plan, act)
    return _store(saying, _hand_answer(app, plan, answer, app.clock.now(), telling))


def say_file_found_again(saying: Saying, act: SayFileFoundAgain, given: HandAnswer) -> SearchRun:
    """Store that a person searched again and was given the very file that an earlier run took."""
    query = SAME_FILE.format(run=act.run, person=_name(saying))
    answer = replace(given.decided.answer, query=query)
    return _store(saying, replace(given, decided=replace(given.decided, answer=answer)))


def _searched_by_hand(app: App, source: str) -> SourcePlan:
    """Return the plan of a source; a file must not pass for the program's own whole search."""
    plan = find_source(app, source)
    if plan.kind == MANUAL or (can_be_by_hand(plan) and _fails(app, plan)):
        return plan
    raise BadInput(
        f"{plan.name} is searched by the program (livingreview search --source {source});"
        " a search by hand is of a source that no program may search"
        + (", or whose last search failed" if can_be_by_hand(plan) else "")
    )


def _fails(app: App, plan: SourcePlan) -> bool:
    """Whether the program's last try to search a source failed."""
    with app.database.reading() as connection:
        last = last_try(connection, plan)
    return last is not None and last.status is RunStatus.FAILED


def _name(saying: Saying) -> str:
    """Name who says it: by command an export may be given in nobody's name."""
    if saying.actor == AT_THE_MACHINE:
        return "Somebody at the machine, by command,"
    return people.find_person(saying.ledger.connection, saying.person).name


def _hand_answer(
    app: App, plan: SourcePlan, answer: SourceAnswer, searched_at: datetime, telling: Telling
) -> HandAnswer:
    """Decide where the records of a search by hand belong, by what is known now."""
    decided = decide_answer(app, answer, new_run_id(plan, searched_at))
    return HandAnswer(plan, decided, searched_at, telling)


def _store(saying: Saying, given: HandAnswer) -> SearchRun:
    app, ledger, plan = saying.app, saying.ledger, given.plan
    if given.decided.answer.found >= MANY:
        log.info("%s: all are placed, now they are stored", plan.id)
    taken = take_in(app, ledger, plan, given.decided)
    run = run_of(app, plan, given.searched_at, given.decided.answer, taken)
    person = None if saying.actor == AT_THE_MACHINE else saying.person
    told = given.telling.of_run(run.id, plan.id, person)
    run = _with_items_of_all(app, ledger.connection, plan, run, told)
    runs.record_search(ledger, run)
    tell_search(ledger, told)
    tell(app, ledger, plan, run, taken)
    _tell_lead(saying, plan, run)
    return run


def _with_items_of_all(
    app: App, connection: Connection, plan: SourcePlan, run: SearchRun, told: HandSearchTold
) -> SearchRun:
    """Return a run without what another search, or part, of its source may find as well."""
    asked = asked_of(app, connection, plan)
    if len(asked) == 1 and told.parts == 1:
        return run
    texts = [each.text for each in asked]
    made = (MadeSearch(run, told), *made_searches(connection, plan.id))
    standing = asked_searches(texts, made)
    answering = [each for search in standing for each in search.answered_by]
    whole = all(search.answered_by for search in standing) and run in answering
    run = _checked_with(run, answering, whole=whole)
    return replace(run, known_items_missing=_missed_by_all(run, answering) if whole else ())


def _missed_by_all(run: SearchRun, answering: Sequence[SearchRun]) -> tuple[KnownItemMissing, ...]:
    found = {item for each in answering for item in each.known_items_found}
    return tuple(item for item in run.known_items_missing if item.id not in found)


def _checked_with(run: SearchRun, answering: Sequence[SearchRun], *, whole: bool) -> SearchRun:
    """Return a run that misses of other reviews only what no run that answers its source found."""
    checks = [each for one in answering for each in one.elsewhere]
    held = tuple(of_all_parts(each, checks, whole=whole) for each in run.elsewhere)
    return replace(run, elsewhere=held)


def _tell_lead(saying: Saying, plan: SourcePlan, run: SearchRun) -> None:
    """Tell the lead, where it was not the lead, what was searched by hand, and what of it not."""
    connection = saying.ledger.connection
    told = [each for each in outbox.recipients(connection, RoleId.LEAD) if each != saying.person]
    if told:
        by, link = _name(saying), page_address(saying.app)
        still_open = open_lines(standing(saying.app, connection, plan).open_searches)
        notice = searched_by_hand(run.id, plan.name, by, run.found, link, still_open)
        outbox.write(saying.ledger, notice, told)


def _other_than(act: GiveExport, given: HandAnswer) -> str | None:
    """Return the search that is named: a file of another one was not given for it before."""
    return given.telling.search if act.search is not None else None


def _searched_at(app: App, day: str | None) -> datetime:
    """Return when a search was made: now, or at noon of an earlier day."""
    now, zone = app.clock.now(), ZoneInfo(app.protocol.time_zone)
    today = now.astimezone(zone).date()
    if day is None or day == today.isoformat():
        return now
    try:
        found = date.fromisoformat(day)
    except ValueError as error:
        raise BadInput(f"searched on: found '{day}', expected a day such as {today}") from error
    if found > today:
        raise BadInput(f"searched on: found {found}, expected a day up to today, {today}")
    return datetime.combine(found, NOON, zone).astimezone(UTC)


def _taken_before(
    connection: Connection, plan: SourcePlan, digest: str, search: str | None
) -> SearchRun | None:
    """Return the run that took this very file, if there is one; search: for this one alone."""
    same = [each for each in made_searches(connection, plan.id) if digest in each.run.payloads]
    if search is not None:
        same = [each for each in same if each.told is None or each.told.search == search]
    return same[0].run if same else None
