"""The extraction form: generated from the protocol's outcomes and the study's arms.

A draft is what stands in the form's fields, as text: typed by a person, or taken from what they
handed in before. It becomes the JSON of bot/acts/handed.py and is judged there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from dataclasses import fields as dataclass_fields
from itertools import combinations

from bot.acts.handed import REPORTED, Json
from bot.errors import FaultAt
from bot.review.outcome_fields import KNOWN_OF_A_PAIR, NEEDED_OF_AN_ARM
from bot.review.planned import OF_A_PAIR, OutcomeKind
from bot.review.protocol import Outcome, ReviewProtocol
from extraction.model import Cell, Design, Field, Report, Study, UnpooledResult, Value, beside
from state.agreement import Submission

NOT_REPORTED = "not_reported"
UNPOOLED = "unpooled"
_OF_REPORTING = "reporting|"
PLACE = ("time_point", "unit", "source", "locator", "quote")
# Beyond this a form is not an extraction but a mistake.
MOST_BLOCKS = 60
# What may be reported of an outcome that the protocol does not have.
KINDS_OF_A_NEW_ONE = (OutcomeKind.EVENTS, OutcomeKind.CONTINUOUS)


@dataclass(frozen=True, slots=True)
class Block:
    """One outcome at one time point: where it was read, and the typed numbers by arm and field."""

    outcome: str
    time_point: str = ""
    unit: str = ""
    source: str = ""
    locator: str = ""
    quote: str = ""
    label: str = ""  # of an outcome that the protocol does not have
    numbers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()  # arms of which nothing is reported, though something counts


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report that is added with the form: its citation, and a PMID, DOI or register id."""

    citation: str
    id: str = ""

    @property
    def name(self) -> str:
        """How the fields of the form name it."""
        return self.id or self.citation


