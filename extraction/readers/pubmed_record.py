"""One PubMed record: a PubmedArticle or PubmedBookArticle element to a Record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import (
    Correction,
    CorrectionKind,
    Direction,
    Record,
    RecordIds,
    RecordKind,
)
from extraction.readers.dates import published
from extraction.readers.elements import names_of
from extraction.readers.payload import text_of

SOURCE = "pubmed"
NO_TITLE = "[no title]"

_IN, _OF = Direction.OF_THIS, Direction.THIS_IS_OF
_CORRECTIONS = {
    "RetractionIn": (CorrectionKind.RETRACTION, _IN),
    "RetractionOf": (CorrectionKind.RETRACTION, _OF),
    "PartialRetractionIn": (CorrectionKind.PARTIAL_RETRACTION, _IN),
    "PartialRetractionOf": (CorrectionKind.PARTIAL_RETRACTION, _OF),
    "RetractedandRepublishedIn": (CorrectionKind.REPUBLICATION, _IN),
    "RetractedandRepublishedFrom": (CorrectionKind.REPUBLICATION, _OF),
    "ErratumIn": (CorrectionKind.ERRATUM, _IN),
    "ErratumFor": (CorrectionKind.ERRATUM, _OF),
    "CorrectedandRepublishedIn": (CorrectionKind.ERRATUM, _IN),
    "CorrectedandRepublishedFrom": (CorrectionKind.ERRATUM, _OF),
    "ExpressionOfConcernIn": (CorrectionKind.CONCERN, _IN),
    "ExpressionOfConcernFor": (CorrectionKind.CONCERN, _OF),
    "CommentIn": (CorrectionKind.COMMENT, _IN),
    "CommentOn": (CorrectionKind.COMMENT, _OF),
    "UpdateIn": (CorrectionKind.UPDATE, _IN),
    "UpdateOf": (CorrectionKind.UPDATE, _OF),
    "RepublishedIn": (CorrectionKind.UPDATE, _IN),
    "RepublishedFrom": (CorrectionKind.UPDATE, _OF),
}
# The elements of PubMed's document type, of articles and of books.
ELEMENTS = names_of(
    "Abstract AbstractText AccessionNumber AccessionNumberList Acronym Affiliation"
    " AffiliationInfo Agency Article ArticleDate ArticleId ArticleIdList ArticleTitle Author"
    " AuthorList BeginningDate Book BookDocument BookTitle Chemical ChemicalList Citation"
    " CitationString CitationSubset CoiStatement CollectionTitle CollectiveName"
    " CommentsCorrections CommentsCorrectionsList ContractNumber ContributionDate"
    " CopyrightInformation Country DataBank DataBankList DataBankName DateCompleted DateCreated"
    " DateRevised Day DeleteCitation DeleteDocument DescriptorName DispFormula ELocationID Edition"
    " EndPage EndingDate ForeName GeneralNote GeneSymbol GeneSymbolList Grant GrantID GrantList"
    " History Hour ISOAbbreviation ISSN ISSNLinking Identifier Initials Investigator"
    " InvestigatorList Isbn Issue ItemList Item Journal JournalIssue Keyword KeywordList Language"
    " LastName LocationLabel Medium MedlineCitation MedlineDate MedlineJournalInfo MedlinePgn"
    " MedlineTA MeshHeading MeshHeadingList Minute Month NameOfSubstance NlmUniqueID Note"
    " NumberOfReferences Object ObjectList OtherAbstract OtherID PMID Pagination Param"
    " PersonalNameSubject PersonalNameSubjectList PubDate PubMedPubDate PublicationStatus"
    " PublicationType PublicationTypeList Publisher PublisherLocation PublisherName PubmedArticle"
    " PubmedArticleSet PubmedBookArticle PubmedBookArticleSet PubmedBookData PubmedData"
    " QualifierName RefSource Reference ReferenceList RegistryNumber ReportNumber Season Second"
    " Section SectionTitle Sections SpaceFlightMission StartPage Suffix SupplMeshList"
    " SupplMeshName Title URL VernacularTitle Volume VolumeTitle Year b i sub sup u"
)
# These say nothing against a record.
_NO_NOTICES = frozenset(
    {
        *("Cites", "ReprintIn", "ReprintOf", "SummaryForPatientsIn", "OriginalReportIn"),
        *("AssociatedDataset", "AssociatedPublication", "DatasetIn", "DatasetOf"),
    }
)
_OF_OTHERS = ("Of", "For", "From", "On")  # how PubMed ends the words for a notice itself


def read_article(element: etree._Element) -> Record:
    """Read a PubmedArticle; raise UnreadablePayload where it has no PMID or no Article."""
    citation = element.find("MedlineCitation")
    article = citation.find("Article") if citation is not None else None
    if citation is None or article is None:
        raise unreadable(SOURCE, found="a PubmedArticle without Article", expected="one")
    title = text_of(article.find("ArticleTitle"))
    vernacular = text_of(article.find("VernacularTitle"))
    abstract = _abstract(article.find("Abstract")) or _other_abstract(citation)
    date = published(article.find("Journal/JournalIssue/PubDate"))
    return Record(
        source=SOURCE,
        source_id=_pmid(citation),
        title=title or vernacular or NO_TITLE,
        abstract=abstract,
        vernacular_title=vernacular,
        authors=tuple(_authors(article.findall("AuthorList/Author"))),
        journal=_journal(citation, article),
        volume=text_of(article.find("Journal/JournalIssue/Volume")),
        issue=text_of(article.find("Journal/JournalIssue/Issue")),
        pages=_pages(article.find("Pagination")),
        year=date.year,
        published_on=date.on,
        languages=_texts(article.findall("Language")),
        publication_types=_texts(article.findall("PublicationTypeList/PublicationType")),
        mesh=tuple(_mesh(citation.findall("MeshHeadingList/MeshHeading"))),
        ids=RecordIds(
            pmid=_pmid(citation),
            pmcid=_listed_id(element, "PubmedData", ("pmc", "pmcid"), identifiers.pmcid),
            doi=_doi(article.findall("ELocationID"), element, "PubmedData"),
            register=_register(article, citation, title, abstract),
        ),
        corrections=tuple(_corrections(citation.findall("CommentsCorrectionsList/*"))),
    )


def read_book(element: etree._Element) -> Record:
    """Read a PubmedBookArticle: a chapter where it has a title of its own, else the book."""
    document = element.find("BookDocument")
    book = document.find("Book") if document is not None else None
    if document is None or book is None:
        raise unreadable(SOURCE, found="a PubmedBookArticle without Book", expected="one")
    chapter = text_of(document.find("ArticleTitle"))
    book_title = text_of(book.find("BookTitle"))
    vernacular = text_of(document.find("VernacularTitle"))
    abstract = _abstract(document.find("Abstract"))
    date = published(book.find("PubDate"))
    return Record(
        source=SOURCE,
        source_id=_pmid(document),
        title=chapter or book_title or vernacular or NO_TITLE,
        kind=RecordKind.BOOK,
        abstract=abstract,
        vernacular_title=vernacular,
        authors=tuple(_authors(_book_authors(document, book))),
        journal=book_title if chapter else None,
        volume=text_of(book.find("Volume")),
        pages=_pages(document.find("Pagination")),
        year=date.year,
        published_on=date.on,
        languages=_texts(document.findall("Language")),
        publication_types=_texts(document.findall("PublicationType")),
        ids=RecordIds(
            pmid=_pmid(document),
            pmcid=None,
            doi=_doi(book.findall("ELocationID"), element, "BookDocument")
            or _doi((), element, "PubmedBookData"),
            register=identifiers.register_ids_in(text for text in (chapter, abstract) if text),
        ),
    )


def _pmid(parent: etree._Element) -> str:
    text = text_of(parent.find("PMID")) or ""
    found = identifiers.pmid(text)
    if found is None:
        raise unreadable(SOURCE, found=f"a record with PMID '{text}'", expected="digits")
    return found


def _texts(elements: Iterable[etree._Element]) -> tuple[str, ...]:
    return tuple(text for each in elements if (text := text_of(each)))


def _journal(citation: etree._Element, article: etree._Element) -> str | None:
    return (
        text_of(article.find("Journal/Title"))
        or text_of(article.find("Journal/ISOAbbreviation"))
        or text_of(citation.find("MedlineJournalInfo/MedlineTA"))
    )


def _abstract(abstract: etree._Element | None) -> str | None:
    if abstract is None:
        return None
    return "\n".join(_paragraphs(abstract.findall("AbstractText"))) or None


def _other_abstract(citation: etree._Element) -> str | None:
    """Return the abstract of a publisher or in another language, English before others."""
    others = citation.findall("OtherAbstract")
    ordered = sorted(others, key=lambda each: each.get("Language", "eng") != "eng")
    return next(filter(None, map(_abstract, ordered)), None)


def _paragraphs(elements: Iterable[etree._Element]) -> Iterator[str]:
    for each in elements:
        text, label = text_of(each), each.get("Label")
        if text is not None:
            yield f"{label}: {text}" if label else text


def _authors(authors: Iterable[etree._Element]) -> Iterator[str]:
    for author in authors:
        name = _author(author)
        if name and author.get("ValidYN") != "N":
            yield name


def _author(author: etree._Element) -> str:
    parts = {str(part.tag): text_of(part) for part in author}
    if parts.get("CollectiveName"):
        return parts["CollectiveName"] or ""
    given = parts.get("Initials") or parts.get("ForeName")
    return " ".join(part for part in (parts.get("LastName"), given, parts.get("Suffix")) if part)


def _book_authors(document: etree._Element, book: etree._Element) -> list[etree._Element]:
    """Return the chapter's authors, else the book's, else its editors."""
    lists = [*document.findall("AuthorList"), *book.findall("AuthorList")]
    writers = [each for each in lists if each.get("Type") != "editors"] or lists
    return writers[0].findall("Author") if writers else []


def _pages(pagination: etree._Element | None) -> str | None:
    if pagination is None:
        return None
    first, last = text_of(pagination.find("StartPage")), text_of(pagination.find("EndPage"))
    return text_of(pagination.find("MedlinePgn")) or (f"{first}-{last}" if last else first)


def _mesh(headings: Iterable[etree._Element]) -> Iterator[str]:
    for heading in headings:
        descriptor = text_of(heading.find("DescriptorName"))
        qualifiers = _texts(heading.findall("QualifierName"))
        if descriptor:
            yield from (f"{descriptor}/{each}" for each in qualifiers)
            yield from () if qualifiers else (descriptor,)


def _doi(locations: Iterable[etree._Element], element: etree._Element, holder: str) -> str | None:
    """Return the record's own DOI: one marked wrong, or of a work it refers to, is not its own."""
    for each in locations:
        valid = each.get("EIdType") == "doi" and each.get("ValidYN", "Y") == "Y"
        found = identifiers.doi(text_of(each) or "") if valid else None
        if found is not None:
            return found
    return _listed_id(element, holder, ("doi",), identifiers.doi)


