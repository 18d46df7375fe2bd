"""Is each secret kept at every door? A canary for each; every answer as every person searched, headers too."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import Site
from tests.sweeps.canaries import CANARIES, STAFF, STUDENTS
from tests.sweeps.ground import (
    EVERYBODY,
    READS,
    Ids,
    Visit,
    browser,
    crawled,
    every_path,
    first_values,
    routes,
    token_of,
)
from tests.world import WORLD_AT

OPENS = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)  # 09:00 in Madrid
SECOND = timedelta(seconds=1)
WORDS = "The keeper of the bridge wrote twice to the council, and nobody there opened his letters in time."


def found_in(visits: list[Visit], canary: str) -> list[str]:
    return [visit.path for visit in visits if canary in visit.everything]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", EVERYBODY)
def test_nobody_comes_upon_what_is_not_theirs(grown: Site, ids: Ids, short: str | None) -> None:
    visits, _changed = crawled(grown, short, ids, WORLD_AT + timedelta(minutes=90))
    assert {
        canary.text: paths
        for canary in CANARIES
        if short not in canary.may and (paths := found_in(visits, canary.text))
    } == {}
    missed = [
        canary.text for canary in CANARIES if short in canary.must and not found_in(visits, canary.text)
    ]
    assert missed == [], "a canary that nobody can see proves nothing"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", ["ana", "ben", "chidi", "olga"])
def test_no_page_that_shows_words_without_a_name_tells_whose_they_are(
    grown: Site, ids: Ids, short: str
) -> None:
    visits, _changed = crawled(grown, short, ids, WORLD_AT + timedelta(minutes=90))
    shown = [visit for visit in visits if "OPENED-NAMELESS" in visit.everything]
    assert len(shown) > 5
    dana = re.compile(f"Dana|Rossi|{grown.world.public['dana']}")
    # Answers of others by name are there, so names are looked for in the right pages.
    assert [
        visit.path for visit in shown if dana.search(visit.everything.replace("answer of dana", ""))
    ] == []
    assert short == "ana" or [visit.path for visit in shown if "Ana Lindqvist" in visit.everything]


def error_pages(site: Site, short: str | None, ids: Ids) -> list[Visit]:
    """What every other method answers to a bad form, to a good one, and to a body of nonsense; then a page that is not."""
    client = browser(site, short)
    token = token_of(client) if short is not None else ""
    visits = []
    for route in routes(site.app):
        if route.method in READS or route.endpoint == "accounts.sign_out" or "password" in route.endpoint:
            continue
        paths = [route.path(first_values(route, ids)), *every_path(route, ids, most=12)]
        for path in dict.fromkeys(paths):
            answer = client.open(
                path, method=route.method, data={"csrf_token": token, "text": "", "title": ""}
            )
            visits.append(
                Visit(
                    f"{route.method} {path}", answer.status_code, tuple(answer.headers.items()), answer.text
                )
            )
    for path in ("/no-such-page", f"{site.world.course}/no-such-page", f"{site.world.course}/boards/zzzz"):
        answer = client.get(path)
        visits.append(Visit(path, answer.status_code, tuple(answer.headers.items()), answer.text))
    return visits


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", ["ana", "ben", "olga", "sam", "mia", "ada", None])
def test_no_error_page_tells_what_its_page_would_not(grown: Site, ids: Ids, short: str | None) -> None:
    visits = error_pages(grown, short, ids)
    assert {
        canary.text: paths
        for canary in CANARIES
        if short not in canary.may and (paths := found_in(visits, canary.text))
    } == {}
    assert not [visit.path for visit in visits if visit.status >= 500]


@pytest.mark.parametrize("short", ["ana", "olga"])
def test_rule_12_a_board_is_read_from_its_opening_on_and_not_a_microsecond_before(
    grown: Site, ids: Ids, short: str
) -> None:
    world, client = grown.world, browser(grown, short)
    paths = [
        f"{world.course}/boards/{world.boards['later']}",
        f"{world.course}/threads/{world.threads['later']}",
        world.course,
        "/",
    ]
    for before in (SECOND, timedelta(microseconds=1)):
        grown.at(OPENS - before)
        assert "SECRET-UNOPENED-PROMPT" not in "".join(client.get(path).text for path in paths)
    grown.at(OPENS)
    assert "SECRET-UNOPENED-PROMPT" in "".join(client.get(path).text for path in paths)


@pytest.mark.sqlite_only
def test_a_second_before_it_opens_no_door_tells_the_prompt_and_then_its_board_does(
    grown: Site, ids: Ids
) -> None:
    visits, _changed = crawled(grown, "dana", ids, OPENS - SECOND)
    assert found_in(visits, "SECRET-UNOPENED-PROMPT") == []
    visits, _changed = crawled(grown, "dana", ids, OPENS)
    assert found_in(visits, "SECRET-UNOPENED-PROMPT")


# --- first answer, then read -----------------------------------------------------------------------------------------


def reads(site: Site, short: str) -> bool:
    world, client = site.world, browser(site, short)
    pages = [client.get(f"{world.course}/{path}") for path in (
        f"boards/{world.boards['sources']}", f"threads/{world.threads['sources']}", f"posts/{world.posts['sealed']}",
        f"posts/{world.posts['sealed']}/revisions", f"posts/{world.posts['sealed']}/reply",
    )]  # fmt: skip
    return "SECRET-AFTER-OWN" in "".join(page.text for page in pages)


def test_others_answers_are_read_from_ones_own_on(grown: Site) -> None:
    world = grown.world
    assert {short for short in [*STUDENTS, *STAFF, "olga"] if reads(grown, short)} == STAFF | {"ben", "olga"}
    assert not reads(grown, "ana")
    ana = browser(grown, "ana")
    fields = {"csrf_token": token_of(ana), "text": WORDS, "key": "key-of-ana-1"}
    grown.at(WORLD_AT + SECOND)
    assert (
        ana.post(f"{world.course}/threads/{world.threads['sources']}/replies", data=fields).status_code == 303
    )
    assert reads(grown, "ana")
    assert not reads(grown, "dana")


def test_too_short_an_answer_opens_nothing(grown: Site) -> None:
    world, ana = grown.world, browser(grown, "ana")
    fields = {"csrf_token": token_of(ana), "text": "Let me in.", "key": "key-of-ana-1"}
    assert (
        ana.post(f"{world.course}/threads/{world.threads['sources']}/replies", data=fields).status_code == 303
    )
    assert not reads(grown, "ana")


def plain(page: str) -> str:
    """A page without its form tokens."""
    return re.sub(r'(name="csrf_token" value|name="key" value|data-[a-z-]*(?:key|token))="[^"]*"', "", page)


@pytest.mark.parametrize("place", ["board", "thread"])
def test_an_answer_that_one_may_not_see_changes_neither_page_nor_etag(grown: Site, place: str) -> None:
    world, ana, chidi = grown.world, browser(grown, "ana"), browser(grown, "chidi")
    path = (
        f"{world.course}/boards/{world.boards['sources']}"
        if place == "board"
        else f"{world.course}/threads/{world.threads['sources']}"
    )
    before = ana.get(path)
    fields = {"csrf_token": token_of(chidi), "text": WORDS, "key": "key-of-chidi"}
    assert (
        chidi.post(f"{world.course}/threads/{world.threads['sources']}/replies", data=fields).status_code
        == 303
    )
    after = ana.get(path)
    assert before.headers.get("ETag") == after.headers.get("ETag")
    assert plain(before.text) == plain(after.text)
    if tag := before.headers.get("ETag"):
        assert ana.get(path, headers={"If-None-Match": tag}).status_code == 304
    lists = [f"{world.course}", "/", f"{world.course}/boards/{world.boards['floods']}"]
    assert not [each for each in lists if "SECRET-AFTER-OWN" in ana.get(each).text]


def test_an_answer_that_one_may_see_changes_page_and_etag(grown: Site) -> None:
    world, ben, chidi = grown.world, browser(grown, "ben"), browser(grown, "chidi")
    path = f"{world.course}/threads/{world.threads['sources']}"
    before = ben.get(path)
    fields = {"csrf_token": token_of(chidi), "text": WORDS, "key": "key-of-chidi"}
    assert chidi.post(f"{path}/replies", data=fields).status_code == 303
    after = ben.get(path)
    assert (WORDS in after.text, WORDS in before.text) == (True, False)
    assert before.headers["ETag"] != after.headers["ETag"]


# --- groups ----------------------------------------------------------------------------------------------------------


def new_in(page: str, board: str) -> int:
    """How many new posts a page that gathers counts beside a board's title."""
    found = re.search(r"(\d+) new", " ".join(page.split(board, 1)[1].split()[:30]) if board in page else "")
    return int(found.group(1)) if found else 0


