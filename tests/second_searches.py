"""The searches of people, as the second reader tells when a source was searched by hand."""

from __future__ import annotations

import re
from typing import Any

ALONE = {"part": 1, "parts": 1, "search": None, "shown": None, "difference": None}


def searched(query, runs, told):
    """When the search of a source was made that was answered longest ago; None: one never was."""
    texts = asked(query)
    newest = sorted(runs, key=lambda r: (r["started_at"], r["finished_at"], r["id"]), reverse=True)
    ends: list[Any] = []
    for text in texts:
        mine = [
            {**ALONE, **told.get(run["id"], {}), "at": run["started_at"], "found": run["found"]}
            for run in newest
            if len(texts) == 1 or told.get(run["id"], ALONE)["search"] == text
        ]
        ends.append(next(filter(None, (whole(mine[n:]) for n in range(len(mine)))), None))
    return min(ends) if all(ends) else None


def asked(query):
    """The searches of a text: one of numbered lines, else each that nothing ties to another."""
    lines = [line.strip() for line in query.splitlines() if line.strip()]
    if not lines or all(re.match(r"[#Ss]?\d+[.):]?(\s|$)", line) for line in lines):
        return [query.strip()]
    texts = lines[:1]
    for line in lines[1:]:
        tied = texts[-1].count("(") > texts[-1].count(")") or texts[-1].count('"') % 2
        word = r"(and|or|not|(near|next)(/\d*)?)"
        ends = re.search(rf"(\b{word}|[(,])$", texts[-1], re.I)
        if tied or ends or re.match(rf"{word}\b|\)", line, re.I):
            texts[-1] += f" {line}"
        else:
            texts.append(line)
    return list(dict.fromkeys(texts))


def whole(mine):
    """When an answer was made that all parts of came, and as much as the database showed."""
    of = mine[0]["parts"]
    parts = mine[:1]
    if of > 1:
        parts = [
            next((one for one in mine if (one["part"], one["parts"]) == (n + 1, of)), None)
            for n in range(of)
        ]
    if None in parts:
        return None
    shown = next((one["shown"] for one in reversed(parts) if one["shown"] is not None), None)
    read = sum(one["found"] for one in parts)
    if shown not in (None, read) and not any(one["difference"] for one in parts):
        return None
    return min(one["at"] for one in parts)
