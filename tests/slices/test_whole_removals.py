"""All that one person wrote in a course is removed by staff in one act, and brought back in one."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from forum.core.db import db, transaction
from forum.courses.models import Enrollment
from forum.ledger.models import AuditEntry
from forum.posts import commands as posts
from forum.posts.models import Post, Thread
from tests.conftest import Site
from tests.slices.moderation_steps import act, deeds_of, post_row
from tests.slices.test_fragments import page_of
from tests.slices.writing_steps import member, posts_by, started_by, written_by
from tests.world import WORLD_AT, World

SPAM = "Buy cheap essays at the third bridge."
WHY = "This is advertising, and not for this course."
AT = WORLD_AT + timedelta(minutes=1)


def author_page(world: World, post: str) -> str:
    return f"{world.course}/moderation/posts/{post}/author"


def spam(site: Site, world: World) -> dict[str, str]:
    """Chidi's: a reply in *floods*, a thread of questions with a reply by Ana, besides what is in the world."""
    site.at(AT)
    reply = written_by(site, "chidi", world.threads["floods"], SPAM, WORLD_AT)
    thread, opening = started_by(site, "chidi", world.boards["questions"], "SPAM-TITLE", WORLD_AT, SPAM)
    answer = written_by(site, "ana", thread, "What is this?", WORLD_AT)
    return {"reply": reply, "thread": thread, "opening": opening, "answer": answer}


def remove_all(site: Site, post: str, reason: str = WHY, short: str = "ines", **more: str):
    return site.client(short).send(author_page(site.world, post), {"deed": "remove", "text": reason, **more})


@pytest.mark.behavior("B218")
def test_counts_are_shown_before_and_nothing_of_theirs_remains_after(site: Site, world: World) -> None:
    made = spam(site, world)
    number = len(posts_by(site, "chidi"))
    opened = sum(post.opens_thread for post in posts_by(site, "chidi"))
    page = site.client("ines").get(author_page(world, made["reply"])).text
    assert f"{number} posts are there to be removed" in page
    assert f"{opened} of them open" in page
    assert f"Remove all {number} posts" in page
    answer = remove_all(site, made["reply"])
    assert answer.status_code == 303
    after = site.client("ines").get(author_page(world, made["reply"])).text
    assert "There is no post of theirs here to be removed." in after
    assert all(post.removed_at == AT for post in posts_by(site, "chidi"))
    for short in ("ana", "dana"):
        for path in (
            f"{world.course}/threads/{world.threads['floods']}",
            f"{world.course}/threads/{made['thread']}",
            f"{world.course}/boards/{world.boards['questions']}",
        ):
            shown = page_of(site, short, path)
            assert SPAM not in shown
            assert "SPAM-TITLE" not in shown
            assert "Chidi" not in shown
    assert "What is this?" in page_of(site, "ana", f"{world.course}/threads/{made['thread']}")


def test_its_author_reads_the_reason_and_nobody_else(site: Site, world: World) -> None:
    made = spam(site, world)
    path = f"{world.course}/threads/{made['thread']}"
    for short in ("ana", "chidi"):
        page_of(site, short, path)
    remove_all(site, made["reply"])
    assert WHY in page_of(site, "chidi", path)
    assert WHY not in page_of(site, "ana", path)


def test_one_act_brings_all_back_but_what_was_removed_otherwise(site: Site, world: World) -> None:
    made = spam(site, world)
    act(site, world.posts["chidi"], "remove", "Not this one.")
    paths = [f"{world.course}/threads/{each}" for each in (world.threads["floods"], made["thread"])]
    before = [page_of(site, "ana", path) for path in paths]
    with site.app.app_context():
        counts = dict(db.session.execute(select(Thread.id, Thread.posts)).all())
    site.at(AT + timedelta(minutes=1))
    remove_all(site, made["reply"])
    assert [page_of(site, "ana", path) for path in paths] != before
    page = site.client("tariq").get(author_page(world, made["reply"])).text
    assert WHY in page
    number = re.search(r'name="act" value="(\d+)"', page)
    assert number
    site.at(AT + timedelta(minutes=2))
    answer = site.client("tariq").send(
        author_page(world, made["reply"]), {"deed": "restore", "act": number.group(1)}
    )
    assert answer.status_code == 303
    assert [page_of(site, "ana", path) for path in paths] == before
    assert post_row(site, world.posts["chidi"]).removed_at is not None
    assert post_row(site, made["reply"]).removal_reason is None
    with site.app.app_context():
        assert dict(db.session.execute(select(Thread.id, Thread.posts)).all()) == counts
    assert "Removed at once before" not in site.client("ines").get(author_page(world, made["reply"])).text


