"""Under which keys a record's likes are looked for, so that few records need comparing.

A duplicate shares at least one key with near certainty: the beginning of its title, its end, its
longest words, where it is printed, or its DOI. Titles that many documents share give no key.
"""

from __future__ import annotations

from extraction.duplicates.features import Features, features
from extraction.duplicates.guards import is_serial
from extraction.model import Record

NEAR_PREFIX = "near:"
# Letters: enough to part the titles of one disease, few enough that a slip seldom falls in both.
_HEAD = 22
_TAIL = 22
_LONGEST_WORDS = 5  # they are a title's subject; a sixth is often in only one of two wordings


def block_keys(record: Record) -> list[str]:
    """Return the keys under which likely duplicates of a record are found, each once."""
    return [f"{NEAR_PREFIX}{each}" for each in keys_of(features(record))]


def keys_of(found: Features) -> list[str]:
    """Return a record's keys without their prefix."""
    keys = []
    if found.doi is not None:
        keys.append(f"d{found.doi}")
    keys += [f"r{each}" for each in sorted(found.entry)]
    author = max(sorted(found.authors[0]), key=len) if found.authors else ""
    if is_serial(found):
        if author and found.first_page:
            keys.append(f"s{author}|{found.volume}|{found.first_page}")
        return keys
    keys.append(f"h{found.squeezed[:_HEAD]}")
    if len(found.squeezed) > _HEAD:
        keys.append(f"t{found.squeezed[-_TAIL:]}")
    longest = sorted(sorted(set(found.words)), key=len, reverse=True)[:_LONGEST_WORDS]
    keys.append(f"w{'|'.join(sorted(longest))}")
    if found.first_page and found.volume:
        keys.append(f"p{found.volume}|{found.first_page}|{found.last_page}|{found.year}")
        if author:
            keys.append(f"a{author}|{found.volume}|{found.first_page}")
    return keys
