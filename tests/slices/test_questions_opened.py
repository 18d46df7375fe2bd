"""A question to staff is opened to the course with its author's consent, with the name or without, and not otherwise."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.boards.commands import BoardSpec, CheckpointSpec
from forum.core.db import db
from forum.core.moments import Wall
from forum.ledger.models import AuditEntry, NewsItem
from forum.posts.models import Post, Thread
from forum.posts.queries import board_view
from forum.posts.standing import standing_of_one
from tests.conftest import Site
from tests.slices.test_staff_questions import CANARY, TITLE, ask, asked
from tests.slices.writing_steps import WORDS, board_of, member, written_by
from tests.world import WORLD_AT, World

MINUTE = timedelta(minutes=1)
OPENED_AT = WORLD_AT + 30 * MINUTE
BEN = "Ben Achterberg"
NAMELESS = "a student"


@pytest.fixture
def board(site: Site) -> str:
    return board_of(site, BoardSpec("Ask away", form="question"))[0]


@pytest.fixture
def question(site: Site, board: str) -> tuple[str, str]:
    """What Ben asked and Tariq answered: the thread and its opening post, by public ids."""
    ask(site, "ben", board)
    thread, post = asked(site)
    written_by(site, "tariq", thread, "CANARY-ANSWER of staff.", WORLD_AT + MINUTE)
    site.at(WORLD_AT + 2 * MINUTE)
    return thread, post


def deed(site: Site, short: str, thread: str, door: str, what: str) -> int:
    path = f"{site.world.course}/threads/{thread}/{door}"
    return site.client(short).send(path, {"deed": what}).status_code


def open_it(site: Site, thread: str, answer: str) -> None:
    assert deed(site, "ines", thread, "opening", "ask") == 303
    assert deed(site, "ben", thread, "consent", answer) == 303
    site.at(OPENED_AT)
    assert deed(site, "ines", thread, "opening", "open") == 303


def text(site: Site, short: str, path: str) -> str:
    return site.client(short).get(f"{site.world.course}/{path}").text


def test_it_is_there_for_others_and_new_from_the_instant_of_opening_on(
    site: Site, world: World, board: str, question: tuple[str, str]
) -> None:
    thread, _post = question
    dana, path = site.client("dana"), f"{world.course}/threads/{thread}"
    tag = dana.get(f"{world.course}/boards/{board}").headers.get("ETag")
    open_it(site, thread, "named")
    site.at(OPENED_AT - timedelta(microseconds=1))
    assert CANARY not in FlaskClient.open(dana, path).text
    site.at(OPENED_AT)
    page = dana.get(path).text
    assert CANARY in page
    assert "CANARY-ANSWER" in page
    assert BEN in page
    assert "staff only" not in page
    listed = dana.get(f"{world.course}/boards/{board}", headers={"If-None-Match": tag or ""})
    assert TITLE in listed.text
    assert "2 new" in listed.text
    assert BEN in listed.text
    with site.app.app_context():
        news = db.session.execute(
            select(NewsItem.account_id, NewsItem.visible_at)
            .join(Thread, Thread.id == NewsItem.thread_id)
            .where(Thread.title == TITLE)
        ).all()
        assert [tuple(row) for row in news] == [(None, OPENED_AT)] * 2
        deeds = db.session.scalars(
            select(AuditEntry.deed).where(AuditEntry.subject_kind == "thread").order_by(AuditEntry.id)
        ).all()
        assert deeds == ["asked_to_open", "answered_opening_named", "opened_named"]
        facts = db.session.scalars(select(AuditEntry.facts).where(AuditEntry.subject_kind == "thread")).all()
        assert not any(facts), "ids only"


def peer_pages(site: Site, board: str, thread: str) -> dict[str, str]:
    """All that a peer is shown of the thread: each page of it and of its posts, of the board and of the course."""
    with site.app.app_context():
        posts = db.session.scalars(
            select(Post.public_id).join(Thread, Thread.id == Post.thread_id).where(Thread.public_id == thread)
        ).all()
    paths = [
        "",
        f"boards/{board}",
        f"boards/{board}?show=unanswered",
        f"threads/{thread}",
        f"threads/{thread}/next",
    ]
    paths += [
        f"posts/{post}{door}"
        for post in posts
        for door in ("", "/revisions", "/reply", "/reply?quote=1", "/flag")
    ]
    return {path: text(site, "chidi", path) for path in paths}


def test_without_the_name_it_is_a_students_for_everybody_but_staff(
    site: Site, world: World, board: str, question: tuple[str, str]
) -> None:
    thread, post = question
    open_it(site, thread, "nameless")
    later = OPENED_AT + MINUTE
    site.at(later)
    assert site.client("ben").send(
        f"{world.course}/posts/{post}/replies", {"text": "CANARY-LATER thanks.", "key": "thanks-0001"}
    ).status_code == 303  # fmt: skip
    with site.app.app_context():
        latest = db.session.scalars(select(Post.public_id).order_by(Post.id.desc())).first()
    assert latest is not None
    edited = {"text": "CANARY-LATER thanks a lot.", "key": "thanks-0002", "revision": "1"}
    assert site.client("ben").send(f"{world.course}/posts/{latest}/edit", edited).status_code == 303
    written_by(site, "dana", thread, "An answer of a peer.", later, parent=latest)
    site.at(later + MINUTE)
    pages = peer_pages(site, board, thread)
    assert "CANARY-LATER" in pages[f"threads/{thread}"]
    assert "CANARY-LATER" in pages[f"posts/{latest}/revisions"]
    assert {path for path, page in pages.items() if BEN in page or "Achterberg" in page} == set()
    assert {path for path, page in pages.items() if world.public["ben"] in page} == set()
    thread_page = pages[f"threads/{thread}"]
    assert thread_page.count(f'<b class="name">{NAMELESS}</b>') == 2
    assert thread_page.count(f">{NAMELESS}</a>") >= 2, "answers say whom they answer without the name"
    assert NAMELESS in pages[f"boards/{board}"]
    own = text(site, "ben", f"threads/{thread}")
    assert own.count("your post") == 2
    assert "Others read “a student” in place of your name." in own
    refused = site.client("ines").send(f"{world.course}/posts/{latest}/split", {"title": "A part"})
    assert (refused.status_code, "so that nothing tells whose it is" in refused.text) == (409, True)
    for short in ("ines", "tariq"):
        page = text(site, short, f"threads/{thread}")
        assert f"{BEN} (to students “a student”)" in page
        assert BEN in text(site, short, f"boards/{board}")
    assert BEN not in text(site, "olga", f"threads/{thread}")


def test_a_quote_tells_no_name_either(
    site: Site, world: World, board: str, question: tuple[str, str]
) -> None:
    thread, post = question
    open_it(site, thread, "nameless")
    chidi, reply = site.client("chidi"), f"{world.course}/posts/{post}"
    mark = re.search(r"\[quote [^\]]*\]", chidi.get(f"{reply}/reply?quote=1").text)
    assert mark is not None
    sent = {"text": f"{mark[0]}\n\nSo it was.", "key": "quoting-0001"}
    assert chidi.send(f"{reply}/replies", sent).status_code == 303
    page = text(site, "ana", f"threads/{thread}")
    assert page.count(CANARY[:20]) == 2
    assert BEN not in page
    assert BEN in text(site, "ines", f"threads/{thread}")


def test_what_it_said_before_an_edit_stays_between_its_author_and_staff(
    site: Site, world: World, question: tuple[str, str]
) -> None:
    thread, post = question
    edited = {"text": "Rewritten for all.", "title": TITLE, "key": "edit-0001", "revision": "1"}
    assert site.client("ben").send(f"{world.course}/posts/{post}/edit", edited).status_code == 303
    open_it(site, thread, "named")
    shown = text(site, "dana", f"posts/{post}/revisions")
    assert "Rewritten for all" in shown
    assert CANARY not in shown
    assert f"/posts/{post}/revisions" not in text(site, "dana", f"threads/{thread}")
    for short in ("ben", "ines"):
        assert CANARY in text(site, short, f"posts/{post}/revisions")


def test_nothing_is_opened_without_its_authors_yes(site: Site, board: str, question: tuple[str, str]) -> None:
    thread, _post = question
    assert deed(site, "ben", thread, "consent", "named") == 409  # nobody asked
    assert deed(site, "ines", thread, "opening", "open") == 409
    assert deed(site, "ines", thread, "opening", "ask") == 303
    assert deed(site, "ines", thread, "opening", "open") == 409
    for short in ("ana", "dana"):
        assert deed(site, short, thread, "consent", "named") == 404
    assert deed(site, "tariq", thread, "consent", "named") == 403
    assert deed(site, "ben", thread, "opening", "open") == 403
    assert deed(site, "ben", thread, "consent", "anything") == 404
    assert deed(site, "ben", thread, "consent", "named") == 303
    assert deed(site, "ben", thread, "consent", "kept") == 303
    assert deed(site, "ines", thread, "opening", "open") == 409
    assert "does not want it to be opened" in text(site, "ines", f"threads/{thread}")
    assert deed(site, "ines", thread, "opening", "ask") == 303
    assert CANARY not in text(site, "dana", f"boards/{board}")
    open_it(site, thread, "nameless")
    # What is open stays so, and without the name.
    assert deed(site, "ben", thread, "consent", "kept") == 409
    assert deed(site, "ines", thread, "opening", "ask") == 409
    assert BEN not in text(site, "dana", f"threads/{thread}")


def test_a_question_that_was_removed_is_not_opened(site: Site, question: tuple[str, str]) -> None:
    thread, _post = question
    deed(site, "ines", thread, "opening", "ask")
    deed(site, "ben", thread, "consent", "named")
    deed(site, "ines", thread, "state", "remove")
    assert deed(site, "ines", thread, "opening", "open") == 409


def test_what_author_and_staff_had_read_stays_read(
    site: Site, world: World, board: str, question: tuple[str, str]
) -> None:
    thread, _post = question
    at = (WORLD_AT + 2 * MINUTE).isoformat()
    ben = site.client("ben")
    assert ben.send(f"{world.course}/threads/{thread}/read", {"position": "2", "at": at}).status_code == 303
    site.at(WORLD_AT + 3 * MINUTE)
    written_by(site, "ines", thread, "One more answer.", WORLD_AT + 3 * MINUTE)
    open_it(site, thread, "named")
    site.at(OPENED_AT + MINUTE)
    assert "1 new" in text(site, "ben", f"boards/{board}")
    # What Inés answered is not new to her.
    assert "1 new" in text(site, "ines", f"boards/{board}")
    assert "3 new" in text(site, "ana", f"boards/{board}")


def test_rule_17_once_it_is_open_it_counts_by_its_own_arrival(site: Site) -> None:
    first = CheckpointSpec("first_post", min_words=5, due=Wall(date(2026, 11, 26)))
    board, _thread = board_of(
        site, BoardSpec("Asked", form="threads", staff_questions=True, checkpoints=(first,))
    )
    ask(site, "ben", board)
    thread, _post = asked(site)
    open_it(site, thread, "nameless")
    at = WORLD_AT + timedelta(days=4)
    with site.app.app_context():
        view = board_view(db.session(), member(site, "ben", at), board, at)
        (state,) = standing_of_one(db.session(), view)
    assert (state.state, state.met_at) == ("met_on_time", WORLD_AT)


def test_rule_17_each_anonymous_post_counts_as_a_person_of_its_own(site: Site) -> None:
    replies = CheckpointSpec("replies", replies=2, people=2, due=Wall(date(2026, 11, 28)))
    board, _thread = board_of(
        site,
        BoardSpec(
            "Asked", form="threads", staff_questions=True, checkpoints=(replies,), classmates_only=True
        ),
    )
    ask(site, "ben", board)
    thread, post = asked(site)
    open_it(site, thread, "nameless")
    second = written_by(site, "ben", thread, "And one thing more.", OPENED_AT)
    at = WORLD_AT + timedelta(days=4, hours=8)  # in the last day before the limit
    with site.app.app_context():
        for short, people in (("dana", 2), ("ben", 0)):
            view = board_view(db.session(), member(site, short, at), board, at)
            (state,) = standing_of_one(db.session(), view)
            assert (state.people_asked, state.people_done) == (people, 0), short
    for parent in (post, second):
        written_by(site, "dana", thread, WORDS, OPENED_AT + MINUTE, parent=parent)
    with site.app.app_context():
        view = board_view(db.session(), member(site, "dana", at), board, at)
        (state,) = standing_of_one(db.session(), view)
        assert (state.replies_done, state.people_done, state.state) == (2, 2, "met_on_time")
        # One's own anonymous posts are answered by nobody else, and by oneself for nothing.
        written_by(site, "ben", thread, WORDS, OPENED_AT + MINUTE, parent=second)
    with site.app.app_context():
        view = board_view(db.session(), member(site, "ben", at), board, at)
        (state,) = standing_of_one(db.session(), view)
        assert state.replies_done == 0
    table = text(site, "ines", f"boards/{board}/participation")
    assert "Dana Rossi" in table
