"""The shipped review with every source of the catalogue, for tests that are held against each."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from bot.config import SHIPPED_REVIEW
from bot.review.protocol_file import FILE, parse_protocol
from bot.sources.catalogue import SOURCES

ADDED = """
[[sources]]
id = "{id}"
kind = "{id}"
name = "{name}"
schedule = "15 6 * * mon"
strategy = "{id}.txt"
"""
WORDS = "# Words that every stand-in takes.\nneuropathy\n"


def review_with_every_source(into: Path) -> Path:
    """Copy the review; a source that it leaves to people, or does not have, is searched in it."""
    review = into / "review"
    shutil.copytree(Path(str(SHIPPED_REVIEW)), review)
    protocol = review / FILE
    text = protocol.read_text("utf-8")
    plans = {plan.id: plan.kind for plan in parse_protocol(text).sources}
    for source in SOURCES.values():
        if source.id in plans:
            by_hand = re.compile(rf'(id = "{source.id}"\nkind = )"manual"')
            text = by_hand.sub(rf'\1"{source.id}"', text)
        else:
            text += ADDED.format(id=source.id, name=source.name)
            (review / "strategies" / f"{source.id}.txt").write_text(WORDS, "utf-8")
    protocol.write_text(text, "utf-8")
    return review
