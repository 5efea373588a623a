"""A review to draw: the eight published analyses by hand, then a fictional trial that moves one."""

from __future__ import annotations

from dataclasses import replace

from bot.figures.flow_counts import Counted, FlowCounts
from bot.report.document import (
    ByTwo,
    CertaintyLine,
    InputHash,
    PreviousVersion,
    ProcessFacts,
    ReviewDocument,
    RosterLine,
    ScheduleLine,
    SearchLine,
    ShownStatus,
    SignalLine,
    SinceLast,
    StudyLine,
    ValueLine,
)
from bot.results.model import (
    AnalysisResult,
    ArmNumbers,
    Heterogeneity,
    Paired,
    ShownEffect,
    StudyRow,
)
from bot.review.planned import OutcomeKind, PlannedMeasure, PlannedMethod, PlannedModel
from bot.review.protocol import (
    MANUAL,
    AnalysisPlan,
    ArmDefinition,
    Asked,
    Comparison,
    Criterion,
    EventIs,
    HigherIs,
    LivingMode,
    OpenDecision,
    Outcome,
    PrintedCertainty,
    PublishedResult,
    ReviewProtocol,
    Role,
    SignalId,
    SignalRule,
    SourcePlan,
    VersionsAppear,
)
from bot.review.published import PublishedReview
from extraction.model import Basis
from state.facts.words import RoleId, RunStatus, SignatureVerdict, VersionKind

ABSTRACT = "doi:10.1002/14651858.CD004429.pub3 (abstract)"
NO_EVENTS = "no event in either arm"
NO_PAIRS = "nobody reported how many people had the event in both periods"

LABELS = {
    "azulay1994": "Azulay 1994",
    "vandenberg1995": "van den Berg 1995",
    "federico2000": "Federico 2000",
    "leger2001": "Léger 2001",
    "harbo2009": "Harbo 2009",
    "hahn2013": "Hahn 2013",
    "fictum2026": "Fictum 2026",
}
ARMS = {"ivig": "IVIg", "scig": "SCIg", "placebo": "Placebo"}
COMPARISONS = {
    "induction": "IVIg v placebo, induction",
    "maintenance": "IVIg v placebo, maintenance",
    "safety": "IVIg v placebo, induction or maintenance",
    "route": "IVIg v SCIg, maintenance",
}
OUTCOMES = {
    "disability_improved": "Disability improved",
    "strength_improved": "Muscle strength improved",
    "block_resolved": "At least one conduction block resolved",
    "disability_worse": "Disability increased",
    "grip_worse": "Grip strength decreased",
    "side_effects": "People with side effects",
    "strength_change": "Change in muscle strength",
    "treatment_side_effects": "People with treatment-related side effects",
}


def events_row(
    study: str,
    table: tuple[int, int, int, int],
    effect: tuple[float, float, float] | None,
    weight: float | None = None,
    *,
    derived: bool = True,
) -> StudyRow:
    """One study's line: events and people on each arm, the effect, its share of the weight."""
    events_1, people_1, events_2, people_2 = table
    return StudyRow(
        study=study,
        label=LABELS[study],
        arm_1=ArmNumbers(events=events_1, total=people_1),
        arm_2=ArmNumbers(events=events_2, total=people_2),
        effect=None if effect is None else ShownEffect(*effect),
        why=NO_EVENTS if effect is None else None,
        weight=weight,
        derived=derived,
    )


def published(printed: str, certainty: str, studies: int, people: int) -> PublishedResult:
    """A published result from its text, 'estimate lower upper'."""
    estimate, lower, upper = printed.split()
    return PublishedResult(
        estimate=estimate,
        ci_lower=lower,
        ci_upper=upper,
        certainty=PrintedCertainty(certainty),
        source=ABSTRACT,
        studies=studies,
        participants=people,
    )


def asked(protocol: ReviewProtocol, **changes: str) -> ReviewProtocol:
    """Change what a protocol asks, or how it is called."""
    review = protocol.review.model_copy(update=changes)
    return protocol.model_copy(update={"review": review})


