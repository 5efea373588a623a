"""PubMed's answers, in small payloads written for these tests."""

from __future__ import annotations

import json

import pytest

from extraction.errors import (
    ExpiredHistory,
    ExtractionError,
    RateLimited,
    RefusedPayload,
    ServiceFailed,
    UnreadablePayload,
)
from extraction.model import Correction, CorrectionKind, Direction, Record, RecordIds, RecordKind
from extraction.readers.pubmed import read_articles, read_search_answer

HEAD = (
    '<?xml version="1.0" ?><!DOCTYPE PubmedArticleSet PUBLIC '
    '"-//NLM//DTD PubMedArticle, 1st January 2026//EN" "pubmed_260101.dtd">'
)


def article_set(*elements: str) -> bytes:
    """Wrap elements as efetch does."""
    return f"{HEAD}<PubmedArticleSet>{''.join(elements)}</PubmedArticleSet>".encode()


def article(
    inner: str = "",
    *,
    pmid: str = "1",
    title: str = "<ArticleTitle>A title.</ArticleTitle>",
    date: str = "<Year>2020</Year>",
    after: str = "",
    data: str = "",
) -> str:
    """Write a PubmedArticle with what a test is about."""
    return (
        f"<PubmedArticle><MedlineCitation><PMID Version='1'>{pmid}</PMID><Article><Journal>"
        f"<JournalIssue><PubDate>{date}</PubDate></JournalIssue><Title>A journal</Title></Journal>"
        f"{title}{inner}</Article>{after}</MedlineCitation>"
        f"<PubmedData>{data}</PubmedData></PubmedArticle>"
    )


def read_one(element: str) -> Record:
    """Read a set of one record."""
    (record,) = read_articles(article_set(element)).records
    return record


def test_an_empty_set_is_a_proven_empty_answer() -> None:
    page = read_articles(article_set())

    assert page.records == ()
    assert page.delivered == ()


def test_records_come_in_order_and_deleted_ids_apart() -> None:
    deleted = "<DeleteCitation><PMID Version='1'>9</PMID></DeleteCitation>"

    page = read_articles(article_set(article(pmid="2"), article(pmid="1"), deleted))

    assert page.delivered == ("2", "1")
    assert page.deleted == ("9",)


def test_markup_and_formulas_in_a_title_are_kept_as_text() -> None:
    title = (
        "<ArticleTitle>IgG<sub>1</sub> in <i>MMN</i> &amp; <mml:math "
        "xmlns:mml='http://www.w3.org/1998/Math/MathML'><mml:mi>x</mml:mi>\n"
        "  <mml:mo>=</mml:mo></mml:math></ArticleTitle>"
    )

    assert read_one(article(title=title)).title == "IgG1 in MMN & x ="


def test_a_structured_abstract_is_one_labelled_line_a_section() -> None:
    abstract = (
        "<Abstract><AbstractText Label='AIM'>p &lt; 0.05.</AbstractText><AbstractText/>"
        "<AbstractText>CO<sub>2</sub> fell.</AbstractText>"
        "<CopyrightInformation>(c) Somebody</CopyrightInformation></Abstract>"
    )

    assert read_one(article(abstract)).abstract == "AIM: p < 0.05.\nCO2 fell."


def test_an_abstract_that_is_not_there_is_none() -> None:
    assert read_one(article()).abstract is None
    assert read_one(article("<Abstract><AbstractText> </AbstractText></Abstract>")).abstract is None


def test_authors_have_initials_suffix_and_groups_among_them() -> None:
    authors = (
        "<AuthorList><Author><LastName>Roe</LastName><ForeName>Ann B</ForeName>"
        "<Initials>AB</Initials><Suffix>Jr</Suffix></Author>"
        "<Author><CollectiveName>The <i>MMN</i> Group</CollectiveName></Author>"
        "<Author ValidYN='N'><LastName>Roo</LastName><Initials>AB</Initials></Author>"
        "<Author><LastName>Doe</LastName></Author></AuthorList>"
    )

    assert read_one(article(authors)).authors == ("Roe AB Jr", "The MMN Group", "Doe")


