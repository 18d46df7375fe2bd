"""Imports by command: `forum roster`, `forum course`, `forum account`; thin, like views."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..accounts.commands import make_account, make_invitations
from ..accounts.links import link_to
from ..accounts.models import Account
from ..accounts.queries import account_by_email
from ..accounts.rules import is_email
from ..core import clock
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.moments import UnknownZone
from ..core.moments import zone as zone_called
from ..core.refusals import sentences_for
from ..courses.commands import make_course, make_term
from ..courses.models import Course, Term
from ..courses.queries import course_by_slug
from .archives import BadArchive
from .cartridge_commands import free_slug, import_course, why_not_code
from .cartridge_dates import Choices
from .cartridge_plans import CoursePlan, plan_course
from .cartridge_texts import write_texts
from .cartridge_views import guessed_zone, old_first_day
from .cartridges import read_cartridge
from .reports import Deed, NotCarriedOut, Report
from .roster_commands import import_roster, invite
from .roster_people import Asker
from .roster_plans import plan_roster
from .roster_sources import Wanted, wanted_by_csv, wanted_by_oneroster
from .roster_views import counts_of, lines_of, links_csv, source_of_course
from .sentences import archive_words, date_fate_words, date_name_words, left_out_words, remark_words

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@contextmanager
def at_work() -> Iterator[tuple[Flask, datetime]]:
    """The application as commands use it, and the one instant of the command; refusals become sentences."""
    from .. import create_app

    app = create_app()
    with app.app_context(), app.test_request_context():
        try:
            yield app, clock.now()
        except BadArchive as bad:
            raise click.ClickException(f"{archive_words(bad)} Nothing was written.") from None
        except Refused as refused:
            if refused.code == "course_code_taken":
                raise click.ClickException(
                    f"the term has a course {refused.values['code']} already; choose another --code"
                ) from None
            raise click.ClickException(" ".join(sentences_for(refused))) from None
        finally:
            db.session.remove()
            db.engine.dispose()


def administrator(session: Session) -> int:
    """The account in whose name commands act: the site's first administrator."""
    found = session.scalars(
        select(Account.id)
        .where(Account.is_administrator, Account.suspended_at.is_(None))
        .order_by(Account.id)
    ).first()
    if found is None:
        raise click.ClickException("this site has no administrator yet: forum init makes one")
    return found


def term_called(session: Session, code: str) -> Term:
    """The term of a code; says which there are if there is none."""
    term = session.scalars(select(Term).where(Term.code == code)).first()
    if term is None:
        there = ", ".join(session.scalars(select(Term.code).order_by(Term.starts_on))) or "none yet"
        raise click.ClickException(f"there is no term {code} (terms: {there}); forum term create makes one")
    return term


def zone_or_say(name: str) -> str:
    """The zone's name if there is such a zone."""
    try:
        return zone_called(name).key
    except UnknownZone:
        raise click.ClickException(
            f"{name} is no time zone; one is called Europe/Madrid, for example"
        ) from None


# --- rosters -------------------------------------------------------------------------------------------------------


@click.group()
def roster() -> None:
    """Rosters from files."""


@roster.command("import")
@click.argument("file", type=FILE)
@click.option("--term", help="Code of the term that courses of a OneRoster file belong to.")
@click.option(
    "--course", "slug", help="Address of the one course that a CSV is for, such as hist-204-2026-fall."
)
@click.option(
    "--courses/--classes",
    default=True,
    show_default=True,
    help="One course per course, classes as sections; or one per class.",
)
@click.option("--zone", default="UTC", show_default=True, help="Time zone of courses that are made.")
@click.option(
    "--source",
    default=None,
    help="Name of the system that the ids are of.  [default: oneroster, or the course]",
)
@click.option("--dry-run", is_flag=True, help="Show what it would change and write nothing.")
@click.option("--partly", is_flag=True, help="Leave refused rows out and carry out the rest.")
@click.option(
    "--remove-anyway", is_flag=True, help="Take out people even if they are more than a tenth of a course."
)
@click.option("--keep-others", is_flag=True, help="The file is a part: take nobody out for not being in it.")
@click.option(
    "--links",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write invitation links of new accounts here (CSV).",
)
@click.option("--all-rows", is_flag=True, help="Show rows that are left as they are, too.")
def import_(file: Path, term: str | None, slug: str | None, courses: bool, zone: str, source: str | None, links: Path | None,
            all_rows: bool, **told: bool) -> None:  # fmt: skip
    """Import FILE: a CSV into one course (--course), or a OneRoster zip into a term (--term)."""
    if (term is None) == (slug is None):
        raise click.UsageError("say either --term (a OneRoster zip) or --course (a CSV)")
    if links is not None and links.exists():
        raise click.ClickException(f"{links} is there already and is not overwritten")
    zone = zone_or_say(zone)
    with at_work() as (_app, at):
        asker = Asker(administrator(db.session()), changes_accounts=True, gives_instructor=True)
        wanted: Wanted
        if slug is not None:
            wanted = wanted_by_csv(file.read_bytes(), source or source_of_course(_course(db.session(), slug)))
        else:
            since = term_called(db.session(), term or "").starts_on
            wanted = wanted_by_oneroster(
                file, source or "oneroster", by_class=not courses, today=at.date(), since=since
            )

        def where(session: Session) -> dict[str, Any]:
            found = {"course": _course(session, slug)} if slug else {"term": term_called(session, term or "")}
            return {**found, "keep_others": told["keep_others"]}

        if told["dry_run"]:
            report = plan_roster(db.session(), wanted, at=at, asker=asker, **where(db.session())).report
            _tell_report(report, all_rows)
            click.echo("Dry run: nothing was written.")
            sys.exit(1 if report.fatal or (report.count(Deed.REFUSED) and not told["partly"]) else 0)
        try:
            with transaction() as session:
                done = import_roster(
                    session, wanted, at=at, asker=asker, zone=zone, partly=told["partly"],
                    remove_anyway=told["remove_anyway"], **where(session),
                )  # fmt: skip
                made = invite(session, done.invited, at=at, author_id=asker.account_id) if links else []
                content = links_csv([(account.name, account.email or "", token) for account, token in made])
        except NotCarriedOut as refusal:
            _tell_report(refusal.report, all_rows)
            raise click.ClickException(_why(refusal)) from None
    _tell_report(done.report, all_rows)
    if links is not None:
        _write_privately(links, content)
        click.echo(f"{len(made)} invitation links are in {links}; each works once, for 14 days.")
    elif done.invited:
        click.echo("New accounts have no password yet; --links FILE writes their invitation links.")


