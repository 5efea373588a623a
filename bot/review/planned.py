"""The words by which an analysis says how it is computed: kinds, measures, methods. Pure.

docs/protocol.md describes them; docs/methods.md says what stands where one is left out. A word is
the engine's own where it has one, so that a plan is handed on without a table of translations.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class OutcomeKind(StrEnum):
    """What a study reports of an outcome."""

    EVENTS = "events"  # people with the event among all
    CONTINUOUS = "continuous"  # mean, SD, people
    GENERIC = "generic"  # an estimate with its standard error, of a pair of arms
    O_E = "o_e"  # observed minus expected events and their variance, of a pair of arms
    RATES = "rates"  # events in a time at risk
    PROPORTION = "proportion"  # people with the event among all, of one arm


class PlannedMeasure(StrEnum):
    """The effect measures a protocol may ask for; RATIO is a ratio that has no name here."""

    RISK_RATIO = "RR"
    ODDS_RATIO = "OR"
    RISK_DIFFERENCE = "RD"
    MEAN_DIFFERENCE = "MD"
    STANDARDISED_MEAN_DIFFERENCE = "SMD"
    PETO_ODDS_RATIO = "PETO"
    ARCSINE_DIFFERENCE = "AS"
    GLASS_DELTA = "SMD1"
    RATIO_OF_MEANS = "ROM"
    HAZARD_RATIO = "HR"
    RATE_RATIO = "IRR"
    RATE_DIFFERENCE = "IRD"
    GENERIC = "GEN"
    RATIO = "RATIO"
    PROPORTION = "PR"
    LOGIT_PROPORTION = "PLO"
    LOG_PROPORTION = "PLN"
    ARCSINE_PROPORTION = "PAS"
    FREEMAN_TUKEY_PROPORTION = "PFT"


class PlannedMethod(StrEnum):
    """How studies are weighed."""

    MANTEL_HAENSZEL = "MH"
    INVERSE_VARIANCE = "IV"
    PETO = "PETO"


class PlannedModel(StrEnum):
    """Whether one effect is common to the studies or each has its own."""

    COMMON = "common"
    RANDOM = "random"


class PlannedTau2(StrEnum):
    """How the variance between studies is estimated."""

    REML = "REML"
    DL = "DL"
    PM = "PM"
    ML = "ML"
    EB = "EB"
    SJ = "SJ"
    HE = "HE"
    HS = "HS"


class PlannedInterval(StrEnum):
    """How the limits of the pooled effect are made."""

    WALD = "wald"
    T = "t"
    HARTUNG_KNAPP = "hartung-knapp"
    HARTUNG_KNAPP_FLOORED = "hartung-knapp-floored"


class PlannedPrediction(StrEnum):
    """By which distribution the prediction interval is made, or that there is none."""

    NONE = "none"
    AS_TESTED = "as-tested"
    T_K_1 = "t-k-1"
    T_K_2 = "t-k-2"


class PlannedZeroCells(StrEnum):
    """To which trials 0.5 is added; the engine's names (analysis/plan.py)."""

    REVMAN = "revman"
    METAFOR = "metafor"
    NONE = "none"
    ALL = "all"
    ALL_IF_ANY = "all-if-any"


class PlannedConvention(StrEnum):
    """Whose rules decide where references differ."""

    HANDBOOK = "handbook"
    REVMAN = "revman"


class SharedControl(StrEnum):
    """What is done with an arm that several arms of one trial are compared with."""

    SPLIT = "split"  # its people are shared out among the comparisons
    POOL = "pool"  # the other arms are made one


class BiasTest(StrEnum):
    """Looks at whether small studies differ from large ones."""

    EGGER = "egger"
    PETERS = "peters"
    RANK = "rank"
    TRIM_AND_FILL = "trim-and-fill"


class CovariateKind(StrEnum):
    """Whether a covariate puts studies into groups or measures them."""

    CATEGORY = "category"
    NUMBER = "number"


SHORT_INTERVALS = {"HK": PlannedInterval.HARTUNG_KNAPP}
BY_STRATUM = "stratum"  # subgroups by the part of a study that a row is about

