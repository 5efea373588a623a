"""A program that dies at a commit: what raises there is caught by nobody.

It dies in this process, so that a history stays quick: what cleans up after an exception runs, and
the operating system keeps nothing back. The blows that end a process in earnest are dealt by
`tests.reliability`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine


class Killed(BaseException):
    """The program was killed: no edge that keeps an `Exception` keeps this."""


@contextmanager
def killed_at(writer: Engine, nth: int, *, committed: bool) -> Iterator[None]:
    """Have the nth commit within raise Killed: before it is made, or once it is."""
    commits = count(1)
    committing = writer.dialect.do_commit

    def do_commit(connection: Any) -> None:
        strikes = next(commits) == nth
        if strikes and not committed:
            raise Killed(f"the program was killed at commit {nth}, within the transaction")
        committing(connection)
        if strikes:
            raise Killed(f"the program was killed right after commit {nth}")

    with patch.object(writer.dialect, "do_commit", do_commit):
        yield