@dataclass(frozen=True, slots=True)
class Told:
    """A result that cannot be pooled, as it is typed: an adverse event, a result in words."""

    what: str = ""
    outcome: str = ""
    arms: str = ""
    number: str = ""
    unit: str = ""
    source: str = ""
    locator: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that stands in the form."""

    design: str
    arms: tuple[str, ...]
    arm_labels: Mapping[str, str]
    participants: str
    blocks: tuple[Block, ...]
    reports: tuple[NewReport, ...] = ()
    reporting: Mapping[str, str] = field(default_factory=dict)
    unpooled: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """One number to type."""

    name: str
    field: Field
    typed: str


@dataclass(frozen=True, slots=True)
class Row:
    """The inputs of one arm, or of a pair of arms of a cross-over study."""

    label: str
    arms: tuple[str, ...]
    inputs: tuple[Input, ...]
    counts: bool  # something is accepted or published of them
    gone: bool

    @property
    def not_reported(self) -> str:
        """The name of the box that says that nothing of it is reported."""
        return f"{self.inputs[0].name.rpartition('|')[0]}|{NOT_REPORTED}"


@dataclass(frozen=True, slots=True)
class Section:
    """A block as it is shown."""

    number: int
    block: Block
    known: Outcome | None
    rows: tuple[Row, ...]
    first: bool = True  # of the blocks of its outcome

    @property
    def open(self) -> bool:
        """Whether it is shown unfolded: something was typed, or it is there to be named."""
        given = bool(self.block.numbers or self.block.gone)
        return given or self.known is None or not self.block.time_point


@dataclass(frozen=True, slots=True)
class FormFault:
    """What is wrong, and the section it belongs to where that is known."""

    text: str
    section: int | None


def blank_draft(protocol: ReviewProtocol, study: Study) -> Draft:
    """Return the form before anything was typed: one block for each outcome of the protocol."""
    blocks = tuple(_blank(outcome) for outcome in protocol.outcomes)
    return Draft(study.design.value, study.arms, {}, "", blocks)


def draft_again(protocol: ReviewProtocol, study: Study, handed: Submission) -> Draft:
    """Return the form as its author handed it in."""
    prefix = f"{study.id}|"
    described = {
        key.removeprefix(prefix): entry.text for key, entry in handed.entries.items() if entry.text
    }
    values = [entry.value for entry in handed.entries.values() if entry.value is not None]
    return Draft(
        design=described.get("design") or study.design.value,
        arms=tuple(filter(None, (described.get("arms") or "").split(", "))) or study.arms,
        arm_labels={},
        participants=described.get("participants") or "",
        blocks=_with_blanks(protocol, _with_gone(_blocks_of(values, handed.typed), handed)),
        reports=tuple(_new_report(each) for each in handed.reports),
        reporting=_reporting_of(described),
        unpooled=tuple(_told_again(each) for each in handed.unpooled),
    )


def _reporting_of(texts: Mapping[str, str]) -> dict[str, str]:
    """Return what is said of outcomes without numbers, by these."""
    return {
        name.removeprefix(_OF_REPORTING): state
        for name, state in texts.items()
        if name.startswith(_OF_REPORTING) and state
    }


def _told_again(said: UnpooledResult) -> Told:
    place = said.provenance
    return Told(
        said.what,
        said.outcome or "",
        "+".join(said.arms),
        "" if said.number is None else _written(said.number),
        said.unit or "",
        place.source,
        place.locator or "",
        place.quote or "",
    )


def _with_gone(blocks: Sequence[Block], handed: Submission) -> list[Block]:
    """Add which arms are said not to be reported, to the block of their outcome and time."""
    arms: dict[tuple[str, str], frozenset[str]] = {}
    for cell in (each for each, entry in handed.entries.items() if not entry.reported):
        _, outcome, time_point, of_arms, *_ = cell.split("|")
        arms[outcome, time_point] = arms.get((outcome, time_point), frozenset()) | {of_arms}
    known = [
        replace(each, gone=arms.pop((each.outcome, each.time_point), frozenset()))
        for each in blocks
    ]
    return known + [Block(outcome, at, gone=gone) for (outcome, at), gone in arms.items()]


def _new_report(report: Report) -> NewReport:
    ids = report.ids
    return NewReport(report.citation, ids.pmid or ids.doi or next(iter(ids.register), ""))


def _with_blanks(protocol: ReviewProtocol, typed: Sequence[Block]) -> tuple[Block, ...]:
    """Add a blank block for each outcome that has none, all in the protocol's order."""
    given = {block.outcome for block in typed}
    missing = [_blank(outcome) for outcome in protocol.outcomes if outcome.id not in given]
    order = {outcome.id: place for place, outcome in enumerate(protocol.outcomes)}
    return tuple(sorted([*typed, *missing], key=lambda block: order.get(block.outcome, len(order))))


def typed_draft(
    protocol: ReviewProtocol, fields: Mapping[str, str], ticked: Sequence[str]
) -> Draft:
    """Return the form as it was just sent."""
    arms, labels = list(dict.fromkeys(ticked)), {}
    new_arm = fields.get("new_arm", "")
    if new_arm:
        arm = slug(new_arm)
        labels[arm] = new_arm
        arms = list(dict.fromkeys([*arms, arm]))
    labels |= {name[10:]: text for name, text in fields.items() if name.startswith("arm_label|")}
    blocks = _typed_blocks(protocol, fields)
    more = fields.get("do", "")
    if more.startswith("more|") and len(blocks) < MOST_BLOCKS:
        blocks = _with_another(protocol, blocks, more.removeprefix("more|"))
    return Draft(
        fields.get("design", ""),
        tuple(arms),
        labels,
        fields.get("participants", ""),
        blocks,
        _typed_reports(fields),
        _reporting_of(fields),
        _typed_told(fields),
    )


