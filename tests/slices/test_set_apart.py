"""Posts held for review or private: who reads them beside a page that is kept for all, and what nobody else can tell."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.core.db import db, transaction
from forum.courses.queries import member_of
from forum.posts import commands as posts
from forum.posts.adding import add_post
from forum.posts.models import Post, Thread
from forum.posts.queries import parent_in, thread_view
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.test_fragments import OWN, page_of
from tests.slices.writing_steps import field, posts_by, written_by
from tests.world import WORLD_AT

LATER = WORLD_AT + timedelta(minutes=1)
WORDS = "The ferryman counted the floods from his house on the bank."
OTHERS = ("ana", "ben", "dana", "olga")


def thread_of(site: Site) -> str:
    return f"{site.world.course}/threads/{site.world.threads['floods']}"


def bumped(session: Any, thread_id: int) -> None:
    session.execute(update(Thread).where(Thread.id == thread_id).values(version=Thread.version + 1))


def hold(site: Site, post_id: str) -> None:
    """Hold a post that all could read until now."""
    with site.app.app_context(), transaction() as session:
        post = session.scalars(select(Post).where(Post.public_id == post_id)).one()
        post.held_at = LATER
        bumped(session, post.thread_id)


def set_apart(site: Site, short: str, kind: str) -> str:
    """An answer to Ben's post in the thread of *floods* that is set apart from its arrival on; its id.

    Private with its own author is one of a student to staff.
    """
    world = site.world
    site.at(LATER)
    with site.app.app_context(), transaction() as session:
        member = member_of(session, world.people[short], world.course_id, LATER)
        view = thread_view(session, member, world.threads["floods"], LATER, plain=True)
        parent = parent_in(session, view.board, view.thread.id, world.posts["ben"])
        posted = add_post(
            session, view.board, view.thread, parent, posts.write(WORDS, f"apart-of-{short}"), LATER, LATER,
            private_with=member.account_id,
        )  # fmt: skip
        if kind == "held":
            session.execute(
                update(Post).where(Post.id == posted.id).values(held_at=LATER, private_with_id=None)
            )
    return posted.public_id


def doors(site: Site) -> list[str]:
    course = site.world.course
    return [thread_of(site), f"{course}/boards/{site.world.boards['floods']}", course, "/", "/mine"]


def seen(client: CheckingClient, path: str) -> tuple[int, str | None, str]:
    answer = FlaskClient.open(client, path)
    return answer.status_code, answer.headers.get("ETag"), OWN.sub("", answer.text)


@pytest.mark.parametrize("kind", ["held", "private"])
@pytest.mark.parametrize("first", ["chidi", "ines", "ana"])
def test_whoever_opens_the_page_first_only_its_author_and_staff_read_it(
    site: Site, kind: str, first: str
) -> None:
    site.at(LATER)
    clients = {short: site.client(short) for short in (*OTHERS, "chidi", "ines", "tariq")}
    before = {(short, path): seen(clients[short], path) for short in OTHERS for path in doors(site)}
    set_apart(site, "chidi", kind)
    for path in doors(site):
        seen(clients[first], path)
    for short in ("chidi", "ines", "tariq"):
        for _twice in range(2):
            assert WORDS in seen(clients[short], thread_of(site))[2], short
    assert {(short, path): seen(clients[short], path) for short in OTHERS for path in doors(site)} == before


def test_the_same_holds_after_all_that_is_kept_was_made_anew(site: Site) -> None:
    """A post in the open changes the thread's version: who opens it first then is the author of what is held."""
    set_apart(site, "chidi", "held")
    written_by(site, "dana", site.world.threads["floods"], "An answer in the open.", LATER)
    for short in ("chidi", "ines", *OTHERS):
        page = page_of(site, short, thread_of(site))
        assert "An answer in the open." in page
        assert (WORDS in page) is (short in ("chidi", "ines")), short


def test_what_its_author_waits_with_is_in_nothing_that_is_kept(site: Site) -> None:
    world, words = site.world, "Handed in now and shown on Saturday."
    site.at(LATER)
    with site.app.app_context(), transaction() as session:
        member = member_of(session, world.people["chidi"], world.course_id, LATER)
        posts.post_reply(
            session, member, world.threads["floods"], posts.write(words, "waits-0001"), at=LATER,
            shown_from=LATER + timedelta(hours=3),
        )  # fmt: skip
    for short in ("chidi", "ana", "ines", "chidi"):
        assert (words in page_of(site, short, thread_of(site))) is (short == "chidi")