DISABILITY = AnalysisResult(
    id="1.1",
    outcome="disability_improved",
    outcome_label=OUTCOMES["disability_improved"],
    comparison="induction",
    comparison_label=COMPARISONS["induction"],
    time_point="after induction",
    measure=PlannedMeasure.RISK_RATIO,
    method=PlannedMethod.MANTEL_HAENSZEL,
    model=PlannedModel.COMMON,
    arm_1="ivig",
    arm_2="placebo",
    arm_1_label="IVIg",
    arm_2_label="Placebo",
    direction="above 1 favours ivig",
    arm_order_inferred=False,
    effect=ShownEffect(3.0, 0.8894630795835614, 10.11846383125168),
    not_estimable=None,
    studies=3,
    participants=18,
    heterogeneity=Heterogeneity(0.0, 0.7131, 1, 0.3984, 0.0),
    random_effects=ShownEffect(2.5324, 0.7604, 8.4342),
    rows=(
        events_row("azulay1994", (0, 5, 0, 5), None),
        events_row("vandenberg1995", (3, 6, 0, 6), (7.0, 0.4378, 111.9126), 0.2),
        events_row("leger2001", (4, 7, 2, 7), (2.0, 0.5261, 7.6037), 0.8),
    ),
    paired=Paired(None, None, "Léger 2001 is no true cross-over, and its periods are not reported"),
    published=published("3.00 0.89 10.12", "low", 3, 18),
    derived_inputs=True,
)

STRENGTH = replace(
    DISABILITY,
    id="1.2",
    outcome="strength_improved",
    outcome_label=OUTCOMES["strength_improved"],
    effect=ShownEffect(11.0, 2.8641, 42.247),
    participants=27,
    heterogeneity=Heterogeneity(0.0, 0.9936, 2, 0.6085, 0.0),
    random_effects=ShownEffect(8.6271, 2.3032, 32.3149),
    rows=(
        events_row("azulay1994", (5, 5, 0, 5), (11.0, 0.7658, 158.0075), 0.25),
        events_row("vandenberg1995", (5, 6, 1, 6), (5.0, 0.8064, 31.0024), 0.5),
        events_row("federico2000", (11, 16, 0, 16), (23.0, 1.4697, 359.9455), 0.25),
    ),
    paired=Paired(None, None, NO_PAIRS),
    published=published("11.00 2.86 42.25", "low", 3, 27),
)

BLOCK = replace(
    DISABILITY,
    id="1.3",
    outcome="block_resolved",
    outcome_label=OUTCOMES["block_resolved"],
    effect=ShownEffect(7.0, 0.9478, 51.7008),
    studies=4,
    participants=28,
    heterogeneity=Heterogeneity(0.0, 0.4037, 1, 0.5252, 0.0),
    random_effects=ShownEffect(6.0784, 0.7877, 46.9061),
    rows=(
        events_row("azulay1994", (0, 5, 0, 5), None),
        events_row("vandenberg1995", (1, 6, 0, 6), (3.0, 0.1458, 61.7382), 0.5),
        events_row("federico2000", (5, 10, 0, 10), (11.0, 0.688, 175.8626), 0.5),
        events_row("leger2001", (0, 7, 0, 7), None),
    ),
    paired=Paired(None, None, NO_PAIRS),
    published=published("7.00 0.95 51.70", "low", 4, 28),
)

DISABILITY_WORSE = replace(
    DISABILITY,
    id="2.1",
    outcome="disability_worse",
    outcome_label=OUTCOMES["disability_worse"],
    comparison="maintenance",
    comparison_label=COMPARISONS["maintenance"],
    time_point="end of maintenance period",
    arm_1="placebo",
    arm_2="ivig",
    arm_1_label="Placebo",
    arm_2_label="IVIg",
    effect=ShownEffect(2.4286, 1.1252, 5.2415),
    studies=1,
    participants=42,
    heterogeneity=None,
    random_effects=None,
    rows=(events_row("hahn2013", (17, 42, 7, 42), (2.4286, 1.1252, 5.2415), 1.0, derived=False),),
    paired=Paired(ShownEffect(2.4286, 1.0894, 5.4139), "joint counts of Hahn 2013", None),
    published=published("2.43 1.13 5.24", "moderate", 1, 42),
    derived_inputs=False,
)

GRIP_WORSE = replace(
    DISABILITY_WORSE,
    id="2.2",
    outcome="grip_worse",
    outcome_label=OUTCOMES["grip_worse"],
    arm_1="ivig",
    arm_2="placebo",
    arm_1_label="IVIg",
    arm_2_label="Placebo",
    direction="below 1 favours ivig",
    effect=ShownEffect(0.2, 0.0747, 0.5354),
    rows=(events_row("hahn2013", (4, 42, 20, 42), (0.2, 0.0747, 0.5354), 1.0, derived=False),),
    paired=Paired(None, None, NO_PAIRS),
    published=published("0.20 0.07 0.54", "moderate", 1, 42),
)

