"""Certificates of silence as they were signed; how one is made and verified is bot's matter.

Their ids sort as they were signed, whatever the clock did meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from state import tables as t
from state.events import Ledger
from state.facts import CertificateSigned


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """One signed record. body: the canonical text that was signed; signature: base64."""

    id: str
    at: str
    body: str
    signature: str


def keep_certificate(ledger: Ledger, certificate_id: str, body: str, signature: str) -> None:
    """Store a signed certificate."""
    ledger.record(CertificateSigned(certificate=certificate_id, body=body, signature=signature))


def last_certificate(connection: Connection) -> StoredCertificate | None:
    """Return the newest certificate."""
    query = select(t.certificate).order_by(t.certificate.c.id.desc())
    row = connection.execute(query.limit(1)).first()
    return _stored(row) if row is not None else None


def certificates(connection: Connection) -> tuple[StoredCertificate, ...]:
    """Return every certificate, oldest first."""
    query = select(t.certificate).order_by(t.certificate.c.id)
    return tuple(_stored(row) for row in connection.execute(query))


def _stored(row: Row[tuple[object, ...]]) -> StoredCertificate:
    return StoredCertificate(row.id, row.at, row.body, row.signature)
