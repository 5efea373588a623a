"""The text of protocol.toml to a checked ReviewProtocol, or every fault of it at once. Pure.

docs/protocol.md describes the file, key by key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.cron import cron_fault
from bot.faults import Fault
from bot.protocol import (
    RATIOS,
    Amendment,
    AnalysisPlan,
    ArmDefinition,
    Comparison,
    Criterion,
    LivingMode,
    OpenDecision,
    Outcome,
    OutcomeKind,
    Published,
    ReviewProtocol,
    Role,
    SignalRule,
    SourcePlan,
    direction,
)
from bot.tables import Notes, Table

FILE = "protocol.toml"

AUTOMATIC = ("pubmed", "ctgov", "europepmc", "openalex", "crossref")
MANUAL = "manual"
SEATS = {  # the fewest seats with which the work is done as the review promises
    "screener": 2,
    "extractor": 2,
    "adjudicator": 1,
    "lead": 1,
    "information_specialist": 1,
    "operator": 1,
}
MEASURES = {
    OutcomeKind.EVENTS: ("RR", "OR", "RD"),
    OutcomeKind.CONTINUOUS: ("MD", "SMD"),
}
METHODS = {OutcomeKind.EVENTS: ("MH", "IV"), OutcomeKind.CONTINUOUS: ("IV",)}
MODELS = ("common", "random")
SIGNALS = ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8")
NEEDS_PARAMETER = frozenset({"S2", "S8"})
CERTAINTIES = ("high", "moderate", "low", "very low")
MODES = ("trigger", "fixed")

_DIRECTION = re.compile(r"(above|below) (\S+) favours (\S+)")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.txt")

Item = TypeVar("Item")


class ProtocolFaults(Exception):
    """Mend the review folder; nothing was loaded. `faults` has every fault, by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True)
class _Section(Generic[Item]):
    """The items of an array of tables; `sound` has those that were read without a fault."""

    items: tuple[Item, ...]
    ids: tuple[str, ...]
    sound: dict[str, Item]


def parse_protocol(text: str) -> ReviewProtocol:
    """Read and check a whole protocol file; raise ProtocolFaults naming everything wrong in it."""
    notes = Notes(FILE, text)
    document = notes.document()
    if document is None:
        raise ProtocolFaults(notes.faults)
    protocol = _protocol(document)
    document.close()
    if notes.faults:
        raise ProtocolFaults(notes.faults)
    return protocol


def _protocol(document: Table) -> ReviewProtocol:
    review = document.table("review", "the review")
    criteria = _section(document, "criteria", "criterion", _criterion)
    roles = _section(document, "roles", "role", _role)
    sources = _section(document, "sources", "source", _source)
    arms = _section(document, "arms", "arm", _arm)
    outcomes = _section(document, "outcomes", "outcome", _outcome)
    comparisons = _section(
        document, "comparisons", "comparison", lambda table: _comparison(table, arms)
    )
    analyses = _section(
        document, "analyses", "analysis", lambda table: _analysis(table, outcomes, comparisons)
    )
    rules = _section(document, "signal_rules", "signal rule", _signal_rule)
    decisions = _section(document, "open_decisions", "open decision", _open_decision, least=0)
    amendments = tuple(
        _amendment(each) for each in document.each("amendments", "amendment", least=0)
    )
    _missing_roles(document, roles)
    version = review.text("version") if review is not None else ""
    _amended(document, version, amendments)
    protocol = ReviewProtocol(
        id=review.identifier() if review is not None else "",
        version=version,
        title=review.text("title") if review is not None else "",
        short_title=review.text("short_title") if review is not None else "",
        question=review.text("question") if review is not None else "",
        time_zone=_time_zone(review) if review is not None else "",
        criteria=criteria.items,
        roles=roles.items,
        sources=sources.items,
        arms=arms.items,
        outcomes=outcomes.items,
        comparisons=comparisons.items,
        analyses=analyses.items,
        signal_rules=rules.items,
        open_decisions=decisions.items,
        living=_living(document),
        amendments=amendments,
    )
    if review is not None:
        review.close()
    return protocol


