"""What happens when somebody goes through the threads of a board: filters, pages, the next and the previous one."""

import re
from datetime import datetime, timedelta

import pytest

from forum.boards.commands import BoardSpec
from forum.core.db import db, transaction
from forum.posts import commands, queries
from tests.conftest import Site
from tests.slices.test_writing_costs import sent
from tests.slices.writing_steps import board_of, member, started_by, written_by
from tests.world import WORLD_AT, World


def at(minutes: int) -> datetime:
    return WORLD_AT - timedelta(hours=6) + timedelta(minutes=minutes)


def rivers(site: Site, names: list[str]) -> tuple[str, dict[str, str]]:
    """A board with a thread of Ben's for each name, a minute after another; the last one stands first."""
    board, _ = board_of(site, BoardSpec("Rivers", form="threads"))
    threads = {name: started_by(site, "ben", board, name, at(number))[0] for number, name in enumerate(names)}
    return board, threads


def titles(page: str) -> list[str]:
    listed = page[page.index('<ul class="threads">') :] if '<ul class="threads">' in page else ""
    return re.findall(r'<h3><a href="[^"]*">([^<]*)</a></h3>', listed)


def state(site: Site, thread: str, deed: str) -> None:
    done = site.client("ines").send(f"{site.world.course}/threads/{thread}/state", {"deed": deed})
    assert done.status_code == 303


@pytest.mark.behavior("B013")
def test_pinned_open_and_closed_threads_are_three_groups(site: Site, world: World) -> None:
    board, threads = rivers(site, ["Ebro", "Tajo", "Duero", "Segura"])
    for name, deeds in (("Ebro", ["pin", "close"]), ("Segura", ["close"])):
        for deed in deeds:
            state(site, threads[name], deed)
    url = f"{world.course}/boards/{board}"
    assert titles(site.client("ana").get(url).text) == ["Ebro", "Duero", "Tajo", "Segura"]
    state(site, threads["Ebro"], "unpin")  # closed as it is, it goes to the closed ones
    assert titles(site.client("ana").get(url).text) == ["Duero", "Tajo", "Segura", "Ebro"]
    state(site, threads["Ebro"], "reopen")
    assert titles(site.client("ana").get(url).text) == ["Duero", "Tajo", "Ebro", "Segura"]


@pytest.mark.behavior("B014")
@pytest.mark.parametrize("show", ["", "unread", "without-replies"])
def test_pages_do_not_overlap_and_the_total_is_exact_under_a_filter(
    site: Site, world: World, show: str
) -> None:
    board, threads = rivers(site, [f"River {number:02}" for number in range(23)])
    for name in ("River 03", "River 07"):
        written_by(site, "chidi", threads[name], "An answer from Lagos.", at(40))
    state(site, threads["River 11"], "remove")  # out of sight of students
    with site.app.app_context():
        for name in ("River 04", "River 05"):
            with transaction() as session:
                view = queries.thread_view(session, member(site, "ana"), threads[name], WORLD_AT)
                commands.read_to(session, member(site, "ana"), view, position=9, as_of=WORLD_AT)
        view = queries.board_view(db.session(), member(site, "ana"), board, WORLD_AT)
        seen: list[str] = []
        totals, key = set(), None
        while True:
            page = queries.threads_page(db.session(), view, after=key, show=show, limit=4)
            seen += [line.title or "" for line in page.lines]
            totals.add(page.total)
            key = page.more
            if key is None:
                break
    expected = {"": 22, "unread": 20, "without-replies": 20}[show]
    assert len(seen) == len(set(seen)) == expected
    assert totals == {expected}
    assert "River 11" not in seen


@pytest.mark.behavior("B016")
def test_a_filter_is_kept_over_pages_and_says_when_nothing_is_left(site: Site, world: World) -> None:
    board, threads = rivers(site, [f"River {number:02}" for number in range(52)])
    url, ana = f"{world.course}/boards/{board}", site.client("ana")
    page = ana.get(f"{url}?show=without-replies").text
    assert "52 threads" in page
    assert len(titles(page)) == 50
    more = re.search(r'rel="next" href="([^"]*)"', page)
    assert more is not None
    assert "show=without-replies&amp;after=" in more.group(1)
    rest = ana.get(more.group(1).replace("&amp;", "&")).text
    assert titles(rest) == ["River 01", "River 00"]
    assert f'href="{url}?show=without-replies">First page' in rest
    written_by(site, "chidi", threads["River 00"], "An answer from Lagos.", WORLD_AT)
    assert "51 threads" in ana.get(f"{url}?show=without-replies").text
    answered = site.client("chidi").get(f"{url}?show=starred").text
    assert "You have starred no thread of this board." in answered
    assert 'aria-current="true">Starred' in answered


def test_an_answer_that_was_removed_is_no_reply(site: Site, world: World) -> None:
    board, threads = rivers(site, ["Ebro"])
    post = written_by(site, "chidi", threads["Ebro"], "An answer from Lagos.", at(5))
    url, ana = f"{world.course}/boards/{board}?show=without-replies", site.client("ana")
    assert "Every thread here has a reply." in ana.get(url).text
    site.client("chidi").send(f"{world.course}/posts/{post}/removal", {"deed": "remove"})
    assert titles(ana.get(url).text) == ["Ebro"]


