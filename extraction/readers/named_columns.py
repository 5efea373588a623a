"""The columns of tables by their names: what any table may call them, and the known dialects.

A dialect is recognised by columns that only it has. It says where its own names go, and which of
them are no part of a record; a column that neither it nor the common names know is told of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from extraction.readers.written import Spot


def key_of(name: str) -> str:
    """Return a column's name by its letters and figures alone: "Author(s)" is "authors"."""
    return "".join(each for each in name.casefold() if each.isalnum())


def _keys(names: str) -> tuple[str, ...]:
    return tuple(key for each in names.split("|") if (key := key_of(each)))


Names = Mapping[Spot, str]

# What any table may call them; of several columns of one slot the first that is filled counts.
COMMON: Names = {
    Spot.TITLE: "title|article title|document title|primary title|ti|t1|title of the trial"
    "|trial title|study title|public title|brief title|title primary|item title|display name"
    "|title/abstract|paper title|reference title|trial name|study name",
    Spot.OFFICIAL_TITLE: "scientific title|official title|full title|full title of the trial",
    Spot.VERNACULAR: "original title|vernacular title|translated title|original foreign title",
    Spot.ABSTRACT: "abstract|notes abstract|ab|abstract note|abstract text|abstracts|n2"
    "|original abstract|brief summary|plain english summary|lay summary|summary|study summary"
    "|brief description|abstract (english)|english abstract",
    Spot.AUTHORS: "authors|author names|author(s)|author|first authors|au|author/s"
    "|author full names|authors primary|contributors|a1|authorships.author.display_name"
    "|author list|authorstring|creator|creators",
    Spot.JOURNAL: "journal|journal/book|source title|publication title|publicationname"
    "|journal title|secondary title|source|periodical full|pubtitle|publication name|so|jf|t2"
    "|parent title|container title|primary_location.source.display_name|journal name|book title"
    "|conference"
    "|periodical abbrev",
    Spot.VOLUME: "volume|vl|vol|volume number|biblio.volume",
    Spot.ISSUE: "issue|number|is|issue number|no|biblio.issue",
    Spot.PAGES: "pages|page|page info|pagination|pg|page range|page numbers|pageinfo",
    Spot.FIRST_PAGE: "start page|page start|first page|bp|sp|beginning page|startpage"
    "|biblio.first_page|art. no.|article number|ar",
    Spot.LAST_PAGE: "end page|page end|last page|ep|ending page|other pages|biblio.last_page",
    Spot.PUBLISHED: "publication date|date of publication|date published|published|date|pubdate"
    "|pub date free form|published date|online date|da",
    Spot.YEAR: "year|publication year|py|published year|pub year|year of publication|pubyear|y1"
    "|year published",
    Spot.MONTH: "month|published month|publication month",
    Spot.DAY: "day",
    Spot.CITATION: "citation",
    Spot.LANGUAGE: "language|language of original document|article language|la|languages",
    Spot.TYPE: "publication type|document type|publication types|item type|reference type|doctype"
    "|article type|type of reference|dt|record type|pub type",
    Spot.DOI: "doi|di|do|dois|digital object identifier|article doi|doi link|doi url|ids.doi",
    Spot.PMID: "pmid|pubmed id|medline pmid|pubmed pmid|pm|pubmed number|pubmedid|ids.pmid",
    Spot.PMCID: "pmcid|pmc id|pmc|ids.pmcid",
    Spot.ACCESSION: "accession number|embase accession id|pui|eid|central id|ut"
    "|ut (unique wos id)|lens id|storeid|an|accession no",
    Spot.ADDRESS: "url|ur|link|web address|study url|trial url|document url|trial website"
    "|landing page url",
    Spot.REMARK: "extra|notes|note|comments|n1|personal notes",
    Spot.DATABASE: "database|database name|name of database|source register|library catalog|db",
    Spot.OWN_NUMBER: "trial id|trial number|ct number|eu ct number|eu trial number|eudract number"
    "|nct number|nct id|nct|jrct id|registry id|registration number|isrctn|isrctn number|drks id"
    "|drks|drks number|anzctr number|actrn|anzctr id|trial registration number|registry number"
    "|register number|main id|primary id|trial registry id|registration id|chictr id|ctri number"
    "|umin id|pactr id|irct id|clinicaltrials.gov identifier|clinicaltrials.gov id|ctgov id"
    "|study id number|registry identifier|trn|main registry id|primary registry id number"
    "|primary registry and trial identifying number|trial identifier|isrctn id|nct no",
    Spot.OTHER_NUMBERS: "clinical trial numbers|trial registration|secondary id|other ids"
    "|secondary ids|secondary identifying numbers|secondary identifiers|other study id"
    "|clinicaltrials.gov number|eudract/ctis number|other identifiers|secondary trial ids"
    "|protocol code|universal trial number|utn|ictrp id|bridged type|other records id",
    Spot.SPONSOR: "primary sponsor|sponsor|sponsor name|lead sponsor|sponsor/co-sponsors"
    "|name of sponsor|primary sponsor name|sponsor/collaborators",
    Spot.STATUS: "recruitment status|overall trial status|study status|overall status|trial status"
    "|status of the trial|status",
    Spot.CONDITION: "conditions|condition|medical conditions|medical condition|disease"
    "|health conditions|health condition(s) or problem(s) studied|health condition"
    "|conditions or problems studied",
    Spot.INTERVENTION: "interventions|intervention|drug names|intervention(s)|product|products",
    Spot.ARM: "arms|study arms",
    Spot.DESIGN: "study design|study designs|allocation|design|primary study design"
    "|assignment|allocation to intervention|trial design|intervention assignment",
    Spot.SIZE: "enrollment|target size|target sample size|sample size|enrolment|target enrolment"
    "|target number of participants|number of participants|number of participants enrolled",
    Spot.REGISTERED: "date registration3|first posted|date of registration|registration date"
    "|date registration|date applied|date registered|date of registration in drks"
    "|date of first registration|overall decision date",
    Spot.START: "start date|date enrollement|date of first enrolment|study start|study start date"
    "|overall study start date|overall start date"
    "|date of first enrollment|anticipated start date|recruitment start"
    "|recruitment start date",
    Spot.PRIMARY_END: "primary completion date|primary completion",
    Spot.END: "completion date|study completion date|end date|global end date|study end date"
    "|overall study end date|overall end date|trial end date",
    Spot.UPDATED: "last update posted|last refreshed on|last updated|last update|last edited"
    "|last updated date|last update submitted",
    Spot.RESULTS_ON: "results first posted|results date posted|date results posted",
    Spot.HAS_RESULTS: "study results|results posted|has results|results available",
    Spot.REFERENCES: "references|cited references|cr|referenced works|cited reference",
}
COMMON_KEYS: Mapping[str, tuple[Spot, int]] = {
    key: (slot, place)
    for slot, names in COMMON.items()
    for place, key in reversed(list(enumerate(_keys(names))))
}