def _section(
    document: Table, key: str, name: str, read: Callable[[Table], Item], *, least: int = 1
) -> _Section[Item]:
    """Read an array of tables with ids; each id may be given once."""
    items: list[Item] = []
    ids: list[str] = []
    sound: dict[str, Item] = {}
    for table in document.each(key, name, least=least):
        known = len(table.notes.faults)
        own = table.identifier()
        if own and own in ids:
            table.fault("id", f"'{own}' a second time", "each id once")
        items.append(read(table))
        ids.append(own)
        if own and len(table.notes.faults) == known:
            sound[own] = items[-1]
    return _Section(tuple(items), tuple(each for each in ids if each), sound)


def _criterion(table: Table) -> Criterion:
    return Criterion(table.identifier(), table.text("text"))


def _role(table: Table) -> Role:
    role = table.one_of("id", tuple(SEATS))
    return Role(role, table.whole("seats", least=SEATS.get(role, 1)), table.text("text"))


def _missing_roles(document: Table, roles: _Section[Role]) -> None:
    for role in SEATS:
        if roles.ids and role not in roles.ids:
            document.fault("roles", f"no role '{role}'", "every role once")


def _source(table: Table) -> SourcePlan:
    kind = table.one_of("kind", (*AUTOMATIC, MANUAL))
    return SourcePlan(
        id=_source_id(table, kind),
        kind=kind,
        name=table.text("name"),
        schedule=_schedule(table),
        strategy_file=_file_name(table, "strategy") or "",
        filter_file=_file_name(table, "filter", required=False),
    )


def _source_id(table: Table, kind: str) -> str:
    """An automatic source is called what its program is called; no other source is."""
    own = table.identifier()
    if kind in AUTOMATIC and own and own != kind:
        table.fault("id", f"'{own}'", f"'{kind}', as its kind")
    elif kind == MANUAL and own in AUTOMATIC:
        table.fault("id", f"'{own}'", f"another id: '{own}' is searched by the program")
    return own


def _schedule(table: Table) -> str:
    schedule = table.text("schedule")
    expected = cron_fault(schedule) if schedule else None
    if expected is not None:
        table.fault("schedule", f"'{schedule}'", expected)
    return schedule


def _file_name(table: Table, key: str, *, required: bool = True) -> str | None:
    found = table.optional_text(key, required=required)
    if found is not None and not _FILE_NAME.fullmatch(found):
        table.fault(key, f"'{found}'", "the name of a .txt file in strategies/")
    return found


def _arm(table: Table) -> ArmDefinition:
    return ArmDefinition(table.identifier(), table.text("label"))


def _outcome(table: Table) -> Outcome:
    kind = table.one_of("kind", tuple(OutcomeKind))
    events, continuous = kind == OutcomeKind.EVENTS, kind == OutcomeKind.CONTINUOUS
    return Outcome(
        id=table.identifier(),
        label=table.text("label"),
        kind=OutcomeKind(kind) if kind else OutcomeKind.EVENTS,
        event_is=_side(table, "event_is", ("good", "bad"), kind, wanted=events),
        higher_is=_side(table, "higher_is", ("better", "worse"), kind, wanted=continuous),
        time_point=_time_point(table),
        key=table.flag("key"),
        unit=table.optional_text("unit"),
        aliases=table.texts("aliases"),
    )


def _side(
    table: Table, key: str, allowed: tuple[str, str], kind: str, *, wanted: bool
) -> str | None:
    """Read which way is good: an outcome of events says `event_is`, of means `higher_is`."""
    found = table.optional_text(key, required=wanted)
    if found is None:
        return None
    if kind and not wanted:
        table.fault(key, f"'{found}'", f"no '{key}' in an outcome of kind {kind}")
    elif found not in allowed:
        table.fault(key, f"'{found}'", f"one of {', '.join(allowed)}")
    return found


