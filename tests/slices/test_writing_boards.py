"""The forms of boards, their lists of threads, and the order of posts on pages."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from forum.boards.commands import BoardSpec
from forum.core.db import transaction
from forum.posts.models import Post, Thread
from tests.conftest import Site
from tests.slices.writing_steps import WORDS, board_of, posts_by, reply, started_by, written_by
from tests.world import WORLD_AT, World


def start(client, site: Site, board: str, title: str = "A title"):  # type: ignore[no-untyped-def]
    fields = {"text": WORDS, "title": title, "key": f"key-{title.replace(' ', '-')}"}
    return client.send(f"{site.world.course}/boards/{board}/threads", fields)


@pytest.mark.behavior("B004", "B005")
def test_of_one_each_the_second_is_refused_to_that_student_alone(site: Site, world: World) -> None:
    board, ana = world.boards["each"], site.client("ana")
    path = f"{world.course}/boards/{board}"
    assert "Start a thread" in ana.get(path).text
    assert start(ana, site, board, "Mine").status_code == 303
    assert "Start a thread" not in ana.get(path).text
    assert start(ana, site, board, "Second").status_code == 409
    ben = site.client("ben")
    assert "Start a thread" in ben.get(path).text
    assert start(ben, site, board, "Of Ben").status_code == 303
    for title in ("Mine", "Of Ben"):
        with site.app.app_context(), transaction() as session:
            thread = session.scalars(select(Thread).where(Thread.title == title)).one().public_id
        assert reply(ana, site, thread, WORDS, f"key-{title.replace(' ', '-')}-2").status_code == 303


@pytest.mark.behavior("B010")
def test_on_announcements_students_neither_start_nor_reply_and_read_all(site: Site, world: World) -> None:
    board, _thread = board_of(site, BoardSpec("News", form="announcement", shown="after_own"))
    thread, opening = started_by(site, "ines", board, "Room change", WORLD_AT)
    ana = site.client("ana")
    page = ana.get(f"{world.course}/boards/{board}").text
    assert "Room change" in page
    assert "Start a thread" not in page
    assert WORDS in ana.get(f"{world.course}/threads/{thread}").text
    assert start(ana, site, board).status_code == 409
    assert reply(ana, site, thread, WORDS).status_code == 409
    assert (
        ana.send(
            f"{world.course}/posts/{opening}/replies", {"text": WORDS, "key": "key-of-a-reply"}
        ).status_code
        == 409
    )
    assert reply(site.client("tariq"), site, thread, WORDS).status_code == 303


@pytest.mark.behavior("B017")
def test_where_staff_start_threads_students_still_reply(site: Site, world: World) -> None:
    board, _thread = board_of(site, BoardSpec("Led by staff", form="threads", students_start=False))
    thread, _opening = started_by(site, "ines", board, "Begin here", WORLD_AT)
    ana = site.client("ana")
    page = ana.get(f"{world.course}/boards/{board}").text
    assert "Start a thread" not in page
    assert "Threads are started by staff here" in page
    assert start(ana, site, board).status_code == 409
    assert reply(ana, site, thread, WORDS).status_code == 303


def test_a_board_of_one_discussion_takes_no_threads(site: Site, world: World) -> None:
    assert start(site.client("ana"), site, world.boards["floods"]).status_code == 409


def test_observers_read_and_find_no_way_to_write(site: Site, world: World) -> None:
    olga = site.client("olga")
    page = olga.get(f"{world.course}/threads/{world.threads['questions']}").text
    assert "Map room" in page
    assert 'name="text"' not in page
    assert "/reply" not in page
    assert reply(olga, site, world.threads["questions"], WORDS).status_code == 403


def test_an_empty_board_says_so(site: Site, world: World) -> None:
    page = site.client("ana").get(f"{world.course}/boards/{world.boards['each']}").text
    assert "Nothing here yet" in page
    assert '<ul class="threads">' not in page


def titles(page: str) -> list[str]:
    return re.findall(r'<h3><a href="[^"]+/threads/[^"]+">([^<]+)</a>', page)


def test_pinned_open_and_closed_threads_are_three_groups(site: Site, world: World) -> None:
    board, _thread = board_of(site, BoardSpec("A list", form="threads"))
    threads = {
        name: started_by(site, "ben", board, name, WORLD_AT - timedelta(hours=number))[0]
        for number, name in enumerate(
            ["open new", "closed new", "pinned closed", "open old", "pinned old", "closed old"]
        )
    }
    ines, path = site.client("ines"), f"{world.course}/threads/%s/state"
    for name, thread in threads.items():
        if "closed" in name:
            ines.send(path % thread, {"deed": "close"})
        if "pinned" in name:
            ines.send(path % thread, {"deed": "pin"})
    order = ["pinned closed", "pinned old", "open new", "open old", "closed new", "closed old"]
    page = site.client("ana").get(f"{world.course}/boards/{board}").text
    assert titles(page) == order
    assert 'data-state="closed">closed' in page.split("pinned old")[0]
    ines.send(path % threads["pinned closed"], {"deed": "unpin"})
    assert titles(site.client("ana").get(f"{world.course}/boards/{board}").text) == [
        "pinned old", "open new", "open old", "closed new", "pinned closed", "closed old",
    ]  # fmt: skip


def test_pages_of_a_list_show_each_thread_once_also_at_equal_instants(site: Site, world: World) -> None:
    board, _thread = board_of(site, BoardSpec("A long list", form="threads"))
    for number in range(123):
        started_by(site, "ben", board, f"Thread {number}", WORLD_AT - timedelta(hours=number // 20), "Words.")
    with site.app.app_context(), transaction() as session:
        ids = session.scalars(
            select(Thread.id).where(Thread.title.startswith("Thread ")).order_by(Thread.id)
        ).all()
        session.execute(update(Thread).where(Thread.id.in_(ids[::2])).values(pinned=True))
        session.execute(update(Thread).where(Thread.id.in_(ids[1::4])).values(closed_at=WORLD_AT))
    ana, seen, url = site.client("ana"), [], f"{world.course}/boards/{board}"
    while url:
        page = ana.get(url).text
        seen += titles(page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        url = more.group(1).replace("&amp;", "&") if more else ""
    assert len(seen) == 123
    assert len(set(seen)) == 123


@pytest.mark.parametrize("key", ["x", "9-1-1", "1-" + "9" * 30 + "-1", "1-1", "²-1-1"])
def test_a_place_in_the_list_that_was_never_given_is_not_here(site: Site, world: World, key: str) -> None:
    assert (
        site.client("ana").get(f"{world.course}/boards/{world.boards['each']}?after={key}").status_code == 404
    )


def test_replies_say_to_whom_and_stand_under_what_they_answer(site: Site, world: World) -> None:
    _board, thread = board_of(site, BoardSpec("Deep", form="single"))
    assert thread is not None
    at, parent, chain = WORLD_AT - timedelta(hours=1), None, []
    for number in range(20):
        parent = written_by(
            site,
            ("ben", "chidi")[number % 2],
            thread,
            f"Level {number}",
            at + timedelta(seconds=number),
            parent,
        )
        chain.append(parent)
    written_by(site, "ana", thread, "A second branch", at + timedelta(minutes=1))
    written_by(site, "ines", thread, "Late answer to the first", at + timedelta(minutes=2), chain[0])
    page = site.client("ana").get(f"{world.course}/threads/{thread}").text
    assert re.findall(r"Reply (\d+) of (\d+)", page) == [(str(number), "22") for number in range(1, 23)]
    assert re.findall(r'data-depth="(\d)"', page)[:6] == ["0", "1", "2", "3", "3", "3"]
    assert 'to <a href="#p-' + chain[0] + '">Ben Achterberg</a>, by <b class="name">Chidi Okafor</b>' in page
    assert page.index("Level 19") < page.index("Late answer to the first") < page.index("A second branch")


@pytest.fixture
def long_thread(site: Site) -> tuple[str, list[str]]:
    """250 posts: 40 branches, one of them of 150 answers."""
    _board, thread = board_of(site, BoardSpec("Long", form="single"))
    assert thread is not None
    at, made, tops = WORLD_AT - timedelta(days=1), [], []
    for number in range(250):
        parent = None
        if number >= 40:
            parent = tops[7] if number < 190 else tops[number % 40]
        made.append(
            written_by(site, "ben", thread, f"Number {number}.", at + timedelta(seconds=number), parent)
        )
        if number < 40:
            tops.append(made[-1])
    return thread, made


def shown(page: str) -> list[str]:
    return re.findall(r'<article class="post[^"]*" id="p-([^"]+)"', page)


def test_paging_forward_and_back_shows_each_post_once(
    site: Site, world: World, long_thread: tuple[str, list[str]]
) -> None:
    thread, made = long_thread
    ana, url, pages = site.client("ana"), f"{world.course}/threads/{thread}", []
    while url:
        pages.append(ana.get(url).text)
        more = re.search(r'rel="next" href="([^"]+)"', pages[-1])
        url = more.group(1) if more else ""
    forward = [post for page in pages for post in shown(page)]
    assert sorted(forward) == sorted(made)
    assert [len(shown(page)) for page in pages] == [100, 100, 50]
    assert re.findall(r"Reply (\d+) of 250", "".join(pages)) == [str(number) for number in range(1, 251)]
    page, back = pages[-1], [shown(pages[-1])]
    while earlier := re.search(r'rel="prev" href="([^"]+)"', page):
        page = ana.get(earlier.group(1)).text
        back.insert(0, shown(page))
    assert [post for part in back for post in part] == forward
    assert "250 posts" in pages[1]


def test_a_permalink_leads_to_a_page_with_its_post_on_it(
    site: Site, world: World, long_thread: tuple[str, list[str]]
) -> None:
    _thread, made = long_thread
    ana = site.client("ana")
    for number in (0, 7, 39, 41, 100, 138, 139, 140, 188, 189, 190, 249):
        answer = ana.get(f"{world.course}/posts/{made[number]}")
        assert answer.location.endswith(f"#p-{made[number]}")
        assert made[number] in shown(ana.get(answer.location.split("#")[0]).text), number


def test_the_number_of_posts_is_what_this_reader_may_see(site: Site, world: World) -> None:
    ana = site.client("ana")
    assert len(posts_by(site, "ana")) == 0
    with site.app.app_context(), transaction() as session:
        ben = session.scalars(select(Post).where(Post.public_id == world.posts["chidi"])).one()
        ben.appears_at = WORLD_AT + timedelta(hours=1)
    page = ana.get(f"{world.course}/threads/{world.threads['floods']}").text
    assert "2 posts" in page
    assert "Reply 2 of 2" in page
