"""Every screen in a real browser: axe finds nothing, nothing is wider than 320 px, no script fails, by day and night."""

from collections.abc import Mapping

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Served
from tests.browser.story import built_cartridge, built_school
from tests.slices.imports import CAST, HEAD, term_id, upload
from tests.sweeps import planted
from tests.sweeps.ground import Route, first_values, ids_of, routes

# Who has most on each screen: the first of these who may open it.
LOOKERS = ("ana", "ines", "ada", None)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What another width and other colors can change; all else is the same page.
LOOKS = {
    "type": "rule",
    "values": ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"],
}


def screens(served: Served, looker: str | None) -> list[str]:
    """The addresses of all pages that the looker may open and no earlier one may."""
    site = served.site
    ids = ids_of(site)
    found = []
    earlier = LOOKERS[: LOOKERS.index(looker)]
    for route in routes(site.app):
        if route.method != "GET" or route.rule.rule.startswith(("/assets", "/healthz")):
            continue
        path = path_of(route, ids)
        if is_page(site, looker, path) and not any(is_page(site, short, path) for short in earlier):
            found.append(path)
    return found


def path_of(route: Route, ids: object) -> str:
    return route.path(first_values(route, ids))  # type: ignore[arg-type]


_answers: dict[tuple[str | None, str], bool] = {}


def is_page(site: object, short: str | None, path: str) -> bool:
    key = (short, path)
    if key not in _answers:
        answer = site.client(short).get(path)  # type: ignore[attr-defined]
        _answers[key] = answer.status_code == 200 and answer.mimetype == "text/html"
    return _answers[key]


def look_at(page: Page, paths: list[str]) -> list[str]:
    """What is wrong on these pages: at 320 px by day, and wide by night what that can change."""
    wrong: list[str] = []
    for path in paths:
        page.set_viewport_size({"width": 320, "height": 800})
        page.emulate_media(color_scheme="light")
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 320:
            wrong.append(f"{path}: {wide} px wide")
        wrong += [f"{path} (light): {each}" for each in axe(page)]
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 1280, "height": 900})
        wrong += [f"{path} (dark, wide): {each}" for each in axe(page, LOOKS)]
    return wrong


def test_the_pages_behind_the_token_of_an_import_are_as_good(served: Served) -> None:
    """Each report as a dry run, and after it was carried out."""
    site = served.site
    ada, ines = site.client("ada"), site.client("ines")
    whole = {"term": term_id(site), "each": "course", "zone": "Europe/Madrid"}
    course = {"term": term_id(site), "code": "RIV-1", "title": "Rivers of Europe", "zone": "Europe/Madrid",
              "written_in": "America/New_York", "old_first_day": "2026-01-12", "first_day": "2026-11-09"}  # fmt: skip
    people = (
        HEAD + CAST + "vera@example.org,Vera\nnot an address,Nobody with a name that is longer than others\n"
    )
    reports = [
        ("ines", upload(ines, f"{site.world.course}/people/import", people),
         {"partly": "y"}, "Rows that are refused: 1", "Invitations"),
        ("ada", upload(ada, "/admin/imports/roster", built_school(), **whole),
         {}, "What the roster would change", "Invitations"),
        ("ada", upload(ada, "/admin/imports/course", built_cartridge(), "rivers.imscc"),
         {**course, "make": "y"}, "Thursday 5 February 2026, 23:59", "The course is made"),
    ]  # fmt: skip
    wrong = []
    for looker, path, fields, before, after in reports:
        client, page = site.client(looker), served.page(looker, bypass_csp=True)
        assert before in client.get(path).text
        wrong += look_at(page, [path])
        assert client.send(path, fields).status_code == 303
        assert after in client.get(path).text
        wrong += look_at(page, [path])
    assert wrong == []


@pytest.mark.parametrize("looker", LOOKERS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(served: Served, looker: str | None) -> None:
    planted.plant(served.site)
    _answers.clear()
    paths = screens(served, looker)
    assert paths
    assert look_at(served.page(looker, bypass_csp=True), paths) == []


def axe(page: Page, only: Mapping[str, object] | list[str] = RULES) -> list[str]:
    """What axe finds, by rule and first place."""
    result = Axe().run(page, options={"runOnly": only})
    return [
        f"{each['id']}: {each['nodes'][0]['target']} ({len(each['nodes'])})"
        for each in result.response["violations"]
    ]


def test_axe_is_seen_to_find(served: Served) -> None:
    page = served.page(None, bypass_csp=True)
    page.goto("/sign-in")
    assert axe(page) == []
    page.evaluate("document.querySelector('label').remove()")
    assert any("label" in each for each in axe(page))
