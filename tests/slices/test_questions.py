"""Boards of questions: staff endorse answers, which are listed apart; what is unanswered can be listed alone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from forum.boards.commands import BoardSpec
from forum.core import caches
from forum.core.db import db, transaction
from forum.ledger.models import AuditEntry
from forum.posts import commands as posts
from forum.posts.models import Post, Thread
from tests.conftest import Site
from tests.slices.question_steps import ANSWER, answer_of, mark, question_of
from tests.slices.test_writing_costs import sent
from tests.slices.writing_steps import board_of, member, started_by, written_by
from tests.world import WORLD_AT, World


def thread_page(site: Site, short: str, thread: str) -> str:
    return site.client(short).get(f"{site.world.course}/threads/{thread}").text


def list_page(site: Site, short: str, board: str, show: str = "") -> str:
    return site.client(short).get(
        f"{site.world.course}/boards/{board}" + (f"?show={show}" if show else "")
    ).text  # fmt: skip


def marked_section(page: str, name: str = "endorsed") -> str:
    found = re.search(rf'<section class="marked" aria-labelledby="{name}">.*?</section>', page, re.S)
    return found.group(0) if found else ""


def row(site: Site, post: str) -> Any:
    with site.app.app_context():
        return db.session.execute(
            select(Post.endorsed_at, Post.endorsed_by_id, Post.pinned_at, Post.pinned_by_id, Thread.marked, Thread.version)
            .join(Thread, Thread.id == Post.thread_id).where(Post.public_id == post)
        ).one()  # fmt: skip


@pytest.mark.behavior("B062")
def test_endorsed_answers_stand_apart_with_who_and_when_and_taking_back_clears_both(
    site: Site, world: World
) -> None:
    _board, thread, _opening = question_of(site)
    first, second = (
        answer_of(site, "ben", thread),
        answer_of(site, "chidi", thread, "Another answer, of Chidi."),
    )
    ines, tariq = site.client("ines"), site.client("tariq")
    assert "Answers endorsed by staff" not in thread_page(site, "ana", thread)
    assert mark(ines, site, first, "endorse").location.endswith(f"/posts/{first}")
    site.at(WORLD_AT + timedelta(hours=1))
    assert mark(tariq, site, second, "endorse").status_code == 303  # several may be
    for short in ("ana", "ines", "olga"):
        page = thread_page(site, short, thread)
        apart = marked_section(page)
        assert "Ben Achterberg" in apart
        assert "Chidi Okafor" in apart
        assert f'href="#p-{first}"' in apart
        assert ANSWER[:40] in apart
        assert page.index('class="marked"') < page.index(f'id="p-{first}"')
        article = page[page.index(f'id="p-{first}"') : page.index(f'id="p-{second}"')]
        assert "Endorsed by Inés Aranda" in article
    assert "13:00" in marked_section(thread_page(site, "ben", thread))  # noon in UTC, read in Madrid
    mark(ines, site, first, "take-back")
    assert row(site, first)[:2] == (None, None)
    page = thread_page(site, "ana", thread)
    assert "Inés Aranda" not in marked_section(page)
    assert "Tariq Benali" in marked_section(page)
    mark(ines, site, second, "take-back")
    assert marked_section(thread_page(site, "ana", thread)) == ""
    assert row(site, second).marked == 0


@pytest.mark.behavior("B016")
def test_a_question_leaves_unanswered_once_an_answer_is_endorsed_and_comes_back(
    site: Site, world: World
) -> None:
    board, asked, _opening = question_of(site, "Asked and answered")
    question_of(site, "Asked alone", board)
    answer = answer_of(site, "ben", asked)

    def listed(show: str, short: str = "ana") -> set[str]:
        page = list_page(site, short, board, show)
        return {title for title in ("Asked and answered", "Asked alone") if title in page}

    both = {"Asked and answered", "Asked alone"}
    assert listed("unanswered") == both
    assert listed("without-replies") == {"Asked alone"}
    mark(site.client("ines"), site, answer, "endorse")
    assert listed("unanswered") == {"Asked alone"}
    assert listed("") == both
    assert "1 endorsed answer" in list_page(site, "ana", board)
    with site.app.app_context(), transaction() as session:
        posts.remove_post(session, member(site, "ben"), answer, at=WORLD_AT)
    assert listed("unanswered") == both  # who asked has no answer to read any more
    assert listed("without-replies") == both
    assert marked_section(thread_page(site, "ana", asked)) == ""
    assert marked_section(thread_page(site, "ines", asked)) == ""
    with site.app.app_context(), transaction() as session:
        posts.restore_post(session, member(site, "ben"), answer, at=WORLD_AT)
    assert listed("unanswered") == {"Asked alone"}
    assert ANSWER[:40] in marked_section(thread_page(site, "ana", asked))


@pytest.mark.behavior("B002")
def test_a_filter_is_kept_from_page_to_page_and_says_when_nothing_is_left(site: Site, world: World) -> None:
    board, _thread = board_of(site, BoardSpec("Many questions", form="question"))
    for number in range(53):
        started_by(site, "ana", board, f"Question {number:02}", WORLD_AT - timedelta(hours=2, minutes=number))
    page = list_page(site, "ben", board, "unanswered")
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    assert "show=unanswered" in following.group(1)
    rest = site.client("ben").get(following.group(1).replace("&amp;", "&")).text
    assert rest.count('">Question ') == 3
    assert f'href="{world.course}/boards/{board}?show=unanswered"' in rest
    empty, _thread = board_of(site, BoardSpec("No questions", form="question"))
    assert "Nothing here yet" in list_page(site, "ben", empty)
    assert "No question here is without" in list_page(site, "ben", empty, "unanswered")
    assert site.client("ben").get(f"{world.course}/boards/{board}?show=anything").status_code == 404
    # Only questions have answers to be endorsed.
    assert "show=unanswered" not in list_page(site, "ben", world.boards["questions"])
    assert "show=without-replies" in list_page(site, "ben", world.boards["questions"])


@pytest.mark.behavior("B220")
def test_a_pinned_reply_shows_who_pinned_it_and_unpinning_removes_that(site: Site, world: World) -> None:
    thread, post = world.threads["floods"], world.posts["chidi"]
    mark(site.client("tariq"), site, post, "pin")
    page = thread_page(site, "ana", thread)
    apart = marked_section(page, "pinned")
    assert "Chidi Okafor" in apart
    assert "Pinned by Tariq Benali" in apart
    assert "Pinned by Tariq Benali" in page[page.index(f'id="p-{post}"') :]
    before = row(site, post)
    mark(site.client("ines"), site, post, "pin")  # it stays as it is
    assert row(site, post) == before
    mark(site.client("ines"), site, post, "unpin")
    assert "Pinned by" not in thread_page(site, "ana", thread)
    assert row(site, post)[2:5] == (None, None, 0)


def test_only_staff_mark_and_only_what_everyone_can_read(site: Site, world: World) -> None:
    _board, thread, opening = question_of(site)
    answer = answer_of(site, "ben", thread)
    for short, status in (("ana", 403), ("ben", 403), ("olga", 403), ("mia", 404), ("sam", 404)):
        for deed in ("endorse", "take-back", "pin", "unpin"):
            assert mark(site.client(short), site, answer, deed).status_code == status, (short, deed)
    for short in ("ana", "ben", "olga"):
        assert "/marks" not in thread_page(site, short, thread)
    ines = site.client("ines")
    assert f'formaction="{world.course}/posts/{answer}/marks"' in thread_page(site, "ines", thread)
    assert mark(ines, site, opening, "endorse").status_code == 409
    assert mark(ines, site, opening, "pin").status_code == 409
    assert mark(ines, site, world.posts["chidi"], "endorse").status_code == 409  # no board of questions
    assert mark(ines, site, answer, "anything").status_code == 404
    for changed in ({"held_at": WORLD_AT}, {"held_at": None, "private_with_id": site.world.people["ines"]}):
        with site.app.app_context(), transaction() as session:
            session.execute(update(Post).where(Post.public_id == answer).values(**changed))
        assert mark(ines, site, answer, "endorse").status_code == 409
        assert mark(ines, site, answer, "pin").status_code == 409
    with site.app.app_context(), transaction() as session:
        session.execute(update(Post).where(Post.public_id == answer).values(private_with_id=None))
        posts.remove_post(session, member(site, "ines"), answer, at=WORLD_AT, reason="Wrong.")
    refused = mark(ines, site, answer, "endorse")
    assert refused.status_code == 409
    assert "This post was removed. Restore it first." in refused.text
    assert row(site, answer)[:5] == (None, None, None, None, 0)


def test_what_is_held_after_it_was_endorsed_is_no_answer_to_students(site: Site, world: World) -> None:
    board, thread, _opening = question_of(site)
    answer = answer_of(site, "ben", thread)
    mark(site.client("ines"), site, answer, "endorse")
    with site.app.app_context(), transaction() as session:
        session.execute(update(Post).where(Post.public_id == answer).values(held_at=WORLD_AT))
    caches.clear_all()
    assert marked_section(thread_page(site, "ana", thread)) == ""
    assert "Which letters?" in list_page(site, "ana", board, "unanswered")
    # What stands above all is kept for all of a kind: staff read it at its place.
    assert marked_section(thread_page(site, "ines", thread)) == ""
    assert ANSWER[:40] in thread_page(site, "ines", thread)


def test_each_mark_is_in_the_ledger_once_by_ids_alone(site: Site, world: World) -> None:
    _board, thread, _opening = question_of(site)
    answer = answer_of(site, "ben", thread)
    ines = site.client("ines")
    for deed in ("endorse", "endorse", "pin", "unpin", "take-back", "take-back"):
        mark(ines, site, answer, deed)
    with site.app.app_context():
        post_id = db.session.scalar(select(Post.id).where(Post.public_id == answer))
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.subject_kind == "post", AuditEntry.subject_id == post_id)
            .order_by(AuditEntry.id)
        ).all()  # fmt: skip
        assert [each.deed for each in entries] == ["endorsed", "pinned", "unpinned", "endorsement_taken_back"]
        assert all(each.actor_id == world.people["ines"] and each.facts == {} for each in entries)


def test_kept_pages_show_each_mark_at_once(site: Site, world: World) -> None:
    _board, thread, _opening = question_of(site)
    answer = answer_of(site, "ben", thread)
    ana, ines = site.client("ana"), site.client("ines")
    path = f"{world.course}/threads/{thread}"
    first = ana.get(path)
    for deed, told in (("endorse", "Endorsed by"), ("pin", "Pinned by")):
        mark(ines, site, answer, deed)
        page = ana.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert page.status_code == 200
        assert told in page.text


def test_a_thread_without_marks_asks_nothing_for_them_and_one_with_many_asks_once(
    site: Site, world: World
) -> None:
    _board, thread, _opening = question_of(site)
    answers = [answer_of(site, "ben", thread, f"{ANSWER} {number}") for number in range(12)]

    def asked() -> int:
        caches.clear_all()
        ana = site.client("ana")
        with sent(site) as (every, _locked):
            assert ana.get(f"{world.course}/threads/{thread}").status_code == 200
        return len(every)

    without = asked()
    mark(site.client("ines"), site, answers[0], "endorse")
    with_one = asked()
    for answer in answers[1:]:
        mark(site.client("ines"), site, answer, "endorse")
    assert (with_one, asked()) == (without + 1, without + 1)


def test_an_endorsed_answer_on_a_later_page_is_found_by_its_permalink(site: Site, world: World) -> None:
    _board, thread, _opening = question_of(site)
    for number in range(101):
        written_by(site, "ben", thread, f"Answer number {number}.", WORLD_AT - timedelta(hours=1))
    with site.app.app_context():
        last = db.session.scalars(select(Post.public_id).order_by(Post.id.desc()).limit(1)).one()
    mark(site.client("ines"), site, last, "endorse")
    apart = marked_section(thread_page(site, "ana", thread))
    assert f'href="{world.course}/posts/{last}"' in apart
    target = site.client("ana").get(f"{world.course}/posts/{last}")
    assert "from=" in target.location
    assert "Endorsed by" in site.client("ana").get(target.location.split("#")[0]).text
