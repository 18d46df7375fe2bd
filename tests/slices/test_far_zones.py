"""Two students at the ends of the world on a board that is due at the end of Thursday in Madrid: all that they see."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from forum.accounts.commands import set_zone
from forum.core.db import transaction
from tests.conftest import Site
from tests.slices.test_calendars import address, ends
from tests.slices.writing_steps import WORDS, reply
from tests.world import BEGAN_AT, WORLD_AT, World

DUE = datetime(2026, 11, 26, 23, 0, tzinfo=UTC)  # the end of Thursday in Madrid
AUCKLAND = ("Pacific/Auckland", "Friday, 11:59", "27 November 2026", "Auckland time")
HONOLULU = ("Pacific/Honolulu", "Thursday, 12:59", "26 November 2026", "Honolulu time")


@pytest.mark.parametrize(("zone", "hour", "day", "name"), [AUCKLAND, HONOLULU])
def test_everything_that_a_student_far_away_sees_of_a_date_is_to_the_minute(
    site: Site, world: World, zone: str, hour: str, day: str, name: str
) -> None:
    with site.app.app_context(), transaction() as session:
        set_zone(session, world.people["ana"], zone, BEGAN_AT + timedelta(hours=1))
    ana, thread = site.client("ana"), f"{world.course}/threads/{world.threads['floods']}"
    weekday, minute = hour.split(", ")
    for page in (
        "/",
        world.course,
        thread,
        f"{world.course}/boards/{world.boards['floods']}",
        f"{world.course}/dates",
    ):
        text = re.sub(r"<[^>]+>", " ", ana.get(page).text)
        assert re.search(rf"{weekday}[^.]{{0,40}}{minute}", " ".join(text.split())), page
        assert day in text, page
        assert name in text, page
    entries = ends(site, address(site))
    assert DUE - timedelta(minutes=1) in entries.values()
    for late, at in ((False, DUE - timedelta(microseconds=1)), (True, DUE + timedelta(minutes=5))):
        site.at(at)
        ana = site.client("ana")
        done = reply(ana, site, world.threads["floods"], f"{WORDS} {at}", f"key-far-{int(late)}00")
        told = ana.get(done.location, follow_redirects=True).text
        receipt = re.search(r'href="(/c/[^"]+/receipts)"', told)
        assert receipt is not None
        listed = re.search(r'href="(/receipts/\w+)"', ana.get(receipt.group(1)).text)
        shown = ana.get(listed.group(1) if listed else receipt.group(1)).text
        assert minute in shown
        assert name in shown
        assert ("late" in shown.lower()) is late
    assert WORLD_AT < DUE
