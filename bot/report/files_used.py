"""What a version was made from: the hashes of the files that were used, and of no other."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from bot.app import App
from bot.review.baseline import LOADED_ONCE
from bot.review.protocol_file import FILE
from bot.surveillance.adopted_strategies import query_in_force
from state import extractions, versions


def files_used(app: App, connection: Connection, result: str) -> dict[str, str]:
    """Return the SHA-256 of every file that a result and its searches rest on, and of no other.

    Where a strategy of the folder is not the one in force, the query in force stands in its place.
    """
    hashes = {
        name: digest for name, digest in app.review.file_hashes.items() if name not in LOADED_ONCE
    }
    hashes |= extractions.baseline_files(connection)
    stored = versions.find_result(connection, result)
    if stored is not None:
        hashes[FILE] = stored.inputs["protocol_sha256"]
    for plan in app.protocol.sources:
        query = query_in_force(app, connection, plan.id)
        if query != app.review.queries[plan.id]:
            hashes.pop(f"strategies/{plan.strategy_file}", None)
            hashes[f"query in force: {plan.id}"] = hashlib.sha256(query.encode()).hexdigest()
    return hashes
