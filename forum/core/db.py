"""The database: column types, the read-only session and the one way to write.

Only this module imports the SQLite driver. Exactly one SQLite library may be in a process: a second one that opens
and closes the same file drops the first one's locks.
"""

import secrets
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Dialect,
    Engine,
    MetaData,
    String,
    Table,
    TypeDecorator,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry
from sqlalchemy.types import TypeEngine

from .site_lock import SiteLock

try:
    from pysqlite3 import dbapi2 as sqlite_driver
except ImportError:  # no wheel for this machine: the system's own library, if it is a sound one
    import sqlite3 as sqlite_driver

LOCK_PATIENCE = 5.0  # seconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A moment on the UTC line, microseconds: a 64-bit integer on SQLite, timestamptz on PostgreSQL.

    Takes any timezone-aware datetime, gives UTC ones; a naive datetime raises ValueError.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        if value.tzinfo is not UTC:
            value = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return value
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=value)


class Points(TypeDecorator[Decimal]):
    """Points with at most three decimals, kept exactly on both databases: as whole thousandths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((Decimal(value) * 1000).to_integral_value())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / 1000


_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


def new_public_id() -> str:
    """Ten random characters (49 bits) that say nothing of order or number; what addresses are made of."""
    number, signs = secrets.randbelow(len(_ALPHABET) ** 10), []
    for _place in range(10):
        number, sign = divmod(number, len(_ALPHABET))
        signs.append(_ALPHABET[sign])
    return "".join(signs)


class Base(DeclarativeBase):
    """Every table. Integer keys inside; `public_id` is what the outside sees."""

    registry = registry(
        type_annotation_map={datetime: Instant(), dict[str, Any]: JSON()},
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_N_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
    )


class PublicId:
    """Mixin: the random id by which a row is addressed from outside."""

    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)


db = SQLAlchemy(model_class=Base, session_options={"autoflush": False})
# The request's session for who may not need one: it begins with the first thing that is asked of it.
reading = cast(Session, db.session)


def init_db(app: Flask) -> None:
    """Bind the database named in `DATABASE_URL`, or `forum.db` in the instance."""
    url = make_url(app.config["DATABASE_URL"] or f"sqlite:///{app.instance_path}/forum.db")
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    options: dict[str, Any] = {"pool_size": 5, "max_overflow": 40}
    if url.get_backend_name() == "sqlite":
        options |= {
            "module": sqlite_driver,
            "connect_args": {"isolation_level": None, "timeout": LOCK_PATIENCE},
        }
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, durable=app.config["DURABLE"])
    app.extensions["forum_lines"] = Lines(engine)


def _prepare_sqlite(engine: Engine, *, durable: bool) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        for pragma in (
            "journal_mode=WAL",
            # NORMAL lost acknowledged posts in a power cut when measured; FULL lost none.
            "synchronous=FULL" if durable else "synchronous=OFF",
            "foreign_keys=ON",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A deferred BEGIN that reads and then asks to write fails at once under WAL.
        immediate = connection.get_execution_options().get("forum_write")
        # Straight on the driver: this runs for every request.
        driver: Any = connection.connection.dbapi_connection
        driver.execute("BEGIN IMMEDIATE" if immediate else "BEGIN").close()


class Lines:
    """Connections for statements that stand alone: each is a read of its own, begun and ended by the driver.

    SQLite needs no reset between two of them, so they are used in turn, the warmest first, without the pool's
    bookkeeping (measured: 20 µs of 70 for the statement that most requests consist of). PostgreSQL's go back to the
    pool, which ends their transaction.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._free: deque[Any] = deque()
        self._is_sqlite = engine.dialect.name == "sqlite"
        event.listen(engine, "engine_disposed", self._close)

    def take(self) -> Any:
        """A connection of the driver: it is given back, or closed if something went wrong on it."""
        try:
            return self._free.pop()
        except IndexError:
            taken = self.engine.raw_connection()
            if self._is_sqlite:
                taken.detach()  # ours from here on: closing it closes it
            return taken

    def give_back(self, line: Any) -> None:
        if self._is_sqlite:
            self._free.append(line)
        else:
            line.close()

    def _close(self, _engine: Engine) -> None:
        while self._free:
            self._free.pop().close()


def sqlite_is_sound() -> bool:
    """Whether the SQLite library in use keeps committed writes with several connections in WAL mode.

    The WAL-reset fault is mended from 3.51.3 on, and in 3.50.7 and 3.44.6 (https://sqlite.org/wal.html).
    """
    version = tuple(int(part) for part in sqlite_driver.sqlite_version.split("."))
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


# --- the one way to write -------------------------------------------------------------------------------------

_locks: dict[Path, SiteLock] = {}


def _site_lock() -> SiteLock:
    """The one lock of this instance in this process."""
    path = Path(current_app.instance_path, "write.lock")
    return _locks.get(path) or _locks.setdefault(path, SiteLock(path))


@contextmanager
def transaction() -> Iterator[Session]:
    """End the read that went before, take the site's write lock, begin, and commit at the end: the only commit.

    Everything that decides is loaded inside. An exception rolls everything back. Raises TooBusy when the lock is
    not to be had within LOCK_PATIENCE seconds. Does not nest.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("a transaction is already open")
    session.rollback()
    if db.engine.dialect.name == "sqlite":
        with _site_lock().held(LOCK_PATIENCE):
            yield from _writing(session, {"forum_write": True})
    else:
        yield from _writing(session, {})


def _writing(session: Session, options: Mapping[str, Any]) -> Iterator[Session]:
    session.info["writing"] = True
    try:
        session.connection(execution_options=dict(options))
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


@event.listens_for(Session, "before_flush")
def _refuse_flush_outside(session: Session, _context: Any, _instances: Any) -> None:
    if not session.info.get("writing"):
        raise RuntimeError("rows are written inside transaction() only")


def upsert(
    session: Session, table: Table, values: Mapping[str, Any], *, keys: Sequence[str], update: Sequence[str]
) -> None:
    """Insert `values`, or update the columns `update` of the row that has the same `keys`, in one statement."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(**values)
    if update:
        statement = statement.on_conflict_do_update(
            index_elements=list(keys), set_={name: statement.excluded[name] for name in update}
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(keys))
    session.execute(statement)
