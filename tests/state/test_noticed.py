"""What the program noticed: corrections, tasks, strategies, certificates."""

from __future__ import annotations

import pytest

from extraction.model import CorrectionKind
from state import certificates, corrections, strategies, tasks
from state.certificates import StoredCertificate
from state.corrections import StoredCorrection
from state.database import Database
from state.errors import BadInput, NotFound
from state.events import events, head
from state.facts.words import TaskKind
from state.paging import Seek
from state.tasks import Task
from state.verify import verify
from tests.state.helpers import ledger

AT = "2026-11-25T06:00:00.000000Z"


def last_event(db: Database) -> int:
    with db.reading() as connection:
        return head(connection)[0]


# ---- corrections ---------------------------------------------------------------------------------


def see(
    db: Database,
    source: str,
    correction: str = "old:erratum:9",
    *,
    study: str = "old",
    doi: str | None = None,
    pmid: str | None = "9",
    after_s: float = 0,
) -> bool:
    with ledger(db, after_s=after_s) as book:
        return corrections.see_correction(
            book,
            correction,
            study=study,
            record_key="pubmed:7",
            kind=CorrectionKind.ERRATUM,
            doi=doi,
            pmid=pmid,
            citation=None,
            source=source,
        )


def seen(db: Database, study: str | None = None) -> tuple[StoredCorrection, ...]:
    with db.reading() as connection:
        return corrections.corrections(connection, study)


def test_a_notice_is_new_once_whichever_source_tells_of_it(db: Database) -> None:
    assert see(db, "pubmed")
    assert not see(db, "crossref", after_s=60)

    (only,) = seen(db)
    assert (only.sources, only.seen_at) == (("crossref", "pubmed"), AT)


def test_the_same_of_the_same_source_is_not_stored(db: Database) -> None:
    see(db, "pubmed")
    before = last_event(db)

    assert not see(db, "pubmed")
    assert last_event(db) == before


@pytest.mark.parametrize(
    ("first", "later", "learnt"),
    [
        ({"pmid": "9"}, {"pmid": "9", "doi": "10.1/e"}, {"pmid": "9", "doi": "10.1/e"}),
        ({"pmid": None}, {"pmid": "9"}, {"pmid": "9", "doi": None}),
        ({"pmid": "9"}, {"pmid": None}, {"pmid": "9", "doi": None}),
        ({"pmid": "9"}, {"pmid": "10"}, {"pmid": "9", "doi": None}),
    ],
    ids=["a-doi", "a-pmid", "nothing", "another-pmid"],
)
def test_a_source_adds_the_ids_that_were_missing_and_changes_none(
    db: Database,
    first: dict[str, str | None],
    later: dict[str, str | None],
    learnt: dict[str, str | None],
) -> None:
    see(db, "pubmed", **first)  # type: ignore[arg-type]

    assert not see(db, "pubmed", **later)  # type: ignore[arg-type]

    (only,) = seen(db)
    assert {"pmid": only.pmid, "doi": only.doi} == learnt


def test_notices_are_given_by_study_first_seen_first(db: Database) -> None:
    see(db, "pubmed", "new:erratum:1", study="new", after_s=60)
    see(db, "pubmed")

    assert [each.study for each in seen(db)] == ["old", "new"]
    assert [each.id for each in seen(db, "new")] == ["new:erratum:1"]
    assert seen(db, "lost") == ()


# ---- tasks ---------------------------------------------------------------------------------------


def ask(db: Database, task: str, *, study: str | None = None, after_s: float = 0) -> bool:
    with ledger(db, after_s=after_s) as book:
        return tasks.raise_task(
            book,
            task,
            TaskKind.RESULTS_OVERDUE,
            subject="ctgov:NCT1",
            text="ask the authors",
            study=study,
        )


def settle(db: Database, task: str, person: str = "ada", note: str = " asked \n") -> None:
    with ledger(db, after_s=60) as book:
        tasks.settle_task(book, task, person, note)


def find_task(db: Database, task: str) -> Task:
    with db.reading() as connection:
        return tasks.find_task(connection, task)


def test_a_task_is_raised_once_and_not_again_when_it_was_settled(team: Database) -> None:
    assert ask(team, "late:1")
    assert not ask(team, "late:1")

    settle(team, "late:1")

    assert not ask(team, "late:1")


def test_a_settled_task_says_who_when_and_what(team: Database) -> None:
    ask(team, "late:1")
    settle(team, "late:1")

    found = find_task(team, "late:1")

    assert (found.person, found.note) == ("ada", "asked")
    assert (found.raised_at, found.settled_at) == (AT, "2026-11-25T06:01:00.000000Z")


def test_open_tasks_are_given_oldest_first_by_study(team: Database) -> None:
    ask(team, "b", after_s=60)
    ask(team, "c", study="old")
    ask(team, "a")
    ask(team, "done", study="old")
    settle(team, "done")

    with team.reading() as connection:
        assert [each.id for each in tasks.open_tasks(connection)] == ["a", "c", "b"]
        assert [each.id for each in tasks.open_tasks(connection, study="old")] == ["c"]
        assert [each.id for each in tasks.tasks(connection, study="old")] == ["c", "done"]
        assert list(tasks.tasks_named(connection, ["done", "lost", "a"])) == ["a", "done"]
        assert tasks.count_open_tasks(connection) == 3


