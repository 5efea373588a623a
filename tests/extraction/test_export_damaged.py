"""Damaged exports: read whole, or refused with the place; never fewer records without a word."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from extraction.errors import ExtractionError
from extraction.readers.export import Export, read_export
from tests.extraction.test_export import CENTRAL, EMBASE, ENDNOTE, ICTRP, NBIB, TABLE

TWO_RIS = EMBASE + EMBASE.replace("A phase III", "Another").replace("L70000001", "L70000002")
TWO_NBIB = NBIB + NBIB.replace("123", "125")
CUT_EVERY = 1_000
SUFFIXES = {".ris", ".csv", ".txt", ".nbib", ".xml", ".tab", ".tsv", ".bib", ".enl", ".xlsx"}


def visible(body: bytes) -> int:
    """Count the records that a person would see in a file of RIS, nbib or XML; 0 for any other."""
    marks = (
        rb"(?m)^[ \t\xef\xbb\xbf]*TY[ \xa0]{1,3}-",
        rb"(?m)^PMID- ",
        rb"<Trial>",
        rb"<record>",
        rb"<PubmedArticle[ >]",
    )
    return max(len(re.findall(mark, body.replace(b"\r", b"\n"))) for mark in marks)


def outcome(body: bytes, name: str = "file.txt") -> Export | str:
    """Read a file; return what came, or why it was refused."""
    try:
        return read_export(body, name, source="hand")
    except ExtractionError as error:
        return str(error)


def exports(shared: Path) -> list[Path]:
    found = sorted((shared / "upstream" / "exports").rglob("*"))
    return [path for path in found if path.suffix in SUFFIXES]


def test_every_real_export_is_read_whole_or_refused_by_name(shared: Path) -> None:
    for path in exports(shared):
        body = path.read_bytes()
        found = outcome(body, path.name)
        if isinstance(found, str):
            assert found.startswith(path.name), found
            assert "expected" in found
        else:
            assert found.held >= visible(body), path.name
            assert found.records or not found.held
            assert found.held == len(found.records) or "equal to another" in str(found.warnings)


def test_a_real_export_cut_at_any_thousandth_byte_is_never_read_in_part(shared: Path) -> None:
    for path in exports(shared):
        body = path.read_bytes()
        whole = outcome(body, path.name)
        if isinstance(whole, str):
            continue
        step = max(CUT_EVERY, len(body) // 60)
        for end in range(step, len(body), step):
            check_part(outcome(body[:end], path.name), whole, f"{path.name} cut at {end}")


def check_part(found: Export | str, whole: Export, what: str) -> None:
    """A part that is read is the first records, the last perhaps cut, and then that is said."""
    if isinstance(found, str):
        assert "found" in found
        assert "expected" in found, what
        return
    keys = {record.title for record in whole.records}
    odd = [record for record in found.records if record.title not in keys]
    assert len(odd) <= 1, what
    if found.records and found.records[-1] not in whole.records:
        assert found.warnings, what


DAMAGED: dict[str, tuple[str | bytes, int | str]] = {
    # what is damaged: the file, and the records to be read or the words of the refusal
    "the mark of UTF-8 twice": ("\ufeff\ufeff" + TWO_RIS, 2),
    "the mark of UTF-8 between records": (EMBASE + "\ufeff" + TWO_RIS, 3),
    "UTF-16 without its mark": (TWO_RIS.encode("utf-16-be"), 2),
    "UTF-16 that lost a byte": (TWO_RIS.encode("utf-16")[:-1], "bytes that are not utf-16"),
    "UTF-16 XML that says UTF-8": (ICTRP.encode("utf-16"), 1),
    "XML in Latin-1 that says so": (
        ICTRP.replace("UTF-8", "ISO-8859-1").replace("A   trial", "é").encode("latin-1"),
        1,
    ),
    "XML in Latin-1 that says UTF-8": (ICTRP.replace("trial", "é").encode("latin-1"), "XML"),
    "mixed line ends": (TWO_RIS.replace("\n", "\r\n", 9).replace("DB  - Embase\n", "DB  - X\r"), 2),
    "old Macintosh line ends": (TWO_RIS.replace("\n", "\r"), 2),
    "nbib with old Macintosh line ends": (TWO_NBIB.replace("\n", "\r"), 2),
    "a table with old Macintosh line ends": (TABLE.replace("\n", "\r"), 2),
    "a zero byte": (TWO_RIS.replace("human", "hu\0man"), 2),
    "records set in from the margin": (re.sub("(?m)^", "  ", TWO_RIS), 2),
    "one record set in from the margin": (
        EMBASE + re.sub("(?m)^", "  ", TWO_RIS[len(EMBASE) :]),
        2,
    ),
    "three blanks before the hyphen": (TWO_RIS.replace("  - ", "   - "), 2),
    "one blank before the hyphen": (TWO_RIS.replace("  - ", " - "), 2),
    "no blank after the hyphen": (TWO_RIS.replace("T1  - ", "T1  -"), 2),
    "hard blanks": (TWO_RIS.replace("  - ", "\xa0\xa0-\xa0"), 2),
    "a dash for the hyphen": (TWO_RIS.replace("JF  - ", "JF  \u2013 "), "line 8: found 'JF"),
    "a dash for the first hyphen": (
        EMBASE + TWO_RIS.replace("TY  - ", "TY  \u2013 "),
        "line 21: found 'TY \u2013 JOUR' outside a record",
    ),
    "tags in small letters": (TWO_RIS.replace("T1  - ", "t1  - "), "line 14: found 't1"),
    "TY twice": (
        TWO_RIS.replace("TY  - JOUR\n", "TY  - JOUR\nTY  - JOUR\n"),
        "line 2: found a new",
    ),
    "ER missing between records": (TWO_RIS.replace("ER  -\n", "", 1), "found a new record within"),
    "ER missing at the end": (TWO_RIS.rstrip().removesuffix("ER  -"), "its ER; it is cut off"),
    "half an ER at the end": (TWO_RIS.rstrip().removesuffix("  -"), "its ER; it is cut off"),
    "two records run together": (
        TWO_RIS.replace("ER  -\n\nTY  - JOUR\n", ""),
        "line 1: found a record with T1, U2 more than once",
    ),
    "TY missing": (EMBASE + TWO_RIS.replace("TY  - JOUR\n", ""), "found M3 outside a record"),
    "BibTeX among RIS": (
        EMBASE + "@article{a,\n title={B}}\n",
        "line 21: found '@article{a,' outside",
    ),
    "nbib among RIS": (EMBASE + NBIB, "line 22: found PMID outside a record"),
    "CENTRAL without its first record": (
        CENTRAL[CENTRAL.index("Record #2") :],
        1,
    ),
    "CENTRAL with more records than it counts": (CENTRAL + EMBASE, "found 3 records, expected"),
    "CENTRAL in two files put together": (CENTRAL + CENTRAL.replace("CN-0", "CN-1"), 4),
    "nbib without the blank line": (NBIB + NBIB.replace("123", "125").lstrip(), "found 1 records"),
    "nbib cut": (TWO_NBIB[: TWO_NBIB.rindex("MH")], "found no SO line"),
    "nbib with a line that lost its blanks": (
        NBIB.replace("      something", "something"),
        "line 9: found",
    ),
    "a quotation mark left open": (TABLE + '5,"Open,A,B,2001,,\n', "line 5"),
    "a quotation mark left open before other rows": (
        TABLE.replace(",Another", ',"Another') + "6,Sixth,,,,,\n",
        "line 4: found",
    ),
    "semicolons": (TABLE.replace(",", ";").replace("trial; with", "trial, with"), 2),
    "Excel's line that names the separator": ("sep=,\n" + TABLE, 2),
    "lines above the column names": ("Search of Monday\n\n" + TABLE, 2),
    "the column names alone": (TABLE.splitlines()[0] + "\n", 0),
    "the column names again": (TABLE + TABLE.splitlines()[0] + "\n7,Seventh,,,,,\n", 3),
    "a column of titles twice": (TABLE.replace("DOI", "Title"), "line 1: found the column 'Title'"),
    "no column of titles": (TABLE.replace("Title", "Name"), "without a column of titles"),
    "a row too short": (TABLE + "8,Eighth\n", "line 5: found 2 cells, expected the 7"),
    "a row too long": (TABLE + "8,Eighth,,,,,,,\n", "line 5: found 9 cells, expected the 7"),
    "no line end after the last row": (TABLE.rstrip(), 2),
    "EndNote XML cut": (ENDNOTE[:-30], "XML cut off"),
    "XML that is not well-formed": (ICTRP.replace("</Condition>", "</Cond>"), "not well-formed"),
    "XML of another kind": (
        "<?xml version='1.0'?><catalog><book/></catalog>",
        "XML of no known kind",
    ),
    "two XML files put together": (ICTRP + ICTRP, "found XML"),
    "PubMed XML cut": ("<PubmedArticleSet><PubmedArticle>", "XML cut off"),
    "a web page": ("<!DOCTYPE html><html><title>Sign in</title>", "an HTML page titled 'Sign in'"),
    "a web page that begins with its head": ("<head><title>Log in</title></head>", "'Log in'"),
    "a web page in UTF-16": ("<!DOCTYPE html><title>Log in</title>".encode("utf-16"), "'Log in'"),
    "a piece of a web page": ("<meta charset='utf-8'><title>Log in</title>", "'Log in'"),
    "a web page after many remarks": ("<!-- a -->\n" * 500 + "<html>", "an HTML page"),
    "remarks and nothing else": ("<!-- a -->\n" * 500, "XML of no known kind"),
    "another service's JSON": ('{"message": "Session expired"}', "JSON with message"),
    "an EndNote library": (b"SQLite format 3\x00\x10", "an EndNote library"),
    "a web page in capitals": ("\ufeff<HTML><BODY>Session expired", "an HTML page"),
    "BibTeX": ("@article{a,\n title = {B}}\n", 1),
    "BibTeX that is not closed": ("@article{a,\n title = {B}\n", "line 1: found the end of the"),
    "BibTeX with a value that is not closed": ("@article{a,\n title = {B", "it is cut off"),
    "EndNote's tagged text": ("%0 Journal Article\n%T A\n", 1),
    "Web of Science's own text": ("FN Clarivate Analytics\nVR 1.0\nPT J\n", "its ER"),
    "Ovid's citation text": ("<1>\nUnique Identifier\n  123\n", 1),
    "an Excel workbook": (b"PK\x03\x04\x14\x00xl/workbook.xml", "a workbook that cannot"),
    "an old Excel file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file"),
    "a workbook whose list of parts is spoiled": (
        b"PK\x03\x04 xl/ PK\x05\x06" + b"\x00" * 8 + b"\xff" * 8 + b"\x00\x00",
        "a workbook that cannot",
    ),
    "a PDF": (b"%PDF-1.7\n", "a PDF"),
    "a JSON list": ('[{"title": "A"}]', "a list in JSON"),
    "nothing": ("", "an empty file"),
    "blanks alone": (" \r\n\t\n", "an empty file"),
    "one endless line": ("a" * 300_000, "no known kind"),
    "an endless cell": (TABLE + f'9,"{"a" * 300_000}",,,,,\n', 3),
    "prose": ("Dear all,\nI searched, and found two.\n", "no known kind"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_read_whole_or_refused_with_place_and_reason(name: str) -> None:
    body, expected = DAMAGED[name]

    found = outcome(body if isinstance(body, bytes) else body.encode())

    if isinstance(expected, int):
        assert isinstance(found, Export), found
        assert found.held == expected
    else:
        assert isinstance(found, str), found
        assert found.startswith("file.txt")
        assert expected in found


SAID: dict[str, tuple[str, str]] = {
    "a selection of a list": (
        CENTRAL[CENTRAL.index("Record #2") :],
        "a selection: 1 of 2 records (numbers 2)",
    ),
    "lines outside records": ("Printed on Monday\n" + EMBASE, "the first is line 1: 'Printed on"),
    "records that repeat": (EMBASE + EMBASE, "1 of 2 records are equal to another"),
    "a record with two titles": (
        EMBASE.replace("LA  -", "T1  - Another title\nLA  -"),
        "file.txt, line 1: the record has T1 more than once; is it one record?",
    ),
    "records without a title": (EMBASE.replace("T1  - ", "N1  - "), "1 of 1 records have no title"),
    "lines above a table": ("Search\n\n" + TABLE, "left out above the column names: 2 line(s)"),
    "column names again": (
        TABLE + TABLE.splitlines()[0] + "\n",
        "line 5: left out, the column names again",
    ),
    "a last line without its end": (TABLE.rstrip(), "the last record is whole: Another"),
    "a row within a cell": (
        TABLE.replace("Two\nlines", "Two\n9,Ninth,Roe A,,2001,,"),
        "line 2: a cell holds a line that looks like a row of its own",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_left_out_or_in_doubt_is_said(name: str) -> None:
    text, words = SAID[name]

    found = outcome(text.encode())

    assert isinstance(found, Export), found
    assert any(words in each for each in found.warnings), found.warnings


def test_a_sound_file_is_read_without_a_word() -> None:
    for text in (TWO_RIS, CENTRAL, TWO_NBIB, TABLE, ENDNOTE, ICTRP):
        found = outcome(text.encode())
        assert isinstance(found, Export), found
        assert found.warnings == ()


def test_an_abbreviation_in_an_abstract_is_no_tag() -> None:
    text = EMBASE.replace("More of", "MS - multiple sclerosis.\nMore of")

    found = outcome(text.encode())

    assert isinstance(found, Export), found
    assert "MS - multiple sclerosis.\nMore of" in (found.records[0].abstract or "")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body, at: body[:at] + b"\x00" + body[at:],
        lambda body, at: body[:at] + b"\n" + body[at:],
        lambda body, at: body[:at] + b'"' + body[at:],
        lambda body, at: body[:at] + b"\xff\xfe" + body[at:],
        lambda body, at: body[:at] + body[at + 40 :],
        lambda body, at: body[:at] + body[at - 40 :],
    ],
    ids=["zero byte", "line end", "quotation mark", "a mark", "40 bytes lost", "40 bytes twice"],
)
@pytest.mark.parametrize(
    "file", ["embase.ris", "embase.csv", "generic_semicolon.csv", "proquest.ris"]
)
def test_a_real_export_spoiled_anywhere_loses_no_record_without_a_word(
    file: str, spoil: Callable[[bytes, int], bytes], shared: Path
) -> None:
    body = (shared / "upstream" / "exports" / "asreview" / file).read_bytes()
    whole = outcome(body, file)
    assert isinstance(whole, Export)

    for at in range(50, len(body), max(97, len(body) // 120)):
        found = outcome(spoil(body, at), file)
        if isinstance(found, str):
            assert found.startswith(file)
        else:
            assert found.held >= whole.held or found.warnings, f"at {at}"
