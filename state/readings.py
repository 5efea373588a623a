"""What one reading of the database is asked again and again is read of it once.

A reading sees one consistent state from its begin to its end, so that an answer stays right as long
as it lasts. A transaction that writes remembers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

P = ParamSpec("P")
Answer = TypeVar("Answer")

_READINGS: WeakKeyDictionary[Connection, dict[Hashable, Any]] = WeakKeyDictionary()


@contextmanager
def one_reading(connection: Connection) -> Iterator[None]:
    """Have a connection that cannot write remember what is read of it, until the end."""
    _READINGS[connection] = {}
    try:
        yield
    finally:
        del _READINGS[connection]


def read_once(
    question: Callable[Concatenate[Connection, P], Answer],
) -> Callable[Concatenate[Connection, P], Answer]:
    """Ask a question once a reading; its answer must be a value that nobody changes."""

    @wraps(question)
    def asked(connection: Connection, /, *args: P.args, **named: P.kwargs) -> Answer:
        answers = _READINGS.get(connection)
        if answers is None:
            return question(connection, *args, **named)
        key = (question, args, tuple(sorted(named.items())))
        if key not in answers:
            answers[key] = question(connection, *args, **named)
        found: Answer = answers[key]
        return found

    return asked
