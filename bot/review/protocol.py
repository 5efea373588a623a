"""The review's protocol as frozen values: what is asked, searched, decided and computed. Pure.

docs/protocol.md describes protocol.toml key by key. A model checks what can be seen in one table;
what must fit another table is checked while a whole file is read (bot/review/protocol_file.py): its
validators then find the tables above them in `Known`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)

from bot.review.cron import cron_fault
from bot.review.faults import shown, wrong
from bot.review.field_types import CLOSED, Count, Day, Flag, Id, MayBeEmpty, Number, Text, Texts
from bot.review.planned import (
    BY_STRATUM,
    MEASURES,
    METHODS,
    OF_ONE_ARM,
    ONLY_BY,
    RATIOS,
    SHORT_INTERVALS,
    BiasTest,
    CovariateKind,
    OutcomeKind,
    PlannedConvention,
    PlannedInterval,
    PlannedMeasure,
    PlannedMethod,
    PlannedModel,
    PlannedPrediction,
    PlannedTau2,
    PlannedZeroCells,
    SharedControl,
)
from bot.review.wanted import Wants, is_one_of
from bot.sources.catalogue import REGISTERS, SOURCES, names_a_register
from state.facts.words import RoleId
from state.screening import SEATS


class EventIs(StrEnum):
    """Whether the event of an outcome is wished for."""

    GOOD = "good"
    BAD = "bad"


class HigherIs(StrEnum):
    """What a higher number of a continuous outcome means."""

    BETTER = "better"
    WORSE = "worse"


class PrintedCertainty(StrEnum):
    """The certainty of the evidence as a published review prints it."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    VERY_LOW = "very low"


class SignalId(StrEnum):
    """The rules that call for people; docs/protocol.md says when each fires."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"
    S5 = "S5"
    S6 = "S6"
    S7 = "S7"
    S8 = "S8"


class VersionsAppear(StrEnum):
    """When a version appears: as the evidence calls for it, or at fixed times."""

    TRIGGER = "trigger"
    FIXED = "fixed"


MANUAL = "manual"  # a person pastes the strategy and hands in the export
# How a source is searched: by which program of ours, or by a person.
KINDS = (*SOURCES, MANUAL)
# The fewest seats with which the work is done as the review promises: two people read and extract.
FEWEST_SEATS = {
    RoleId.SCREENER: SEATS,
    RoleId.EXTRACTOR: SEATS,
    RoleId.ADJUDICATOR: 1,
    RoleId.LEAD: 1,
    RoleId.INFORMATION_SPECIALIST: 1,
    RoleId.OPERATOR: 1,
}
# S2 fires at a share by which the effect changed, S8 at a share of heterogeneity (I²).
NEEDS_PARAMETER = frozenset({SignalId.S2, SignalId.S8})
# S3 fires beyond a margin about no effect, which a protocol may set.
MAY_HAVE_PARAMETER = NEEDS_PARAMETER | {SignalId.S3}

_BY_PETO = frozenset({PlannedMeasure.PETO_ODDS_RATIO, PlannedMeasure.HAZARD_RATIO})
PLAN_WORDS: Mapping[str, type[StrEnum]] = {
    "tau2": PlannedTau2,
    "interval": PlannedInterval,
    "model": PlannedModel,
    "method": PlannedMethod,
    "zero_cells": PlannedZeroCells,
}


@dataclass(frozen=True, slots=True)
class _Sided:
    """Of which kinds of outcome it must be said, and of which it may, which side is good."""

    words: type[StrEnum]
    needed: frozenset[OutcomeKind]
    may_be: frozenset[OutcomeKind]


_OF_EVENTS = _Sided(
    EventIs,
    frozenset({OutcomeKind.EVENTS, OutcomeKind.RATES, OutcomeKind.O_E}),
    frozenset({OutcomeKind.GENERIC, OutcomeKind.PROPORTION}),
)
_OF_MEASUREMENTS = _Sided(
    HigherIs, frozenset({OutcomeKind.CONTINUOUS}), frozenset({OutcomeKind.GENERIC})
)
_DIRECTION = re.compile(r"(above|below) (\S+) favours (\S+)")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
_PRINTED_MINUS = str.maketrans(
    dict.fromkeys("\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}", "-")
)
# What a sensitivity analysis changes: a word of the plan, or which studies enter.
_CHANGE = re.compile(r"(tau2|interval|model|method|zero_cells) = (\S+)")
_CHOICE = re.compile(r"(only|without) (\S+) = (.+)")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.txt")

Fitting = TypeVar("Fitting", PlannedMeasure, PlannedMethod)


@dataclass(frozen=True, slots=True)
class Known:
    """What a table finds of the tables above it, while a whole file is read.

    ids: by section, those that can be ids, whether or not their table is good. sound: by section
    and id, the tables without a fault: a table is not blamed for what it names.
    """

    ids: Mapping[str, Sequence[str]]
    sound: dict[str, dict[str, Any]] = field(default_factory=dict)

    def outcome(self, named: str | None) -> Outcome | None:
        """Return an outcome without faults."""
        found = self.sound.get("outcomes", {}).get(named or "")
        return found if isinstance(found, Outcome) else None

    def comparison(self, named: str | None) -> Comparison | None:
        """Return a comparison without faults."""
        found = self.sound.get("comparisons", {}).get(named or "")
        return found if isinstance(found, Comparison) else None


def _known(info: ValidationInfo) -> Known | None:
    return info.context if isinstance(info.context, Known) else None


def _remembered(data: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Keep a table that has no fault, so that later ones may be compared with it."""
    item = read(data)
    known = _known(info)
    if known is not None and info.field_name is not None:
        known.sound.setdefault(info.field_name, {}).setdefault(item.id, item)
    return item