def _listed_id(
    element: etree._Element,
    holder: str,
    kinds: tuple[str, ...],
    read: Callable[[str], str | None],
) -> str | None:
    """Return an id from the list directly under `holder`; reference lists have lists of theirs."""
    for each in element.findall(f"{holder}/ArticleIdList/ArticleId"):
        found = read(text_of(each) or "") if each.get("IdType") in kinds else None
        if found is not None:
            return found
    return None


def _register(
    article: etree._Element, citation: etree._Element, title: str | None, abstract: str | None
) -> tuple[str, ...]:
    """Return the register ids declared in databank fields, then those that the texts name."""
    others = _texts(
        [
            *citation.findall("OtherAbstract/AbstractText"),
            *citation.findall("GeneralNote"),
            *citation.findall("OtherID"),
            *citation.findall("KeywordList/Keyword"),
            *article.findall("VernacularTitle"),
        ]
    )
    declared = _texts(article.findall("DataBankList/DataBank/AccessionNumberList/AccessionNumber"))
    keys = [identifiers.register_id(each) for each in declared]
    named = identifiers.register_ids_in(text for text in (title, abstract, *others) if text)
    return tuple(dict.fromkeys([*(key.id for key in keys if key is not None), *named]))


def _corrections(elements: Iterable[etree._Element]) -> Iterator[Correction]:
    for each in elements:
        word, citation = each.get("RefType", ""), text_of(each.find("RefSource"))
        if word in _NO_NOTICES:
            continue
        if word not in _CORRECTIONS:
            citation = ": ".join(filter(None, (word, citation)))
        kind, direction = _CORRECTIONS.get(word) or unknown_notice(word)
        yield Correction(
            kind=kind,
            direction=direction,
            pmid=identifiers.pmid(text_of(each.find("PMID")) or ""),
            doi=identifiers.find_doi(citation or ""),
            citation=citation or None,
        )


def unknown_notice(word: str) -> tuple[CorrectionKind, Direction]:
    """Say what a word is that PubMed did not use so far: which end it is, its ending tells."""
    return CorrectionKind.UNKNOWN, _OF if word.endswith(_OF_OTHERS) else _IN
