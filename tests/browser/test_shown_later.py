"""Can a person hand in now and show later, on a small screen and without scripts?"""

import os
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Served
from tests.world import WORLD_AT

WORDS = "The council knew of it by Tuesday, for the bridge keeper wrote to them twice that week."
SMALL = 320


def looked_at(page: Page, name: str) -> None:
    """Nothing is wider than the screen; PICTURES names a folder for what it looks like."""
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL, name
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_handed_in_edited_listed_and_withdrawn_with_scripts_off_on_320_px(served: Served) -> None:
    world = served.site.world
    page = served.page("ana", java_script_enabled=False, width=SMALL)
    other = served.page("ben", java_script_enabled=False, width=SMALL)
    board = f"{world.course}/boards/{world.boards['floods']}"
    page.goto(board)
    page.fill("textarea[name=text]", WORDS)
    page.click("details.later summary")
    looked_at(page, "choosing")
    page.click("button[value=chosen]")
    expect(page.locator("#show_on-error")).to_contain_text("Please give a date")
    looked_at(page, "refused")
    page.click("button[value=tomorrow]")
    waiting = page.locator("section.waiting")
    expect(waiting).to_contain_text("Others see it from Wednesday 25 November 2026, 08:00")
    expect(waiting).to_contain_text(WORDS)
    looked_at(page, "waiting")
    other.goto(board)
    expect(other.locator("main")).not_to_contain_text(WORDS)
    page.goto("/mine")
    expect(page.locator("main")).to_contain_text("on time")
    looked_at(page, "mine")
    page.click("button[value=withdraw]")
    expect(page.locator("textarea[name=text]")).to_have_value(WORDS)
    expect(page.locator("body")).to_contain_text("counts for nothing until you post it")
    looked_at(page, "withdrawn")


def test_a_draft_is_posted_for_its_author_with_scripts_off_on_320_px(served: Served) -> None:
    world = served.site.world
    page = served.page("ana", java_script_enabled=False, width=SMALL)
    board = f"{world.course}/boards/{world.boards['floods']}"
    page.goto(board)
    page.fill("textarea[name=text]", WORDS)
    page.click("button[value=draft]")
    page.click("button[value=entrust]")
    expect(page.locator(".entrusted")).to_contain_text("your last saved draft here is posted for you")
    looked_at(page, "entrusted")
    served.site.at(WORLD_AT + timedelta(days=2, hours=11))
    other = served.page("ben", java_script_enabled=False, width=SMALL)
    other.goto(board)
    expect(other.locator("article.post", has_text=WORDS)).to_be_visible()
    page.goto("/mine")
    expect(page.locator("main")).to_contain_text("was posted for you when it was due")
    looked_at(page, "posted")