def test_what_was_settled_is_given_in_parts_the_newest_raised_first(team: Database) -> None:
    for after_s, name in enumerate("abc"):
        ask(team, name, after_s=after_s)
        settle(team, name)
    ask(team, "open", after_s=9)

    with team.reading() as connection:
        first = tasks.settled_tasks(connection, Seek(2))
        rest = tasks.settled_tasks(connection, Seek(2, after=("b",)))
        back = tasks.settled_tasks(connection, Seek(2, before=("a",)))

    assert [each.id for each in first.shown] == [each.id for each in back.shown] == ["c", "b"]
    assert [each.id for each in rest.shown] == ["a"]
    assert (first.later, rest.later) == (True, False)


@pytest.mark.parametrize(
    ("task", "person", "note", "error", "words"),
    [
        ("lost", "ada", "asked", NotFound, "no task 'lost'"),
        ("late:1", "zoe", "asked", NotFound, "no person 'zoe'"),
        ("late:1", "ada", " \n", BadInput, "found no note, expected what was concluded"),
    ],
)
def test_a_task_is_settled_by_somebody_with_a_note(
    team: Database, task: str, person: str, note: str, error: type[Exception], words: str
) -> None:
    ask(team, "late:1")

    with pytest.raises(error, match=words):
        settle(team, task, person, note)

    assert find_task(team, "late:1").settled_at is None


def test_a_task_is_settled_once(team: Database) -> None:
    ask(team, "late:1")
    settle(team, "late:1")

    with pytest.raises(BadInput, match="task late:1 was settled by ada: asked"):
        settle(team, "late:1", "ben")


def test_a_task_settled_again_in_the_same_words_changes_nothing(team: Database) -> None:
    ask(team, "late:1")
    settle(team, "late:1")
    before = head_of(team)

    settle(team, "late:1")

    assert head_of(team) == before
    with pytest.raises(BadInput, match="was settled by ada: asked"):
        settle(team, "late:1", "ada", "asked another")


def test_a_settled_task_is_opened_again_and_what_was_concluded_stays_in_the_log(
    team: Database,
) -> None:
    ask(team, "late:1")
    settle(team, "late:1")

    for _ in range(2):
        with ledger(team) as book:
            tasks.reopen_task(book, "late:1", "ben", "they answered")

    again = find_task(team, "late:1")
    assert (again.settled_at, again.person, again.note) == (None, None, None)
    with team.reading() as connection:
        kinds = [each.kind for each in events(connection, subject="late:1")]
    assert kinds == ["task_raised", "task_settled", "task_reopened"]
    settle(team, "late:1", "ben", "nothing to it")
    assert verify(team).faults == ()


def head_of(db: Database) -> tuple[int, str]:
    with db.reading() as connection:
        return head(connection)


# ---- strategies ----------------------------------------------------------------------------------


def propose(db: Database, strategy: str, source: str = "pubmed", *, after_s: float = 0) -> None:
    with ledger(db, after_s=after_s) as book:
        strategies.propose_strategy(book, strategy, source, f"query of {strategy}", {"lost": []})


def adopt(db: Database, strategy: str, *, after_s: float = 0) -> None:
    with ledger(db, after_s=after_s) as book:
        strategies.adopt_strategy(book, strategy)


def in_force(db: Database, source: str = "pubmed") -> str | None:
    with db.reading() as connection:
        found = strategies.strategy_in_force(connection, source)
    return found.id if found else None


def test_a_proposal_is_not_in_force(db: Database) -> None:
    propose(db, "first")

    assert in_force(db) is None


def test_the_strategy_that_was_adopted_last_is_in_force(db: Database) -> None:
    propose(db, "first")
    propose(db, "second", after_s=1)
    adopt(db, "second", after_s=2)
    adopt(db, "first", after_s=3)

    assert in_force(db) == "first"


def test_each_source_has_a_strategy_of_its_own(db: Database) -> None:
    propose(db, "first")
    propose(db, "other", "europepmc")
    adopt(db, "first")

    assert (in_force(db), in_force(db, "europepmc")) == ("first", None)


def test_the_same_proposal_again_changes_nothing(db: Database) -> None:
    propose(db, "first")
    before = last_event(db)

    propose(db, "first", "europepmc")

    assert last_event(db) == before


def test_a_strategy_keeps_what_it_gains_and_loses(db: Database) -> None:
    propose(db, "second", after_s=60)
    propose(db, "first")

    with db.reading() as connection:
        first, second = strategies.strategies(connection)
        assert strategies.find_strategy(connection, "lost") is None
    assert (first.id, first.comparison, first.adopted_at) == ("first", {"lost": []}, None)
    assert second.query == "query of second"


# ---- certificates --------------------------------------------------------------------------------


def test_certificates_are_given_as_they_were_signed(db: Database) -> None:
    with db.reading() as connection:
        assert certificates.last_certificate(connection) is None

    for after_s, number in ((60, "2026-1"), (0, "2026-2")):  # the clock went back meanwhile
        with ledger(db, after_s=after_s) as book:
            certificates.keep_certificate(book, number, f"body {number}", "c2ln")

    with db.reading() as connection:
        assert [each.id for each in certificates.certificates(connection)] == ["2026-1", "2026-2"]
        last = certificates.last_certificate(connection)
    assert last == StoredCertificate("2026-2", AT, "body 2026-2", "c2ln")
