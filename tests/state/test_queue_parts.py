"""A part of the queue, asked of SQL, is that part of the whole queue as the rules tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from state import decisions
from state.database import Database
from state.errors import BadInput, NotFound
from state.paging import Part, Seek
from state.screening import Answer, Stage, StudyStatus
from state.values import PublicStatus, QueueEntryView
from state.verify import verify
from tests.state.builders import (
    article,
    close,
    exclude,
    find,
    include,
    like,
    load_baseline,
    own_place,
    rule,
    say_of_pair,
    settle_link,
)
from tests.state.helpers import decide, queue_record

FULL = Stage.FULL_TEXT
PEOPLE = ("ada", "ben", "cy", "somebody")


def said(db: Database, key: str, *answers: Answer, stage: Stage = Stage.TITLE_ABSTRACT) -> None:
    """Ada gives the first answer, Ben the second."""
    for person, answer in zip(("ada", "ben"), answers, strict=False):
        decide(
            db,
            person,
            answer.verdict,
            stage=stage,
            criterion=answer.criterion,
            place=answer.place,
            candidate=key,
        )


def at_full_text(db: Database, key: str, *answers: Answer) -> None:
    said(db, key, include(), include())
    said(db, key, *answers, stage=FULL)


@pytest.fixture
def every_standing(team: Database) -> Database:
    """A candidate for each way in which one can stand."""
    load_baseline(team, "old1995")
    keys = [queue_record(team, number) for number in range(12)]
    eligible = include(StudyStatus.INCLUDED)
    said(team, keys[1], exclude())
    said(team, keys[2], include(), exclude())
    said(team, keys[3], include(), exclude())
    rule(team, "ada", include(), candidate=keys[3])
    said(team, keys[4], include(), exclude())
    rule(team, "cy", include(), candidate=keys[4])
    said(team, keys[5], exclude(), exclude())
    close(team, "excluded", keys[5])
    at_full_text(team, keys[6])
    at_full_text(team, keys[7], eligible)
    at_full_text(team, keys[8], eligible, exclude())
    at_full_text(team, keys[9], exclude("E1"), exclude("E2"))
    rule(team, "ben", exclude("E1"), stage=FULL, candidate=keys[9])
    at_full_text(team, keys[10], eligible, eligible)
    close(team, "included", keys[10])
    for number in (20, 21, 22):
        queue_record(team, number, "old1995")
    settle_link(team, confirmed=False, candidate="pubmed:21")
    said(team, "pubmed:21", exclude())
    settle_link(team, confirmed=True, candidate="pubmed:22")
    for key, score in (("pubmed:30", 3), ("pubmed:31", 90)):
        find(team, article(key), place=own_place(key, score=score), after_s=60)
    like(team, "pubmed:30", "pubmed:31")
    say_of_pair(team, "pubmed:30", "pubmed:31", same=True)
    queue_record(team, 32)
    like(team, "pubmed:32", "pubmed:31")
    for same in (True, False):
        say_of_pair(team, "pubmed:32", "pubmed:31", same=same)
    return team


def ids(entries: tuple[QueueEntryView, ...]) -> list[str]:
    return [each.candidate.id for each in entries]


@pytest.mark.parametrize("person", PEOPLE)
def test_what_is_to_do_is_the_same_asked_of_sql_and_of_the_rules(
    every_standing: Database, person: str
) -> None:
    with every_standing.reading() as connection:
        whole = decisions.queue(connection, person)
        mine = [each for each in whole if each.to_do]
        part = decisions.queue_part(connection, person, Seek(100))
        everything = decisions.queue_part(connection, person, Seek(100), everything=True)
        count = decisions.to_do_count(connection, person)
        following = decisions.next_to_do(connection, person, mine[0].candidate.id if mine else "")

    assert part == Part(tuple(mine), earlier=False, later=False)
    assert everything.shown == whole
    assert count == len(mine)
    assert following == (mine[1].candidate.id if len(mine) > 1 else None)


def test_each_of_the_team_has_something_to_do_there(every_standing: Database) -> None:
    with every_standing.reading() as connection:
        to_do = {who: decisions.to_do_count(connection, who) for who in PEOPLE}

    assert to_do["somebody"] == 0
    assert min(to_do[who] for who in ("ada", "ben", "cy")) >= 3
    assert len(set(to_do.values())) == len(PEOPLE)


def test_the_open_are_counted_by_the_status_that_anybody_may_see(every_standing: Database) -> None:
    with every_standing.reading() as connection:
        whole = decisions.queue(connection)
        counts = decisions.open_by_status(connection)

    assert counts == Counter(each.status for each in whole)
    assert set(counts) == {PublicStatus.WAITING, PublicStatus.CONFLICT, PublicStatus.LINK}


def test_a_replay_finds_every_status_again(every_standing: Database) -> None:
    assert verify(every_standing).faults == ()


def parts(connection: Connection, size: int) -> Iterator[Part[QueueEntryView]]:
    """Yield the parts of the queue from the first on."""
    asked = Seek(size)
    while True:
        part = decisions.queue_part(connection, "ada", asked, everything=True)
        yield part
        if not part.later:
            return
        asked = Seek(size, after=(part.shown[-1].candidate.id,))


@pytest.mark.parametrize("size", [1, 3, 5, 100])
def test_the_parts_make_up_the_whole_forwards_and_backwards(
    every_standing: Database, size: int
) -> None:
    with every_standing.reading() as connection:
        whole = ids(decisions.queue(connection, "ada"))
        forwards = list(parts(connection, size))
        for before, part in zip(forwards, forwards[1:], strict=False):
            asked = Seek(size, before=(part.shown[0].candidate.id,))
            back = decisions.queue_part(connection, "ada", asked, everything=True)
            assert back.shown == before.shown
            assert (back.earlier, back.later) == (before.earlier, True)

    assert [each for part in forwards for each in ids(part.shown)] == whole
    assert [part.earlier for part in forwards] == [False] + [True] * (len(forwards) - 1)


def test_a_list_goes_on_from_a_candidate_that_has_left_it(every_standing: Database) -> None:
    with every_standing.reading() as connection:
        first, second, *_ = ids(decisions.queue(connection, "ada"))
    close(every_standing, "excluded", first)

    with every_standing.reading() as connection:
        part = decisions.queue_part(connection, "ada", Seek(1, after=(first,)), everything=True)

    assert ids(part.shown) == [second]


def test_a_row_that_nobody_knows_is_refused(queued: Database) -> None:
    with queued.reading() as connection:
        with pytest.raises(NotFound, match="no candidate 'lost'"):
            decisions.queue_part(connection, "ada", Seek(1, after=("lost",)))
        with pytest.raises(BadInput, match="found 2 names, expected 1"):
            decisions.queue_part(connection, "ada", Seek(1, after=("a", "b")))


def test_where_all_beyond_a_row_is_decided_the_rest_of_the_queue_is_shown(team: Database) -> None:
    for number in range(5):
        queue_record(team, number)
    with team.reading() as connection:
        order = ids(decisions.queue(connection))
    for key in order[3:]:
        said(team, key, include())

    with team.reading() as connection:
        last = decisions.queue_part(connection, "ada", Seek(2, after=(order[3],)))
    assert (ids(last.shown), last.earlier, last.later) == (order[1:3], True, False)

    for key in order[:2]:
        said(team, key, include())
    with team.reading() as connection:
        first = decisions.queue_part(connection, "ada", Seek(2, before=(order[2],)))
    assert (ids(first.shown), first.earlier, first.later) == ([order[2]], False, False)


def test_an_empty_queue_has_nothing_beside_it(team: Database) -> None:
    key = queue_record(team, 1)
    said(team, key, include())

    with team.reading() as connection:
        for asked in (Seek(2), Seek(2, after=(key,)), Seek(2, before=(key,))):
            assert decisions.queue_part(connection, "ada", asked) == Part((), False, False)
