"""Statements of the most asked pages and deeds: built from the same clauses as all others, compiled once, run on the driver.

Building and looking up a statement costs several times what SQLite needs to answer it. A prepared one is compiled once
for each dialect, and its types are kept beside it. It runs in the session's own read or write; or, where one statement
answers a whole request, alone on a connection of the pool, without a session.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    Column,
    Connection,
    Delete,
    Dialect,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    literal_column,
)
from sqlalchemy.orm import Session, scoped_session

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

    def sent(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        told = {**self.fixed, **values}
        for name, convert in self.binds:
            told[name] = convert(told[name])
        return [told[name] for name in self.names] if self.is_positional else told

    def read(self, found: Sequence[Any]) -> Any:
        row = list(found)
        for place, convert in self.results:
            if row[place] is not None:
                row[place] = convert(row[place])
        return self.row(row)


class Prepared:
    """A statement whose values are `bindparam`s; what it gives needs names of its own. No expanding IN.

    The limit of a select is `at_most(n)`: SQLite plans a statement anew each time that a bound limit is set (measured:
    140 µs in place of 15 for a join of twelve tables).

    An insert sends the columns named in `sent`, each under its own name; what is not given is as in `defaults`.
    Rows that the session has already as objects are not told of what a write changes.
    """

    def __init__(
        self, statement: Select | Insert | Update | Delete, *, sent: Sequence[str] | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.statement = statement
        self.sent = sent
        self.defaults = dict(defaults or {})
        self._compiled: dict[str, _Compiled] = {}

    def first(self, session: Session, values: Mapping[str, Any]) -> Any | None:
        """The first row as a named tuple, or None. Instants come and go as aware datetimes, as everywhere."""
        connection = _connection_of(session)
        with self._sent(connection.connection, connection, connection.dialect, values) as (made, cursor):
            found = cursor.fetchone()
        return None if found is None else made.read(found)

    def one(self, session: Session, values: Mapping[str, Any]) -> Any:
        """The one row of a statement that always gives one, as an insert does."""
        found = self.first(session, values)
        assert found is not None
        return found

    def all(self, session: Session, values: Mapping[str, Any]) -> list[Any]:
        """Every row as a named tuple."""
        connection = _connection_of(session)
        with self._sent(connection.connection, connection, connection.dialect, values) as (made, cursor):
            found = cursor.fetchall()
        return [made.read(each) for each in found]

    def run(self, session: Session, values: Mapping[str, Any]) -> None:
        """A write that gives nothing back."""
        connection = _connection_of(session)
        with self._sent(connection.connection, connection, connection.dialect, values):
            pass

    def alone(self, lines: Lines, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row as the driver gives it, on a connection of its own that goes back at once: one statement sees one
        state of the database. `read` makes of it what the others give; equal rows need that only once."""
        engine = lines.engine
        made = self._compiled.get(engine.dialect.name) or self._compile(engine.dialect)
        sent = made.sent(values)
        line = lines.take()
        try:
            cursor: Any = line.cursor()
            for heard in engine.dispatch.before_cursor_execute:
                heard(engine, cursor, made.sql, sent, None, False)
            cursor.execute(made.sql, sent)
            found = cursor.fetchall()
            cursor.close()
        except BaseException:
            line.close()
            raise
        lines.give_back(line)
        return found[0] if found else None

    def read(self, lines: Lines, found: tuple[Any, ...]) -> Any:
        """A row of `alone` as a named tuple."""
        return self._compiled[lines.engine.dialect.name].read(found)

    @contextmanager
    def _sent(
        self, line: Any, heard_at: Any, dialect: Dialect, values: Mapping[str, Any]
    ) -> Iterator[tuple[_Compiled, Any]]:
        """`heard_at`: whose listeners are told of the statement, as of every other."""
        made = self._compiled.get(dialect.name) or self._compile(dialect)
        sent = made.sent(values)
        cursor: Any = line.cursor()
        try:
            for heard in heard_at.dispatch.before_cursor_execute:
                heard(heard_at, cursor, made.sql, sent, None, False)
            cursor.execute(made.sql, sent)
            yield made, cursor
        finally:
            cursor.close()

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled: Any = self.statement.compile(
            dialect=dialect, column_keys=list(self.sent) if self.sent is not None else None
        )
        columns: Any = list(self.statement.exported_columns)
        binds = ((name, _bind(bind.type, dialect)) for name, bind in compiled.binds.items())
        results = ((place, _result(column.type, dialect)) for place, column in enumerate(columns))
        names = [str(column.key) for column in columns]
        made = _Compiled(
            sql=str(compiled),
            fixed={name: bind.effective_value for name, bind in compiled.binds.items()} | self.defaults,
            names=tuple(compiled.positiontup or ()),
            binds=tuple((name, convert) for name, convert in binds if convert is not None),
            results=tuple((place, convert) for place, convert in results if convert is not None),
            is_positional=bool(compiled.positional),
            row=cast(Any, namedtuple("PreparedRow", names))._make,
        )
        self._compiled[dialect.name] = made
        return made


def inserting(table: Table) -> Prepared:
    """An insert of one row that gives back its `id`: every other column is sent, with its default if it is not given.

    A default that is computed (as that of `public_id`) has to be given.
    """
    columns = [column for column in table.columns if column.name != "id"]
    defaults = {column.name: _default(column) for column in columns}
    return Prepared(
        insert(table).returning(table.c.id), sent=[column.name for column in columns], defaults=defaults
    )


def _connection_of(session: Session) -> Connection:
    """The session's connection; to ask the session for it each time costs as much as a small statement."""
    if isinstance(
        session, scoped_session
    ):  # `db.reading`: what is kept with it is kept with the session itself
        session = session()
    known = session.info.get("connection")
    if known is not None and known[0] is session.get_transaction():
        connection: Connection = known[1]
        return connection
    connection = session.connection()
    session.info["connection"] = (session.get_transaction(), connection)
    return connection


def _default(column: Column[Any]) -> Any:
    default: Any = column.default
    return default.arg if default is not None and default.is_scalar else None


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
