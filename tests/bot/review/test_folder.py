from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import ProtocolFaults
from bot.review.folder import read_review, read_values
from bot.review.schedule import next_slot
from extraction.model import Basis, Field

MMN = Path(__file__).parents[3] / "reviews" / "mmn"


@pytest.fixture(scope="module")
def review():
    return read_review(MMN)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(MMN, tmp_path / "review")


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def messages_of(folder: Path) -> list[str]:
    with pytest.raises(ProtocolFaults) as caught:
        read_review(folder)
    return [str(fault) for fault in caught.value.faults]


def test_the_numbers_of_a_begun_review_are_hashed_and_not_read(review):
    begun = read_review(MMN, review.protocol_text, begun=True)

    assert begun.values == ()
    assert begun.file_hashes == review.file_hashes
    assert read_values(MMN, review.protocol, review.studies) == review.values != ()


def test_the_six_trials_count_ninety_people(review):
    assert {study.id: study.participants for study in review.studies} == {
        "azulay1994": 5,
        "vandenberg1995": 6,
        "federico2000": 16,
        "leger2001": 10,
        "harbo2009": 9,
        "hahn2013": 44,
    }


def test_the_eight_published_analyses_name_their_arms_and_direction(review):
    told = {
        each.id: (each.measure, each.arm_1, each.arm_2, each.direction)
        for each in review.protocol.analyses
    }

    assert told == {
        "1.1": ("RR", "ivig", "placebo", "above 1 favours ivig"),
        "1.2": ("RR", "ivig", "placebo", "above 1 favours ivig"),
        "1.3": ("RR", "ivig", "placebo", "above 1 favours ivig"),
        "2.1": ("RR", "placebo", "ivig", "above 1 favours ivig"),
        "2.2": ("RR", "ivig", "placebo", "above 1 favours placebo"),
        "3.1": ("RR", "ivig", "placebo", "above 1 favours placebo"),
        "4.1": ("SMD", "ivig", "scig", "above 0 favours ivig"),
        "4.2": ("RR", "ivig", "scig", "above 1 favours scig"),
    }


def test_only_the_order_of_the_last_analysis_is_inferred(review):
    inferred = [each.id for each in review.protocol.analyses if each.arm_order_inferred]

    assert inferred == ["4.2"]


def test_every_derived_number_says_how_it_was_found(review):
    derived = [each for each in review.values if each.provenance.basis is Basis.DERIVED]

    assert all(each.provenance.how for each in derived)
    assert {each.cell.study for each in derived if each.cell.field is Field.SD} == {"harbo2009"}
    assert all(
        "not unique" in (each.provenance.how or "")
        for each in derived
        if each.cell.field is Field.SD
    )


def test_what_the_abstract_prints_is_published_and_the_joint_table_is_derived(review):
    hahn = [each for each in review.values if each.cell.outcome == "disability_worse"]

    assert {(each.cell.field, each.provenance.basis) for each in hahn} == {
        (Field.EVENTS, Basis.PUBLISHED),
        (Field.TOTAL, Basis.PUBLISHED),
        (Field.BOTH, Basis.DERIVED),
        (Field.FIRST_ONLY, Basis.DERIVED),
        (Field.SECOND_ONLY, Basis.DERIVED),
        (Field.NEITHER, Basis.DERIVED),
    }


def test_unconfirmed_identifiers_are_marked_and_recognise_nothing(review):
    unconfirmed = {item.id for item in review.known_items if not item.confirmed}
    names = [name for each in review.identifiers.values() for name in each]

    assert unconfirmed == {"pmid:7673950", "pmid:11133795"}
    assert not unconfirmed & set(names)
    assert {"pmid:24725024", "register:NCT00666263"} <= set(names)


def test_each_automatic_source_knows_items_that_it_must_find(review):
    sources = Counter(source for item in review.known_items for source in item.sources)

    assert sources["pubmed"] == 7
    assert sources["ctgov"] >= 5


