"""Exports of hand-run sources: read right and whole, or refused with the line and the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extraction.errors import ExtractionError, RefusedPayload, UnreadablePayload
from extraction.model import Correction, CorrectionKind, Direction, Record, RecordIds, RecordKind
from extraction.readers.export import read_export
from extraction.readers.text import author
from tests.extraction.test_ctgov import study
from tests.extraction.test_pubmed import article, article_set

EMBASE = """TY  - JOUR
M3  - Conference Abstract
Y1  - 2012
VL  - 17
IS  - 2
SP  - 243
EP  - 244
JF  - A journal
U2  - L70000001
DB  - Embase
DO  - 10.1000/ABC
A1  - Roe A.B.
A1  - Doe C.-D.
T1  - A phase III study
LA  - English
KW  - human
N2  - People were randomised (NCT00000001).
More of the abstract.
ER  -

"""

CENTRAL = """Record #1 of 2
Provider: A publisher
Content: text/plain; charset="UTF-8"

TY  - JOUR
AN  - CN-00000001
AU  - Roe AB
TI  - A trial
C3  - PUBMED 123
ER  -


Record #2 of 2
Provider: A publisher
Content: text/plain; charset="UTF-8"

TY  - JOUR
AN  - CN-00000002
TI  - A registered trial
C3  - CTgov NCT00000001
ER  -
"""

NBIB = """
PMID- 123
OWN - NLM
IS  - 1234-5678 (Print)
VI  - 3
IP  - 4
DP  - 2002 Sep 5
TI  - A trial of
      something.
