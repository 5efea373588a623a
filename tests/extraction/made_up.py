"""Made-up records for the tests of duplicates: one article, its abstract, its register entry."""

from __future__ import annotations

from typing import Any

from extraction.identifiers import find_register_ids
from extraction.model import Record, RecordIds

TITLE = "Efficacy and safety of mobipomab in adults with opibom syndrome: a randomised trial"
AUTHORS = ("Ursin A", "Opitz BC", "Rossi M")


def record(title: str = TITLE, **fields: Any) -> Record:
    """Write an article that is printed somewhere, with what is said to be otherwise."""
    ids = {name: fields.pop(name) for name in ("doi", "pmid") if name in fields}
    named = tuple(each.id for each in find_register_ids(fields.pop("register", "")))
    given: dict[str, Any] = {
        "authors": AUTHORS,
        "journal": "Journal of Invented Medicine",
        "volume": "12",
        "issue": "3",
        "pages": "100-110",
        "year": 2021,
    }
    return Record("made-up", "1", title, ids=RecordIds(register=named, **ids), **(given | fields))


def bare(title: str = TITLE, **fields: Any) -> Record:
    """Write an article of which only title, authors, journal and year are known."""
    return record(title, **({"volume": None, "issue": None, "pages": None} | fields))


def abstract(title: str = TITLE, **fields: Any) -> Record:
    """Write one of several abstracts on a page of a supplement."""
    return record(title, **({"issue": "Suppl 1", "pages": "A10"} | fields))


def entry(number: str, title: str = TITLE, **fields: Any) -> Record:
    """Write a register entry as CENTRAL exports it: the register's address for a journal."""
    address = f"https://clinicaltrials.gov/show/{number}"
    return record(
        title,
        register=number,
        **(
            {"authors": ("Nct",), "journal": address, "volume": None, "issue": None, "pages": None}
            | fields
        ),
    )
