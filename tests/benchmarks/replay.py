"""The history of the disease's literature, lived through month by month by the real program.

A labelled record becomes visible on 1 July of its year in the automatic sources that hold it: its
ids say which (a PMID: PubMed; an NCT number: ClinicalTrials.gov; a DOI: Europe PMC). A record with
none of them is reachable through hand-run sources only. Every month each source is searched and all
that is due is done; two scripted readers screen what is queued by its label, and settle proposed
links. The review begins empty in 1990. The stand-ins answer every query with all they hold, so what
is measured is the way of a record from a source to the queue, not the strategy's words.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.acts.perform import perform
from bot.acts.said import SettleLink
from bot.demo.fiction import Facts, article, entry
from bot.sources.crossref.stand_in import a_work
from bot.sources.europepmc.stand_in import a_result
from extraction.model import Record
from state import extractions, records
from state.facts.words import LinkVerdict
from state.outbox import Delivery
from state.screening import EligiblePlace, StudyStatus, Verdict
from tests.benchmarks.figures import Figure
from tests.benchmarks.linking import LABELLED, labelled_record, labelled_rows, references_beside
from tests.bot.builders import ADA, BEN, TEAM, actor, include, say
from tests.bot.world import World, an_empty_world

REVIEW = Path(__file__).parents[2] / "reviews" / "mmn"
FIRST, LAST = 1990, 2026
MONTH_OF_APPEARANCE = 7
INCLUDED, ONGOING = "INCLUDED", "ONGOING"


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled record, what people say of it, and the trial it is of, if that matters here."""

    record: Record
    label: str
    study: str | None

    @property
    def name(self) -> str:
        return self.record.source_id

    @property
    def pmid(self) -> str | None:
        return self.record.ids.pmid

    @property
    def nct(self) -> str | None:
        """The number of a register entry; an article only names one."""
        numbers = [each for each in self.record.ids.register if each.startswith("NCT")]
        return numbers[0] if numbers and self.name.startswith("nct") else None

    @property
    def reachable(self) -> bool:
        return bool(self.pmid or self.nct or self.record.ids.doi)

    @property
    def visible_on(self) -> datetime:
        year = max(self.record.year or FIRST, FIRST)
        return datetime(year, MONTH_OF_APPEARANCE, 1, 9, tzinfo=UTC)


@dataclass(slots=True)
class Replay:
    """What is counted on the way."""

    queued_on: dict[str, datetime] = field(default_factory=dict)
    months: int = 0
    new_study_alarms: int = 0
    right_links: int = 0
    wrong_links: int = 0
    deliveries: tuple[Delivery, ...] = ()

    @property
    def notices(self) -> int:
        """How many notices were written, to each person one."""
        return len(self.deliveries)


@dataclass(frozen=True, slots=True)
class History:
    """The labelled records that were lived through, and what was counted on the way."""

    cases: tuple[Case, ...]
    found: Replay

    @property
    def included(self) -> tuple[Case, ...]:
        return tuple(each for each in self.cases if each.label == INCLUDED)

    @property
    def reachable(self) -> tuple[Case, ...]:
        return tuple(each for each in self.included if each.reachable)

    @property
    def person_years(self) -> float:
        return len(TEAM) * self.found.months / 12


def live_through(labelled: Path = LABELLED) -> History:
    """Live through every month of the labelled history."""
    references = references_beside(labelled)
    cases = tuple(
        Case(labelled_record(row, references), row["label"], row.get("study_id"))
        for row in labelled_rows(labelled)
    )
    with tempfile.TemporaryDirectory() as folder:
        return History(cases, _live(cases, Path(folder)))


def figures(labelled: Path = LABELLED) -> Iterator[Figure]:
    """Yield what the replay counted, each with its denominator."""
    history = live_through(labelled)
    cases, found, included = history.cases, history.found, history.included
    reachable = history.reachable
    late = [each for each in reachable if found.queued_on.get(each.name) != each.visible_on]
    person_years = round(history.person_years)
    for name, ours, against, unit, goal in (
        ("reachable included reports not queued at once", len(late), len(reachable), "records", 0),
        ("included reports reachable", len(reachable), len(included), "records", None),
        (
            "second reports taken for new studies",
            found.new_study_alarms,
            len(included),
            "records",
            None,
        ),
        ("links proposed to a trial they are not of", found.wrong_links, len(cases), "links", None),
        ("links proposed rightly", found.right_links, len(included), "links", None),
        ("records queued a month", len(found.queued_on), found.months, "records", None),
        ("notices a person and year", found.notices, person_years, "notices", None),
    ):
        yield Figure(f"replay: {name}", ours, against, unit, goal=goal)


