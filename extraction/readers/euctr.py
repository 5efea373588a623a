"""The EU Clinical Trials Register's download "Summary Details": blocks of labelled lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from extraction import identifiers
from extraction.errors import unreadable
from extraction.model import Record, RecordIds, RecordKind, RegisterEntry
from extraction.readers.noted import Unread
from extraction.readers.payload import shown
from extraction.readers.text import NO_TITLE, Read, digest, lines

_FIRST, _LAST = "EudraCT Number", "Link"
_LABELS = (
    *(_FIRST, "Sponsor Protocol Number", "Sponsor Name", "Full Title", "Start Date"),
    *("Medical condition", "Disease", "Population Age", "Gender", "Trial protocol"),
    *("Trial results", _LAST),
)
_LINE = re.compile(rf"({'|'.join(_LABELS)})\*?:[ \t]*(.*)")
# Several labelled texts in one line are parted by at least as many blanks.
_PARTED = re.compile(rf"[ \t]{{2,}}(?=(?:{'|'.join(_LABELS)})\*?:)")
# A label that no known version has: text after more blanks than a sentence has.
_OTHER_LABEL = re.compile(r"([A-Z][^:]{2,40}):(?:[ \t]{2,}|\t)(\S.*)")
_SHOWN = ("Medical condition", "Disease", "Population Age", "Trial protocol")
PUBLICATION_TYPE = "Clinical Trial Registration"

Trial = Mapping[str, str]


def is_euctr(text: str) -> bool:
    """Whether a text holds a trial as this register's summaries do."""
    return re.search(rf"^{_FIRST}:", text, re.M) is not None and f"\n{_LAST}:" in text


def read_euctr(text: str, name: str, source: str) -> Read:
    """Read every trial; raise UnreadablePayload for one that is cut off."""
    outside: list[str] = []
    trials = tuple(_trials(text, name, outside))
    notes = [f"left out above the first trial: {shown(' '.join(outside))}"] if outside else []
    unread = Unread("label", abstracts=1)
    for trial in trials:
        for label in trial.keys() - set(_LABELS):
            unread.add(label, trial[label])
    records = tuple(_record(trial, source) for trial in trials)
    marks = tuple(digest([*trial, *trial.values()]) for trial in trials)
    return Read(records, (*notes, *unread.notes()), marks=marks)


def _trials(text: str, name: str, outside: list[str]) -> Iterator[Trial]:
    """Give the labelled texts of each trial; a line without a label goes on with the one before."""
    trial: dict[str, str] = {}
    label, begins = "", 0
    for number, line in _parted(text):
        found = _LINE.fullmatch(line.strip()) or _OTHER_LABEL.fullmatch(line.rstrip())
        if found is not None and found[1] == _FIRST:
            if trial:
                yield _whole(trial, f"{name}, line {begins}")
            trial, begins = {}, number
        if begins == 0:
            outside += [line.strip()] if line.strip() else []
            continue
        label, text_of = (found[1], found[2]) if found is not None else (label, line)
        trial[label] = f"{trial.get(label, '')} {text_of.strip()}".strip()
    if trial:
        yield _whole(trial, f"{name}, line {begins}")


def _parted(text: str) -> Iterator[tuple[int, str]]:
    """Give each labelled text by itself, with the number of its line."""
    for number, line in enumerate(lines(text), start=1):
        yield from ((number, each) for each in _PARTED.split(line))


def _whole(trial: Trial, where: str) -> Trial:
    if not trial.get(_LAST):
        found = f"the trial {trial[_FIRST]} without a {_LAST}"
        raise unreadable(where, found=found, expected="one; it is cut off")
    return trial


def _other_numbers(trial: Trial) -> tuple[str, ...]:
    """Return the numbers of other registers in what is written of a trial, but for its address."""
    return identifiers.register_ids_in(text for label, text in trial.items() if label != _LAST)


def _record(trial: Trial, source: str) -> Record:
    own = identifiers.register_key(trial[_FIRST])
    sponsor, start = trial.get("Sponsor Name"), trial.get("Start Date")
    texts = ((label, trial.get(label)) for label in _SHOWN)
    return Record(
        source=source,
        source_id=own,
        title=trial.get("Full Title") or NO_TITLE,
        kind=RecordKind.REGISTER_ENTRY,
        abstract="\n".join(f"{label.upper()}: {text}" for label, text in texts if text) or None,
        authors=(sponsor,) if sponsor else (),
        publication_types=(PUBLICATION_TYPE,),
        ids=RecordIds(register=tuple(dict.fromkeys([own, *_other_numbers(trial)]))),
        entry=RegisterEntry(
            overall_status=trial.get("Trial protocol") or None,
            start_on=start or None,
            has_results=trial.get("Trial results", "").casefold().startswith("view"),
            conditions=tuple(filter(None, (trial.get("Medical condition"),))),
        ),
    )