def _typed_told(fields: Mapping[str, str]) -> tuple[Told, ...]:
    """Return the results in words that were typed, without the rows that are empty."""
    count = min(_count(fields.get(UNPOOLED, "")), MOST_BLOCKS)
    rows = (
        Told(*(fields.get(f"u{number}|{each.name}", "") for each in dataclass_fields(Told)))
        for number in range(count)
    )
    return tuple(each for each in rows if each != Told())


def _typed_reports(fields: Mapping[str, str]) -> tuple[NewReport, ...]:
    """Return the reports that were added before, and the one that was typed now."""
    before = (
        NewReport(text, fields.get(f"report_id|{name[7:]}", ""))
        for name, text in fields.items()
        if name.startswith("report|")
    )
    now = NewReport(fields.get("new_report", ""), fields.get("new_report_id", ""))
    return tuple(dict.fromkeys(each for each in (*before, now) if each.citation))


def sections(
    protocol: ReviewProtocol, draft: Draft, counting: Collection[Cell] = ()
) -> tuple[Section, ...]:
    """Lay the form out for the draft's arms and design. counting: the cells that hold a number."""
    held = {(cell.outcome, cell.time_point, cell.arms) for cell in counting}
    outcomes = {outcome.id: outcome for outcome in protocol.outcomes}
    labels = {arm.id: arm.label for arm in protocol.arms} | dict(draft.arm_labels)
    every_pair = _pairs(protocol, draft)
    pairs = every_pair if draft.design == Design.CROSSOVER else []
    first = _first_blocks(draft.blocks)
    laid_out: list[Section] = []
    for number, block in enumerate(draft.blocks):
        known = outcomes.get(block.outcome)
        kinds = (known.kind,) if known is not None else KINDS_OF_A_NEW_ONE
        rows = [
            _row(number, block, (arm,), _asked(NEEDED_OF_AN_ARM, kinds), labels, held)
            for arm in draft.arms
        ]
        rows += [
            _row(number, block, pair, _asked(KNOWN_OF_A_PAIR, kinds), labels, held)
            for pair in (pairs if OF_A_PAIR.isdisjoint(kinds) else every_pair)
        ]
        asked = tuple(row for row in rows if row.inputs)
        laid_out.append(Section(number, block, known, asked, number in first))
    return tuple(laid_out)


def _first_blocks(blocks: Sequence[Block]) -> list[int]:
    """Return the places of the blocks that are the first of their outcome."""
    outcomes = [each.outcome for each in blocks]
    return [outcomes.index(each) for each in dict.fromkeys(outcomes)]


def _asked(
    fields: Mapping[OutcomeKind, tuple[Field, ...]], kinds: Sequence[OutcomeKind]
) -> list[Field]:
    return [each for kind in kinds for each in fields[kind]]


def _row(
    number: int,
    block: Block,
    arms: tuple[str, ...],
    fields: Sequence[Field],
    labels: Mapping[str, str],
    held: Collection[tuple[str, str, tuple[str, ...]]],
) -> Row:
    key = "+".join(arms)
    inputs = tuple(
        Input(f"b{number}|{key}|{each}", each, block.numbers.get((key, each.value), ""))
        for each in fields
    )
    label = " and ".join(labels.get(arm, arm) for arm in arms)
    counts = (block.outcome, block.time_point, arms) in held
    return Row(label, arms, inputs, counts, key in block.gone)


def submission_json(draft: Draft) -> tuple[Json, tuple[tuple[int, str], ...]]:
    """Write the draft as an extraction is handed in, and for each value its block and arms."""
    entries = [
        each for number, block in enumerate(draft.blocks) for each in _entries(number, block)
    ]
    labels = dict(draft.arm_labels)
    labels |= {slug(each.label): each.label for each in draft.blocks if each.label}
    people = _number(draft.participants) if draft.participants else None
    return {
        "design": draft.design,
        "arms": list(draft.arms),
        "participants": people,
        "values": [entry for entry, _ in entries],
        "labels": labels,
        "reports": [_report_json(each) for each in draft.reports],
        "reporting": dict(draft.reporting),
        "unpooled": [_told_json(each) for each in draft.unpooled],
    }, tuple(place for _, place in entries)


