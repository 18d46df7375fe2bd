"""Boards for some sections or groups: others neither see them nor write, and nothing is asked of them."""

import pytest

from forum.boards.commands import CheckpointSpec
from forum.core.moments import Wall
from forum.courses.models import Section
from tests.conftest import Site
from tests.slices.board_steps import board_row, fields_of
from tests.slices.group_steps import grouped_board, groups_of, key_of, new_thread, started
from tests.slices.test_groups_threads import in_own_section
from tests.slices.writing_steps import WORDS
from tests.world import WORLD_AT


def north(site: Site) -> frozenset[tuple[str, int]]:
    return frozenset({("section", key_of(site, site.world.sections["North"], Section))})


def knows(site: Site, short: str, board: str) -> tuple[int, bool, bool]:
    """What the board answers, and whether the pages that gather name it."""
    client, world = site.client(short), site.world
    return (client.get(f"{world.course}/boards/{board}").status_code, "Dikes and dams" in client.get(world.course).text,
            "Dikes and dams" in client.get("/").text)  # fmt: skip


@pytest.mark.behavior("B088", "B122")
def test_who_is_not_of_the_audience_does_not_know_of_the_board(site: Site) -> None:
    due = Wall(WORLD_AT.date())
    board = grouped_board(
        site, "none", audience=north(site), checkpoints=(CheckpointSpec("first_post", due=due),)
    )
    thread = started(site, "ines", board, "For the North")
    path = f"{site.world.course}/threads/{thread}"
    assert {short: knows(site, short, board) for short in ("ana", "chidi", "olga")} == {
        "ana": (200, True, True), "chidi": (404, False, False), "olga": (404, False, False),
    }  # fmt: skip
    chidi = site.client("chidi")
    assert chidi.get(path).status_code == 404
    assert chidi.send(f"{path}/replies", {"text": WORDS, "key": "key-of-chidi"}).status_code == 404
    assert new_thread(chidi, site, board).status_code == 404
    assert (
        site.client("ana").send(f"{path}/replies", {"text": WORDS, "key": "key-of-ana-1"}).status_code == 303
    )


@pytest.mark.behavior("B122")
def test_of_staff_only_who_is_there_for_other_sections_is_left_out(site: Site) -> None:
    board = grouped_board(site, "none", audience=north(site))
    assert knows(site, "tariq", board)[0] == 200
    in_own_section(site, "tariq", "South")
    assert knows(site, "tariq", board)[:2] == (404, False)
    assert knows(site, "ines", board)[0] == 200


def test_participation_lists_whom_the_board_is_for(site: Site) -> None:
    due = Wall(WORLD_AT.date())
    board = grouped_board(
        site, "none", audience=north(site), checkpoints=(CheckpointSpec("first_post", due=due),)
    )
    page = site.client("ines").get(f"{site.world.course}/boards/{board}/participation").text
    assert ("Ana Lindqvist" in page, "Chidi Okafor" in page) == (True, False)


def test_a_limited_board_of_groups_offers_those_that_it_is_for(site: Site) -> None:
    ids = groups_of(site, Alpha="ana", Beta="ana ben")
    board = grouped_board(site, audience=frozenset({("group", key_of(site, ids["Beta"]))}))
    assert new_thread(site.client("ana"), site, board, group=ids["Alpha"]).status_code == 422
    assert new_thread(site.client("ana"), site, board, group=ids["Beta"]).status_code == 303
    assert knows(site, "dana", board)[0] == 404


def test_seeing_as_a_student_goes_by_the_chosen_section(site: Site) -> None:
    board = grouped_board(site, "none", audience=north(site))
    for title, status in (("North", 200), ("South", 404), ("", 404)):
        chosen = {"section": site.world.sections.get(title, ""), "group": "", "zone": ""}
        ines = site.client("ines")
        assert ines.send(f"{site.world.course}/as-student", chosen).status_code == 303
        assert ines.get(f"{site.world.course}/boards/{board}").status_code == status


def test_the_form_says_whom_a_board_is_for_and_lets_it_only_grow_once_there_are_posts(site: Site) -> None:
    groups_of(site, Alpha="ana")
    board = grouped_board(site, "none", audience=north(site))
    ines, url = site.client("ines"), f"{site.world.course}/manage/boards/{board}"
    page = ines.get(url).text
    north_key, south_key = (f"section-{site.world.sections[title]}" for title in ("North", "South"))
    sent = fields_of(page, f"boards/{board}")
    assert sent["audience"] == north_key
    started(site, "ana", board, "One thread")
    answer = ines.send(url, sent | {"audience": south_key, "deed": "save"})
    assert (answer.status_code, "nobody can be left out" in answer.text) == (422, True)
    assert ines.send(url, sent | {"audience": [north_key, south_key], "deed": "save"}).status_code == 303
    assert knows(site, "chidi", board)[0] == 200
    sent = fields_of(ines.get(url).text, f"boards/{board}")
    del sent["audience"]
    assert ines.send(url, sent | {"deed": "save"}).status_code == 303
    assert board_row(site, board).limited is False
