"""What the pages say where the device's zone or clock is another than the forum's."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from forum.accounts.commands import set_zone
from forum.accounts.models import AccountZone
from forum.core.db import db, transaction
from tests.browser.conftest import Served
from tests.world import WORLD_AT

MIDNIGHT = datetime.fromisoformat(
    "2026-11-26T23:00:00+00:00"
)  # the end of Thursday in Madrid: 17:00 in Chicago
LINE = "[data-zone-line]"
# The device's clock: the real one, put forward by so many milliseconds.
SHIFTED = """(() => {
  const Real = Date, by = #by, began = performance.timeOrigin + by;
  window.Date = class extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + window.deviceBy); }
    static now() { return Real.now() + window.deviceBy; }
  };
  window.deviceBy = by;
  Object.defineProperty(performance, "timeOrigin", { get: () => began });
})()"""


def zone_of(served: Served, short: str) -> str | None:
    with served.site.app.app_context():
        return db.session.scalar(
            select(AccountZone.zone).where(
                AccountZone.account_id == served.site.world.people[short], AccountZone.until_at.is_(None)
            )
        )


def device_at(page: Page, instant: datetime) -> None:
    by = round((instant.timestamp() - datetime.now().timestamp()) * 1000)
    page.context.add_init_script(SHIFTED.replace("#by", str(by)))


# --- zones --------------------------------------------------------------------------------------------------------------


def test_a_device_in_another_zone_is_said_once_quietly_and_times_follow_when_asked(served: Served) -> None:
    world = served.site.world
    page = served.page("ana", timezone_id="Asia/Tokyo")
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(f"{request.method} {request.url} {request.post_data or ''}")
    )
    board = f"{world.course}/boards/{world.boards['floods']}"
    page.goto(board)
    line = page.locator(LINE)
    expect(line).to_contain_text(
        "Times are shown in Chicago time; the clock of this device is in Tokyo time."
    )
    expect(page.locator("main")).to_contain_text("Thursday, 16:59")
    assert not [told for told in sent if "Tokyo" in told], "nothing of it leaves the device unasked"
    line.get_by_role("button", name="Show times in Tokyo time").click()
    expect(page.locator(".notices")).to_contain_text("Times are shown in Asia/Tokyo now.")
    assert page.url.endswith(board)
    expect(page.locator("main")).to_contain_text("Friday, 07:59")
    expect(line).to_be_hidden()
    assert zone_of(served, "ana") == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("own", "device"),
    [
        ("America/Chicago", "America/Chicago"), ("Asia/Kolkata", "Asia/Calcutta"), ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Madrid", "Europe/Paris"), ("America/Chicago", "UTC"),
    ],
)  # fmt: skip
def test_the_same_clocks_under_another_name_are_nothing_to_mention(
    served: Served, own: str, device: str
) -> None:
    with served.site.app.app_context(), transaction() as session:
        set_zone(session, served.site.world.people["ana"], own, WORLD_AT - timedelta(days=1))
    page = served.page("ana", timezone_id=device)
    page.goto("/")
    expect(page.locator(f"{LINE}[data-shown='{own}']")).to_have_count(1)
    expect(page.locator(LINE)).to_be_hidden()


def test_the_line_is_put_away_for_that_pair_of_zones(served: Served) -> None:
    page = served.page("ana", timezone_id="Asia/Tokyo")
    page.goto("/")
    page.locator(LINE).get_by_role("button", name="Leave it as it is").click()
    expect(page.locator(LINE)).to_be_hidden()
    page.goto("/mine")
    expect(page.locator(LINE)).to_be_hidden()
    with served.site.app.app_context(), transaction() as session:
        set_zone(session, served.site.world.people["ana"], "Africa/Lagos", WORLD_AT - timedelta(days=1))
    page.goto("/mine")
    expect(page.locator(LINE)).to_contain_text("Times are shown in Lagos time")


def test_without_scripts_and_for_who_is_not_signed_in_there_is_no_line(served: Served) -> None:
    page = served.page("ana", timezone_id="Asia/Tokyo", java_script_enabled=False)
    page.goto("/")
    expect(page.locator(LINE)).to_be_hidden()
    stranger = served.page(None, timezone_id="Asia/Tokyo")
    stranger.goto("/sign-in")
    expect(stranger.locator(LINE)).to_have_count(0)


# --- clocks -------------------------------------------------------------------------------------------------------------


def typed(page: Page, words: str) -> Any:
    with page.expect_response(lambda answer: "/drafts/" in answer.url):
        page.locator("textarea[name=text]").press_sequentially(words)


def test_in_the_last_hour_the_composer_says_the_time_and_what_is_left_and_so_does_each_save(
    served: Served,
) -> None:
    site, world = served.site, served.site.world
    page = served.page("ana")
    site.at(MIDNIGHT - timedelta(minutes=30))
    device_at(page, MIDNIGHT - timedelta(minutes=30))
    page.goto(f"{world.course}/boards/{world.boards['floods']}")
    clock = page.locator("[data-clock]")
    expect(clock).to_have_text("The forum's time is 16:30: 30 minutes left.")
    site.at(MIDNIGHT - timedelta(minutes=3))
    page.evaluate("deviceBy += 27 * 60000")
    typed(page, "They knew")
    expect(clock).to_have_text("The forum's time is 16:57: 3 minutes left.")
    site.at(MIDNIGHT + timedelta(minutes=5))
    page.evaluate("deviceBy += 8 * 60000")
    typed(page, " it.")
    expect(clock).to_be_hidden()


@pytest.mark.parametrize(("minutes", "told"), [(2, "about 2 minutes"), (-7, "about 7 minutes"), (0.5, None)])
def test_a_device_whose_clock_is_off_by_more_than_a_minute_is_told(
    served: Served, minutes: float, told: str | None
) -> None:
    site, world = served.site, served.site.world
    page = served.page("ana")
    site.at(MIDNIGHT - timedelta(minutes=20))
    device_at(page, MIDNIGHT - timedelta(minutes=20 - minutes))
    page.goto(f"{world.course}/boards/{world.boards['floods']}")
    expect(page.locator("[data-clock-text]")).to_have_text("The forum's time is 16:40: 20 minutes left.")
    words = (
        f"The clock of this device differs from the forum’s by {told}. The forum’s counts." if told else ""
    )
    expect(page.locator("[data-clock-off]")).to_have_text(words)
    typed(page, "They knew")
    expect(page.locator("[data-clock-off]")).to_have_text(words)
