"""The known dialects of tables, as their programs write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from extraction.readers.ictrp import FIELDS_OF_ICTRP, is_ictrp
from extraction.readers.named_columns import Dialect, Names, key_of
from extraction.readers.written import Spot

_NONE: Mapping[Spot, str] = {}


def _dialect(
    name: str,
    *marks: str,
    own: Names = _NONE,
    left: str = "",
    left_like: str = "",
    shown: str = "",
    origin: str | None = None,
    authors_by: str | None = None,
    day_is_first: bool = True,
) -> Dialect:
    """Write a dialect: names are parted by bars; shown: columns that are lines of the abstract."""
    names = [(each, slot) for slot, of_slot in own.items() for each in of_slot.split("|")]
    return Dialect(
        name=name,
        marks=tuple(frozenset(map(key_of, each.split("|"))) for each in marks),
        slots={key_of(each): (slot, at) for at, (each, slot) in enumerate(names)},
        labels={key_of(each): each for each in shown.split("|") if each},
        left=frozenset(map(key_of, left.split("|"))),
        left_like=re.compile(left_like) if left_like else None,
        origin=origin,
        authors_by=authors_by,
        kinds_before=origin == "ClinicalTrials.gov",
        day_is_first=day_is_first,
    )


# ---- managers of references ----------------------------------------------------------------------

_ZOTERO = _dialect(
    "Zotero",
    "item type|abstract note",
    "key|item type|library catalog",
    own={
        Spot.ABSTRACT: "abstract note",
        Spot.ACCESSION: "call number",
        Spot.LEFT: "number|conference name|book title|issue number",
    },
    left="key|isbn|issn|date added|date modified|access date|num pages|number of volumes"
    "|journal abbreviation|short title|series|series number|series text|series title|publisher"
    "|place|rights|type|archive|archive location|library catalog|file attachments|link attachments"
    "|manual tags|automatic tags|editor|series editor|translator|contributor|attorney agent"
    "|book author|cast member|commenter|composer|cosponsor|counsel|interviewer|producer|recipient"
    "|reviewed author|scriptwriter|words by|guest|number|edition|running time|scale|medium"
    "|artwork size|filing date|application number|assignee|issuing authority|country|meeting name"
    "|conference name|court|reporter|legal status|priority numbers|programming language|version"
    "|system|code|code number|section|session|committee|history|legislative body|references",
)
_COVIDENCE = _dialect(
    "Covidence",
    "covidence #",
    left="covidence #|ref|study|tags|inclusion status|exclusion reason|reviewer|full text url"
    "|issn|publisher|keywords",
)
_RAYYAN = _dialect(
    "Rayyan",
    "key|pubmed_id|pmc_id|notes",
    "key|authors|location|notes|issn",
    own={Spot.ACCESSION: "key"},
    left="issn|publisher|location|keywords|abstract note|rayyan key|archive|crossref id|pmc url",
    authors_by=" and ",
)
_EPPI = _dialect(
    "EPPI-Reviewer",
    "item id|parent title",
    "itemid|parenttitle",
    "id|parent title|short title",
    "parent title|parent authors|standard number",
    own={
        Spot.TYPE: "type name|type|pub type",
        Spot.JOURNAL: "parent title|parent title (journal)",
    },
    left="item id|id|short title|parent authors|standard number|institution|city|country|edition"
    "|availability|keywords|publisher|date created|date edited|created by|edited by|imported id"
    "|old item id|is local|is included|is deleted|master item id|attached documents|item status"
    "|type id|code|codes|search name|i|e|d|rank|dates edited|user|arms|outcomes|quick citation",
)
_REFWORKS = _dialect(
    "RefWorks",
    "authors primary|title primary",
    "authors, primary|title primary",
    own={Spot.DATABASE: "database|data source|sub file/database"},
    left="authors secondary|authors, secondary|authors tertiary|authors quaternary|authors quinary"
    "|title secondary|title tertiary|edition|publisher|place of publication|issn/isbn|availability"
    "|author/address|classification|links|call number|data source"
    "|identifying phrase|retrieved date|shortened title|user 1|user 2|user 3|user 4|user 5|user 6"
    "|user 7|user 8|user 9|user 10|user 11|user 12|user 13|user 14|user 15|keywords|ref id|folder"
    "|open url|source type|output language|number of volumes|cited references|date of electronic"
    "|avail date|website editor|sponsoring library|sponsoring library location|attachments|tags",
)
_ENDNOTE = _dialect(
    "EndNote",
    "reference type|secondary title|name of database",
    "reference type|isbn/issn|label",
    own={Spot.LEFT: "date|number of volumes|status"},
    left="custom 1|custom 2|custom 3|custom 4|custom 5|custom 6|custom 7|custom 8|isbn|isbn/issn"
    "|label|record_id|name of database|database provider|keywords|place published|publisher"
    "|tertiary title|secondary author|tertiary author|edition|alternate title|short title"
    "|research notes|author address|caption|call number|file attachments|figure|access date"
    "|last modified date|translated author|translated title|reviewed item|section",
)

# ---- databases -----------------------------------------------------------------------------------

_PUBMED = _dialect(
    "PubMed",
    "pmid|first author|journal/book|create date",
    own={Spot.LEFT: "first author"},
    left="create date|nihms id|first author",
    origin="PubMed",
)
_EUROPE_PMC = _dialect(
    "Europe PMC",
    "source|ext_id",
    own={
        Spot.DATABASE: "source",
        Spot.ACCESSION: "ext_id",
        Spot.JOURNAL: "journal_title",
        Spot.YEAR: "pub_year",
        Spot.PAGES: "page_info",
        Spot.TYPE: "pub_type",
    },
    left="journal_issn|cited_by|is_open_access|in_epmc|in_pmc|has_pdf|issn|first_publication_date"
    "|first_index_date|in epmc|citations|open access|full text ids|affiliation|keywords",
    origin="Europe PMC",
)
_CENTRAL = _dialect(
    "CENTRAL",
    "central id|ctgov id",
    "central id|database name|cochrane review group code",
    "cochrane review id|cochrane review group code",
    own={
        Spot.ACCESSION: "central id|cochrane review id",
        Spot.HELD_FROM_REGISTER: "ctgov id|ictrp id",
        Spot.JOURNAL: "source",
        Spot.LEFT: "url|database name",
    },
    left="embase id|cinahl id|keywords|cochrane review group code|publisher|issn|url|database name",
    origin="CENTRAL",
)
_EMBASE = _dialect(
    "Embase",
    "embase accession id",
    "author names|emtree drug index terms",
    "pui|author names",
    own={Spot.JOURNAL: "source title|source", Spot.VERNACULAR: "original title"},
    left="author addresses|correspondence address|editors|aip/ip entry date"
    "|full record entry date|conference name|conference location|conference date"
    "|conference editors|issn|isbn|book publisher|keywords|drug tradenames|drug manufacturer"
    "|device tradenames|device manufacturer|cas registry numbers|molecular sequence numbers"
    "|embase classification|summary language|full text link|embase link|open url link|copyright"
    "|article in press|subfile|abstract language|coden|country of journal|country of author"
    "|number of references|number of tables|number of figures|author keywords",
    left_like="emtree|triple|subheading",
    origin="Embase",
)
_SCOPUS = _dialect(
    "Scopus",
    "source title|eid",
    "source title|cited by|link",
    own={
        Spot.LEFT: "source|link|sponsors|open access|author full names",
        Spot.TYPE: "document type",
    },
    left="author full names|author(s) id|author ids|page count|cited by|link|affiliations"
    "|authors with affiliations|author keywords|index keywords|molecular sequence numbers"
    "|chemicals/cas|tradenames|manufacturers|funding details|funding texts|funding text"
    "|correspondence address|editors|publisher|sponsors|conference name|conference date"
    "|conference location|conference code|issn|isbn|coden|abbreviated source title"
    "|publication stage|open access|source",
    left_like="fundingtext|fundingdetails",
    origin="Scopus",
)
_WOS = _dialect(
    "Web of Science",
    "ut|so|ti",
    "pt|au|ti|so",
    own={
        Spot.PUBLISHED: "pd",
        Spot.LEFT: "pt|da|af|d2",
        Spot.TYPE: "dt",
        Spot.FIRST_PAGE: "bp|ar",
    },
    left="pt|ba|be|gp|af|bf|ca|se|bs|ct|cy|cl|sp|ho|de|id|c1|c3|rp|em|ri|oi|fu|fp|fx|nr|tc|z9|u1|u2"
    "|pu|pi|pa|sn|ei|bn|j9|ji|pn|su|si|ma|d2|dl|ea|pg|wc|we|sc|ga|oa|hc|hp|da|ed|p1|af|fd",
    origin="Web of Science",
)
_WOS_NAMED = _dialect(
    "Web of Science",
    "ut (unique wos id)",
    own={
        Spot.TITLE: "article title",
        Spot.JOURNAL: "source title|book series title",
        Spot.TYPE: "document type",
        Spot.LEFT: "publication type|doi link|author full names|date of export|publication date",
    },
    left="publication type|book authors|book editors|book group authors|author full names"
    "|book author full names|group authors|book series title|book series subtitle"
    "|conference title|conference date|conference location|conference sponsor|conference host"
    "|author keywords|keywords plus|affiliations|addresses|reprint addresses|email addresses"
    "|researcher ids|orcids|funding orgs|funding name preferred|funding text|cited reference count"
    "|times cited, wos core|times cited, all databases|180 day usage count|since 2013 usage count"
    "|publisher|publisher city|publisher address|issn|eissn|isbn|journal abbreviation"
    "|journal iso abbreviation|part number|supplement|special issue|meeting abstract|book doi"
    "|early access date|number of pages|wos categories|web of science index|research areas"
    "|ids number|open access designations|highly cited status|hot paper status|date of export"
    "|web of science record|doi link",
    origin="Web of Science",
)
_IEEE = _dialect(
    "IEEE Xplore",
    "document title|date added to xplore",
    "document title|ieee terms",
    own={Spot.PUBLISHED: "issue date", Spot.LEFT: "online date|pdf link"},
    left="author affiliations|date added to xplore|issn|isbns|eisbn|isbn|funding information"
    "|pdf link|author keywords|ieee terms|inspec controlled terms|inspec non-controlled terms"
    "|mesh_terms|article citation count|patent citation count|reference count|license"
    "|copyright year|meeting date|publisher|document identifier|online date"
    "|standards dictionary terms",
    origin="IEEE Xplore",
)
_PROQUEST = _dialect(
    "ProQuest",
    "storeid|articletype",
    "storeid|documenturl",
    own={
        Spot.TYPE: "document type|article type",
        Spot.JOURNAL: "pubtitle",
        Spot.LEFT: "database|document url",
    },
    left="companies|copyright|entrydate|issn|eissn|isbn|language of summary|place of publication"
    "|country of publication|classification|classification codes|subject terms|subjects|subject"
    "|identifier keywords|identifiers keywords|major classification codes|findacopy|find a copy"
    "|people|tags|location|document features|database|document url|publisher|page count|editors"
    "|corporate author|author affiliation|first available|advisors|degree|degree date|department"
    "|school|publication info|start page|startdate|series",
    origin="ProQuest",
)
_EBSCO = _dialect(
    "EBSCOhost",
    "article title|plink",
    "accession number|plink",
    "an|plink",
    "long db name|title|an",
    own={Spot.LEFT: "plink", Spot.TYPE: "doctype|doc types|pub types"},
    left="issn|isbn|page count|publisher|subjects|keywords|plink|long db name|isbns|issns"
    "|cover date|peer reviewed|is open access|publisher locations|affiliations|db"
    "|image quick view types|identifiers|download links|page start|languages",
    origin="EBSCOhost",
    day_is_first=False,
)
_LENS = _dialect(
    "The Lens",
    "lens id|author/s",
    "lens id|date published",
    own={Spot.LEFT: "source urls|external url"},
    left="#|issns|publisher|source country|fields of study|keywords|mesh terms|chemicals|funding"
    "|source urls|external url|microsoft academic id|citing patents count|citing works count"
    "|is open access|open access license|open access colour|field of study|conference",
    origin="The Lens",
)
_OPENALEX = _dialect(
    "OpenAlex",
    "id|authorships.author.display_name",
    "id|primary_location.source.display_name",
    "id|cited_by_count|display_name",
    own={
        Spot.TITLE: "title|display_name",
        Spot.TYPE: "type",
        Spot.ACCESSION: "id",
        Spot.LEFT: "number|language id",
    },
    left="id|relevance_score|type_crossref|indexed_in|countries_distinct_count|fwci|has_fulltext"
    "|institutions_distinct_count|corresponding_author_ids|corresponding_institution_ids"
    "|fulltext_origin|cited_by_count|is_retracted|is_paratext|mesh|locations_count|datasets"
    "|versions|referenced_works_count|related_works|ngrams_url|cited_by_api_url|updated_date"
    "|created_date|apc_list|apc_paid|has_abstract|is_xpac|awards|funders|keywords|topics|concepts"
    "|grants|abstract_inverted_index|citation_normalized_percentile|has_content|is_oa",
    left_like=r"(?:ids(?!doi|pmid|pmcid)|primarylocation(?!sourcedisplayname)|bestoalocation"
    r"|openaccess|apc|citationnormalized|citedbypercentile|primarytopic|authorships(?!author"
    r"displayname)|topics|keywords|concepts|locations|sustainable|grants|awards|funders|countsbyyear"
    r"|mesh|institution|hascontent|contenturl)",
    origin="OpenAlex",
    authors_by="|",
)
_OPENALEX_NAMED = _dialect(
    "OpenAlex",
    "title|author|citation count|source|id",
    own={Spot.ACCESSION: "id", Spot.JOURNAL: "source", Spot.TYPE: "type"},
    left="citation count|open access|topic|institution|country",
    origin="OpenAlex",
    authors_by="|",
)

# ---- registers -----------------------------------------------------------------------------------

_CTGOV = _dialect(
    "ClinicalTrials.gov",
    "nct number|study title",
    "nct number|study url",
    "nct number|study designs",
    "nct number|funded bys",
    own={
        Spot.OWN_NUMBER: "nct number",
        Spot.OFFICIAL_TITLE: "official title",
        Spot.ABSTRACT: "brief summary",
        Spot.HAS_RESULTS: "study results",
        Spot.REGISTERED: "first posted",
        Spot.LEFT: "study url|url",
    },
    left="rank|acronym|primary outcome measures|secondary outcome measures|other outcome measures"
    "|collaborators|sex|gender|age|phases|funder type|funded bys|study type|locations"
    "|study documents|study url|url|outcome measures|first submitted|verification date",
    origin="ClinicalTrials.gov",
)
_ISRCTN = _dialect(
    "ISRCTN",
    "isrctn|overall status",
    "isrctn|scientific title",
    "isrctn|date applied",
    "isrctn number|date applied",
    own={
        Spot.OWN_NUMBER: "isrctn|isrctn number",
        Spot.STATUS: "recruitment status|overall status|overall trial status",
        Spot.REGISTERED: "date applied|date assigned",
        Spot.SPONSOR: "primary sponsor|sponsor|sponsor(s)",
        Spot.DESIGN: "study design|primary study design|secondary study design",
        Spot.OTHER_NUMBERS: "clinicaltrials.gov number|eudract/ctis number|eudract number"
        "|secondary identifying numbers|protocol/serial number|other ids",
    },
    shown="study design|interventions|participant inclusion criteria|primary outcome measure",
    left="date assigned|acronym|prospective/retrospective|secondary study design|study type|phase"
    "|drug names|intervention type|secondary outcome measures|participant exclusion criteria"
    "|recruitment end date|countries of recruitment|irn number|iras number|funder|funders"
    "|funder name|trial setting|trial type|age group|gender|target sample size|url|doi"
    "|study hypothesis|ethics approval|publication list|publication and dissemination plan"
    "|ipd sharing statement|overall status override|reason abandoned|participant type"
    "|lower age limit|upper age limit|results overview|contact|scientific contact|public contact",
    left_like="contact|trialparticipatingcentre|sponsor(?:type|details|city|country)|funder",
    origin="ISRCTN",
)
_DRKS = _dialect(
    "DRKS",
    "drks id|recruitment status|acronym",
    "drks-id|recruitment status",
    "drksid|title|url",
    "drksid|recruitmentstatus",
    own={
        Spot.OWN_NUMBER: "drks id|drks-id",
        Spot.TITLE: "title|title en|title (english)|title de|title (german)",
        Spot.OTHER_NUMBERS: "secondary ids|secondary id|utn|other ids|universal trial number",
        Spot.REGISTERED: "registration drks date|registration date|date of registration in drks",
        Spot.ABSTRACT: "brief summary|summary|scientific synopsis|lay summary|brief summary (lay)",
    },
    shown="inclusion criteria|primary outcome",
    left="acronym|url|last update|exclusion criteria|secondary outcome|study type|phase|gender"
    "|minimum age|maximum age|countries|recruitment locations|study type non interventional"
    "|ethics|ethics committee|publications|result|results|deadline|description|masking|control"
    "|purpose|who is blinded|off label use|status of recruitment|address|contacts|materials|ipd",
    left_like="contact|ethics|who|recruitmentcountr|recruitmentlocation|publication",
    origin="DRKS",
)
_ANZCTR = _dialect(
    "ANZCTR",
    "actrn|public title",
    "trial id|anzctr number",
    "actrn|scientific title",
    "registration number|public title|health condition(s) or problem(s) studied",
    "actr number|scientific title",
    "actr number|study title",
    own={
        Spot.OWN_NUMBER: "actrn|anzctr number|registration number|trial id|actr number",
        Spot.OTHER_NUMBERS: "secondary id|utn|secondary ids|universal trial number (utn)|utrn"
        "|nct id|isrctn|linked study record",
        Spot.SIZE: "target sample size|sample size|actual sample size",
        Spot.END: "actual end date|anticipated end date|actual last visit date"
        "|anticipated last visit date",
        Spot.REGISTERED: "date registered|approval date|date submitted|submit date",
        Spot.START: "anticipated date of first participant enrolment|anticipated start date"
        "|actual date of first participant enrolment|date of first participant enrolment"
        "|actual start date",
        Spot.DESIGN: "allocation|allocation to intervention|study design|assignment",
    },
    shown="study design|description of intervention(s) / exposure|key inclusion criteria"
    "|primary outcome",
    left="acronym|trial acronym|key exclusion criteria|secondary outcome|phase"
    "|study type|gender|minimum age|maximum age|countries of recruitment|ethics|condition code"
    "|condition category|intervention code|comparator / control treatment|control group|masking"
    "|date last updated|date data sharing statement|funding source|secondary sponsor|stage|control"
    "|comparator|exclusive criteria|gender|healthy volunteer|purpose|concealment|sequence|endpoint"
    "|design features|masking description|statistical methods|postcode|state|country|hospital"
    "|summary results|trial website|public notes|ethics committee name|ethics application status",
    left_like="primarysponsor(?:type|address|country)|secondarysponsor|fundingsource"
    r"|(?:inclusive|exclusive)(?:min|max)|conditioncode|interventioncode|ethics|contact"
    "|(?:public|scientific)(?:queries|contact)|principalinvestigator|update",
    origin="ANZCTR",
)
_CTIS = _dialect(
    "CTIS",
    "trial number|overall trial status",
    "trial number|title of the trial",
    "eu ct number|trial title",
    own={
        Spot.OWN_NUMBER: "trial number|eu ct number",
        Spot.OTHER_NUMBERS: "protocol code",
        Spot.HAS_RESULTS: "trial results|results",
        Spot.SIZE: "total number of participants enrolled|total number enrolled",
    },
    shown="primary end point|primary endpoint|product|products",
    left="status in each country|location(s) and recruitment status|therapeutic area"
    "|therapeutic areas|trial phase|age group|gender|trial region|sponsor type|countries"
    "|countries decision date|decision date|sex|short title|rare disease|number of sites"
    "|last publication update|recruitment status in each country|results first received"
    "|orphan designation|country|secondary end point",
    origin="CTIS",
)

# Its rows are read as the trials of its XML: here is only said which columns are its own.
_ICTRP = Dialect(
    name="ICTRP",
    marks=(),
    slots={
        "trialid": (Spot.OWN_NUMBER, 0),
        "publictitle": (Spot.TITLE, 0),
        "scientifictitle": (Spot.OFFICIAL_TITLE, 0),
    },
    left=frozenset(FIELDS_OF_ICTRP),
    origin="ICTRP",
    nothing=frozenset({"NULL", '"NULL"'}),
)
DIALECTS = (
    *(_ZOTERO, _COVIDENCE, _RAYYAN, _EPPI, _REFWORKS, _ENDNOTE),
    *(_CENTRAL, _EMBASE, _SCOPUS, _WOS_NAMED, _IEEE, _PROQUEST, _EBSCO, _LENS, _OPENALEX),
    *(_OPENALEX_NAMED, _PUBMED, _EUROPE_PMC, _CTGOV, _ISRCTN, _DRKS, _ANZCTR, _CTIS, _WOS),
)


def dialect_of(names: Iterable[str]) -> Dialect | None:
    """Return the dialect whose columns a table has; None: a table of nobody's."""
    keys = frozenset(map(key_of, names))
    if is_ictrp(keys):
        return _ICTRP
    return next((each for each in DIALECTS if any(mark <= keys for mark in each.marks)), None)