SIDE_EFFECTS = replace(
    DISABILITY,
    id="3.1",
    outcome="side_effects",
    outcome_label=OUTCOMES["side_effects"],
    comparison="safety",
    comparison_label=COMPARISONS["safety"],
    time_point="during treatment",
    direction="above 1 favours placebo",
    effect=ShownEffect(10.3333, 2.1453, 49.7728),
    studies=2,
    participants=21,
    heterogeneity=Heterogeneity(0.0, 0.3104, 1, 0.5775, 0.0),
    random_effects=ShownEffect(9.6179, 1.9765, 46.8008),
    rows=(
        events_row("azulay1994", (2, 5, 0, 5), (5.0, 0.2987, 83.6853), 0.3333),
        events_row("federico2000", (13, 16, 1, 16), (13.0, 1.9207, 87.9896), 0.6667),
    ),
    paired=Paired(None, None, NO_PAIRS),
    published=published("10.33 2.15 49.77", "very low", 2, 21),
)

STRENGTH_CHANGE = replace(
    DISABILITY_WORSE,
    id="4.1",
    outcome="strength_change",
    outcome_label=OUTCOMES["strength_change"],
    comparison="route",
    comparison_label=COMPARISONS["route"],
    measure=PlannedMeasure.STANDARDISED_MEAN_DIFFERENCE,
    method=PlannedMethod.INVERSE_VARIANCE,
    arm_1="ivig",
    arm_2="scig",
    arm_1_label="IVIg",
    arm_2_label="SCIg",
    direction="above 0 favours ivig",
    effect=ShownEffect(0.0795, -0.8447, 1.0036),
    participants=9,
    rows=(
        StudyRow(
            study="harbo2009",
            label=LABELS["harbo2009"],
            arm_1=ArmNumbers(total=9, mean=4.3, sd=7.285),
            arm_2=ArmNumbers(total=9, mean=3.6, sd=9.367),
            effect=ShownEffect(0.0795, -0.8447, 1.0036),
            why=None,
            weight=1.0,
            derived=True,
        ),
    ),
    paired=Paired(None, None, "the correlation of the two periods was not reported"),
    published=published("0.08 -0.84 1.00", "very low", 1, 9),
    derived_inputs=True,
)

TREATMENT_SIDE_EFFECTS = replace(
    STRENGTH_CHANGE,
    id="4.2",
    outcome="treatment_side_effects",
    outcome_label=OUTCOMES["treatment_side_effects"],
    measure=PlannedMeasure.RISK_RATIO,
    method=PlannedMethod.MANTEL_HAENSZEL,
    direction="above 1 favours scig",
    arm_order_inferred=True,
    effect=ShownEffect(0.5, 0.178, 1.4047),
    rows=(events_row("harbo2009", (3, 9, 6, 9), (0.5, 0.178, 1.4047), 1.0),),
    paired=Paired(None, None, NO_PAIRS),
    published=published("0.50 0.18 1.40", "very low", 1, 9),
)

BASELINE = (
    DISABILITY,
    STRENGTH,
    BLOCK,
    DISABILITY_WORSE,
    GRIP_WORSE,
    SIDE_EFFECTS,
    STRENGTH_CHANGE,
    TREATMENT_SIDE_EFFECTS,
)

STRENGTH_WITH_FICTUM = replace(
    STRENGTH,
    effect=ShownEffect(5.1429, 2.5374, 10.4236),
    studies=4,
    participants=67,
    heterogeneity=Heterogeneity(0.1142, 3.6092, 3, 0.3069, 0.1688),
    random_effects=ShownEffect(3.8116, 1.9091, 7.6099),
    rows=(
        events_row("azulay1994", (5, 5, 0, 5), (11.0, 0.7658, 158.0075), 0.0714),
        events_row("vandenberg1995", (5, 6, 1, 6), (5.0, 0.8064, 31.0024), 0.1429),
        events_row("federico2000", (11, 16, 0, 16), (23.0, 1.4697, 359.9455), 0.0714),
        events_row("fictum2026", (14, 20, 5, 20), (2.8, 1.2437, 6.3036), 0.7143, derived=False),
    ),
)

