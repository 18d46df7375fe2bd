"""The schema that migrations make is the schema that the code knows, on both databases, and running them again changes nothing."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from forum import instances
from forum.core.db import db
from tests.conftest import Site

VERSIONS = Path(__file__).parent.parent.parent / "migrations" / "versions"


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_the_tables_that_migrations_make_are_those_of_the_models(site: Site) -> None:
    with site.app.app_context(), db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), db.metadata)
    assert [each for each in differences if "uq_thread_prompt" not in str(each)] == []


def test_the_index_that_cannot_be_compared_holds_all_the_same(site: Site) -> None:
    with site.app.app_context():
        statement = text(
            "SELECT board_id, group_id, count(*) FROM thread WHERE is_prompt GROUP BY board_id, group_id"
        )
        assert all(number == 1 for _board, _group, number in db.session.execute(statement))
        kind = db.engine.dialect.name
        where = (
            "sqlite_master WHERE type = 'index' AND name"
            if kind == "sqlite"
            else "pg_indexes WHERE indexname"
        )
        assert db.session.scalar(text(f"SELECT count(*) FROM {where} = 'uq_thread_prompt'")) == 1


def test_preparing_an_instance_again_changes_nothing(site: Site) -> None:
    def rows() -> dict[str, int]:
        with site.app.app_context():
            return {
                name: db.session.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0
                for name in inspect(db.engine).get_table_names()
            }

    before = rows()
    instances.prepare(site.app)
    assert rows() == before
    assert sum(before.values()) > 100


def test_the_newest_revision_by_its_name_is_the_head_of_all(site: Site) -> None:
    assert instances.newest_revision(site.app) == ScriptDirectory(VERSIONS.parent).get_current_head()


def test_a_revision_says_in_its_name_what_it_does_to_the_data() -> None:
    names = sorted(path.name for path in VERSIONS.glob("*.py"))
    assert names
    assert all(len(name.removesuffix(".py").split("_")) >= 3 for name in names), names
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]


def test_no_revision_pretends_to_go_back() -> None:
    for path in VERSIONS.glob("*.py"):
        assert "def downgrade" not in path.read_text(), path.name
