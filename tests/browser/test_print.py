"""Does a thread print as a document: every post, nothing to press, black on white also from a dark screen?"""

from playwright.sync_api import Page

from tests.browser.conftest import Served
from tests.slices.test_thread_print import many

CONTROLS = "button, input, select, textarea, summary, nav, form, video, audio, [role=button]"
VISIBLE = "found => found.filter(each => each.checkVisibility()).map(each => each.outerHTML.slice(0, 80))"


def on_paper(page: Page, path: str) -> None:
    page.goto(path)
    page.emulate_media(media="print", color_scheme="dark")


def inked(page: Page, selector: str) -> list[str]:
    """The colors of text and ground of everything that a selector finds."""
    found: list[str] = page.evaluate(
        "s => [...new Set([...document.querySelectorAll(s)].map(e => getComputedStyle(e).color))]", selector
    )
    return found


def test_a_printed_thread_has_all_posts_and_no_control(served: Served) -> None:
    world = served.site.world
    thread = world.threads["floods"]
    many(served.site, 130, thread)
    page = served.page("ana", color_scheme="dark")
    for path, posts in (
        (f"{world.course}/threads/{thread}/print", 133),
        (f"{world.course}/threads/{thread}", 100),
    ):
        on_paper(page, path)
        assert page.locator("article.post").count() == posts
        assert page.evaluate(
            "[...document.querySelectorAll('article.post')].every(each => each.checkVisibility())"
        )
        assert page.locator(CONTROLS).evaluate_all(VISIBLE) == []
        assert inked(page, "body, .post .prose p, h1") == ["rgb(0, 0, 0)"]
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        for sheet in ("A4", "Letter"):
            assert page.pdf(format=sheet).startswith(b"%PDF-")


def test_addresses_stand_after_links(served: Served) -> None:
    world = served.site.world
    page = served.page("ana")
    text = "Look at [the map](https://example.org/map) before you write about the flood of that year."
    page.goto(f"{world.course}/threads/{world.threads['floods']}")
    page.locator("#reply textarea[name=text], form textarea[name=text]").first.fill(text)
    page.get_by_role("button", name="Post", exact=True).click()
    page.get_by_text("Posted. It arrived").wait_for()
    on_paper(page, f"{world.course}/threads/{world.threads['floods']}/print")
    link = page.get_by_role("link", name="the map")
    assert "https://example.org/map" in link.evaluate("each => getComputedStyle(each, '::after').content")
