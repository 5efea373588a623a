"""Two records that are, or may be, one: what the program found, what a person said, and undone."""

from __future__ import annotations

import pytest

from state import decisions, likeness, records
from state.database import Database
from state.errors import BadInput, NotFound
from state.events import head
from state.facts.words import CandidateOutcome, LikenessAnswer, PairVerdict
from state.likeness import Likeness
from state.paging import Seek
from state.verify import verify
from tests.state.builders import article, close, find, kept, like, own_place, say_of_pair
from tests.state.helpers import add_study

OLD, NEW = "pubmed:1", "europepmc:2"


@pytest.fixture
def pair(team: Database) -> Database:
    """Two records, each with a candidate of its own, that may be one."""
    find(team, article(OLD), place=own_place(OLD), identifiers=("pmid:1", "doi:10.1/x"))
    find(team, article(NEW), place=own_place(NEW), identifiers=("pmc:2", "doi:10.1/x"), after_s=60)
    like(team, NEW, OLD)
    return team


def of_pair(db: Database, key: str = NEW, other: str = OLD) -> Likeness:
    with db.reading() as connection:
        return likeness.likeness(connection, key, other)


def outcome(db: Database, candidate: str) -> tuple[bool, CandidateOutcome | None]:
    with db.reading() as connection:
        found = decisions.candidate(connection, candidate)
    return found.closed, found.outcome


def names_of_study(db: Database, *identifiers: str) -> set[str]:
    with db.reading() as connection:
        return set(records.studies_with(connection, identifiers))


# answer of the program, verdict of a person → is somebody to be asked, are they one
STANDINGS = [
    (LikenessAnswer.MAYBE, None, True, False),
    (LikenessAnswer.SAME, None, False, True),
    (LikenessAnswer.MAYBE, PairVerdict.SAME, False, True),
    (LikenessAnswer.MAYBE, PairVerdict.DIFFERENT, False, False),
    (LikenessAnswer.SAME, PairVerdict.SAME, False, True),
    (LikenessAnswer.SAME, PairVerdict.DIFFERENT, False, False),
]


@pytest.mark.parametrize(("answer", "verdict", "is_open", "merged"), STANDINGS)
def test_a_persons_verdict_counts_above_the_programs_answer(
    answer: LikenessAnswer, verdict: PairVerdict | None, is_open: bool, merged: bool
) -> None:
    found = Likeness(NEW, OLD, answer, "rule", (), "at", verdict, "ada", "at")

    assert (found.open, found.merged) == (is_open, merged)


def test_a_pair_keeps_its_rule_and_reasons(pair: Database) -> None:
    found = of_pair(pair)

    assert (found.rule, found.reasons, found.answer) == ("like-title", ("alike",), "maybe")
    assert (found.verdict, found.person, found.settled_at) == (None, None, None)


def test_a_pair_that_nobody_found_is_named(pair: Database) -> None:
    with pytest.raises(NotFound, match="no likeness 'pubmed:1 and europepmc:2'"):
        of_pair(pair, OLD, NEW)
    with pytest.raises(NotFound, match="no likeness"):
        say_of_pair(pair, OLD, NEW, same=True)


def test_a_verdict_is_of_somebody_who_is_known(pair: Database) -> None:
    with pytest.raises(NotFound, match="no person 'zoe'"):
        say_of_pair(pair, NEW, OLD, same=True, person="zoe")


def test_an_answer_is_one_of_the_known(pair: Database) -> None:
    with pytest.raises(ValueError, match="perhaps"):
        like(pair, NEW, OLD, "perhaps")


def test_only_what_nobody_settled_is_asked_oldest_first(pair: Database) -> None:
    for number in (3, 4):
        find(pair, article(f"pubmed:{number}"), place=own_place(f"pubmed:{number}"))
    like(pair, "pubmed:4", OLD, after_s=60)
    like(pair, "pubmed:3", OLD, after_s=60)
    like(pair, "pubmed:3", "pubmed:4", "same")
    say_of_pair(pair, "pubmed:4", OLD, same=False)

    with pair.reading() as connection:
        asked = [each.record_key for each in likeness.open_likenesses(connection)]
        first = likeness.likenesses_part(connection, Seek(1))
        rest = likeness.likenesses_part(connection, Seek(5, after=(NEW, OLD)))
        at = first.shown[0].found_at
        assert likeness.count_open_likenesses(connection) == 2
        assert likeness.count_asked_at(connection, at, NEW.partition(":")[0]) == 1
        assert likeness.count_asked_at(connection, at, "embase") == 0
    assert asked == [NEW, "pubmed:3"]
    assert [each.record_key for each in (*first.shown, *rest.shown)] == asked
    assert (first.later, rest.earlier, rest.later) == (True, True, False)


