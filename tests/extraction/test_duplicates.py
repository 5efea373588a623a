"""When two records are the same one."""

from __future__ import annotations

from extraction.duplicates import index_keys, namesake_keys, own_ids, same_record
from extraction.model import Record, RecordIds, RecordKind


def article(pmid: str | None = None, pmcid: str | None = None, doi: str | None = None) -> Record:
    """Write an article with these ids."""
    return Record("pubmed", "1", "A title", ids=RecordIds(pmid, pmcid, doi))


def entry(*numbers: str, source: str = "ctgov") -> Record:
    """Write a register entry: its own number first, then others that it gives."""
    kind = RecordKind.REGISTER_ENTRY
    return Record(source, numbers[0], "A title", kind=kind, ids=RecordIds(register=numbers))


def test_an_article_is_known_by_its_own_ids_and_names_its_trial() -> None:
    record = Record("pubmed", "1", "A", ids=RecordIds("1", "PMC2", "10.1/a", ("NCT00000001",)))

    assert own_ids(record) == ["pmid:1", "pmcid:PMC2", "doi:10.1/a"]
    assert index_keys(record) == [*own_ids(record), "names:NCT00000001"]
    assert namesake_keys(record) == ["register:NCT00000001", "names:NCT00000001"]


def test_one_shared_id_makes_the_same_article() -> None:
    assert same_record(article(pmid="1", doi="10.1/a"), article(doi="10.1/a"))
    assert not same_record(article(pmid="1"), article(pmid="2", pmcid="PMC1"))
    assert not same_record(article(), article())


def test_two_articles_of_one_trial_are_two_records() -> None:
    one = Record("pubmed", "1", "A", ids=RecordIds(pmid="1", register=("NCT00000001",)))
    other = Record("pubmed", "2", "A", ids=RecordIds(pmid="2", register=("NCT00000001",)))

    assert not same_record(one, other)


def test_a_register_entry_is_the_same_from_any_source() -> None:
    assert same_record(entry("NCT00000001"), entry("NCT00000001", source="ictrp"))


def test_an_extension_that_names_its_parent_is_a_namesake_not_the_same_record() -> None:
    parent, extension = entry("NCT00000001"), entry("NCT00000002", "NCT00000001")

    assert not same_record(parent, extension)
    assert set(namesake_keys(extension)) & set(index_keys(parent))
