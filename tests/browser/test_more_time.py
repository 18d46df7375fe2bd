"""More time asked for and given in a real browser: by keyboard alone on a small screen, without scripts, as axe sees it."""

from datetime import date

from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.keyboard import Keyboard
from tests.browser.test_screens import LOOKS, axe
from tests.slices.more_time_steps import CUT_OFF, answer_path, ask_path, asked, dues_of, requests_now
from tests.slices.writing_steps import WORDS, reply

ASK = "Ask for more time : First post, at least 10 words"


def test_it_is_asked_for_and_granted_by_keyboard_alone_on_small_screens(served: Served) -> None:
    site = served.site
    ana = served.page("ana", width=320)
    ana.goto("/")
    keys = Keyboard(ana)
    keys.follow(ASK)
    keys.date(ana.get_by_label("Date"), date(2026, 12, 2))
    keys.write(ana.get_by_label("Your reason"), "My grandmother is ill.")
    keys.press("Ask for more time")
    expect(ana.get_by_role("status").first).to_contain_text("You have asked for more time.")
    expect(ana.get_by_role("region", name="More time")).to_contain_text("It is not answered yet.")
    ines = served.page("ines", width=320)
    ines.goto("/")
    keys = Keyboard(ines)
    keys.follow("1 request for more time")
    keys.follow("Ana Lindqvist : Floods: what did they know?")
    keys.write(ines.get_by_label("Answer to the student"), "Of course.")
    keys.press("Grant")
    expect(ines.get_by_role("status").first).to_contain_text("More time was granted")
    ana.reload()
    expect(ana.get_by_role("region", name="More time")).to_contain_text("Inés Aranda granted it")
    due = dues_of(site, "ana")[0]
    assert due is not None
    assert due.isoformat() == "2026-12-03T06:00:00+00:00"


def test_after_a_refusal_it_is_asked_for_and_taken_in_without_scripts(served: Served) -> None:
    site = served.site
    site.at(CUT_OFF)
    ana = served.page("ana", width=320, java_script_enabled=False)
    ana.goto(f"{site.world.course}/threads/{site.world.threads['floods']}")
    assert reply(site.client("ana"), site, site.world.threads["floods"], WORDS).status_code == 409
    ana.reload()
    ana.get_by_role("alert").get_by_role("link", name="Ask for more time").click()
    ana.fill("[name=wished-on]", "2026-12-01")
    ana.fill("[name=text]", "The line was down.")
    expect(ana.locator("[name=hands_in]")).to_be_checked()
    ana.click("main form >> text=Ask for more time")
    expect(ana.get_by_role("status").first).to_contain_text("You have asked for more time.")
    (row,) = requests_now(site)
    ines = served.page("ines", width=320, java_script_enabled=False)
    ines.goto(answer_path(site, row))
    ines.click("[name=deed][value=grant]")
    expect(ines.get_by_role("status").first).to_contain_text("is a post now, with its own arrival")
    ana.reload()
    expect(ana.locator("main")).to_contain_text("Done Sunday 29 November 2026, 11:01, on time.")


def test_the_pages_with_errors_are_read_by_everyone(served: Served) -> None:
    """What axe finds at 320 px by day and wide by night, with everything that can be said at once."""
    site = served.site
    row = asked(site)
    ana, ines = served.page("ana", bypass_csp=True), served.page("ines", bypass_csp=True)
    ana.goto(ask_path(site))
    ana.fill("[name=wished-on]", "2026-11-20")
    ana.click("text=Change the request")
    expect(ana.get_by_role("alert")).to_contain_text("This has passed already")
    ines.goto(answer_path(site, row))
    ines.fill("[name=due-on]", "2026-11-20")
    ines.click("text=Look again")
    expect(ines.get_by_role("alert")).to_contain_text("This changes nothing")
    wrong = []
    for page in (ana, ines):
        page.set_viewport_size({"width": 320, "height": 800})
        page.emulate_media(color_scheme="light")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        wrong += axe(page)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 1280, "height": 900})
        wrong += axe(page, LOOKS)
    assert wrong == []