def test_unread_leaves_when_it_is_read_and_all_read_is_said(site: Site, world: World) -> None:
    board, threads = rivers(site, ["Ebro", "Tajo"])
    url, ana = f"{world.course}/boards/{board}?show=unread", site.client("ana")
    assert titles(ana.get(url).text) == ["Tajo", "Ebro"]
    for thread in threads.values():
        ana.send(f"{world.course}/threads/{thread}/read", {"position": "1", "at": WORLD_AT.isoformat()})
    assert "Nothing new: you have read every thread" in ana.get(url).text


def test_filters_and_keys_that_we_never_gave_are_not_there(site: Site, world: World) -> None:
    url, ana = f"{world.course}/boards/{world.boards['each']}", site.client("ana")
    for asked in ("show=everything", "after=x", "after=9-1-1", "show=unread&after=0-0"):
        assert ana.get(f"{url}?{asked}").status_code == 404, asked


def walk(site: Site, short: str, thread: str, way: str) -> str | None:
    """Where the next (or previous) thread is for somebody; None back at the list."""
    found = site.client(short).get(f"{site.world.course}/threads/{thread}/{way}")
    assert found.status_code == 302
    place = found.headers["Location"]
    return place.rsplit("/", 1)[1] if "/threads/" in place else None


@pytest.mark.behavior("B107")
def test_the_next_thread_is_the_next_of_the_list_as_this_reader_sees_it(site: Site, world: World) -> None:
    _board, threads = rivers(site, ["Ebro", "Tajo", "Duero", "Segura", "Turia", "Genil"])
    state(site, threads["Ebro"], "pin")
    state(site, threads["Tajo"], "remove")
    order = ["Ebro", "Genil", "Turia", "Segura", "Duero"]  # for students; staff see what was removed
    ids = {thread: name for name, thread in threads.items()}
    for before, after in zip(order, [*order[1:], None], strict=True):
        found = walk(site, "ana", threads[before], "next")
        assert (ids[found] if found else None) == after
        if after is not None:
            back = walk(site, "ana", threads[after], "previous")
            assert back is not None
            assert ids[back] == before
    assert walk(site, "ana", threads["Ebro"], "previous") is None
    found = walk(site, "ines", threads["Duero"], "next")
    assert found is not None
    assert ids[found] == "Tajo"
    assert site.client("ana").get(f"{world.course}/threads/{threads['Tajo']}/next").status_code == 404


def test_at_the_ends_of_the_list_it_is_said(site: Site, world: World) -> None:
    _board, threads = rivers(site, ["Ebro"])
    ana, url = site.client("ana"), f"{world.course}/threads/{threads['Ebro']}"
    page = ana.get(url).text
    assert f'href="{url}/next"' in page
    assert f'href="{url}/previous"' in page
    assert "That was the last thread of the list." in ana.get(f"{url}/next", follow_redirects=True).text
    assert "That was the first thread of the list." in ana.get(f"{url}/previous", follow_redirects=True).text
    prompt = f"{world.course}/threads/{world.threads['floods']}"
    assert "/next" not in ana.get(prompt).text


def test_who_sees_only_their_own_threads_goes_from_one_of_them_to_another(site: Site, world: World) -> None:
    board, _ = board_of(site, BoardSpec("Own first", form="threads", shown="after_own"))
    with site.app.app_context(), transaction() as session:
        found = queries.board_view(session, member(site, "ines"), board, WORLD_AT)
        assert found.board.shown == "after_own"
    mine, _post = started_by(site, "ana", board, "Mine", at(1))
    started_by(site, "ben", board, "Ben's", at(2))
    # Ana's first post opened the others' to her; Chidi has none, and gets none.
    assert walk(site, "ana", mine, "previous") is not None
    assert site.client("chidi").get(f"{world.course}/threads/{mine}/next").status_code == 404


def test_going_on_costs_the_thread_page_nothing_and_the_list_one_look(site: Site, world: World) -> None:
    board, threads = rivers(site, ["Ebro", "Tajo"])
    ana = site.client("ana")
    ana.get(f"{world.course}/threads/{threads['Ebro']}/next")
    with sent(site) as (few, _locked):
        ana.get(f"{world.course}/threads/{threads['Tajo']}/next")
    for number in range(30):
        started_by(site, "ben", board, f"More {number}", at(50 + number))
    ana.get(f"{world.course}/threads/{threads['Ebro']}/next")
    with sent(site) as (many, _locked):
        ana.get(f"{world.course}/threads/{threads['Tajo']}/next")
    assert len(many) == len(few)


@pytest.mark.behavior("B017")
def test_where_only_staff_start_threads_students_still_reply(site: Site, world: World) -> None:
    board, _ = board_of(site, BoardSpec("Staff start", form="threads", students_start=False))
    thread, _post = started_by(site, "ines", board, "Ours", at(1))
    ana = site.client("ana")
    assert "Start a thread" not in ana.get(f"{world.course}/boards/{board}").text
    started = ana.send(
        f"{world.course}/boards/{board}/threads",
        {"title": "Mine", "text": "Some words.", "key": "key-start-1"},
    )
    assert started.status_code == 409
    answered = ana.send(
        f"{world.course}/threads/{thread}/replies", {"text": "Some words.", "key": "key-start-2"}
    )
    assert answered.status_code == 303
