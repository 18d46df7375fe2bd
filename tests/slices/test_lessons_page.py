"""A lesson is shown to whom it is open, and nobody else learns anything of it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from forum.core.db import db, transaction
from forum.courses.models import Course
from forum.lessons import commands, queries
from forum.lessons.models import Lesson, LessonDone
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.lessons import SRT, TINY, Made, change_module, first_module, make, member, rows
from tests.world import BEGAN_AT, WORLD_AT, World


def bare(page: str) -> str:
    """A page without what differs from one request to the next."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page)


def nothing_at(client: CheckingClient, made: Made) -> bool:
    """Whether every door of a lesson answers as for one that does not exist."""
    nowhere = Made(made.course, "2222222222", "2222222222")
    pairs = [(made.page, nowhere.page)]
    if made.file:
        pairs.append((made.address, nowhere.address))
    for here, there in pairs:
        for headers in ({}, {"Range": "bytes=0-5"}):
            one, other = client.get(here, headers=headers), client.get(there, headers=headers)
            if (one.status_code, bare(one.text)) != (
                404,
                bare(other.text),
            ) or one.status_code != other.status_code:
                return False
    one, other = client.send(f"{made.page}/done"), client.send(f"{nowhere.page}/done")
    return one.status_code == other.status_code == 404


def test_a_student_reads_a_published_lesson(site: Site, world: World) -> None:
    made = make(site, content=TINY.read_bytes(), use="recording", source="# Floods\n\nRead *this*.")
    page = site.client("ana").get(made.page).text
    assert "<h1>What the water took</h1>" in page
    assert "<em>this</em>" in page
    assert re.search(r"<h2[^>]*>Floods</h2>", page)
    video = re.search(r"<video[^>]*>", page)
    assert video is not None
    assert 'preload="none"' in video[0]
    assert "autoplay" not in page
    assert "Video, 5 kB." in page
    assert "What the water took" in site.client("ana").get(world.course).text


@pytest.mark.parametrize("short", ["ana", "olga"])
def test_a_hidden_lesson_is_not_there_for_who_is_not_staff(site: Site, world: World, short: str) -> None:
    made = make(site, "SECRET-TITLE", published=None, content=TINY.read_bytes(), use="recording")
    client = site.client(short)
    assert nothing_at(client, made)
    assert "SECRET-TITLE" not in client.get(world.course).text


@pytest.mark.parametrize("short", ["ines", "tariq"])
def test_staff_see_a_hidden_lesson_and_that_it_is_hidden(site: Site, world: World, short: str) -> None:
    made = make(site, published=None, content=TINY.read_bytes(), use="recording")
    client = site.client(short)
    assert "only staff see this lesson" in client.get(made.page).text
    assert client.get(made.address).status_code == 200
    assert "What the water took" in client.get(world.course).text


def test_a_lesson_is_there_from_its_instant_on(site: Site, world: World) -> None:
    opens = WORLD_AT + timedelta(hours=1)
    made = make(site, "SECRET-TITLE", published=opens, content=TINY.read_bytes(), use="recording")
    ana = site.client("ana")
    site.at(opens - timedelta(microseconds=1))
    assert nothing_at(ana, made)
    assert "SECRET-TITLE" not in ana.get(world.course).text
    site.at(opens)
    assert ana.get(made.page).status_code == ana.get(made.address).status_code == 200
    assert "SECRET-TITLE" in ana.get(world.course).text


def test_nothing_of_an_unopened_module_is_known(site: Site, world: World) -> None:
    module, opens = first_module(site), WORLD_AT + timedelta(hours=1)
    made = make(site, "SECRET-TITLE", module=module, content=TINY.read_bytes(), use="recording")
    before = make(site, "The lesson before", module=module)
    outside = make(site, "Outside")
    ana = site.client("ana")
    for closed in ({"opens_at": opens}, {"published_at": None, "opens_at": None}):
        change_module(site, module, **closed)
        assert nothing_at(ana, made)
        assert nothing_at(ana, before)
        assert (
            "SECRET-TITLE" not in ana.get(world.course).text + ana.get(outside.page).text + ana.get("/").text
        )
    change_module(site, module, published_at=BEGAN_AT, opens_at=opens)
    site.at(opens)
    assert ana.get(made.page).status_code == 200


