"""Threads of groups: who starts them for whom, who reads and answers them, and how they are listed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.boards.commands import BoardSpec
from forum.core.db import db, transaction
from forum.courses import commands as courses
from forum.courses.models import Course
from forum.courses.policy import Role
from forum.posts.models import Thread
from tests.conftest import Site
from tests.slices.board_steps import board_row, fields_of
from tests.slices.group_steps import (
    grouped_board,
    groups_of,
    key_of,
    new_thread,
    offered_on,
    started,
    titles_on,
)
from tests.slices.writing_steps import WORDS, board_of
from tests.world import WORLD_AT


def in_own_section(site: Site, short: str, title: str) -> None:
    """Staff of single sections from now on."""
    world = site.world
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, world.course_id)
        courses.enroll(session, course, world.people[short], Role.ASSISTANT, at=WORLD_AT, author_id=None,
                       all_sections=False)  # fmt: skip
        courses.put_in_section(
            session,
            course,
            world.people[short],
            courses.section_called(session, course, title).id,
            at=WORLD_AT,
        )


def group_of_thread(site: Site, title: str) -> int | None:
    with site.app.app_context():
        return db.session.scalars(select(Thread).where(Thread.title == title)).one().group_id


@pytest.mark.behavior("B106")
def test_in_separate_groups_a_student_is_told_of_their_own_threads_and_everyones(site: Site) -> None:
    ids = groups_of(site, Alpha="ana", Beta="ben")
    board = grouped_board(site)
    started(site, "ana", board, "Of Alpha", ids["Alpha"])
    theirs = started(site, "ben", board, "Of Beta", ids["Beta"])
    started(site, "ines", board, "Of all", "")
    path = f"{site.world.course}/boards/{board}"
    assert titles_on(site.client("ana").get(path).text) == {"Of Alpha", "Of all"}
    assert titles_on(site.client("dana").get(path).text) == {"Of all"}
    assert titles_on(site.client("ines").get(path).text) == {"Of Alpha", "Of Beta", "Of all"}
    assert site.client("ana").get(f"{site.world.course}/threads/{theirs}").status_code == 404
    assert site.client("ana").send(f"{site.world.course}/threads/{theirs}/replies", {"text": WORDS, "key": "k" * 20}).status_code == 404  # fmt: skip


@pytest.mark.behavior("B109")
def test_who_is_in_two_groups_chooses_one_of_them(site: Site) -> None:
    ids = groups_of(site, Alpha="ana", Beta="ana", Gamma="ben")
    board = grouped_board(site)
    ana = site.client("ana")
    page = ana.get(f"{site.world.course}/boards/{board}/new").text
    assert offered_on(page) == ["choose one of your groups", "Alpha", "Beta"]
    for sent in ({"group": ids["Gamma"]}, {"group": ""}, {"group": "-"}, {}):
        answer = new_thread(ana, site, board, **sent)
        assert (answer.status_code, "It held for a night and a day." in answer.text) == (422, True)
        assert "Please choose one of the groups that are offered." in answer.text
    assert new_thread(ana, site, board, group=ids["Beta"]).status_code == 303
    assert group_of_thread(site, "A dike") == key_of(site, ids["Beta"])


@pytest.mark.behavior("B110")
@pytest.mark.parametrize(("mode", "read"), [("separate", {"Of all"}), ("visible", {"Of all", "Of Alpha"})])
def test_who_is_in_no_group_reads_what_the_mode_lets_and_is_told_why_not_more(
    site: Site, mode: str, read: set[str]
) -> None:
    ids = groups_of(site, Alpha="ana")
    board = grouped_board(site, mode)
    started(site, "ana", board, "Of Alpha", ids["Alpha"])
    started(site, "ines", board, "Of all", "")
    dana = site.client("dana")
    page = dana.get(f"{site.world.course}/boards/{board}").text
    assert titles_on(page) == read
    assert "you are in none of this board&#39;s groups" in page
    assert "Start a thread" not in page
    answer = new_thread(dana, site, board, group=ids["Alpha"])
    assert answer.status_code in (409, 422)
    assert "It held for a night and a day." in answer.text


@pytest.mark.behavior("B112")
def test_staff_of_all_sections_start_threads_for_any_group_or_everyone(site: Site) -> None:
    ids = groups_of(site, Alpha="ana", Beta="")
    board = grouped_board(site)
    ines = site.client("ines")
    assert offered_on(ines.get(f"{site.world.course}/boards/{board}/new").text) == [
        "everyone",
        "Alpha",
        "Beta",
    ]
    assert new_thread(ines, site, board, title="For Beta", group=ids["Beta"]).status_code == 303
    assert new_thread(ines, site, board, title="For all", group="").status_code == 303
    assert group_of_thread(site, "For Beta") == key_of(site, ids["Beta"])
    assert group_of_thread(site, "For all") is None


@pytest.mark.behavior("B113")
def test_staff_of_single_sections_start_threads_for_their_own_groups_only(site: Site) -> None:
    ids = groups_of(site, Alpha="tariq", Beta="ana")
    board = grouped_board(site)
    in_own_section(site, "tariq", "North")
    tariq = site.client("tariq")
    assert offered_on(tariq.get(f"{site.world.course}/boards/{board}/new").text) == ["Alpha"]
    assert new_thread(tariq, site, board, group=ids["Beta"]).status_code == 422
    assert new_thread(tariq, site, board, group="").status_code == 422
    assert new_thread(tariq, site, board, title="Mine", group=ids["Alpha"]).status_code == 303
    assert group_of_thread(site, "Mine") == key_of(site, ids["Alpha"])


@pytest.mark.behavior("B116")
def test_a_filter_leaves_the_chosen_groups_and_everyones_threads(site: Site) -> None:
    ids = groups_of(site, Alpha="ana", Beta="ben", Gamma="chidi")
    board = grouped_board(site, "visible")
    for short, title in (("ana", "Alpha"), ("ben", "Beta"), ("chidi", "Gamma")):
        started(site, short, board, f"Of {title}", ids[title])
    started(site, "ines", board, "Of all", "")
    dana, path = site.client("dana"), f"{site.world.course}/boards/{board}"
    one = dana.get(f"{path}?group={ids['Alpha']}").text
    assert titles_on(one) == {"Of Alpha", "Of all"}
    two = dana.get(f"{path}?group={ids['Alpha']}&group={ids['Gamma']}").text
    assert titles_on(two) == {"Of Alpha", "Of Gamma", "Of all"}
    assert two.count(" checked") == 2
    assert len(titles_on(dana.get(f"{path}?group=nothere").text)) == 4


def test_a_filter_by_a_group_that_is_not_ones_own_shows_nothing_of_it(site: Site) -> None:
    ids = groups_of(site, Alpha="ana", Beta="ben")
    board = grouped_board(site)
    started(site, "ben", board, "Of Beta", ids["Beta"])
    page = site.client("ana").get(f"{site.world.course}/boards/{board}?group={ids['Beta']}").text
    assert titles_on(page) == set()


@pytest.mark.behavior("B118")
def test_everyones_thread_is_answered_from_outside_of_all_groups_only_where_they_are_visible(
    site: Site,
) -> None:
    groups_of(site, Alpha="ana")
    statuses = {}
    for mode in ("visible", "separate"):
        thread = started(site, "ines", grouped_board(site, mode), f"Of all {mode}", "")
        for short in ("ana", "dana"):
            path = f"{site.world.course}/threads/{thread}"
            answer = site.client(short).send(f"{path}/replies", {"text": WORDS, "key": f"key-{mode}-{short}"})
            statuses[mode, short] = answer.status_code
            if answer.status_code == 409:
                assert WORDS in answer.text
                assert "you are in none of this board&#39;s groups" in site.client(short).get(path).text
    assert statuses == {
        ("visible", "ana"): 303, ("visible", "dana"): 303, ("separate", "ana"): 303, ("separate", "dana"): 409,
    }  # fmt: skip


def test_visible_groups_are_read_by_all_and_answered_by_their_own(site: Site) -> None:
    ids = groups_of(site, Alpha="ana", Beta="ben")
    thread = started(site, "ana", grouped_board(site, "visible"), "Of Alpha", ids["Alpha"])
    path = f"{site.world.course}/threads/{thread}"
    ben = site.client("ben")
    page = ben.get(path).text
    assert "The council wrote of it twice" in page
    assert "This belongs to another group" in page
    assert ben.send(f"{path}/replies", {"text": WORDS, "key": "key-of-ben-1"}).status_code == 409
    assert (
        site.client("ines").send(f"{path}/replies", {"text": WORDS, "key": "key-of-ines"}).status_code == 303
    )


def test_who_leaves_a_group_no_longer_reads_its_threads(site: Site) -> None:
    world, ids = site.world, groups_of(site, Alpha="ana ben")
    thread = started(site, "ben", grouped_board(site), "Of Alpha", ids["Alpha"])
    ana, path = site.client("ana"), f"{site.world.course}/threads/{thread}"
    assert ana.get(path).status_code == 200
    later = WORLD_AT + timedelta(hours=1)
    with site.app.app_context(), transaction() as session:
        courses.set_groups(
            session, session.get_one(Course, world.course_id), world.people["ana"], [], at=later
        )
    site.at(later)
    assert ana.get(path).status_code == 404


@pytest.mark.behavior("B121")
def test_once_there_are_posts_the_groups_of_a_board_are_shown_and_stay(site: Site) -> None:
    ids = groups_of(site, Alpha="ana")
    board = grouped_board(site)
    ines, url = site.client("ines"), f"{site.world.course}/manage/boards/{board}"
    sent = fields_of(ines.get(url).text, f"boards/{board}")
    assert sent["groups"] == "separate"
    assert ines.send(url, sent | {"groups": "visible", "deed": "save"}).status_code == 303
    started(site, "ana", board, "Of Alpha", ids["Alpha"])
    sent = fields_of(ines.get(url).text, f"boards/{board}")
    assert sent["groups"] == "visible"
    answer = ines.send(url, sent | {"groups": "separate", "deed": "save"})
    assert (answer.status_code, "its groups stay as they were" in answer.text) == (422, True)
    assert board_row(site, board).groups == "visible"


def test_a_board_without_groups_has_no_field_for_them(site: Site) -> None:
    groups_of(site, Alpha="ana")
    board, _thread = board_of(site, BoardSpec("Together", form="threads"))
    ana = site.client("ana")
    assert offered_on(ana.get(f"{site.world.course}/boards/{board}/new").text) == []
    assert "Threads of which groups" not in ana.get(f"{site.world.course}/boards/{board}").text
    assert new_thread(ana, site, board, group="whatever").status_code == 303


@pytest.mark.behavior("B107")
def test_going_from_thread_to_thread_never_comes_to_another_groups(site: Site) -> None:
    ids = groups_of(site, Alpha="ana", Beta="ben")
    board = grouped_board(site)
    own = [started(site, "ana", board, f"Alpha {n}", ids["Alpha"]) for n in (1, 2)]
    theirs = [started(site, "ben", board, f"BETA-TITLE {n}", ids["Beta"]) for n in (1, 2)]
    ana, course = site.client("ana"), site.world.course
    reached = set()
    for thread in own:
        for way in ("next", "previous"):
            answer = ana.get(f"{course}/threads/{thread}/{way}", follow_redirects=True)
            assert "BETA-TITLE" not in answer.text
            reached.add(answer.request.path.rsplit("/", 1)[1])
    assert reached <= {*own, board}
    assert not reached & set(theirs)
    for way in ("next", "previous"):
        assert ana.get(f"{course}/threads/{theirs[0]}/{way}").status_code == 404


def test_counts_and_news_tell_nothing_of_another_groups_threads(site: Site) -> None:
    ids = groups_of(site, Alpha="ana", Beta="ben")
    board = grouped_board(site)
    path = f"{site.world.course}/boards/{board}"
    ana = site.client("ana")
    pages = (path, f"{path}?show=unread", site.world.course, "/", "/mine")
    before = [told(ana.get(page).text) for page in pages]
    thread = started(site, "ben", board, "BETA-TITLE", ids["Beta"])
    assert [told(ana.get(page).text) for page in pages] == before
    assert ana.send(f"{site.world.course}/threads/{thread}/star", {"deed": "star"}).status_code == 404


def told(page: str) -> str:
    """A page without what is drawn by lot."""
    return re.sub(r'(value|data-[a-z-]+)="[^"]*"', "", page)
