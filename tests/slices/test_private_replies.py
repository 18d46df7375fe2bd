"""A private reply by staff is there for one student and the staff who see them, and for nobody else by any door."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.boards.commands import BoardSpec
from forum.core import caches
from forum.core.db import db, transaction
from forum.courses.commands import put_in_section, section_called
from forum.courses.models import Course, Enrollment
from forum.ledger.models import AuditEntry
from forum.posts.models import Draft, Post
from forum.receipts.models import Receipt
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.test_fragments import OWN
from tests.slices.writing_steps import WORDS, board_of, posts_by, written_by
from tests.world import WORLD_AT, World

CANARY = "CANARY-PRIVATE: please see me about the letters before you write on."
OTHERS = ("ana", "chidi", "dana", "olga")
LABEL = "Only Ben Achterberg and staff read this."


def send(site: Site, short: str, post: str, text: str = CANARY, key: str = "private-0001", **more: str):
    return site.client(short).send(
        f"{site.world.course}/posts/{post}/private", {"text": text, "key": key, **more}
    )


def private_post(site: Site) -> str:
    return next(post.public_id for post in posts_by(site, "ines") if post.private_with_id is not None)


def doors(world: World, post: str | None = None) -> list[str]:
    thread = f"{world.course}/threads/{world.threads['floods']}"
    found = [thread, f"{world.course}/boards/{world.boards['floods']}", world.course, "/", "/mine"]
    if post is not None:
        one = f"{world.course}/posts/{post}"
        found += [one, f"{one}/revisions", f"{one}/reply", f"{one}/edit", f"{one}/receipts", f"{one}/private"]
    return found


@pytest.fixture
def readers(site: Site) -> dict[str, CheckingClient]:
    """One browser for each reader: an ETag names the session, too."""
    return {short: site.client(short) for short in (*OTHERS, "tariq")}


def seen(client: CheckingClient, path: str) -> tuple[int, str | None, str]:
    """Status, ETag and page, but for what differs at each request."""
    answer = FlaskClient.open(client, path)
    return answer.status_code, answer.headers.get("ETag"), OWN.sub("", answer.text)


@pytest.mark.behavior("B193")
def test_author_addressee_and_staff_see_it_with_a_label_and_nobody_else_notices(
    site: Site, world: World, readers: dict[str, CheckingClient]
) -> None:
    before = {(short, path): seen(readers[short], path) for short in OTHERS for path in doors(world)}
    answer = send(site, "ines", world.posts["ben"])
    assert answer.status_code == 303, answer.text
    post = private_post(site)
    for short in ("ines", "tariq", "ben"):
        page = site.client(short).get(doors(world)[0]).text
        assert page.count(CANARY) == 1
        assert LABEL in page
        assert "Private reply to Ben Achterberg" in page
        # It stands under the post that it answers, before what answers that openly.
        assert (
            page.index(world.posts["ben"]) < page.index(CANARY) < page.index(f'id="p-{world.posts["ines"]}"')
        )
    for short in OTHERS:
        for path in doors(world):
            assert seen(readers[short], path) == before[short, path], (short, path)
        for path in doors(world, post)[5:]:
            status, _etag, text = seen(readers[short], path)
            nothing = seen(readers[short], path.replace(post, "nosuchpost"))
            assert (status, text.replace(post, "")) == (nothing[0], nothing[2].replace("nosuchpost", ""))
            assert status in (403, 404)
            assert CANARY not in text


@pytest.mark.behavior("B193")
def test_changing_removing_and_restoring_it_changes_nothing_for_others(
    site: Site, world: World, readers: dict[str, CheckingClient]
) -> None:
    send(site, "ines", world.posts["ben"])
    post, thread = private_post(site), doors(world)[0]
    before = {short: seen(readers[short], thread) for short in OTHERS}
    base = f"{world.course}/posts/{post}"
    ines = site.client("ines")
    edited = {"text": f"{CANARY} Today.", "key": "private-0002", "revision": "1"}
    assert ines.send(f"{base}/edit", edited).status_code == 303
    assert f"{CANARY} Today." in site.client("ben").get(thread).text
    assert {short: seen(readers[short], thread) for short in OTHERS} == before
    for deed, is_there in (("remove", False), ("restore", True)):
        assert ines.send(f"{base}/removal", {"deed": deed}).status_code == 303
        assert (CANARY in site.client("ben").get(thread).text) is is_there
        assert {short: seen(readers[short], thread) for short in OTHERS} == before


@pytest.mark.behavior("B193")
def test_staff_of_other_sections_do_not_see_it(
    site: Site, world: World, readers: dict[str, CheckingClient]
) -> None:
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, world.course_id)
        south = section_called(session, course, "South")
        put_in_section(session, course, world.people["tariq"], south.id, at=WORLD_AT - timedelta(days=1))
        session.execute(
            update(Enrollment)
            .where(Enrollment.account_id == world.people["tariq"])
            .values(all_sections=False)
        )
    thread = doors(world)[0]
    before = seen(readers["tariq"], thread)[2]
    send(site, "ines", world.posts["ben"])
    caches.clear_all()
    assert (
        CANARY in site.client("ines").get(thread).text
    )  # what is kept of the page is made for her, and serves him
    assert seen(readers["tariq"], thread)[2] == before
    assert site.client("tariq").get(f"{world.course}/posts/{private_post(site)}").status_code == 404
    send(site, "ines", world.posts["chidi"], "CANARY-FOR-CHIDI", "private-0002")
    assert "CANARY-FOR-CHIDI" in site.client("tariq").get(thread).text


@pytest.mark.behavior("B194")
def test_a_student_cannot_send_one_and_nobody_replies_to_one(site: Site, world: World) -> None:
    for short in ("ana", "ben", "olga"):
        assert send(site, short, world.posts["ben"]).status_code == 403
    assert not [post for short in ("ana", "ben") for post in posts_by(site, short) if post.private_with_id]
    assert "Reply privately" not in site.client("ana").get(doors(world)[0]).text
    send(site, "ines", world.posts["ben"])
    post = private_post(site)
    number = len(posts_by(site, "ben"))
    for short in ("ben", "ines", "tariq"):
        client = site.client(short)
        page = client.get(f"{world.course}/posts/{post}/reply").text
        assert "Nobody can reply to a private reply." in page
        answer = client.send(
            f"{world.course}/posts/{post}/replies", {"text": WORDS, "key": f"answer-{short}"}
        )
        assert answer.status_code == 409
        assert "Nobody can reply to a private reply." in answer.text
        assert WORDS in answer.text
        assert f"/posts/{post}/reply" not in client.get(doors(world)[0]).text
        if short != "ben":
            answer = send(site, short, post, key=f"again-{short}")
            assert answer.status_code == 409
            assert CANARY in answer.text
    assert len(posts_by(site, "ben")) == number


def test_it_goes_to_students_only(site: Site, world: World) -> None:
    answer = send(site, "tariq", world.posts["ines"])
    assert answer.status_code == 409
    assert "A private reply goes to a student" in answer.text
    assert CANARY in answer.text
    with site.app.app_context():
        draft = db.session.scalars(select(Draft).where(Draft.account_id == world.people["tariq"])).one()
        assert (draft.place, draft.source) == (f"private:{world.posts['ines']}", CANARY)


def test_it_is_new_to_its_addressee_alone_until_they_read_to_it(site: Site, world: World) -> None:
    board, thread = f"{world.course}/boards/{world.boards['questions']}", world.threads["questions"]
    site.at(WORLD_AT + timedelta(minutes=1))
    for short in ("chidi", "dana"):
        site.client(short).send(
            f"{world.course}/threads/{thread}/read", {"position": "1", "at": (WORLD_AT).isoformat()}
        )
    assert "new</span>" not in site.client("chidi").get(board).text
    site.at(WORLD_AT + timedelta(minutes=2))
    assert send(site, "ines", world.posts["opening"]).status_code == 303
    assert "1 new" in site.client("chidi").get(board).text
    assert "1 new" not in site.client("dana").get(board).text
    page = site.client("chidi").get(f"{world.course}/threads/{thread}").text
    assert "1 new since you were here" in page
    assert page.index(f'id="p-{world.posts["opening"]}"') < page.index(CANARY)
    assert page.index('id="new"') < page.index(CANARY)
    site.at(WORLD_AT + timedelta(minutes=3))
    site.client("chidi").send(
        f"{world.course}/threads/{thread}/read", {"position": "1", "at": (WORLD_AT + timedelta(minutes=3)).isoformat()}
    )  # fmt: skip
    assert "new</span>" not in site.client("chidi").get(board).text
    assert 'id="new"' not in site.client("chidi").get(f"{world.course}/threads/{thread}").text


def test_the_next_open_reply_has_the_next_place(site: Site, world: World) -> None:
    send(site, "ines", world.posts["ben"])
    written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
    with site.app.app_context():
        places = db.session.scalars(
            select(Post.position)
            .where(Post.thread_id == posts_by(site, "ana")[-1].thread_id, Post.private_with_id.is_(None))
            .order_by(Post.position)
        ).all()
    assert places == [1, 2, 3, 4]


def test_who_does_not_see_others_posts_yet_sees_what_staff_tell_them(site: Site, world: World) -> None:
    thread = world.threads["sources"]
    own = written_by(site, "ana", thread, "Too short.", WORLD_AT - timedelta(hours=1))
    assert send(site, "ines", own).status_code == 303
    page = site.client("ana").get(f"{world.course}/threads/{thread}").text
    assert CANARY in page
    assert "SECRET-AFTER-OWN" not in page
    assert CANARY not in site.client("ben").get(f"{world.course}/threads/{thread}").text


def test_pressed_twice_it_is_one_with_a_receipt_and_a_line_in_the_ledger(site: Site, world: World) -> None:
    for _press in range(2):
        assert send(site, "ines", world.posts["ben"]).status_code == 303
    with site.app.app_context():
        post = db.session.scalars(select(Post).where(Post.private_with_id.is_not(None))).one()
        assert db.session.scalars(select(Receipt.kind).where(Receipt.post_id == post.id)).all() == [
            "accepted"
        ]
        line = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "replied_privately")).one()
        assert (line.subject_id, line.facts) == (post.id, {"addressee": world.people["ben"]})
    other = send(site, "ines", world.posts["ben"], "Other words under one key.")
    assert other.status_code == 409
    assert "Other words under one key." in other.text


def test_without_a_script_it_is_previewed_and_kept_as_a_draft(site: Site, world: World) -> None:
    shown = send(site, "ines", world.posts["ben"], "**Bold** words", deed="preview")
    assert "<strong>Bold</strong>" in shown.text
    assert shown.status_code == 200
    assert send(site, "ines", world.posts["ben"], deed="draft").status_code == 303
    assert CANARY in site.client("ines").get(f"{world.course}/posts/{world.posts['ben']}/private").text
    assert "/private" in site.client("ines").get("/mine").text
    empty = send(site, "ines", world.posts["ben"], "  ")
    assert empty.status_code == 422
    assert "There is nothing written here yet." in empty.text
    assert not any(post.private_with_id for post in posts_by(site, "ines"))


def test_its_link_leads_to_the_page_that_has_it(site: Site, world: World) -> None:
    _board, thread = board_of(site, BoardSpec("Long", form="single", prompt="Much."))
    assert thread is not None
    at = WORLD_AT - timedelta(hours=2)
    made = [written_by(site, "ben", thread, f"Answer {number}. {WORDS}", at) for number in range(130)]
    assert send(site, "ines", made[120]).status_code == 303
    link = site.client("ben").get(f"{world.course}/posts/{private_post(site)}").headers["Location"]
    page = site.client("ben").get(link.split("#")[0]).text
    assert "from=" in link
    assert CANARY in page
    assert made[120] in page
    assert CANARY not in site.client("ben").get(f"{world.course}/threads/{thread}").text


def test_a_file_that_goes_with_it_is_for_the_same_people(site: Site, world: World) -> None:
    client = site.client("ines")
    path = f"{world.course}/posts/{world.posts['ben']}/private"
    answer = client.send(
        path,
        {"text": CANARY, "key": "private-0001", "attach": (BytesIO(b"SECRET words of a file"), "notes.txt")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    page = site.client("ben").get(doors(world)[0]).text
    link = re.search(rf'href="({world.course}/posts/{private_post(site)}/files/[^"]+)"', page)
    assert link
    assert site.client("ben").get(link.group(1)).data == b"SECRET words of a file"
    assert site.client("tariq").get(link.group(1)).status_code == 200
    for short in OTHERS:
        assert site.client(short).get(link.group(1)).status_code == 404
