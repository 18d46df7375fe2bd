"""How migrations run: foreign keys off while tables are rebuilt, checked before the end, on both databases."""

from alembic import context
from flask import current_app

from forum.core.db import db

target = db.metadata


def render_item(kind, thing, autogen_context):
    """Instants are written as such, so that each dialect makes its own column of them."""
    from forum.core.db import Instant, Points

    if kind == "type" and isinstance(thing, Instant | Points):
        name = type(thing).__name__
        autogen_context.imports.add(f"from forum.core.db import {name}")
        return f"{name}()"
    return False


def run() -> None:
    engine = db.engine
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # Batch mode with foreign keys on deleted all cascading children (measured).
            raw = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF").close()
        connection = connection.execution_options(forum_write=True)
        context.configure(
            connection=connection,
            target_metadata=target,
            render_as_batch=is_sqlite,
            render_item=render_item,
            transaction_per_migration=False,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"rows without their parents after the migration: {broken[:5]}")
        if is_sqlite:
            raw.execute("PRAGMA foreign_keys=ON").close()


if context.is_offline_mode():
    raise RuntimeError("migrations need the database")
assert current_app
run()
