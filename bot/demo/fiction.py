"""The records that the stand-ins serve in the demonstration, written afresh for it.

The six trials of the review are real: their titles, authors and places are bibliographic facts;
no abstract is copied, days that are not known are filled in as PubMed's create dates only. Van den
Berg's and Léger's PMIDs are unconfirmed in the review folder, and a stand-in confirms nothing.
Everything numbered from 99000001 on is made up and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml import etree

from bot.sources.crossref import stand_in as crossref
from bot.sources.europepmc.stand_in import a_result
from bot.sources.openalex import stand_in as openalex
from bot.sources.pubmed.stand_in import Article

UNCONFIRMED = ("7673950", "11133795")
NEW_PMID = "99000001"
NEW_RECORD = f"pubmed:{NEW_PMID}"
NEW_NCT = "NCT99000001"
MADE_UP = "made up for the demonstration"


@dataclass(frozen=True, slots=True)
class Facts:
    """What an article's XML is written from; `place` is volume, issue and pages."""

    pmid: str
    title: str
    authors: tuple[str, ...]
    journal: str
    year: int
    place: tuple[str, str, str] = ("", "", "")
    group: str | None = None
    complete: bool = True
    abstract: tuple[tuple[str, str], ...] = ()
    types: tuple[str, ...] = ("Journal Article", "Randomized Controlled Trial")
    doi: str | None = None
    register: tuple[str, ...] = ()


NEUROLOGY = "Neurology"
JPNS = "Journal of the Peripheral Nervous System"
EJN = "European Journal of Neurology"

BASELINE = (
    Facts(
        "8145910",
        "Intravenous immunoglobulin treatment in patients with motor neuron syndromes associated "
        "with anti-GM1 antibodies: a double-blind, placebo-controlled study.",
        ("Azulay JP", "Blin O", "Pouget J", "Boucraut J", "Billé-Turc F", "Carles G"),
        NEUROLOGY,
        1994,
        ("44", "3 Pt 1", "429-32"),
        complete=False,
    ),
    Facts(
        "7673950",
        "Treatment of multifocal motor neuropathy with high dose intravenous immunoglobulins: a "
        "double blind, placebo controlled study.",
        ("Van den Berg LH", "Kerkhoff H", "Oey PL", "Franssen H", "Mollee I", "Vermeulen M"),
        "Journal of Neurology, Neurosurgery, and Psychiatry",
        1995,
        ("59", "3", "248-52"),
        complete=False,
    ),
    Facts(
        "11087764",
        "Multifocal motor neuropathy improved by IVIg: randomized, double-blind, "
        "placebo-controlled study.",
        ("Federico P", "Zochodne DW", "Hahn AF", "Brown WF", "Feasby TE"),
        NEUROLOGY,
        2000,
        ("55", "9", "1256-62"),
    ),
    Facts(
        "11133795",
        "Intravenous immunoglobulin therapy in multifocal motor neuropathy: a double-blind, "
        "placebo-controlled study.",
        ("Léger JM", "Chassande B", "Musset L", "Meininger V", "Bouche P", "Baumann N"),
        "Brain",
        2001,
        ("124", "Pt 1", "145-53"),
    ),
    Facts(
        "19236457",
        "Subcutaneous versus intravenous immunoglobulin in multifocal motor neuropathy: a "
        "randomized, single-blinded cross-over trial.",
        ("Harbo T", "Andersen H", "Hess A", "Hansen K", "Sindrup SH", "Jakobsen J"),
        EJN,
        2009,
        ("16", "5", "631-8"),
        doi="10.1111/j.1468-1331.2009.02568.x",
        register=("NCT00268788",),
    ),
    Facts(
        "24725024",
        "A controlled trial of intravenous immunoglobulin in multifocal motor neuropathy.",
        ("Hahn AF", "Beydoun SR", "Lawson V", "Oh M", "Empson VG", "Leibl H"),
        JPNS,
        2013,
        ("18", "4", "321-30"),
        group="The IVIG in MMN Study Team",
        complete=False,
        register=("NCT00666263",),
    ),
)

NEIGHBOURS = (
    Facts(
        "31021036",
        "Randomized trial of facilitated subcutaneous immunoglobulin in multifocal motor "
        "neuropathy.",
        ("Al-Zuhairy A", "Jakobsen J", "Andersen H", "Sindrup SH", "Markvardsen LK"),
        EJN,
        2019,
        ("26", "10", "1289-e82"),
        types=("Equivalence Trial", "Journal Article", "Randomized Controlled Trial"),
        doi="10.1111/ene.13978",
    ),
    Facts(
        "30456899",
        "IqYmune is an effective maintenance treatment for multifocal motor neuropathy: A "
        "randomised, double-blind, multi-center cross-over non-inferiority study vs Kiovig - The "
        "LIME Study.",
        ("Léger JM", "Alfa Cissé O", "Cocito D", "Grouin JM", "Katifi H", "Nobile-Orazio E"),
        JPNS,
        2019,
        ("24", "1", "56-63"),
        complete=False,
        doi="10.1111/jns.12291",
        register=("NCT01951924",),
    ),
)

