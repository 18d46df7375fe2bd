"""Many dates changed in a real browser: by keyboard alone and without scripts at 320 px; before and after as axe sees it."""

from datetime import UTC, date, datetime

from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.keyboard import Keyboard
from tests.browser.test_screens import LOOKS, axe
from tests.slices.board_steps import dues
from tests.slices.dates_steps import key_of
from tests.slices.test_course_copies import page_of

BEFORE_AND_AFTER = "Dates, before and after"


def moved(served: Served) -> bool:
    """Whether what was due on Thursday is due on Friday."""
    return dues(served.site, served.site.world.boards["floods"])[0] == datetime(2026, 11, 27, 23, tzinfo=UTC)


def test_a_day_lost_is_mended_by_keyboard_alone_on_a_small_screen(served: Served) -> None:
    page = served.page("ines", width=320)
    page.goto(f"{served.site.world.course}/dates")
    keys = Keyboard(page)
    keys.follow("Move a stretch of dates")
    keys.date(page.get_by_label("From"), date(2026, 11, 26))
    keys.write(page.get_by_label("Reason"), "The river rose.")
    keys.press("Look at the changes")
    expect(page.get_by_role("heading", level=1, name=BEFORE_AND_AFTER)).to_be_visible()
    keys.tick(page.get_by_label("Leave the refused rows out, and change the others"))
    keys.press("Change the dates")
    expect(page.get_by_role("status")).to_contain_text("dates were changed.")
    assert moved(served)


def test_a_day_lost_is_mended_without_scripts(served: Served) -> None:
    page = served.page("ines", width=320, java_script_enabled=False)
    page.goto(f"{served.site.world.course}/dates/shift")
    page.fill("[name=from_on]", "2026-11-26")
    page.fill("[name=until_on]", "2026-11-30")
    page.click("text=Look at the changes")
    page.fill("[name=reason]", "The river rose.")
    page.click("[name=deed][value=change]")
    expect(page.get_by_role("status")).to_contain_text("dates were changed.")
    assert moved(served)


def test_before_and_after_and_a_copy_are_read_by_everyone(served: Served) -> None:
    """Refused rows and all: what axe finds at 320 px by day and wide by night."""
    world = served.site.world
    page = served.page("ines", bypass_csp=True)
    page.goto(f"{world.course}/dates")
    page.fill(f"#{key_of(served.site, 'floods')}-on", "2026-11-25")
    page.fill(f"#{key_of(served.site, 'sources')}-on", "2026-11-28")
    page.get_by_role("button", name="Look at the changes").click()
    looked = [page]
    ada = served.page("ada", bypass_csp=True)
    ada.goto(page_of(served.site))
    ada.get_by_label("Code").fill("HIST-205")
    ada.get_by_label("New first day").fill("2027-02-02")
    ada.get_by_role("button", name="Show the dates").click()
    looked.append(ada)
    for each in looked:
        expect(each.get_by_role("heading", name=BEFORE_AND_AFTER)).to_be_visible()
        each.set_viewport_size({"width": 320, "height": 800})
        assert each.evaluate("document.documentElement.scrollWidth") <= 320
        assert axe(each) == []
        each.emulate_media(color_scheme="dark")
        each.set_viewport_size({"width": 1280, "height": 900})
        assert axe(each, LOOKS) == []