def test_the_ledger_tells_of_each_post_and_of_the_act_without_a_word(site: Site, world: World) -> None:
    made = spam(site, world)
    number = len(posts_by(site, "chidi"))
    remove_all(site, made["reply"])
    assert deeds_of(site, made["reply"]) == ["removed"]
    assert deeds_of(site, made["opening"]) == ["removed"]
    with site.app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "removed_all_posts")).one()
        assert (entry.actor_id, entry.subject_kind, entry.subject_id, entry.facts) == (
            world.people["ines"], "account", world.people["chidi"], {"posts": number},
        )  # fmt: skip


def test_a_reason_is_owed_and_what_was_typed_comes_back(site: Site, world: World) -> None:
    answer = remove_all(site, world.posts["chidi"], "  ")
    assert answer.status_code == 422
    assert 'id="text-error"' in answer.text
    long = "x" * 1_001
    answer = remove_all(site, world.posts["chidi"], long)
    assert answer.status_code == 422
    assert long in answer.text
    assert post_row(site, world.posts["chidi"]).removed_at is None


def test_what_staff_wrote_is_not_removed_at_once(site: Site, world: World) -> None:
    answer = remove_all(site, world.posts["ines"], short="tariq")
    assert answer.status_code == 409
    assert "They belong to the staff of this course." in answer.text
    assert WHY in answer.text or "Remove all" not in answer.text
    assert post_row(site, world.posts["ines"]).removed_at is None
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.account_id == world.people["tariq"])
            .values(until_at=WORLD_AT - timedelta(days=1))
        )
    assert remove_all(site, world.posts["chidi"], short="tariq").status_code in (403, 404)


def test_students_and_observers_cannot(site: Site, world: World) -> None:
    for short in ("ana", "chidi", "olga"):
        assert site.client(short).get(author_page(world, world.posts["chidi"])).status_code == 403
        assert remove_all(site, world.posts["chidi"], short=short).status_code == 403
    assert post_row(site, world.posts["chidi"]).removed_at is None


def test_an_act_of_another_person_or_course_restores_nothing(site: Site, world: World) -> None:
    made = spam(site, world)
    remove_all(site, made["reply"])
    with site.app.app_context():
        entry = db.session.scalars(select(AuditEntry.id).where(AuditEntry.deed == "removed_all_posts")).one()
    for post, number in (
        (world.posts["ben"], str(entry)), (made["reply"], str(entry + 1000)), (made["reply"], "x"),
    ):  # fmt: skip
        answer = site.client("ines").send(author_page(world, post), {"deed": "restore", "act": number})
        assert answer.status_code == 404
    assert all(post.removed_at is not None for post in posts_by(site, "chidi"))


def test_what_waits_is_not_touched_and_can_be_removed_when_it_is_there(site: Site, world: World) -> None:
    made = spam(site, world)
    later = AT + timedelta(hours=2)
    with site.app.app_context(), transaction() as session:
        posts.post_reply(
            session, member(site, "chidi", AT), world.threads["floods"], posts.write("WAITS " + SPAM, "waits-01"),
            at=AT, shown_from=later,
        )  # fmt: skip
    assert "WAITS" not in site.client("ines").get(author_page(world, made["reply"])).text
    remove_all(site, made["reply"])
    site.at(later + timedelta(minutes=1))
    thread = f"{world.course}/threads/{world.threads['floods']}"
    assert "WAITS" in page_of(site, "ana", thread)
    assert "1 post is there to be removed" in site.client("ines").get(author_page(world, made["reply"])).text
    remove_all(site, made["reply"])
    assert "WAITS" not in page_of(site, "ana", thread)
    with site.app.app_context():
        found = db.session.scalars(select(Thread).where(Thread.public_id == world.threads["floods"])).one()
        there = db.session.scalars(
            select(Post.id).where(Post.thread_id == found.id, Post.removed_at.is_(None))
        ).all()
        assert found.posts == len(there)
