"""What a reference of a package is known by: identifiers, register numbers, its title. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.review.package.model import StudyReference, plain
from extraction import identifiers

_KINDS = {
    "DOI": ("doi", identifiers.doi),
    "PUBMED": ("pmid", identifiers.pmid),
    "PMID": ("pmid", identifiers.pmid),
    "PMCID": ("pmcid", identifiers.pmcid),
    "PMC": ("pmcid", identifiers.pmcid),
}


def reference_ids(reference: StudyReference) -> dict[str, str]:
    """Return the identifiers by which records are known, where a text is one."""
    found: dict[str, str] = {}
    for name, text in reference.ids:
        value = text.strip()
        normal = _KINDS.get(name.upper())
        own = normal[1](value) if normal else None
        if normal and own and normal[1](own) == own and normal[0] not in found:
            found[normal[0]] = own
    return found


def register_ids(reference: StudyReference) -> Iterator[str]:
    """Give the register ids that a reference bears: among its identifiers, or as its author."""
    texts = [text for _, text in reference.ids] + [reference.part("authors")]
    seen: set[str] = set()
    for text in texts:
        key = identifiers.register_key(text.strip()) if text.strip() else None
        if key is not None and key not in seen and identifiers.register_key(key) == key:
            seen.add(key)
            yield key


def reference_title(reference: StudyReference) -> str:
    """Return a reference's title, or its original one; nothing where it has none."""
    return plain(reference.part("title") or reference.part("original-title"))
