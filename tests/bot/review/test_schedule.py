from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.review.schedule import newest_slot, next_slot

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def names(cron: str, zone: str, start: datetime, *, hours: int) -> list[str]:
    """Return the distinct slots that a program that looks every ten minutes would take."""
    looked = (start + timedelta(minutes=10 * n) for n in range(6 * hours))
    found = (newest_slot(cron, zone, now=now) for now in looked)
    return list(dict.fromkeys(slot.name for slot in found if slot is not None))


def test_the_newest_slot_is_the_last_one_that_has_come() -> None:
    slot = newest_slot("10 6 * * *", "Europe/London", now=at("2026-11-25T09:00"))

    assert slot is not None
    assert slot.name == "2026-11-25T06:10"
    assert slot.at == at("2026-11-25T06:10")


def test_a_machine_asleep_for_a_month_owes_one_slot() -> None:
    slot = newest_slot("10 6 * * *", BERLIN, now=at("2026-12-25T04:00"))

    assert slot is not None
    assert slot.name == "2026-12-24T06:10"


def test_a_schedule_of_every_minute_has_a_slot_every_minute() -> None:
    first = newest_slot("* * * * *", BERLIN, now=at("2026-11-25T09:00:30"))
    second = newest_slot("* * * * *", BERLIN, now=at("2026-11-25T09:01:30"))

    assert first is not None
    assert second is not None
    assert (first.name, second.name) == ("2026-11-25T10:00", "2026-11-25T10:01")


def test_an_hour_that_comes_twice_gives_one_slot() -> None:
    taken = names("30 2 * * *", BERLIN, at("2026-10-24T12:00"), hours=36)

    assert taken == ["2026-10-24T02:30", "2026-10-25T02:30"]


def test_a_time_that_the_clock_change_skips_is_not_lost() -> None:
    taken = names("30 2 * * *", BERLIN, at("2026-03-28T12:00"), hours=36)
    slot = newest_slot("30 2 * * *", BERLIN, now=at("2026-03-29T03:00"))

    assert taken == ["2026-03-28T02:30", "2026-03-29T02:30"]
    assert slot is not None
    assert slot.at == at("2026-03-29T01:30")


def test_a_schedule_twice_a_year_is_found_from_afar() -> None:
    slot = newest_slot("0 8 1 3,9 *", "Europe/London", now=at("2027-02-25T09:00"))

    assert slot is not None
    assert slot.name == "2026-09-01T08:00"


def test_the_next_slot_comes_after_now() -> None:
    slot = next_slot("10 6 * * mon", "Europe/London", after=at("2026-11-25T09:00"))

    assert slot is not None
    assert slot.name == "2026-11-30T06:10"