MADE_UP_NEIGHBOURS = (
    Facts(
        "99000002",
        f"Fictional B: conduction block in eleven invented people ({MADE_UP}).",
        ("Invented A", "Imagined B"),
        "Journal of Made-up Neurology",
        2026,
        abstract=(
            ("", "A case series that never was. It is here so that somebody can exclude it."),
        ),
        types=("Case Reports", "Journal Article"),
    ),
    Facts(
        "99000003",
        f"Fictional C: immunoglobulin in an invented demyelinating disease ({MADE_UP}).",
        ("Nobody C",),
        "Journal of Made-up Neurology",
        2026,
        abstract=(("", "A narrative review that was never written."),),
        types=("Journal Article", "Review"),
    ),
)

NEW = Facts(
    NEW_PMID,
    "Fictional A: intravenous immunoglobulin versus placebo in multifocal motor neuropathy, a "
    f"randomised, double-blind trial ({MADE_UP}).",
    ("Fictional A", "Invented A", "Imagined B", "Nobody C"),
    "Journal of Made-up Neurology",
    2026,
    ("1", "1", "1-9"),
    abstract=(
        ("BACKGROUND", f"This trial was {MADE_UP} of a living review; nobody took part in it."),
        (
            "METHODS",
            "Twenty-four invented adults with multifocal motor neuropathy were randomly allocated "
            "to intravenous immunoglobulin 2 g/kg or to placebo, in parallel groups.",
        ),
        (
            "RESULTS",
            "Muscle strength improved in 9 of 12 people given immunoglobulin and in 2 of 12 given "
            "placebo; disability improved in 6 of 12 and 3 of 12; a serious adverse event occurred "
            "in 1 of 12 and 0 of 12.",
        ),
        ("CONCLUSIONS", "None: it is fiction."),
    ),
    register=(NEW_NCT,),
)


def baseline_articles() -> tuple[Article, ...]:
    """Return what PubMed's stand-in knows when the demonstration begins."""
    return tuple(article(facts) for facts in (*BASELINE, *NEIGHBOURS, *MADE_UP_NEIGHBOURS))


def fictional_trial() -> Article:
    """Return the made-up trial whose appearance the demonstration is about."""
    return article(NEW)


def article(facts: Facts) -> Article:
    """Write an article as PubMed's XML would have it."""
    root = etree.Element("PubmedArticle")
    citation = etree.SubElement(root, "MedlineCitation", Status="MEDLINE", Owner="NLM")
    _text(citation, "PMID", facts.pmid, Version="1")
    _add_article(citation, facts)
    data = etree.SubElement(root, "PubmedData")
    _text(data, "PublicationStatus", "ppublish")
    ids = etree.SubElement(data, "ArticleIdList")
    _text(ids, "ArticleId", facts.pmid, IdType="pubmed")
    if facts.doi:
        _text(ids, "ArticleId", facts.doi, IdType="doi")
    return Article(facts.pmid, date(facts.year, 7, 1), etree.tostring(root, encoding="utf-8"))


def _add_article(citation: etree._Element, facts: Facts) -> None:
    node = etree.SubElement(citation, "Article", PubModel="Print")
    volume, issue, pages = facts.place
    journal = etree.SubElement(node, "Journal")
    place = etree.SubElement(journal, "JournalIssue", CitedMedium="Print")
    if volume:
        _text(place, "Volume", volume)
        _text(place, "Issue", issue)
    _text(etree.SubElement(place, "PubDate"), "Year", str(facts.year))
    _text(journal, "Title", facts.journal)
    _text(node, "ArticleTitle", facts.title)
    if pages:
        _text(etree.SubElement(node, "Pagination"), "MedlinePgn", pages)
    if facts.doi:
        _text(node, "ELocationID", facts.doi, EIdType="doi", ValidYN="Y")
    _add_abstract(node, facts)
    _add_authors(node, facts)
    _text(node, "Language", "eng")
    _add_register(node, facts)
    types = etree.SubElement(node, "PublicationTypeList")
    for name in facts.types:
        _text(types, "PublicationType", name)


def _add_abstract(node: etree._Element, facts: Facts) -> None:
    if facts.abstract:
        abstract = etree.SubElement(node, "Abstract")
        for label, text in facts.abstract:
            _text(abstract, "AbstractText", text, **({"Label": label} if label else {}))


