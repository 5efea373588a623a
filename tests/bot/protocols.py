"""The shipped review's protocol, and amendments of it as people write them."""

from __future__ import annotations

from pathlib import Path

from bot.review.toml_edit import table, with_table, with_text

MMN = Path(__file__).parents[2] / "reviews" / "mmn"
IN_FORCE = (MMN / "protocol.toml").read_text(encoding="utf-8")
COFFEE = table("arms", {"id": "coffee", "label": "Coffee"})


def amended(version: str, *, text: str = IN_FORCE, added: str = COFFEE, to: str = "arms") -> str:
    """Return a protocol with a new version, a table more, and why."""
    entry = {
        "version": version,
        "decided_on": "2026-11-24",
        "reason": f"why version {version}",
        "agreed_by": ["the team"],
    }
    text = with_text(text, ("review", "version"), version)
    return with_table(with_table(text, to, added), "amendments", table("amendments", entry))


AMENDED = amended("2")
