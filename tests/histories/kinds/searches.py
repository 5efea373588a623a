"""What the sources say and what people bring from searches by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.demo.fiction import BASELINE, Facts, article, entry
from bot.sources.crossref.stand_in import a_work, an_update
from bot.sources.stand_ins.misbehaviour import FaultKind, PlayedFault
from bot.surveillance.hand_searches import by_hand
from bot.surveillance.slots import automatic_sources
from state import people, runs
from state.events import events
from state.facts import SearchRun
from state.facts.words import RunStatus
from tests.bot.notices import with_notice
from tests.histories import acts
from tests.histories.chance import Chance
from tests.histories.chronicle import Chronicle
from tests.histories.kinds.screening import holding
from tests.histories.people import LEAD, SPECIALIST
from tests.histories.scene import Scene

# Of the made-up world: no number of a real record is as high.
FIRST_MADE_UP, MADE_UP = 90_000_000, 9_000_000
FAULTS = (
    FaultKind.UNAVAILABLE,
    FaultKind.FORBIDDEN,
    FaultKind.HTML,
    FaultKind.TRUNCATED,
    FaultKind.SHORT_PAGE,
    FaultKind.ERROR_IN_200,
)
GRAVE = ("RetractionIn", "ExpressionOfConcernIn")
WHERE = "J Made-up Neurol. 2026;1:1"


def brings(scene: Scene, chance: Chance) -> None:
    """New articles are indexed, and a search finds them."""
    for _ in range(chance.between(1, 3)):
        facts = _made_up(chance)
        scene.sources.pubmed.add(article(facts))
        scene.happened(f"PubMed gains {facts.pmid}: {facts.title[:40]}")
    _search(scene, "pubmed")


def brings_a_register_entry(scene: Scene, chance: Chance) -> None:
    """A trial is registered, or a registered one posts its results, and a search finds it."""
    name = _a_number(chance)
    entered = entry(f"NCT{name}", f"Fictional entry {name}", "Multifocal Motor Neuropathy")
    entered["protocolSection"]["statusModule"] = {"overallStatus": chance.one_of(*STATUSES)}
    scene.sources.ctgov.add(entered)
    scene.happened(f"ClinicalTrials.gov gains NCT{name}")
    _search(scene, "ctgov")


STATUSES = ("RECRUITING", "COMPLETED", "TERMINATED")


def entry_changes(scene: Scene, chance: Chance) -> None:
    """A registered trial posts results, or stops, and a search sees it."""
    name = chance.one_of("NCT02556437", "NCT06742190", "NCT01951924")
    changed = entry(name, f"Entry {name} as it stands now", "Multifocal Motor Neuropathy")
    changed["protocolSection"]["statusModule"] = {"overallStatus": chance.one_of(*STATUSES)}
    changed["hasResults"] = chance.happens(0.5)
    scene.sources.ctgov.add(changed)
    scene.happened(f"ClinicalTrials.gov changes {name}")
    _search(scene, "ctgov")


def brings_a_second_report(scene: Scene, chance: Chance) -> None:
    """An article of a known trial is indexed: it bears the trial's number in the register."""
    name = _a_number(chance)
    number = chance.one_of("NCT00268788", "NCT00666263")
    facts = replace(
        _made_up(chance), pmid=name, register=(number,), title=f"More of {number} {name}"
    )
    scene.sources.pubmed.add(article(facts))
    scene.happened(f"PubMed gains {name}, which bears {number}")
    _search(scene, "pubmed")


def brings_a_likeness(scene: Scene, chance: Chance) -> None:
    """An article is indexed, and an abstract under its title comes by hand: is it one record?"""
    facts = replace(_made_up(chance), doi=None)
    source, person = _hand_source(scene, chance), _searcher(scene, chance)
    if source is None or person is None:
        return
    scene.sources.pubmed.add(article(facts))
    scene.happened(f"PubMed gains {facts.pmid}: {facts.title[:40]}")
    _search(scene, "pubmed")
    body = _ris({"TI": facts.title, "AU": "Invented A", "PY": "2023", "JO": "Made-up Abstracts"})
    act = acts.export(source, body, f"{source}.ris")
    scene.does(person, act, f"brings a file of {source} with an abstract much like it")


def finds_nothing(scene: Scene, chance: Chance) -> None:
    """A source is searched and has nothing new."""
    source = chance.pick(automatic_sources(scene.app))
    if source is not None:
        _search(scene, source)


def fails(scene: Scene, chance: Chance) -> None:
    """A source is searched and does not answer as it should."""
    source = chance.pick(automatic_sources(scene.app))
    if source is None:
        return
    stand_in = scene.sources.by_name[source]
    stand_in.faults.add(PlayedFault(chance.one_of(*FAULTS), times=2))
    run = _search(scene, source)
    stand_in.faults.forget()
    if run.status is not RunStatus.FAILED:
        scene.done = 0


def retracted(scene: Scene, chance: Chance) -> None:
    """A report of an included trial is retracted or put in doubt, and a search hears of it."""
    _notice(scene, chance, chance.one_of(*GRAVE))


def erratum(scene: Scene, chance: Chance) -> None:
    """An erratum to a report of an included trial appears, and a search hears of it."""
    _notice(scene, chance, "ErratumIn")