AFTER_FICTUM = tuple(STRENGTH_WITH_FICTUM if each.id == STRENGTH.id else each for each in BASELINE)

PROTOCOL = ReviewProtocol(
    review=Asked(
        id="mmn",
        version="1",
        title="Immunoglobulin for multifocal motor neuropathy",
        short_title="Immunoglobulin for MMN",
        question=(
            "What are the benefits and harms of immunoglobulin, given into a vein or under the"
            " skin, for people with multifocal motor neuropathy?"
        ),
        time_zone="Europe/London",
    ),
    criteria=(
        Criterion(id="E1", text="Population: people with multifocal motor neuropathy."),
        Criterion(id="E2", text="Design: randomised or quasi-randomised controlled trial."),
        Criterion(id="E3", text="Intervention: immunoglobulin as the thing compared."),
    ),
    roles=(Role(id=RoleId.LEAD, seats=1, text="Signs."),),
    sources=tuple(
        SourcePlan(id=key, kind=kind, name=name, schedule=schedule, strategy_file=f"{key}.txt")
        for key, kind, name, schedule in (
            ("pubmed", "pubmed", "PubMed", "10 6 1 * *"),
            ("ctgov", "ctgov", "ClinicalTrials.gov", "20 6 * * mon"),
            ("central", MANUAL, "CENTRAL", "0 9 1 3,9 *"),
        )
    ),
    arms=tuple(ArmDefinition(id=key, label=label) for key, label in ARMS.items()),
    outcomes=(
        *(
            Outcome(
                id=key,
                label=label,
                kind=OutcomeKind.EVENTS,
                event_is=EventIs.GOOD,
                time_point="after induction",
            )
            for key, label in OUTCOMES.items()
        ),
        Outcome(
            id="quality_of_life",
            label="Quality of life",
            kind=OutcomeKind.CONTINUOUS,
            higher_is=HigherIs.BETTER,
            time_point="end",
            key=True,
        ),
    ),
    comparisons=tuple(
        Comparison(id=key, label=label, arms=("ivig", "placebo"))
        for key, label in COMPARISONS.items()
    ),
    analyses=tuple(
        AnalysisPlan(
            id=each.id,
            outcome=each.outcome,
            comparison=each.comparison,
            time_point=each.time_point,
            measure=PlannedMeasure(each.measure),
            method=PlannedMethod(each.method),
            model=PlannedModel(each.model),
            arm_1=each.arm_1,
            arm_2=each.arm_2,
            direction=each.direction,
            arm_order_inferred=each.arm_order_inferred,
            published=each.published,
        )
        for each in BASELINE
    ),
    signal_rules=(
        SignalRule(
            id=SignalId.S2, text="The relative effect changed by half or more.", parameter=0.5
        ),
    ),
    open_decisions=(
        OpenDecision(
            id="ig-as-comparator",
            question="May a trial enter in which immunoglobulin is the comparator of another drug?",
            default="shown, not decided: such a trial is queued and may be listed as ongoing.",
            concerns=("NCT06742190",),
        ),
    ),
    living=LivingMode(
        mode=VersionsAppear.TRIGGER,
        rationale="Few trials are expected, and each may change a conclusion.",
        preceding_doi="10.1002/14651858.CD004429.pub3",
        retirement="The review leaves living mode when no registered trial is ongoing.",
        updating_policy="Corrected values supersede old ones and never overwrite them.",
    ),
    amendments=(),
)

