"""How the newest result stands: is it of the inputs of now, and what is not in the version?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.app import App
from bot.results.model import AnalysisResult
from bot.synthesis.drafting import rejected_since, studies_in
from bot.synthesis.input_changes import InputDifference, differences
from bot.synthesis.inputs_in_force import inputs_of_now
from bot.synthesis.synthesise import Synthesis, results_named
from state import versions
from state.codec import Json
from state.facts.words import SignatureVerdict
from state.versions import Version


@dataclass(frozen=True, slots=True)
class ResultStanding:
    """How the newest result stands.

    hash: of the inputs it was computed from. differs_in: what of the inputs is not as it was then.
    unpublished: what it has that the published version has not. why: what becomes of that.
    """

    hash: str | None
    of_now: bool
    results: tuple[AnalysisResult, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()  # label, open decision
    differs_in: tuple[str, ...] = ()
    unpublished: tuple[str, ...] = ()
    why: str | None = None

    def as_json(self) -> Json:
        """Return it as `status --json` gives it."""
        return {
            "hash": self.hash,
            "of_now": self.of_now,
            "differs_in": list(self.differs_in),
            "kept_apart": [{"label": label, "decision": each} for label, each in self.apart],
            "unpublished": list(self.unpublished),
            "why_unpublished": self.why,
        }


def result_standing(app: App, connection: Connection) -> ResultStanding:
    """Compare the newest result with the inputs of now, and with the published version."""
    newest, now = versions.newest_result(connection), inputs_of_now(app, connection)
    labels = {study.id: study.label for study in now.studies}
    apart = tuple((labels[study], decision) for study, decision in now.apart.items())
    stored = versions.find_result(connection, newest) if newest is not None else None
    if stored is None:
        return ResultStanding(None, of_now=False, apart=apart)
    results, of_now = results_named(connection, stored.id), stored.id == now.hash
    pooled = studies_in(results)
    last = versions.last_published(connection)
    found = _unpublished(connection, last, stored.inputs, pooled)
    return ResultStanding(
        stored.id,
        of_now,
        results,
        apart,
        differs_in=() if of_now else _said(differences(stored.inputs, now.json, pooled)),
        unpublished=_said(found),
        why=_why(connection, last, found, Synthesis(stored.id, stored.inputs, results))
        if last is not None and found
        else None,
    )


def _unpublished(
    connection: Connection, last: Version | None, inputs: Json, pooled: frozenset[str]
) -> tuple[InputDifference, ...]:
    published = versions.find_result(connection, last.result) if last is not None else None
    return differences(published.inputs, inputs, pooled) if published is not None else ()


def _said(found: tuple[InputDifference, ...]) -> tuple[str, ...]:
    return tuple(each.text for each in found)


def _why(
    connection: Connection,
    last: Version,
    found: tuple[InputDifference, ...],
    newest: Synthesis,
) -> str:
    """Say what becomes of what is not in the published version."""
    draft = versions.open_draft(connection)
    if draft is not None:
        return f"draft version {draft.number} waits for signatures"
    rejected = rejected_since(connection, last, newest)
    if rejected is not None:
        return f"draft version {rejected.number} was rejected{_by(connection, rejected.number)}"
    if not any(each.shown for each in found):
        return "no result moved by it: the next version takes it in"
    return "its draft is being made"


def _by(connection: Connection, number: str) -> str:
    signed = versions.signatures(connection, "version", number)
    said = [each for each in signed if each.verdict is SignatureVerdict.REJECT]
    return f" by {said[-1].person}: {said[-1].reason}" if said else ""
