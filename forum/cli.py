"""The `forum` command: thin, like views."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .serving import loaded, serve, url_of

if TYPE_CHECKING:
    from flask import Flask


def _app(**overrides: Any) -> Flask:
    def make() -> Flask:
        from . import create_app

        return create_app(overrides)

    return loaded(make)


class Commands(click.Group):
    """The commands of this file, and those of rooms, which are loaded when one of them is asked for."""

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return super().get_command(context, name) or self._of_rooms().get(name)

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*super().list_commands(context), *self._of_rooms()})

    def _of_rooms(self) -> dict[str, click.Command]:
        from .boards import cli as deadlines
        from .interop import cli as imports
        from .interop.course_copies import cli as copies  # noqa: F401 - adds `course copy` to its group
        from .receipts.cli import receipts

        return {str(command.name): command for command in (*deadlines.COMMANDS, *imports.GROUPS, receipts)}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--instance", type=click.Path(file_okay=False, path_type=Path), help="The site's folder (or INSTANCE=)."
)
def main(instance: Path | None) -> None:
    """Midnight Forum: a course forum for people who are never in the same room at the same time."""
    if instance is not None:
        os.environ["INSTANCE"] = str(instance)


@main.command()
@click.option("--email", prompt="E-mail of the administrator")
@click.option("--name", prompt="Name of the administrator")
def init(email: str, name: str) -> None:
    """Make an empty site and one administrator, and print their one-time link."""
    from . import instances

    app = _app()
    instances.prepare(app)
    click.echo("With this link, which works once, the administrator chooses a password:")
    click.echo(instances.make_first_administrator(app, email, name))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=lambda: int(os.environ.get("PORT", "8000")), type=int, help="Or PORT=; 8000.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--demo", is_flag=True, help="Load the demo course if the site is empty.")
def run(host: str, port: int, workers: int, demo: bool) -> None:
    """Serve the site: web, jobs and heartbeat under one supervisor."""
    address = url_of(host, port)
    app = _app(LISTENS_AT=address)
    # After the application, which has loaded all that these need with the collector at rest.
    from . import instances
    from .core.db import sqlite_is_sound

    instance = Path(app.instance_path)
    _refuse_if_served(instance)
    _refuse_if_taken(host, port)
    instances.prepare(app)
    lays_demo = demo and instances.is_empty(app)
    is_demo = lays_demo or (instance / "demo").exists()
    if is_demo and not _is_loopback(host):
        raise click.ClickException("a demo with printed passwords listens on this machine only (127.0.0.1)")
    if lays_demo:
        from .demo.laying import lay_demo

        click.echo("Laying the demo course…")
        lay_demo(app)
        app = _app(LISTENS_AT=address)  # which knows that it is a demo
    if workers > 1 and not app.config["DATABASE_URL"] and not sqlite_is_sound():
        click.echo(
            "The SQLite library here may lose writes with several processes: serving with one.", err=True
        )
        workers = 1
    click.echo(f"Midnight Forum: {address}")
    if is_demo:
        from .demo.laying import sign_ins

        for role, email, password in sign_ins():
            click.echo(f"  {role:<16} {email:<34} {password}")
    sys.stdout.flush()
    sys.exit(_supervise(app, host, port, workers))


def _supervise(app: Flask, host: str, port: int, workers: int) -> int:
    from . import instances
    from .heartbeat import Socket, keep_beating
    from .supervisor import Child, Supervisor

    site = Socket(app, host, port)
    children = [
        Child("web", partial(_serve, app, host, port, workers)),
        Child("jobs", partial(_do_jobs, app), waits=True),
        Child("heartbeat", partial(keep_beating, site), waits=True),
    ]
    instances.let_go(app)
    return Supervisor(Path(app.instance_path), children, site.answers).run()


def _serve(app: Flask, host: str, port: int, workers: int) -> None:
    from .receipts import keys

    # Loaded before the workers are forked: the first post does not wait for what signs its receipt.
    loaded(partial(keys.warm, Path(app.instance_path)))
    serve(app, host, port, workers)


def _refuse_if_served(instance: Path) -> None:
    from .supervisor import AlreadyRunning, hold

    instance.mkdir(parents=True, exist_ok=True)
    try:
        hold(instance).close()
    except AlreadyRunning:
        raise click.ClickException(f"this instance is being served already: {instance}") from None


def _refuse_if_taken(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise click.ClickException(
                f"port {port} of {host} can't be used ({why}); choose another with PORT="
            ) from None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@main.command()
@click.option(
    "--again", is_flag=True, help="Lay the demo anew, its dates around today. Everything in it is replaced."
)
def demo(again: bool) -> None:
    """Load the demo course into an empty site, or lay it anew."""
    from . import instances
    from .demo.laying import lay_demo, wipe_demo

    app = _app()
    if again:
        if not (Path(app.instance_path) / "demo").exists():
            raise click.ClickException("this site is not a demo; nothing was changed")
        # Pages that a running site keeps ready would be of the demo before.
        _refuse_if_served(Path(app.instance_path))
    instances.prepare(app)
    if again:
        wipe_demo(app)
    elif not instances.is_empty(app):
        raise click.ClickException(
            "this site has accounts already; nothing was changed (forum demo --again lays a demo anew)"
        )
    lay_demo(app)
    click.echo("The demo is laid.")


@main.command()
def upgrade() -> None:
    """Bring the database to what this version needs."""
    from . import instances

    instances.prepare(_app())
    click.echo("The database is up to date.")


@main.command()
@click.option("--once", is_flag=True, help="Do what is due, then end.")
def worker(once: bool) -> None:
    """Do the jobs that are due, one at a time."""
    _do_jobs(_app(), once=once)


def _do_jobs(app: Flask, *, once: bool = False) -> None:
    from .core import jobs

    parent = os.getppid()
    with app.app_context():
        while once or os.getppid() == parent:
            try:
                did = jobs.run_one()
            except Exception as error:  # the database may be away for a while
                app.logger.warning("jobs: %s", error)
                did = False
            if once and not did:
                return
            if not did:
                time.sleep(1)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="What the site is bound to.")
@click.option("--port", type=int, required=True)
@click.option("--every", default=10.0, show_default=True, help="Seconds between beats.")
def heartbeat(host: str, port: int, every: float) -> None:
    """Leave signs of life through the site's own socket."""
    from .heartbeat import Socket, keep_beating

    keep_beating(Socket(_app(), host, port), every)


if __name__ == "__main__":
    main()
