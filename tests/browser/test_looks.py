"""What the eye sees and no rule of accessibility asks: lines of the masthead, space above headings, dates that break."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Served

NARROW = 320


def box(wanted: Locator) -> dict[str, float]:
    found = wanted.bounding_box()
    assert found is not None
    return dict(found)


def lines_high(wanted: Locator) -> int:
    """How many lines of its own height a text takes."""
    found: int = wanted.evaluate(
        "e => { const r = document.createRange(); r.selectNodeContents(e);"
        " return new Set([...r.getClientRects()].map(one => Math.round(one.top))).size }"
    )
    return found


def test_the_masthead_of_a_student_takes_two_lines_on_a_small_screen(served: Served) -> None:
    page = served.page("ana", width=NARROW)
    page.goto(served.site.world.course)
    masthead = page.locator(".masthead")
    site, account, pages = (masthead.locator(part) for part in (".site", ".account", "nav"))
    assert abs(box(site)["y"] - box(account)["y"]) < 4, "the reader's name stands beside the site's"
    assert box(pages)["y"] >= box(site)["y"] + box(site)["height"] - 1
    assert box(masthead)["height"] < 100
    expect(masthead.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)


def test_tab_goes_through_the_masthead_as_the_eye_does(served: Served) -> None:
    page = served.page("ana", width=NARROW)
    page.goto("/")
    seen = []
    for _stop in range(5):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert seen == ["Skip to the text", "Midnight Forum", "Ana Lindqvist", "Sign out", "This week"]


def gap(page: Page, upper: str, lower: str) -> float:
    above = box(page.get_by_role("heading", name=upper, exact=True))
    return box(page.get_by_role("heading", name=lower, exact=True))["y"] - above["y"] - above["height"]


def test_a_heading_stands_off_the_title_above_it(served: Served) -> None:
    page = served.page("ana")
    page.goto("/")
    assert gap(page, "This week", "Due next") >= 28
    page.goto("/mine")
    assert gap(page, "Mine", "Drafts") >= 28


def test_when_something_was_posted_is_one_line_of_the_table(served: Served) -> None:
    page = served.page("ines")
    page.goto(f"{served.site.world.course}/boards/{served.site.world.boards['floods']}/participation")
    row = page.get_by_role("row", name="Ben Achterberg")
    assert [lines_high(each) for each in row.locator(".when").all()] == [1, 1, 1]
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_ones_own_post_offers_each_deed_once(served: Served) -> None:
    page = served.page("ines")
    world = served.site.world
    page.goto(f"{world.course}/threads/{world.threads['floods']}")
    own, another = (page.locator(f"#p-{world.posts[name]}") for name in ("ines", "ben"))
    for deed in ("Edit", "Remove"):
        expect(own.get_by_role("link", name=deed, exact=True)).to_be_visible()
        expect(own.get_by_role("link", name=f"{deed} as staff")).to_have_count(0)
        expect(another.get_by_role("link", name=f"{deed} as staff")).to_be_visible()


def test_saving_as_one_goes_is_said_only_where_it_happens(served: Served) -> None:
    world = served.site.world
    path = f"{world.course}/boards/{world.boards['floods']}/grading/{world.public['ben']}"
    for script in (True, False):
        page = served.page("ines", java_script_enabled=script)
        page.goto(path)
        expect(page.get_by_text("It is saved as you go.")).to_be_visible(visible=script)
        expect(page.get_by_role("button", name="Is it saved?")).to_be_visible(visible=script)
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