def test_it_stands_under_the_post_that_it_answers_with_its_authors_links(site: Site) -> None:
    post_id = set_apart(site, "chidi", "held")
    written_by(site, "ana", site.world.threads["floods"], "A new answer to the prompt, after it.", LATER)
    page = page_of(site, "chidi", thread_of(site))
    order = re.findall(r'id="p-(\w+)"', page)
    assert order == re.findall(r'id="p-(\w+)"', page_of(site, "ines", thread_of(site)))
    open_order = re.findall(r'id="p-(\w+)"', page_of(site, "ana", thread_of(site)))
    assert [each for each in order if each != post_id] == open_order
    # After what answers the same post already, before the next answer to the prompt.
    depths = dict(re.findall(r'id="p-(\w+)" data-depth="(\d)"', page))
    after = order[order.index(post_id) + 1]
    assert order.index(site.world.posts["ben"]) < order.index(post_id)
    assert (depths[post_id], depths[after]) == ("1", "0")
    article = page.split(f'id="p-{post_id}"')[1].split("</article>")[0]
    assert f"/posts/{post_id}/edit" in article
    assert f"/posts/{post_id}/reply" not in article
    assert "Held for review" in article
    assert re.sub("<[^>]+>", "", article).split(">", 1)[1].strip().startswith("Reply, to Ben")


def test_nobody_replies_to_it_and_words_written_so_are_kept(site: Site) -> None:
    post_id = set_apart(site, "chidi", "held")
    for short in ("chidi", "ines"):
        client = site.client(short)
        said = "This post waits for staff to look at it"
        assert said in client.get(f"{site.world.course}/posts/{post_id}/reply").text
        path = f"{site.world.course}/posts/{post_id}/replies"
        answer = client.send(path, {"text": "To the ferryman.", "key": f"to-held-{short}"})
        assert answer.status_code == 409
        assert said in answer.text
        assert "To the ferryman." in answer.text
    answer = site.client("ana").send(
        f"{site.world.course}/posts/{post_id}/replies", {"text": "?", "key": "to-held-ana"}
    )
    assert answer.status_code == 404


def test_a_reply_to_what_was_held_since_does_not_name_its_author(site: Site) -> None:
    answered = written_by(site, "chidi", site.world.threads["floods"], WORDS, LATER)
    written_by(site, "ines", site.world.threads["floods"], "To everybody: box two.", LATER, answered)
    site.at(LATER)
    hold(site, answered)
    for first in ("ana", "chidi", "ines"):
        page = page_of(site, first, thread_of(site))
        article = page.split("To everybody: box two.")[0].rsplit("<article", 1)[1]
        assert "Reply" in article
        assert ("Chidi" in article) is (first == "ines"), first
        assert (answered in article) is (first == "ines"), first


def test_no_number_tells_of_it_and_the_next_open_reply_has_the_next_place(site: Site) -> None:
    site.at(LATER)
    before = field(site.client("dana").get(thread_of(site)).text, "position")
    set_apart(site, "chidi", "held")
    for short in ("dana", "chidi", "ines"):
        page = site.client(short).get(thread_of(site)).text
        if 'name="position"' in page:
            assert field(page, "position") == before
    written_by(site, "ana", site.world.threads["floods"], WORDS, LATER)
    with site.app.app_context():
        places = db.session.scalars(
            select(Post.position)
            .where(Post.thread_id == posts_by(site, "ana")[-1].thread_id, Post.held_at.is_(None))
            .order_by(Post.position)
        ).all()
    assert places == [1, 2, 3, 4]


def test_it_is_new_to_staff_until_they_read_to_it_and_to_nobody_else(site: Site) -> None:
    site.at(LATER)
    clients = {short: site.client(short) for short in ("ines", "dana")}
    for client in clients.values():
        client.send(f"{thread_of(site)}/read", {"position": "3", "at": WORLD_AT.isoformat()})
    set_apart(site, "chidi", "held")
    assert "1 new since you were here" in clients["ines"].get(thread_of(site)).text
    assert "new since you were here" not in clients["dana"].get(thread_of(site)).text
    clients["ines"].send(f"{thread_of(site)}/read", {"position": "3", "at": LATER.isoformat()})
    assert "new since you were here" not in clients["ines"].get(thread_of(site)).text


def test_the_first_of_a_discussion_is_on_its_authors_page_alone(site: Site) -> None:
    """A page on which nothing stands for all is no empty one for who reads what is held."""
    with site.app.app_context(), transaction() as session:
        thread = session.scalars(select(Thread).where(Thread.public_id == site.world.threads["floods"])).one()
        session.execute(update(Post).where(Post.thread_id == thread.id).values(held_at=LATER))
        bumped(session, thread.id)
    site.at(LATER)
    empty = "Nobody has written here yet."
    assert empty in page_of(site, "dana", thread_of(site))
    for short in ("chidi", "ines"):
        assert empty not in page_of(site, short, thread_of(site))