def _add_authors(node: etree._Element, facts: Facts) -> None:
    authors = etree.SubElement(node, "AuthorList", CompleteYN="Y" if facts.complete else "N")
    for name in facts.authors:
        last, _, initials = name.rpartition(" ")
        author = etree.SubElement(authors, "Author", ValidYN="Y")
        _text(author, "LastName", last)
        _text(author, "Initials", initials)
    if facts.group:
        _text(etree.SubElement(authors, "Author", ValidYN="Y"), "CollectiveName", facts.group)


def _add_register(node: etree._Element, facts: Facts) -> None:
    if facts.register:
        banks = etree.SubElement(node, "DataBankList", CompleteYN="Y")
        bank = etree.SubElement(banks, "DataBank")
        _text(bank, "DataBankName", "ClinicalTrials.gov")
        numbers = etree.SubElement(bank, "AccessionNumberList")
        for number in facts.register:
            _text(numbers, "AccessionNumber", number)


def _text(parent: etree._Element, tag: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, tag, attributes).text = text


def baseline_studies() -> tuple[dict[str, Any], ...]:
    """Return what the register's stand-in knows when the demonstration begins.

    Entries of real trials carry their number, title and condition; what is not known is left out.
    """
    mmn = "Multifocal Motor Neuropathy"
    return (
        entry(
            "NCT00268788",
            "Subcutaneous versus intravenous immunoglobulin in multifocal motor neuropathy",
            mmn,
        ),
        _hahn_entry(),
        entry("NCT01951924", "LIME Study (LFB IVIg MMN Efficacy Study)", "Motor Neuron Disease"),
        entry(
            "NCT02556437",
            "Efficacy and Safety of HyQvia (Immunoglobulin 10% With Recombinant Hyaluronidase) in "
            "Multifocal Motor Neuropathy (MMN)",
            mmn,
        ),
        entry(
            "NCT06742190",
            "EMPASSION: empasiprubart versus IVIg in multifocal motor neuropathy",
            mmn,
        ),
    )


def baseline_results() -> tuple[dict[str, Any], ...]:
    """Return what Europe PMC's stand-in knows when the demonstration begins."""
    return tuple(
        a_result(
            "MED",
            facts.pmid,
            facts.title,
            authorString=", ".join(facts.authors),
            pubYear=str(facts.year),
            pmid=facts.pmid,
            **({"doi": facts.doi} if facts.doi else {}),
        )
        for facts in (*BASELINE, NEIGHBOURS[0])  # Al-Zuhairy 2019, a known item as well
    )


def baseline_works(*, empty: bool = False) -> tuple[dict[str, Any], ...]:
    """Return what OpenAlex's stand-in knows when the demonstration begins.

    The review of 2022 is there in any case and cites the trials that are.
    """
    trials = () if empty else _confirmed()
    review = openalex.a_work(
        "W1",
        "Immunoglobulin for multifocal motor neuropathy",
        cites=[f"W{facts.pmid}" for facts in trials],
        doi="https://doi.org/10.1002/14651858.cd004429.pub3",
    )
    works = [
        openalex.a_work(
            f"W{facts.pmid}",
            facts.title,
            doi=facts.doi,
            ids={"pmid": f"https://pubmed.ncbi.nlm.nih.gov/{facts.pmid}"},
            publication_year=facts.year,
        )
        for facts in trials
    ]
    return (review, *works)


def baseline_documents() -> tuple[dict[str, Any], ...]:
    """Return what Crossref's stand-in knows when the demonstration begins."""
    return tuple(
        crossref.a_work(facts.doi, facts.title)
        for facts in (*BASELINE, *NEIGHBOURS, NEW)
        if facts.doi is not None
    )


def known_to(source: str, *, empty: bool) -> Sequence[Any] | None:
    """Return what a source's stand-in knows when the demonstration begins, or before anything was
    published; None of a source of which the fiction says nothing."""
    if source == "openalex":  # in which a chase must find at least its seeds
        return baseline_works(empty=empty)
    known = _KNOWN.get(source)
    if known is None:
        return None
    return () if empty else known()


def _confirmed() -> tuple[Facts, ...]:
    """Leave out the two trials whose numbers only PubMed itself may confirm."""
    return tuple(facts for facts in BASELINE if facts.pmid not in UNCONFIRMED)


def entry(nct: str, title: str, condition: str) -> dict[str, Any]:
    """Write a register entry with what is known of a trial."""
    return {
        "protocolSection": {
            "identificationModule": {"nctId": nct, "briefTitle": title},
            "statusModule": {"overallStatus": "UNKNOWN"},
            "conditionsModule": {"conditions": [condition]},
        },
        "hasResults": False,
    }


