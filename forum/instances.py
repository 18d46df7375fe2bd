"""An instance on disk: preparing it, making it empty with one administrator, knowing whether it is ready."""

import logging
from pathlib import Path

from flask import Flask
from sqlalchemy import func, inspect, select

from .accounts.commands import make_account, make_link
from .accounts.links import link_to
from .accounts.models import Account
from .accounts.queries import account_by_email
from .core import clock
from .core.db import db, transaction


def prepare(app: Flask) -> None:
    """Bring folders and the database's tables to what this version needs. Running it again changes nothing."""
    instance = Path(app.instance_path)
    for name in ("uploads", "keys"):
        (instance / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    import flask_migrate  # late: who only serves pages needs nothing of it

    logging.getLogger("alembic").setLevel(logging.WARNING)
    know_migrations(app)
    with app.app_context():
        flask_migrate.upgrade()


def know_migrations(app: Flask) -> None:
    """Tell the application where its migrations lie; `flask db` and `prepare` need it, serving pages does not."""
    import flask_migrate

    if "migrate" not in app.extensions:
        folder = Path(app.root_path).parent / "migrations"
        flask_migrate.Migrate(app, db, directory=str(folder), compare_type=True, render_as_batch=True)


def is_prepared(app: Flask) -> bool:
    with app.app_context():
        return inspect(db.engine).has_table("account")


def is_empty(app: Flask) -> bool:
    with app.app_context():
        return not db.session.scalar(select(func.count()).select_from(Account))


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