def _time_point(table: Table) -> str:
    found = table.text("time_point")
    if "|" in found:
        table.fault("time_point", f"'{found}'", "a text without '|'")
    return found


def _comparison(table: Table, arms: _Section[ArmDefinition]) -> Comparison:
    found = table.texts("arms", least=2)
    for arm in found:
        if arm not in arms.ids:
            table.fault("arms", f"'{arm}'", f"one of {', '.join(arms.ids)}")
    if len(found) > 2:
        table.fault("arms", f"{len(found)} arms", "two")
    pair = (found[0], found[1]) if len(found) == 2 else ("", "")
    return Comparison(table.identifier(), table.text("label"), pair)


def _analysis(
    table: Table, outcomes: _Section[Outcome], comparisons: _Section[Comparison]
) -> AnalysisPlan:
    outcome = outcomes.sound.get(named := table.one_of("outcome", outcomes.ids))
    comparison = comparisons.sound.get(compared := table.one_of("comparison", comparisons.ids))
    measure = _fitting(table, "measure", MEASURES, outcome)
    arms = _ordered_arms(table, comparison)
    return AnalysisPlan(
        id=table.identifier(),
        outcome=named,
        comparison=compared,
        time_point=_planned_time_point(table, outcome),
        measure=measure,
        method=_fitting(table, "method", METHODS, outcome),
        model=table.one_of("model", MODELS),
        arm_1=arms[0],
        arm_2=arms[1],
        direction=_direction(table, outcome, measure, arms),
        arm_order_inferred=table.flag("arm_order_inferred"),
        published=_published(table, measure),
    )


def _fitting(
    table: Table,
    key: str,
    fitting: dict[OutcomeKind, tuple[str, ...]],
    outcome: Outcome | None,
) -> str:
    """Read a measure or a method, which must exist and fit the kind of the outcome."""
    known = dict.fromkeys(each for kind in fitting.values() for each in kind)
    found = table.one_of(key, tuple(known))
    if found and outcome is not None and found not in fitting[outcome.kind]:
        allowed = " or ".join(fitting[outcome.kind])
        table.fault(key, f"'{found}'", f"{allowed}: '{outcome.id}' is of kind {outcome.kind}")
        return ""
    return found


def _ordered_arms(table: Table, comparison: Comparison | None) -> tuple[str, str]:
    """Read the two arms in the order of the analysis; they are those of its comparison."""
    found = (table.text("arm_1"), table.text("arm_2"))
    if comparison is None:
        return ("", "")
    good = True
    for key, arm in zip(("arm_1", "arm_2"), found, strict=True):
        if arm and arm not in comparison.arms:
            expected = f"one of {', '.join(comparison.arms)}, the arms of '{comparison.id}'"
            table.fault(key, f"'{arm}'", expected)
            good = False
    if found[0] and found[0] == found[1]:
        table.fault("arm_2", f"'{found[1]}' again", "the other arm of the comparison")
        good = False
    return found if good and all(found) else ("", "")


def _planned_time_point(table: Table, outcome: Outcome | None) -> str:
    found = table.optional_text("time_point")
    if outcome is None:
        return found or ""
    if found is not None and found != outcome.time_point:
        table.fault("time_point", f"'{found}'", f"'{outcome.time_point}', as its outcome has it")
    return outcome.time_point


def _direction(table: Table, outcome: Outcome | None, measure: str, arms: tuple[str, str]) -> str:
    """Compute what a result above no effect means, and compare what the file says with it."""
    said = table.text("direction")
    if outcome is None or not measure or not all(arms):
        return ""
    computed = direction(outcome, measure, arms)
    if said and said not in (computed, _turned(computed, arms)):
        more = outcome.event_is or f"{outcome.higher_is} when higher"
        expected = f"'{computed}' ({measure}, {arms[0]} first, the outcome is {more})"
        table.fault("direction", f"'{said}'", expected)
    return computed


def _turned(said: str, arms: tuple[str, str]) -> str:
    """Say the same of a result below no effect."""
    parts = _DIRECTION.fullmatch(said)
    if parts is None:
        return said
    other = arms[1] if parts[3] == arms[0] else arms[0]
    return f"below {parts[2]} favours {other}"


