"""Labelled sets for deduplication: a CSV file to records, and how a result is scored."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from extraction import identifiers
from extraction.model import Record, RecordIds

_BETWEEN_AUTHORS = re.compile(r"\s+and\s+|;\s*|\.\s+(?=[A-Z][a-z]+ [A-Z]{1,3}\b)|\|")
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Rows as they came, the records read from them, and which are the same by the labels."""

    name: str
    rows: tuple[Mapping[str, str], ...]
    records: tuple[Record, ...]
    gold: tuple[str, ...]

    @property
    def duplicates(self) -> int:
        """How many records are left over when each report is kept once."""
        return len(self.gold) - len(set(self.gold))


def read_set(file: Path) -> LabelledSet:
    """Read a labelled file; columns that are missing are empty."""
    csv.field_size_limit(10_000_000)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = tuple(
            {str(k): (v or "") for k, v in row.items() if isinstance(v, str | None)}
            for row in csv.DictReader(lines)
        )
    if rows and "gold_id" not in rows[0]:
        raise ValueError(f"{file}: found columns {', '.join(rows[0])}, expected a gold_id")
    records = tuple(_record(place, row) for place, row in enumerate(rows))
    return LabelledSet(file.stem, rows, records, tuple(row["gold_id"] for row in rows))


def _record(place: int, row: Mapping[str, str]) -> Record:
    year = _YEAR.search(row.get("year", ""))
    named = ("journal", "doi", "url", "acc", "volume", "number", "pages", "author")
    texts = [row.get(each, "") for each in named]
    return Record(
        source="labelled",
        source_id=f"{place}:{row.get('id', '')}",
        title=row.get("title", ""),
        abstract=row.get("abstract") or None,
        authors=_authors(row.get("author", "")),
        journal=row.get("journal") or row.get("booktitle") or None,
        volume=row.get("volume") or None,
        issue=row.get("number") or None,
        pages=row.get("pages") or None,
        year=int(year[0]) if year is not None else None,
        ids=RecordIds(
            pmid=identifiers.pmid(row.get("pmid", "")),
            doi=identifiers.doi(row.get("doi", "")),
            register=identifiers.register_ids_in([*texts, row.get("title", "")]),
        ),
    )


def _authors(text: str) -> tuple[str, ...]:
    names = (each.strip(" ,.") for each in _BETWEEN_AUTHORS.split(text))
    return tuple(each for each in names if each)


@dataclass(frozen=True, slots=True)
class Score:
    """false_merges: distinct reports that a merge swallowed; left: duplicates left standing."""

    duplicates: int
    left: int
    false_merges: int
    swallowed: tuple[tuple[int, ...], ...]  # the clusters that hold more than one report


def score(gold: Sequence[str], clusters: Iterable[Sequence[int]]) -> Score:
    """Compare clusters of places with the labels."""
    cluster_of = {place: n for n, cluster in enumerate(clusters) for place in cluster}
    members: dict[int, list[int]] = defaultdict(list)
    spread: dict[str, set[object]] = defaultdict(set)
    for place, label in enumerate(gold):
        cluster = cluster_of.get(place)
        spread[label].add(("alone", place) if cluster is None else cluster)
        if cluster is not None:
            members[cluster].append(place)
    wrong = [each for each in members.values() if len({gold[place] for place in each}) > 1]
    return Score(
        duplicates=len(gold) - len(spread),
        left=sum(len(each) - 1 for each in spread.values()),
        false_merges=sum(len({gold[place] for place in each}) - 1 for each in wrong),
        swallowed=tuple(map(tuple, wrong)),
    )


def confirmed(
    gold: Sequence[str], clusters: Iterable[Sequence[int]], pairs: Iterable[tuple[int, int]]
) -> list[list[int]]:
    """Join clusters by the pairs that a person who knows the labels would confirm."""
    root = list(range(len(gold)))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for cluster in clusters:
        for place in cluster[1:]:
            root[find(place)] = find(cluster[0])
    for one, other in pairs:
        if gold[one] == gold[other]:
            root[find(one)] = find(other)
    joined: dict[int, list[int]] = defaultdict(list)
    for place in range(len(gold)):
        joined[find(place)].append(place)
    return [each for each in joined.values() if len(each) > 1]
