"""Many rows by one statement, at what the driver itself takes.

SQLAlchemy looks at each value of each row anew, which costs more than writing it. Here a statement
is compiled once, and its rows go to the driver as they are: texts, numbers and bytes, which need no
translation. (A row of a list keeps the order of the statement's names.)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Text,
    Update,
    any_,
    func,
    literal,
    select,
)

Row = Mapping[str, object]


def write_rows(connection: Connection, statement: Insert | Update, rows: Sequence[Row]) -> None:
    """Execute a statement once for each row; all have the names of the first."""
    if not rows:
        return
    compiled = _compiled(statement, connection.dialect, tuple(rows[0]))
    if compiled is None:
        connection.execute(statement, rows)
    elif compiled.order is None:
        connection.exec_driver_sql(compiled.text, [dict(row) for row in rows])
    else:
        values = itemgetter(*compiled.order)
        connection.exec_driver_sql(compiled.text, list(map(values, rows)))


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement's text, and the order of its values where its driver takes them by place."""

    text: str
    order: tuple[str, ...] | None


@lru_cache(maxsize=256)
def _compiled(
    statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]
) -> _Compiled | None:
    """Compile a statement; None where SQLAlchemy adds values of its own, or there is only one."""
    found = statement.compile(dialect=dialect, column_keys=list(names))
    if found.binds.keys() != set(names) or len(names) == 1:
        return None
    order = found.positiontup
    return _Compiled(str(found), tuple(order) if order is not None else None)


def one_of(
    connection: Connection, column: ColumnElement[str], texts: Iterable[str]
) -> ColumnElement[bool]:
    """Whether a column is one of any number of texts, which travel as one value."""
    if connection.dialect.name != "sqlite":
        return column == any_(literal(list(texts), ARRAY(Text)))
    each = func.json_each(json.dumps(list(texts))).table_valued("value")
    return column.in_(select(each.c.value))