def test_a_removed_lesson_is_gone_for_everyone_with_its_files(site: Site) -> None:
    made = make(site, content=TINY.read_bytes(), use="recording")
    ines = site.client("ines")
    assert ines.send(f"{made.manage}/removal").status_code == 303
    assert "The lesson was removed." in ines.get(made.course).text
    assert nothing_at(ines, made)
    assert nothing_at(site.client("ana"), made)


@pytest.mark.parametrize("short", ["sam", "mia", "ian"])
def test_who_is_not_of_the_course_gets_the_answer_for_nothing(site: Site, short: str) -> None:
    made = make(site, content=TINY.read_bytes(), use="recording")
    assert nothing_at(site.client(short), made)


def test_who_is_signed_out_gets_no_byte(site: Site) -> None:
    made = make(site, content=TINY.read_bytes(), use="recording")
    assert site.client().get(made.address).status_code == 302


def test_a_file_is_had_through_its_own_lesson_only(site: Site, world: World) -> None:
    made = make(site, content=TINY.read_bytes(), use="recording")
    second = make(site, "Second")
    elsewhere = make(site, "Elsewhere", other=True, content=TINY.read_bytes(), use="recording")
    ines = site.client("ines")
    assert ines.get(made.address).status_code == 200
    for lesson, file in [
        (second.lesson, made.file),
        (made.lesson, elsewhere.file),
        (elsewhere.lesson, elsewhere.file),
    ]:
        assert ines.get(f"{world.course}/lessons/{lesson}/files/{file}").status_code == 404
    assert ines.get(f"{world.course}/lessons/{elsewhere.lesson}").status_code == 404


def test_a_file_of_a_lesson_that_was_taken_off_is_gone(site: Site) -> None:
    made = make(site, content=TINY.read_bytes(), use="recording")
    ines = site.client("ines")
    assert ines.send(f"{made.manage}/files/{made.file}/removal").status_code == 303
    assert ines.get(made.address).status_code == 404
    assert made.file not in ines.get(made.page).text


def test_as_a_student_staff_see_what_students_see(site: Site) -> None:
    hidden = make(site, published=None)
    with site.app.app_context():
        from dataclasses import replace

        from forum.courses.policy import Role

        nobody = replace(member(site), account_id=0, role=Role.STUDENT, as_student=True)
        assert [lesson.public_id for lesson in queries.lessons_in(db.session(), nobody, WORLD_AT)] == []
        assert commands.why_not_mark_done(nobody) is not None
        known = [lesson.public_id for lesson in queries.lessons_in(db.session(), member(site), WORLD_AT)]
        assert known == [hidden.lesson]


def test_previous_and_next_pass_over_what_is_hidden(site: Site) -> None:
    module = first_module(site)
    last = make(site, "Without a module")
    first = make(site, "First", module=module)
    make(site, "SECRET-TITLE", module=module, published=None)
    second = make(site, "Second", module=module)
    ana = site.client("ana")
    page = ana.get(second.page).text
    assert re.search(rf'rel="prev" href="{first.page}"', page)
    assert re.search(rf'rel="next" href="{last.page}"', page)
    assert "SECRET-TITLE" not in page + ana.get(first.page).text
    assert 'rel="prev"' not in ana.get(first.page).text
    assert 'rel="next"' not in ana.get(last.page).text


