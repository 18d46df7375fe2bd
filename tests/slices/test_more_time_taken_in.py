"""Words that were refused are taken in with a grant: with their own arrival, judged by the new date, proved again."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from forum.boards.commands import BoardSpec, CheckpointSpec
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.more_time.models import TimeRequest
from forum.posts.models import Draft, Post, Thread
from forum.receipts.rules import Result
from tests.conftest import Site
from tests.world import WORLD_AT, World

from .board_steps import fields_of
from .more_time_steps import CUT_OFF, answer_path, answered, ask_path, asked, dues_of, requests_now, seen_form
from .receipt_steps import chain_of, checked, receipts_by
from .writing_steps import WORDS, board_of, posts_by, reply

ARRIVED = CUT_OFF + timedelta(minutes=3)
GRANTED = CUT_OFF + timedelta(hours=20)


def refused(site: Site, short: str = "ana", words: str = WORDS, key: str = "key-of-refused-words") -> None:
    """Words for Floods that came three minutes after the cut-off."""
    site.at(ARRIVED)
    assert reply(site.client(short), site, site.world.threads["floods"], words, key).status_code == 409


def wished(site: Site, short: str = "ana", **more: str) -> TimeRequest:
    site.at(ARRIVED + timedelta(minutes=10))
    return asked(site, short, **{"on": "2026-12-01", "hands_in": "y", **more})


def granted(site: Site, row: TimeRequest, **more: str) -> Any:
    site.at(GRANTED)
    ines = site.client("ines")
    answer = answered(ines, site, row, **more)
    assert answer.status_code == 303, answer.text
    return ines.get(answer.location).text


def drafts_of(site: Site, short: str) -> list[str]:
    with site.app.app_context():
        db.session.rollback()
        return list(
            db.session.scalars(select(Draft.source).where(Draft.account_id == site.world.people[short]))
        )


def test_the_form_offers_to_hand_in_what_was_refused(site: Site) -> None:
    assert "hands_in" not in site.client("ana").get(ask_path(site)).text
    refused(site)
    page = site.client("ana").get(ask_path(site)).text
    assert (
        "An answer in the discussion, 17 words, arrived Sunday 29 November 2026, 11:04, Chicago time" in page
    )
    assert "hands_in" in page
    assert "hands_in" not in site.client("ben").get(ask_path(site)).text


def test_refused_words_become_the_post_with_their_own_arrival(site: Site, world: World) -> None:
    refused(site)
    row = wished(site)
    page = site.client("ines").get(answer_path(site, row)).text
    assert "17 words, arrived Sunday 29 November 2026, 18:04, Madrid time" in page
    assert "bridge keeper" not in page, "a draft is read by its author and nobody else"
    told = granted(site, row, text="Yes.")
    assert "is a post now, with its own arrival" in told
    (post,) = posts_by(site, "ana")
    assert (post.arrived_at, post.appears_at) == (ARRIVED, GRANTED)
    assert drafts_of(site, "ana") == []
    before, after = receipts_by(site, "ana")
    assert (before.kind, after.kind, after.post_id) == ("refused", "accepted", post.id)
    assert (after.arrived_at, after.due_at, after.verdict) == (ARRIVED, dues_of(site, "ana")[0], "on_time")
    assert chain_of(site).is_whole
    assert checked(site, after.token).result is Result.VALID
    board = site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").text
    assert "Done Sunday 29 November 2026, 11:04, on time." in board
    assert "What you had sent is posted, with the arrival that it had." in board
    assert "bridge keeper" in site.client("ben").get(f"{world.course}/threads/{world.threads['floods']}").text


def test_it_is_judged_by_the_new_date_and_may_be_late(site: Site) -> None:
    refused(site)
    row = wished(site)
    site.at(GRANTED)
    ines = site.client("ines")
    form = {**seen_form(ines, site, row), "due-on": "2026-11-29", "due-minute": "17:30", "cut-off-on": "2026-11-29",
            "cut-off-minute": "19:00"}  # fmt: skip
    looked = ines.send(answer_path(site, row), {**form, "deed": "look"}).text
    sent = {**fields_of(looked, f"/requests/{row.public_id}"), "deed": "grant"}
    assert ines.send(answer_path(site, row), sent).status_code == 303
    (post,) = posts_by(site, "ana")
    assert post.arrived_at == ARRIVED
    assert receipts_by(site, "ana")[-1].verdict == "late"


def test_what_came_after_even_the_new_date_stays_a_draft_and_it_is_said(site: Site) -> None:
    refused(site)
    row = wished(site)
    site.at(GRANTED)
    ines = site.client("ines")
    form = {**seen_form(ines, site, row), "due-on": "2026-11-29", "due-minute": "17:30"}
    looked = ines.send(answer_path(site, row), {**form, "deed": "look"}).text
    sent = {**fields_of(looked, f"/requests/{row.public_id}"), "deed": "grant"}
    assert (
        "It arrived after what you granted."
        in ines.get(ines.send(answer_path(site, row), sent).location).text
    )
    assert posts_by(site, "ana") == []
    assert drafts_of(site, "ana") == [WORDS]
    assert requests_now(site)[0].state == "granted"


def test_pressing_grant_twice_takes_it_in_once(site: Site) -> None:
    refused(site)
    row = wished(site)
    site.at(GRANTED)
    ines = site.client("ines")
    form = {**seen_form(ines, site, row), "deed": "grant"}
    assert [ines.send(answer_path(site, row), form).status_code for _press in range(2)] == [303, 303]
    assert len(posts_by(site, "ana")) == 1


@pytest.mark.parametrize("who", ["student", "instructor"])
def test_nothing_is_taken_in_without_both(site: Site, who: str) -> None:
    refused(site)
    row = wished(site, hands_in="y" if who == "instructor" else "")
    site.at(GRANTED)
    ines = site.client("ines")
    form = {**seen_form(ines, site, row), "deed": "grant"}
    if who == "instructor":
        del form["takes_in"]
    else:
        assert "takes_in" not in form
        form["takes_in"] = "y"
    assert ines.send(answer_path(site, row), form).status_code == 303
    assert posts_by(site, "ana") == []
    assert drafts_of(site, "ana") == [WORDS]


def test_words_that_were_changed_since_have_no_arrival_to_be_taken_in_with(site: Site, world: World) -> None:
    refused(site)
    row = wished(site)
    ana = site.client("ana")
    reply(ana, site, world.threads["floods"], WORDS + " And one more.", "key-of-refused-words", deed="draft")
    page = site.client("ines").get(answer_path(site, row)).text
    assert "changed since it was refused" in page
    assert "takes_in" not in page
    granted(site, row)
    assert posts_by(site, "ana") == []
    assert drafts_of(site, "ana") == [WORDS + " And one more."]
    board = ana.get(f"{world.course}/boards/{world.boards['floods']}").text
    assert "you can post it yourself" in board


def test_a_thread_that_is_gone_is_said(site: Site, world: World) -> None:
    refused(site)
    row = wished(site)
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Thread)
            .where(Thread.public_id == world.threads["floods"])
            .values(removed_at=GRANTED, version=99)
        )
    assert "The thread that it was for is gone" in granted(site, row)
    assert posts_by(site, "ana") == []
    assert drafts_of(site, "ana") == [WORDS]


def test_a_reply_whose_post_was_removed_is_said(site: Site, world: World) -> None:
    site.at(ARRIVED)
    ana = site.client("ana")
    ana.send(f"{world.course}/posts/{world.posts['ben']}/replies", {"text": WORDS, "key": "key-of-a-reply"})
    row = wished(site)
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Post)
            .where(Post.public_id == world.posts["ben"])
            .values(removed_at=GRANTED, removed_by_id=world.people["ben"])
        )
    assert "The post that it answers was removed" in granted(site, row)
    assert drafts_of(site, "ana") == [WORDS]


def test_several_texts_are_taken_in_by_their_arrival(site: Site, world: World) -> None:
    refused(site)
    site.at(ARRIVED + timedelta(minutes=1))
    ana = site.client("ana")
    ana.send(
        f"{world.course}/posts/{world.posts['ben']}/replies",
        {"text": WORDS + " Twice.", "key": "key-of-a-reply"},
    )
    assert "2 refused texts are posts now" in granted(site, wished(site))
    first, second = posts_by(site, "ana")
    assert [first.arrived_at, second.arrived_at] == [ARRIVED, ARRIVED + timedelta(minutes=1)]
    assert second.parent_id is not None
    assert chain_of(site).is_whole
    assert requests_now(site)[0].taken_in == 2


def test_words_for_another_board_are_none_of_it(site: Site, world: World) -> None:
    site.at(ARRIVED)
    ana = site.client("ana")
    assert reply(ana, site, world.threads["closed"], WORDS, "key-of-another").status_code == 409
    row = wished(site)
    assert "17 words" not in site.client("ines").get(answer_path(site, row)).text
    granted(site, row)
    assert posts_by(site, "ana") == []


def test_a_new_thread_that_was_refused_is_started(site: Site, world: World) -> None:
    due = Wall(WORLD_AT.date() + timedelta(days=1))
    spec = BoardSpec(
        "Towns",
        form="threads",
        cut_off=Wall(date(2026, 11, 26)),
        checkpoints=(CheckpointSpec("first_post", due=due),),
    )
    board, _thread = board_of(site, spec)
    world.boards["towns"] = board
    try:
        site.at(ARRIVED)
        path = f"{world.course}/boards/{board}/threads"
        answer = site.client("ana").send(path, {"title": "My town", "text": WORDS, "key": "key-of-a-thread"})
        assert answer.status_code == 409
        site.at(ARRIVED + timedelta(minutes=10))
        granted(site, asked(site, "ana", "towns", on="2026-12-01", hands_in="y"))
        (post,) = posts_by(site, "ana")
        assert (post.arrived_at, post.opens_thread) == (ARRIVED, True)
        assert "My town" in site.client("ben").get(f"{world.course}/boards/{board}").text
    finally:
        del world.boards["towns"]
