"""The story that is played: one living update, a step a command, and the service beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.fiction import NEW_PMID
from tests.bot.builders import START
from tests.reliability.tools import BEAT, PAGE

CANDIDATE = f"pubmed:{NEW_PMID}"
STUDY = "fictional2026"
CELL = f"{STUDY}|strength_improved|after induction|ivig|events"
# A slot of every source's schedule has come: a Monday or the first of a month, past seven.
A_SLOT = datetime(2026, 12, 1, 7, 0, tzinfo=START.tzinfo)
BETWEEN = timedelta(minutes=30)
FOLDER = "{folder}"  # of the one playing; in the words of a step


@dataclass(frozen=True, slots=True)
class Step:
    """A command of the story; `after` names the step before, None is an empty folder.

    prepared: what is done first, undisturbed. again: what a person types where it was struck, if
    not the same. trial: whether the sources know the trial.
    """

    name: str
    words: tuple[str, ...]
    after: str | None
    at: datetime
    given: str = ""
    trial: bool = True
    prepared: tuple[tuple[str, ...], ...] = ()
    again: tuple[str, ...] | None = None

    @property
    def serves(self) -> bool:
        """Whether it is the service, which ends only when it is ended."""
        return self.words[0] == "run"


def extraction(events: int) -> str:
    """Return what an extractor hands in."""
    place = {"outcome": "strength_improved", "source": f"pmid:{NEW_PMID}", "locator": "abstract"}
    return json.dumps(
        {
            "design": "parallel",
            "arms": ["ivig", "placebo"],
            "values": [
                {**place, "arm": "ivig", "events": events, "total": 12},
                {**place, "arm": "placebo", "events": 2, "total": 12},
            ],
        }
    )


def _add(person: str, *roles: str) -> tuple[str, ...]:
    options = tuple(word for role in roles for word in ("--role", role))
    address = f"{person}@example.org"
    name = f"{person.title()} Reader"
    return ("people", "add", name, "--id", person, "--address", address, *options)


def _screen(person: str, verdict: str, stage: str, *more: str) -> tuple[str, ...]:
    return ("screen", CANDIDATE, verdict, "--as", person, "--stage", stage, *more)


def _hand_in(person: str) -> tuple[str, ...]:
    return ("extract", STUDY, "--as", person, "--file", "-")


def _sign(person: str) -> tuple[str, ...]:
    return ("sign", "3.1", "accept", "--as", person)


FIRST = "first start"
PEOPLE_ARE_THERE = "add the lead"
ACCEPTED = "settle the numbers"
PUBLISHED = "sign"
SERVICE_SEARCHES = "service searches"
SERVICE_SENDS = "service sends"

_CHAIN: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (FIRST, _add("ada", "screener", "extractor"), ""),
    ("add a reader", _add("ben", "screener", "extractor"), ""),
    ("add the third", _add("cy", "adjudicator"), ""),
    (PEOPLE_ARE_THERE, _add("dora", "lead", "operator", "information_specialist"), ""),
    ("search", ("search",), ""),
    ("import", ("import", "docs/tour/trial.ris", "--source", "central", "--as", "dora"), ""),
    ("screen first", _screen("ada", "include", "title_abstract"), ""),
    ("screen second", _screen("ben", "exclude", "title_abstract", "--criterion", "E2"), ""),
    ("rule", ("adjudicate", CANDIDATE, "include", "--as", "cy", "--note", "randomised"), ""),
    ("read first", _screen("ada", "include", "full_text"), ""),
    ("read second", _screen("ben", "include", "full_text"), ""),
    ("extract first", _hand_in("ada"), extraction(9)),
    ("extract second", _hand_in("ben"), extraction(8)),
    (
        ACCEPTED,
        ("adjudicate", STUDY, "--cell", CELL, "--number", "9", "--as", "cy", "--note", "p. 3"),
        "",
    ),
    ("sign first", _sign("ada"), ""),
    (PUBLISHED, _sign("dora"), ""),
    ("publish", ("publish", "3.1"), ""),
    ("status", ("status",), ""),
)
TRIAL_APPEARS = "search"


def _chain() -> list[Step]:
    names = [name for name, _, _ in _CHAIN]
    appears = names.index(TRIAL_APPEARS)
    return [
        Step(
            name=name,
            words=words,
            after=names[place - 1] if place else None,
            at=START + place * BETWEEN,
            given=given,
            trial=place >= appears,
        )
        for place, (name, words, given) in enumerate(_CHAIN)
    ]


def _beside() -> list[Step]:
    """Return what is played beside the chain: the service, and the keeping of copies."""
    late = START + len(_CHAIN) * BETWEEN
    backup = ("backup", f"{FOLDER}/backup")
    return [
        Step("service begins", ("run",), None, START, trial=False),
        Step(SERVICE_SEARCHES, ("run",), PEOPLE_ARE_THERE, A_SLOT),
        Step(
            SERVICE_SENDS,
            ("run",),
            ACCEPTED,
            late,
            prepared=((BEAT,), _sign("ada"), _sign("dora")),
        ),
        Step("backup", backup, PUBLISHED, late, again=("backup", f"{FOLDER}/another")),
        Step(
            "restore",
            ("restore", f"{FOLDER}/backup", "--data", f"{FOLDER}/restored"),
            PUBLISHED,
            late,
            prepared=(backup,),
            again=("restore", f"{FOLDER}/backup", "--data", f"{FOLDER}/elsewhere"),
        ),
        Step(
            "export",
            ("export", f"{FOLDER}/export"),
            PUBLISHED,
            late,
            again=("export", f"{FOLDER}/elsewhere"),
        ),
    ]


def _acts() -> list[Step]:
    """Return what people do now and then: about a pair, a task, a study, and by the page."""
    at, like, by = START + len(_CHAIN) * BETWEEN, "import what is like", ("--as", "ada")
    export = ("import", "tests/reliability/like.ris", "--source", "central", "--as", "dora")
    pair, task, why = ("central:CN-90000001", CANDIDATE), "odd:central:CN-90000002", "Looked up."
    verdict = ("stage=title_abstract", "verdict=include")
    number = (f"cell={CELL}", "choice=number:9", "note=p. 3")
    done = (
        (like, export, "import"),
        ("same", ("same", *pair, *by), like),
        ("different", ("different", *pair, *by), like),
        ("settle", ("settle", task, *by, "--note", why), like),
        ("place", ("place", STUDY, "awaiting", *by, "--note", why), PUBLISHED),
        ("page task", (PAGE, "ada", f"/tasks/{task}/settle", f"note={why}"), like),
        ("page verdict", (PAGE, "ada", f"/candidates/{CANDIDATE}/verdict", *verdict), "import"),
        ("page number", (PAGE, "cy", f"/extract/{STUDY}/settle", *number), "extract second"),
        ("page signature", (PAGE, "dora", "/sign/3.1", "verdict=accept"), ACCEPTED),
    )
    return [Step(name, words, after, at + BETWEEN * (name != like)) for name, words, after in done]


STEPS: dict[str, Step] = {step.name: step for step in (*_chain(), *_beside(), *_acts())}
