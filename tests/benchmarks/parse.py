"""How fast PubMed's answers are read, against lxml picking the same fields and nothing else.

With a folder of efetch answers as argument its records are used; without one, records written here.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from Bio import Entrez
from lxml import etree

from extraction.readers.pubmed import read_articles
from tests.benchmarks.figures import Figure

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".peers" / "bin" / "python"
PEER_PROGRAM = """
import sys, time
import pubmed_parser
seconds = []
for _ in range(3):
    begun = time.perf_counter()
    list(pubmed_parser.parse_medline_xml(sys.argv[1]))
    seconds.append(time.perf_counter() - begun)
print(min(seconds))
"""
PAGES_PROGRAM = """
import re, sys
from pathlib import Path
from extraction.readers.pubmed import read_articles
payload = Path(sys.argv[1]).read_bytes()
for _ in range(int(sys.argv[2])):
    read_articles(payload)
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""
DOCTYPE = (
    b'<?xml version="1.0" ?><!DOCTYPE PubmedArticleSet PUBLIC '
    b'"-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">'
)
FLAT = 1.2
RECORDS = 1_000
ROUNDS = 5
GOAL = 1.5
_ARTICLE = re.compile(rb"<PubmedArticle>.*?</PubmedArticle>", re.S)
_PARAGRAPH = "Background words about nerves &amp; muscles, p &lt; 0.05, and more of them. " * 12
_REFERENCE = (
    '<Reference><Citation>J. 2001;1:1</Citation><ArticleIdList><ArticleId IdType="doi">10.1/x'
    "</ArticleId></ArticleIdList></Reference>"
)


def figures(folder: Path | None = None) -> Iterator[Figure]:
    """Yield our reading against the bare walk, Bio.Entrez and pubmed_parser, and its memory.

    Each is the best of some rounds in turn, on the same records.
    """
    articles = _written() if folder is None else _found(folder)
    if not articles:
        yield Figure(f"parse: PubMed records in {folder}", 0, 0, "records", goal=1, at_least=True)
        return
    payload = _payload(articles)
    records = len(read_articles(payload).records)
    of = f"parse: {records} PubMed records, {len(payload) / 1e6:.1f} MB"
    rounds = [(_seconds(read_articles, payload), _seconds(_bare, payload)) for _ in range(ROUNDS)]
    ours, bare = (min(each) for each in zip(*rounds, strict=True))
    yield Figure(f"{of}, against bare lxml", ours, bare, "s", goal=GOAL)
    entrez = min(_seconds(_entrez, payload) for _ in range(2))
    yield Figure(f"{of}, against Bio.Entrez.read", ours, entrez, "s", goal=1 / 3)
    peer = _pubmed_parser(payload)
    missing = "pubmed_parser" if peer is None else None
    yield Figure(f"{of}, against pubmed_parser", ours, peer, "s", goal=1 / 1.5, missing=missing)
    few, many = _peak_mb(payload, 1), _peak_mb(payload, 10)
    name = f"parse: memory of a run over {10 * records} records, page by page, against {records}"
    yield Figure(name, many, few, "MB", goal=FLAT)


def _entrez(payload: bytes) -> object:
    return Entrez.read(BytesIO(DOCTYPE + payload))


def _pubmed_parser(payload: bytes) -> float | None:
    """Return the seconds that the peer takes in its own environment; None where it is missing."""
    if not PEERS.exists():
        return None
    with tempfile.NamedTemporaryFile(suffix=".xml.gz") as file:
        file.write(gzip.compress(DOCTYPE + payload, compresslevel=1))  # it takes nothing else
        file.flush()
        done = subprocess.run(
            [str(PEERS), "-c", PEER_PROGRAM, file.name],
            capture_output=True,
            text=True,
            timeout=600,
            check=True,
        )
    return float(done.stdout)


