"""Facts of other reviews: what they include, by which our own searches are held to account."""

from __future__ import annotations

from dataclasses import dataclass

from state.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class ElsewhereItem:
    """A report that another review includes. ids: "pmid:…", "doi:…" and the like, its own."""

    study: str
    title: str
    ids: tuple[str, ...]
    register_entry: bool = False

    @property
    def name(self) -> str:
        """What it is called: by its first identifier, or its title."""
        return self.ids[0] if self.ids else self.title


class SisterListTaken(Fact, kind="sister_list_taken", about="sister"):
    """The included reports of another review were taken from a file, in the place of earlier ones.

    They are known elsewhere: none counts as included here, or waits to be screened, because of it.
    """

    sister: str
    file: str
    payload_sha256: str
    items: tuple[ElsewhereItem, ...]
    person: str | None

    def sentence(self) -> str:
        return f"took what {self.sister} includes from {self.file}: {len(self.items)} reports"
