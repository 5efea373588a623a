"""Read a review folder from disk and hand its texts to the readers: whole, or refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import TypeVar

from bot.errors import Fault, ProtocolFaults, StrategyFault
from bot.review.baseline import (
    KNOWN_ITEMS,
    LOADED_ONCE,
    ROWS,
    STUDIES,
    VALUES,
    KnownItem,
    parse_known_items,
    parse_rows,
    parse_studies,
    parse_values,
    with_rows,
)
from bot.review.citation_seeds import seeds_text
from bot.review.protocol import MANUAL, ReviewProtocol, SourceKind
from bot.review.protocol_file import FILE, parse_protocol
from bot.review.published import PUBLISHED, PublishedReview, parse_published
from bot.review.strategy_text import query, to_paste, words
from bot.sources.catalogue import SOURCES
from bot.sources.source import Asks
from extraction.model import RecordIds, Study, Value

STRATEGIES = "strategies"
# What is kept of a strategy, by what its source is asked by.
_WRITTEN: Mapping[Asks, Callable[[str], str]] = {
    Asks.QUERY: query,
    Asks.WORDS: words,
    Asks.SEEDS: seeds_text,
}

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class ReviewFolder:
    """A whole review folder, read and checked.

    file_text: what protocol.toml says where it is not the protocol in force; None where they are
    one. unreadable: why it cannot be read at all.
    """

    protocol: ReviewProtocol
    protocol_text: str
    strategies: dict[str, str]  # source id -> text of its strategy file, verbatim
    known_items: tuple[KnownItem, ...]
    queries: dict[str, str] = field(default_factory=dict)  # source id -> what is sent, or pasted
    filters: dict[str, str] = field(default_factory=dict)  # source id -> query of its filter file
    studies: tuple[Study, ...] = ()  # the baseline: the review as published
    values: tuple[Value, ...] = ()  # none where they were loaded before
    published: PublishedReview | None = None  # None: this review goes on from no published one
    identifiers: dict[str, tuple[str, ...]] = field(default_factory=dict)  # study -> confirmed ids
    file_hashes: dict[str, str] = field(default_factory=dict)  # path in the folder -> SHA-256
    file_text: str | None = None
    unreadable: str | None = None
    baseline_faults: tuple[Fault, ...] = ()  # of files that were loaded before and are not needed

    def guards(self, source: str) -> bool:
        """Whether a known item would show that a source finds nothing any more."""
        return any(source in item.sources for item in self.known_items)


def read_review(
    path: Traversable, in_force: str | None = None, *, begun: bool = False
) -> ReviewFolder:
    """Read a review folder; raise ProtocolFaults naming every fault of every file.

    A protocol that is at fault is reported alone, and so are the studies: what comes after is read
    in their terms. in_force: the text of the protocol to read it under; None: the folder's own.
    What its protocol.toml says then is kept beside, and nothing else of it counts. begun: the
    review as published was loaded before, so that a fault in its files is kept and stops nothing;
    its numbers are in the log, and of their file the hash alone is taken.
    """
    files = _Files(path, LOADED_ONCE if begun else ())
    text = files.protocol(in_force)
    protocol = parse_protocol(text)
    strategies = {each.id: files.text(_strategy(each.strategy_file)) for each in protocol.sources}
    queries = {
        each.id: files.query(_strategy(each.strategy_file), _written(each.kind))
        for each in protocol.sources
    }
    filters = {
        each.id: files.query(_strategy(each.filter_file))
        for each in protocol.sources
        if each.filter_file is not None
    }
    studies = files.read(STUDIES, lambda text: parse_studies(text, protocol))
    published = files.read(PUBLISHED, lambda text: (parse_published(text, protocol),), needed=False)
    files.refuse()
    values = files.numbers(protocol, studies) if not begun else files.unread(VALUES)
    rows = files.read(ROWS, lambda text: parse_rows(text, protocol, studies), needed=False)
    known = None if files.passed else studies
    items = files.read(KNOWN_ITEMS, lambda text: parse_known_items(text, protocol, known))
    files.refuse()
    return ReviewFolder(
        protocol=protocol,
        protocol_text=text,
        strategies=strategies,
        known_items=items,
        queries=queries,
        filters=filters,
        studies=with_rows(studies, rows),
        values=values,
        published=next(iter(published), None),
        identifiers={study.id: identifiers(study) for study in studies},
        file_hashes=dict(sorted(files.hashes.items())),
        file_text=files.other_protocol,
        unreadable=files.unreadable,
        baseline_faults=tuple(files.passed),
    )


def read_values(
    path: Traversable, protocol: ReviewProtocol, studies: tuple[Study, ...]
) -> tuple[Value, ...]:
    """Read the numbers of the review as published; none of a file that is at fault."""
    return _Files(path, LOADED_ONCE).numbers(protocol, studies)


def identifiers(study: Study) -> tuple[str, ...]:
    """Return the identifiers by which a record is known to be a report that the study has already.

    Those of unconfirmed reports are left out: a wrong one would hide another record.
    """
    confirmed = [report.ids for report in study.reports if not report.unconfirmed]
    names = [name for ids in confirmed for name in _own_ids(ids)]
    return tuple(dict.fromkeys([*names, *(f"register:{name}" for name in study.register_ids)]))


def _own_ids(ids: RecordIds) -> list[str]:
    """Name an article's own ids; the register ids that it declares are its study's, not its own."""
    named = {"pmid": ids.pmid, "pmcid": ids.pmcid, "doi": ids.doi}
    return [f"{kind}:{name}" for kind, name in named.items() if name is not None]


def _written(kind: SourceKind) -> Callable[[str], str]:
    return to_paste if kind == MANUAL else _WRITTEN[SOURCES[kind].asks]


def _strategy(file: str) -> str:
    return f"strategies/{file}"


class _Files:
    """Reads the folder's files; remembers their hashes and collects what is wrong with them.

    passed: what is wrong with the files that are passed over.
    """

    def __init__(self, folder: Traversable, passing: Collection[str]) -> None:
        self.hashes: dict[str, str] = {}
        self.other_protocol: str | None = None
        self.unreadable: str | None = None
        self.passed: list[Fault] = []
        self._folder = folder
        self._passing = passing
        self._faults: list[Fault] = []

    def protocol(self, in_force: str | None) -> str:
        """Return the text of the protocol to read under; keep the folder's where it is another."""
        text = self.text(FILE)
        if in_force is None:
            self.refuse()
            return text
        if self._faults:
            self.unreadable = str(self._faults.pop())
        elif text != in_force:
            self.other_protocol = text
        if self.unreadable or self.other_protocol is not None:
            self.hashes[FILE] = hashlib.sha256(in_force.encode()).hexdigest()
        return in_force

    def text(self, file: str) -> str:
        """Return a file's text; note where it cannot be read."""
        try:
            content = (self._folder / file).read_bytes()
            text = content.decode("utf-8-sig")
        except OSError as error:
            reason = error.strerror or str(error)
            self._note(Fault(file, 1, "file", f"'{reason}' at {self._folder}", "a readable file"))
            return ""
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self._note(Fault(file, line, "file", "bytes that are not UTF-8", "UTF-8"))
            return ""
        self.hashes[file] = hashlib.sha256(content).hexdigest()
        return text.replace("\r\n", "\n")

    def query(self, file: str, written: Callable[[str], str] = query) -> str:
        """Return what is sent of a strategy file; note where it cannot be expanded."""
        text = self.text(file)
        if file not in self.hashes:
            return ""
        try:
            return written(text)
        except StrategyFault as fault:
            self._note(Fault(file, fault.line, "strategy", fault.found, fault.expected))
            return ""

    def read(
        self, file: str, parse: Callable[[str], tuple[Read, ...]], *, needed: bool = True
    ) -> tuple[Read, ...]:
        """Return what a reader makes of a file; note the faults that it finds."""
        if not needed and not (self._folder / file).is_file():
            return ()
        text = self.text(file)
        if file not in self.hashes:
            return ()
        try:
            return parse(text)
        except ProtocolFaults as found:
            for fault in found.faults:
                self._note(fault)
            return ()

    def numbers(self, protocol: ReviewProtocol, studies: tuple[Study, ...]) -> tuple[Value, ...]:
        """Return the numbers of the review as published."""
        return self.read(VALUES, lambda text: parse_values(text, protocol, studies))

    def unread(self, file: str) -> tuple[()]:
        """Take the hash of a file that is not needed any more."""
        self.text(file)
        return ()

    def refuse(self) -> None:
        """Raise ProtocolFaults where anything was noted."""
        if self._faults:
            raise ProtocolFaults(self._faults)

    def _note(self, fault: Fault) -> None:
        noted = self.passed if fault.file in self._passing else self._faults
        if fault not in noted:
            noted.append(fault)
