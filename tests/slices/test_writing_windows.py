"""Words of two windows, and of a window that the forum did not hear for a while: what is kept, and what is told."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum.boards.commands import BoardSpec
from forum.boards.specs import CheckpointSpec
from forum.core.db import db
from forum.core.moments import Wall
from forum.posts.models import Post
from tests.conftest import Site
from tests.slices.test_staff_questions import ask, asked
from tests.slices.test_writing_drafts import drafts_of, save
from tests.slices.writing_steps import WORDS, board_of, posts_by, reply, written_by
from tests.world import WORLD_AT, World

LONG = " ".join([WORDS] * 12)


def kept(site: Site, short: str = "ana") -> list[str]:
    return [draft.source for draft in drafts_of(site, short)]


def back(site: Site, short: str, place: str, words: str, seq: int = 1, **more: Any) -> dict[str, Any]:
    answer = save(site.client(short), site, place, words, seq, back="1", **more)
    assert answer.status_code == 200
    assert answer.json is not None
    return dict(answer.json["back"])


def test_a_post_leaves_the_draft_that_another_window_saved_meanwhile(site: Site, world: World) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    save(ana, site, f"thread:{thread}", "Words of the other window.", 1, key="key-of-the-other")
    assert reply(ana, site, thread, WORDS, seq="0").status_code == 303
    assert kept(site) == ["Words of the other window."]


def test_a_post_sent_while_another_windows_save_has_the_same_number_leaves_it(
    site: Site, world: World
) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    save(ana, site, f"thread:{thread}", "Words of the other window.", 1, key="key-of-the-other")
    assert reply(ana, site, thread, WORDS, seq="1").status_code == 303
    assert kept(site) == ["Words of the other window."]


@pytest.mark.parametrize(
    "seq",
    [
        pytest.param("3", id="its own draft"),
        pytest.param("4", id="ahead of its own draft"),
        pytest.param("", id="a form that does not say"),
    ],
)
def test_a_post_takes_the_place_of_its_own_draft(site: Site, world: World, seq: str) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    save(ana, site, f"thread:{thread}", "Half a thought", 3, key="key-of-a-test")
    assert reply(ana, site, thread, WORDS, seq=seq).status_code == 303
    assert kept(site) == []


def test_a_draft_with_the_words_of_a_post_goes_with_it_whichever_window_saved_it(
    site: Site, world: World
) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    save(ana, site, f"thread:{thread}", WORDS, 7, key="key-of-the-other")
    assert reply(ana, site, thread, WORDS, seq="0").status_code == 303
    assert kept(site) == []


def test_an_edit_leaves_the_draft_that_another_window_saved_meanwhile(site: Site, world: World) -> None:
    with site.app.app_context():
        post = db.session.scalars(
            select(Post).where(Post.author_id == world.people["ben"], Post.opens_thread.is_(False))
        ).first()
        assert post is not None
        place, revision = post.public_id, post.revision
    ben = site.client("ben")
    save(ben, site, f"edit:{place}", "Another edit.", 1, key="key-of-the-other")
    sent = {"text": WORDS, "key": "key-of-an-edit", "revision": revision, "seq": "0"}
    assert ben.send(f"{world.course}/posts/{place}/edit", sent).status_code == 303
    assert "Another edit." in kept(site, "ben")


def test_an_older_save_is_shown_what_is_kept(site: Site, world: World) -> None:
    ana, place = site.client("ana"), f"board:{world.boards['sources']}"
    save(ana, site, place, "newer", 5, title="Of the other window")
    answer = save(ana, site, place, "older", 5, title="Of this one")
    assert answer.status_code == 409
    assert answer.json == {
        "refused": "older", "seq": 5, "newer": {"text": "newer", "title": "Of the other window"},
    }  # fmt: skip


def test_who_could_not_be_heard_is_told_that_it_would_be_on_time(site: Site, world: World) -> None:
    told = back(site, "ana", f"thread:{world.threads['floods']}", LONG)
    assert told["url"] is None
    assert told["text"].startswith(
        "The forum has your words now: they are saved as a draft, and not posted. "
    )
    assert "If you post it now, it counts as on time. Due Thursday" in told["text"]
    assert told["text"].endswith("Do you want to post them now?")
    assert posts_by(site, "ana") == []


def test_who_could_not_be_heard_is_told_by_how_much_it_would_be_late(site: Site, world: World) -> None:
    site.at(WORLD_AT + timedelta(days=5))
    told = back(site, "ana", f"thread:{world.threads['floods']}", LONG)
    assert "If you post it now, it counts as 2 days 13 hours late. Do you want" in told["text"]


def test_without_asking_nothing_is_said_of_what_it_would_count_as(site: Site, world: World) -> None:
    answer = save(site.client("ana"), site, f"thread:{world.threads['floods']}", LONG, 1)
    assert answer.json is not None
    assert answer.json["back"] is None


def test_staff_are_told_no_more_than_that_it_is_a_draft(site: Site, world: World) -> None:
    told = back(site, "ines", f"thread:{world.threads['floods']}", LONG)
    assert told == {
        "text": "The forum has your words now: they are saved as a draft, and not posted.", "url": None,
    }  # fmt: skip


def test_words_that_were_posted_before_the_way_was_lost_are_said_to_be(site: Site, world: World) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    assert reply(ana, site, thread, WORDS).status_code == 303
    told = back(site, "ana", f"thread:{thread}", WORDS, key="key-of-a-test")
    [post] = posts_by(site, "ana")
    assert told == {"text": "Your words were posted.", "url": f"{world.course}/posts/{post.public_id}"}
    assert kept(site) == []


def test_an_edit_that_was_taken_before_the_way_was_lost_is_said_to_be(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT - timedelta(hours=1))
    told = back(site, "ana", f"edit:{post}", WORDS)
    assert told == {"text": "Your edit was taken.", "url": f"{world.course}/posts/{post}"}


def test_the_address_of_a_deed_is_told_to_who_asks_for_it(site: Site, world: World) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    path = f"{world.course}/threads/{thread}/replies"
    answer = ana.send(path, {"text": WORDS, "key": "key-of-a-test"}, headers={"X-Tell-Address": "1"})
    [post] = posts_by(site, "ana")
    assert answer.status_code == 200
    assert answer.headers["X-Tell-Address"] == f"{world.course}/posts/{post.public_id}"
    assert "Location" not in answer.headers
    refused = ana.send(path, {"text": " ", "key": "key-of-a-blank"}, headers={"X-Tell-Address": "1"})
    assert (refused.status_code, refused.headers["X-Tell-Address"]) == (422, "")


def test_words_under_the_minimum_are_said_not_to_count(site: Site, world: World) -> None:
    told = back(site, "ana", f"thread:{world.threads['floods']}", "Too short.")
    assert "It has fewer words than are asked, so it would not count yet." in told["text"]


def test_words_for_a_closed_board_are_said_not_to_be_taken(site: Site, world: World) -> None:
    site.at(WORLD_AT + timedelta(days=90))
    told = back(site, "ana", f"thread:{world.threads['floods']}", LONG)
    assert "Do you want to post them now?" not in told["text"]
    assert "closed" in told["text"]


def test_a_reply_where_only_staff_read_is_said_to_count_for_nothing(site: Site, world: World) -> None:
    replies = CheckpointSpec("replies", replies=1, people=1, due=Wall(date(2026, 11, 28)))
    board, _thread = board_of(
        site, BoardSpec("Asked", form="threads", staff_questions=True, checkpoints=(replies,))
    )
    assert ask(site, "ben", board).status_code == 303
    thread, _post = asked(site)
    answer = written_by(site, "tariq", thread, WORDS, WORLD_AT)
    told = back(site, "ben", f"post:{answer}", WORDS)
    assert "Only staff read it here, and it counts for nothing that is asked." in told["text"]
    assert "on time" not in told["text"]