STUDIES = (
    *(
        StudyLine(
            id=key,
            label=LABELS[key],
            status=ShownStatus.INCLUDED,
            design="crossover" if key != "leger2001" else "other",
            participants=people,
            participants_basis=basis,
            reports=(citation,),
            register_ids=register,
        )
        for key, people, basis, citation, register in (
            ("azulay1994", 5, Basis.DERIVED, "Neurology 1994;44(3 Pt 1):429-32", ()),
            (
                "vandenberg1995",
                6,
                Basis.PUBLISHED,
                "J Neurol Neurosurg Psychiatry 1995;59:248-52 (identifier unconfirmed)",
                (),
            ),
            ("federico2000", 16, Basis.PUBLISHED, "Neurology 2000;55(9):1256-62", ()),
            ("leger2001", 10, Basis.DERIVED, "Brain 2001;124(Pt 1):145-53", ()),
            ("harbo2009", 9, Basis.PUBLISHED, "Eur J Neurol 2009;16(5):631-8", ("NCT00268788",)),
            (
                "hahn2013",
                44,
                Basis.PUBLISHED,
                "J Peripher Nerv Syst 2013;18(4):321-30",
                ("NCT00666263",),
            ),
        )
    ),
)
FICTUM = StudyLine(
    id="fictum2026",
    label=LABELS["fictum2026"],
    status=ShownStatus.INCLUDED,
    design="parallel",
    participants=40,
    participants_basis=Basis.EXTRACTED,
    reports=("Fictum 2026. A plainly fictional trial. Journal of Examples 2026;1:1-9",),
    register_ids=("NCT99999901",),
    note="Fictional: it exists in this sample only.",
)
ONGOING = StudyLine(
    id="nct06742190",
    label="EMPASSION (NCT06742190)",
    status=ShownStatus.ONGOING,
    design="parallel",
    participants=154,
    participants_basis=Basis.PUBLISHED,
    register_ids=("NCT06742190",),
)
WAITING_FOR_DATA = StudyLine(
    id="figmentum2026",
    label="Figmentum 2026",
    status=ShownStatus.INCLUDED,
    design="parallel",
    not_yet_incorporated=True,
    register_ids=("NCT99999902",),
)

HOW = (
    "the one set of whole-number tables that gives the pooled risk ratio and both limits to every"
    " printed digit"
)


def event_values(result: AnalysisResult, row: StudyRow) -> tuple[ValueLine, ...]:
    """The four accepted numbers behind a study's line."""
    arms = ((result.arm_1, row.arm_1), (result.arm_2, row.arm_2))
    return tuple(
        ValueLine(
            study=row.study,
            outcome=result.outcome,
            time_point=result.time_point,
            arm=arm,
            field=field,
            number=float(number),
            unit=None,
            basis=Basis.DERIVED if row.derived else Basis.EXTRACTED,
            source=ABSTRACT if row.derived else "Journal of Examples 2026;1:1-9",
            locator=None if row.derived else "table 2",
            quote=None if row.derived else "strength improved in 14 of 20 and 5 of 20",
            how=HOW if row.derived else None,
            extracted_by=() if row.derived else ("R. One", "R. Two"),
        )
        for arm, numbers in arms
        for field, number in (("events", numbers.events), ("total", numbers.total))
        if number is not None
    )


FLOW = FlowCounts(
    previous_studies=6,
    previous_reports=9,
    database_results=(Counted("pubmed", 9),),
    register_results=(Counted("ctgov", 3),),
    duplicates=1,
    excluded_automatic=0,
    excluded_other=0,
    already_known=0,
    records_linked=0,
    records_screened=10,
    records_excluded=6,
    records_waiting=1,
    dbr_sought_reports=4,
    dbr_notretrieved_reports=None,
    dbr_assessed=4,
    dbr_excluded=(Counted("E2", 1), Counted("E3", 1)),
    reports_waiting=0,
    reports_eligible=2,
    new_studies=1,
    new_reports=2,
    ongoing=1,
    awaiting=0,
    total_studies=7,
    total_reports=11,
)
FLOW_CUMULATIVE = replace(
    FLOW,
    database_results=(Counted("pubmed", 31),),
    register_results=(Counted("ctgov", 12),),
    duplicates=3,
    records_screened=39,
    records_excluded=33,
    dbr_sought_reports=6,
    dbr_assessed=6,
    dbr_excluded=(Counted("E2", 2), Counted("E3", 2)),
)

