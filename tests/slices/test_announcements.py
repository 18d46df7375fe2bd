"""Boards for announcements: who writes there, and what of it stands on the home of the course."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from forum.boards.commands import BoardSpec, hide_board
from forum.boards.models import Board
from forum.boards.queries import board_for
from forum.core.db import transaction
from forum.core.errors import Refused
from forum.courses import policy
from forum.courses.policy import Action
from forum.posts import commands as posts
from forum.posts.models import Post
from tests.conftest import Site
from tests.slices.board_steps import fields_of, path_of
from tests.slices.writing_steps import WORDS, board_of, member, reply, started_by
from tests.world import WORLD_AT, World


def start(client: Any, site: Site, board: str, key: str = "key-announce-1") -> Any:
    return client.send(
        f"{site.world.course}/boards/{board}/threads", {"text": WORDS, "title": "News", "key": key}
    )


def news_board(site: Site, **more: Any) -> tuple[str, str, str]:
    """A board for announcements with one of them, by Inés: board, thread, opening."""
    board, _thread = board_of(site, BoardSpec("Course news", form="announcement", **more))
    return board, *started_by(site, "ines", board, "The room has changed", WORLD_AT - timedelta(hours=1))


def home(site: Site, short: str) -> str:
    page = site.client(short).get(site.world.course).text
    begin = page.find('<section class="announcements"')
    return page[begin : page.index("</section>", begin)] if begin >= 0 else ""


@pytest.mark.behavior("B010")
def test_where_the_board_says_so_students_reply_and_still_start_nothing(site: Site, world: World) -> None:
    board, thread, opening = news_board(site, announcements_answered=True)
    ana = site.client("ana")
    page = ana.get(f"{world.course}/boards/{board}").text
    assert "Start a thread" not in page
    assert "Threads are started by staff here; you can reply." in page
    assert start(ana, site, board).status_code == 409
    assert reply(ana, site, thread, WORDS).status_code == 303
    assert (
        ana.send(
            f"{world.course}/posts/{opening}/replies", {"text": WORDS, "key": "key-announce-2"}
        ).status_code
        == 303
    )
    silent, thread, _opening = news_board(site)
    assert "it takes no posts from students" in ana.get(f"{world.course}/boards/{silent}").text
    refused = reply(ana, site, thread, WORDS, "key-announce-3")
    assert refused.status_code == 409
    assert "Only staff write here." in refused.text
    assert WORDS in refused.text  # nothing that was typed is lost


@pytest.mark.behavior("B010")
@pytest.mark.parametrize("right", [Action.START_ANNOUNCEMENT, Action.ANSWER_ANNOUNCEMENT])
def test_starting_and_replying_are_permissions_of_their_own(site: Site, world: World, right: Action) -> None:
    """A student who had one of the two could do that one thing."""
    board, thread, _opening = news_board(site)
    with site.app.app_context():
        chidi = replace(member(site, "chidi"))
        vars(chidi)["_allowed"] = frozenset(each for each in Action if policy.may(chidi, each)) | {right}
        deeds = {
            Action.START_ANNOUNCEMENT: lambda session: posts.start_thread(
                session, chidi, board, posts.write(WORDS, "key-announce-6", title="News"), at=WORLD_AT
            ),
            Action.ANSWER_ANNOUNCEMENT: lambda session: posts.post_reply(
                session, chidi, thread, posts.write(WORDS, "key-announce-7"), at=WORLD_AT
            ),
        }
        codes = {Action.START_ANNOUNCEMENT: "staff_announce", Action.ANSWER_ANNOUNCEMENT: "staff_only"}
        for asked, deed in deeds.items():
            if asked is right:
                with transaction() as session:
                    assert deed(session).public_id
                continue
            with pytest.raises(Refused) as refused, transaction() as session:
                deed(session)
            assert refused.value.code == codes[asked]


def test_staff_choose_whether_announcements_are_answered(site: Site, world: World) -> None:
    ines, path = site.client("ines"), path_of(world, "news")
    fields = fields_of(ines.get(path).text, path)
    assert "announcements_answered" not in fields
    assert ines.send(path, {**fields, "announcements_answered": "y", "deed": "save"}).status_code == 303
    assert "announcements_answered" in fields_of(ines.get(path).text, path)
    thread, _opening = started_by(site, "tariq", world.boards["news"], "Snow", WORLD_AT)
    assert reply(site.client("ana"), site, thread, WORDS).status_code == 303


def test_the_home_of_the_course_shows_the_latest_announcements_pinned_ones_first(
    site: Site, world: World
) -> None:
    assert home(site, "ana") == ""
    board, thread, _opening = news_board(site)
    for number in range(4):
        started_by(
            site,
            "tariq",
            board,
            f"Announcement {number}",
            WORLD_AT - timedelta(minutes=30 - number),
            f"Words of *number* {number}.",
        )
    with site.app.app_context(), transaction() as session:
        posts.set_thread_pinned(session, member(site, "ines"), thread, True, at=WORLD_AT)
    for short in ("ana", "olga", "ines"):
        shown = home(site, short)
        places = [shown.find(title) for title in ("The room has changed", "Announcement 3", "Announcement 2")]
        assert -1 not in places
        assert places == sorted(places)
        assert "Announcement 1" not in shown
        assert "Words of number 3." in shown
        assert f'href="{world.course}/boards/{board}"' in shown


def test_what_may_not_be_read_is_not_on_the_home(site: Site, world: World) -> None:
    board, thread, opening = news_board(site)
    assert "The room has changed" in home(site, "ana")

    def change(deed: Any) -> None:
        with site.app.app_context(), transaction() as session:
            deed(session)

    ines: Any = None
    with site.app.app_context():
        ines = member(site, "ines")
    for away, back in (
        (lambda s: posts.remove_post(s, ines, opening, at=WORLD_AT),
         lambda s: posts.restore_post(s, ines, opening, at=WORLD_AT)),
        (lambda s: posts.set_thread_removed(s, ines, thread, True, at=WORLD_AT),
         lambda s: posts.set_thread_removed(s, ines, thread, False, at=WORLD_AT)),
        (lambda s: s.execute(update(Post).where(Post.public_id == opening).values(held_at=WORLD_AT)),
         lambda s: s.execute(update(Post).where(Post.public_id == opening).values(held_at=None))),
        (lambda s: hide_board(s, ines, board_for(s, ines, board, WORLD_AT), at=WORLD_AT),
         lambda s: s.execute(update(Board).where(Board.public_id == board).values(published_at=WORLD_AT))),
    ):  # fmt: skip
        change(away)
        assert "The room has changed" not in home(site, "ana")
        change(back)
        assert "The room has changed" in home(site, "ana")


def test_an_announcement_that_waits_is_not_on_the_home_until_it_appears(site: Site, world: World) -> None:
    board, _thread = board_of(site, BoardSpec("Course news", form="announcement"))
    with site.app.app_context():
        ines = member(site, "ines")
        text = posts.write("Tomorrow we begin at ten.", posts.new_key(), title="Later start")
        with transaction() as session:
            posts.start_thread(
                session, ines, board, text, at=WORLD_AT, shown_from=WORLD_AT + timedelta(hours=20)
            )
    for short in ("ana", "tariq", "ines"):
        assert "Later start" not in home(site, short)
    site.at(WORLD_AT + timedelta(hours=20))
    assert "Later start" in home(site, "ana")