def _live(cases: Sequence[Case], folder: Path) -> Replay:
    """Live through every month; return what was counted."""
    found = Replay()
    review = _empty_review(folder / "review")
    with an_empty_world(folder / "data", review, begin=_month(0)) as world:
        by_key: dict[str, Case] = {}
        for month in range(12 * (LAST - FIRST + 1)):
            world.clock.at = _month(month)
            for each in cases:
                if each.visible_on == world.clock.at:
                    by_key |= dict.fromkeys(_appear(world, each), each)
            world.search_all()
            _screen(world, by_key, found)
            world.tick()
            found.months += 1
        found.deliveries = tuple(world.notices())
    return found


def _month(number: int) -> datetime:
    return datetime(FIRST + number // 12, number % 12 + 1, 1, 9, tzinfo=UTC)


def _empty_review(folder: Path) -> Path:
    """Copy the review without anything that was found for it yet."""
    shutil.copytree(REVIEW, folder)
    (folder / "baseline" / "studies.toml").write_text("")
    for file in (folder / "baseline" / "values.csv", folder / "known_items.csv"):
        file.write_text(file.read_text().splitlines()[0] + "\n")
    return folder


def _appear(world: World, case: Case) -> list[str]:
    """Let a source gain the record; return the key under which it will be known."""
    if case.record.ids.doi:
        world.crossref.add(a_work(case.record.ids.doi, case.record.title))
    if case.pmid:
        world.pubmed.add(article(_facts(case)))
        return [f"pubmed:{case.pmid}"]
    if case.nct:
        world.ctgov.add(entry(case.nct, case.record.title, "Multifocal Motor Neuropathy"))
        return [f"ctgov:{case.nct}"]
    if case.record.ids.doi:
        world.europepmc.add(_result(case))
        return [f"europepmc:PMC:{case.name}"]
    return []


def _result(case: Case) -> dict[str, object]:
    record = case.record
    return a_result(
        "PMC",
        case.name,
        record.title,
        doi=record.ids.doi,
        authorString=", ".join(record.authors),
        pubYear=str(record.year),
    )


def _facts(case: Case) -> Facts:
    record = case.record
    return Facts(
        pmid=record.ids.pmid or "",
        title=record.title,
        authors=record.authors,
        journal="A journal",
        year=record.year or FIRST,
        types=("Journal Article",),
        doi=record.ids.doi,
        register=record.ids.register,
    )


def _screen(world: World, by_key: Mapping[str, Case], found: Replay) -> None:
    """Let two readers settle everything that is queued."""
    for candidate, seen in world.queue(ADA).items():
        cases = [by_key[stored.record.key] for stored in seen.records]
        for case in cases:
            found.queued_on.setdefault(case.name, world.clock.now())
        known, case = _trials(world, by_key), cases[0]
        if seen.status == "link":
            right = case.study is not None and known.get(seen.candidate.study or "") == case.study
            found.right_links += right
            found.wrong_links += not right
            verdict = LinkVerdict.CONFIRM if right else LinkVerdict.REFUSE
            for person in (ADA, BEN) if right else (ADA,):
                act = SettleLink(candidate=candidate, verdict=verdict)
                perform(world.app, act, actor(person))
            if right:
                continue
        elif case.label == INCLUDED and case.study in known.values():
            found.new_study_alarms += 1
        _decide(world, candidate, case)


def _decide(world: World, candidate: str, case: Case) -> None:
    if case.label in (INCLUDED, ONGOING):
        place: EligiblePlace = StudyStatus.INCLUDED
        if case.label == ONGOING:
            place = StudyStatus.ONGOING
        include(world.app, candidate, place=place)
    else:
        for person in (ADA, BEN):
            say(world.app, person, candidate, Verdict.EXCLUDE)


def _trials(world: World, by_key: Mapping[str, Case]) -> dict[str, str | None]:
    """Return the labelled trial of each study that the review has come to know."""
    with world.app.database.reading() as connection:
        return {
            stored.study.id: by_key[held[0].record.key].study
            for stored in extractions.studies(connection)
            if (held := records.records_of_study(connection, stored.study.id))
        }