@pytest.mark.parametrize(
    ("parts", "year", "published_on"),
    [
        ("<Year>1994</Year>", 1994, "1994"),
        ("<Year>1994</Year><Month>Mar</Month>", 1994, "1994-03"),
        ("<Year>1994</Year><Month>03</Month><Day>5</Day>", 1994, "1994-03-05"),
        ("<Year>2000</Year><Season>Spring</Season>", 2000, "2000 Spring"),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", 1998, "1998 Dec-1999 Jan"),
        ("<Year>2001</Year><Month>13</Month><Day>1</Day>", 2001, "2001 13 1"),
        ("<Year>2001</Year><Month>Feb</Month><Day>45</Day>", 2001, "2001 Feb 45"),
        ("", None, None),
    ],
)
def test_a_date_keeps_the_precision_it_came_with(
    parts: str, year: int | None, published_on: str | None
) -> None:
    record = read_one(article(date=parts))

    assert (record.year, record.published_on) == (year, published_on)


def test_pages_are_as_printed_or_joined_from_both_ends() -> None:
    printed = "<Pagination><StartPage>145</StartPage><MedlinePgn>145-53</MedlinePgn></Pagination>"
    ends = "<Pagination><StartPage>145</StartPage><EndPage>153</EndPage></Pagination>"

    assert read_one(article(printed)).pages == "145-53"
    assert read_one(article(ends)).pages == "145-153"


def test_a_doi_is_the_records_own_and_not_that_of_a_reference() -> None:
    wrong = "<ELocationID EIdType='doi' ValidYN='N'>10.1000/wrong</ELocationID>"
    right = "<ELocationID EIdType='doi' ValidYN='Y'>10.1000/RIGHT</ELocationID>"
    own = "<ArticleIdList><ArticleId IdType='pmc'>PMC77</ArticleId></ArticleIdList>"
    cited = (
        "<ReferenceList><Reference><ArticleIdList><ArticleId IdType='doi'>10.1000/cited"
        "</ArticleId></ArticleIdList></Reference></ReferenceList>"
    )
    listed = own.replace("pmc'>PMC77", "doi'>10.1000/listed")

    assert read_one(article(wrong + right, data=own + cited)).ids == RecordIds(
        pmid="1", pmcid="PMC77", doi="10.1000/right"
    )
    assert read_one(article(wrong, data=listed + cited)).ids.doi == "10.1000/listed"
    assert read_one(article(data=own + cited)).ids.doi is None


def test_register_ids_come_from_databanks_then_from_the_text() -> None:
    inner = (
        "<Abstract><AbstractText>See ISRCTN12345678 and NCT00000001.</AbstractText></Abstract>"
        "<DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName>"
        "<AccessionNumberList><AccessionNumber>NCT00000001</AccessionNumber>"
        "</AccessionNumberList></DataBank><DataBank><DataBankName>GENBANK</DataBankName>"
        "<AccessionNumberList><AccessionNumber>AB123456</AccessionNumber></AccessionNumberList>"
        "</DataBank></DataBankList>"
    )

    assert read_one(article(inner)).ids.register == ("NCT00000001", "ISRCTN12345678")


def test_corrections_say_which_end_a_record_is() -> None:
    after = (
        "<CommentsCorrectionsList>"
        "<CommentsCorrections RefType='RetractionIn'><RefSource>J. 2021;1:5. doi: 10.1000/X."
        "</RefSource><PMID>4</PMID></CommentsCorrections>"
        "<CommentsCorrections RefType='ErratumFor'><RefSource>J. 2020</RefSource>"
        "</CommentsCorrections>"
        "<CommentsCorrections RefType='Cites'><RefSource>J. 2019</RefSource><PMID>5</PMID>"
        "</CommentsCorrections></CommentsCorrectionsList>"
    )

    assert read_one(article(after=after)).corrections == (
        Correction(
            CorrectionKind.RETRACTION,
            Direction.OF_THIS,
            pmid="4",
            doi="10.1000/x",
            citation="J. 2021;1:5. doi: 10.1000/X.",
        ),
        Correction(CorrectionKind.ERRATUM, Direction.THIS_IS_OF, citation="J. 2020"),
    )