def _hahn_entry() -> dict[str, Any]:
    title = (
        "Study of the Effectiveness of Intravenous Immune Globulin (10%) for the Treatment of "
        "Multifocal Motor Neuropathy"
    )
    written = entry("NCT00666263", title, "Multifocal Motor Neuropathy")
    written["protocolSection"]["statusModule"] |= {
        "studyFirstPostDateStruct": {"date": "2008-04-24"},
        "resultsFirstPostDateStruct": {"date": "2013-03-13"},
        "lastUpdatePostDateStruct": {"date": "2021-05-19"},
    }
    written["protocolSection"]["designModule"] = {
        "studyType": "INTERVENTIONAL",
        "phases": ["PHASE3"],
        "designInfo": {"allocation": "RANDOMIZED", "interventionModel": "CROSSOVER"},
        "enrollmentInfo": {"count": 50, "type": "ACTUAL"},
    }
    written["hasResults"] = True
    return written


def fictional_entry() -> dict[str, Any]:
    """Return the made-up trial's register entry, with the results it never had."""
    written = entry(
        NEW_NCT,
        f"Fictional A: immunoglobulin versus placebo ({MADE_UP})",
        "Multifocal Motor Neuropathy",
    )
    protocol = written["protocolSection"]
    protocol["statusModule"] = {
        "overallStatus": "COMPLETED",
        "startDateStruct": {"date": "2024-02"},
        "primaryCompletionDateStruct": {"date": "2026-02-27", "type": "ACTUAL"},
        "completionDateStruct": {"date": "2026-03-31", "type": "ACTUAL"},
        "studyFirstPostDateStruct": {"date": "2024-01-15", "type": "ACTUAL"},
        "resultsFirstPostDateStruct": {"date": "2026-09-01", "type": "ACTUAL"},
        "lastUpdatePostDateStruct": {"date": "2026-09-01", "type": "ACTUAL"},
    }
    protocol["designModule"] = {
        "studyType": "INTERVENTIONAL",
        "phases": ["PHASE3"],
        "designInfo": {"allocation": "RANDOMIZED", "interventionModel": "PARALLEL"},
        "enrollmentInfo": {"count": 24, "type": "ACTUAL"},
    }
    protocol["armsInterventionsModule"] = {
        "armGroups": [
            {"label": "IVIg", "type": "EXPERIMENTAL", "interventionNames": ["Drug: IVIg"]},
            {
                "label": "Placebo",
                "type": "PLACEBO_COMPARATOR",
                "interventionNames": ["Drug: Placebo"],
            },
        ],
        "interventions": [{"type": "DRUG", "name": "IVIg"}, {"type": "DRUG", "name": "Placebo"}],
    }
    written["resultsSection"] = _fictional_results()
    written["hasResults"] = True
    return written


def _fictional_results() -> dict[str, Any]:
    return {
        "outcomeMeasuresModule": {
            "outcomeMeasures": [
                _counted("PRIMARY", "Improvement in muscle strength", ivig=9, placebo=2),
                _counted("SECONDARY", "Improvement in disability", ivig=6, placebo=3),
            ]
        },
        "adverseEventsModule": {
            "timeFrame": "12 weeks",
            "eventGroups": [
                _event_group("EG000", "IVIg", serious=1, other=5),
                _event_group("EG001", "Placebo", serious=0, other=2),
            ],
        },
    }


def _counted(kind: str, title: str, *, ivig: int, placebo: int) -> dict[str, Any]:
    counts = {"OG000": ivig, "OG001": placebo}
    return {
        "type": kind,
        "title": title,
        "reportingStatus": "POSTED",
        "paramType": "COUNT_OF_PARTICIPANTS",
        "unitOfMeasure": "Participants",
        "timeFrame": "12 weeks",
        "groups": [{"id": "OG000", "title": "IVIg"}, {"id": "OG001", "title": "Placebo"}],
        "denoms": [
            {
                "units": "Participants",
                "counts": [{"groupId": each, "value": "12"} for each in counts],
            }
        ],
        "classes": [
            {
                "categories": [
                    {
                        "measurements": [
                            {"groupId": each, "value": str(count)} for each, count in counts.items()
                        ]
                    }
                ]
            }
        ],
    }


def _event_group(name: str, title: str, *, serious: int, other: int) -> dict[str, Any]:
    return {
        "id": name,
        "title": title,
        "seriousNumAffected": serious,
        "seriousNumAtRisk": 12,
        "otherNumAffected": other,
        "otherNumAtRisk": 12,
    }


_KNOWN: Mapping[str, Callable[[], Sequence[Any]]] = {
    "pubmed": baseline_articles,
    "ctgov": baseline_studies,
    "europepmc": baseline_results,
    "crossref": baseline_documents,
}
