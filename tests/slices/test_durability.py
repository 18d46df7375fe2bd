"""Is what was acknowledged on the disk? What each connection of an instance is asked to keep to."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from forum import create_app
from forum.core.db import Instant, db


def test_an_instance_as_it_comes_waits_for_the_disk_at_each_commit(tmp_path: Path) -> None:
    app = create_app({"INSTANCE": tmp_path, "SECRET_KEY": "for tests only", "DATABASE_URL": ""})
    with app.app_context():
        connections = [db.engine.connect() for _ in range(3)]
        for connection in connections:
            asked = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("synchronous", "journal_mode", "foreign_keys")
            }
            assert asked == {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1}  # 2 is FULL
            connection.close()
        db.engine.dispose()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_an_instant_is_kept_to_the_microsecond_and_a_naive_one_is_refused(dialect: str) -> None:
    at = datetime(2026, 11, 26, 23, 4, 59, 999_999, tzinfo=UTC)
    spoken = {"sqlite": sqlite, "postgresql": postgresql}[dialect].dialect()
    stored = Instant().process_bind_param(at.astimezone(ZoneInfo("Asia/Kathmandu")), spoken)
    assert Instant().process_result_value(stored, spoken) == at
    with pytest.raises(ValueError, match="naive"):
        Instant().process_bind_param(at.replace(tzinfo=None), spoken)
