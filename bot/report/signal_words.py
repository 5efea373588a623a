"""What a version says of its signals: what they compare, and what no rule looks at. Pure."""

from __future__ import annotations

from bot.report.document import ReviewDocument

NOT_LOOKED_AT = (
    "The rules look at the planned result of each analysis. No rule looks at the paired analysis"
    " of cross-over data, at a prediction interval or at what single studies carry: that is for"
    " people to judge."
)
MORE_THAN_ONE = (
    "One trial feeds several analyses, so the chance that some rule fires somewhere is that of the"
    " highest line or more."
)


def compared_with(document: ReviewDocument) -> str:
    """Say with which results this version's were compared."""
    if document.previous is None:
        return ""
    rated = rated_in(document)
    last = f"version {document.previous.number}"
    if rated is None or rated == document.previous.number:
        return f"Compared with {last}, on which the authors' ratings rest."
    return f"Compared with {last}, and with version {rated}, on which the authors' ratings rest."


def rated_in(document: ReviewDocument) -> str | None:
    """Return the version whose conclusions people rated last, or None."""
    rated = [each.rated_in for each in document.certainty]
    return rated[-1] if rated else None