def _course(session: Session, slug: str) -> Course:
    try:
        return course_by_slug(session, slug)
    except NotHere:
        raise click.ClickException(f"there is no course at the address /c/{slug}") from None


def _why(refusal: NotCarriedOut) -> str:
    return {
        "fatal": "the file can't be used; nothing was written",
        "rows_refused": "rows are refused, so nothing was written; mend the file, or say --partly",
        "asks": "more than a tenth of a course would be taken out, so nothing was written; say --remove-anyway if it is meant",
    }[refusal.code]


def _tell_report(report: Report, all_rows: bool) -> None:
    for remark in (*report.fatal, *report.notes):
        click.echo(remark_words(remark))
    kept = {Deed.LEFT} if not all_rows else set()
    for line in lines_of(replace(report, rows=tuple(row for row in report.rows if row.deed not in kept))):
        place = f" [{line.line}]" if line.line else ""
        who = " ".join(filter(None, (line.name, f"<{line.email}>" if line.email else "", line.where)))
        click.echo(f"{line.deed}: {who}{place}{': ' if line.words else ''}{line.words}")
    for each in report.asks:
        click.echo(f"{each.course}: {each.leaving} of {each.enrolled} people would be taken out")
    click.echo(", ".join(f"{number} {label}" for label, number in counts_of(report)))


def _write_privately(path: Path, content: bytes) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(content)


# --- courses and terms ---------------------------------------------------------------------------------------------


@click.group()
def course() -> None:
    """Courses: made by hand, or from a file."""


@course.command("create")
@click.option("--term", required=True, help="Code of the term.")
@click.option("--code", required=True, help="Such as HIST-204.")
@click.option("--title", required=True)
@click.option("--zone", required=True, help="Such as Europe/Madrid.")
@click.option("--starts", type=DAY, help="First day.  [default: the term's]")
@click.option("--ends", type=DAY, help="Last day.  [default: the term's]")
def create_course(
    term: str, code: str, title: str, zone: str, starts: datetime | None, ends: datetime | None
) -> None:
    """Make an empty course, in preparation, and print its address."""
    zone = zone_or_say(zone)
    with at_work() as (_app, at), transaction() as session:
        of = term_called(session, term)
        starts_on, ends_on = (
            (starts.date() if starts else of.starts_on),
            (ends.date() if ends else of.ends_on),
        )
        if ends_on < starts_on:
            raise click.ClickException("the last day lies before the first")
        if refusal := why_not_code(session, of, code):
            raise Refused(refusal, {"code": code})
        made = make_course(
            session, of, code=code, title=title, zone=zone, starts_on=starts_on, ends_on=ends_on, at=at,
            author_id=administrator(session),
        )  # fmt: skip
        slug = made.slug
    click.echo(f"/c/{slug}")


