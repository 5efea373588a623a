"""Records as they were found and reworded, what bears which identifier, and what was answered."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from extraction.model import Correction, CorrectionKind, Direction
from state import decisions, records
from state import tables as t
from state.database import Database
from state.errors import NotFound, Tampered
from state.facts.words import CandidateKind
from state.paging import Part, Seek
from state.records import QueueEntry
from state.values import StoredRecord
from state.verify import verify
from tests.state.builders import (
    article,
    change,
    close,
    entry,
    find,
    kept,
    load_baseline,
    own_place,
    settle_link,
)
from tests.state.helpers import ledger

NCT = "ctgov:NCT00000001"
ERRATUM = Correction(CorrectionKind.ERRATUM, Direction.OF_THIS, pmid="9")
IS_ERRATUM = Correction(CorrectionKind.ERRATUM, Direction.THIS_IS_OF, pmid="7")


# ---- payloads ------------------------------------------------------------------------------------


def keep(db: Database, body: bytes) -> str:
    with db.transaction() as connection:
        return records.keep_payload(connection, body, "text/plain")


@pytest.mark.parametrize("body", [b"", b"<x/>", bytes(range(256)) * 100], ids=len)
def test_an_answer_is_given_back_as_it_came(db: Database, body: bytes) -> None:
    digest = keep(db, body)

    with db.reading() as connection:
        assert records.payload(connection, digest) == body


def test_the_same_answer_is_kept_once(db: Database) -> None:
    assert keep(db, b"tea") == keep(db, b"tea") != keep(db, b"water")

    with db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(t.payload)).scalar() == 2


def test_an_answer_is_kept_compressed(db: Database) -> None:
    keep(db, b"a" * 10_000)

    with db.reading() as connection:
        assert connection.execute(select(func.length(t.payload.c.body))).scalar_one() < 100


def test_an_answer_that_is_missing_is_named(db: Database) -> None:
    with pytest.raises(Tampered, match="the payload abc is missing"), db.reading() as connection:
        records.payload(connection, "abc")


# ---- found ---------------------------------------------------------------------------------------


def test_a_record_is_stored_with_its_place(team: Database) -> None:
    find(team, article("pubmed:7"), place=own_place("pubmed:7"))

    stored = kept(team, "pubmed:7")

    assert stored.record == article("pubmed:7")
    assert (stored.candidate, stored.study, stored.known_report) == ("pubmed:7", None, False)
    with team.reading() as connection:
        found = decisions.candidate(connection, "pubmed:7")
    assert (found.kind, found.score, found.reasons) == (CandidateKind.NEW, 10, ("a reason",))


def test_a_record_may_join_a_candidate_that_is_open(team: Database) -> None:
    find(team, article("pubmed:7"), place=own_place("pubmed:7"))
    find(team, article(NCT), place=own_place("pubmed:7", opened=False), after_s=60)

    with team.reading() as connection:
        held = records.records_of_candidate(connection, "pubmed:7")
        assert len(decisions.candidates(connection)) == 1
    assert [each.record.key for each in held] == ["pubmed:7", NCT]


def test_a_place_with_a_study_proposes_a_link(team: Database) -> None:
    place = QueueEntry("pubmed:7", True, 3, "main", (), ("flag",), "hahn2013", "register id")

    find(team, article("pubmed:7"), place=place)

    with team.reading() as connection:
        found = decisions.candidate(connection, "pubmed:7")
    assert (found.kind, found.study) == (CandidateKind.SECOND_REPORT, "hahn2013")
    assert (found.link_reason, found.link_settled) == ("register id", False)
    assert kept(team, "pubmed:7").study is None


def test_a_known_report_is_queued_for_nobody_and_teaches_its_identifiers(team: Database) -> None:
    load_baseline(team, "old1995")

    find(
        team,
        article("pubmed:7"),
        study="old1995",
        known_report=True,
        identifiers=("pmid:7", "doi:10.1/x"),
    )

    assert (kept(team, "pubmed:7").candidate, kept(team, "pubmed:7").study) == (None, "old1995")
    with team.reading() as connection:
        assert records.studies_with(connection, ["doi:10.1/x"]) == {"doi:10.1/x": "old1995"}
        assert decisions.candidates(connection) == ()


def test_a_record_that_is_no_report_yet_teaches_the_study_nothing(team: Database) -> None:
    load_baseline(team, "old1995")

    find(team, article("pubmed:7"), place=own_place("pubmed:7"), identifiers=("pmid:7",))

    with team.reading() as connection:
        assert records.studies_with(connection, ["pmid:7"]) == {}


def test_an_unknown_record_is_named(db: Database) -> None:
    with pytest.raises(NotFound, match="no record 'pubmed:404'"):
        kept(db, "pubmed:404")


def test_only_what_is_known_is_given(team: Database) -> None:
    find(team, article("pubmed:7"), place=own_place("pubmed:7"))

    with team.reading() as connection:
        assert list(records.stored(connection, ["pubmed:7", "pubmed:8"])) == ["pubmed:7"]
        assert records.stored(connection, []) == {}


def test_more_keys_than_one_statement_takes_may_be_asked_for(team: Database) -> None:
    keys = [f"pubmed:{number}" for number in range(40_000)]
    for key in (keys[0], keys[-1]):
        find(team, article(key), place=own_place(key))

    with team.reading() as connection:
        assert list(records.stored(connection, keys)) == [keys[0], keys[-1]]
        held = records.records_of_candidates(connection, keys)
        assert records.records_with_corrections(connection, keys) == ()
    assert [key for key in keys if held[key]] == [keys[0], keys[-1]]


def test_a_candidate_without_records_has_none(team: Database) -> None:
    with team.reading() as connection:
        assert records.records_of_candidates(connection, ["lost"]) == {"lost": ()}


def test_everything_known_stands_in_the_order_of_its_keys(team: Database) -> None:
    for after_s, key in enumerate(("pubmed:9", NCT, "pubmed:10")):
        find(team, article(key), place=own_place(key), after_s=after_s)

    with team.reading() as connection:
        keys = [each.record.key for each in records.all_records(connection)]
    assert keys == [NCT, "pubmed:10", "pubmed:9"]


# ---- in parts ------------------------------------------------------------------------------------


@pytest.fixture
def listed(team: Database) -> Database:
    """Ten articles, and a register entry of another source."""
    for number in range(10):
        find(team, article(f"pubmed:{number}"), place=own_place(f"pubmed:{number}"))
    title, authors = "Straße und Tee: 100% ruhig", ("Léger J-M", "Ünal Ö")
    find(team, article(NCT, title=title, authors=authors), place=own_place(NCT))
    return team


def keys_of(part: Part[StoredRecord]) -> list[str]:
    return [each.record.key for each in part.shown]


@pytest.mark.parametrize(
    ("words", "source", "expected"),
    [
        ("", "", 11),
        ("  ", "pubmed", 10),
        ("trial", "", 10),
        ("TRIAL number 7", "", 1),
        ("STRASSE", "", 1),
        ("ünal léger", "", 1),
        ("100%", "", 1),
        ("1%0", "", 0),
        ("_ee", "", 0),
        (NCT.lower(), "ctgov", 1),
        (NCT, "pubmed", 0),
        ("7 zebra", "", 0),
    ],
)
def test_records_are_found_by_every_word_whatever_its_case(
    listed: Database, words: str, source: str, expected: int
) -> None:
    with listed.reading() as connection:
        part = records.records_part(connection, Seek(100), words=words, source=source)
        count = records.count_matching(connection, words=words, source=source, at_most=100)

    assert len(part.shown) == count == expected


def test_a_new_wording_is_found_by_its_new_words(listed: Database) -> None:
    change(listed, article("pubmed:7", title="A zebra"))

    with listed.reading() as connection:
        assert keys_of(records.records_part(connection, Seek(9), words="zebra")) == ["pubmed:7"]


def test_matches_are_counted_no_further_than_asked(listed: Database) -> None:
    with listed.reading() as connection:
        assert records.count_matching(connection, words="trial", source="", at_most=4) == 4


def test_records_stand_by_source_and_go_on_either_way(listed: Database) -> None:
    with listed.reading() as connection:
        first = records.records_part(connection, Seek(3))
        second = records.records_part(connection, Seek(3, after=("pubmed:1",)))
        back = records.records_part(connection, Seek(3, before=("pubmed:2",)))

    assert keys_of(first) == keys_of(back) == [NCT, "pubmed:0", "pubmed:1"]
    assert keys_of(second) == ["pubmed:2", "pubmed:3", "pubmed:4"]
    assert (first.earlier, first.later, back.earlier, back.later) == (False, True, False, True)


def test_the_sources_of_what_is_known_are_each_named_once(listed: Database) -> None:
    with listed.reading() as connection:
        assert records.sources(connection) == ("ctgov", "pubmed")


def test_what_is_known_is_counted_on_and_never_twice(listed: Database) -> None:
    known = records.KnownRecords()
    with listed.reading() as connection:
        assert [known.count(connection) for _ in range(2)] == [11, 11]
        find(listed, article("pubmed:11"), place=own_place("pubmed:11"))
        change(listed, article("pubmed:11", title="Another"))
        with listed.reading() as later:
            assert known.count(later) == 12
        known.count(connection)

    with listed.reading() as connection:
        assert known.count(connection) == 12


# ---- changed -------------------------------------------------------------------------------------


def test_a_new_wording_takes_the_place_of_the_old(team: Database) -> None:
    find(team, article("pubmed:7"), place=own_place("pubmed:7"))
    before = kept(team, "pubmed:7")

    change(team, article("pubmed:7", title="Another title"))

    after = kept(team, "pubmed:7")
    assert after.record.title == "Another title"
    assert after.payload_sha256 != before.payload_sha256
    assert (after.found_at, after.candidate) == (before.found_at, before.candidate)
    assert verify(team).faults == ()


def test_identifiers_are_added_never_taken_away(team: Database) -> None:
    find(team, article("pubmed:7"), place=own_place("pubmed:7"), identifiers=("pmid:7",))

    change(team, article("pubmed:7"), identifiers=("doi:10.1/x",))

    with team.reading() as connection:
        for identifier in ("pmid:7", "doi:10.1/x"):
            (owner,) = records.owners(connection, [identifier])
            assert owner.record.key == "pubmed:7"


def test_a_register_entry_is_kept_as_it_was_each_time(team: Database) -> None:
    first, second = entry(enrolment=24), entry(enrolment=30)
    find(team, article(NCT, entry=first), place=own_place(NCT))
    change(team, article(NCT, entry=second), entry_changed=True)
    change(team, article(NCT, entry=second, title="Reworded"), entry_changed=False)

    with team.reading() as connection:
        history = records.snapshots(connection, NCT)
    assert history == (
        ("2026-11-25T06:00:00.000000Z", first),
        ("2026-11-25T06:01:00.000000Z", second),
    )


def test_an_article_has_no_history_of_an_entry(team: Database) -> None:
    find(team, article("pubmed:7"), place=own_place("pubmed:7"))

    with team.reading() as connection:
        assert records.snapshots(connection, "pubmed:7") == ()


# ---- known by ------------------------------------------------------------------------------------


def test_the_records_that_bear_an_identifier_are_each_given_once(team: Database) -> None:
    ids = ("pmid:7", "doi:10.1/x")
    find(team, article("pubmed:7"), place=own_place("pubmed:7"), identifiers=ids)
    find(team, article("openalex:W1"), place=own_place("o"), identifiers=ids[1:], after_s=60)

    with team.reading() as connection:
        both = records.owners(connection, ids)
        assert records.owners(connection, ["pmid:8"]) == ()
    assert [each.record.key for each in both] == ["pubmed:7", "openalex:W1"]


def test_a_confirmed_link_gives_the_study_what_its_records_are_known_by(team: Database) -> None:
    place = QueueEntry("pubmed:7", True, 3, "main", (), (), "hahn2013", "register id")
    find(team, article("pubmed:7"), place=place, identifiers=("pmid:7",))

    settle_link(team, confirmed=True, candidate="pubmed:7")

    with team.reading() as connection:
        (report,) = records.records_of_study(connection, "hahn2013")
        assert records.studies_with(connection, ["pmid:7"]) == {"pmid:7": "hahn2013"}
    assert report.record.key == "pubmed:7"


def test_an_identifier_of_two_studies_names_the_first_by_id(team: Database) -> None:
    for study in ("bbb", "aaa"):
        load_baseline(team, study)
        key = f"pubmed:{study}"
        find(team, article(key), study=study, known_report=True, identifiers=("nct:1",))

    with team.reading() as connection:
        assert records.studies_with(connection, ["nct:1"]) == {"nct:1": "aaa"}


def test_items_are_confirmed_by_a_live_answer(team: Database) -> None:
    with ledger(team) as book:
        records.confirm_item(book, "pmid:2", "pubmed:2")

    with team.reading() as connection:
        assert records.confirmed_items(connection) == frozenset({"pmid:2"})


# ---- notices -------------------------------------------------------------------------------------


@pytest.fixture
def with_notices(team: Database) -> Database:
    """A study's report with an erratum, the erratum itself, and two that concern nobody."""
    load_baseline(team, "old1995")
    find(
        team,
        article("pubmed:7", corrections=(ERRATUM,)),
        study="old1995",
        known_report=True,
    )
    find(team, article("pubmed:9", corrections=(IS_ERRATUM,)), place=own_place("pubmed:9"))
    find(team, article("pubmed:8", corrections=(ERRATUM,)), place=own_place("pubmed:8"))
    find(team, article("pubmed:6"), place=own_place("pubmed:6"))
    close(team, "excluded", "pubmed:6")
    return team


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (None, {"pubmed:7", "pubmed:9"}),
        (["pubmed:9"], {"pubmed:7", "pubmed:9"}),
        (["pubmed:6"], {"pubmed:7"}),
        ([], {"pubmed:7"}),
    ],
    ids=["all", "with-the-notice", "without-it", "none"],
)
def test_notices_are_looked_for_among_what_was_answered(
    with_notices: Database, answered: list[str] | None, expected: set[str]
) -> None:
    with with_notices.reading() as connection:
        found = records.records_with_corrections(connection, answered)

    assert {each.record.key for each in found} == expected