def _published(table: Table, measure: str) -> Published | None:
    inner = table.optional_table("published", f"{table.name}, published")
    if inner is None:
        return None
    published = Published(
        estimate=_printed(inner, "estimate"),
        ci_lower=_printed(inner, "ci_lower"),
        ci_upper=_printed(inner, "ci_upper"),
        certainty=inner.one_of("certainty", CERTAINTIES),
        source=inner.text("source"),
        studies=inner.whole("studies"),
        participants=inner.whole("participants"),
    )
    _limits(inner, published, measure)
    inner.close()
    return published


def _printed(table: Table, key: str) -> str:
    """Read a number as printed: a text, so that 3.00 keeps its digits."""
    found = table.text(key)
    if found and not _NUMBER.fullmatch(found):
        table.fault(key, f"'{found}'", 'a number as printed, in quotes, such as "3.00"')
        return ""
    return found


def _limits(table: Table, published: Published, measure: str) -> None:
    printed = (published.ci_lower, published.estimate, published.ci_upper)
    if not all(printed):
        return
    lower, estimate, upper = map(float, printed)
    if not lower <= estimate <= upper:
        table.fault("estimate", f"'{published.estimate}'", f"between {printed[0]} and {printed[2]}")
    if measure in RATIOS and lower < 0:
        table.fault("ci_lower", f"'{published.ci_lower}'", f"0 or more, as every {measure}")


def _signal_rule(table: Table) -> SignalRule:
    rule = table.one_of("id", SIGNALS)
    parameter = table.optional_number("parameter")
    if rule in NEEDS_PARAMETER:
        if parameter is None or not 0 < parameter <= 1:
            found = "none" if parameter is None else f"{parameter:g}"
            table.fault("parameter", found, f"the threshold of {rule}: above 0, at most 1")
    elif rule and parameter is not None:
        table.fault("parameter", f"{parameter:g}", f"none: {rule} has no threshold")
    return SignalRule(rule, table.text("text"), table.flag("changes_conclusions"), parameter)


def _open_decision(table: Table) -> OpenDecision:
    return OpenDecision(
        table.identifier(), table.text("question"), table.text("default"), table.texts("concerns")
    )


def _amendment(table: Table) -> Amendment:
    return Amendment(
        version=table.text("version"),
        decided_on=table.day("decided_on"),
        reason=table.text("reason"),
        agreed_by=table.texts("agreed_by", least=1),
    )


def _amended(document: Table, version: str, amendments: tuple[Amendment, ...]) -> None:
    """The newest amendment is the one that made the version in force."""
    versions = [each.version for each in amendments]
    for place, each in enumerate(versions):
        if each and each in versions[:place]:
            path = ("amendments", place, "version")
            document.notes.add(path, "amendments", f"version '{each}' a second time", "each once")
    if versions and version and versions[-1] != version:
        path = ("amendments", len(versions) - 1, "version")
        expected = f"'{version}', the version in [review]"
        document.notes.add(path, "the last amendment", f"version '{versions[-1]}'", expected)


def _living(document: Table) -> LivingMode:
    living = document.table("living", "the living mode")
    if living is None:
        return LivingMode("", "", "", "", "")
    mode = LivingMode(
        mode=living.one_of("mode", MODES),
        rationale=living.text("rationale"),
        preceding_doi=_doi(living),
        retirement=living.text("retirement"),
        updating_policy=living.text("updating_policy"),
    )
    living.close()
    return mode


def _doi(table: Table) -> str:
    found = table.text("preceding_doi")
    if found and not _DOI.fullmatch(found):
        table.fault("preceding_doi", f"'{found}'", "a DOI such as 10.1002/14651858.CD004429.pub3")
    return found


def _time_zone(review: Table) -> str:
    name = review.text("time_zone")
    try:
        ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        review.fault("time_zone", f"'{name}'", "a time zone such as Europe/London")
    return name
