"""Forms that came when they could not be taken: what was typed waits for its person.

They are working notes and no facts: they stand in no log, no export and no page but the typist's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from state import tables as t

MOST_KEPT = 50  # of one person: more than anybody fills in between two sessions


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form as it was sent. action: the address it goes to; page: the address that shows it."""

    action: str
    page: str
    fields: Mapping[str, Sequence[str]]
    kept_at: str


def keep_form(connection: Connection, person: str, form: KeptForm) -> None:
    """Keep a form; the same one sent again later takes its place."""
    drop_form(connection, person, form.action)
    connection.execute(
        insert(t.kept_form).values(
            person_id=person,
            action=form.action,
            page=form.page,
            fields=json.dumps(dict(form.fields)),
            kept_at=form.kept_at,
        )
    )
    for old in kept_forms(connection, person)[MOST_KEPT:]:
        drop_form(connection, person, old.action)


def kept_forms(connection: Connection, person: str) -> tuple[KeptForm, ...]:
    """Return what is kept for a person, the latest first."""
    kept = t.kept_form.c
    query = select(kept.action, kept.page, kept.fields, kept.kept_at)
    query = query.where(kept.person_id == person).order_by(kept.kept_at.desc(), kept.action)
    return tuple(
        KeptForm(row.action, row.page, json.loads(row.fields), row.kept_at)
        for row in connection.execute(query)
    )


def drop_form(connection: Connection, person: str, action: str) -> None:
    """Let go of a form that was taken, or that its person does not want."""
    kept = t.kept_form.c
    connection.execute(delete(t.kept_form).where(kept.person_id == person, kept.action == action))