def _told_json(told: Told) -> Json:
    """Write a result in words as it is handed in; what is empty is left out."""
    given: dict[str, object] = {name: text for name, text in asdict(told).items() if text}
    if told.arms:
        given["arms"] = told.arms.split("+")
    if told.number:
        given["number"] = _number(told.number)
    return given


def _entries(number: int, block: Block) -> Iterator[tuple[dict[str, object], tuple[int, str]]]:
    """Yield what a block says of each arm or pair, with its place in the form."""
    for arms, given in _given(block):
        entry: dict[str, object] = {"outcome": block.outcome or slug(block.label)}
        entry |= {name: text for name in PLACE if (text := getattr(block, name))}
        entry |= {"arm": arms[0]} if len(arms) == 1 else {"arms": list(arms)}
        entry |= {name: _number(text) for name, text in given.items()}
        yield entry, (number, " and ".join(arms))
    for key in sorted(block.gone):
        yield _gone(block, tuple(key.split("+"))), (number, key.replace("+", " and "))


def _gone(block: Block, arms: tuple[str, ...]) -> dict[str, object]:
    of_arms = {"arm": arms[0]} if len(arms) == 1 else {"arms": list(arms)}
    at = {"time_point": block.time_point} if block.time_point else {}
    return {"outcome": block.outcome, **at, **of_arms, NOT_REPORTED: True}


def _report_json(report: NewReport) -> dict[str, str]:
    """Write a report as it is handed in, with its id under the name of its kind."""
    given = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:|pmid:)\s*", "", report.id, flags=re.I)
    kind = "pmid" if given.isdigit() else "doi" if given.startswith("10.") else "register_id"
    return {"citation": report.citation} | ({kind: given} if given else {})


def placed_faults(
    protocol: ReviewProtocol,
    draft: Draft,
    faults: Sequence[FaultAt],
    places: Sequence[tuple[int, str]],
) -> tuple[FormFault, ...]:
    """Say of each fault in which section of the form it is to be mended."""
    outcomes = {outcome.id: outcome for outcome in protocol.outcomes}
    return tuple(dict.fromkeys(_placed(outcomes, draft, fault, places) for fault in faults))


def _placed(
    outcomes: Mapping[str, Outcome],
    draft: Draft,
    fault: FaultAt,
    places: Sequence[tuple[int, str]],
) -> FormFault:
    match fault.path:
        case ("values", int(entry), *_):
            number, arms = places[entry]
            block = draft.blocks[number]
            known = outcomes.get(block.outcome)
            name = known.label if known is not None else block.label or block.outcome
            text = re.sub(r"^value \d+(: |, )", "", fault.text)
            return FormFault(f"{name}, {arms}: {text}", number)
        case ("reporting", str(outcome)):
            at = (number for number, each in enumerate(draft.blocks) if each.outcome == outcome)
            return FormFault(fault.text, next(at, None))
    for number, block in enumerate(draft.blocks):
        if fault.text.startswith(_place_in_words(outcomes, block)):
            return FormFault(fault.text, number)
    return FormFault(fault.text, None)


def _place_in_words(outcomes: Mapping[str, Outcome], block: Block) -> str:
    """Name a block's outcome and time as the faults of several values together do."""
    known = outcomes.get(block.outcome)
    time_point = block.time_point or (known.time_point if known is not None else REPORTED)
    return f"outcome '{block.outcome or slug(block.label)}' at '{time_point}'"


