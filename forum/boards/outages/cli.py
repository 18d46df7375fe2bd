"""`forum outages`: what was recorded, and that the site was brought back from a backup; thin, like views."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from ...core import clock
from ...core.db import db, transaction
from .commands import restored
from .queries import known_outages
from .words import outage_words


@contextmanager
def _site() -> Iterator[None]:
    from ... import create_app, instances

    app = create_app()
    instances.prepare(app)
    with app.app_context(), app.test_request_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


@click.group()
def outages() -> None:
    """When the site was away, and time given back for it."""


@outages.command("list")
def show() -> None:
    """Show every outage, the latest first, in UTC."""
    with _site():
        found = known_outages(db.session())
        for outage in reversed(found):
            click.echo(outage_words(outage, ZoneInfo("UTC")))
        if not found:
            click.echo("No outage is recorded.")


@outages.command("restored")
@click.option(
    "--since", "told",
    help="The last commit of the backup, like 2026-11-26T03:00Z; without it, the last sign of life in it.",
)  # fmt: skip
def note_restored(told: str | None) -> None:
    """Say that the site was just brought back from a backup: away since the backup's last commit."""
    since = None
    if told is not None:
        try:
            since = datetime.fromisoformat(told)
        except ValueError:
            raise click.UsageError(f"“{told}” is no instant; write it like 2026-11-26T03:00Z") from None
        if since.tzinfo is None:
            raise click.UsageError("please give the offset too, such as 2026-11-26T03:00Z")
        since = since.astimezone(UTC)
        if since >= clock.now():
            raise click.UsageError("this is not in the past")
    with _site():
        with transaction() as session:
            outage = restored(session, since=since, at=clock.now())
        if outage is None:
            raise click.UsageError("there is no sign of life in this backup; say since when with --since")
        click.echo(outage_words(outage, ZoneInfo("UTC")))
