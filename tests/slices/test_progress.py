"""What happens when Ana looks how far she is, and Ines how far everyone is."""

import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import select, update

from forum.boards.commands import BoardSpec, CheckpointSpec, publish_board, save_board
from forum.boards.models import Board, Excusal
from forum.core.db import db, transaction
from forum.courses.models import Enrollment, Group, GroupMembership
from forum.courses.queries import member_of
from forum.desk.queries import board_views
from forum.lessons.models import Lesson, LessonDone
from forum.participation.progress import Progress, own_progress, progress_of_all
from forum.participation.queries import students_in
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.writing_steps import WORDS, member, reply
from tests.sweeps.test_queries import statements
from tests.world import BEGAN_AT, WORLD_AT


def lessons(site: Site, *titles: str, hidden: bool = False) -> list[str]:
    """Lessons of the course; their public ids."""
    with site.app.app_context(), transaction() as session:
        made = [
            Lesson(course_id=site.world.course_id, position=50 + number, title=title, source="Read.", html="<p>Read.</p>",
                   renderer_version=1, words=1, published_at=None if hidden else BEGAN_AT)
            for number, title in enumerate(titles)
        ]  # fmt: skip
        session.add_all(made)
        session.flush()
        return [lesson.public_id for lesson in made]


def told(client: CheckingClient, site: Site) -> str:
    """The sentence on the home of the course."""
    found = re.search(r"<p>(Done so far[^<]*)</p>", client.get(site.world.course).text)
    return found[1] if found else ""