def test_done_is_said_and_taken_back_as_often_as_one_likes(site: Site, world: World) -> None:
    made = make(site)
    ana, ben = site.client("ana"), site.client("ben")
    assert ana.send(f"{made.page}/done").status_code == 303
    site.at(WORLD_AT + timedelta(minutes=5))
    assert ana.send(f"{made.page}/done").status_code == 303
    assert rows(site, LessonDone) == 1
    with site.app.app_context():
        assert db.session.scalars(select(LessonDone.at)).one() == WORLD_AT
    assert "Not done yet" in ana.get(made.page).text
    assert 'data-state="done"' in ana.get(world.course).text
    assert "Mark as done" in ben.get(made.page).text
    assert 'data-state="done"' not in ben.get(world.course).text
    for _time in range(2):
        assert ana.send(f"{made.page}/done", {"deed": "take_back"}).status_code == 303
        assert rows(site, LessonDone) == 0


def test_done_is_for_who_learns_while_the_course_runs(site: Site, world: World) -> None:
    made = make(site)
    assert site.client("ines").send(f"{made.page}/done").status_code == 403
    with site.app.app_context(), transaction() as session:
        session.execute(update(Course).where(Course.id == world.course_id).values(state="ended"))
    ana = site.client("ana")
    assert "Mark as done" not in ana.get(made.page).text
    refused = ana.send(f"{made.page}/done")
    assert refused.status_code == 409
    assert "The course is not running" in refused.text
    assert rows(site, LessonDone) == 0


def test_links_elsewhere_are_links_with_their_host_and_load_nothing(site: Site) -> None:
    made = make(site)
    with site.app.app_context(), transaction() as session:
        lesson = queries.lesson_for(session, member(site), made.lesson, WORLD_AT)
        commands.add_link(
            session,
            lesson,
            title='"><b>Film',
            url="https://videos.example.org/w?v=1&t=2",
            author_id=None,
            at=WORLD_AT,
        )
    page = site.client("ana").get(made.page).text
    assert 'href="https://videos.example.org/w?v=1&amp;t=2"' in page
    assert ">videos.example.org<" in page
    assert "<b>Film" not in page
    assert "<iframe" not in page


def test_a_recording_comes_with_its_tracks_and_transcript(site: Site) -> None:
    made = make(site, content=TINY.read_bytes(), use="recording")
    ines = site.client("ines")
    import io

    fields = {"captions": (io.BytesIO(SRT.encode()), "a.srt"), "language": "es"}
    assert ines.send(f"{made.manage}/captions", fields).status_code == 303
    page = site.client("ana").get(made.page).text
    assert re.search(r'<track kind="captions" src="[^"]+" srclang="es" label="Spanish" default>', page)
    assert re.search(
        r'<a class="clock" href="#recording" data-seek="9"[^>]*>0:09</a> +<span>Then it fell\.', page
    )


def test_the_page_of_a_lesson_asks_the_database_as_often_for_many_files_as_for_one(site: Site) -> None:
    made = make(site, content=b"%PDF-1.7", name="a.pdf")
    ana, counted = site.client("ana"), []

    def statements() -> int:
        counted.clear()
        with site.app.app_context():
            engine = db.engine
        listen = lambda *_args: counted.append(1)  # noqa: E731 - removed again by its name
        event.listen(engine, "before_cursor_execute", listen)
        try:
            assert ana.get(made.page).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", listen)
        return len(counted)

    few = statements()
    with site.app.app_context():
        import io

        from forum.core.files import store

        stored = [store(io.BytesIO(b"%PDF-1.7"), f"{number}.pdf") for number in range(10)]
        with transaction() as session:
            lesson = queries.lesson_for(session, member(site), made.lesson, WORLD_AT)
            for each in stored:
                commands.add_file(session, lesson, each, use="attachment", author_id=None, at=WORLD_AT)
    for number in range(5):
        make(site, f"More {number}")
    assert statements() == few <= 10


def test_reading_writes_nothing(site: Site) -> None:
    made = make(site, content=TINY.read_bytes(), use="recording")
    ana = site.client("ana")
    with site.app.app_context():
        tables = [table for table in db.metadata.sorted_tables if table.name not in ("sign_in_session",)]

        def state() -> list[int]:
            return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]

        before = state()
    ana.get(made.page)
    ana.get(made.address)
    with site.app.app_context():
        assert [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables] == before
    assert rows(site, Lesson) == 1