NO_WORK = ProcessFacts(ByTwo(0, 0), ByTwo(0, 0), ByTwo(0, 0))
CERTAINTY = tuple(
    CertaintyLine(each.id, each.published.certainty, "3.0")
    for each in BASELINE
    if each.published is not None and each.published.certainty is not None
)
SCHEDULES = (
    ScheduleLine(
        "PubMed",
        "pubmed",
        "10 6 1 * *",
        "2026-11-01T06:10:07Z",
        "2026-12-01T06:10:00Z",
        False,
    ),
    ScheduleLine(
        "ClinicalTrials.gov",
        "ctgov",
        "20 6 * * mon",
        "2026-11-23T06:20:04Z",
        "2026-11-30T06:20:00Z",
        False,
    ),
    ScheduleLine("CENTRAL", MANUAL, "0 9 1 3,9 *", None, "2027-03-01T09:00:00Z", True),
)
SEARCHES = (
    SearchLine(
        source="pubmed",
        searched_at="2026-11-01T06:10:07Z",
        query=(
            '("multifocal motor neuropath*"[tiab] OR "MMN"[tiab])'
            " AND (immunoglobulin*[tiab] OR IVIg[tiab] OR SCIg[tiab])"
        ),
        status=RunStatus.OK,
        found=1412,
        new=9,
    ),
    SearchLine(
        source="ctgov",
        searched_at="2026-11-16T06:20:01Z",
        query="multifocal motor neuropathy",
        status=RunStatus.FAILED,
        error="status 503 after 5 attempts",
    ),
    SearchLine(
        source="ctgov",
        searched_at="2026-11-23T06:20:04Z",
        query="multifocal motor neuropathy",
        status=RunStatus.OK,
        found=47,
        new=3,
        known_items_missing=("NCT00268788 Subcutaneous versus intravenous immunoglobulin",),
    ),
)

PUBLISHED = PublishedReview(
    number="3.0",
    doi="10.1002/14651858.CD004429.pub3",
    published_on="2022-01-11",
    searched_on="2021-04-20",
)

BASELINE_DOCUMENT = ReviewDocument(
    protocol=PROTOCOL,
    number="3.0",
    kind=VersionKind.BASELINE,
    cause="the review as published, recomputed",
    drafted_at="2026-10-01T09:00:00Z",
    published_at="2026-10-01T09:00:00Z",
    engine="living-review-bot 0.1.0",
    results=BASELINE,
    flow=FlowCounts(previous_studies=6, previous_reports=9, total_studies=6, total_reports=9),
    flow_cumulative=FlowCounts(total_studies=6, total_reports=9),
    facts=NO_WORK,
    certainty=CERTAINTY,
    studies=STUDIES,
    schedules=SCHEDULES,
    published=PUBLISHED,
    values=tuple(
        value
        for each in (DISABILITY, STRENGTH)
        for row in each.rows
        for value in event_values(each, row)
    ),
)

UPDATE_DOCUMENT = replace(
    BASELINE_DOCUMENT,
    number="3.1",
    kind=VersionKind.UPDATE,
    cause="the last value of Fictum 2026 was accepted",
    drafted_at="2026-11-24T10:32:00Z",
    published_at=None,
    results=AFTER_FICTUM,
    flow=FLOW,
    flow_cumulative=FLOW_CUMULATIVE,
    facts=ProcessFacts(ByTwo(10, 10), ByTwo(4, 3), ByTwo(1, 1), conflicts=1, adjudicated=1),
    previous=PreviousVersion("3.0", "2022-01-11", "1", BASELINE),
    since_last=SinceLast(
        searches=2,
        failed=1,
        sources=2,
        found=1459,
        new=12,
        included=("Fictum 2026", "Figmentum 2026"),
    ),
    signals=(
        SignalLine(
            "S2",
            "1.2",
            "The relative effect changed by half or more: RR 11.00 before, 5.14 now.",
            changes_conclusions=False,
            signed_by="L. Ead",
            verdict=SignatureVerdict.ACCEPT,
            reason="The new trial is larger and agrees in direction.",
        ),
        SignalLine("S8", "1.2", "I² rose from 0% to 17%.", changes_conclusions=False),
    ),
    studies=(*STUDIES, FICTUM, WAITING_FOR_DATA, ONGOING),
    searches=SEARCHES,
    roster=(
        RosterLine("screener, extractor", "R. One", "10 verdicts, 1 extractions"),
        RosterLine("screener, extractor", "R. Two", "10 verdicts, 1 extractions"),
        RosterLine("lead, adjudicator", "L. Ead", "1 rulings, 1 signatures"),
    ),
    values=tuple(
        value
        for each in (DISABILITY, STRENGTH_WITH_FICTUM)
        for row in each.rows
        for value in event_values(each, row)
    ),
    inputs=(
        InputHash(
            "protocol.toml", "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
        ),
        InputHash(
            "accepted values", "a0b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d8e9f"
        ),
        InputHash("log head", "77889900aabbccddeeff001122334455667788990aabbccddeeff00112233445"),
    ),
)
