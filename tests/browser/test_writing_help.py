"""What helps while writing: counts, outline, marks by button and key, tables and links from the clipboard."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forum.core.words import count_words
from tests.browser.conftest import Served

BOX = "textarea[name=text]"


def writing(served: Served, **options: Any) -> Page:
    page = served.page("ana", **options)
    page.goto(f"{served.site.world.course}/boards/{served.site.world.boards['floods']}")
    return page


def paste(page: Page, text: str, html: str = "") -> bool:
    """Paste into the box; whether the page left it to the browser."""
    return bool(
        page.evaluate(
            """([text, html]) => {
              const data = new DataTransfer(), area = document.querySelector("textarea[name=text]");
              data.setData("text/plain", text);
              if (html) data.setData("text/html", html);
              area.focus();
              return area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
            }""",
            [text, html],
        )
    )


TEXTS = [
    "The bell rang twice, and nobody came.",
    "> someone else's five words here\n\nmine alone",
    "```\nx = one two\n```\nafter `code` and https://example.org/a/b",
    "我喜欢读书。 ひらがな well-known don't",
    "**bold** [the text](https://example.org/long/address) ana@example.org",
]


@pytest.mark.parametrize("text", TEXTS)
def test_rule_17_the_composer_shows_the_judges_count(served: Served, text: str) -> None:
    page = writing(served)
    with page.expect_response(lambda answer: "/drafts/" in answer.url):
        page.fill(BOX, text)
    expect(page.locator("[data-words]")).to_have_text(f"Words: {count_words(text)} of at least 10")


def test_a_long_draft_has_an_outline_that_leads_to_its_headings(served: Served) -> None:
    page = writing(served)
    outline = page.locator("[data-outline]")
    expect(outline).to_be_hidden()
    with page.expect_response(lambda answer: "/drafts/" in answer.url):
        page.fill(BOX, "# What they knew\n\n" + "word " * 400)
    expect(page.locator("[data-reading]")).to_have_text("2 minutes to read")
    expect(outline).to_be_hidden()
    with page.expect_response(lambda answer: "/drafts/" in answer.url):
        page.fill(BOX, "# What they knew\n\n" + "word " * 400 + "\n\n## By *Tuesday*\n\nend")
    outline.locator("summary").click()
    outline.get_by_role("button", name="By Tuesday").click()
    chosen = page.evaluate("(() => { const a = document.activeElement; return a.value.slice(a.selectionStart, a.selectionEnd); })()")  # fmt: skip
    assert chosen == "## By *Tuesday*"


def test_marks_by_key_are_put_in_taken_away_and_undone(served: Served) -> None:
    page = writing(served)
    box = page.locator(BOX)
    box.fill("the river rose")
    box.press("Control+a")
    box.press("Control+b")
    expect(box).to_have_value("**the river rose**")
    box.press("Control+b")
    expect(box).to_have_value("the river rose")
    box.press("Control+i")
    expect(box).to_have_value("*the river rose*")
    box.press("Control+z")
    expect(box).to_have_value("the river rose")
    box.press("Control+a")
    box.press("Control+k")
    expect(box).to_have_value("[the river rose](https://)")


def test_the_toolbar_is_one_tab_stop_with_arrows(served: Served) -> None:
    page = writing(served)
    bar = page.locator("[data-toolbar]")
    assert bar.locator("button[tabindex='0']").count() == 1
    bar.locator("button").first.focus()
    page.keyboard.press("End")
    expect(bar.locator("[data-mark=table]")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(bar.locator("[data-mark=bold]")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(BOX)).to_have_value("## ")
    expect(page.locator(BOX)).to_be_focused()


@pytest.mark.parametrize(
    ("kind", "marked"),
    [
        ("quote", "> one\n> two"),
        ("list", "- one\n- two"),
        ("numbers", "1. one\n2. two"),
        ("heading", "## one\n## two"),
        ("code", "```\none\ntwo\n```"),
    ],
)
def test_lines_are_marked_and_can_be_undone(served: Served, kind: str, marked: str) -> None:
    page = writing(served)
    box = page.locator(BOX)
    box.fill("one\ntwo")
    box.press("Control+a")
    page.click(f"[data-mark={kind}]")
    expect(box).to_have_value(marked)
    box.press("Control+z")
    expect(box).to_have_value("one\ntwo")


def test_a_table_can_be_begun_and_shown(served: Served) -> None:
    page = writing(served)
    page.locator(BOX).fill("As I counted:")
    page.click("[data-mark=table]")
    page.keyboard.type("Town")
    page.click("button[value=preview]")
    expect(page.locator("[data-preview] th").first).to_have_text("Town")


SHEET = "<meta charset=utf-8><style>td{}</style><table><tr><td>Town</td><td>Height | m</td></tr><tr><td>Tudela</td><td>5*2</td></tr></table>"
TABLE = "| Town | Height \\| m |\n| --- | --- |\n| Tudela | 5\\*2 |\n"


def test_a_table_of_a_spreadsheet_is_pasted_as_a_table_and_undone(served: Served) -> None:
    page = writing(served)
    page.fill(BOX, "As I counted:")
    assert not paste(page, "Town\tHeight | m\nTudela\t5*2\n", SHEET)
    expect(page.locator(BOX)).to_have_value("As I counted:\n\n" + TABLE + "\n")
    page.click("button[value=preview]")
    expect(page.locator("[data-preview] td").last).to_have_text("5*2")
    page.locator(BOX).press("Control+z")
    expect(page.locator(BOX)).to_have_value("As I counted:")


def test_cells_with_tabs_between_are_a_table_and_prose_is_not(served: Served) -> None:
    page = writing(served)
    assert not paste(page, "Town\tMetres\r\nTudela\t5\r\n")
    expect(page.locator(BOX)).to_have_value("| Town | Metres |\n| --- | --- |\n| Tudela | 5 |\n\n")
    page.fill(BOX, "")
    assert paste(page, "\tan indented line\nand one that is not")
    assert paste(page, "words", "<p>words</p>")
    assert paste(page, "a\tb\nc\td", "<p>Before</p><table><tr><td>a</td></tr></table>") is False
    page.fill(BOX, "```\n")
    assert paste(page, "a\tb\nc\td")


def test_an_address_pasted_over_words_links_them(served: Served) -> None:
    page = writing(served)
    box = page.locator(BOX)
    box.fill("the keeper's book")
    box.press("Control+a")
    assert not paste(page, "https://example.org/a_(b)")
    expect(box).to_have_value("[the keeper's book](https://example.org/a_%28b%29)")
    box.press("Control+z")
    expect(box).to_have_value("the keeper's book")
    box.fill("")
    assert paste(page, "https://example.org/")


def test_spelling_is_checked_in_the_readers_language(served: Served) -> None:
    page = writing(served)
    assert page.get_attribute(BOX, "lang") == "en"
    assert page.get_attribute(BOX, "spellcheck") == "true"


def test_nothing_of_it_is_wider_than_a_phone(served: Served) -> None:
    page = writing(served, width=320)
    with page.expect_response(lambda answer: "/drafts/" in answer.url):
        page.fill(BOX, "# A heading of quite some length about the river\n\n## Second\n\ntext")
    page.click("[data-outline] summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
