"""`forum course copy`: thin, like views."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import click

from ...boards.rules.many_dates import whole_weeks
from ...core.db import db
from ...core.errors import NotHere
from ...core.moments import zone as zone_called
from ...courses.policy import Member
from ...courses.queries import course_by_slug
from ...desk.dates.sentences import reads_as, whole_words
from ..cartridge_commands import setting_up
from ..cli import DAY, administrator, at_work, course, term_called, zone_or_say
from .commands import copy_course
from .plans import Choices, Walls, flags_in, moved, troubles_in
from .sentences import copy_trouble_words, flag_words
from .sources import Source, source_of, without_sections


@course.command("copy")
@click.argument("slug")
@click.option("--term", required=True, help="Code of the term of the new course.")
@click.option("--first-day", type=DAY, required=True, help="New first day; every date moves by whole weeks.")
@click.option("--code", help="Such as HIST-204.  [default: the old one's]")
@click.option("--title", help="[default: the old one's]")
@click.option("--zone", help="The new course's time zone.  [default: the old one's]")
@click.option("--ends", type=DAY, help="Last day.  [default: the old one's, moved]")
@click.option(
    "--holiday", "holidays", type=DAY, multiple=True, help="Dates on it are marked; may be repeated."
)
@click.option("--sections", is_flag=True, help="Copy sections by name, with their own dates.")
@click.option("--dry-run", is_flag=True, help="Show every date before and after, and write nothing.")
def copy_course_(slug: str, term: str, first_day: datetime, code: str | None, title: str | None, zone: str | None,
                 ends: datetime | None, holidays: tuple[datetime, ...], sections: bool, dry_run: bool) -> None:  # fmt: skip
    """Copy the course at address SLUG (such as hist-204-2026-fall) to a new start, in preparation."""
    with at_work() as (_app, at):
        session = db.session()
        try:
            old, of = course_by_slug(session, slug), term_called(session, term)
        except NotHere:
            raise click.ClickException(f"there is no course at the address /c/{slug}") from None
        choices = Choices(
            code or old.code, title or old.title, zone_or_say(zone or old.zone), first_day.date(), of.ends_on,
            frozenset(day.date() for day in holidays), sections,
        )  # fmt: skip
        source = source_of(session, old, at)
        source = source if sections else without_sections(source)
        walls = moved(source.slots, old.starts_on, choices.first_on)
        if ends is not None:
            walls[source.end.key] = replace(source.end.wall, on=ends.date()) if source.end.wall else None
        account_id = administrator(session)
        stands = _tell(source, walls, choices, setting_up(session, account_id, old))
        if dry_run:
            click.echo("Dry run: nothing was written.")
        if not stands:
            raise click.ClickException("dates that are marked can't stand; change them in the old course, or copy in the browser")  # fmt: skip
        if dry_run:
            return
        made = copy_course(
            old.public_id, choices, walls, term_public_id=of.public_id, account_id=account_id, at=at
        )
        for one in made.links_left:
            click.echo(f"links into the old course: {one}")
        for one in made.files_lost:
            click.echo(f"lost before, not copied: {one}")
    click.echo(f"/c/{made.slug}")


def _tell(source: Source, walls: Walls, choices: Choices, reader: Member) -> bool:
    """Every date before and after, a line each; whether all of them can stand."""
    days = whole_weeks(source.course.starts_on, choices.first_on)
    click.echo(f"every date moves by {days} days ({days // 7} weeks)")
    after = replace(reader, course_zone_name=zone_called(choices.zone).key)
    troubles, flags = troubles_in(source.dates, walls, choices), flags_in(source.slots, walls, choices)
    for slot in source.slots:
        wall = walls[slot.key]
        words = [
            *flag_words(flags.get(slot.key, ())),
            *([copy_trouble_words(troubles[slot.key], after)] if slot.key in troubles else []),
        ]
        was, now = reads_as(slot, slot.wall, reader), reads_as(replace(slot, instant=None), wall, after)
        click.echo(f"{whole_words(slot)}: {was} > {now}" + (f"  [{' '.join(words)}]" if words else ""))
    return not troubles