PG  - 296-302
LID - 10.1000/ABC [doi]
AB  - It worked.
FAU - Roe, Ann B
AU  - Roe AB
CN  - A Group
LA  - eng
SI  - ClinicalTrials.gov/NCT00000001
PT  - Randomized Controlled Trial
TT  - Eine Studie.
JT  - A journal
MH  - Humans
MH  - Neuropathy/*drug therapy/blood
PMC - PMC77
RIN - J. 2003;1:1. doi: 10.1000/x. PMID: 124
SO  - A journal. 2002 Sep 5;3(4):296-302.
"""

TABLE = """PMID,Title,Authors,Journal/Book,Publication Year,DOI,Abstract
123,"A trial, with a comma","Roe AB, Doe C",A journal,2002,10.1000/ABC,"Two
lines"
,Another,"Roe, Ann; Doe, Carl D",,2003,,
"""

ENDNOTE = """<?xml version="1.0" encoding="UTF-8" ?><xml><records><record>
<ref-type name="Journal Article">17</ref-type><contributors><authors>
<author><style face="normal">Roe, A. B.</style></author></authors></contributors>
<titles><title><style>A trial of </style><style face="italic">something</style></title>
<secondary-title><style>A journal</style></secondary-title></titles>
<pages><style>1-9</style></pages><volume><style>3</style></volume>
<dates><year><style>2002</style></year><pub-dates><date><style>Sep 5</style></date></pub-dates>
</dates><accession-num><style>123</style></accession-num>
<electronic-resource-num><style>10.1000/abc</style></electronic-resource-num>
<remote-database-provider><style>NLM</style></remote-database-provider>
</record></records></xml>"""

ICTRP = """<?xml version='1.0' encoding='UTF-8' ?>
<Trials_downloaded_from_ICTRP>
  <Trial><TrialID>EUCTR2009-013841-27-DK
    </TrialID>
    <Scientific_title>A   trial
    </Scientific_title>
    <Primary_sponsor>A sponsor
    </Primary_sponsor>
    <Date_registration3>20091027
    </Date_registration3>
    <Recruitment_Status>Completed
    </Recruitment_Status>
    <Target_size>50
    </Target_size>
    <Study_design>Controlled: yes Randomised: yes Open: no
    </Study_design>
    <Condition>MMN;CIDP
    </Condition>
    <Inclusion_Criteria>One;&#x0D;&lt;br&gt;two
    </Inclusion_Criteria>
    <Secondary_ID>NCT00000001
    </Secondary_ID>
  </Trial>
</Trials_downloaded_from_ICTRP>
"""


def read(text: str, name: str = "file") -> tuple[Record, ...]:
    """Read an export of the source 'hand'."""
    return read_export(text.encode(), name, source="hand").records


def test_embase_ris_is_read_with_its_own_tags() -> None:
    assert read(EMBASE) == (
        Record(
            source="hand",
            source_id="L70000001",
            title="A phase III study",
            abstract="People were randomised (NCT00000001).\nMore of the abstract.",
            authors=("Roe AB", "Doe C-D"),
            journal="A journal",
            volume="17",
            issue="2",
            pages="243-244",
            year=2012,
            published_on="2012",
            languages=("English",),
            publication_types=("Conference Abstract",),
            ids=RecordIds(doi="10.1000/abc", register=("NCT00000001",)),
        ),
    )


def test_central_ris_has_other_lines_before_each_record_and_register_entries() -> None:
    article, entry = read(CENTRAL)

    assert (article.source_id, article.ids.pmid) == ("CN-00000001", "123")
    assert article.kind is RecordKind.ARTICLE
    assert entry.kind is RecordKind.REGISTER_ENTRY
    assert entry.ids.register == ("NCT00000001",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            EMBASE.replace("ER  -", ""),
            "line 21: found the end of the file in the record that begins",
        ),
        (EMBASE.replace("TY  - JOUR\n", "", 1) + EMBASE, "line 1: found M3 outside a record"),
        (EMBASE.replace("ER  -", "TY  - JOUR"), "line 19: found a new record within the one that"),
        (CENTRAL.partition("Record #2")[0], "found 1 records, expected the 2 that it announces"),
        (NBIB.replace("SO  - ", "SX  - "), r"record 1 \(123\): found no SO line"),
        (NBIB + "PMID: 5\n", "line 26: found 'PMID: 5', expected a tag"),
        (TABLE + "1,2\n", "line 5: found 2 cells, expected the 7 of the header"),
        (TABLE + '1,"cut', "line 5: found unexpected end of data"),
        (ENDNOTE[:-20], "XML cut off after"),
        (ICTRP.replace("</Trials_downloaded_from_ICTRP>", ""), "XML cut off after"),
        (ICTRP.replace("TrialID", "Trial_ID"), "trial 1: found no TrialID"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(UnreadablePayload, match=words):
        read(text)


def test_nbib_is_read_with_all_its_fields() -> None:
    assert read(NBIB) == (
        Record(
            source="hand",
            source_id="123",
            title="A trial of something.",
            abstract="It worked.",
            vernacular_title="Eine Studie.",
            authors=("Roe AB", "A Group"),
            journal="A journal",
            volume="3",
            issue="4",
            pages="296-302",
            year=2002,
            published_on="2002-09-05",
            languages=("eng",),
            publication_types=("Randomized Controlled Trial",),
            mesh=("Humans", "Neuropathy/drug therapy", "Neuropathy/blood"),
            ids=RecordIds("123", "PMC77", "10.1000/abc", ("NCT00000001",)),
            corrections=(
                Correction(
                    CorrectionKind.RETRACTION,
                    Direction.OF_THIS,
                    pmid="124",
                    doi="10.1000/x",
                    citation="J. 2003;1:1. doi: 10.1000/x. PMID: 124",
                ),
            ),
        ),
    )


@pytest.mark.parametrize("text", [TABLE, TABLE.replace(",", ";"), "\ufeff" + TABLE])
def test_a_table_is_read_by_the_names_of_its_columns(text: str) -> None:
    first, second = read(text.replace("Roe AB; Doe C", "Roe AB, Doe C"), "x.csv")

    assert (first.ids, first.year) == (RecordIds(pmid="123", doi="10.1000/abc"), 2002)
    assert first.title.startswith("A trial")
    assert first.abstract == "Two\nlines"
    assert first.authors == ("Roe AB", "Doe C")
    assert second.title == "Another"


def test_authors_are_parted_by_semicolons_or_after_initials() -> None:
    _, second = read(TABLE, "x.csv")

    assert second.authors == ("Roe A", "Doe CD")


def test_an_embase_table_has_all_of_the_source_in_one_cell() -> None:
    text = 'Title,Source\nA trial,"A journal (2014) 3:4 (152-160). Date of Publication: 2014"\n'

    (record,) = read(text)

    assert (record.journal, record.volume, record.issue) == ("A journal", "3", "4")
    assert (record.pages, record.year) == ("152-160", 2014)


def test_endnote_xml_is_read_through_its_styles() -> None:
    (record,) = read(ENDNOTE)

    assert record.title == "A trial of something"
    assert (record.authors, record.journal) == (("Roe AB",), "A journal")
    assert (record.year, record.published_on) == (2002, "2002 Sep 5")
    assert record.ids == RecordIds(pmid="123", doi="10.1000/abc")


def test_an_accession_number_is_a_pmid_only_of_pubmed() -> None:
    (record,) = read(ENDNOTE.replace("NLM", "Ovid"))

    assert (record.source_id, record.ids.pmid) == ("123", None)


def test_an_ictrp_entry_is_known_by_its_own_number_without_the_country() -> None:
    (record,) = read(ICTRP)

    assert (record.source_id, record.kind) == ("2009-013841-27", RecordKind.REGISTER_ENTRY)
    assert record.ids.register == ("2009-013841-27", "NCT00000001")
    assert (record.title, record.authors) == ("A trial", ("A sponsor",))
    assert (record.year, record.published_on) == (2009, "2009-10-27")
    assert record.abstract == (
        "STUDY DESIGN: Controlled: yes Randomised: yes Open: no\nINCLUSION CRITERIA: One; two"
    )
    assert record.entry is not None
    assert (record.entry.enrolment, record.entry.allocation) == (50, "RANDOMIZED")
    assert record.entry.conditions == ("MMN", "CIDP")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_stated_encoding_is_read(encoding: str) -> None:
    text = EMBASE.replace("Roe", "Röé")

    (record,) = read_export(text.encode(encoding), "x.ris", source="hand").records

    assert record.authors[0] == "Röé AB"


def test_latin_text_that_states_no_encoding_is_read_with_a_word() -> None:
    payload = EMBASE.replace("Roe", "Röe").encode("cp1252")

    export = read_export(payload, "x.ris", source="hand")

    assert export.records[0].authors[0] == "Röe AB"
    (said,) = export.warnings
    assert "Windows-1252" in said
    assert said.endswith("Röe")


@pytest.mark.parametrize(
    "payload",
    [
        EMBASE.replace("Roe", "Иванов").encode("cp1251"),
        EMBASE.replace("Roe", "治験").encode("shift_jis"),
        EMBASE.replace("Roe", "Röe").encode() + EMBASE.replace("Roe", "Röe").encode("latin-1"),
        EMBASE.replace("Roe", "Röe").encode("utf-16")[:-1],
        EMBASE.encode().replace(b"Roe", b"R\x81e"),
        EMBASE.encode().replace(b"Roe", b"R\x00" * 101),
    ],
)
def test_any_other_unstated_encoding_is_refused_with_its_line(payload: bytes) -> None:
    with pytest.raises(UnreadablePayload, match=r"line \d+: found (zero )?bytes"):
        read_export(payload, "x.ris", source="hand")


@pytest.mark.parametrize(
    "payload", [b"PK\x03\x04 a workbook", b"{\\rtf1 a}", b"<html></html>", b"", b"A text."]
)
def test_a_file_of_no_known_kind_is_refused_and_told_what_is(payload: bytes) -> None:
    with pytest.raises(RefusedPayload, match="expected RIS, nbib, CSV"):
        read_export(payload, "x", source="hand")


def test_pubmed_xml_is_an_export_as_well() -> None:
    payload = article_set(article("<Abstract><AbstractText>A</AbstractText></Abstract>"))

    export = read_export(payload, "pubmed.xml", source="hand")

    assert (export.dialect, export.origin, export.held) == ("PubMed XML", "PubMed", 1)
    assert export.records[0].source == "hand"
    with pytest.raises(UnreadablePayload, match=r"^pubmed\.xml: .*cut off"):
        read_export(payload[:-30], "pubmed.xml", source="hand")


def test_a_page_of_the_register_is_an_export_where_it_is_the_only_one() -> None:
    page = {"studies": [study()], "totalCount": 1}

    for whole in (page, {**page, "nextPageToken": "of an empty page"}):
        assert read_export(json.dumps(whole).encode(), "x.json", source="hand").held == 1
    for part in ({**page, "totalCount": 2}, {"studies": [study()], "nextPageToken": "more"}):
        with pytest.raises(UnreadablePayload, match="x.json: studies: found 1 of"):
            read_export(json.dumps(part).encode(), "x.json", source="hand")


def test_a_table_without_rows_is_an_empty_answer() -> None:
    assert read("Title,Year\n") == ()


def test_the_same_record_twice_is_one_and_two_of_one_number_are_two() -> None:
    other = EMBASE.replace("A phase III study", "Another study")

    assert len(read(EMBASE + EMBASE)) == 1
    keys = [record.source_id for record in read(EMBASE + other)]
    assert len(set(keys)) == 2
    assert all(key.startswith("L70000001#") for key in keys)


def test_a_record_without_an_id_has_the_same_key_in_every_export() -> None:
    plain = "TY  - JOUR\nTI  - A trial\nAU  - Roe, Ann\nPY  - 2002\nID  - {}\nER  -\n"

    first, second = read(plain.format(1)), read(plain.format(25))

    assert first[0].source_id == second[0].source_id


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Roe, Ann B.", "Roe AB"),
        ("Roe, Ann-Marie", "Roe AM"),
        ("Roe, AB", "Roe AB"),
        ("Roe, A. B., Jr.", "Roe AB Jr"),
        ("van den Berg, Leonard H", "van den Berg LH"),
        ("Roe A.B.", "Roe AB"),
        ("A Group, for the people, of it", "A Group, for the people, of it"),
        ("The MMN Group", "The MMN Group"),
    ],
)
def test_names_are_written_as_pubmed_writes_them(written: str, expected: str) -> None:
    assert author(written) == expected


@pytest.mark.parametrize(
    ("file", "dialect", "count"),
    [
        ("asreview/embase.ris", "RIS", 6),
        ("asreview/embase.csv", "table", 6),
        ("asreview/ovid_psycinfo.ris", "RIS", 6),
        ("asreview/proquest.ris", "RIS", 6),
        ("asreview/scopus.ris", "RIS", 6),
        ("asreview/web_of_science.txt", "RIS", 10),
        ("asreview/pubmed_endnote.txt", "RIS", 6),
        ("asreview/_baseline.ris", "RIS", 100),
        ("asysd/wos_test.ris", "RIS", 50),
        ("central/central_sample.ris", "RIS", 2),
        ("endnote/tafenoquine_endnote.xml", "EndNote XML", 179),
        ("ictrp/ictrp_export_sample.xml", "ICTRP XML", 3),
        ("colrev/nbib_data.nbib", "nbib", 1),
    ],
)
def test_real_exports_are_read_whole(file: str, dialect: str, count: int, shared: Path) -> None:
    payload = (shared / "upstream" / "exports" / file).read_bytes()

    export = read_export(payload, file, source="hand")

    assert (export.dialect, len(export.records)) == (dialect, count)
    assert all(record.title != "[no title]" for record in export.records)


@pytest.mark.parametrize("file", ["asreview/embase.ris", "central/central_sample.ris"])
def test_a_real_export_cut_anywhere_is_never_read_in_part(file: str, shared: Path) -> None:
    payload = (shared / "upstream" / "exports" / file).read_bytes()
    whole = read_export(payload, file, source="hand").records

    for end in range(0, len(payload), max(1, len(payload) // 150)):
        try:
            records = read_export(payload[:end], file, source="hand").records
        except ExtractionError:
            continue
        assert records == whole[: len(records)]
