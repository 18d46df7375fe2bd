"""What tests stand on: one application a process, a copy of the world for each test, on SQLite and on PostgreSQL."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from forum import create_app, instances
from forum.accounts.commands import start_session
from forum.core import caches, clock
from forum.core.db import db, transaction

from . import parts
from .client import CheckingClient
from .world import WORLD_AT, World, build

CI = os.environ.get("CI") == "true"
_server: list[parts.Postgres] = []


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    if is_worker or "not postgres" in (config.option.markexpr or "") or config.option.collectonly:
        return
    if parts.postgres_folder() is not None and "FORUM_TEST_POSTGRES" not in os.environ:
        _server.append(parts.Postgres())
        os.environ["FORUM_TEST_POSTGRES"] = _server[0].url("{}")


def pytest_unconfigure(config: pytest.Config) -> None:
    while _server:
        _server.pop().stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "site" in metafunc.fixturenames:
        kinds = [pytest.param("sqlite", id="sqlite")]
        if (
            not any(metafunc.definition.iter_markers("sqlite_only"))
            and "chromium" not in metafunc.fixturenames
        ):
            kinds.append(pytest.param("postgres", id="postgres", marks=pytest.mark.postgres))
        metafunc.parametrize("site", kinds, indirect=True, scope="function")


@dataclass
class Base:
    """An application with a world in its database, and how to bring that back to how it was built."""

    app: Flask
    world: World
    kind: str
    folder: Path

    def reset(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
            if self.kind == "sqlite":
                for ending in ("-wal", "-shm"):
                    (self.folder / f"forum.db{ending}").unlink(missing_ok=True)
                shutil.copyfile(self.folder / "built.db", self.folder / "forum.db")
            else:
                _recreate(self.app.config["POSTGRES_ADMIN"], self.app.config["POSTGRES_NAME"], "built")
        shutil.rmtree(self.folder / "uploads", ignore_errors=True)
        (self.folder / "uploads").mkdir()
        (self.folder / "grade-views.log").unlink(missing_ok=True)
        caches.clear_all()


def _recreate(admin_url: str, name: str, template: str) -> None:
    engine = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}_{name}"'))
    engine.dispose()


_bases: dict[str, Base] = {}


def base_for(kind: str) -> Base:
    """The base of one kind of database, built once a process."""
    if kind in _bases:
        return _bases[kind]
    shm = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix=f"forum-{kind}-", dir=shm))
    overrides: dict[str, Any] = {
        "INSTANCE": folder, "SECRET_KEY": "for tests only", "TESTING": True, "DURABLE": False,
        "PUBLIC_URL": "http://localhost", "DATABASE_URL": "",
    }  # fmt: skip
    if kind == "postgres":
        server = os.environ.get("FORUM_TEST_POSTGRES")
        if not server:
            message = "no PostgreSQL on this machine"
            pytest.fail(message) if CI else pytest.skip(message)
        name = f"forum_{os.getpid()}"
        admin = server.format("postgres")
        engine = create_engine(admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "built_{name}"'))
        engine.dispose()
        overrides["DATABASE_URL"] = server.format(f"built_{name}")
    app = create_app(dict(overrides))
    instances.prepare(app)
    with app.app_context(), clock.standing_at(WORLD_AT), transaction() as session:
        world = build(session)
    with app.app_context():
        db.engine.dispose()
    if kind == "postgres":
        overrides["DATABASE_URL"] = server.format(name)
        _recreate(admin, name, "built")
        app = create_app(dict(overrides))
        app.config.update(POSTGRES_ADMIN=admin, POSTGRES_NAME=name)
    else:
        shutil.move(folder / "forum.db", folder / "built.db")
    app.test_client_class = CheckingClient
    _bases[kind] = Base(app, world, kind, folder)
    return _bases[kind]


@pytest.fixture(scope="session", autouse=True)
def _clean_up() -> Iterator[None]:
    yield
    for base in _bases.values():
        with base.app.app_context():
            db.engine.dispose()
        shutil.rmtree(base.folder, ignore_errors=True)


@dataclass
class Site:
    """What a test has in hand: the application, the world in it, people to act as, and the clock."""

    base: Base
    clocks: ExitStack

    @property
    def app(self) -> Flask:
        return self.base.app

    @property
    def world(self) -> World:
        return self.base.world

    def at(self, instant: datetime) -> None:
        """Set the clock."""
        self.clocks.enter_context(clock.standing_at(instant))

    def client(self, short: str | None = None) -> CheckingClient:
        """A browser, signed in as one of the cast."""
        client = self.app.test_client()
        if short is not None:
            with self.app.app_context(), transaction() as session:
                token = start_session(session, self.world.people[short], clock.now())
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
                cookie["_fresh"] = True
                cookie.permanent = True
        return client  # type: ignore[return-value]


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    base = base_for(getattr(request, "param", "sqlite"))
    base.reset()
    told = deepcopy(vars(base.world))  # what a test notes of its own is not told to the next
    with ExitStack() as clocks:
        clocks.enter_context(clock.standing_at(WORLD_AT))
        yield Site(base, clocks)
    vars(base.world).update(told)
    with base.app.app_context():
        db.session.remove()


@pytest.fixture
def world(site: Site) -> World:
    return site.world
