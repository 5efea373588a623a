"""ISRCTN's format `default`: trials as XML, all of an answer in one document.

The registry writes out what it does not know ("Nil known"), has two shapes of outcomes, and no
field for the status of a trial: an override wins, else its days of recruitment say it, which is
left to the reader of them. Contacts are not read, and not kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.elements import names_of
from extraction.readers.odd import FoundRecord, OddRecord, read_each
from extraction.readers.payload import parse_xml, text_of
from extraction.readers.text import NO_TITLE

SOURCE = "isrctn"
WHAT = "ISRCTN"
ROOT = "allTrials"
PUBLICATION_TYPE = "Clinical Trial Registration"
_NAMESPACE = "http://www.67bricks.com/isrctn"
_IN = f"{{{_NAMESPACE}}}"
_EXPECTED = f"XML with the root {ROOT} of {_NAMESPACE} and its totalCount"
# How the registry writes that it was told nothing.
_NOTHING = re.compile(r"nil known|not provided at .*|not applicable|n/a|none|null", re.I)
_RANDOMISED = re.compile(r"randomi[sz]ed", re.I)
_NOT_RANDOMISED = re.compile(r"non[- ]?randomi[sz]ed", re.I)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PERSONS = ("contact", "parties")
# The elements of a trial, by their names: what is read, and what is known and left.
ELEMENTS = names_of(
    "allTrials fullTrial trial isrctn trialDescription acknowledgment title scientificTitle"
    " acronym studyHypothesis plainEnglishSummary primaryOutcomes primaryOutcome secondaryOutcomes"
    " secondaryOutcome outcomeMeasure variable method timepoints trialWebsite"
    " ethicsApprovalRequired ethicsApproval ethicsCommittees ethicsCommittee committeeName"
    " committeeReference contactDetails address city state country zip telephone email"
    " externalRefs doi eudraCTNumber ctisNumber irasNumber clinicalTrialsGovNumber"
    " protocolSerialNumber secondaryNumbers secondaryNumber trialDesign studyDesign"
    " primaryStudyDesign secondaryStudyDesign trialSettings trialSetting trialTypes trialType"
    " overallStartDate overallEndDate overallStatusOverride reasonAbandoned participants"
    " recruitmentCountries trialCentres trialCentre name participantTypes participantType"
    " healthyVolunteersAllowed inclusion ageRange lowerAgeLimit upperAgeLimit gender"
    " targetEnrolment totalFinalEnrolment totalTarget exclusion patientInfoSheet recruitmentStart"
    " recruitmentEnd recruitmentStartStatusOverride recruitmentStatusOverride conditions condition"
    " description diseaseClass1 diseaseClass2 interventions intervention interventionType"
    " pharmaceuticalStudyTypes pharmaceuticalStudyType phase drugNames results publicationPlan"
    " ipdSharingStatement intentToPublish dataPolicies dataPolicy publicationDetails"
    " publicationStage biomedRelated basicReport plainEnglishReport outputs output externalLink"
    " localFile description productionNotes parties funderId contactId sponsorId attachedFiles"
    " attachedFile miscellaneous ipdSharingPlan contact forename surname orcid contactTypes"
    " contactType privacy sponsor organisation website sponsorType rorId commercialStatus gridId"
    " funder fundRef"
)
_RESULTS = frozenset({"resultsarticle", "basicresults", "plainenglishresults", "funderreport"})


@dataclass(frozen=True, slots=True)
class TrialsFound:
    """The trials of an answer; `total` is how many answer the query, with or without them."""

    records: tuple[Record, ...]
    total: int
    odd: tuple[OddRecord, ...] = ()

    @property
    def found(self) -> tuple[FoundRecord, ...]:
        """Everything that the answer holds."""
        return (*self.records, *self.odd)


def read_trials(payload: bytes) -> TrialsFound:
    """Read an answer; raise UnreadablePayload for what is none."""
    root = _root(payload)
    records, odd = read_each(root.findall(f"{_IN}fullTrial"), _record, _number_of, source=SOURCE)
    return TrialsFound(records, int(root.get("totalCount", "")), odd)


def without_persons(payload: bytes) -> bytes:
    """Return an answer as it is kept: without its contacts."""
    root = _root(payload)
    drop_persons(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def names_persons(payload: bytes) -> bool:
    """Whether an answer names people, or who wrote an output."""
    return re.search(rb"<(?:\w+:)?(?:contact|parties)[\s/>]|createdBy=", payload) is not None


def drop_persons(root: etree._Element) -> None:
    """Take the contacts out of an answer, or of a trial of it."""
    for name in _PERSONS:
        for each in list(root.iter(f"{_IN}{name}")):
            parent = each.getparent()
            if parent is not None:
                parent.remove(each)
    for output in root.iter(f"{_IN}output"):
        if "createdBy" in output.attrib:
            del output.attrib["createdBy"]


def _root(payload: bytes) -> etree._Element:
    root = parse_xml(payload, WHAT, root=ROOT)
    total = root.get("totalCount", "")
    if root.tag != f"{_IN}{ROOT}" or not (total.isascii() and total.isdecimal()):
        found = f"the root {root.tag} with totalCount '{total[:20]}'"
        raise unreadable(WHAT, found=found, expected=_EXPECTED)
    return root


def _record(full: etree._Element) -> Record:
    number = _number_of(full)
    trial = full.find(f"{_IN}trial")
    if trial is None or number is None:
        raise unreadable(WHAT, found="a trial without its number", expected="isrctn in it")
    assigned = _day(trial.find(f"{_IN}isrctn"), "dateAssigned")
    return Record(
        source=SOURCE,
        source_id=number,
        title=_text(trial, "trialDescription/scientificTitle")
        or _text(trial, "trialDescription/title")
        or NO_TITLE,
        kind=RecordKind.REGISTER_ENTRY,
        abstract=_summary(trial),
        authors=tuple(_texts(full, "sponsor/organisation")),
        year=int(assigned[:4]) if assigned is not None else None,
        published_on=assigned,
        publication_types=(PUBLICATION_TYPE,),
        ids=RecordIds(register=_register_ids(number, trial)),
        entry=_entry(trial),
    )


def _number_of(full: etree._Element) -> str | None:
    digits = text_of(full.find(f"{_IN}trial/{_IN}isrctn")) or ""
    found = identifiers.register_id(f"ISRCTN{digits.removeprefix('ISRCTN')}")
    return found.id if found is not None and found.register == WHAT else None


def _register_ids(number: str, trial: etree._Element) -> tuple[str, ...]:
    """Return the entry's own number first, then those of other registers that it gives."""
    names = ("eudraCTNumber", "ctisNumber", "clinicalTrialsGovNumber", "protocolSerialNumber")
    others = [_text(trial, f"externalRefs/{name}") for name in names]
    others += _texts(trial, "externalRefs/secondaryNumbers/secondaryNumber")
    found = identifiers.register_ids_in(filter(None, others))
    return tuple(dict.fromkeys([number, *found]))