def _named_in(section: str, found: str, info: ValidationInfo) -> str:
    known = _known(info)
    if known is not None and found not in known.ids[section]:
        raise wrong(f"'{found}'", is_one_of(known.ids[section]))
    return found


def _file_name(found: str) -> str:
    if not _FILE_NAME.fullmatch(found):
        raise wrong(f"'{found}'", "the name of a .txt file in strategies/")
    return found


def _kind(found: object) -> object:
    if found not in KINDS:
        raise wrong(shown(found), is_one_of(KINDS))
    return found


def _long_name(found: object) -> object:
    return SHORT_INTERVALS.get(found, found) if isinstance(found, str) else found


def _doi(found: str) -> str:
    if not _DOI.fullmatch(found):
        raise wrong(f"'{found}'", "a DOI such as 10.1002/14651858.CD004429.pub3")
    return found


def _printed(found: str) -> str:
    found = found.translate(_PRINTED_MINUS)
    if not _NUMBER.fullmatch(found):
        raise wrong(f"'{found}'", 'a number as printed, in quotes, such as "3.00"')
    return found


SourceKind = Annotated[str, Wants(is_one_of(KINDS)), BeforeValidator(_kind)]
FileName = Annotated[Text, AfterValidator(_file_name)]
Share = Annotated[float, Field(strict=True, gt=0, lt=1), Wants("a share between 0 and 1")]
Level = Annotated[float, Field(strict=True, ge=0.5, lt=1), Wants("a level such as 0.95")]
Doi = Annotated[Text, AfterValidator(_doi)]
Printed = Annotated[Text, AfterValidator(_printed)]  # a text, so that 3.00 keeps its digits


class Asked(BaseModel):
    """What the review asks, and what it is called."""

    model_config = CLOSED

    id: Id
    version: Text
    title: Text
    short_title: Text
    question: Text
    time_zone: Text

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise wrong(f"'{name}'", "a time zone such as Europe/London") from error
        return name


