"""Lists that registers give: each row or block is a register entry, known by its own number."""

from __future__ import annotations

import pytest

from extraction.errors import RefusedPayload, UnreadablePayload
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.export import Export, read_export

EUCTR = """

EudraCT Number:          2009-000001-01
Sponsor Protocol Number: FICTION-1
Sponsor Name:            A sponsor
Full Title:              A made-up trial of lamps
   in two lines
Start Date:              2009-10-27
Medical condition:       Fear of the dark
Disease:                 Version: 19.0, Term: Fear, Level: PT
Disease:                 Version: 20.0, Term: Dark, Level: LLT
Population Age:          Adults
Gender:                  Male, Female
Trial protocol:          DK(Completed) NL(Ongoing)
Link:                    https://www.example.org/search?query=eudract_number:2009-000001-01


EudraCT Number:          2010-000002-02
Sponsor Name:            Another
Full Title:              Kites
Trial results:           View results
Link:                    https://www.example.org/search?query=eudract_number:2010-000002-02
"""
CTIS = """Trial number,Title of the trial,Overall trial status,Conditions,Sponsor,Start date
2023-500001-10-00,A made-up trial of lamps,Authorised,Fear of the dark;Night,A sponsor,2024-01-02
2024-500002-20-01,"Kites, at noon",Ended,Wind,Another,
"""
CTGOV = """NCT Number,Study Title,Study URL,Study Status,Conditions,Interventions,Sponsor
NCT00000001,A made-up trial,https://example.org/1,RECRUITING,Fear|Night,DRUG: Lamp,A sponsor
"""
OWN = "Trial ID;Public title\njRCT2051000001;Lamps\njRCT2051000002;Kites (see NCT00000001)\n"
ICTRP_TABLE = (
    "TrialID,Public title,Scientific title,Recruitment status\nChiCTR2600000001,A,B,Ended\n"
)


def read(text: str) -> Export:
    return read_export(text.encode(), "list.txt", source="register")


def test_the_eu_registers_summaries_are_entries_with_all_their_lines() -> None:
    export = read(EUCTR)

    assert (export.dialect, export.held, export.warnings) == ("EUCTR text", 2, ())
    assert export.records[0] == Record(
        source="register",
        source_id="2009-000001-01",
        title="A made-up trial of lamps in two lines",
        kind=RecordKind.REGISTER_ENTRY,
        abstract=(
            "MEDICAL CONDITION: Fear of the dark\n"
            "DISEASE: Version: 19.0, Term: Fear, Level: PT Version: 20.0, Term: Dark, Level: LLT\n"
            "POPULATION AGE: Adults\n"
            "TRIAL PROTOCOL: DK(Completed) NL(Ongoing)"
        ),
        authors=("A sponsor",),
        publication_types=("Clinical Trial Registration",),
        ids=RecordIds(register=("2009-000001-01",)),
        entry=RegisterEntry(
            overall_status="DK(Completed) NL(Ongoing)",
            start_on="2009-10-27",
            conditions=("Fear of the dark",),
        ),
    )
    assert export.records[1].source_id == "2010-000002-02"


@pytest.mark.parametrize("end", range(200, len(EUCTR) - 80, 37))
def test_the_eu_registers_summaries_cut_anywhere_are_never_read_in_part(end: int) -> None:
    try:
        found = read(EUCTR[:end]).records
    except (UnreadablePayload, RefusedPayload):
        return
    assert found == read(EUCTR).records[: len(found)]


def test_a_line_above_the_first_trial_is_said() -> None:
    assert read(f"This file contains 2 trials{EUCTR}").warnings == (
        "left out above the first trial: 'This file contains 2 trials'",
    )


def test_a_table_of_ctis_is_a_list_of_entries() -> None:
    first, second = read(CTIS).records

    assert (first.source_id, first.kind) == ("2023-500001-10-00", RecordKind.REGISTER_ENTRY)
    assert first.title == "A made-up trial of lamps"
    assert first.entry == RegisterEntry(
        overall_status="Authorised", start_on="2024-01-02", conditions=("Fear of the dark", "Night")
    )
    assert second.ids.register == ("2024-500002-20-00",)
    assert second.title == "Kites, at noon"


@pytest.mark.parametrize(
    ("text", "ids", "title"),
    [
        (CTGOV, ("NCT00000001",), "A made-up trial"),
        (OWN, ("JRCT2051000001",), "Lamps"),
        (ICTRP_TABLE, ("CHICTR2600000001",), "B"),
    ],
)
def test_any_table_with_a_column_of_register_numbers_is_a_list_of_entries(
    text: str, ids: tuple[str, ...], title: str
) -> None:
    record = read(text).records[0]

    assert record.kind is RecordKind.REGISTER_ENTRY
    assert tuple(each.upper() for each in record.ids.register) == ids
    assert record.title == title


def test_an_entry_names_the_other_registers_that_its_row_names() -> None:
    assert read(OWN).records[1].ids.register == ("JRCT2051000002", "NCT00000001")


def test_a_row_without_a_register_number_stays_an_article() -> None:
    (record,) = read("Trial ID,Title,Authors\n,A paper,Roe A\n").records

    assert (record.kind, record.authors) == (RecordKind.ARTICLE, ("Roe A",))
