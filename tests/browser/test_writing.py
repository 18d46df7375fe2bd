"""Can a person write here: by keyboard, without scripts, with a dead network, twice at once."""

from playwright.sync_api import expect
from sqlalchemy import func, select

from forum.core.db import db
from forum.posts.models import Draft, Post
from tests.browser.conftest import Served

WORDS = "The council knew of it by Tuesday, for the bridge keeper wrote to them twice that week."


def posts_of(served: Served, short: str) -> int:
    with served.site.app.app_context():
        statement = select(func.count()).where(Post.author_id == served.site.world.people[short])
        return db.session.scalar(statement) or 0


def test_a_student_posts_by_keyboard_alone(served: Served) -> None:
    world = served.site.world
    page = served.page("ana")
    page.goto(f"{world.course}/boards/{world.boards['floods']}")
    before = posts_of(served, "ana")
    for _step in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "text":
            break
        seen = page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return e === document.body || s.outlineStyle !== 'none' || s.boxShadow !== 'none'; })()"
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")
    page.keyboard.type(WORDS)
    for _step in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "post":
            break
    page.keyboard.press("Enter")
    expect(page.locator("article.post", has_text=WORDS)).to_be_visible()
    assert posts_of(served, "ana") == before + 1


def test_everything_works_with_scripts_off(served: Served) -> None:
    world = served.site.world
    page = served.page("ana", java_script_enabled=False)
    page.goto(f"{world.course}/boards/{world.boards['floods']}")
    page.fill("textarea[name=text]", WORDS + " **Twice.**")
    page.click("button[value=preview]")
    expect(page.locator("[data-preview] strong")).to_have_text("Twice.")
    page.click("button[value=draft]")
    expect(page.locator("textarea[name=text]")).to_have_value(WORDS + " **Twice.**")
    page.click("button[value=post]")
    expect(page.locator("article.post", has_text="Twice.")).to_be_visible()
    assert posts_of(served, "ana") == 1


def test_a_double_click_posts_once(served: Served) -> None:
    world = served.site.world
    page = served.page("ana")
    page.goto(f"{world.course}/boards/{world.boards['floods']}")
    page.fill("textarea[name=text]", WORDS)
    page.dblclick("button[value=post]")
    expect(page.locator("article.post", has_text=WORDS)).to_be_visible()
    assert posts_of(served, "ana") == 1


def test_a_draft_saves_itself_and_comes_back_on_another_device(served: Served) -> None:
    world = served.site.world
    path = f"{world.course}/boards/{world.boards['floods']}"
    page = served.page("ana")
    page.goto(path)
    with page.expect_response(lambda answer: "/drafts/" in answer.url):
        page.locator("textarea[name=text]").press_sequentially(WORDS[:30])
    expect(page.locator("[data-save-state]")).to_contain_text("Draft saved")
    other = served.page("ana", width=320)
    other.goto(path)
    expect(other.locator("textarea[name=text]")).to_have_value(WORDS[:30])
    with served.site.app.app_context():
        assert (
            db.session.scalar(
                select(func.count()).select_from(Draft).where(Draft.account_id == world.people["ana"])
            )
            == 1
        )


def test_words_typed_on_a_dead_network_come_back(served: Served) -> None:
    world = served.site.world
    path = f"{world.course}/boards/{world.boards['floods']}"
    page = served.page("ana")
    page.goto(path)
    page.context.set_offline(True)
    page.locator("textarea[name=text]").press_sequentially(WORDS[:40])
    expect(page.locator("[data-save-live]")).to_contain_text("cannot be reached", timeout=8000)
    expect(page.locator("[data-save-live]")).to_contain_text("that time is given back")
    fresh = page.context.new_page()
    page.close()
    fresh.context.set_offline(False)
    fresh.goto(path)
    if fresh.locator("textarea[name=text]").input_value() != WORDS[:40]:
        fresh.click("[data-restore-yes]")
    expect(fresh.locator("textarea[name=text]")).to_have_value(WORDS[:40])
