"""What baseline/studies.toml says of a study beside its numbers: outcomes, and results in words."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator

from bot.review.faults import wrong
from bot.review.field_types import CLOSED, Id, Number, Text, Texts
from bot.review.wanted import Wants, is_one_of
from extraction.model import Basis, OutcomeReporting, Provenance, Reporting, UnpooledResult

BASES = (Basis.PUBLISHED, Basis.DERIVED)


def _printed(found: Basis) -> Basis:
    if found not in BASES:
        raise wrong(f"'{found}'", is_one_of(BASES))
    return found


PrintedBasis = Annotated[Basis, AfterValidator(_printed), Wants(is_one_of(BASES))]


class _Told(BaseModel):
    """Where something that is told of a study comes from."""

    model_config = CLOSED

    basis: PrintedBasis
    source: Text
    locator: Text | None = None
    quote: Text | None = None
    how: Annotated[Text | None, Field(validate_default=True)] = None

    @field_validator("how")
    @classmethod
    def _found(cls, found: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("basis") is Basis.DERIVED and found is None:
            raise wrong("nothing", "how it was derived")
        return found

    @property
    def provenance(self) -> Provenance:
        return Provenance(self.basis, self.source, self.locator, self.quote, self.how)


class ReportingTable(_Told):
    """What the reports of a study make of an outcome of which they give no numbers."""

    outcome: Id
    state: Reporting

    def reporting(self) -> OutcomeReporting:
        """Return what is said of the outcome."""
        return OutcomeReporting(self.outcome, self.state, self.provenance)


class UnpooledTable(_Told):
    """A result that a report tells and no analysis can pool."""

    what: Text
    outcome: Id | None = None
    arms: Texts = ()
    number: Number | None = None
    unit: Annotated[Text | None, Field(validate_default=True)] = None

    @field_validator("unit")
    @classmethod
    def _counted(cls, found: str | None, info: ValidationInfo) -> str | None:
        if found is None and info.data.get("number") is not None:
            raise wrong("none", "what the number counts, such as people or events")
        return found

    def result(self) -> UnpooledResult:
        """Return the result in words."""
        return UnpooledResult(
            self.what, self.provenance, self.outcome, self.arms, self.number, self.unit
        )