class Criterion(BaseModel):
    """One eligibility criterion; an exclusion names it by id."""

    model_config = CLOSED

    id: Id
    text: Text


class Role(BaseModel):
    """A role people hold, and how many seats the review wants filled."""

    model_config = CLOSED

    id: RoleId
    seats: int
    text: Text

    @field_validator("seats", mode="before")
    @classmethod
    def _enough(cls, seats: object, info: ValidationInfo) -> object:
        least = FEWEST_SEATS.get(info.data.get("id", ""), 1)
        if not isinstance(seats, int) or isinstance(seats, bool) or seats < least:
            raise wrong(shown(seats), f"a whole number of {least} or more")
        return seats


class AlertRule(BaseModel):
    """Which mails are alerts of a source: by sender and subject, with * for any signs."""

    model_config = CLOSED

    sender: Text = Field(default="*", validation_alias="from")
    subject: Annotated[Text, Field(validate_default=True)] = "*"

    @field_validator("subject")
    @classmethod
    def _says_something(cls, subject: str, info: ValidationInfo) -> str:
        if not (subject + info.data.get("sender", "")).strip("*"):
            raise wrong(f"'{subject}'", "a sender (from) or a subject that not every mail has")
        return subject

    def fits(self, sender: str, subject: str) -> bool:
        """Whether a mail is one, whatever the case of its letters."""
        return _fits(self.sender, sender) and _fits(self.subject, subject)


def _fits(pattern: str, found: str) -> bool:
    words = (re.escape(each) for each in pattern.casefold().split("*"))
    return re.fullmatch(".*".join(words), found.casefold()) is not None


class SourcePlan(BaseModel):
    """One source: how it is searched and when.

    schedule: five-field cron text read in the protocol's time zone.
    alerts: which mails its provider sends between two searches.
    strategy_file, filter_file: names in strategies/; the filter marks records, it never keeps one
    out.
    """

    model_config = CLOSED

    kind: SourceKind
    id: Id
    name: Text
    schedule: Text
    strategy_file: FileName = Field(validation_alias="strategy")
    filter_file: FileName | None = Field(default=None, validation_alias="filter")
    said_to_be_register: bool | None = Field(default=None, validation_alias="register")
    alerts: tuple[AlertRule, ...] = ()

    @property
    def takes_alerts(self) -> bool:
        """Whether what its provider sends is taken in: of sources that people search, or can."""
        return self.kind == MANUAL or SOURCES[self.kind].by_hand

    @property
    def is_register(self) -> bool:
        """Whether its records are entries of registers: as the protocol says, else by its name."""
        if self.kind in SOURCES:
            return self.kind in REGISTERS
        if self.said_to_be_register is not None:
            return self.said_to_be_register
        return names_a_register(f"{self.id} {self.name}")

    @field_validator("id")
    @classmethod
    def _as_its_kind(cls, own: str, info: ValidationInfo) -> str:
        """An automatic source is called what its program is called; no other source is.

        But for one that people can search as well: a review may leave it to them.
        """
        kind = info.data.get("kind")
        if kind in SOURCES and own != kind:
            raise wrong(f"'{own}'", f"'{kind}', as its kind")
        if kind == MANUAL and own in SOURCES and not SOURCES[own].by_hand:
            raise wrong(f"'{own}'", f"another id: '{own}' is searched by the program")
        return own

    @field_validator("alerts")
    @classmethod
    def _takes_them(
        cls, rules: tuple[AlertRule, ...], info: ValidationInfo
    ) -> tuple[AlertRule, ...]:
        kind = str(info.data.get("kind"))
        if rules and kind in SOURCES and not SOURCES[kind].by_hand:
            raise wrong("a rule for alerts", f"none: {kind} is searched by the program alone")
        return rules

    @field_validator("schedule")
    @classmethod
    def _comes(cls, schedule: str) -> str:
        expected = cron_fault(schedule)
        if expected is not None:
            raise wrong(f"'{schedule}'", expected)
        return schedule


