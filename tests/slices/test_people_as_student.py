"""What happens when staff look at their course as a student: what a student sees, nothing more, and no trace."""

import hashlib
import re

import pytest
from sqlalchemy import select

from forum.core.db import db, transaction
from forum.courses import commands as courses
from forum.courses.models import Course
from tests.conftest import Site
from tests.world import WORLD_AT, World


def look(site: Site, world: World, who: str = "ines", **fields: str) -> object:
    client = site.client(who)
    assert client.send(f"{world.course}/as-student", fields).location == world.course
    return client


def all_rows(site: Site) -> str:
    """A digest over every row but sessions' last use."""
    digest = hashlib.sha256()
    with site.app.app_context():
        for table in db.metadata.sorted_tables:
            if table.name == "sign_in_session":
                continue
            rows = sorted(map(repr, db.session.execute(select(table)).all()))
            digest.update(f"{table.name}{rows}".encode())
    return digest.hexdigest()


def test_staff_see_what_a_student_sees_and_come_back(site: Site, world: World) -> None:
    ines = look(site, world, zone="America/Chicago")
    page = ines.get(world.course).text
    assert "You see this as a student would." in page
    assert "HIDDEN-BOARD-TITLE" not in page
    assert "Inés" not in re.sub(r'<div class="account">.*?</div>', "", page, flags=re.S)
    board = ines.get(f"{world.course}/boards/{world.boards['floods']}").text
    assert "Thursday, 16:59" in board
    left = ines.send(f"{world.course}/as-student/leave")
    assert left.location == world.course
    assert "HIDDEN-BOARD-TITLE" in ines.get(world.course).text


def test_nothing_that_is_closed_to_a_student_opens(site: Site, world: World) -> None:
    ines = look(site, world)
    for path in (f"boards/{world.boards['hidden']}", "people/new", "as-student", "manage/visit", f"threads/{world.threads['hidden']}",
                 f"posts/{world.posts['sealed']}"):  # fmt: skip
        assert ines.get(f"{world.course}/{path}").status_code in (403, 404), path
    for path in ("", "/people", f"/boards/{world.boards['sources']}", f"/threads/{world.threads['sources']}",
                 f"/boards/{world.boards['later']}"):  # fmt: skip
        text = ines.get(f"{world.course}{path}", follow_redirects=True).text
        assert "SECRET" not in text, path
        assert "@example.org" not in text, path


def test_no_deed_is_let_through_but_leaving(site: Site, world: World) -> None:
    ines = look(site, world)
    before = all_rows(site)
    for path in (f"threads/{world.threads['floods']}/replies", f"threads/{world.threads['floods']}/read", "people/new", "people/sections",
                 "as-student", f"drafts/thread:{world.threads['floods']}"):  # fmt: skip
        answer = ines.send(
            f"{world.course}/{path}", {"text": "words", "key": "key-ines-9", "title": "x", "role": "student"}
        )
        assert answer.status_code in (403, 405), path
    assert all_rows(site) == before


def test_looking_leaves_no_trace(site: Site, world: World) -> None:
    client = site.client("ines")
    client.token()
    before = all_rows(site)
    client.send(f"{world.course}/as-student", {"section": world.sections["North"], "zone": "Asia/Tokyo"})
    for path in ("", "/people", *(f"/boards/{board}" for board in world.boards.values()),
                 *(f"/threads/{thread}" for thread in world.threads.values())):  # fmt: skip
        client.get(f"{world.course}{path}")
    client.send(f"{world.course}/as-student/leave")
    assert all_rows(site) == before


def test_own_drafts_and_marks_are_not_shown_to_the_student_of_nobody(site: Site, world: World) -> None:
    from forum.posts import commands as posts

    with site.app.app_context(), transaction() as session:
        posts.save_draft(session, world.people["ines"], world.course_id, posts.Place("thread", world.threads["floods"]),
                         posts.write("STAFF-DRAFT-WORDS", "key-ines-1"), at=WORLD_AT)  # fmt: skip
    assert (
        "STAFF-DRAFT-WORDS"
        in site.client("ines").get(f"{world.course}/threads/{world.threads['floods']}").text
    )
    ines = look(site, world)
    assert "STAFF-DRAFT-WORDS" not in ines.get(f"{world.course}/threads/{world.threads['floods']}").text


def test_only_the_chosen_groups_thread_is_seen(site: Site, world: World) -> None:
    from forum.boards.models import Board
    from forum.posts.models import Thread

    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, world.course_id)
        ids = [courses.group_called(session, course, title) for title in ("Herons", "Storks")]
        groups = {group.title: group.public_id for group in ids}
        board = session.scalars(select(Board).where(Board.public_id == world.boards["questions"])).one()
        board.groups = "separate"
        for group in ids:
            session.add(Thread(course_id=course.id, board_id=board.id, group_id=group.id, author_id=world.people["ben"],
                               title=f"Plans of the {group.title}", created_at=WORLD_AT, last_post_at=WORLD_AT))  # fmt: skip
    url = f"{world.course}/boards/{world.boards['questions']}"
    page = look(site, world, group=groups["Herons"]).get(url).text
    assert "Plans of the Herons" in page
    assert "Plans of the Storks" not in page
    page = look(site, world).get(url).text
    assert "Plans of the" not in page


def test_another_courses_section_and_group_are_no_choice(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        other = session.get_one(Course, world.other_course_id)
        section = courses.section_called(session, other, "Theirs").public_id
        group = courses.group_called(session, other, "Theirs").public_id
    ines = site.client("ines")
    assert ines.send(f"{world.course}/as-student", {"section": section}).status_code == 422
    assert ines.send(f"{world.course}/as-student", {"group": group}).status_code == 422
    assert ines.send(f"{world.course}/as-student", {"zone": "Mars/Olympus"}).status_code == 422
    assert "You see this as a student would." not in ines.get(world.course).text


@pytest.mark.parametrize(("who", "status"), [("ana", 403), ("olga", 403), ("sam", 404), ("ada", 403)])
def test_only_staff_look_as_a_student(site: Site, world: World, who: str, status: int) -> None:
    client = site.client(who)
    assert client.get(f"{world.course}/as-student").status_code == status
    assert client.send(f"{world.course}/as-student", {}).status_code == status
    assert client.send(f"{world.course}/as-student/leave").status_code == status


def test_looking_ends_with_the_right_to_it(site: Site, world: World) -> None:
    ines = look(site, world)
    with site.app.app_context(), transaction() as session:
        courses.unenroll(
            session,
            session.get_one(Course, world.course_id),
            world.people["ines"],
            at=WORLD_AT,
            author_id=None,
        )
    assert ines.get(world.course).status_code == 404


def test_another_course_is_not_seen_as_a_student(site: Site, world: World) -> None:
    ines = look(site, world)
    with site.app.app_context(), transaction() as session:
        from forum.courses.policy import Role

        courses.enroll(session, session.get_one(Course, world.other_course_id), world.people["ines"], Role.INSTRUCTOR, at=WORLD_AT,
                       author_id=None)  # fmt: skip
    assert "You see this as a student would." not in ines.get(world.other).text
    assert "You see this as a student would." in ines.get(world.course).text
