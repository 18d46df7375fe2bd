"""Statements of the most asked pages: built from the same clauses as all others, compiled once, run on the driver.

Building and looking up a statement costs several times what SQLite needs to answer it. A prepared one is compiled once
for each dialect, and its types are kept beside it. It runs in the session's own read or write; or, where one statement
answers a whole request, alone on a connection of the pool, without a session.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Dialect, Select, bindparam, literal_column
from sqlalchemy.orm import Session

from .db import Lines

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

    def read(self, found: Sequence[Any]) -> Any:
        row = list(found)
        for place, convert in self.results:
            if row[place] is not None:
                row[place] = convert(row[place])
        return self.row(row)


class Prepared:
    """A select whose values are `bindparam`s; its columns need names of their own. No expanding IN.

    Its limit is `at_most(n)`: SQLite plans a statement anew each time that a bound limit is set (measured: 140 µs in
    place of 15 for a join of twelve tables).
    """

    def __init__(self, statement: Select) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def first(self, session: Session, values: Mapping[str, Any]) -> Any | None:
        """The first row as a named tuple, or None. Instants come and go as aware datetimes, as everywhere."""
        rows = self.all(session, values)
        return rows[0] if rows else None

    def all(self, session: Session, values: Mapping[str, Any]) -> Sequence[Any]:
        """Every row as a named tuple."""
        connection = session.connection()
        return self._run(connection.connection, connection, connection.dialect, values)

    def alone(self, lines: Lines, values: Mapping[str, Any]) -> Any | None:
        """`first` on a connection of its own that goes back at once: one statement sees one state of the database."""
        with lines.line() as line:
            rows = self._run(line, lines.engine, lines.engine.dialect, values)
        return rows[0] if rows else None

    def _run(self, line: Any, heard_at: Any, dialect: Dialect, values: Mapping[str, Any]) -> Sequence[Any]:
        """`heard_at`: whose listeners are told of the statement, as of every other."""
        made = self._compiled.get(dialect.name) or self._compile(dialect)
        told = {**made.fixed, **values}
        for name, convert in made.binds:
            told[name] = convert(told[name])
        sent: Any = [told[name] for name in made.names] if made.is_positional else told
        cursor: Any = line.cursor()
        try:
            for heard in heard_at.dispatch.before_cursor_execute:
                heard(heard_at, cursor, made.sql, sent, None, False)
            cursor.execute(made.sql, sent)
            found = cursor.fetchall()
        finally:
            cursor.close()
        return [made.read(row) for row in found]

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled: Any = self.statement.compile(dialect=dialect)
        columns = list(self.statement.selected_columns)
        binds = ((name, _bind(bind.type, dialect)) for name, bind in compiled.binds.items())
        results = ((place, _result(column.type, dialect)) for place, column in enumerate(columns))
        names = [str(column.key) for column in columns]
        made = _Compiled(
            sql=str(compiled),
            fixed={name: bind.effective_value for name, bind in compiled.binds.items()},
            names=tuple(compiled.positiontup or ()),
            binds=tuple((name, convert) for name, convert in binds if convert is not None),
            results=tuple((place, convert) for place, convert in results if convert is not None),
            is_positional=bool(compiled.positional),
            row=cast(Any, namedtuple("PreparedRow", names))._make,
        )
        self._compiled[dialect.name] = made
        return made


def _bind(kind: Any, dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _result(kind: Any, dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def at_most(number: int) -> Any:
    """A limit that stands in the statement's text."""
    return literal_column(str(int(number)))


class OneOrMany:
    """A select of what belongs to several things, which pages ask of a single one most: that is prepared.

    `build` gives the select from the clause that says of which things; `values` are those of its `bindparam`s.
    """

    def __init__(self, of: Any, build: Callable[[Any], Select]) -> None:
        self._of, self._build = of, build
        self._one = Prepared(build(of == bindparam("one", type_=of.type)))

    def all(self, session: Session, ids: Sequence[int], values: Mapping[str, Any]) -> Sequence[Any]:
        if len(ids) == 1:
            return self._one.all(session, {"one": ids[0], **values})
        return session.execute(self._build(self._of.in_(ids)), dict(values)).all()
