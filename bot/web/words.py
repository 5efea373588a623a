"""Plain words for what the program calls by short names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from state.screening import Answer, StudyStatus, Verdict

SAVED = {
    "verdict": "Your verdict is saved. You can change it until the second reader has decided.",
    "verdict-conflict": "Your verdict is saved. The other reader has decided otherwise: what both"
    " said can be seen now, and the two of you agree, or the adjudicator rules.",
    "verdict-full_text": "Your verdict is saved. Both have decided: the record goes to full text.",
    "verdict-excluded": "Your verdict is saved. Both have decided: the record is excluded.",
    "verdict-included": "Your verdict is saved. Both have decided: the record is a study now.",
    "verdict-criterion": "Your verdict is saved. Both exclude it; the criterion to report differs"
    " and is left to settle.",
    "answer-conflict": "Your answer is saved. It counts when the other reader signs the same, or"
    " the adjudicator rules.",
    "answer-full_text": "Your answer is saved. It is settled: the record goes to full text.",
    "answer-excluded": "Your answer is saved. It is settled: the record is excluded.",
    "answer-included": "Your answer is saved. It is settled: the record is a study now.",
    "answer-criterion": "Your answer is saved. The criterion to report is left to settle.",
    "link": "Confirmed: the record joins the study and leaves the queue.",
    "no-link": "Refused: the record is screened like any other.",
    "same": "Saved: the two are one record now. It can be undone.",
    "different": "Saved: the two are different records, each with its own place in the queue.",
    "task": "Your conclusion is saved.",
    "extraction": "Your extraction is saved.",
    "extraction-asked": "Your extraction is saved. Some of its numbers look odd: see below.",
    "settled": "The value is settled.",
    "placed": "The study's place is saved.",
    "proposed": "Proposed. Nothing is changed until a second person says the same.",
    "in-force": "Confirmed by a second person: it is in force now.",
    "rejected": "Rejected: all stays as it is.",
    "taken-back": "Taken back.",
    "reopened": "It is to be judged again. What was said before is kept, and shown as earlier.",
    "task-reopened": "It is to be judged again. What was concluded stays in the log.",
    "signature": "Your signature is saved.",
    "signature_waits": "Your signature is saved. It takes effect with the others it waits for.",
    "person": "The person is added.",
    "change": "The change is saved.",
    "import": "The search is stored.",
    "again": "This very file was imported before: nothing was changed.",
    "retired": "The person is retired; open seats pass to the deputy.",
    "welcome": "Your account is made and you are signed in. Next, add the other people.",
    "signed-in": "You are signed in.",
    "discarded": "Thrown away, as you wished.",
}

_WORDS = {
    "title_abstract": "title and abstract",
    "full_text": "full text",
    "waiting": "to be screened",
    "conflict": "disagreement",
    "link": "report of a known study?",
    "unusual_change": "unusual change of a register entry",
    "results_overdue": "results overdue",
    "correction": "notice on an included report",
    "re_extraction": "values to check again",
    "implausible_count": "implausible count",
    "implausible_value": "numbers that look odd",
    "odd_record": "record set aside",
    "refused_alert": "alert not taken",
    "duplicate": "the same as another record",
    "report_of": "report of a known study",
    "import_withdrawn": "its import was taken back",
    "new": "new",
    "second_report": "second report",
    "link_open": "link to confirm",
    "decide": "your verdict",
    "agree": "agree on an answer",
    "adjudicate": "your ruling",
    "both": "on both",
    "first_only": "on the first only",
    "second_only": "on the second only",
    "neither": "on neither",
    "sd_difference": "SD of the differences",
    "correlation": "correlation of the two periods",
    "sd": "SD",
    "n": "people",
    "total": "people",
    "crossover": "cross-over",
    "parallel": "parallel groups",
    "other": "other",
    "of_this": "about this record",
    "this_is_of": "this record is about",
    "awaiting": "awaiting classification",
    "concern": "expression of concern",
    "republication": "retraction with republication",
    "unknown_kind": "notice of a kind that the program does not know",
    "ok": "searched",
    "information_specialist": "information specialist",
}


def words(name: object) -> str:
    """Write a short name as words."""
    text = str(name)
    return _WORDS.get(text, text.replace("_", " "))


def of_people(text: str, names: Mapping[str, str]) -> str:
    """Write a message of the program for people: names of persons and of stages for their ids.

    An id of one plain word may be any word of the text, and stays.
    """
    plain = {each: words(each) for each in ("title_abstract", "full_text")}
    said = plain | {each: name for each, name in names.items() if "-" in each}
    wanted = "|".join(map(re.escape, said))
    return re.sub(rf"(?<![\w-])(?:{wanted})(?![\w-])", lambda found: said[found[0]], text)


def count(number: int, what: str, several: str | None = None) -> str:
    """Write '1 record', '2 records'."""
    return f"{number:,} {what if number == 1 else several or what + 's'}"


def number(value: float | None, digits: int = 2) -> str:
    """Write a figure for reading; one that is not there is a dash."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


def said(answer: Answer) -> str:
    """Write an answer as a short sentence part."""
    if answer.verdict is Verdict.EXCLUDE:
        return f"exclude ({answer.criterion})" if answer.criterion else "exclude"
    if answer.verdict is Verdict.UNSURE:
        return "unsure"
    if answer.place in (None, StudyStatus.INCLUDED):
        return "include"
    return f"include as {words(answer.place)}"
