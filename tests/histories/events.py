"""The kinds of events of a history, how often each is drawn, and the drawing."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.histories.chance import Chance
from tests.histories.kinds import papers, screening, searches, studies, team, time
from tests.histories.scene import Scene

Play = Callable[[Scene, Chance], None]
_SEEDS = 2**32


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event. weight: how often it is drawn, against the others."""

    weight: int
    play: Play


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens. seed: all that is left open in it is chosen by this number."""

    kind: str
    seed: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.seed}"


# Weights are such that every kind comes about in some ten histories of 120 events, and the way
# from a record to a published version is gone in each.
KINDS: Mapping[str, Kind] = {
    "verdict": Kind(24, screening.verdict),
    "verdict by anybody": Kind(3, screening.verdict_by_anybody),
    "verdict changed": Kind(3, screening.verdict_changed),
    "verdict withdrawn": Kind(2, screening.verdict_withdrawn),
    "eligible": Kind(6, screening.eligible),
    "conflict agreed": Kind(6, screening.conflict_agreed),
    "conflict ruled": Kind(4, screening.conflict_ruled),
    "candidate reopened": Kind(3, screening.reopened),
    "link confirmed": Kind(4, screening.link_confirmed),
    "link confirmed by two": Kind(2, screening.link_confirmed_by_two),
    "link refused": Kind(2, screening.link_refused),
    "records same": Kind(5, screening.same),
    "records same by two": Kind(3, screening.same_by_two),
    "records different": Kind(3, screening.different),
    "study moved": Kind(4, studies.moved),
    "study moved by two": Kind(3, studies.moved_by_two),
    "extraction": Kind(8, studies.extracted),
    "extraction by two": Kind(6, studies.extracted_by_two),
    "extraction of what the protocol lacks": Kind(
        2, studies.extracted_with_what_the_protocol_lacks
    ),
    "extraction by two who differ": Kind(4, studies.extracted_otherwise),
    "extraction anew": Kind(4, studies.read_anew),
    "values said not reported": Kind(2, studies.said_not_reported),
    "value ruled": Kind(5, studies.ruled),
    "value dropped": Kind(4, studies.dropped),
    "proposal withdrawn": Kind(2, studies.proposal_withdrawn),
    "proposal rejected": Kind(2, studies.proposal_rejected),
    "task settled": Kind(4, studies.task_settled),
    "task reopened": Kind(2, studies.task_reopened),
    "signal accepted": Kind(4, papers.signal_signed),
    "signal rejected": Kind(1, papers.signal_rejected),
    "version accepted": Kind(3, papers.version_signed),
    "version rejected": Kind(2, papers.version_rejected),
    "version put up again": Kind(3, papers.version_put_up_again),
    "version released": Kind(4, papers.version_released),
    "publication requested": Kind(2, papers.publication_requested),
    "protocol proposed": Kind(2, papers.protocol_proposed),
    "amendment accepted": Kind(3, papers.amendment_signed),
    "amendment rejected": Kind(1, papers.amendment_rejected),
    "amendment agreed": Kind(2, papers.amendment_agreed),
    "search brings": Kind(6, searches.brings),
    "search brings a register entry": Kind(2, searches.brings_a_register_entry),
    "search brings a second report": Kind(3, searches.brings_a_second_report),
    "search brings a likeness": Kind(4, searches.brings_a_likeness),
    "search finds nothing": Kind(2, searches.finds_nothing),
    "search fails": Kind(3, searches.fails),
    "register entry changes": Kind(2, searches.entry_changes),
    "retraction or concern": Kind(1, searches.retracted),
    "erratum": Kind(2, searches.erratum),
    "notice by Crossref": Kind(1, searches.told_by_crossref),
    "hand search of nothing": Kind(2, searches.hand_search_of_nothing),
    "hand search by anybody": Kind(2, searches.hand_search_by_anybody),
    "hand search withdrawn": Kind(2, searches.hand_search_withdrawn),
    "import": Kind(4, searches.imported),
    "import again": Kind(2, searches.imported_again),
    "person joins": Kind(1, team.joins),
    "person changes": Kind(1, team.changes),
    "deputy named": Kind(2, team.named_deputy),
    "person retires": Kind(1, team.retires),
    "person returns": Kind(2, team.returns),
    "work": Kind(8, time.works),
    "days pass": Kind(4, time.passes),
    "months pass": Kind(1, time.leaps),
    "clock goes back": Kind(2, time.goes_back),
    "kill within a transaction": Kind(3, time.killed_within),
    "kill after a commit": Kind(3, time.killed_after),
}


def drawn(seed: int, number: int) -> tuple[Event, ...]:
    """Draw so many events."""
    chance = random.Random(seed)
    names = list(KINDS)
    weights = [KINDS[name].weight for name in names]
    return tuple(
        Event(name, chance.randrange(_SEEDS))
        for name in chance.choices(names, weights=weights, k=number)
    )
