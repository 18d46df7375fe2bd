"""Can a person attach files here: with scripts and without, by choosing, pasting and dropping, on a dead network."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served
from tests.slices.file_steps import PDF, draft_files, files_of, picture

WORDS = "The council knew of it by Tuesday, for the bridge keeper wrote to them twice that week."
# What a browser makes of a picture that is pasted or dropped, told to the page.
BRING = """([kind, target, name, bytes]) => {
  const held = new DataTransfer(), file = new File([Uint8Array.from(bytes)], name, {type: "image/png"});
  held.items.add(file);
  const more = {bubbles: true, cancelable: true};
  const event = kind === "paste" ? new ClipboardEvent("paste", {...more, clipboardData: held}) : new DragEvent(kind, {...more, dataTransfer: held});
  document.querySelector(target).dispatchEvent(event);
}"""


def chosen(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def composer(served: Served, short: str = "ana", **more: Any) -> Page:
    page = served.page(short, **more)
    page.goto(f"{served.site.world.course}/threads/{served.site.world.threads['floods']}")
    return page


def test_without_scripts_files_go_with_the_form(served: Served) -> None:
    page = composer(served, java_script_enabled=False)
    page.fill("textarea[name=text]", WORDS)
    page.set_input_files("#attach", [chosen("map.png", picture("PNG")), chosen("plan.pdf", PDF)])
    page.click("button[value=preview]")
    expect(page.locator(".attached li")).to_have_count(2)
    page.get_by_label("What the picture shows").fill("The ford")
    page.locator(".attached li", has_text="plan.pdf").get_by_role("checkbox").check()
    page.click("button[value=post]")
    expect(page.locator(".post .files img")).to_have_attribute("alt", "The ford")
    assert [each.name for each in files_of(served.site)] == ["map.png"]


def test_chosen_pasted_and_dropped_files_are_the_drafts_at_once(served: Served, tmp_path: Path) -> None:
    page = composer(served)
    page.fill("textarea[name=text]", WORDS)
    page.set_input_files("#attach", [chosen("plan.pdf", PDF), chosen("run.exe", b"MZ\0\0" + bytes(90))])
    expect(page.locator("#attach-error")).to_contain_text("run.exe")
    page.evaluate(BRING, ["paste", "textarea[name=text]", "image.png", list(picture("PNG"))])
    expect(page.locator(".attached li")).to_have_count(2)
    page.evaluate(BRING, ["drop", "textarea[name=text]", "other.png", list(picture("PNG", (30, 30)))])
    expect(page.locator(".attached li")).to_have_count(3)
    page.get_by_label("What the picture shows").first.fill("The ford")
    page.locator(".attached li", has_text="plan.pdf").get_by_role("checkbox").check()
    expect(page.locator(".attached li")).to_have_count(2)
    assert [(each.name, each.alt) for each in draft_files(served.site)] == [
        ("image.png", "The ford"),
        ("other.png", ""),
    ]
    page.reload()
    expect(page.locator(".attached li")).to_have_count(2)
    page.click("button[value=post]")
    expect(page.locator(".post .files img")).to_have_count(2)
    page.locator(".post .files img").first.scroll_into_view_if_needed()
    page.wait_for_function(
        "document.querySelector('.post .files img').naturalWidth === 60"
    )  # the picture is there


def test_what_a_dead_network_did_not_take_goes_with_the_form(served: Served) -> None:
    page = composer(served)
    page.fill("textarea[name=text]", WORDS)
    page.route("**/files", lambda route: route.abort())
    page.set_input_files("#attach", [chosen("plan.pdf", PDF)])
    expect(page.locator("[data-attach-live]")).to_contain_text("Not sent yet: plan.pdf")
    page.unroute("**/files")
    page.click("button[value=post]")
    expect(page.locator(".post .files a", has_text="plan.pdf")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 320])
def test_files_fit_wide_and_narrow_screens(served: Served, width: int) -> None:
    page = composer(served, width=width)
    page.fill("textarea[name=text]", WORDS)
    page.set_input_files("#attach", [
        chosen("a-very-long-name-" * 8 + ".pdf", PDF), chosen("wide.png", picture("PNG", (1200, 300))),
        chosen("tall.jpg", picture("JPEG", (300, 1200))),
    ])  # fmt: skip
    expect(page.locator(".attached li")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("button[value=post]")
    expect(page.locator(".post .files li")).to_have_count(3)
    page.wait_for_load_state()  # with style and pictures
    assert page.evaluate("document.documentElement.scrollWidth") <= width