class ArmDefinition(BaseModel):
    """A group as allocated, as the protocol names it.

    part_of: an arm that analyses compare, of which this one is a kind (a dose of a drug).
    """

    model_config = CLOSED

    id: Id
    label: Text
    part_of: Text | None = None

    @field_validator("part_of")
    @classmethod
    def _of_another(cls, found: str | None, info: ValidationInfo) -> str | None:
        if found is not None and found == info.data.get("id"):
            raise wrong(f"'{found}'", "another arm")
        return found if found is None else _named_in("arms", found, info)


class Outcome(BaseModel):
    """What is measured and when; of events whether they are good, else which way is better."""

    model_config = CLOSED

    id: Id
    label: Text
    kind: OutcomeKind
    event_is: Annotated[EventIs | None, Field(validate_default=True)] = None
    higher_is: Annotated[HigherIs | None, Field(validate_default=True)] = None
    time_point: Text
    key: Flag = False
    unit: Text | None = None
    aliases: Texts = ()

    @field_validator("event_is")
    @classmethod
    def _event_is(cls, found: EventIs | None, info: ValidationInfo) -> EventIs | None:
        _side(info, found, _OF_EVENTS)
        return found

    @field_validator("higher_is")
    @classmethod
    def _higher_is(cls, found: HigherIs | None, info: ValidationInfo) -> HigherIs | None:
        _side(info, found, _OF_MEASUREMENTS)
        _one_side(info, found)
        return found

    @field_validator("time_point")
    @classmethod
    def _one_word_of_a_key(cls, found: str) -> str:
        if "|" in found:  # it parts the names in Cell.key
            raise wrong(f"'{found}'", "a text without '|'")
        return found


def _side(
    info: ValidationInfo,
    found: StrEnum | None,
    of: _Sided,
) -> None:
    """An outcome of events says whether they are good, of means whether higher is better."""
    kind = info.data.get("kind")
    if kind in of.needed and found is None:
        raise wrong("nothing", is_one_of(of.words))
    if kind is not None and found is not None and kind not in of.needed | of.may_be:
        raise wrong(f"'{found}'", f"no '{info.field_name}' in an outcome of kind {kind}")


def _one_side(info: ValidationInfo, found: HigherIs | None) -> None:
    """A generic estimate is of events or of a measurement, and says which is good."""
    event_is = info.data.get("event_is")
    if info.data.get("kind") is OutcomeKind.GENERIC and (found is None) is (event_is is None):
        given = "nothing" if found is None else "both"
        raise wrong(given, "'event_is' or 'higher_is'")


def direction(
    outcome: Outcome, measure: str, arms: tuple[str, str], *, swapped: bool = False
) -> str:
    """Say which arm a result above no effect speaks for, arms in the order of the analysis.

    swapped: people without the event are counted
    """
    null = 1 if measure in RATIOS else 0
    more_is_good = outcome.event_is is EventIs.GOOD or outcome.higher_is is HigherIs.BETTER
    return f"above {null} favours {arms[0] if more_is_good is not swapped else arms[1]}"


class Comparison(BaseModel):
    """Two arms that are compared."""

    model_config = CLOSED

    id: Id
    label: Text
    arms: tuple[Text, Text]

    @field_validator("arms", mode="before")
    @classmethod
    def _two(cls, found: object) -> object:
        if isinstance(found, list) and len(found) < 2:
            raise wrong(shown(found), "a list of at least 2")
        if isinstance(found, list) and len(found) > 2:
            raise wrong(f"{len(found)} arms", "two")
        return found

    @field_validator("arms")
    @classmethod
    def _defined(cls, arms: tuple[str, str], info: ValidationInfo) -> tuple[str, str]:
        if arms[0] == arms[1]:
            raise wrong(f"'{arms[0]}' twice", "two different arms")
        known = _known(info)
        strange = [arm for arm in arms if known is not None and arm not in known.ids["arms"]]
        if known is not None and strange:
            named = ", ".join(f"'{arm}'" for arm in strange)
            raise wrong(named, is_one_of(known.ids["arms"]))
        return arms


