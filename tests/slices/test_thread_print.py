"""What happens when somebody prints a whole thread: every post that they may see, in reading order, and nothing else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from forum.core.db import new_public_id, transaction
from forum.posts.models import Post, Thread
from forum.posts.queries import printed
from forum.posts.rules import path_below
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.later_steps import hand_in, thread_of
from tests.slices.moderation_steps import act, post_row
from tests.slices.writing_steps import WORDS, started_by, written_by
from tests.sweeps.ground import browser
from tests.sweeps.test_queries import statements
from tests.world import WORLD_AT


def document(client: Any, site: Site, thread: str, query: str = "") -> str:
    answer = client.get(f"{site.world.course}/threads/{thread}/print{query}")
    assert answer.status_code == 200
    return str(answer.text)


def posts_on(page: str) -> list[str]:
    return re.findall(r'<article class="post[^"]*" id="p-([a-z0-9]+)"', page)


def many(site: Site, number: int, thread: str) -> None:
    """So many answers by Ben, each under the last thread's end."""
    with site.app.app_context(), transaction() as session:
        row = session.query(Thread).filter(Thread.public_id == thread).one()
        first = row.last_position + 1
        at = WORLD_AT - timedelta(hours=1)
        session.execute(
            insert(Post),
            [{"public_id": new_public_id(), "course_id": row.course_id, "board_id": row.board_id, "thread_id": row.id,
              "author_id": site.world.people["ben"], "position": place, "path": path_below(None, place), "arrived_at": at,
              "appears_at": at, "key": f"many-{place}", "digest": "", "html": f"<p>Answer {place}.</p>", "renderer_version": 1,
              "words": 2} for place in range(first, first + number)],
        )  # fmt: skip
        row.last_position += number
        row.posts += number
        row.version += 1


def test_it_holds_all_posts_in_reading_order_with_author_time_and_addresses(site: Site) -> None:
    thread, ana = site.world.threads["floods"], site.client("ana")
    written_by(site, "chidi", thread, f"{WORDS} See [the map](/c/map) and <https://example.org/a>.", WORLD_AT)
    under = written_by(site, "dana", thread, "A word to the first.", WORLD_AT, site.world.posts["ben"])
    page = document(ana, site, thread)
    order = posts_on(page)
    assert order == posts_on(ana.get(f"{site.world.course}/threads/{thread}").text)
    assert order.index(under) < len(order) - 1
    assert (
        'Reply 1 of 5, by <b class="name">Ben Achterberg</b>, '
        '<time datetime="2026-11-22T06:00:00-06:00">Sunday 22 November 2026, 06:00</time>'
        ' <span class="other">(Sunday 22 November 2026, 13:00 Madrid time)</span>'
    ) in page
    assert 'href="http://localhost/c/map"' in page
    assert "What did <strong>they</strong> know" in page
    main = page.partition("<main")[2].partition("</main>")[0]
    assert not re.search(r"<(form|button|input|textarea|select)", main)


def test_a_thread_page_leads_to_it(site: Site) -> None:
    path = f"{site.world.course}/threads/{site.world.threads['floods']}"
    assert f'href="{path}/print"' in site.client("ana").get(path).text


def test_what_was_removed_is_a_line_for_staff_too(site: Site) -> None:
    assert act(site, site.world.posts["chidi"], "remove", "SECRET-WHY").status_code == 303
    for short in ("ana", "ines"):
        page = document(site.client(short), site, site.world.threads["floods"])
        assert "This post was removed by staff." in page
        assert "Zaragoza" not in page
        assert "SECRET-WHY" not in page


def test_what_others_do_not_see_is_not_in_it(site: Site) -> None:
    ana, world = site.client("ana"), site.world
    assert (
        hand_in(ana, f"{thread_of(world, 'floods')}/replies", "SECRET-LATER words of mine").status_code == 303
    )
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Post)
            .where(Post.public_id == world.posts["ines"])
            .values(private_with_id=world.people["ben"])
        )
        session.execute(update(Post).where(Post.public_id == world.posts["chidi"]).values(held_at=WORLD_AT))
    for short in ("ana", "ben", "dana", "ines"):
        page = document(site.client(short), site, world.threads["floods"])
        assert "SECRET-LATER" not in page
        assert "Quote one" not in page
        assert ("from Zaragoza" in page) == (short == "ines")


def test_who_is_anonymous_to_others_is_on_paper_too(site: Site) -> None:
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Post).where(Post.public_id == site.world.posts["ben"]).values(anonymity="peers")
        )
    page = document(site.client("ana"), site, site.world.threads["floods"])
    assert "Ben Achterberg" not in page
    assert "three letters from upstream" in page
    assert "Ben Achterberg" in document(site.client("ines"), site, site.world.threads["floods"])


def test_before_ones_own_post_there_are_no_others(site: Site) -> None:
    page = document(site.client("ana"), site, site.world.threads["sources"])
    assert "SECRET-AFTER-OWN" not in page
    assert posts_on(page) == []
    assert "SECRET-AFTER-OWN" in document(site.client("ben"), site, site.world.threads["sources"])


def test_a_board_that_is_closed_to_its_reader_has_no_document(site: Site) -> None:
    world = site.world
    for name in ("later", "hidden"):
        path = f"{world.course}/threads/{world.threads[name]}/print"
        assert site.client("ana").get(path).status_code == 404
    other = f"{world.course}/threads/{world.threads['other']}/print"
    assert site.client("ana").get(other).status_code == 404
    floods = f"{world.course}/threads/{world.threads['floods']}/print"
    assert site.client("mia").get(floods).status_code == 404
    assert site.client("ana").get(f"{floods}?from=none").status_code == 404


def test_the_title_of_a_removed_opening_is_not_printed(site: Site) -> None:
    thread, opening = started_by(site, "chidi", site.world.boards["questions"], "SECRET-TITLE", WORLD_AT)
    assert act(site, opening, "remove", "spam").status_code == 303
    assert post_row(site, opening).removed_at is not None
    assert "SECRET-TITLE" not in document(site.client("ana"), site, thread)


@pytest.mark.sqlite_only
def test_several_pages_are_one_document_up_to_its_bound(site: Site) -> None:
    thread = site.world.threads["floods"]
    many(site, 140, thread)
    ana = site.client("ana")
    page = document(ana, site, thread)
    assert len(posts_on(page)) == 143
    assert "The thread goes on" not in page
    many(site, printed.MOST - 142, thread)  # one too many
    plain = browser(site, "ana")  # a document of a thousand posts weighs more than a page may
    page = document(plain, site, thread)
    assert len(posts_on(page)) == printed.MOST
    found = re.search(r'href="[^"]*/print(\?from=[0-9a-f]+)"', page)
    assert found is not None
    rest = document(ana, site, thread, found[1])
    assert len(posts_on(rest)) == 1
    assert f"Reply {printed.MOST + 1} of {printed.MOST + 1}" in rest
    assert not set(posts_on(page)) & set(posts_on(rest))


def test_it_asks_as_often_for_many_as_for_few(site: Site) -> None:
    client: CheckingClient = site.client("ana")
    counted = []
    for more in (1, 150):
        many(site, more, site.world.threads["floods"])
        document(client, site, site.world.threads["floods"])
        with statements(site) as sent:
            document(client, site, site.world.threads["floods"])
        counted.append(len(sent))
    assert counted[0] == counted[1] <= 8
