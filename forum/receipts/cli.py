"""`forum receipts`: check them, rotate the key, start a new segment after a restore; thin, like views."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core import clock
from ..core.db import db, transaction
from ..courses.models import Course
from ..ledger.commands import record
from . import commands, keys, queries, sentences
from .models import Receipt, ReceiptChain
from .rules import is_segment_reason


@contextmanager
def at_work() -> Iterator[tuple[Flask, datetime]]:
    """The application as commands use it, and the one instant of the command."""
    from .. import create_app

    app = create_app()
    with app.app_context(), app.test_request_context():
        try:
            yield app, clock.now()
        finally:
            db.session.remove()
            db.engine.dispose()


@click.group()
def receipts() -> None:
    """Proofs of arrival: check them, rotate the key that signs them."""


@receipts.command("verify")
@click.option("--course", "slug", help="Only the chain of this course, such as hist-204-2026-fall.")
@click.option("--head", help="A head noted earlier: must be in the chain of --course.")
@click.argument("token", required=False)
def verify(slug: str | None, head: str | None, token: str | None) -> None:
    """Check one TOKEN (- reads it from standard input), or the chains of all courses with rows and posts.

    Ends with 0 if all is genuine (an erased receipt is), with 1 if anything is not, with 2 if asked wrongly.
    """
    if token and (slug or head):
        raise click.UsageError("say either a token or --course")
    if head and not slug:
        raise click.UsageError("--head needs the --course whose chain it was of")
    with at_work():
        if token:
            good = _verify_token(sys.stdin.read() if token == "-" else token)  # noqa: S105 - no password
        else:
            good = not [each for each in _courses(db.session(), slug) if not _verify_chain(*each, head)]
    sys.exit(0 if good else 1)


def _courses(session: Session, slug: str | None) -> list[tuple[int, str]]:
    statement = select(Course.id, Course.slug).order_by(Course.slug)
    if slug is None:
        statement = statement.where(Course.id.in_(select(ReceiptChain.course_id)))
    else:
        statement = statement.where(Course.slug == slug)
    found = [(row[0], row[1]) for row in session.execute(statement)]
    if slug is not None and not found:
        raise click.UsageError(f"there is no course {slug}")
    return found


def _verify_token(token: str) -> bool:
    check = queries.check_token(db.session(), token)
    click.echo(f"{check.result}: {sentences.result_words(check, ZoneInfo('UTC'))}")
    if check.statement is not None:
        told = check.statement
        click.echo(
            f"receipt {told.receipt}, course {told.course}, {told.place or 'chain'}, post {told.post or 'none'}"
        )
        due = told.due_at.isoformat() if told.due_at else "none"
        click.echo(f"arrived {told.arrived_at.isoformat()}, due {due}, verdict {told.verdict or told.kind}")
    return check.result.is_good


def _verify_chain(course_id: int, slug: str, head: str | None) -> bool:
    found = queries.check_chain(db.session(), course_id)
    wrong = sentences.chain_words(found)
    if head is not None and not _is_in_chain(db.session(), course_id, head):
        wrong.append(f"The head {head} is not in the chain: what led to it was taken out.")
    click.echo(
        f"{slug}: {found.receipts} receipts, {found.erased} erased, {found.segments} segments, "
        f"head {found.head or 'none'}: {'whole' if not wrong else 'NOT WHOLE'}"
    )
    for sentence in wrong:
        click.echo(f"  {sentence}")
    return not wrong


def _is_in_chain(session: Session, course_id: int, head: str) -> bool:
    found = select(Receipt.id).where(Receipt.course_id == course_id, Receipt.hash == head)
    return session.scalar(found) is not None


@receipts.command("rotate")
def rotate() -> None:
    """Make a new signing key and forget the private part of the old one. Old receipts stay good."""
    with at_work() as (app, at):
        with transaction() as session:
            made = keys.rotate(Path(app.instance_path))
            record(session, "rotated", "receipt_key", None, actor_id=None, at=at)
        number = len(keys.published(Path(app.instance_path))["keys"])
    click.echo(f"Receipts are signed with the key {made} from now on; {number} public keys are published.")


@receipts.command("new-segment")
@click.option("--reason", required=True, help="One word that says why, such as restore.")
@click.option("--course", "slug", help="Only the chain of this course.")
def new_segment(reason: str, slug: str | None) -> None:
    """After a restore: sign that each chain goes on from where the backup left it."""
    if not is_segment_reason(reason):
        raise click.UsageError("the reason is one word of at most 40 small letters, digits and hyphens")
    with at_work() as (_app, at), transaction() as session:
        courses = [each for each in _courses(session, slug) if queries.head_of(session, each[0])[0]]
        heads = [
            (name, commands.start_segment(session, course_id, reason, at=at)) for course_id, name in courses
        ]
    for name, head in heads:
        click.echo(f"{name}: new segment, head {head}")
    if not heads:
        click.echo("No receipt was given yet: there is no chain to go on with.")