def test_what_another_group_writes_is_new_to_nobody_else(grown: Site) -> None:
    def counted(short: str) -> list[int]:
        client = browser(grown, short)
        return [
            new_in(re.sub("<[^>]+>", " ", client.get(path).text), "Your town")
            for path in ("/", grown.world.course)
        ]

    assert {short: counted(short) for short in ("ana", "chidi", "ines")} == {
        "ana": [0, 0],
        "chidi": [0, 0],
        "ines": [1, 1],
    }


# --- lateness --------------------------------------------------------------------------------------------------------


def seen_by_others(site: Site, arrived_at: datetime) -> dict[str, list[str]]:
    """What others are shown after Dana's first post arrived, without times and what is drawn by lot."""
    site.base.reset()
    world, path = site.world, f"{site.world.course}/threads/{site.world.threads['floods']}"
    dana = browser(site, "dana")
    fields = {"csrf_token": token_of(dana), "text": WORDS, "key": "key-of-dana-1"}
    site.at(arrived_at)
    assert dana.post(f"{path}/replies", data=fields).status_code == 303
    site.at(WORLD_AT + timedelta(days=4))
    pages = (
        "/",
        world.course,
        path,
        f"{world.course}/boards/{world.boards['floods']}",
        f"{world.course}/people",
    )
    drawn = re.compile(r"<time.*?</time>|\b[2-9a-z]{10}\b|data-now=\S+|\b\d\d:\d\d\b")
    return {
        short: [drawn.sub("", plain(browser(site, short).get(page).text)) for page in pages]
        for short in ("ana", "ben", "olga")
    }


def test_rule_24_whether_a_post_was_late_is_seen_by_its_author_and_staff_alone(site: Site) -> None:
    limit = datetime(2026, 11, 26, 23, 5, tzinfo=UTC)
    assert seen_by_others(site, limit - SECOND) == seen_by_others(site, limit + SECOND)
    participation = f"{site.world.course}/boards/{site.world.boards['floods']}/participation"
    assert 'data-state="late"' in browser(site, "ines").get(participation).text