def test_a_translated_title_stands_beside_the_original() -> None:
    record = read_one(
        article("<VernacularTitle>Ein Titel.</VernacularTitle>", title="<ArticleTitle/>")
    )

    assert (record.title, record.vernacular_title) == ("Ein Titel.", "Ein Titel.")


def test_mesh_headings_carry_their_qualifiers() -> None:
    after = (
        "<MeshHeadingList><MeshHeading><DescriptorName>Humans</DescriptorName></MeshHeading>"
        "<MeshHeading><DescriptorName>Motor Neuron Disease</DescriptorName>"
        "<QualifierName>drug therapy</QualifierName><QualifierName>blood</QualifierName>"
        "</MeshHeading></MeshHeadingList>"
    )

    assert read_one(article(after=after)).mesh == (
        "Humans",
        "Motor Neuron Disease/drug therapy",
        "Motor Neuron Disease/blood",
    )


def test_a_chapter_of_a_book_is_a_delivered_record() -> None:
    book = (
        "<PubmedBookArticle><BookDocument><PMID>7</PMID><ArticleIdList/><Book><Publisher/>"
        "<BookTitle>A handbook</BookTitle><PubDate><Year>1993</Year></PubDate>"
        "<AuthorList Type='editors'><Author><LastName>Ed</LastName><Initials>I</Initials></Author>"
        "</AuthorList></Book><ArticleTitle>A chapter</ArticleTitle><Language>eng</Language>"
        "<AuthorList Type='authors'><Author><LastName>Roe</LastName><Initials>A</Initials>"
        "</Author></AuthorList><PublicationType>Review</PublicationType></BookDocument>"
        "<PubmedBookData/></PubmedBookArticle>"
    )

    page = read_articles(article_set(book))

    assert page.delivered == ("7",)
    assert page.records[0] == Record(
        source="pubmed",
        source_id="7",
        title="A chapter",
        kind=RecordKind.BOOK,
        authors=("Roe A",),
        journal="A handbook",
        year=1993,
        published_on="1993",
        languages=("eng",),
        publication_types=("Review",),
        ids=RecordIds(pmid="7"),
    )


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaa">'
    b'<!ENTITY b "&a;&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>'
)
EXPIRED = (
    b'<!DOCTYPE eEfetchResult PUBLIC "-//NLM//DTD efetch//EN" "efetch.dtd">'
    b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>"
)
NO_ID = article_set("<PubmedArticle><MedlineCitation><Article/></MedlineCitation></PubmedArticle>")


@pytest.mark.parametrize(
    ("payload", "error", "words"),
    [
        (b"", UnreadablePayload, "found an empty body"),
        (b" \n", UnreadablePayload, "found an empty body"),
        (b"<html><title>Busy</title></html>", UnreadablePayload, "an HTML page titled 'Busy'"),
        (b"<!DOCTYPE html><p>", UnreadablePayload, "an HTML page"),
        (article_set(article())[:-30], UnreadablePayload, "XML cut off after"),
        (article_set() + b"<more/>", UnreadablePayload, "not well-formed"),
        (b"Service unavailable", UnreadablePayload, "text that is not XML"),
        (b"<eSummaryResult/>", UnreadablePayload, "the root eSummaryResult"),
        (EXPIRED, ExpiredHistory, "Unable to obtain query #1"),
        (b"<eFetchResult><ERROR>Backend down</ERROR></eFetchResult>", ServiceFailed, "Backend"),
        (b'{"error":"API rate limit exceeded","count":"11"}', RateLimited, "rate limit"),
        (b'{"a": 1}', UnreadablePayload, "JSON with a"),
        (BOMB, UnreadablePayload, "defines its own entities"),
        (
            article_set(article(title="<ArticleTitle>&nbsp;</ArticleTitle>") * 2),
            UnreadablePayload,
            "&",
        ),
        (NO_ID, UnreadablePayload, "PMID"),
        (article_set("<a>" * 3000 + "</a>" * 3000), UnreadablePayload, "not well-formed"),
    ],
)
def test_what_is_no_answer_raises_its_own_error(
    payload: bytes, error: type[ExtractionError], words: str
) -> None:
    with pytest.raises(error, match=words):
        read_articles(payload)


