"""Records that are alike: which are one, which are kept apart although nearly everything agrees.

All records are made up. A group's records with one letter are the same report; the program must
never merge two letters, and merges one letter's records where the group says so.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from extraction.duplicates import Sameness, block_keys, compare, find_duplicates
from extraction.model import Record, RecordKind
from tests.extraction.made_up import TITLE, abstract, bare, entry, record


def answer(one: Record, other: Record) -> Sameness:
    said = compare(one, other).answer
    assert said is compare(other, one).answer, "a comparison has no direction"
    return said


SAME = {
    "a DOI as an address, in other letters": (
        record(doi="10.5555/m.1"),
        record(TITLE.upper(), doi="10.5555/m.1", authors=("Ursin A.",)),
    ),
    "markup and Greek letters": (
        record("Effect of mobipomab on CD4<sup>+</sup> cells and TNF-&alpha; in opibom syndrome"),
        record("Effect of mobipomab on CD4+ cells and TNF-α in opibom syndrome"),
    ),
    "British and American spelling": (
        record("Randomised trial of oesophageal mobipomab in anaemia and tumour of the colour"),
        record("Randomized trial of esophageal mobipomab in anemia and tumor of the color"),
    ),
    "British and American spelling where nothing else is known": (
        bare("Randomised trial of mobipomab in anaemia, tumours and paediatric centres"),
        bare("Randomized trial of mobipomab in anemia, tumor and pediatric centers"),
    ),
    "a hyphen": (bare("Mobipomab in non-immune adults"), bare("Mobipomab in nonimmune adults")),
    "a note of an erratum": (
        record(),
        record(f"{TITLE} [Erratum appears in J Invent Med. 2021 Jun;12(4):380]"),
    ),
    "a note of a language": (bare(), bare(f"{TITLE} [German]")),
    "a note of references": (record(), record(f"{TITLE}. [Review] [38 refs]")),
    "a star": (record(), record(f"{TITLE}*")),
    "an e-location here and pages there": (
        record(pages="e0250001"),
        record(pages="1-14", journal="J Invent Med"),
    ),
    "a short last page": (record(pages="1200-10"), record(pages="1200-1210")),
    "a first page alone": (record(pages="1200-1210"), record(pages="1200")),
    "an abbreviated journal": (
        record(journal="Journal of Clinical Oncology"),
        record(journal="J Clin Oncol"),
    ),
    "a journal with its article": (record(journal="The Lancet"), record(journal="Lancet")),
    "a journal by its initials": (
        record(journal="British Medical Journal"),
        record(journal="BMJ"),
    ),
    "a subtitle left out": (record(), record(TITLE.partition(":")[0])),
    "a list of authors cut short": (record(), record(authors=("Ursin A", "et al."))),
    "names in the other order": (
        record(authors=("Kang Si Hyun", "Kim Don Kyu")),
        record(authors=("Si Hyun Kang", "Don Kyu Kim")),
    ),
    "accents": (
        record(authors=("Léger JM", "Müller K")),
        record(authors=("Leger JM", "Muller K")),
    ),
    "a missing year": (record(), record(year=None)),
    "online a year before print": (record(), record(year=2020)),
    "a slip of the pen": (record(), record(TITLE.replace("mobipomab", "mobipomap"))),
    "a group for authors": (record(), record(authors=("OPIBOM Study Group",))),
    "a title in another language under one DOI, in one place": (
        record(doi="10.5555/m.1"),
        record("Mobipomab beim Opibom-Syndrom: Ergebnisse einer Studie", doi="10.5555/m.1"),
    ),
    "no issue": (record(), record(issue=None)),
    "bare here, in print there": (record(), bare()),
    "one register id in two records of one entry": (
        entry("NCT04000001"),
        entry("NCT04000001", TITLE.upper()),
    ),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_one_report_in_two_wordings_is_the_same(pair: tuple[Record, Record]) -> None:
    assert answer(*pair) is Sameness.SAME


APART = {
    "a meeting's abstract and the paper": (
        record(doi="10.5555/m.1"),
        abstract(journal="Annals of Meetings", year=2020, volume="300", doi="10.5555/s.2020.7"),
    ),
    "a supplement's abstract and the paper in one journal and year": (
        record(issue="1"),
        abstract(pages=None),
    ),
    "abstracts of one work at two meetings": (
        abstract(journal="Annals of Meetings"),
        abstract(journal="Proceedings of Congresses", pages="S55"),
    ),
    "abstracts of one work at a meeting of each year": (
        abstract(year=2020, volume="11"),
        abstract(year=2021, volume="12"),
    ),
    "an entry of each of two registers": (
        entry("NCT04000001"),
        entry("ISRCTN12345678", journal="http://www.who.int/trialsearch?TrialID=ISRCTN12345678"),
    ),
    "two entries of one register": (entry("NCT04000001"), entry("NCT04000002")),
    "an entry and the paper": (entry("NCT04000001"), record(register="NCT04000001")),
    "one number under titles of two trials": (
        entry("NCT04000001", "Mobipomab in adults with opibom syndrome"),
        entry("NCT04000001", "Casinumab in children with unisac disease"),
    ),
    "an erratum, by its suffix": (
        record(),
        record(f"{TITLE} (vol 397, pg 1200, 2021)", issue="4", pages="380"),
    ),
    "an erratum, by its first word": (record(), record(f"Erratum: {TITLE}", pages="380")),
    "a correction in the same place": (record(), record(f"Correction to: {TITLE}")),
    "a corrigendum": (bare(), bare(f"Corrigendum: {TITLE}")),
    "a retraction": (bare(), bare(f"Retraction: {TITLE}")),
    "a notice of retraction": (record(), record(f"Notice of retraction: {TITLE}", pages="380")),
    "an expression of concern": (bare(), bare(f"Expression of concern: {TITLE}")),
    "a comment": (bare(), bare(f"Comment on: {TITLE}", authors=("Vale Q",))),
    "a reply": (
        record("Mobipomab in opibom syndrome", authors=("Lee K",), pages="2100"),
        record("Mobipomab in opibom syndrome - Authors' reply", pages="2100"),
    ),
    "a protocol": (
        bare(),
        bare(f"{TITLE}: study protocol", journal="Trials", year=2020),
    ),
    "a protocol in the same journal": (bare(), bare(f"{TITLE}: study protocol")),
    "rationale and design": (bare(), bare(f"Rationale and design of {TITLE}")),
    "a statistical analysis plan": (bare(), bare(f"{TITLE}: statistical analysis plan")),
    "a secondary analysis": (bare(), bare(f"{TITLE}: a secondary analysis")),
    "a post hoc analysis": (bare(), bare(f"{TITLE}: post hoc analysis")),
    "a subgroup": (bare(), bare(f"{TITLE}: the Japanese subgroup")),
    "an interim analysis": (bare(), bare(f"{TITLE}: interim analysis")),
    "an open-label extension": (bare(), bare(f"{TITLE}: open-label extension")),
    "long-term follow-up": (bare(), bare(f"Long-term follow-up of {TITLE}")),
    "five-year results": (bare(), bare(f"{TITLE}: five-year results")),
    "an economic evaluation": (bare(), bare(f"{TITLE}: economic evaluation")),
    "a pilot": (bare(), bare(TITLE.replace("a randomised", "a pilot randomised"))),
    "an update": (bare(), bare(f"{TITLE}: an update", year=2022)),
    "versions of a Cochrane review": (
        bare("Mobipomab for opibom syndrome", doi="10.1002/14651858.CD001234.pub2", year=2020),
        bare("Mobipomab for opibom syndrome", doi="10.1002/14651858.CD001234.pub3"),
    ),
    "versions of a Cochrane review without DOIs": (
        bare("Mobipomab for opibom syndrome", issue="3", year=2018),
        bare("Mobipomab for opibom syndrome", issue="9"),
    ),
    "a preprint": (
        bare(journal="medRxiv", doi="10.1101/2020.01.01.20000001", year=2020),
        record(doi="10.5555/m.1"),
    ),
    "a preprint without DOIs": (bare(journal="medRxiv"), bare()),
    "parts one and two": (
        record("Mobipomab in opibom syndrome. Part I: efficacy"),
        record("Mobipomab in opibom syndrome. Part II: safety", pages="111-120"),
    ),
    "bare parts one and two": (
        bare("Mobipomab in opibom syndrome: part 1"),
        bare("Mobipomab in opibom syndrome: part 2"),
    ),
    "studies one and two": (bare(f"{TITLE} (OPIBOM-1)"), bare(f"{TITLE} (OPIBOM-2)")),
    "phases": (
        bare("A phase II trial of mobipomab in opibom syndrome"),
        bare("A phase III trial of mobipomab in opibom syndrome"),
    ),
    "doses": (bare(f"{TITLE}: 10 mg daily"), bare(f"{TITLE}: 20 mg daily")),
    "weeks": (bare(f"{TITLE}: 12-week results"), bare(f"{TITLE}: 52-week results")),
    "annual reports": (
        bare("Opibom syndrome registry: annual report 2019", year=2020),
        bare("Opibom syndrome registry: annual report 2020"),
    ),
    "types": (
        bare("Mobipomab in type 1 opibom syndrome of adults"),
        bare("Mobipomab in type 2 opibom syndrome of adults"),
    ),
    "adults and children": (bare(), bare(TITLE.replace("adults", "children"))),
    "men and women": (
        bare("Mobipomab in men with opibom syndrome: a trial"),
        bare("Mobipomab in women with opibom syndrome: a trial"),
    ),
    "efficacy and safety": (
        bare("Efficacy of mobipomab in opibom syndrome"),
        bare("Safety of mobipomab in opibom syndrome"),
    ),
    "acute and chronic": (
        bare("Mobipomab for acute opibom syndrome in adults"),
        bare("Mobipomab for chronic opibom syndrome in adults"),
    ),
    "hypo and hyper": (
        bare("Mobipomab for hypotension after opibom surgery"),
        bare("Mobipomab for hypertension after opibom surgery"),
    ),
    "oral and intravenous": (
        bare("Oral mobipomab in adults with opibom syndrome"),
        bare("Intravenous mobipomab in adults with opibom syndrome"),
    ),
    "with and without": (
        bare("Mobipomab in opibom syndrome with pain in adults"),
        bare("Mobipomab in opibom syndrome without pain in adults"),
    ),
    "two drugs": (
        bare("Efficacy of prednisone in adults with opibom syndrome"),
        bare("Efficacy of vincristine in adults with opibom syndrome"),
    ),
    "two drugs a few letters apart": (
        bare("Efficacy of prednisone in adults with opibom syndrome"),
        bare("Efficacy of prednisolone in adults with opibom syndrome"),
    ),
    "two genes a letter apart": (
        bare("Variants of OPIBA in families with opibom syndrome"),
        bare("Variants of OPIBB in families with opibom syndrome"),
    ),
    "two countries": (
        bare("Mobipomab for opibom syndrome in adults in Denmark"),
        bare("Mobipomab for opibom syndrome in adults in Portugal"),
    ),
    "severe only": (
        bare("Mobipomab in adults with opibom syndrome"),
        bare("Mobipomab in adults with severe opibom syndrome"),
    ),
    "two abstracts on a page": (
        abstract("Mobipomab improves pain in opibom syndrome: a randomised trial"),
        abstract("Mobipomab improves sleep in opibom syndrome: a randomised trial"),
    ),
    "two abstracts under a supplement's DOI": (
        abstract("Mobipomab improves pain in opibom syndrome", doi="10.5555/s.1", pages="A10"),
        abstract("Mobipomab and quality of life in opibom", doi="10.5555/s.1", pages="A11"),
    ),
    "two like abstracts under a supplement's DOI": (
        abstract("Mobipomab improves pain in opibom syndrome", doi="10.5555/s.1", pages="A10"),
        abstract("Mobipomab improves sleep in opibom syndrome", doi="10.5555/s.1", pages="A10"),
    ),
    "an abstract with a word more under a supplement's DOI": (
        abstract("Mobipomab in opibom syndrome", doi="10.5555/s.1", pages="A10"),
        abstract("Mobipomab in refractory opibom syndrome", doi="10.5555/s.1", pages="A10"),
    ),
    "an editorial of each issue": (
        record("Editorial comment", issue="3", pages="1"),
        record("Editorial comment", issue="4", pages="1"),
    ),
    "an editorial of each year": (
        record("Editorial", volume="12", pages="1-2"),
        record("Editorial", volume="13", pages="1-2", year=2022),
    ),
    "a column without pages": (
        bare("From the editor of the journal", volume="12", issue="1"),
        bare("From the editor of the journal", volume="12", issue="2"),
    ),
    "letters on a page": (
        record("Letter to the editor", authors=("Vale Q",), pages="55"),
        record("Letter to the editor", authors=("Wood R",), pages="55"),
    ),
    "letters under one title on the same pages": (
        record("Mobipomab in opibom syndrome", authors=("Vale Q",), pages="2100-2101"),
        record("Mobipomab in opibom syndrome", authors=("Wood R",), pages="2100-2101"),
    ),
    "a title of its own under the DOI of a supplement": (
        abstract("Tea against tiredness", doi="10.5555/s.1", pages="A10"),
        abstract("Mobipomab in opibom syndrome", doi="10.5555/s.1", pages="A10"),
    ),
    "a comment under the DOI of its article": (
        record("Mobipomab works", doi="10.5555/m.1"),
        record("Comment: does mobipomab work?", doi="10.5555/m.1", pages="111"),
    ),
    "no titles": (record(""), record("")),
    "no titles that say so": (record("[No title]", pages="1"), record("[No title]", pages="9")),
    "other authors under one title": (
        record("Opibom syndrome in adults", authors=("Vale Q",), pages="1-5"),
        record("Opibom syndrome in adults", authors=("Wood R",), pages="55-60", volume="40"),
    ),
    "two DOIs": (bare(doi="10.5555/m.1"), bare(doi="10.5555/m.2")),
    "two PubMed numbers": (bare(pmid="1001"), bare(pmid="1002")),
    "a republication": (record(), record(journal="Other Journal", volume="4", pages="7-9")),
    "two trials' papers under one title": (
        bare(register="NCT04000001"),
        bare(register="NCT04000002"),
    ),
}


@pytest.mark.parametrize("pair", APART.values(), ids=APART)
def test_what_is_another_report_is_never_merged(pair: tuple[Record, Record]) -> None:
    assert answer(*pair) is not Sameness.SAME


@pytest.mark.parametrize(
    "pair",
    [
        APART["a preprint"],
        APART["a correction in the same place"],
        APART["a meeting's abstract and the paper"],
        APART["adults and children"],
        APART["two DOIs"],
        (record(), record(journal="Other Journal", volume="4", pages="7-9")),
    ],
)
def test_what_may_be_the_same_is_put_to_a_person_with_its_reasons(
    pair: tuple[Record, Record],
) -> None:
    said = compare(*pair)

    assert said.answer is Sameness.MAYBE
    assert len(said.reasons) >= 2


def test_records_that_have_nothing_in_common_are_new() -> None:
    other = record("Tea against tiredness in Dublin", authors=("Vale Q",), pages="1", year=1999)

    assert answer(record(), other) is Sameness.NEW


def test_a_third_record_pulls_no_two_together_that_are_kept_apart() -> None:
    full, other_part = record(f"{TITLE}: part 1"), record(f"{TITLE}: part 2", pages="111-120")
    between = bare(TITLE)

    found = find_duplicates([full, between, other_part])

    assert all(not {0, 2} <= set(cluster) for cluster in found.clusters)


def test_a_bare_record_joins_one_of_two_and_the_other_is_asked_about() -> None:
    paper = record(doi="10.5555/m.1")
    meeting = abstract(journal="Annals of Meetings", volume="300", doi="10.5555/s.7")
    found = find_duplicates([paper, bare(), meeting])

    assert found.clusters == ((0, 1),)
    assert [(pair.one, pair.other) for pair in found.maybe] in ([(0, 2)], [(1, 2)])


def test_clusters_of_three_are_one() -> None:
    found = find_duplicates([record(), record(TITLE.upper()), record(f"{TITLE}.", issue=None)])

    assert found.clusters == ((0, 1, 2),)


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_duplicates_share_a_key(pair: tuple[Record, Record]) -> None:
    assert set(block_keys(pair[0])) & set(block_keys(pair[1]))


def test_keys_are_few_and_a_serial_title_gives_none_of_its_own() -> None:
    assert len(block_keys(record(doi="10.5555/m.1"))) <= 7
    assert not any("editorial" in key for key in block_keys(record("Editorial")))


def test_of_two_parts_of_a_name_of_one_length_the_same_is_in_the_key_in_every_process() -> None:
    one = replace(record(), authors=("Bruni-Rossi A",), volume="12", pages="100-107")

    assert [each for each in block_keys(one) if each.startswith("near:a")] == ["near:abruni|12|100"]


def test_an_entry_of_a_register_is_known_by_its_number() -> None:
    named = entry("NCT04000001")
    own = replace(named, kind=RecordKind.REGISTER_ENTRY, journal=None, authors=())

    assert answer(named, own) is Sameness.SAME