class Covariate(BaseModel):
    """What studies are told apart by: a group that each belongs to, or a number that each has."""

    model_config = CLOSED

    id: Id
    label: Text
    kind: CovariateKind = CovariateKind.CATEGORY


class ControlRisks(BaseModel):
    """Risks on the second arm, as shares, at which absolute effects are told."""

    model_config = CLOSED

    low: Share | None = None
    moderate: Share | None = None
    high: Share | None = None

    @property
    def named(self) -> tuple[tuple[str, float], ...]:
        """The risks that are stated, with their names."""
        every = (("low", self.low), ("moderate", self.moderate), ("high", self.high))
        return tuple((name, risk) for name, risk in every if risk is not None)


class SequentialPlan(BaseModel):
    """What the sequential panel is asked for: it stands beside the analysis, never in its place.

    effect: the effect that the required information is for, as it is printed
    """

    model_config = CLOSED

    effect: Number
    alpha: Share = 0.05
    power: Share = 0.8


class PublishedResult(BaseModel):
    """A published result, on the natural scale, as printed (text keeps the digits)."""

    model_config = CLOSED

    ci_lower: Printed
    ci_upper: Printed
    estimate: Printed
    certainty: PrintedCertainty | None = None
    source: Text
    studies: Count | None = None
    participants: Count | None = None

    @field_validator("estimate")
    @classmethod
    def _between_its_limits(cls, estimate: str, info: ValidationInfo) -> str:
        lower, upper = info.data.get("ci_lower"), info.data.get("ci_upper")
        if lower and upper and not float(lower) <= float(estimate) <= float(upper):
            raise wrong(f"'{estimate}'", f"between {lower} and {upper}")
        return estimate


