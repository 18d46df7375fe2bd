"""What the page of all dates says of a change is what the command that makes it says: asked of both, many times."""

import random
from collections.abc import Mapping
from datetime import date, time, timedelta

import pytest

from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses.queries import member_of
from forum.desk.dates import commands
from forum.desk.dates.commands import NotTheseDates
from forum.desk.dates.judging import Judging, changed_only
from forum.desk.dates.slots import dates_in
from tests.conftest import Site
from tests.deep import times
from tests.slices.dates_steps import give_section, key_of
from tests.world import WORLD_AT

REASONS = ("", "a wrong week was typed")
PARTED = ("Floods: what did they know?", "Week 13: opens later", "In your own midnight")


class RolledBack(Exception):
    """Ends a transaction that was only to be tried."""


def tried(site: Site, wanted: Mapping[str, Wall | None], at: object, reason: str) -> set[str]:
    """Why the commands themselves refuse these changes, without being asked before; nothing stays."""
    member = member_of(db.session(), site.world.people["ines"], site.world.course_id, WORLD_AT)
    assert member is not None
    try:
        with transaction() as session:
            dates = dates_in(session, member, at)  # type: ignore[arg-type]
            commands._carry_out(session, member, dates, wanted, at=at, reason=reason)  # type: ignore[arg-type]
            raise RolledBack
    except RolledBack:
        return set()
    except NotTheseDates as refused:
        return {one.code for one in refused.troubles.values()}


def said(site: Site, wanted: Mapping[str, Wall | None], at: object, reason: str) -> set[str]:
    """Why the page refuses them."""
    member = member_of(db.session(), site.world.people["ines"], site.world.course_id, WORLD_AT)
    assert member is not None
    dates = dates_in(db.session(), member, at)  # type: ignore[arg-type]
    judging = Judging(db.session(), member, dates, at=at, reason=reason)  # type: ignore[arg-type]
    return {one.code for one in judging.troubles(wanted).values()}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("days_on", [0, 3, 12])
def test_the_page_and_the_command_agree_on_every_change(site: Site, days_on: int) -> None:
    """Rows of boards, one to three at once, everyone's and sections', on seeded days; refused by both or by none."""
    give_section(site, "floods", "North", wall=Wall(date(2026, 11, 27), time(20, 0)))
    give_section(site, "later", "South", wall=Wall(date(2026, 12, 9)))
    draw, at = random.Random(f"dates-{days_on}"), WORLD_AT + timedelta(days=days_on)
    site.at(at)
    agreed: dict[bool, int] = {True: 0, False: 0}
    with site.app.app_context():
        member = member_of(db.session(), site.world.people["ines"], site.world.course_id, WORLD_AT)
        assert member is not None
        for _number in range(times(200)):
            dates = dates_in(db.session(), member, at)
            slots = [slot for slot in dates.slots if slot.board is not None]
            parted = [slot.board for slot in slots if slot.place in PARTED]
            board = draw.choice(parted if draw.random() < 0.6 else [slot.board for slot in slots])
            own = [slot for slot in slots if slot.board is board]
            rows = draw.sample(own, min(len(own), draw.randint(1, 4)))
            wanted = {
                slot.key: draw.choice([None, slot.wall, Wall(date(2026, 11, 24) + timedelta(days=draw.randint(0, 20)),
                                                  draw.choice([None, time(12, 0)]))])
                for slot in rows
            }  # fmt: skip
            wanted = changed_only(slots, wanted)
            reason = draw.choice(REASONS)
            page, named = said(site, wanted, at, reason), {key: str(wall) for key, wall in wanted.items()}
            command = tried(site, wanted, at, reason)
            assert bool(command) is bool(page), (named, reason)
            assert command <= page, (named, reason)  # the command stops at the first board or part
            agreed[not page] += 1
        db.session.remove()
    assert min(agreed.values()) >= 15, f"both answers must come up often: {agreed}"


@pytest.mark.sqlite_only
def test_a_section_is_judged_by_what_everyones_dates_will_be(site: Site) -> None:
    """Its date may come before everyone's new one, entered just now; not before everyone's new opening."""
    at = WORLD_AT + timedelta(days=3)
    north = site.world.sections["North"]
    everyone, own, opens = (
        key_of(site, "later"), key_of(site, "later", part=north), key_of(site, "later", "opens"),
    )  # fmt: skip
    later, soon = Wall(date(2026, 12, 8)), Wall(date(2026, 12, 2))
    with site.app.app_context():
        for wanted, codes in (
            ({everyone: later, own: soon}, set()),
            ({own: soon}, {"later_stays"}),
            ({everyone: later, own: Wall(date(2026, 11, 30))}, {"due_not_after_opens"}),
            ({opens: Wall(date(2026, 11, 28)), everyone: later, own: Wall(date(2026, 11, 30))}, set()),
        ):
            assert said(site, wanted, at, REASONS[1]) == tried(site, wanted, at, REASONS[1]) == codes, wanted
        db.session.remove()