def _summary(trial: etree._Element) -> str | None:
    primary = _texts(trial, "trialDescription/primaryOutcomes/outcomeMeasure/variable")
    older = _text(trial, "trialDescription/primaryOutcome")
    parts = (
        ("SUMMARY", _text(trial, "trialDescription/plainEnglishSummary")),
        ("HYPOTHESIS", _text(trial, "trialDescription/studyHypothesis")),
        ("DESIGN", _text(trial, "trialDesign/studyDesign")),
        ("INCLUSION", _text(trial, "participants/inclusion")),
        ("INTERVENTION", "; ".join(_texts(trial, "interventions/intervention/description"))),
        ("PRIMARY OUTCOME", "; ".join(primary) or older),
    )
    return "\n".join(f"{label}: {text}" for label, text in parts if text) or None


def _entry(trial: etree._Element) -> RegisterEntry:
    posted = _results_posted(trial)
    return RegisterEntry(
        overall_status=_status(trial),
        start_on=_day_of(trial, "participants/recruitmentStart"),
        primary_completion_on=_day_of(trial, "participants/recruitmentEnd"),
        completion_on=_day_of(trial, "trialDesign/overallEndDate"),
        results_posted_on=posted,
        last_update_on=_day(trial, "lastUpdated"),
        enrolment=_whole(_text(trial, "participants/totalFinalEnrolment"))
        or _whole(_text(trial, "participants/targetEnrolment")),
        has_results=posted is not None or _text(trial, "results/basicReport") is not None,
        allocation=_allocation(trial),
        intervention_model=_text(trial, "trialDesign/secondaryStudyDesign"),
        conditions=tuple(_texts(trial, "conditions/condition/description")),
        interventions=tuple(
            _texts(trial, "interventions/intervention/drugNames")
            or _texts(trial, "interventions/intervention/description")
        ),
    )


def _status(trial: etree._Element) -> str | None:
    """Return what overrides the days of recruitment; without it these are all that is said."""
    for name in ("recruitmentStatusOverride", "recruitmentStartStatusOverride"):
        said = _text(trial, f"participants/{name}")
        if said is not None:
            return said
    return None


def _results_posted(trial: etree._Element) -> str | None:
    days = (
        _day(each, "dateUploaded") or _day(each, "dateCreated")
        for each in trial.iterfind(f"{_IN}outputs/{_IN}output")
        if each.get("outputType", "").casefold() in _RESULTS
    )
    return min(filter(None, days), default=None)


def _allocation(trial: etree._Element) -> str | None:
    named = (
        _text(trial, f"trialDesign/{each}") for each in ("studyDesign", "secondaryStudyDesign")
    )
    design = " ".join(filter(None, named))
    if _NOT_RANDOMISED.search(design):
        return "NON_RANDOMIZED"
    return "RANDOMIZED" if _RANDOMISED.search(design) else None


def _path(steps: str) -> str:
    return "/".join(f"{_IN}{step}" for step in steps.split("/"))


def _text(parent: etree._Element, steps: str) -> str | None:
    text = text_of(parent.find(_path(steps)))
    return None if text is None or _NOTHING.fullmatch(text) else text


def _texts(parent: etree._Element, steps: str) -> list[str]:
    found = (text_of(each) for each in parent.iterfind(_path(steps)))
    return [text for text in found if text and not _NOTHING.fullmatch(text)]


def _day(element: etree._Element | None, name: str) -> str | None:
    found = _DAY.match(element.get(name, "")) if element is not None else None
    return found[0] if found is not None else None


def _day_of(trial: etree._Element, steps: str) -> str | None:
    found = _DAY.match(_text(trial, steps) or "")
    return found[0] if found is not None else None


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 10 else None
