"""In the last hour before a due time the composer says the forum's time and what is left, when it loads and at each save."""

import re
from datetime import datetime, timedelta

import pytest

from tests.conftest import Site
from tests.slices.test_writing import key_of
from tests.world import World

MIDNIGHT = datetime.fromisoformat(
    "2026-11-26T23:00:00+00:00"
)  # the end of Thursday in Madrid: 17:00 in Chicago
MICROSECOND = timedelta(microseconds=1)
CASES = [
    (timedelta(hours=-1) - MICROSECOND, ""),
    (timedelta(hours=-1), "The forum's time is 16:00: 1 hour left."),
    (timedelta(minutes=-30), "The forum's time is 16:30: 30 minutes left."),
    (-MICROSECOND, "The forum's time is 16:59: less than a minute left."),
    (timedelta(), "The forum's time is 17:00. It was due a moment ago; what arrives in the next minutes still counts as on time."),
    (timedelta(minutes=5) - MICROSECOND, "The forum's time is 17:04. It was due a moment ago; what arrives in the next minutes still counts as on time."),
    (timedelta(minutes=5), ""),
]  # fmt: skip


def told_by(page: str) -> str:
    """What the page's clock says; nothing, if it is hidden."""
    found = re.search(r'<p class="clock"[^>]*?( hidden)?><span data-clock-text>([^<]*)</span>', page)
    assert found, page
    assert bool(found.group(1)) == (found.group(2) == "")
    return found.group(2).replace("&#39;", "'")


@pytest.mark.parametrize(("from_due", "told"), CASES)
def test_the_composer_says_it_when_it_loads_and_at_each_save(
    site: Site, world: World, from_due: timedelta, told: str
) -> None:
    ana = site.client("ana")
    site.at(MIDNIGHT + from_due)
    for path in (f"boards/{world.boards['floods']}", f"threads/{world.threads['floods']}"):
        page = ana.get(f"{world.course}/{path}").text
        assert told_by(page) == told
        assert f'data-now="{(MIDNIGHT + from_due).isoformat()}"' in page
    saved = ana.send(
        f"{world.course}/drafts/thread:{world.threads['floods']}",
        {"text": "They knew", "seq": "1", "key": key_of(page)}, headers={"Accept": "application/json"},
    )  # fmt: skip
    assert saved.status_code == 200
    assert saved.json is not None
    assert (saved.json["clock_text"], saved.json["now"]) == (told, (MIDNIGHT + from_due).isoformat())


def test_staff_who_have_no_due_time_are_told_nothing(site: Site, world: World) -> None:
    site.at(MIDNIGHT - timedelta(minutes=30))
    assert told_by(site.client("ines").get(f"{world.course}/threads/{world.threads['floods']}").text) == ""