def told_by_crossref(scene: Scene, chance: Chance) -> None:
    """A publisher tells of a notice on a report of an included trial."""
    kind = chance.one_of("retraction", "erratum", "expression_of_concern")
    doi = f"10.5555/notice.{_a_number(chance)}"
    about = "10.1111/j.1468-1331.2009.02568.x"
    update: dict[str, Any] = {"update-to": [an_update(kind, about)]}
    scene.sources.by_name["crossref"].add(a_work(doi, "A notice", **update))  # type: ignore[attr-defined]
    scene.happened(f"Crossref gains a notice ({kind}) on {about}")
    _search(scene, "crossref")


def hand_search_of_nothing(scene: Scene, chance: Chance) -> None:
    """A specialist searched by hand and found nothing."""
    source, person = _hand_source(scene, chance), _searcher(scene, chance)
    if source is not None and person is not None:
        scene.does(person, acts.nothing_found(source), f"searched {source} and found nothing")


def hand_search_by_anybody(scene: Scene, chance: Chance) -> None:
    """Somebody, with the right or without, says that a source was searched by hand."""
    with scene.reading() as connection:
        person = chance.pick(each.id for each in people.people(connection))
    source = _hand_source(scene, chance)
    if source is not None and person is not None:
        scene.does(person, acts.nothing_found(source), f"says that {source} held nothing")


def imported(scene: Scene, chance: Chance) -> None:
    """A specialist brings the file of a search by hand."""
    source, person = _hand_source(scene, chance), _searcher(scene, chance)
    if source is not None and person is not None:
        number = _a_number(chance)
        act = acts.export(source, _ris(_of_a_record(number, chance)), f"{source}.ris")
        scene.does(person, act, f"brings a file of {source} with the record {number}")


def imported_again(scene: Scene, chance: Chance) -> None:
    """A search by hand gives the file that an earlier one gave."""
    with scene.reading() as connection:
        found = [
            run
            for plan in by_hand(scene.app)
            for run in runs.search_runs(connection, plan.id)
            if run.payloads
        ]
    run, person = chance.pick(found, _made), _searcher(scene, chance)
    if run is not None and person is not None:
        words = f"says that {run.source} gave the file of {_made(run)} again"
        scene.does(person, acts.found_again(run.source, run.id), words)


def hand_search_withdrawn(scene: Scene, chance: Chance) -> None:
    """Who said that a source was searched by hand takes it back."""
    with scene.reading() as connection:
        found = [
            run for plan in by_hand(scene.app) for run in runs.search_runs(connection, plan.id)
        ]
        makers = {
            entry.data["run"]["id"]: entry.actor
            for entry in Chronicle.of(events(connection)).of_kind("search_finished")
        }
    run = chance.pick(found, _made)
    person = makers[run.id] if run is not None else None
    act = acts.withdraw_search(run.id) if run is not None else None
    if act is not None and run is not None and person is not None:
        scene.does(person, act, f"takes the search {_made(run)} back")


def _made(run: SearchRun) -> str:
    """Name a search by what is the same in every playing: its id is not."""
    return f"{run.source} {run.started_at}"


def _search(scene: Scene, source: str) -> SearchRun:
    run = scene.world.search(source)
    what = f"failed: {run.error}" if run.status is RunStatus.FAILED else f"{run.new} new"
    scene.happened(f"a search of {source}: {what}")
    return run


def _a_number(chance: Chance) -> str:
    return str(FIRST_MADE_UP + 2 * chance.between(0, MADE_UP // 2))


def _made_up(chance: Chance) -> Facts:
    name = _a_number(chance)
    return Facts(
        name,
        f"Fictional trial {name} of immunoglobulin in multifocal motor neuropathy, made up.",
        (f"Made{chance.between(1, 9999)} U", "Invented A"),
        "Journal of Made-up Neurology",
        2026,
        doi=f"10.5555/made.up.{name}" if chance.happens(0.5) else None,
    )


def _notice(scene: Scene, chance: Chance, kind: str) -> None:
    facts = chance.pick((each for each in BASELINE if each.pmid != "11133795"), _pmid)
    assert facts is not None
    scene.sources.pubmed.add(with_notice(facts, kind, _a_number(chance), WHERE))
    scene.happened(f"PubMed tells of a notice ({kind}) on {facts.pmid}")
    _search(scene, "pubmed")


def _pmid(facts: Facts) -> str:
    return facts.pmid


def _hand_source(scene: Scene, chance: Chance) -> str | None:
    return chance.pick(plan.id for plan in by_hand(scene.app))


def _searcher(scene: Scene, chance: Chance) -> str | None:
    with scene.reading() as connection:
        return chance.pick([*holding(connection, SPECIALIST), *holding(connection, LEAD)])


def _of_a_record(number: str, chance: Chance) -> dict[str, str]:
    return {
        "TI": f"A made-up record {number} of immunoglobulin for motor neuropathy",
        "AU": f"Brought{number}, Byhand",
        "PY": str(chance.between(2024, 2026)),
        "JO": "Journal of Made-up Trials",
        "DO": f"10.5555/by.hand.{number}",
    }


def _ris(tags: Mapping[str, str]) -> bytes:
    lines = {"TY": "JOUR", **tags, "ER": ""}
    return "".join(f"{tag}  - {text}\n" for tag, text in lines.items()).encode()
