"""An instance on disk: preparing it, making it empty with one administrator, knowing whether it is ready."""

import logging
from pathlib import Path

from flask import Flask
from sqlalchemy import func, inspect, select, text

from .accounts.commands import make_account, make_link
from .accounts.links import link_to
from .accounts.models import Account
from .accounts.queries import account_by_email
from .boards import zones
from .core import caches, clock, zone_databases
from .core.db import db, transaction


def prepare(app: Flask) -> None:
    """Bring folders and the database's tables to what this version needs. Running it again changes nothing."""
    instance = Path(app.instance_path)
    for name in ("uploads", "keys"):
        (instance / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    if _revision_of(app) != newest_revision(app):
        _migrate(app)
    follow_zones(app)


def _migrate(app: Flask) -> None:
    import flask_migrate  # late: a site that is as it should be needs nothing of it

    logging.getLogger("alembic").setLevel(logging.WARNING)
    know_migrations(app)
    with app.app_context():
        flask_migrate.upgrade()


def follow_zones(app: Flask) -> zones.Followed:
    """Bring all dates to the installed zone database, and keep that for when the next one comes."""
    kept = Path(app.instance_path) / "zones"
    zone_databases.keep(kept)
    with app.app_context(), app.test_request_context():
        if not zones.is_outdated(db.session()):
            db.session.remove()
            return zones.Followed([], [])
        with transaction() as session:
            return zones.follow_database(session, clock.now(), kept)


def newest_revision(app: Flask) -> str:
    """The last of the migrations: a file's name begins with its revision."""
    return max(file.name.partition("_")[0] for file in _migrations(app).glob("versions/[0-9]*.py"))


def _revision_of(app: Flask) -> str | None:
    """What the database was brought to, None if it never was to anything."""
    with app.app_context(), db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))


def _migrations(app: Flask) -> Path:
    return Path(app.root_path).parent / "migrations"


def know_migrations(app: Flask) -> None:
    """Tell the application where its migrations lie; `flask db` and `prepare` need it, serving pages does not."""
    import flask_migrate

    if "migrate" not in app.extensions:
        flask_migrate.Migrate(
            app, db, directory=str(_migrations(app)), compare_type=True, render_as_batch=True
        )


def is_prepared(app: Flask) -> bool:
    with app.app_context():
        return inspect(db.engine).has_table("account")


def is_empty(app: Flask) -> bool:
    with app.app_context():
        return not db.session.scalar(select(func.count()).select_from(Account))


def let_go(app: Flask) -> None:
    """Close what is open to the database and forget what was read: before forking, for no two may share it."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    caches.clear_all()


def make_first_administrator(app: Flask, email: str, name: str) -> str:
    """One administrator and a link with which they choose a password; again: a new link for the same person."""
    with app.app_context(), app.test_request_context():
        at = clock.now()
        with transaction() as session:
            account = account_by_email(session, email)
            if account is None:
                account = make_account(session, name=name, email=email, at=at, is_administrator=True)
            account.is_administrator = True
            token = make_link(session, account.id, "invitation", author_id=None, at=at)
        return link_to(token)
