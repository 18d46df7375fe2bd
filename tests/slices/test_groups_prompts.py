"""One prompt posted to each group: a discussion for each, linked to the one board."""

from datetime import timedelta

import pytest

from forum.boards.commands import CheckpointSpec
from forum.core.db import transaction
from forum.core.moments import Wall
from forum.courses import commands as courses
from forum.courses.models import Course
from tests.conftest import Site
from tests.slices.board_steps import fields_of
from tests.slices.group_steps import grouped_board, groups_of, key_of, prompts_of, titles_on
from tests.slices.writing_steps import WORDS, written_by
from tests.world import WORLD_AT


@pytest.mark.behavior("B119")
def test_each_group_has_its_discussion_and_so_have_groups_made_later(site: Site) -> None:
    groups_of(site, Alpha="ana", Beta="ben")
    board = grouped_board(site, form="single")
    assert set(prompts_of(site, board)) == {"Alpha", "Beta"}
    answer = site.client("ines").send(
        f"{site.world.course}/people/groups", {"title": "Gamma", "set_title": ""}
    )
    assert answer.status_code == 303
    assert set(prompts_of(site, board)) == {"Alpha", "Beta", "Gamma"}
    page = site.client("ines").get(f"{site.world.course}/boards/{board}").text
    assert titles_on(page) == {"Alpha", "Beta", "Gamma"}
    assert "Which dike held?" in page


def test_the_board_leads_a_student_to_the_discussion_of_their_group(site: Site) -> None:
    groups_of(site, Alpha="ana chidi", Beta="ben chidi")
    board = grouped_board(site, form="single")
    threads, path = prompts_of(site, board), f"{site.world.course}/boards/{board}"
    written_by(site, "ben", str(threads["Beta"]), "SAID-IN-BETA " + WORDS, WORLD_AT - timedelta(hours=1))
    ana = site.client("ana").get(path).text
    assert f"/threads/{threads['Alpha']}/replies" in ana
    assert "Alpha" in ana
    assert "SAID-IN-BETA" not in ana
    assert "SAID-IN-BETA" in site.client("ben").get(path).text
    assert titles_on(site.client("chidi").get(path).text) == {"Alpha (your group)", "Beta (your group)"}
    dana = site.client("dana").get(path).text
    assert titles_on(dana) == set()
    assert "you are in none of this board&#39;s groups" in dana
    assert site.client("dana").get(f"{site.world.course}/threads/{threads['Beta']}").status_code == 404


def test_discussions_of_visible_groups_are_listed_for_all(site: Site) -> None:
    groups_of(site, Alpha="ana", Beta="ben")
    board = grouped_board(site, "visible", form="single")
    threads, ana = prompts_of(site, board), site.client("ana")
    page = ana.get(f"{site.world.course}/boards/{board}").text
    assert titles_on(page) == {"Alpha (your group)", "Beta"}
    theirs = f"{site.world.course}/threads/{threads['Beta']}"
    assert "This belongs to another group" in ana.get(theirs).text
    assert ana.send(f"{theirs}/replies", {"text": WORDS, "key": "key-of-ana-1"}).status_code == 409


@pytest.mark.behavior("B179")
def test_there_is_no_discussion_above_those_of_the_groups_to_write_in(site: Site) -> None:
    groups_of(site, Alpha="ana")
    board = grouped_board(site, form="single")
    assert None not in prompts_of(site, board)
    sent = {"title": "Above", "text": WORDS, "key": "key-of-ines", "group": ""}
    assert site.client("ines").send(f"{site.world.course}/boards/{board}/threads", sent).status_code == 409


@pytest.mark.behavior("B115")
def test_groups_that_a_board_is_not_for_get_nothing(site: Site) -> None:
    ids = groups_of(site, Alpha="ana", Beta="ben")
    only_alpha = frozenset({("group", key_of(site, ids["Alpha"]))})
    board = grouped_board(site, form="single", audience=only_alpha)
    assert set(prompts_of(site, board)) == {"Alpha"}
    site.client("ines").send(f"{site.world.course}/people/groups", {"title": "Gamma", "set_title": ""})
    assert set(prompts_of(site, board)) == {"Alpha"}


