"""Statements of the most asked pages: built from the same clauses as all others, compiled once, run on the driver.

Building and looking up a statement costs several times what SQLite needs to answer it. A prepared one is compiled once
for each dialect, its types are kept beside it, and it runs in the session's own read or write.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Select
from sqlalchemy.orm import Session

Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class _Compiled:
    sql: str
    fixed: Mapping[str, Any]
    names: tuple[str, ...]
    binds: tuple[tuple[str, Convert], ...]
    results: tuple[tuple[int, Convert], ...]
    is_positional: bool
    row: Callable[[Any], Any]


class Prepared:
    """A select whose values are `bindparam`s; its columns need names of their own. No expanding IN."""

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def first(self, session: Session, values: Mapping[str, Any]) -> Any | None:
        """The first row as a named tuple, or None. Instants come and go as aware datetimes, as everywhere."""
        connection = session.connection()
        made = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        told = {**made.fixed, **values}
        for name, convert in made.binds:
            told[name] = convert(told[name])
        sent: Any = [told[name] for name in made.names] if made.is_positional else told
        cursor: Any = connection.connection.cursor()
        try:
            for heard in connection.dispatch.before_cursor_execute:
                heard(connection, cursor, made.sql, sent, None, False)
            cursor.execute(made.sql, sent)
            found = cursor.fetchone()
        finally:
            cursor.close()
        if found is None:
            return None
        row = list(found)
        for place, convert in made.results:
            row[place] = convert(row[place])
        return made.row(row)

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled: Any = self.statement.compile(dialect=dialect)
        columns = list(self.statement.selected_columns)
        binds = ((name, _bind(bind.type, dialect)) for name, bind in compiled.binds.items())
        results = ((place, _result(column.type, dialect)) for place, column in enumerate(columns))
        made = _Compiled(
            sql=str(compiled),
            fixed={name: bind.effective_value for name, bind in compiled.binds.items()},
            names=tuple(compiled.positiontup or ()),
            binds=tuple((name, convert) for name, convert in binds if convert is not None),
            results=tuple((place, convert) for place, convert in results if convert is not None),
            is_positional=bool(compiled.positional),
            row=namedtuple("PreparedRow", [column.key for column in columns])._make,  # type: ignore[misc]
        )
        self._compiled[dialect.name] = made
        return made


def _bind(kind: Any, dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)  # type: ignore[no-any-return]


def _result(kind: Any, dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)  # type: ignore[no-any-return]
