"""What would change if a study stood elsewhere, in lines."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.app import App
from bot.synthesis.impact import impact_lines
from bot.synthesis.without_study import impact_of
from state import extractions
from state.proposals import Proposal
from state.screening import StudyStatus

NO_RESULT = "  no pooled result: the study is in none"


def would_change(app: App, connection: Connection, proposal: Proposal) -> list[str]:
    """Say what the move of a study changes in the results."""
    if proposal.since is StudyStatus.INCLUDED:
        return impact_lines(impact_of(app, connection, proposal.subject))
    if proposal.place is not StudyStatus.INCLUDED:
        return [NO_RESULT]
    own = [
        each
        for each in extractions.accepted_values(connection)
        if each.value.cell.study == proposal.subject
    ]
    if own:
        return [f"  its {len(own)} accepted values are pooled from then on"]
    return ["  its data are to be extracted by two, and pooled once they are accepted"]