def answer(**fields: object) -> bytes:
    """Write an esearch answer in JSON."""
    result = {"count": "2", "idlist": ["5", "6"], "querykey": "1", "webenv": "MCID_1"} | fields
    return json.dumps({"header": {"type": "esearch"}, "esearchresult": result}).encode()


def test_a_search_answer_gives_its_count_ids_and_history() -> None:
    found = read_search_answer(answer(querytranslation='"mmn"[All Fields]'))

    assert (found.count, found.ids) == (2, ("5", "6"))
    assert (found.web_env, found.query_key) == ("MCID_1", "1")
    assert found.translation == '"mmn"[All Fields]'
    assert found.warnings == ()


def test_a_count_of_zero_is_a_proven_empty_answer() -> None:
    found = read_search_answer(answer(count="0", idlist=[], webenv="", querykey=""))

    assert (found.count, found.ids) == (0, ())


def test_phrases_that_pubmed_did_not_find_are_warnings() -> None:
    found = read_search_answer(
        answer(
            errorlist={"phrasesnotfound": ["mmmn"], "fieldsnotfound": []},
            warninglist={"outputmessages": ["No items found."]},
        )
    )

    assert found.warnings == ("phrase not found: mmmn", "PubMed says: No items found.")


TOO_BIG = (
    b'{"esearchresult":{"ERROR":"Search Backend failed: Exception:\n'
    b"'retstart' cannot be larger than 9998.\"}}"
)


@pytest.mark.parametrize(
    ("payload", "error", "words"),
    [
        (TOO_BIG, RefusedPayload, "'retstart' cannot be larger than 9998"),
        (b'{"esearchresult":{"ERROR":"Unable to obtain query #1"}}', ExpiredHistory, "query #1"),
        (b'{"esummaryresult":["Unable to obtain query #1"]}', ExpiredHistory, "query #1"),
        (b'{"esearchresult":{"ERROR":"Search Backend failed: x"}}', ServiceFailed, "failed: x"),
        (b'{"error":"API rate limit exceeded"}', RateLimited, "rate limit"),
        (
            b"<?xml version='1.0'?><eSearchResult><ERROR>Search failed</ERROR></eSearchResult>",
            ServiceFailed,
            "Search failed",
        ),
        (b"<html>", UnreadablePayload, "an HTML page"),
        (b"", UnreadablePayload, "an empty body"),
        (b'{"esearchresult":{"count":"2"', UnreadablePayload, "JSON cut off"),
        (b"[]", UnreadablePayload, "a JSON list"),
        (b"[" * 100_000, UnreadablePayload, "nested too deeply"),
        (answer(count=None), UnreadablePayload, "count 'None'"),
        (answer(idlist=None), UnreadablePayload, "idlist"),
        (answer(webenv=""), UnreadablePayload, "no history"),
        (b'{"esearchresult":{"count":NaN}}', UnreadablePayload, "NaN"),
        (b"\xff\xfe\xff", UnreadablePayload, "not JSON"),
    ],
)
def test_a_search_that_failed_is_never_an_empty_one(
    payload: bytes, error: type[ExtractionError], words: str
) -> None:
    with pytest.raises(error, match=words):
        read_search_answer(payload)
