"""Others' posts are shown once one's own first post is long enough, and nothing leaks before."""

import re
from datetime import timedelta
from html import unescape

from forum.boards.commands import BoardSpec, CheckpointSpec
from tests.conftest import Site
from tests.slices.writing_steps import board_of, reply, started_by, written_by
from tests.world import WORLD_AT, World

LONG = "This source is a parish register that names each house which the water took away."
SECRET = "SECRET-OF-OTHERS"


def every_page(site: Site, short: str, board: str, thread: str) -> dict[str, str]:
    """What a person is shown of a board on every page that could say something of it, without what changes anyway."""
    client, course = site.client(short), site.world.course
    pages = {
        path: client.get(path, follow_redirects=True)
        for path in ("/", course, "/mine", f"{course}/boards/{board}", f"{course}/threads/{thread}")
    }
    return {
        path: re.sub(r'name="(csrf_token|key)" value="[^"]*"', "", unescape(page.text))
        + str(page.headers.get("ETag"))
        for path, page in pages.items()
    }


def test_before_ones_own_post_nothing_tells_of_others(site: Site, world: World) -> None:
    board, thread = world.boards["sources"], world.threads["sources"]
    before = every_page(site, "ana", board, thread)
    sealed = written_by(site, "chidi", thread, f"{SECRET} {LONG}", WORLD_AT)
    written_by(site, "ines", thread, f"{SECRET} {LONG}", WORLD_AT, world.posts["sealed"])
    assert every_page(site, "ana", board, thread) == before
    ana = site.client("ana")
    for post in (sealed, world.posts["sealed"]):
        for path in ("", "/reply", "/revisions", "/edit", "/removal"):
            assert ana.get(f"{world.course}/posts/{post}{path}").status_code == 404
        assert (
            ana.send(
                f"{world.course}/posts/{post}/replies", {"text": LONG, "key": "key-of-a-guess"}
            ).status_code
            == 404
        )


def test_ones_own_post_has_the_number_that_it_would_have_alone(site: Site, world: World) -> None:
    thread = world.threads["sources"]
    for number in range(4):
        written_by(site, "chidi", thread, f"{SECRET} {LONG}", WORLD_AT + timedelta(seconds=number))
    ana = site.client("ana")
    page = ana.get(reply(ana, site, thread, "Too short.").location, follow_redirects=True).text
    assert "Reply 1 of 1" in page
    assert SECRET not in page
    assert "ETag" not in ana.get(f"{world.course}/threads/{thread}").headers


def test_a_post_below_the_minimum_opens_nothing_and_says_how_many_words_are_missing(
    site: Site, world: World
) -> None:
    ana, thread = site.client("ana"), world.threads["sources"]
    page = ana.get(reply(ana, site, thread, "Three words only").location, follow_redirects=True).text
    assert "Yours has 3 of at least 10 words: 7 words are missing." in page
    assert "SECRET-AFTER-OWN" not in page
    own = re.search(r'<article class="post[^"]*" id="p-([^"]+)"', page)
    assert own
    ana.send(
        f"{world.course}/posts/{own.group(1)}/edit", {"text": LONG, "revision": "1", "key": "key-of-an-edit"}
    )
    assert "SECRET-AFTER-OWN" in ana.get(f"{world.course}/threads/{thread}").text


def test_a_sufficient_post_opens_the_others_at_once_and_for_good(site: Site, world: World) -> None:
    ana, thread = site.client("ana"), world.threads["sources"]
    page = ana.get(f"{world.course}/threads/{thread}").text
    assert "Your first post is judged as it stands when others' posts are shown to you" in unescape(page)
    page = ana.get(reply(ana, site, thread, LONG).location, follow_redirects=True).text
    assert "SECRET-AFTER-OWN" in page
    own = re.search(r'id="p-([^"]+)"[^>]*>\s*<header><h3 class="byline">[^/]*by <b class="name">Ana', page)
    assert own
    ana.send(f"{world.course}/posts/{own.group(1)}/removal", {"deed": "remove"})
    assert "SECRET-AFTER-OWN" in ana.get(f"{world.course}/threads/{thread}").text


def test_staff_see_all_without_writing(site: Site, world: World) -> None:
    for short in ("ines", "tariq"):
        page = site.client(short).get(f"{world.course}/threads/{world.threads['sources']}").text
        assert "SECRET-AFTER-OWN" in page
        assert "shown to you" not in page


def test_threads_of_others_are_not_listed_before(site: Site, world: World) -> None:
    first = CheckpointSpec("first_post", min_words=10)
    board, _thread = board_of(
        site, BoardSpec("Sealed", form="threads", shown="after_own", checkpoints=(first,))
    )
    thread, _opening = started_by(site, "ben", board, f"{SECRET}-TITLE", WORLD_AT, LONG)
    ana = site.client("ana")
    page = ana.get(f"{world.course}/boards/{board}").text
    assert SECRET not in page
    assert "Ben Achterberg" not in page
    assert ana.get(f"{world.course}/threads/{thread}").status_code == 404
    assert reply(ana, site, thread, LONG).status_code == 404
    assert "Your first post is judged" in ana.get(f"{world.course}/boards/{board}/new").text
    started_by(site, "ana", board, "My own", WORLD_AT, LONG)
    assert f"{SECRET}-TITLE" in ana.get(f"{world.course}/boards/{board}").text


def test_the_list_counts_only_the_posts_that_are_shown(site: Site, world: World) -> None:
    first = CheckpointSpec("first_post", min_words=10)
    board, _thread = board_of(
        site, BoardSpec("Sealed", form="threads", shown="after_own", checkpoints=(first,))
    )
    thread, opening = started_by(site, "ana", board, "My own", WORLD_AT, "Too short.")
    started_by(site, "ben", board, "Of Ben", WORLD_AT, LONG)
    ana, path = site.client("ana"), f"{world.course}/boards/{board}"
    before = every_page(site, "ana", board, thread)
    written_by(site, "ben", thread, f"{SECRET} {LONG}", WORLD_AT + timedelta(seconds=1), opening)
    site.at(WORLD_AT + timedelta(seconds=2))
    now = re.compile(r"2026-11-24T12:00:0\d")
    assert {url: now.sub("", page) for url, page in every_page(site, "ana", board, thread).items()} == {
        url: now.sub("", page) for url, page in before.items()
    }
    assert "1 post" in ana.get(path).text
    assert "2 posts" in site.client("ben").get(path).text


def test_what_opens_is_new_from_then_even_if_it_was_marked_before(site: Site, world: World) -> None:
    ana, thread = site.client("ana"), world.threads["sources"]
    fields = {"position": "99", "at": WORLD_AT.isoformat()}
    ana.send(f"{world.course}/threads/{thread}/read", fields)
    reply(ana, site, thread, LONG)
    assert "1 post is new here." in ana.get(f"{world.course}/threads/{thread}").text