def test_the_query_is_one_line_with_every_line_of_the_strategy_and_no_filter(review):
    query = review.queries["pubmed"]

    assert "#" not in query
    assert "\n" not in query
    assert query.count("(") == query.count(")")
    for word in ("MMNCB[tiab]", '"anti-GM1"[tiab]', "HyQvia[tiab]", "empasiprubart"):
        assert word in query
    assert "placebo" not in query
    assert "placebo[tiab]" in review.filters["pubmed"]
    assert '"multifocal motor neuropathy"' in review.queries["ctgov"]


def test_sources_without_an_interface_have_a_text_to_paste_twice_a_year(review):
    by_hand = [each for each in review.protocol.sources if each.kind == "manual"]

    assert {each.id for each in by_hand} == {
        *("central", "embase", "ictrp", "neuromuscular", "ctis", "euctr", "jrct")
    }
    for each in by_hand:
        assert review.strategies[each.id].startswith("# ")
        assert "# " not in review.queries[each.id]
        assert "multifocal" in review.queries[each.id]
        assert each.schedule == "0 9 1 3,9 *"


def test_registers_are_searched_weekly_and_pubmed_monthly(review):
    zone = review.protocol.time_zone
    schedules = {each.id: each.schedule for each in review.protocol.sources}
    after = datetime(2026, 11, 25, tzinfo=UTC)

    slots = {each: next_slot(schedules[each], zone, after=after) for each in ("ctgov", "pubmed")}
    assert {each: slot.name for each, slot in slots.items() if slot is not None} == {
        "ctgov": "2026-11-30T06:20",
        "pubmed": "2026-12-01T06:10",
    }


def test_both_open_decisions_show_what_they_concern(review):
    decisions = {each.id: each for each in review.protocol.open_decisions}

    assert "NCT06742190" in decisions["ig-as-comparator"].concerns
    assert "NCT01951924" in decisions["ig-v-ig"].concerns
    assert all(each.default.startswith("Shown") for each in decisions.values())


def test_every_file_is_known_by_its_hash(review):
    content = (MMN / "baseline" / "values.csv").read_bytes()

    assert review.file_hashes["baseline/values.csv"] == hashlib.sha256(content).hexdigest()
    assert "strategies/pubmed_filter.txt" in review.file_hashes
    assert list(review.file_hashes) == sorted(review.file_hashes)


def test_faults_of_several_files_are_reported_together(copy):
    change(copy / "baseline/values.csv", "hahn2013,grip_worse", "hahn2013,grip")
    change(copy / "known_items.csv", "pubmed,hahn2013,yes", "pubmed,hahn2013,perhaps")
    (copy / "strategies/central.txt").unlink()
    change(copy / "strategies/ctgov.txt", "#4 #1", "#4 (#9")

    first = messages_of(copy)
    (copy / "strategies/central.txt").write_text("tea\n")
    change(copy / "strategies/ctgov.txt", "(#9", "#1")
    second = messages_of(copy)

    assert [each.split(":")[0] for each in first] == [
        "strategies/central.txt line 1",
        "strategies/ctgov.txt line 11",
    ]
    assert "found 'grip', expected one of disability_improved" in second[0]
    assert second[1].startswith("known_items.csv line 7: confirmed: found 'perhaps'")


def test_numbers_that_cannot_be_true_together_are_refused(copy):
    change(copy / "baseline/values.csv", "ivig,events,4,,published", "ivig,events,43,,published")

    assert any("43 events among 42 participants" in each for each in messages_of(copy))


def test_a_derived_number_must_say_how(copy):
    text = (copy / "baseline/values.csv").read_text().splitlines()
    text[1] = text[1].split(",,,")[0] + ",,,"
    (copy / "baseline/values.csv").write_text("\n".join(text) + "\n")

    assert any("how the derived number was found" in each for each in messages_of(copy))


def test_a_folder_that_is_not_there_is_said_so(tmp_path):
    (message,) = messages_of(tmp_path / "nothing")

    assert message.startswith("protocol.toml line 1: file: found 'No such file or directory'")


def test_a_file_that_is_not_utf_8_is_said_so(copy):
    (copy / "known_items.csv").write_bytes(
        b"id,title,sources,study,confirmed\npmid:1,L\xe9ger,,,\n"
    )

    (message,) = messages_of(copy)

    assert message.startswith("known_items.csv line 2: file: found bytes that are not UTF-8")
