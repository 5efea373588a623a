"""Whatever the format: a field of an unknown name is named, and every record is accounted for."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.readers.dialects import DIALECTS, dialect_of
from extraction.readers.export import Export, read_export
from extraction.readers.named_columns import key_of, slot_of
from extraction.readers.written import Spot

# A record is made of a title, a number, and texts under names of nobody.
Row = tuple[str, str, Mapping[str, str]]
_TAKEN_ONCE = re.compile(r"(\d+) of \d+ records are equal to another")

WORDS = st.sampled_from(["lamp", "candle", "NCT99000001", "12", "yes", "a longer text of nobody"])
TAGS = st.sampled_from(["QA", "QB", "QX", "ZX", "XQ", "X9"])
NAMES = st.sampled_from(["Shelf", "Room", "Lamp colour", "Seen by", "Mark of Ada", "Farbe"])


def rows_of(names: st.SearchStrategy[str]) -> st.SearchStrategy[list[Row]]:
    """Some records, each with texts under some of the names."""
    texts = st.dictionaries(names, WORDS, max_size=3)
    row = st.tuples(st.sampled_from(["Lamps", "Candles", "Torches"]), st.integers(1, 4), texts)
    return st.lists(row.map(lambda it: (it[0], f"9900000{it[1]}", it[2])), min_size=1, max_size=6)


def accounted(export: Export) -> bool:
    """Whether each record of a file is kept, set aside, or said to be equal to another."""
    once = sum(int(found[1]) for each in export.warnings if (found := _TAKEN_ONCE.match(each)))
    return export.held == len(export.records) + len(export.odd) + once


def check(text: str, rows: Sequence[Row], name: str = "file.txt") -> None:
    """Read a file of these records: none is lost, and each unknown field is named with a count."""
    export = read_export(text.encode(), name, source="hand")

    assert export.held == len(rows)
    assert accounted(export)
    assert len({each.key for each in export.records}) == len(export.records)
    for field in {field for _, _, texts in rows for field in texts}:
        count = sum(field in texts for _, _, texts in rows)
        assert any(f"'{field}' ({count})" in said for said in export.warnings), field
    different = {(title, number, tuple(sorted(texts.items()))) for title, number, texts in rows}
    assert len(export.records) == len(different)


def as_ris(rows: Sequence[Row]) -> str:
    held = []
    for title, number, texts in rows:
        more = "".join(f"{tag}  - {text}\n" for tag, text in texts.items())
        held.append(f"TY  - JOUR\nTI  - {title}\nAN  - {number}\n{more}ER  - \n\n")
    return "".join(held)


def as_nbib(rows: Sequence[Row]) -> str:
    held = []
    for title, number, texts in rows:
        more = "".join(f"{tag}{'  ' if len(tag) == 2 else ' '}- {t}\n" for tag, t in texts.items())
        held.append(f"\nPMID- {number}\nOWN - NLM\nTI  - {title}\n{more}SO  - J. 2025.\n")
    return "".join(held)


def as_wos(rows: Sequence[Row]) -> str:
    held = []
    for title, number, texts in rows:
        more = "".join(f"{tag} {text}\n" for tag, text in texts.items())
        held.append(f"PT J\nTI {title}\nUT WOS:{number}\n{more}ER\n\n")
    return f"FN A\nVR 1.0\n{''.join(held)}EF\n"


def as_ovid(rows: Sequence[Row]) -> str:
    held = []
    for place, (title, number, texts) in enumerate(rows, start=1):
        more = "".join(f"{tag}  - {text}\n" for tag, text in texts.items())
        held.append(f"<{place}. >\nVN  - Ovid\nUI  - {number}\nTI  - {title}\n{more}\n")
    return "".join(held)


def as_refworks(rows: Sequence[Row]) -> str:
    held = []
    for title, number, texts in rows:
        more = "".join(f"{tag} {text}\n" for tag, text in texts.items())
        held.append(f"RT Journal Article\nSR Electronic\nAN {number}\nT1 {title}\n{more}\n")
    return "".join(held)


def as_bibtex(rows: Sequence[Row]) -> str:
    held = []
    for title, number, texts in rows:
        more = "".join(f" {tag} = {{{text}}},\n" for tag, text in texts.items())
        held.append(f"@article{{a,\n title = {{{title}}},\n unique-id = {{{number}}},\n{more}}}\n")
    return "".join(held)


def as_ictrp(rows: Sequence[Row]) -> str:
    held = []
    for title, number, texts in rows:
        more = "".join(f"<{name}>{text}</{name}>" for name, text in texts.items())
        held.append(f"<Trial><TrialID>NCT{number}</TrialID><Scientific_title>{title}"
                    f"</Scientific_title>{more}</Trial>")  # fmt: skip
    return f"<Trials_downloaded_from_ICTRP>{''.join(held)}</Trials_downloaded_from_ICTRP>"


def as_endnote(rows: Sequence[Row]) -> str:
    held = []
    for title, number, texts in rows:
        more = "".join(f"<{name}><style>{text}</style></{name}>" for name, text in texts.items())
        held.append(f"<record><titles><title>{title}</title></titles>"
                    f"<accession-num>{number}</accession-num>{more}</record>")  # fmt: skip
    return f"<xml><records>{''.join(held)}</records></xml>"


def as_ctgov(rows: Sequence[Row]) -> str:
    studies = [
        {
            "protocolSection": {
                "identificationModule": {"nctId": f"NCT{number}", "briefTitle": title},
                **texts,
            }
        }
        for title, number, texts in rows
    ]
    return json.dumps(studies)


FORMATS: dict[str, Callable[[Sequence[Row]], str]] = {
    "RIS": as_ris,
    "nbib": as_nbib,
    "Web of Science": as_wos,
    "Ovid": as_ovid,
    "RefWorks": as_refworks,
    "ICTRP": as_ictrp,
    "EndNote": as_endnote,
    "ClinicalTrials.gov": as_ctgov,
}


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=20, deadline=None)
@given(rows=rows_of(TAGS))
def test_a_tag_of_nobody_is_named_with_how_often_it_came(name: str, rows: list[Row]) -> None:
    check(FORMATS[name](rows), rows)


@settings(max_examples=20, deadline=None)
@given(rows=rows_of(TAGS))
def test_a_field_of_nobody_in_bibtex_is_named(rows: list[Row]) -> None:
    small = [
        (title, number, {k.lower(): v for k, v in texts.items()}) for title, number, texts in rows
    ]

    check(as_bibtex(small), small)


def as_table(columns: Sequence[str], rows: Sequence[Row], title: str, number: str | None) -> str:
    """Write a table with these columns and those of nobody."""
    more = sorted({name for _, _, texts in rows for name in texts})
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*columns, *more])
    for text, at, texts in rows:
        own = [text if each == title else at if each == number else "" for each in columns]
        writer.writerow([*own, *(texts.get(name, "") for name in more)])
    return out.getvalue()


def marked_columns(place: int) -> tuple[list[str], str, str | None]:
    """Return columns by which a dialect is known; which holds titles, which tells rows apart."""
    dialect = DIALECTS[place]
    columns = sorted(dialect.marks[0])
    slots = {each: slot_of(each, dialect) for each in columns}
    titles = [each for each, slot in slots.items() if slot and slot[0] is Spot.TITLE]
    if not titles:
        columns, titles = [*columns, "Title"], ["Title"]
    free = [each for each in ("PMID", "Year") if key_of(each) not in map(key_of, columns)]
    return [*columns, *free], titles[0], free[0] if free else None


@pytest.mark.parametrize("place", range(len(DIALECTS)), ids=[each.name for each in DIALECTS])
@settings(max_examples=8, deadline=None)
@given(rows=rows_of(NAMES))
def test_a_column_of_nobody_is_named_in_the_table_of_any_dialect(
    place: int, rows: list[Row]
) -> None:
    columns, title, number = marked_columns(place)
    assert dialect_of(columns) is not None

    check(as_table(columns, rows, title, number), rows, "file.csv")


@settings(max_examples=30, deadline=None)
@given(rows=rows_of(NAMES))
def test_a_column_of_nobody_is_named_in_a_table_of_nobody(rows: list[Row]) -> None:
    check(as_table(["Title", "PMID"], rows, "Title", "PMID"), rows, "file.csv")
