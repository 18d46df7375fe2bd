"""Does looking leave everything as it was? Every page, every id, every person: all tables but the last use of sessions."""

from datetime import timedelta

import pytest

from forum.core.db import db
from tests.conftest import Site
from tests.sweeps.ground import EVERYBODY, Ids, changed, crawled, digest_of, models_are_complete, rows_of
from tests.world import WORLD_AT


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", EVERYBODY)
def test_looking_changes_no_table(grown: Site, ids: Ids, short: str | None) -> None:
    _visits, tables = crawled(grown, short, ids, WORLD_AT + timedelta(minutes=90))
    assert tables == []


def test_looking_changes_no_table_once_all_boards_are_past(grown: Site, ids: Ids) -> None:
    # On PostgreSQL one person is enough: nothing here depends on the database.
    for short in ["ana", "ines"] if grown.base.kind == "sqlite" else ["ana"]:
        _visits, tables = crawled(grown, short, ids, WORLD_AT + timedelta(days=20))
        assert tables == []


@pytest.mark.sqlite_only
def test_a_row_that_changes_is_seen_in_every_table(grown: Site) -> None:
    """The sweep's own eyes: a change of any row of any table changes the digest, the last use of a session does not."""
    assert models_are_complete(grown.app)
    grown.client("ana")
    before = digest_of(grown.app)
    for name, rows in rows_of(grown.app).items():
        if not rows:
            continue
        table = db.metadata.tables[name]
        column = next((each for each in table.c if not each.primary_key and not each.foreign_keys and not each.unique
                       and each.type.python_type in (int, str) and each.name != "last_used_at"
                       and "CHECK" not in str(each.type)), None)  # fmt: skip
        if column is None:
            continue
        with grown.app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
            key = next(iter(table.primary_key.columns))
            connection.exec_driver_sql(
                f'UPDATE "{name}" SET "{column.name}" = \'7\' WHERE "{key.name}" = (SELECT max("{key.name}") FROM "{name}")'
            )
        assert changed(before, digest_of(grown.app)) == [name], column
        before = digest_of(grown.app)
    with grown.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE sign_in_session SET last_used_at = last_used_at + 1")
    assert changed(before, digest_of(grown.app)) == []
