"""What is asked about numbers that can be and are seldom right: of who typed them, then of all.

While a round is open, only the reader's own numbers are asked about, beside what counts of other
studies. Once both have handed in and agree, what is still odd is a task, which a person settles
with a word; the numbers count meanwhile.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from extraction.doubts import Doubt, questions
from extraction.model import Value
from state import extractions
from state.agreement import Agreement, Submission
from state.codec import canonical
from state.events import Ledger
from state.tasks import TaskKind, raise_task


def own_questions(connection: Connection, study: str, mine: Submission) -> tuple[Doubt, ...]:
    """Return what is asked of a reader about the numbers that they have handed in."""
    values = [each.value for each in mine.entries.values() if each.value is not None]
    return questions(values, mine.typed, _of_others(connection, study))


def open_questions(connection: Connection, study: str, person: str) -> tuple[Doubt, ...]:
    """Return what one person may be asked now: about their own sealed numbers, or what counts."""
    state = extractions.agreement(connection, study)
    waiting = state.open_round
    if waiting is None:
        return agreed_questions(connection, study, state)
    mine = [each for each in waiting.submissions if each.person == person]
    return own_questions(connection, study, mine[-1]) if mine else ()


def agreed_questions(connection: Connection, study: str, state: Agreement) -> tuple[Doubt, ...]:
    """Return what is asked about the numbers of a study on which its readers agree."""
    values = [each.entry.value for each in state.accepted.values() if each.entry.value is not None]
    complete = [each for each in state.rounds if each.complete]
    read = complete[-1].submissions if complete else ()
    typed = {cell: text for each in read for cell, text in each.typed.items()}
    return questions(values, typed, _of_others(connection, study))


def ask_for_a_look(ledger: Ledger, study: str, state: Agreement) -> None:
    """Raise a task for what is odd among the numbers that count from now on; the same ones once."""
    asked = [str(each) for each in agreed_questions(ledger.connection, study, state)]
    if not asked:
        return
    label = extractions.find_study(ledger.connection, study).study.label
    lines = "\n".join(f"- {each}" for each in asked)
    text = (
        f"{label}: both readers agree, and numbers look odd:\n{lines}\n"
        "They count as they are. Look them up and say what the report has; where a number is wrong,"
        " both extract the study again."
    )
    token = hashlib.sha256(canonical(asked).encode()).hexdigest()[:12]
    kind = TaskKind.IMPLAUSIBLE_VALUE
    raise_task(ledger, f"odd-numbers:{study}:{token}", kind, subject=study, text=text, study=study)


def _of_others(connection: Connection, study: str) -> list[Value]:
    return [
        each.value
        for each in extractions.accepted_values(connection)
        if each.value.cell.study != study
    ]
