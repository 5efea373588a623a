"""Facts of the team and of what the review rests on: people, protocol versions, the baseline."""

from __future__ import annotations

from dataclasses import dataclass

from extraction.model import Study, Value
from state.codec import Json
from state.facts.fact import Fact
from state.facts.reading import upcast
from state.facts.words import RoleId


class PersonAdded(Fact, kind="person_added", about="person", version=2):
    """Somebody joined the team."""

    person: str
    name: str
    address: str | None
    roles: tuple[RoleId, ...]
    deputy: str | None

    def sentence(self) -> str:
        return f"added {self.name} ({', '.join(self.roles)})"


class PersonChanged(Fact, kind="person_changed", about="person", version=2):
    """Somebody's name, address, roles and deputy from now on."""

    person: str
    name: str
    address: str | None
    roles: tuple[RoleId, ...]
    deputy: str | None

    def sentence(self) -> str:
        return f"changed what is known of {self.name} ({', '.join(self.roles)})"


@upcast(PersonAdded, since=1)
@upcast(PersonChanged, since=1)
def _roles_were_any_words(old: Json) -> Json:
    """Version 2 knows the roles; those that were ever given are among them."""
    return old


class PersonRetired(Fact, kind="person_retired", about="person"):
    """Somebody left the team; what they said stays."""

    person: str

    def sentence(self) -> str:
        return f"retired {self.person}"


class PersonReturned(Fact, kind="person_returned", about="person"):
    """Somebody who had left is on the team again, known as they are described here."""

    person: str
    name: str
    address: str | None
    roles: tuple[RoleId, ...]
    deputy: str | None

    def sentence(self) -> str:
        return f"added {self.name} again ({', '.join(self.roles)})"


class WorkPassed(Fact, kind="work_passed", about="person"):
    """Somebody's deputy holds one of their roles beside them: what waits there was left too long.

    waits_since: since when the oldest of it has waited."""

    person: str
    role: RoleId
    deputy: str
    waits_since: str

    def sentence(self) -> str:
        return f"passed what waits for {self.person} as {self.role} to {self.deputy} as well"


class WorkReturned(Fact, kind="work_returned", about="person"):
    """Nothing has waited too long any more: the deputy stands in no longer."""

    person: str
    role: RoleId

    def sentence(self) -> str:
        return f"ended that somebody stands in for {self.person} as {self.role}"


class ProtocolAdopted(Fact, kind="protocol_adopted", about="protocol_version"):
    """A version of the protocol came into force. body: the file's whole text."""

    protocol_version: str
    sha256: str
    body: str
    reason: str

    def sentence(self) -> str:
        return f"put protocol {self.protocol_version} into force: {self.reason}"


@dataclass(frozen=True, slots=True)
class KnownStudy:
    """A study of the published review, with the identifiers its reports are known by."""

    study: Study
    identifiers: tuple[str, ...]


class BaselineFilesTaken(Fact, kind="baseline_files_taken", about="review"):
    """What the review as published was loaded from. files: name → SHA-256; published: what the
    world knows of it (`number`, `doi`, `published_on`, `searched_on`), None where it is new."""

    review: str
    files: dict[str, str]
    published: dict[str, str] | None

    def sentence(self) -> str:
        named = (f"{name} ({digest[:12]})" for name, digest in sorted(self.files.items()))
        return f"loaded the review {self.review} from {', '.join(named) or 'no file'}"


class BaselineLoaded(Fact, kind="baseline_loaded", about="review", version=3):
    """The review as published: its studies and their values."""

    review: str
    studies: tuple[KnownStudy, ...]
    values: tuple[Value, ...]

    def sentence(self) -> str:
        return (
            f"loaded the review {self.review} as published:"
            f" {len(self.studies)} studies, {len(self.values)} values"
        )


@upcast(BaselineLoaded, since=1)
def _was_loaded_without_covariates(old: Json) -> Json:
    """Version 2 may have parts of studies, covariates and rows; without them it reads as before."""
    return old


@upcast(BaselineLoaded, since=2)
def _was_loaded_with_numbers_alone(old: Json) -> Json:
    """Version 3 may say which outcomes a study measured, and results that are not pooled."""
    return old
