"""The EU Clinical Trials Register's protocol of one country: "A.3 Full title of the trial: …"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from extraction import identifiers
from extraction.model import Record
from extraction.readers.noted import Noted, Unread
from extraction.readers.text import Read, lines
from extraction.readers.written import Spot, WrittenRecord, entry

_FIRST = "EudraCT Number"
_HEAD = {
    _FIRST: Spot.OWN_NUMBER,
    "Trial Status": Spot.STATUS,
    "Date on which this record was first entered in the EudraCT database": Spot.REGISTERED,
}
_HEAD_LEFT = frozenset(
    {
        *("Sponsor's Protocol Code Number", "National Competent Authority", "Clinical Trial Type"),
        "Link",
    }
)
_ANSWERS = {
    "A.3": Spot.OFFICIAL_TITLE,
    "A.3.1": Spot.TITLE,
    "B.1.1": Spot.SPONSOR,
    "D.3.1": Spot.INTERVENTION,
    "E.1.1": Spot.CONDITION,
    "F.4.2.2": Spot.SIZE,
}
_SHOWN = {
    "E.1.1": "medical condition",
    "E.2.1": "main objective",
    "E.3": "inclusion criteria",
    "E.5.1": "primary end point",
}
_LABELLED = re.compile(
    r"([A-Z](?:\.(?:\d+|[A-Z]+))+\.?|[A-Z]\.)(?: and [A-Z][.\d]+)?[ \t]+([^:]*):[ \t]*(.*)"
)
_OF_HEAD = re.compile(r"([A-Z][^:]{3,70}):[ \t]*(.*)")
_HEADING = re.compile(r"[A-Z](?:\.\d+)*\.? [A-Z][^:]*|Summary|(?:Sponsor|D\.IMP:?) ?\d+:?")
_TRANSLATED = re.compile(r"\((?:[a-z]{2})\)\s*$")
_PROTOCOL = re.compile(r"^A\.3[ \t]+Full title", re.M)
_LOOKED_AT = 100_000
_SECTIONS = "ABCDEFGHIJKLMNOP"  # of the form that a country fills in


@dataclass(slots=True)
class _Answers:
    """A trial being read: its answers by label, in order."""

    line: int
    labels: list[tuple[str, str, str]] = field(default_factory=list)  # code, label, answer

    def go_on(self, text: str) -> None:
        """Take a line without a label as more of the answer before it."""
        if self.labels:
            code, label, answer = self.labels[-1]
            self.labels[-1] = code, label, f"{answer} {text.strip()}".strip()


def is_protocol(text: str) -> bool:
    """Whether a text holds the answers of a protocol."""
    text = text[:_LOOKED_AT]
    return _PROTOCOL.search(text) is not None and re.search(rf"^{_FIRST}:", text, re.M) is not None


def read_protocols(text: str, name: str, source: str) -> Read:
    """Read every trial of a file; each country's protocol is a record of its own."""
    noted, unread = Noted(), Unread("label")
    records, marks = [], []
    for answers in _trials(text):
        written = _written(answers, unread)
        where = f"{name}, line {answers.line}"
        records.append(_record(written, source))
        marks.append(written.mark)
        unread.abstracts += records[-1].abstract is not None
        if not any(code.startswith("P.") for code, _, _ in answers.labels):
            said = f"{where}: the protocol has no answer under P; it may be cut off"
            noted.add("protocols without answers under P", said)
    return Read(tuple(records), (*noted.notes(), *unread.notes()), marks=tuple(marks))


def _trials(text: str) -> Iterator[_Answers]:
    answers: _Answers | None = None
    for number, line in enumerate(lines(text), start=1):
        plain = line.strip()
        if plain.startswith(f"{_FIRST}:"):
            if answers is not None:
                yield answers
            answers = _Answers(number)
        if answers is not None and plain:
            _take(answers, plain)
    if answers is not None:
        yield answers


def _take(answers: _Answers, line: str) -> None:
    coded = _LABELLED.fullmatch(line)
    in_head = not any(code for code, _, _ in answers.labels)
    head = _OF_HEAD.fullmatch(line) if in_head and coded is None else None
    if coded is not None:
        answers.labels.append(
            (coded[1].rstrip(".") + "." * (len(coded[1]) == 2), coded[2], coded[3])
        )
    elif head is not None:
        answers.labels.append(("", head[1].strip(), head[2]))
    elif not _HEADING.fullmatch(line):
        answers.go_on(line)


def _written(answers: _Answers, unread: Unread) -> WrittenRecord:
    written = WrittenRecord()
    design = []
    for code, label, answer in answers.labels:
        if not answer:
            continue
        written.write(f"{code} {label}", answer)
        slot = _HEAD.get(label) if not code else _ANSWERS.get(code)
        if _TRANSLATED.search(label):
            slot = Spot.VERNACULAR if code == "A.3" else Spot.LEFT
        elif code in _SHOWN:
            written.add(Spot.SHOWN, answer, _SHOWN[code])
        if code == "E.8.1.1":
            design.append(f"Randomised: {answer}")
        if slot is not None:
            written.add(slot, answer)
        elif not (label in _HEAD_LEFT if not code else code[0] in _SECTIONS):
            unread.add(f"{code} {label}".strip(), answer)
    for each in design:
        written.add(Spot.DESIGN, each)
    return written


def _record(written: WrittenRecord, source: str) -> Record:
    number = identifiers.register_key(written.all(Spot.OWN_NUMBER)[0])
    return entry(written, source, number)