def slug(label: str) -> str:
    """Make an id of a label."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _blank(outcome: Outcome) -> Block:
    return Block(outcome.id, time_point=outcome.time_point, unit=outcome.unit or "")


def _blocks_of(values: Sequence[Value], typed: Mapping[str, str]) -> list[Block]:
    """Group values that were read in the same place into blocks, phrases as they were typed.

    What a phrase gave to another field is given by it again.
    """
    found: dict[str, Block] = {}
    for value in values:
        cell, origin = value.cell, value.provenance
        block = Block(
            outcome=cell.outcome,
            time_point=cell.time_point,
            unit=value.unit or "",
            source=origin.source,
            locator=origin.locator or "",
            quote=origin.quote or "",
        )
        before = found.setdefault(repr(block), block)
        place = ("+".join(cell.arms), cell.field.value)
        if (text := _as_typed(value, typed)) is not None:
            numbers = {**before.numbers, place: text}
            found[repr(block)] = replace(before, numbers=numbers)
    return list(found.values())


def _as_typed(value: Value, typed: Mapping[str, str]) -> str | None:
    """Return what stood in a value's field; None where a phrase in another gave the number."""
    how = value.provenance.how or ""
    group = beside(value.cell.key, "")
    if value.cell.key in typed:
        return typed[value.cell.key]
    phrases = (text for cell, text in typed.items() if beside(cell, "") == group)
    given = any(f"“{text.strip()}”" in how for text in phrases)
    return None if given else _written(value.number)


def _written(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)


def _typed_blocks(protocol: ReviewProtocol, fields: Mapping[str, str]) -> tuple[Block, ...]:
    """Return the blocks that were sent; before the arms were declared there were none to send."""
    if "blocks" not in fields:
        return tuple(_blank(outcome) for outcome in protocol.outcomes)
    count = min(_count(fields["blocks"]), MOST_BLOCKS)
    return tuple(_typed_block(fields, number) for number in range(count))


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _typed_block(fields: Mapping[str, str], number: int) -> Block:
    prefix = f"b{number}|"
    mine = {
        name.removeprefix(prefix): text for name, text in fields.items() if name.startswith(prefix)
    }
    numbers = {}
    for name, text in mine.items():
        arms, separator, of_field = name.rpartition("|")
        if separator and of_field in set(Field) and text:
            numbers[arms, of_field] = text
    place = {name: mine.get(name, "") for name in (*PLACE, "label")}
    box = f"|{NOT_REPORTED}"
    gone = frozenset(name.removesuffix(box) for name in mine if name.endswith(box))
    return Block(mine.get("outcome", ""), numbers=numbers, gone=gone, **place)


def _with_another(
    protocol: ReviewProtocol, blocks: tuple[Block, ...], outcome: str
) -> tuple[Block, ...]:
    """Add a block: another time point after the outcome's last one, or an outcome of one's own."""
    same = [number for number, block in enumerate(blocks) if block.outcome == outcome]
    if not outcome or not same:
        return (*blocks, Block(""))
    last = same[-1]
    fresh = replace(blocks[last], time_point="", numbers={}, gone=frozenset(), locator="", quote="")
    return (*blocks[: last + 1], fresh, *blocks[last + 1 :])


def _pairs(protocol: ReviewProtocol, draft: Draft) -> list[tuple[str, str]]:
    """Return the pairs of arms that a study can say something of together, in protocol order."""
    ordered = {frozenset(each.arms): each.arms for each in protocol.comparisons}
    return [
        ordered.get(frozenset(pair), (pair[0], pair[1])) for pair in combinations(draft.arms, 2)
    ]


def _given(block: Block) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    by_arms: dict[str, dict[str, str]] = {}
    for (arms, of_field), text in block.numbers.items():
        by_arms.setdefault(arms, {})[of_field] = text
    for arms, given in by_arms.items():
        yield tuple(arms.split("+")), given


def _number(text: str) -> int | float | str:
    """Read a number; what is none stays text, and is read as what a paper prints."""
    plain = text.replace("\N{MINUS SIGN}", "-")
    if re.fullmatch(r"-?\d{1,15}", plain):
        return int(plain)
    return float(plain) if re.fullmatch(r"-?\d{1,15}\.\d{1,15}", plain) else text