@pytest.mark.behavior("B071")
def test_closing_closes_the_discussion_of_every_group(site: Site) -> None:
    world = site.world
    groups_of(site, Alpha="ana", Beta="ben")
    cut_off = Wall(WORLD_AT.date() + timedelta(days=1))
    board = grouped_board(site, form="single", cut_off=cut_off)
    threads = prompts_of(site, board)

    def statuses(key: str) -> dict[str, int]:
        pairs = (("ana", "Alpha"), ("ben", "Beta"))
        return {
            short: site.client(short).send(f"{world.course}/threads/{threads[title]}/replies",
                                           {"text": WORDS, "key": f"key-{key}-{short}"}).status_code
            for short, title in pairs
        }  # fmt: skip

    state = f"{world.course}/threads/{threads['Alpha']}/state"
    assert site.client("ines").send(state, {"deed": "close"}).status_code == 303
    assert statuses("closed") == {"ana": 409, "ben": 409}
    assert site.client("ines").send(state, {"deed": "reopen"}).status_code == 303
    assert statuses("reopened") == {"ana": 303, "ben": 303}
    site.at(WORLD_AT + timedelta(days=3))
    assert statuses("after") == {"ana": 409, "ben": 409}
    ines, url = site.client("ines"), f"{world.course}/manage/boards/{board}"
    sent = fields_of(ines.get(url).text, f"boards/{board}")
    assert ines.send(url, sent | {"cut-off-on": "", "cut-off-minute": "", "deed": "save"}).status_code == 303
    assert statuses("cleared") == {"ana": 303, "ben": 303}


def test_closing_by_hand_excuses_every_group_alike(site: Site) -> None:
    groups_of(site, Alpha="ana", Beta="ben")
    due = (CheckpointSpec("first_post", due=Wall(WORLD_AT.date() + timedelta(days=1))),)
    board = grouped_board(site, form="single", checkpoints=due)
    thread = prompts_of(site, board)["Alpha"]
    site.client("ines").send(f"{site.world.course}/threads/{thread}/state", {"deed": "close"})
    for short in ("ana", "ben"):
        assert (
            "You are excused from this." in site.client(short).get(f"{site.world.course}/boards/{board}").text
        )


def test_what_was_written_in_ones_group_counts(site: Site) -> None:
    groups_of(site, Alpha="ana chidi", Beta="ben")
    due = Wall(WORLD_AT.date() + timedelta(days=2))
    asked = (CheckpointSpec("first_post", due=due), CheckpointSpec("replies", replies=1, people=1, due=due))
    board = grouped_board(site, form="single", checkpoints=asked)
    threads = prompts_of(site, board)
    at = WORLD_AT - timedelta(hours=2)
    first = written_by(site, "chidi", str(threads["Alpha"]), WORDS, at)
    written_by(site, "ana", str(threads["Alpha"]), WORDS, at)
    written_by(site, "ana", str(threads["Alpha"]), WORDS, at, first)
    page = site.client("ana").get(f"{site.world.course}/boards/{board}").text
    assert page.count(", on time.") == 2
    table = site.client("ines").get(f"{site.world.course}/boards/{board}/participation").text
    assert table.count('data-state="on-time"') == 3


def test_how_many_there_were_to_answer_is_asked_of_ones_own_group(site: Site) -> None:
    """Alone in a group nobody could be answered, whatever was written in others."""
    groups_of(site, Alpha="ana", Beta="ben chidi")
    due = Wall((WORLD_AT + timedelta(days=1)).date())
    asked = (CheckpointSpec("replies", replies=2, people=2, due=due),)
    board = grouped_board(site, form="single", checkpoints=asked)
    threads = prompts_of(site, board)
    for short in ("ben", "chidi"):
        written_by(site, short, str(threads["Beta"]), WORDS, WORLD_AT - timedelta(days=1))
    site.at(WORLD_AT + timedelta(days=3))
    page = site.client("ana").get(f"{site.world.course}/boards/{board}").text
    assert "You are excused from this." in page
    assert (
        "You are excused from this." not in site.client("ben").get(f"{site.world.course}/boards/{board}").text
    )
    rows = site.client("ines").get(f"{site.world.course}/boards/{board}/participation").text
    assert rows.count('data-state="excused"') == 2  # Ana, and Dana who is in no group


def test_a_discussion_of_a_group_is_titled_anew_and_is_out_of_sight_without_groups(site: Site) -> None:
    groups_of(site, Alpha="ana")
    board = grouped_board(site, form="single")
    ines, url = site.client("ines"), f"{site.world.course}/manage/boards/{board}"
    sent = fields_of(ines.get(url).text, f"boards/{board}")
    assert ines.send(url, sent | {"groups": "none", "deed": "save"}).status_code == 303
    assert set(prompts_of(site, board)) == {None}
    sent = fields_of(ines.get(url).text, f"boards/{board}")
    assert ines.send(url, sent | {"groups": "separate", "deed": "save"}).status_code == 303
    assert set(prompts_of(site, board)) == {"Alpha"}


def test_a_group_made_by_a_roster_has_its_discussion(site: Site) -> None:
    board = grouped_board(site, form="single")
    with site.app.app_context(), transaction() as session:
        courses.group_called(session, session.get_one(Course, site.world.course_id), "Delta", at=WORLD_AT)
    assert set(prompts_of(site, board)) == {"Delta"}
