"""Small exports, plainly fictional, for tests that import them."""

from __future__ import annotations


def ris(
    number: str,
    title: str,
    *,
    author: str = "Doe, J",
    journal: str = "Journal of Fictional Medicine",
    year: str = "2026",
) -> bytes:
    """Write one record as Embase does."""
    lines = [
        "TY  - JOUR",
        f"U2  - {number}",
        f"T1  - {title}",
        f"A1  - {author}",
        f"JF  - {journal}",
        f"Y1  - {year}",
        "DB  - Embase",
        "ER  - ",
        "",
        "",
    ]
    return "\n".join(lines).encode()


TWO_RECORDS = ris("L1", "A fictional trial of lamps in motor neuropathy") + ris(
    "L2", "Another matter: kites for people with neuropathy", year="2025"
)
EMPTY_XML = b"<?xml version='1.0'?><Trials_downloaded_from_ICTRP></Trials_downloaded_from_ICTRP>"