def _peak_mb(payload: bytes, pages: int) -> float:
    """Return the most memory held while some pages are read one after the other."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(payload)
        file.flush()
        done = subprocess.run(
            [sys.executable, "-c", PAGES_PROGRAM, file.name, str(pages)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,
            check=True,
        )
    return float(done.stdout)


def _seconds(read: Callable[[bytes], object], payload: bytes) -> float:
    start = time.perf_counter()
    read(payload)
    return time.perf_counter() - start


def _payload(articles: list[bytes]) -> bytes:
    whole = (articles * (RECORDS // len(articles) + 1))[:RECORDS]
    return b"<PubmedArticleSet>" + b"".join(whole) + b"</PubmedArticleSet>"


def _found(folder: Path) -> list[bytes]:
    files = sorted(folder.rglob("*.xml"))
    return [article for file in files for article in _ARTICLE.findall(file.read_bytes())]


def _written() -> list[bytes]:
    authors = "".join(
        f"<Author><LastName>Roe{n}</LastName><ForeName>Ann</ForeName><Initials>A</Initials>"
        "<AffiliationInfo><Affiliation>A hospital</Affiliation></AffiliationInfo></Author>"
        for n in range(8)
    )
    mesh = "<MeshHeading><DescriptorName>Humans</DescriptorName></MeshHeading>" * 12
    text = (
        "<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><Journal><JournalIssue>"
        "<Volume>1</Volume><Issue>2</Issue><PubDate><Year>2020</Year><Month>Jan</Month></PubDate>"
        "</JournalIssue><Title>A journal</Title></Journal>"
        "<ArticleTitle>A <i>title</i></ArticleTitle>"
        "<Pagination><MedlinePgn>1-9</MedlinePgn></Pagination>"
        '<ELocationID EIdType="doi" ValidYN="Y">10.1000/x</ELocationID><Abstract>'
        f'<AbstractText Label="METHODS">{_PARAGRAPH}</AbstractText>'
        f'<AbstractText Label="RESULTS">{_PARAGRAPH}</AbstractText></Abstract>'
        f"<AuthorList>{authors}</AuthorList><Language>eng</Language><PublicationTypeList>"
        "<PublicationType>Journal Article</PublicationType></PublicationTypeList></Article>"
        f"<MeshHeadingList>{mesh}</MeshHeadingList></MedlineCitation><PubmedData><ArticleIdList>"
        '<ArticleId IdType="pubmed">1</ArticleId></ArticleIdList>'
        f"<ReferenceList>{_REFERENCE * 40}</ReferenceList></PubmedData></PubmedArticle>"
    )
    return [text.encode()]


_TEXTS = (
    "MedlineCitation/PMID",
    "MedlineCitation/Article/Journal/Title",
    "MedlineCitation/Article/Journal/JournalIssue/Volume",
    "MedlineCitation/Article/Journal/JournalIssue/Issue",
    "MedlineCitation/Article/Journal/JournalIssue/PubDate/Year",
    "MedlineCitation/Article/Journal/JournalIssue/PubDate/Month",
    "MedlineCitation/Article/Journal/JournalIssue/PubDate/Day",
    "MedlineCitation/Article/Journal/JournalIssue/PubDate/Season",
    "MedlineCitation/Article/Journal/JournalIssue/PubDate/MedlineDate",
    "MedlineCitation/Article/Pagination/MedlinePgn",
    "MedlineCitation/Article/VernacularTitle",
)
_LISTS = (
    "MedlineCitation/Article/ArticleTitle",
    "MedlineCitation/Article/Abstract/AbstractText",
    "MedlineCitation/Article/AuthorList/Author/LastName",
    "MedlineCitation/Article/AuthorList/Author/Initials",
    "MedlineCitation/Article/AuthorList/Author/Suffix",
    "MedlineCitation/Article/AuthorList/Author/CollectiveName",
    "MedlineCitation/Article/Language",
    "MedlineCitation/Article/ELocationID",
    "MedlineCitation/Article/PublicationTypeList/PublicationType",
    "MedlineCitation/Article/DataBankList/DataBank/AccessionNumberList/AccessionNumber",
    "MedlineCitation/MeshHeadingList/MeshHeading/DescriptorName",
    "MedlineCitation/MeshHeadingList/MeshHeading/QualifierName",
    "MedlineCitation/CommentsCorrectionsList/CommentsCorrections/RefSource",
    "MedlineCitation/CommentsCorrectionsList/CommentsCorrections/PMID",
    "PubmedData/ArticleIdList/ArticleId",
)


def _bare(payload: bytes) -> list[list[str | None]]:
    """Walk with iterparse and take the texts of the same fields, without any meaning."""
    rows: list[list[str | None]] = []
    for _, element in etree.iterparse(BytesIO(payload), tag="PubmedArticle"):
        row = [element.findtext(path) for path in _TEXTS]
        row += [
            "".join(map(str, each.itertext())) for path in _LISTS for each in element.iterfind(path)
        ]
        rows.append(row)
        element.clear()
    return rows