def rows(site: Site, short: str = "ines", query: str = "") -> list[dict[str, str]]:
    answer = site.client(short).get(f"{site.world.course}/progress.csv{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def row_of(site: Site, name: str) -> dict[str, str]:
    return next(row for row in rows(site) if row["student"].startswith(name))


def test_the_home_says_what_is_done_and_what_is_not_in_each_module_and_in_all(site: Site) -> None:
    ana, world = site.client("ana"), site.world
    (first, _second) = lessons(site, "Dikes", "Maps")
    assert told(ana, site) == "Done so far: 0 of 8 (lessons: 0 of 2; what boards ask: 0 of 6). Not done: 8."
    assert ana.send(f"{world.course}/lessons/{first}/done", {"deed": "done"}).status_code == 303
    assert told(ana, site) == "Done so far: 1 of 8 (lessons: 1 of 2; what boards ask: 0 of 6). Not done: 7."
    assert reply(ana, site, world.threads["floods"], WORDS).status_code == 303
    assert told(ana, site) == "Done so far: 2 of 8 (lessons: 1 of 2; what boards ask: 1 of 6). Not done: 6."
    page = ana.get(world.course).text
    assert re.search(r'<h2>Week 12: Floods</h2>\s*<p class="meta">1 of 6 done</p>', page)
    assert re.search(r"Floods: what did they know\?</a> <span class=\"meta\">Board · [^<]*1 of 2 done", page)


@pytest.mark.behavior("B211")
def test_two_things_that_a_board_asks_are_done_when_both_are_and_staff_see_who_is(site: Site) -> None:
    world = site.world
    chidi = site.client("chidi")
    assert row_of(site, "Chidi")["done of it"] == "0"
    assert reply(chidi, site, world.threads["floods"], WORDS, "progress-1").status_code == 303
    assert row_of(site, "Chidi")["done of it"] == "1"
    path = f"{world.course}/posts/{world.posts['ben']}/replies"
    assert chidi.send(path, {"text": "A word to Ben.", "key": "progress-2"}).status_code == 303
    assert "Floods: what did they know?" in chidi.get(world.course).text
    done = row_of(site, "Chidi")["done of it"]
    assert done == "2"
    assert "all done" in chidi.get(world.course).text


def test_what_one_is_excused_from_is_not_counted(site: Site) -> None:
    before = row_of(site, "Ana")
    with site.app.app_context(), transaction() as session:
        board = session.scalars(select(Board).where(Board.public_id == site.world.boards["closed"])).one()
        session.add(Excusal(board_id=board.id, account_id=site.world.people["ana"], author_id=site.world.people["ines"],
                            created_at=WORLD_AT))  # fmt: skip
        board.version += 1
    after = row_of(site, "Ana")
    assert (int(before["asked by boards"]), int(before["past its due date"])) == (6, 1)
    assert (int(after["asked by boards"]), int(after["past its due date"])) == (5, 0)
    assert "what boards ask: 0 of 5" in told(site.client("ana"), site)


def test_what_students_do_not_see_counts_for_nobody(site: Site) -> None:
    lessons(site, "SECRET-HIDDEN", hidden=True)
    assert row_of(site, "Ana")["lessons"] == "0"
    assert "lessons" not in told(site.client("ana"), site)
    with site.app.app_context(), transaction() as session:
        ines = member_of(session, site.world.people["ines"], site.world.course_id, WORLD_AT)
        asks = (CheckpointSpec("first_post"),)
        save_board(session, ines, None, BoardSpec("Not yet", form="single", checkpoints=asks), at=BEGAN_AT)
    assert row_of(site, "Ana")["asked by boards"] == "6"


def test_a_board_for_some_counts_for_them_alone(site: Site) -> None:
    world = site.world
    with site.app.app_context(), transaction() as session:
        group = Group(course_id=world.course_id, title="Diggers", set_title="")
        session.add(group)
        session.flush()
        session.add(GroupMembership(group_id=group.id, account_id=world.people["ana"], from_at=BEGAN_AT))
        ines = member_of(session, world.people["ines"], world.course_id, WORLD_AT)
        spec = BoardSpec("For diggers", form="single", checkpoints=(CheckpointSpec("first_post"),),
                         audience=frozenset({("group", group.id)}))  # fmt: skip
        board = save_board(session, ines, None, spec, at=BEGAN_AT)
        publish_board(session, ines, board, at=BEGAN_AT)
    assert {row["student"].split()[0]: row["asked by boards"] for row in rows(site)} == {
        "Ana": "7", "Ben": "6", "Chidi": "6", "Dana": "6",
    }  # fmt: skip


def test_staff_see_of_each_student_what_the_student_sees(site: Site) -> None:
    (lesson,) = lessons(site, "Dikes")
    with site.app.app_context(), transaction() as session:
        row = session.scalars(select(Lesson).where(Lesson.public_id == lesson)).one()
        session.add(LessonDone(lesson_id=row.id, account_id=site.world.people["ben"], at=WORLD_AT))
    with site.app.app_context():
        session = db.session()
        staff = member(site, "ines")
        for student, progress in progress_of_all(
            session, staff, students_in(session, staff, WORLD_AT), WORLD_AT
        ):
            one = member_of(session, student.account_id, site.world.course_id, WORLD_AT)
            assert one is not None
            on_boards = sum(own_progress(session, board_views(session, one, WORLD_AT)).values(), Progress())
            done = int(student.account_id == site.world.people["ben"])
            assert progress == on_boards + Progress(lessons=1, lessons_done=done)


def test_the_table_is_sorted_and_filtered_and_saved_in_its_order(site: Site) -> None:
    page = site.client("ines").get(f"{site.world.course}/progress").text
    assert "4 students" in page
    assert site.client("ines").get(site.world.course).text.count(f"{site.world.course}/progress") == 1
    by_done = [row["student"].split()[0] for row in rows(site, query="?sort=boards&order=desc")]
    assert by_done == ["Ben", "Ana", "Chidi", "Dana"]
    south = site.world.sections["South"]
    assert [row["student"].split()[0] for row in rows(site, query=f"?section={south}")] == ["Chidi", "Dana"]
    assert len(rows(site, query="?sort=nothing;--&group=zz")) == 4


def test_it_is_for_staff_and_of_their_sections_alone(site: Site) -> None:
    for short, status in (("ana", 403), ("olga", 403), ("mia", 404)):
        for ending in ("", ".csv"):
            assert site.client(short).get(f"{site.world.course}/progress{ending}").status_code == status
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.account_id == site.world.people["tariq"])
            .values(all_sections=False)
        )
    assert rows(site, "tariq") == []
    for short in ("ines", "olga"):
        assert told(site.client(short), site) == ""
    page = site.client("ana").get(site.world.course).text
    assert "Ben Achterberg" not in page
    assert "/progress" not in page


def test_it_asks_as_often_for_many_boards_as_for_few(site: Site) -> None:
    client: Any = site.client("ines")
    counted = []
    for more in (1, 12):
        with site.app.app_context(), transaction() as session:
            ines = member_of(session, site.world.people["ines"], site.world.course_id, WORLD_AT)
            for number in range(more):
                spec = BoardSpec(
                    f"One more {more}-{number}", form="single", checkpoints=(CheckpointSpec("first_post"),)
                )
                publish_board(session, ines, save_board(session, ines, None, spec, at=BEGAN_AT), at=BEGAN_AT)
        client.get(f"{site.world.course}/progress")
        with statements(site) as sent:
            client.get(f"{site.world.course}/progress")
        counted.append(len(sent))
    assert counted[0] == counted[1]
