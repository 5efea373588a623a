"""Taking in an answer: decided before the lock, never on what is no longer so, an odd one alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.app import App
from bot.cli import waiting
from bot.sources.answer import SourceAnswer
from bot.sources.upstream.reply import Payload
from bot.surveillance import alike, likes, long_series, placement
from bot.surveillance.alike import Pair, full_series, open_pairs
from bot.surveillance.intake import DecidedAnswer, Taken, decide_answer, take_in
from bot.surveillance.likes import MOST_ASKED
from bot.surveillance.odd_records import MOST_UNFORESEEN
from bot.surveillance.slots import find_source
from extraction.model import Record, RecordIds
from state import decisions, records
from state.events import head
from state.tasks import TaskKind, open_tasks
from state.verify import verify
from tests.bot.builders import ADA, DORA, a_trial, add_team, an_app, say_whether_same

SERIES = "Immunoglobulin for motor neuropathy: record number"
REFUSAL = (
    "CREATE TRIGGER refusal BEFORE INSERT ON record WHEN NEW.key = 'pubmed:99000003'"
    " BEGIN SELECT RAISE(ABORT, 'refused'); END"
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    running = an_app(tmp_path / "data")
    add_team(running)
    yield running
    running.close()


def an_answer(new: Sequence[Record]) -> SourceAnswer:
    body = repr(new).encode()
    payload = Payload("a" * 64, "text/plain", body)
    return SourceAnswer(
        records=tuple(new),
        payloads=(payload,),
        payload_of={each.key: payload.sha256 for each in new},
        query="q",
        found=len(new),
        pages=1,
        requests=1,
    )


def decided(app: App, *new: Record) -> DecidedAnswer:
    return decide_answer(app, an_answer(new), "a-run")


def stored(app: App, given: DecidedAnswer, source: str = "pubmed") -> Taken:
    with app.ledger() as ledger:
        return take_in(app, ledger, find_source(app, source), given)


def candidates(app: App) -> dict[str, list[str]]:
    with app.database.reading() as connection:
        return {
            seen.candidate.id: [each.record.key for each in seen.records]
            for seen in decisions.queue(connection)
        }


def plain(number: int, source: str = "pubmed") -> Record:
    """A record that is like no other, under its PMID."""
    ids = RecordIds(pmid=f"9900000{number}")
    return replace(a_trial(number, f"{number} kinds of lamp"), source=source, ids=ids)


# ---- the lock ------------------------------------------------------------------------------------


def test_under_the_lock_a_record_costs_no_statement_of_its_own(app: App) -> None:
    statements: list[int] = []

    def count(*_: object) -> None:
        statements[-1] += 1

    event.listen(app.database.writer, "before_cursor_execute", count)
    for many, first in ((5, 0), (500, 10)):
        given = decided(app, *(an_unlike(first + number) for number in range(many)))
        statements.append(0)
        stored(app, given)

    assert statements[0] == statements[1]
    assert not verify(app.database).faults


def an_unlike(number: int) -> Record:
    words = " ".join(f"{number}{letter}" for letter in "abcdefgh")
    return Record("pubmed", f"5{number:06d}", words, ids=RecordIds(pmid=f"5{number:06d}"))


def test_what_was_decided_before_the_log_moved_is_decided_anew(app: App) -> None:
    twin = plain(1, "embase")
    given = decided(app, plain(1))
    assert given.decided is not None
    stored(app, decide_answer(app, an_answer([twin]), "another-run"), "embase")

    taken = stored(app, given)

    assert candidates(app) == {twin.key: [twin.key, "pubmed:99000001"]}
    assert (taken.new, taken.opened) == (1, [])


def test_where_the_log_has_not_moved_nothing_is_decided_under_the_lock(app: App) -> None:
    given = decided(app, plain(1))
    assert given.decided is not None
    with app.database.reading() as connection:
        assert given.decided.head == head(connection)[0]
    empty = replace(given.decided, placed=(), facts=())

    stored(app, replace(given, decided=empty))

    assert candidates(app) == {}


# ---- one that cannot be taken --------------------------------------------------------------------


@pytest.mark.sqlite
def test_the_one_record_that_the_database_refuses_is_set_aside_and_twins_of_it_are_not_lost(
    app: App,
) -> None:
    with app.database.transaction() as connection:
        connection.execute(text(REFUSAL))
    twin = plain(3, "embase")
    new = [plain(1), plain(2), plain(3), twin, *map(plain, range(4, 9))]

    taken = stored(app, decided(app, *new))

    assert [each.key for each in taken.odd] == ["pubmed:99000003"]
    assert taken.new == len(new) - 1
    assert candidates(app)[twin.key] == [twin.key]
    with app.database.reading() as connection:
        asked = [each.subject for each in open_tasks(connection) if each.kind is ODD]
    assert asked == ["pubmed:99000003"]
    with app.database.transaction() as connection:
        connection.execute(text("DROP TRIGGER refusal"))
    assert not verify(app.database).faults


ODD = TaskKind.ODD_RECORD


def test_a_record_that_cannot_be_decided_on_is_set_aside_alone(app: App) -> None:
    impossible = replace(plain(2), year="this year")  # type: ignore[arg-type]

    given = decided(app, plain(1), impossible, plain(3))
    taken = stored(app, given)

    assert given.decided is None
    assert [each.key for each in taken.odd] == [impossible.key]
    assert sorted(candidates(app)) == ["pubmed:99000001", "pubmed:99000003"]
    assert not verify(app.database).faults


@pytest.mark.parametrize("more", [0, 1])
def test_where_too_many_raise_the_answer_is_at_fault_and_no_list_of_questions(
    app: App, more: int
) -> None:
    number = MOST_UNFORESEEN + more
    impossible = [replace(an_unlike(each), year="?") for each in range(number)]  # type: ignore[arg-type]

    taken = stored(app, decided(app, plain(1), *impossible))

    with app.database.reading() as connection:
        asked = [each for each in open_tasks(connection) if each.kind is ODD]
    assert len(asked) == (0 if more else number)
    assert any(f"{number} of {number + 1} records" in each for each in taken.problems) == bool(more)
    assert sorted(candidates(app)) == ["pubmed:99000001"]


def test_a_record_that_comes_twice_in_one_answer_is_known_the_second_time(app: App) -> None:
    once = plain(1)
    again = replace(once, title="2 kinds of lamp, reworded")

    taken = stored(app, decided(app, once, again))

    assert (taken.new, taken.known, taken.changed, taken.odd) == (1, 1, 1, [])
    with app.database.reading() as connection:
        assert records.find_stored(connection, once.key).record == again


# ---- how many questions --------------------------------------------------------------------------


def of_a_series(number: int, source: str, *, numbered: bool) -> Record:
    name = f"L{number}" if numbered else f"{number:016x}"
    return Record(source, name, f"{SERIES} {number}", authors=("Doe J",), year=2026)


def test_two_records_with_two_numbers_of_one_database_are_no_question(app: App) -> None:
    new = [of_a_series(number, "embase", numbered=True) for number in range(50)]

    stored(app, decided(app, *new), "embase")

    with app.database.reading() as connection:
        assert open_pairs(connection) == ()
    assert len(candidates(app)) == len(new)


def test_a_series_without_numbers_is_asked_about_forty_times_over_any_number_of_answers(
    app: App,
) -> None:
    new = [of_a_series(number, "embase", numbered=False) for number in range(120)]
    for start in range(0, 120, 40):
        stored(app, decided(app, *new[start : start + 40]), "embase")

    with app.database.reading() as connection:
        pairs = open_pairs(connection)
        (series,) = full_series(connection)
        last = decisions.candidate(connection, new[-1].key)
    assert len(pairs) == MOST_ASKED
    assert len(candidates(app)) == len(new)
    assert series.records == len(new)
    assert "120 records have titles like" in series.words
    assert waiting.pair_json(pairs[0], (series,))["series_records"] == len(new)
    assert series.words in waiting.pair_lines(pairs, (series,))
    assert any("may be the same record as" in each for each in last.reasons)
    assert any("40 questions about records like it wait already" in each for each in last.reasons)


def test_each_true_pair_of_a_long_series_is_asked_about_in_the_end(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = 8  # a person answers some hundreds of questions here; of forty, thousands
    for module in (alike, likes, long_series, placement):
        monkeypatch.setattr(module, "MOST_ASKED", few)
    series = range(few + 4)
    numbered = [of_a_series(number, "pubmed", numbered=True) for number in series]
    twins = [of_a_series(number, "embase", numbered=False) for number in series]
    stored(app, decided(app, *numbered))
    stored(app, decided(app, *twins), "embase")
    same: set[str] = set()

    while pair := first_open_pair(app, few):
        titles = {pair.record.record.title, pair.other.record.title}
        key, other = pair.likeness.record_key, pair.likeness.other_key
        say_whether_same(app, ADA, key, other, same=len(titles) == 1)
        same |= titles if len(titles) == 1 else set()

    assert same == {each.title for each in twins}
    assert not verify(app.database).faults


def first_open_pair(app: App, at_most: int) -> Pair | None:
    with app.database.reading() as connection:
        pairs = open_pairs(connection)
    assert len(pairs) <= at_most
    return pairs[0] if pairs else None


def test_of_a_group_each_record_is_asked_about_once(app: App) -> None:
    sources = ("embase", "central", "europepmc", "openalex")
    new = [
        replace(of_a_series(1, source, numbered=True), title="Lamps for people with neuropathy")
        for source in sources
    ]

    stored(app, decided(app, *new))

    with app.database.reading() as connection:
        asked = [each.likeness.record_key for each in open_pairs(connection)]
        assert full_series(connection) == ()
    assert sorted(asked) == sorted(each.key for each in new[1:])


def test_what_was_not_asked_of_a_group_is_asked_once_two_of_it_are_told_apart(app: App) -> None:
    sources = ("embase", "central", "europepmc")
    new = [
        replace(of_a_series(1, source, numbered=True), title="Lamps for people with neuropathy")
        for source in sources
    ]
    stored(app, decided(app, *new))
    asked = []

    for _ in range(3):
        with app.database.reading() as connection:
            pair = open_pairs(connection)[-1].likeness
        asked.append({pair.record_key, pair.other_key})
        say_whether_same(app, DORA, pair.record_key, pair.other_key, same=False)

    with app.database.reading() as connection:
        assert open_pairs(connection) == ()
    keys = [each.key for each in new]
    for pair_of_keys in (keys[:2], keys[1:], keys[::2]):
        assert set(pair_of_keys) in asked
    assert not verify(app.database).faults