# Names of registers, which a column of their numbers may bear: "drksId", "ISRCTN number".
_REGISTER_NAME = re.compile(
    r"(?:isrctn|drks|anzctr|actrn|nct|clinicaltrialsgov|eudract|euct|ctis|jrct|umin|chictr|ctri|kct"
    r"|cris|irct|pactr|rebec|rbr|tctr|slctr|rpcec|repec|ntr|lbctr|ictrp|japic|trial|registry"
    r"|registration)(?:trial|registration|registry)?(?:id|ids|number|no|nr|code|identifier|key)?"
)
_NO_NUMBER = frozenset({"trial", "registry", "registration", "ictrp"})
_OTHER_TITLE = re.compile(
    r"journal|source|secondary|series|book|short|alternat|abbrev|parent|running|publication|vernac"
    r"|original|translat|job|conference|host|container|periodical|titleid|subtitle"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The tables that one program writes.

    marks: sets of columns; a table that has all of one set is of this dialect. slots: its own
    names. labels: of the columns that become lines of the abstract, whatever else they are.
    left, left_like: its columns that are no part of a record. authors_by: what parts names,
    where not a semicolon. kinds_before: whether interventions begin with their kind. nothing: words
    for an empty cell.
    """

    name: str
    marks: tuple[frozenset[str], ...]
    slots: Mapping[str, tuple[Spot, int]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    left_like: re.Pattern[str] | None = None
    origin: str | None = None
    authors_by: str | None = None
    kinds_before: bool = False
    day_is_first: bool = True
    nothing: frozenset[str] = frozenset()


def slot_of(name: str, dialect: Dialect | None) -> tuple[Spot, int] | None:
    """Return where a column goes and its place among others of that slot; None: it is unknown."""
    key = key_of(name)
    if dialect is not None:
        if key in dialect.slots:
            return dialect.slots[key]
        if key in dialect.left or (dialect.left_like is not None and dialect.left_like.match(key)):
            return (Spot.SHOWN if key in dialect.labels else Spot.LEFT), 0
    if key in COMMON_KEYS:
        slot, place = COMMON_KEYS[key]
        return slot, place + _AFTER_OWN
    if dialect is not None and key in dialect.labels:
        return Spot.SHOWN, 0
    return _guessed(key)


_AFTER_OWN = 100  # a dialect's own names go before the common ones
_GUESSED = 1_000


def _guessed(key: str) -> tuple[Spot, int] | None:
    if "abstract" in key and not re.search(r"id$|language|url|link|note", key):
        return Spot.ABSTRACT, _GUESSED
    if _REGISTER_NAME.fullmatch(key) and key not in _NO_NUMBER:
        return Spot.OWN_NUMBER, _GUESSED
    return None


def like_a_title(names: Iterable[str]) -> str | None:
    """Return the one column whose name speaks of a title, where none is named as one."""
    found = [name for name in names if "title" in key_of(name) or "titel" in key_of(name)]
    own = [name for name in found if not _OTHER_TITLE.search(key_of(name))]
    return own[0] if len(own) == 1 else None