class AnalysisPlan(BaseModel):
    """One planned analysis: which numbers, which arms in which order, which measure and model.

    time_point, direction: while a file is read they are compared with the outcome; a time point
    that is left out is the outcome's, and the direction is said of a result above no effect.
    How it is computed (tau2 … convention): what is left out is as docs/methods.md says.
    """

    model_config = CLOSED

    id: Id
    outcome: Text
    comparison: Annotated[MayBeEmpty, Field(validate_default=True)] = ""
    time_point: Annotated[MayBeEmpty, Field(validate_default=True)] = ""
    measure: PlannedMeasure
    method: PlannedMethod
    model: PlannedModel
    tau2: PlannedTau2 | None = None
    interval: Annotated[PlannedInterval | None, BeforeValidator(_long_name)] = None
    prediction: PlannedPrediction | None = None
    level: Level = 0.95
    zero_cells: PlannedZeroCells | None = None
    convention: PlannedConvention = PlannedConvention.HANDBOOK
    arm_1: Text
    arm_2: Annotated[MayBeEmpty, Field(validate_default=True)] = ""
    label_1: Text | None = None
    label_2: Text | None = None
    swap_events: Flag = False
    direction: Annotated[MayBeEmpty, Field(validate_default=True)] = ""
    arm_order_inferred: Flag = False
    shared_control: SharedControl = SharedControl.SPLIT
    subgroup: Text | None = None
    overall: Flag = True
    subgroup_test: Flag = True
    sensitivity: Texts = ()
    regression: Texts = ()
    bias_tests: tuple[BiasTest, ...] = ()
    influence: Flag = False
    fragility: Flag = False
    sequential: SequentialPlan | None = None
    control_risks: ControlRisks | None = None
    thresholds: tuple[Number, ...] = ()  # effects that people call important, as they are printed
    published: PublishedResult | None = None

    @field_validator("outcome")
    @classmethod
    def _outcome(cls, named: str, info: ValidationInfo) -> str:
        return _named_in("outcomes", named, info)

    @field_validator("comparison")
    @classmethod
    def _comparison(cls, named: str, info: ValidationInfo) -> str:
        return _needed(named, info) and _named_in("comparisons", named, info)

    @field_validator("tau2", "prediction")
    @classmethod
    def _of_random_effects(cls, found: StrEnum | None, info: ValidationInfo) -> StrEnum | None:
        common = info.data.get("model") is PlannedModel.COMMON
        if found is not None and found is not PlannedPrediction.NONE and common:
            raise wrong(f"'{found}'", f"no '{info.field_name}' with model common")
        return found

    @field_validator("swap_events")
    @classmethod
    def _of_counts(cls, found: bool, info: ValidationInfo) -> bool:
        outcome = _outcome_of(info)
        if found and outcome is not None and outcome.kind is not OutcomeKind.EVENTS:
            raise wrong("true", f"false: '{outcome.id}' is of kind {outcome.kind}")
        return found

    @field_validator("subgroup")
    @classmethod
    def _by(cls, named: str | None, info: ValidationInfo) -> str | None:
        if named is None or named == BY_STRATUM:
            return named
        return _named_in("covariates", named, info)

    @field_validator("regression")
    @classmethod
    def _covariates(cls, named: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return tuple(_named_in("covariates", each, info) for each in named)

    @field_validator("sensitivity")
    @classmethod
    def _changes(cls, found: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for each in found:
            _sensible(each, info)
        return found

    @field_validator("time_point")
    @classmethod
    def _as_its_outcome(cls, found: str, info: ValidationInfo) -> str:
        outcome = _outcome_of(info)
        if outcome is None:
            return found
        if found and found != outcome.time_point:
            raise wrong(f"'{found}'", f"'{outcome.time_point}', as its outcome has it")
        return outcome.time_point

    @field_validator("measure")
    @classmethod
    def _measure(cls, found: PlannedMeasure, info: ValidationInfo) -> PlannedMeasure:
        return _fitting(found, MEASURES, _outcome_of(info))

    @field_validator("method")
    @classmethod
    def _method(cls, found: PlannedMethod, info: ValidationInfo) -> PlannedMethod:
        measure = info.data.get("measure")
        allowed = ONLY_BY.get(measure) if measure is not None else None
        if allowed is not None and found not in allowed:
            raise wrong(f"'{found}'", f"{' or '.join(allowed)} for {measure}")
        if found is PlannedMethod.PETO and measure not in _BY_PETO:
            raise wrong(f"'{found}'", f"another method than Peto's for {measure}")
        return _fitting(found, METHODS, _outcome_of(info))

    @field_validator("model")
    @classmethod
    def _model(cls, found: PlannedModel, info: ValidationInfo) -> PlannedModel:
        if info.data.get("method") is PlannedMethod.PETO and found is PlannedModel.RANDOM:
            raise wrong(f"'{found}'", "'common': Peto's method has one effect")
        return found

    @field_validator("arm_1", "arm_2")
    @classmethod
    def _of_its_comparison(cls, arm: str, info: ValidationInfo) -> str:
        if info.field_name == "arm_2" and not _needed(arm, info):
            return arm
        known = _known(info)
        if info.field_name == "arm_1" and _is_of_one_arm(info):
            return _named_in("arms", arm, info)
        comparison = known.comparison(info.data.get("comparison")) if known is not None else None
        if comparison is not None and arm not in comparison.arms:
            expected = f"{is_one_of(comparison.arms)}, the arms of '{comparison.id}'"
            raise wrong(f"'{arm}'", expected)
        if info.data.get("arm_1") == arm:
            raise wrong(f"'{arm}' again", "the other arm of the comparison")
        return arm

    @field_validator("direction")
    @classmethod
    def _computed(cls, said: str, info: ValidationInfo) -> str:
        """Compute what a result above no effect means, and compare what the file says with it."""
        if not _needed(said, info):
            return said
        outcome, measure = _outcome_of(info), info.data.get("measure")
        first, second = info.data.get("arm_1"), info.data.get("arm_2")
        if outcome is None or measure is None or first is None or second is None:
            return said
        arms = (first, second)
        computed = direction(outcome, measure, arms, swapped=bool(info.data.get("swap_events")))
        if said not in (computed, _turned(computed, arms)):
            more = outcome.event_is or f"{outcome.higher_is} when higher"
            expected = f"'{computed}' ({measure}, {arms[0]} first, the outcome is {more})"
            raise wrong(f"'{said}'", expected)
        return computed

    @field_validator("thresholds")
    @classmethod
    def _beside_no_effect(cls, found: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        """A threshold is another effect than none; a ratio is above 0."""
        is_ratio = info.data.get("measure") in RATIOS
        if info.data.get("measure") in OF_ONE_ARM:
            return found
        for each in found:
            if each == (1 if is_ratio else 0) or (is_ratio and each <= 0):
                expected = "a ratio above 0, not 1" if is_ratio else "a difference, not 0"
                raise wrong(f"{each:g}", expected)
        return found

    @field_validator("published")
    @classmethod
    def _can_be(cls, found: PublishedResult | None, info: ValidationInfo) -> PublishedResult | None:
        measure = info.data.get("measure")
        if found is not None and measure in RATIOS and float(found.ci_lower) < 0:
            raise wrong(f"'{found.ci_lower}'", f"0 or more, as every {measure}", "ci_lower")
        return found


def _is_of_one_arm(info: ValidationInfo) -> bool:
    """Tell whether an analysis compares nothing: a proportion, by its outcome or its measure."""
    outcome = _outcome_of(info)
    by_kind = outcome is not None and outcome.kind is OutcomeKind.PROPORTION
    return by_kind or info.data.get("measure") in OF_ONE_ARM


def _needed(found: str, info: ValidationInfo) -> str:
    """Return what a comparison of two arms must say, and a proportion of one arm must not."""
    if _is_of_one_arm(info) and found:
        raise wrong(f"'{found}'", "nothing: a proportion compares no arms")
    if not _is_of_one_arm(info) and not found and "outcome" in info.data:
        raise wrong("nothing", f"'{info.field_name}'")
    return found


def _sensible(said: str, info: ValidationInfo) -> None:
    """A sensitivity analysis changes one word of the plan, or which studies enter."""
    change, choice = _CHANGE.fullmatch(said), _CHOICE.fullmatch(said)
    if change is not None:
        words = PLAN_WORDS[change[1]]
        if change[2] not in {*words, *(SHORT_INTERVALS if change[1] == "interval" else ())}:
            raise wrong(f"'{said}'", f"{change[1]} = {is_one_of(words)}")
    elif choice is not None:
        _named_in("covariates", choice[2], info)
    else:
        expected = "such as 'tau2 = DL', 'without risk = high' or 'only risk = low'"
        raise wrong(f"'{said}'", f"a change of the plan {expected}")


def _outcome_of(info: ValidationInfo) -> Outcome | None:
    known = _known(info)
    return known.outcome(info.data.get("outcome")) if known is not None else None


def _fitting(
    found: Fitting, fitting: Mapping[OutcomeKind, tuple[Fitting, ...]], outcome: Outcome | None
) -> Fitting:
    """A measure or a method must fit the kind of the outcome."""
    if outcome is not None and found not in fitting[outcome.kind]:
        allowed = " or ".join(fitting[outcome.kind])
        raise wrong(f"'{found}'", f"{allowed}: '{outcome.id}' is of kind {outcome.kind}")
    return found


def _turned(said: str, arms: tuple[str, str]) -> str:
    """Say the same of a result below no effect."""
    parts = _DIRECTION.fullmatch(said)
    if parts is None:
        return said
    other = arms[1] if parts[3] == arms[0] else arms[0]
    return f"below {parts[2]} favours {other}"


class SignalRule(BaseModel):
    """One pre-registered rule; `parameter` holds its threshold where it has one."""

    model_config = CLOSED

    id: SignalId
    text: Text
    changes_conclusions: Flag = False
    parameter: Annotated[Number | None, Field(validate_default=True)] = None

    @field_validator("parameter")
    @classmethod
    def _where_it_has_one(cls, found: float | None, info: ValidationInfo) -> float | None:
        rule = info.data.get("id")
        if rule in MAY_HAVE_PARAMETER and found is not None and not 0 < found <= 1:
            raise wrong(f"{found:g}", f"the threshold of {rule}: above 0, at most 1")
        if rule in NEEDS_PARAMETER and found is None:
            raise wrong("none", f"the threshold of {rule}: above 0, at most 1")
        if rule is not None and rule not in MAY_HAVE_PARAMETER and found is not None:
            raise wrong(f"{found:g}", f"none: {rule} has no threshold")
        return found


class OpenDecision(BaseModel):
    """A policy question the authors have not settled, with the default that shows."""

    model_config = CLOSED

    id: Id
    question: Text
    default: Text
    concerns: Texts = ()


class Amendment(BaseModel):
    """One change of the protocol: when, why and by whom."""

    model_config = CLOSED

    version: Text
    decided_on: Day
    reason: Text
    agreed_by: Annotated[Texts, Field(min_length=1)]


class LivingMode(BaseModel):
    """How the review lives: when versions appear, and when it ends."""

    model_config = CLOSED

    mode: VersionsAppear
    rationale: Text
    preceding_doi: Doi | None = None
    retirement: Text
    updating_policy: Text
    signatures: Count = 2  # what changes a conclusion is never one hand's


Item = TypeVar("Item")
Remembered = Annotated[Item, WrapValidator(_remembered)]
Section = Annotated[tuple[Remembered[Item], ...], Field(min_length=1)]


class ReviewProtocol(BaseModel):
    """A whole protocol, in the order of its sections: each may name what stands above it."""

    model_config = CLOSED

    review: Asked
    criteria: Section[Criterion]
    roles: Section[Role]
    sources: Section[SourcePlan]
    arms: Section[ArmDefinition]
    outcomes: Section[Outcome]
    comparisons: tuple[Remembered[Comparison], ...] = ()
    covariates: tuple[Remembered[Covariate], ...] = ()
    analyses: Section[AnalysisPlan]
    signal_rules: tuple[Remembered[SignalRule], ...] = ()
    open_decisions: tuple[Remembered[OpenDecision], ...] = ()
    living: LivingMode
    amendments: tuple[Amendment, ...] = ()

    @property
    def id(self) -> str:
        """The review's short name."""
        return self.review.id

    @property
    def version(self) -> str:
        """The protocol's version."""
        return self.review.version

    @property
    def title(self) -> str:
        """The title, for the report."""
        return self.review.title

    @property
    def short_title(self) -> str:
        """The title, for pages and notices."""
        return self.review.short_title

    @property
    def question(self) -> str:
        """The question in a sentence or two."""
        return self.review.question

    @property
    def time_zone(self) -> str:
        """In which schedules are read and times are shown."""
        return self.review.time_zone

    @property
    def source_names(self) -> Mapping[str, str]:
        """The names of the sources, by their ids."""
        return {each.id: each.name for each in self.sources}

    def outcome(self, named: str) -> Outcome:
        """Return the outcome that an analysis names."""
        return next(each for each in self.outcomes if each.id == named)

    def thresholds(self, analysis: str) -> tuple[float, ...]:
        """Return the effects that people call important for an analysis, as they are printed."""
        return next((each.thresholds for each in self.analyses if each.id == analysis), ())
