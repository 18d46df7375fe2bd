"""What a student asks of staff only is there for them and the staff who see them, and for nobody else by any door."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.boards.commands import BoardSpec, CheckpointSpec
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses.commands import put_in_section, section_called
from forum.courses.models import Course, Enrollment
from forum.ledger.models import NewsItem
from forum.posts.commands import set_thread_removed
from forum.posts.models import Draft, Post, Thread
from forum.posts.queries import board_view
from forum.posts.standing import standing_of_one
from forum.receipts.models import Receipt
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.board_steps import fields_of
from tests.slices.test_fragments import OWN
from tests.slices.writing_steps import WORDS, board_of, member, started_by, written_by
from tests.world import WORLD_AT, World

CANARY = "CANARY-ASKED: may I write on the flood of my own street?"
TITLE = "CANARY-ASKED title"
OTHERS = ("ana", "chidi", "dana", "olga")


@pytest.fixture
def board(site: Site) -> str:
    """A board of questions with a thread that all read."""
    board, _thread = board_of(site, BoardSpec("Ask away", form="question"))
    started_by(site, "ana", board, "Where are the maps?", WORLD_AT - timedelta(hours=2))
    return board


@pytest.fixture
def readers(site: Site) -> dict[str, CheckingClient]:
    """One browser for each reader: an ETag names the session, too."""
    return {short: site.client(short) for short in OTHERS}


def ask(site: Site, short: str, board: str, text: str = CANARY, key: str = "asked-of-staff-1", **more: str):
    path = f"{site.world.course}/boards/{board}/staff-question"
    return site.client(short).send(path, {"text": text, "title": TITLE, "key": key, **more})


def asked(site: Site) -> Any:
    """The thread of what was asked and its opening post, by public ids."""
    with site.app.app_context():
        return db.session.execute(
            select(Thread.public_id, Post.public_id)
            .join(Post, Post.thread_id == Thread.id)
            .where(Thread.title == TITLE, Post.opens_thread)
        ).one()  # fmt: skip


def seen(client: CheckingClient, path: str) -> tuple[int, str | None, str]:
    """Status, ETag and page, but for what differs at each request."""
    answer = FlaskClient.open(client, path)
    return answer.status_code, answer.headers.get("ETag"), OWN.sub("", answer.text)


def lists(site: Site, board: str) -> list[str]:
    base = f"{site.world.course}/boards/{board}"
    shows = [f"{base}?show={show}" for show in ("unread", "starred", "unanswered", "without-replies")]
    return [base, *shows, site.world.course, "/", "/mine"]


def own_doors(site: Site, thread: str, post: str) -> list[str]:
    one, whole = f"{site.world.course}/posts/{post}", f"{site.world.course}/threads/{thread}"
    return [whole, f"{whole}/next", f"{whole}/previous", f"{whole}/tags", one, f"{one}/revisions", f"{one}/reply",
            f"{one}/edit", f"{one}/removal", f"{one}/receipts", f"{one}/flag"]  # fmt: skip


def test_its_author_and_staff_read_it_and_nobody_else_notices(
    site: Site, world: World, board: str, readers: dict[str, CheckingClient]
) -> None:
    before = {(short, path): seen(readers[short], path) for short in OTHERS for path in lists(site, board)}
    answer = ask(site, "ben", board)
    assert answer.status_code == 303, answer.text
    thread, post = asked(site)
    site.at(WORLD_AT + timedelta(minutes=1))
    written_by(site, "tariq", thread, "CANARY-ANSWER of staff.", WORLD_AT + timedelta(minutes=1))
    assert site.client("ben").send(
        f"{world.course}/threads/{thread}/replies", {"text": "CANARY-THANKS.", "key": "thanks-0001"}
    ).status_code == 303  # fmt: skip
    for short in ("ben", "ines", "tariq"):
        page = site.client(short).get(f"{world.course}/threads/{thread}").text
        assert page.count(CANARY) == 1
        assert "CANARY-ANSWER" in page
        assert "CANARY-THANKS" in page
        assert "A question to staff only" in page
        assert "only staff and who asked read it" in site.client(short).get(lists(site, board)[0]).text
    site.at(WORLD_AT)  # so that nothing but the question could tell the pages apart
    for short in OTHERS:
        for path in lists(site, board):
            assert seen(readers[short], path) == before[short, path], (short, path)
        for path in own_doors(site, thread, post):
            assert_not_here(readers[short], path, (thread, post))


def assert_not_here(client: CheckingClient, path: str, ids: tuple[str, ...]) -> None:
    """The answer is the very one to an address of nothing."""
    nothing = path
    for each in ids:
        nothing = nothing.replace(each, "nosuchid00")
    (status, _etag, text), (none, _tag, nowhere) = seen(client, path), seen(client, nothing)
    for each in ids:
        text = text.replace(each, "nosuchid00")
    assert (status, text) == (none, nowhere), path
    assert status in (403, 404), path


def test_nobody_else_can_do_anything_with_it(site: Site, world: World, board: str) -> None:
    ask(site, "ben", board)
    thread, post = asked(site)
    whole, one = f"{world.course}/threads/{thread}", f"{world.course}/posts/{post}"
    sent = {"text": WORDS, "key": "key-of-a-test", "deed": "star", "reason": "Look.", "revision": "1"}
    for removed in (False, True):
        with site.app.app_context(), transaction() as session:
            set_thread_removed(session, member(site, "ines"), thread, removed, at=WORLD_AT)
        for path in (f"{whole}/replies", f"{whole}/star", f"{whole}/read", f"{one}/replies", f"{one}/flag"):
            nowhere = path.replace(thread, "nosuchid00").replace(post, "nosuchid00")
            answer, nothing = (site.client("dana").send(each, sent) for each in (path, nowhere))
            told = OWN.sub("", answer.text).replace(thread, "nosuchid00").replace(post, "nosuchid00")
            assert told == OWN.sub("", nothing.text), path
            assert answer.status_code == nothing.status_code == 404
    with site.app.app_context():
        assert db.session.scalar(select(Draft.id).where(Draft.account_id == world.people["dana"])) is None


def test_staff_of_other_sections_do_not_see_it(site: Site, world: World, board: str) -> None:
    ask(site, "ben", board)
    thread, post = asked(site)
    page = site.client("tariq").get(f"{world.course}/threads/{thread}")
    assert CANARY in page.text
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, world.course_id)
        south = section_called(session, course, "South")
        put_in_section(session, course, world.people["tariq"], south.id, at=WORLD_AT - timedelta(days=1))
        session.execute(
            update(Enrollment)
            .where(Enrollment.account_id == world.people["tariq"])
            .values(all_sections=False)
        )
    tariq = site.client("tariq")
    assert TITLE not in tariq.get(lists(site, board)[0]).text
    for path in own_doors(site, thread, post)[:9]:
        assert_not_here(tariq, path, (thread, post))
    with site.app.app_context(), transaction() as session:
        north_of = session.get_one(Course, world.course_id)
        north = section_called(session, north_of, "North")
        put_in_section(session, north_of, world.people["tariq"], north.id, at=WORLD_AT - timedelta(days=1))
    assert CANARY in site.client("tariq").get(f"{world.course}/threads/{thread}").text


def test_rule_17_it_counts_for_nothing(site: Site, world: World) -> None:
    first = CheckpointSpec("first_post", min_words=5, due=Wall(date(2026, 11, 26)))
    replies = CheckpointSpec("replies", replies=1, people=1, due=Wall(date(2026, 11, 28)))
    board, _thread = board_of(
        site, BoardSpec("Asked", form="threads", staff_questions=True, checkpoints=(first, replies))
    )
    assert ask(site, "ben", board).status_code == 303
    thread, post = asked(site)
    answer = written_by(site, "tariq", thread, WORDS, WORLD_AT)
    assert site.client("ben").send(
        f"{world.course}/posts/{answer}/replies", {"text": WORDS, "key": "thanks-0001"}
    ).status_code == 303  # fmt: skip
    with site.app.app_context():
        at = WORLD_AT + timedelta(days=4, hours=8)  # in the last day before the limit
        for short in ("ben", "ana"):
            view = board_view(db.session(), member(site, short, at), board, at)
            first_state, replies_state = standing_of_one(db.session(), view)
            assert first_state.met_at is None
            assert (replies_state.replies_done, replies_state.people_done) == (0, 0)
            assert replies_state.people_asked == 0, "who can be answered is told by open posts alone"
        against = db.session.scalars(select(Receipt.limit_at).join(Post, Post.id == Receipt.post_id)
                                     .where(Post.author_id == world.people["ben"], Post.asker_id.is_not(None)))  # fmt: skip
        assert against.all() == [None, None]
    table = site.client("ines").get(f"{world.course}/boards/{board}/participation").text
    assert post not in table
    # On a board that asks for a thread they can still start theirs.
    assert "Start a thread" in site.client("ben").get(f"{world.course}/boards/{board}").text


def test_others_are_told_no_news_of_it(site: Site, world: World, board: str) -> None:
    ask(site, "ben", board)
    with site.app.app_context():
        told = db.session.scalars(
            select(NewsItem.account_id)
            .join(Thread, Thread.id == NewsItem.thread_id)
            .where(Thread.title == TITLE)
        ).all()
    assert told == [world.people["ben"]]


@pytest.mark.parametrize(
    ("form", "setting", "takes"),
    [("question", None, True), ("question", False, False), ("threads", None, False), ("threads", True, True),
     ("one_each", True, False), ("announcement", True, False)],
)  # fmt: skip
def test_a_board_takes_them_where_staff_allow_it_and_a_board_of_questions_by_itself(
    site: Site, world: World, form: str, setting: bool | None, takes: bool
) -> None:
    board, _thread = board_of(site, BoardSpec("Some board", form=form, staff_questions=setting))
    offered = "staff-question" in site.client("ben").get(f"{world.course}/boards/{board}").text
    assert offered is takes
    answer = site.client("ben").send(
        f"{world.course}/boards/{board}/staff-question",
        {"text": CANARY, "title": TITLE, "key": "asked-of-staff-1"},
    )  # fmt: skip
    assert answer.status_code == (303 if takes else 404)


def test_staff_choose_it_in_the_form_of_a_board(site: Site, world: World, board: str) -> None:
    ines, path = site.client("ines"), f"{world.course}/manage/boards/{board}"
    fields = fields_of(ines.get(path).text, path)
    assert fields["staff_questions"] == ""
    assert ines.send(path, {**fields, "staff_questions": "no", "deed": "save"}).status_code == 303
    assert fields_of(ines.get(path).text, path)["staff_questions"] == "no"
    assert "staff-question" not in site.client("ben").get(f"{world.course}/boards/{board}").text


def test_only_students_ask(site: Site, world: World, board: str) -> None:
    path = f"{world.course}/boards/{board}/staff-question"
    for short in ("ines", "tariq", "olga"):
        assert site.client(short).get(path).status_code == 403
        assert "staff-question" not in site.client(short).get(f"{world.course}/boards/{board}").text


def test_its_draft_is_never_taken_for_one_that_all_may_read(site: Site, world: World, board: str) -> None:
    path = f"{world.course}/boards/{board}/staff-question"
    ben = site.client("ben")
    draft = {"text": CANARY, "title": TITLE, "key": "asked-of-staff-1", "deed": "draft"}
    assert ben.send(path, draft).headers["Location"].endswith("/staff-question")
    assert CANARY in ben.get(path).text
    assert CANARY not in ben.get(f"{world.course}/boards/{board}/new").text
    assert f'href="{path}"' in ben.get("/mine").text
    assert "entrust" not in ben.get(path).text
    assert ben.send(path, {**draft, "deed": "post"}).status_code == 303
    assert CANARY not in ben.get(path).text
    # Pressed twice it is one question.
    assert ben.send(path, {**draft, "deed": "post"}).status_code == 303
    with site.app.app_context():
        assert len(db.session.scalars(select(Thread.id).where(Thread.title == TITLE)).all()) == 1


def test_what_is_refused_is_kept_at_its_own_place(site: Site, world: World) -> None:
    board, _thread = board_of(site, BoardSpec("Closed", form="question", cut_off=Wall(date(2026, 11, 23))))
    answer = ask(site, "ben", board)
    assert answer.status_code == 409
    assert "They are kept as a draft" in answer.text
    assert CANARY in answer.text
    with site.app.app_context():
        assert db.session.scalars(select(Draft.place).where(Draft.refused_at.is_not(None))).all() == [
            f"staff:{board}"
        ]
        assert db.session.scalars(select(Receipt.limit_at).where(Receipt.kind == "refused")).all() == [None]
    empty = ask(site, "ben", board, text="")
    assert empty.status_code == 422
    assert re.search("There is nothing written here yet", empty.text)


def test_a_reply_in_it_cannot_be_entrusted_since_it_counts_for_nothing(site: Site, world: World) -> None:
    replies = CheckpointSpec("replies", replies=1, people=1, due=Wall(date(2026, 11, 28)))
    board, _thread = board_of(
        site, BoardSpec("Asked", form="threads", staff_questions=True, checkpoints=(replies,))
    )
    ask(site, "ben", board)
    thread, _post = asked(site)
    ben, path = site.client("ben"), f"{world.course}/threads/{thread}"
    sent = {"text": WORDS, "key": "thanks-0001"}
    assert ben.send(f"{path}/replies", {**sent, "deed": "draft"}).status_code == 303
    page = ben.get(path).text
    assert WORDS in page
    assert "post my last saved draft for me" not in page
    ben.send(f"{path}/replies", {**sent, "deed": "entrust"})
    assert "Nothing is due here any more" in ben.get(path).text