@course.command("import")
@click.argument("file", type=FILE)
@click.option("--term", required=True, help="Code of the term.")
@click.option("--code", help="Such as HIST-204.  [default: the file's]")
@click.option("--title", help="[default: the file's]")
@click.option("--zone", default="UTC", show_default=True, help="The course's time zone.")
@click.option("--written-in", help="Time zone in which the file's times were written.  [default: guessed]")
@click.option("--first-day", type=DAY, help="New first day; every date moves by as many days.")
@click.option(
    "--old-first-day", type=DAY, help="First day in the file.  [default: the file's own, or its first date]"
)
@click.option("--past-dates", is_flag=True, help="Take over dates that are past.")
@click.option("--dry-run", is_flag=True, help="Show what would come and write nothing.")
def import_course_(file: Path, term: str, code: str | None, title: str | None, zone: str, written_in: str | None,
                   first_day: datetime | None, old_first_day: datetime | None, past_dates: bool, dry_run: bool) -> None:  # fmt: skip
    """Import a Common Cartridge or Canvas export as a new course, in preparation."""
    zone = zone_or_say(zone)
    with at_work() as (_app, at):
        cartridge = read_cartridge(file)
        of = term_called(db.session(), term).public_id
        written = zone_or_say(written_in or guessed_zone(cartridge, [zone]) or zone)
        days = _days(old_first_day, first_day, cartridge, written)
        name = code or cartridge.code or file.stem
        choices = Choices(
            name[:60], (title or cartridge.title or file.stem)[:300], zone, written, days, past_dates
        )
        plan = plan_course(cartridge, choices, at)
        _tell_plan(plan, written)
        if dry_run:
            texts = write_texts(plan, free_slug(db.session(), term_called(db.session(), term), choices.code))
            for remark in texts.remarks:
                click.echo(remark_words(remark))
            click.echo("Dry run: nothing was written.")
            return
        account_id = administrator(db.session())
        made = import_course(file, plan, term_public_id=of, ends_on=None, account_id=account_id, at=at)
        for remark in made.texts.remarks:
            click.echo(remark_words(remark))
    click.echo(f"/c/{made.slug}")


def _days(
    old: datetime | None, new: datetime | None, cartridge: Any, written_in: str
) -> tuple[date, date] | None:
    if new is None:
        return None
    first = old.date() if old else old_first_day(cartridge, ZoneInfo(written_in))
    return (first, new.date()) if first else None


def _tell_plan(plan: CoursePlan, written_in: str) -> None:
    counts = plan.counts
    names = ("modules", "lessons", "boards", "links", "files")
    click.echo(
        f"{plan.choices.code}, {plan.choices.title}: " + ", ".join(f"{counts[name]} {name}" for name in names)
    )
    if plan.dates:
        click.echo(f"Times were written in {written_in}.")
    for line in plan.dates:
        after = f" -> {line.after:%Y-%m-%d %H:%M}" if line.after else ""
        click.echo(
            f"{line.place}, {date_name_words(line.what)}: {line.before:%Y-%m-%d %H:%M}{after} ({date_fate_words(line.fate)})"
        )
    for kind, title in left_out_words(plan.cartridge.left_out):
        click.echo(f"left out: {title} ({kind})")
    for remark in plan.remarks:
        click.echo(remark_words(remark))


@click.group()
def term() -> None:
    """Terms."""


@term.command("create")
@click.option("--code", required=True, help="Part of addresses, such as 2027-spring.")
@click.option("--title", required=True)
@click.option("--starts", type=DAY, required=True)
@click.option("--ends", type=DAY, required=True)
def create_term(code: str, title: str, starts: datetime, ends: datetime) -> None:
    """Make a term."""
    if ends < starts:
        raise click.ClickException("the last day lies before the first")
    with at_work() as (_app, at), transaction() as session:
        if session.scalar(select(Term.id).where(Term.code == code)) is not None:
            raise click.ClickException(f"there is a term {code} already")
        make_term(session, code=code, title=title, starts_on=starts.date(), ends_on=ends.date(), at=at,
                  author_id=administrator(session))  # fmt: skip
    click.echo(code)


# --- accounts ------------------------------------------------------------------------------------------------------


@click.group()
def account() -> None:
    """Accounts."""


@account.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--administrator", "is_administrator", is_flag=True, help="They run the site.")
def create_account(email: str, name: str, is_administrator: bool) -> None:
    """Make an account and print its one-time link."""
    if not is_email(email):
        raise click.ClickException(f"{email} is no e-mail address")
    with at_work() as (_app, at), transaction() as session:
        if account_by_email(session, email) is not None:
            raise click.ClickException(
                f"{email} has an account already; forum account invite makes a new link"
            )
        author_id = administrator(session)
        made = make_account(
            session, name=name, email=email, at=at, author_id=author_id, is_administrator=is_administrator
        )
        token = make_invitations(session, [made.id], author_id=author_id, at=at)[made.id]
        link = link_to(token)
    click.echo(link)


@account.command("invite")
@click.argument("email")
def invite_account(email: str) -> None:
    """Print a new one-time link for who has an account and no password; earlier links stop working."""
    with at_work() as (_app, at), transaction() as session:
        found = account_by_email(session, email)
        if found is None:
            raise click.ClickException(f"{email} has no account; forum account create makes one")
        if found.password_hash is not None:
            raise click.ClickException(f"{email} has chosen a password already")
        links = invite(session, (found.id,), at=at, author_id=administrator(session))
        if not links:
            raise click.ClickException("this account can't be invited")
        link = link_to(links[0][1])
    click.echo(link)


GROUPS = (roster, course, term, account)
