"""A thing is told once, to those who hold a role, until it is delivered."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from state import outbox
from state import tables as t
from state.database import Database
from state.facts.words import NoticeKind, RoleId
from state.outbox import FIRST_WAIT, LEASE, LONGEST_WAIT, Delivery
from state.people import Person
from state.values import Notice
from tests.state.builders import add_person, retire
from tests.state.helpers import START, TEAM, ledger

NOTICE = Notice("result:3.1", NoticeKind.NEW_RESULT, "Version 3.1", "It moved.")


def write(
    db: Database,
    notice: Notice = NOTICE,
    to: tuple[str, ...] = ("ada",),
    *,
    after_s: float = 0,
) -> bool:
    with ledger(db, after_s=after_s) as book:
        return outbox.write(book, notice, to)


def notice(key: str) -> Notice:
    return Notice(key, NoticeKind.OPEN_WORK, f"About {key}", "body")


def claim(db: Database, now: datetime = START) -> Delivery | None:
    with db.transaction() as connection:
        return next(iter(outbox.claim_due(connection, now=now)), None)


def claimed(db: Database, now: datetime = START) -> Delivery:
    found = claim(db, now)
    assert found is not None
    return found


def fail(db: Database, delivery: Delivery, now: datetime = START) -> datetime:
    with db.transaction() as connection:
        return outbox.mark_failed(connection, delivery, "refused", now=now)


def deliver(db: Database, delivery: Delivery, *, after_s: float = 0) -> None:
    with ledger(db, after_s=after_s) as book:
        outbox.mark_delivered(book, delivery, "mail")


def on_their_way(db: Database, limit: int | None = None) -> tuple[Delivery, ...]:
    with db.reading() as connection:
        return outbox.deliveries(connection, limit=limit)


def recipients(db: Database, *roles: RoleId) -> tuple[str, ...]:
    with db.reading() as connection:
        return outbox.recipients(connection, *roles)


# ---- writing -------------------------------------------------------------------------------------


def test_a_thing_is_told_once_whatever_is_said_of_it_later(team: Database) -> None:
    assert write(team)
    assert not write(team, Notice(NOTICE.key, NoticeKind.PUBLISHED, "Another", "text"), ("ben",))

    (only,) = on_their_way(team)
    assert (only.notice, only.recipient) == (NOTICE, "ada")


def test_each_recipient_gets_a_message_of_their_own(team: Database) -> None:
    write(team, to=("ben", "ada"))

    found = on_their_way(team)

    assert [each.recipient for each in found] == ["ada", "ben"]
    assert len({each.message_id for each in found}) == 2


def test_the_message_id_is_the_same_in_every_world(team: Database) -> None:
    write(team)

    (only,) = on_their_way(team)

    assert only.message_id == "<e1b106f323fa4a6484cf8606cba5e00940858483@living-review>"


def test_a_notice_to_nobody_is_written_and_not_sent(team: Database) -> None:
    assert write(team, to=())

    assert on_their_way(team) == ()
    assert claim(team) is None


def test_it_is_known_when_a_notice_was_written(team: Database) -> None:
    write(team, after_s=60)

    with team.reading() as connection:
        assert outbox.written_at(connection, NOTICE.key) == "2026-11-25T06:01:00.000000Z"
        assert outbox.written_at(connection, "result:9") is None


def test_a_notice_is_written_with_the_change_or_not_at_all(team: Database) -> None:
    with pytest.raises(RuntimeError, match="the power went"):
        write_and_fail(team)

    assert on_their_way(team) == ()


def write_and_fail(db: Database) -> None:
    with ledger(db) as book:
        outbox.write(book, NOTICE, ["ada"])
        raise RuntimeError("the power went")


# ---- recipients ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (("screener",), ("ada", "ben")),
        (("adjudicator", "lead"), ("cy",)),
        (("lead", "screener"), ("cy", "ada", "ben")),
        (("operator",), ("role:operator",)),
        (("operator", "lead"), ("role:operator", "cy")),
        ((), ()),
    ],
)
def test_those_who_hold_a_role_are_told_each_once(
    team: Database, roles: tuple[RoleId, ...], expected: tuple[str, ...]
) -> None:
    assert recipients(team, *roles) == expected


def test_a_deputy_is_told_for_one_who_retired(team: Database) -> None:
    add_person(team, Person("dee", "Dee", None, (RoleId.SCREENER,)))
    add_person(team, Person("eve", "Eve", None, (RoleId.LEAD,), "dee"), after_s=60)

    retire(team, "eve", "cy")

    assert recipients(team, RoleId.LEAD) == ("dee",)
    assert recipients(team, RoleId.ADJUDICATOR) == ("role:adjudicator",)


# ---- delivering ----------------------------------------------------------------------------------


def test_the_oldest_message_goes_first(team: Database) -> None:
    write(team, notice("new"), after_s=60)
    write(team, notice("old"), ("ben", "ada"))

    order = [claimed(team) for _ in range(3)]

    assert [(each.notice.key, each.recipient) for each in order] == [
        ("old", "ada"),
        ("old", "ben"),
        ("new", "ada"),
    ]
    assert claim(team) is None


def test_a_message_on_its_way_is_not_given_to_another(team: Database) -> None:
    write(team)
    claimed(team)

    assert claim(team) is None
    assert claim(team, START + LEASE - timedelta(seconds=1)) is None


def test_a_sender_that_died_leaves_the_message_to_another(team: Database) -> None:
    write(team)
    first = claimed(team)

    again = claimed(team, START + LEASE)

    assert again.message_id == first.message_id


def test_what_was_delivered_is_not_delivered_again(team: Database) -> None:
    write(team)
    deliver(team, claimed(team), after_s=5)

    assert claim(team, START + timedelta(days=1)) is None
    (only,) = on_their_way(team)
    assert (only.delivered_at, only.channel) == ("2026-11-25T06:00:05.000000Z", "mail")


def test_a_delivery_to_one_does_not_mark_that_to_another(team: Database) -> None:
    write(team, to=("ada", "ben"))
    deliver(team, claimed(team))

    assert claimed(team).recipient == "ben"


def test_what_failed_waits_and_says_why(team: Database) -> None:
    write(team)

    again = fail(team, claimed(team))

    assert again == START + FIRST_WAIT
    (only,) = on_their_way(team)
    assert (only.attempts, only.last_error, only.delivered_at) == (1, "refused", None)
    assert claim(team, again - timedelta(seconds=1)) is None
    assert claimed(team, again).attempts == 1


def test_each_failure_doubles_the_wait_up_to_the_longest(team: Database) -> None:
    write(team)
    now, waits = START, []

    for _ in range(12):
        again = fail(team, claimed(team, now), now)
        waits.append(again - now)
        now = again

    assert [wait / FIRST_WAIT for wait in waits[:5]] == [1, 2, 4, 8, 16]
    assert waits[-1] == waits[-2] == LONGEST_WAIT
    assert waits == sorted(waits)


def test_a_message_that_failed_does_not_hold_up_the_others(team: Database) -> None:
    write(team, notice("old"))
    write(team, notice("new"), after_s=60)

    fail(team, claimed(team))

    assert claimed(team).notice.key == "new"


def test_tries_are_not_facts(team: Database) -> None:
    write(team)
    fail(team, claimed(team))

    with team.reading() as connection:
        assert connection.execute(select(func.count()).select_from(t.event)).scalar() == (
            len(TEAM) + 1
        )


# ---- looking back --------------------------------------------------------------------------------


def test_messages_are_listed_the_newest_first(team: Database) -> None:
    write(team, notice("old"), ("ben", "ada"))
    write(team, notice("new"), after_s=60)

    listed = [(each.notice.key, each.recipient) for each in on_their_way(team)]

    assert listed == [("new", "ada"), ("old", "ada"), ("old", "ben")]
    assert [each.notice.key for each in on_their_way(team, limit=1)] == ["new"]


def test_one_sees_ones_own_messages(team: Database) -> None:
    for number in range(3):
        write(team, notice(f"n{number}"), ("ben", "ada") if number else ("ben",), after_s=number)

    with team.reading() as connection:
        to_ada = outbox.deliveries_to(connection, "ada", 10)
        to_ben = outbox.deliveries_to(connection, "ben", 2)

    assert [each.notice.key for each in to_ada] == ["n2", "n1"]
    assert [each.notice.key for each in to_ben] == ["n2", "n1"]


def test_what_was_not_delivered_is_counted_by_its_reason(db: Database) -> None:
    for after_s, key in enumerate("abc"):
        write(db, notice(key), ("ada", "ben"), after_s=after_s)
    fail(db, claimed(db))
    deliver(db, claimed(db))

    with db.reading() as connection:
        assert outbox.count_undelivered(connection) == 5
        assert outbox.undelivered_by_reason(connection) == {"refused": 1}
        newest = outbox.undelivered(connection, 3)
    assert [(each.notice.key, each.recipient) for each in newest] == [
        ("c", "ada"),
        ("c", "ben"),
        ("b", "ada"),
    ]
