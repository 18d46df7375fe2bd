"""Deadlines by command: `forum due` says what a due time comes to, `forum zones` what zones do to dates; thin, like views."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import inspect

from ..core import clock
from ..core.db import db, transaction
from ..core.zone_databases import INSTALLED, NoZoneDatabase, in_folder
from . import zone_checks, zones
from .due_words import NotADue, due_lines, wall_typed, zone_typed
from .outages.cli import outages


class _Wrong(click.UsageError):
    """What was typed can't be taken: the sentence alone, exit code 2."""

    def show(self, file: object = None) -> None:
        click.echo(f"Error: {self.message}", err=True)


@click.command()
@click.argument("when")
@click.option("--zone", "zone_name", required=True, help="The zone that it is written in: Europe/Madrid.")
@click.option("--own-zone", "own_name", help="The zone of somebody who reads it: America/Chicago.")
@click.option("--grace", default=5, show_default=True, type=click.IntRange(0, 1440), help="Minutes.")
def due(when: str, zone_name: str, own_name: str | None, grace: int) -> None:
    """Say what a due time comes to: the instant in UTC, then how it is read.

    WHEN is a local time like "2026-11-26 17:00", or "end of 2026-11-26".
    """
    try:
        own_zone = zone_typed(own_name) if own_name is not None else None
        lines = due_lines(wall_typed(when), zone_typed(zone_name), own_zone, grace)
    except NotADue as wrong:
        raise _Wrong(str(wrong)) from None
    for line in lines:
        click.echo(line)


@contextmanager
def _site() -> Iterator[Flask]:
    from .. import create_app

    app = create_app()
    with app.app_context(), app.test_request_context():
        try:
            if not inspect(db.engine).has_table("due_rule"):
                raise click.ClickException(f"there is no site in {app.instance_path}; forum init makes one")
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@click.group("zones")
def zones_group() -> None:
    """The zone database: what another one would move, and following it."""


@zones_group.command("check")
@click.option(
    "--database", default="installed", show_default=True,
    help="A folder of compiled zones (/usr/share/zoneinfo), or what is installed and was not followed yet.",
)  # fmt: skip
def check_zones(database: str) -> None:
    """Show which dates ahead another zone database would move, and for whom. Nothing is changed."""
    try:
        other = INSTALLED if database == "installed" else in_folder(Path(database))
    except NoZoneDatabase:
        raise _Wrong(f"There is no zone database in {database}.") from None
    with _site() as app:
        found = zone_checks.check(db.session(), clock.now(), other, Path(app.instance_path) / "zones")
        for line in zone_checks.lines_of(found, other):
            click.echo(line)


@zones_group.command("apply")
def apply_zones() -> None:
    """Follow the installed zone database, as every start of the site does; nothing that was shown moves earlier."""
    with _site() as app:
        kept = Path(app.instance_path) / "zones"
        found = zone_checks.check(db.session(), clock.now(), INSTALLED, kept)
        with transaction() as session:
            zones.follow_database(session, clock.now(), kept)
        for line in zone_checks.lines_of(found, INSTALLED):
            click.echo(line)


COMMANDS: tuple[click.Command, ...] = (due, zones_group, outages)