@pytest.mark.parametrize(("keys", "number"), [([OLD], 2), ([NEW], 1), (["pubmed:9"], 0), ([], 0)])
def test_the_pairs_of_a_record_are_given_from_either_side(
    pair: Database, keys: list[str], number: int
) -> None:
    find(pair, article("pubmed:3"), place=own_place("pubmed:3"))
    like(pair, "pubmed:3", OLD)

    with pair.reading() as connection:
        assert len(likeness.likenesses_of(connection, keys)) == number


# ---- merged and apart again ----------------------------------------------------------------------


def test_one_that_is_the_same_joins_the_candidate_of_the_other(pair: Database) -> None:
    say_of_pair(pair, NEW, OLD, same=True)

    assert kept(pair, NEW).candidate == OLD
    assert outcome(pair, NEW) == (True, CandidateOutcome.DUPLICATE)
    assert outcome(pair, OLD) == (False, None)
    assert (of_pair(pair).verdict, of_pair(pair).person) == (PairVerdict.SAME, "ada")


def test_a_candidate_that_holds_another_record_stays_open(pair: Database) -> None:
    find(pair, article("pubmed:3"), place=own_place(NEW, opened=False))

    say_of_pair(pair, NEW, OLD, same=True)

    assert outcome(pair, NEW) == (False, None)


def test_one_that_joins_a_study_becomes_its_report(pair: Database) -> None:
    add_study(pair)  # of the older record's candidate

    say_of_pair(pair, NEW, OLD, same=True)

    assert (kept(pair, NEW).candidate, kept(pair, NEW).study) == (OLD, "trial2026")


def test_one_that_is_different_stays_where_it_is(pair: Database) -> None:
    say_of_pair(pair, NEW, OLD, same=False)

    assert kept(pair, NEW).candidate == NEW
    assert outcome(pair, NEW) == (False, None)
    assert not of_pair(pair).open


@pytest.mark.parametrize("same", [True, False])
def test_the_same_verdict_again_changes_nothing(pair: Database, same: bool) -> None:
    say_of_pair(pair, NEW, OLD, same=same)
    with pair.reading() as connection:
        before = head(connection)

    say_of_pair(pair, NEW, OLD, same=same, person="ben")

    with pair.reading() as connection:
        assert head(connection) == before


def test_a_merge_is_undone_by_saying_different(pair: Database) -> None:
    say_of_pair(pair, NEW, OLD, same=True)

    say_of_pair(pair, NEW, OLD, same=False)

    assert kept(pair, NEW).candidate == NEW
    assert outcome(pair, NEW) == (False, None)
    assert verify(pair).faults == ()


def test_a_split_is_undone_by_saying_same(pair: Database) -> None:
    for same in (True, False, True):
        say_of_pair(pair, NEW, OLD, same=same)

    assert kept(pair, NEW).candidate == OLD
    assert outcome(pair, NEW) == (True, CandidateOutcome.DUPLICATE)


def test_one_that_the_program_merged_gets_a_candidate_when_a_person_splits_it(
    team: Database,
) -> None:
    find(team, article(OLD), place=own_place(OLD))
    find(team, article(NEW), place=own_place(OLD, opened=False))
    like(team, NEW, OLD, "same")

    say_of_pair(team, NEW, OLD, same=False)

    assert kept(team, NEW).candidate == NEW
    assert outcome(team, NEW) == (False, None)
    assert verify(team).faults == ()


def test_a_split_takes_back_what_only_the_lone_record_was_known_by(pair: Database) -> None:
    say_of_pair(pair, NEW, OLD, same=True)
    add_study(pair)
    assert names_of_study(pair, "pmid:1", "pmc:2", "doi:10.1/x") == {
        "pmid:1",
        "pmc:2",
        "doi:10.1/x",
    }

    say_of_pair(pair, NEW, OLD, same=False)

    assert kept(pair, NEW).study is None
    assert names_of_study(pair, "pmid:1", "pmc:2", "doi:10.1/x") == {"pmid:1", "doi:10.1/x"}


@pytest.mark.parametrize("settled", ["included", "report_of"])
def test_one_that_is_settled_already_is_not_merged(pair: Database, settled: str) -> None:
    close(pair, settled, NEW)

    with pytest.raises(BadInput, match=rf"europepmc:2 is settled already \({settled}\)"):
        say_of_pair(pair, NEW, OLD, same=True)

    assert kept(pair, NEW).candidate == NEW


def test_one_that_may_join_a_candidate_that_is_settled(pair: Database) -> None:
    close(pair, "excluded", OLD)

    say_of_pair(pair, NEW, OLD, same=True)

    assert kept(pair, NEW).candidate == OLD


def test_a_known_report_is_merged_without_a_candidate(pair: Database) -> None:
    find(pair, article("openalex:W1"), known_report=True, study="old1995")
    like(pair, "openalex:W1", OLD)

    say_of_pair(pair, "openalex:W1", OLD, same=True)

    assert kept(pair, "openalex:W1").candidate == OLD