MEASURES: Mapping[OutcomeKind, tuple[PlannedMeasure, ...]] = {
    OutcomeKind.EVENTS: (
        PlannedMeasure.RISK_RATIO,
        PlannedMeasure.ODDS_RATIO,
        PlannedMeasure.RISK_DIFFERENCE,
        PlannedMeasure.PETO_ODDS_RATIO,
        PlannedMeasure.ARCSINE_DIFFERENCE,
    ),
    OutcomeKind.CONTINUOUS: (
        PlannedMeasure.MEAN_DIFFERENCE,
        PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE,
        PlannedMeasure.GLASS_DELTA,
        PlannedMeasure.RATIO_OF_MEANS,
    ),
    OutcomeKind.GENERIC: (
        PlannedMeasure.GENERIC,
        PlannedMeasure.RATIO,
        PlannedMeasure.HAZARD_RATIO,
        PlannedMeasure.RISK_RATIO,
        PlannedMeasure.ODDS_RATIO,
        PlannedMeasure.RATE_RATIO,
        PlannedMeasure.RATIO_OF_MEANS,
        PlannedMeasure.RISK_DIFFERENCE,
        PlannedMeasure.RATE_DIFFERENCE,
        PlannedMeasure.MEAN_DIFFERENCE,
        PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE,
    ),
    OutcomeKind.O_E: (
        PlannedMeasure.HAZARD_RATIO,
        PlannedMeasure.PETO_ODDS_RATIO,
        PlannedMeasure.ODDS_RATIO,
        PlannedMeasure.RATIO,
    ),
    OutcomeKind.RATES: (PlannedMeasure.RATE_RATIO, PlannedMeasure.RATE_DIFFERENCE),
    OutcomeKind.PROPORTION: (
        PlannedMeasure.PROPORTION,
        PlannedMeasure.LOGIT_PROPORTION,
        PlannedMeasure.LOG_PROPORTION,
        PlannedMeasure.ARCSINE_PROPORTION,
        PlannedMeasure.FREEMAN_TUKEY_PROPORTION,
    ),
}
METHODS: Mapping[OutcomeKind, tuple[PlannedMethod, ...]] = {
    OutcomeKind.EVENTS: (
        PlannedMethod.MANTEL_HAENSZEL,
        PlannedMethod.INVERSE_VARIANCE,
        PlannedMethod.PETO,
    ),
    OutcomeKind.CONTINUOUS: (PlannedMethod.INVERSE_VARIANCE,),
    OutcomeKind.GENERIC: (PlannedMethod.INVERSE_VARIANCE,),
    OutcomeKind.O_E: (PlannedMethod.PETO, PlannedMethod.INVERSE_VARIANCE),
    OutcomeKind.RATES: (PlannedMethod.INVERSE_VARIANCE, PlannedMethod.MANTEL_HAENSZEL),
    OutcomeKind.PROPORTION: (PlannedMethod.INVERSE_VARIANCE,),
}
# Measures with no effect at 1; of the others it is at 0.
RATIOS = frozenset(
    {
        PlannedMeasure.RISK_RATIO,
        PlannedMeasure.ODDS_RATIO,
        PlannedMeasure.PETO_ODDS_RATIO,
        PlannedMeasure.RATIO_OF_MEANS,
        PlannedMeasure.HAZARD_RATIO,
        PlannedMeasure.RATE_RATIO,
        PlannedMeasure.RATIO,
    }
)
# Measures that compare no arms: there is no effect to be none.
OF_ONE_ARM = frozenset(MEASURES[OutcomeKind.PROPORTION])
# Measures that not every method of their kind of outcome gives.
ONLY_BY = {
    PlannedMeasure.PETO_ODDS_RATIO: (PlannedMethod.PETO, PlannedMethod.INVERSE_VARIANCE),
    PlannedMeasure.ARCSINE_DIFFERENCE: (PlannedMethod.INVERSE_VARIANCE,),
}
# Kinds whose numbers stand on a pair of arms.
OF_A_PAIR = frozenset({OutcomeKind.GENERIC, OutcomeKind.O_E})
