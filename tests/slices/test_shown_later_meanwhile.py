"""A post that waits to be shown: what its author can do with it, and what happens meanwhile (docs/time.md, rule 15)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from forum.core import clock
from forum.core.db import transaction
from forum.courses.models import Enrollment
from forum.posts.models import Post
from tests.conftest import Site
from tests.slices.later_steps import MADRID_8, MOMENT, OTHERS, hand_in, post_row, thread_of
from tests.world import WORLD_AT, World

# --- what can be done with it before ------------------------------------------------------------------------------------------


def test_mine_lists_what_waits_with_its_verdict_until_it_appears(site: Site, world: World) -> None:
    ben, path = site.client("ben"), thread_of(world, "floods")
    assert "to be shown later" not in ben.get("/mine").text
    hand_in(ben, f"{path}/replies")
    page = ben.get("/mine").text
    assert "Handed in, to be shown later" in page
    assert "CANARY-WAITS" in page
    assert "<b>on time</b>" in page
    assert page.count("CANARY-WAITS") == 1
    assert "CANARY" not in site.client("ana").get("/mine").text
    site.at(MADRID_8)
    page = ben.get("/mine").text
    assert "Handed in, to be shown later" not in page
    assert "CANARY-WAITS" in page


def test_shown_now_it_is_there_for_all_and_counts_from_when_it_was_handed_in(
    site: Site, world: World
) -> None:
    ben, path = site.client("ben"), thread_of(world, "floods")
    hand_in(ben, f"{path}/replies")
    post = post_row(site)
    site.at(WORLD_AT + timedelta(hours=1))
    assert ben.send(f"{world.course}/posts/{post.public_id}/waiting", {"deed": "show"}).status_code == 303
    row = post_row(site)
    assert (row.arrived_at, row.appears_at, row.position) == (WORLD_AT, WORLD_AT + timedelta(hours=1), 4)
    assert "CANARY-WAITS" in site.client("ana").get(path).text
    again = ben.send(f"{world.course}/posts/{post.public_id}/waiting", {"deed": "withdraw"})
    assert again.status_code == 303
    assert post_row(site).removed_at is None


@pytest.mark.parametrize("short", [short for short in OTHERS if short not in ("olga", "ada")])
def test_nobody_else_can_show_or_withdraw_it(site: Site, world: World, short: str) -> None:
    hand_in(site.client("ben"), f"{thread_of(world, 'floods')}/replies")
    post = post_row(site)
    for deed in ("show", "withdraw"):
        answer = site.client(short).send(f"{world.course}/posts/{post.public_id}/waiting", {"deed": deed})
        assert answer.status_code == 404
    assert post_row(site).appears_at == MADRID_8
    assert post_row(site).removed_at is None


def test_words_begun_meanwhile_stay_when_a_post_is_withdrawn(site: Site, world: World) -> None:
    ben, path = site.client("ben"), thread_of(world, "floods")
    hand_in(ben, f"{path}/replies")
    ben.send(f"{path}/replies", {"text": "Begun meanwhile.", "key": "later-0005", "deed": "draft"})
    ben.send(f"{world.course}/posts/{post_row(site).public_id}/waiting", {"deed": "withdraw"})
    text = ben.get(path).text.split("<textarea")[1].split("</textarea>")[0]
    assert "Begun meanwhile." in text
    assert "CANARY-WAITS" in text


def test_a_thread_that_waits_is_its_authors_alone_and_comes_back_as_a_draft(site: Site, world: World) -> None:
    ben, ines = site.client("ben"), site.client("ines")
    board = f"{world.course}/boards/{world.boards['questions']}"
    answer = hand_in(ben, f"{board}/threads", title="CANARY-TITLE")
    thread = answer.headers["Location"].split("#")[0]
    page = ben.get(board).text
    assert "CANARY-TITLE" in page
    assert "waits to be shown" in page
    assert "CANARY-WAITS" in ben.get(thread).text
    refused = ben.send(
        f"{thread}/replies", {"text": "To my own, before anybody can read it.", "key": "later-0006"}
    )
    assert refused.status_code == 409
    assert "not shown to others yet" in refused.text
    ben.send(f"{world.course}/posts/{post_row(site).public_id}/waiting", {"deed": "withdraw"})
    site.at(MADRID_8)
    assert "CANARY" not in ines.get(board).text + ben.get(board).text
    assert "CANARY-TITLE" in ben.get(f"{board}/new").text


def test_what_is_removed_before_it_appears_is_withdrawn(site: Site, world: World) -> None:
    ben, path = site.client("ben"), thread_of(world, "floods")
    hand_in(ben, f"{path}/replies")
    post = post_row(site)
    assert ben.send(f"{world.course}/posts/{post.public_id}/removal", {"reason": ""}).status_code == 303
    site.at(MADRID_8)
    page = site.client("ana").get(path).text
    assert "CANARY" not in page
    assert "was removed" not in page
    assert "CANARY-WAITS" in ben.get(path).text.split("<textarea")[1]


# --- whatever happens meanwhile -------------------------------------------------------------------------------------------------


def test_it_appears_whatever_was_closed_meanwhile(site: Site, world: World) -> None:
    path = thread_of(world, "floods")
    hand_in(site.client("ben"), f"{path}/replies")
    assert site.client("ines").send(f"{path}/state", {"deed": "close"}).status_code == 303
    site.at(MADRID_8)
    assert "CANARY-WAITS" in site.client("ana").get(path).text


@pytest.mark.parametrize(("left", "seen"), [(MADRID_8, False), (MADRID_8 + MOMENT, True)])
def test_it_does_not_appear_if_its_author_has_left_the_course_by_then(
    site: Site, world: World, left: datetime, seen: bool
) -> None:
    ben, path = site.client("ben"), thread_of(world, "floods")
    hand_in(ben, f"{path}/replies")
    hand_in(
        ben,
        f"{world.course}/boards/{world.boards['questions']}/threads",
        key="later-0002",
        title="CANARY-TITLE",
    )
    with site.app.app_context(), clock.standing_at(WORLD_AT), transaction() as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.account_id == world.people["ben"], Enrollment.course_id == world.course_id)
            .values(until_at=left)
        )
    site.at(MADRID_8 + timedelta(hours=1))
    for short in ("ana", "ines"):
        client = site.client(short)
        assert ("CANARY-WAITS" in client.get(path).text) is seen
        assert (
            "CANARY-TITLE" in client.get(f"{world.course}/boards/{world.boards['questions']}").text
        ) is seen


def test_it_does_not_appear_while_staff_hold_it(site: Site, world: World) -> None:
    path = thread_of(world, "floods")
    hand_in(site.client("ben"), f"{path}/replies")
    with site.app.app_context(), transaction() as session:
        session.execute(update(Post).where(Post.key == "later-0001").values(held_at=WORLD_AT))
    site.at(MADRID_8)
    assert "CANARY" not in site.client("ana").get(path).text


def test_a_reply_to_a_post_waits_too_and_stands_below_it(site: Site, world: World) -> None:
    chidi, ana = site.client("chidi"), site.client("ana")
    ben_post = world.posts["ben"]
    assert hand_in(chidi, f"{world.course}/posts/{ben_post}/replies").status_code == 303
    path = thread_of(world, "floods")
    assert "CANARY" not in ana.get(path).text
    site.at(datetime(2026, 11, 25, 8, 0, tzinfo=UTC))
    page = ana.get(path).text
    assert 'data-depth="1"' in next(part for part in page.split("<article") if "CANARY-WAITS" in part)


def test_ones_own_that_waits_cannot_be_answered(site: Site, world: World) -> None:
    ben, path = site.client("ben"), thread_of(world, "floods")
    hand_in(ben, f"{path}/replies")
    post = post_row(site)
    answer = ben.send(
        f"{world.course}/posts/{post.public_id}/replies", {"text": "Too early.", "key": "later-0008"}
    )
    assert answer.status_code == 404
