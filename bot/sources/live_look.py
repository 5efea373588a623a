"""Questions to a live service that could not be answered where the program was written.

A source may have a part `probe.py` with `questions`: a Question to what is to be looked at. What is
seen is printed beside what the program assumes; nothing is stored, and nobody is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.errors import SourceError

LONGEST = 300  # signs of what is shown of an answer


@dataclass(frozen=True, slots=True)
class ProbeQuestion:
    """One question. ask: asks it, and says what was seen."""

    what: str
    assumed: str
    ask: Callable[[], str]


@dataclass(frozen=True, slots=True)
class ProbeSeen:
    """What was seen; failed: the service did not answer the question."""

    what: str
    assumed: str
    seen: str
    failed: bool = False


def look(questions: Iterable[ProbeQuestion]) -> tuple[ProbeSeen, ...]:
    """Ask each question; what one comes to stops no other."""
    return tuple(map(_look, questions))


def _look(question: ProbeQuestion) -> ProbeSeen:
    try:
        seen = question.ask()
    except SourceError as error:
        return ProbeSeen(question.what, question.assumed, str(error)[:LONGEST], failed=True)
    return ProbeSeen(question.what, question.assumed, seen[:LONGEST])
