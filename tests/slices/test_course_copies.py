"""A course copied to a new start: its content and moved dates, none of its people and what they wrote."""

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from forum.boards.commands import BoardSpec, CheckpointSpec, on_board_saved
from forum.boards.models import Board, Checkpoint, DueRule
from forum.cli import main
from forum.core.db import db, transaction
from forum.core.errors import Refused
from forum.core.files import File, path_of, store
from forum.core.moments import UnknownZone, Wall
from forum.courses.commands import make_term
from forum.courses.models import Course, Section, Term
from forum.interop.course_copies.commands import copy_course
from forum.interop.course_copies.plans import Choices
from forum.interop.course_copies.sources import source_of
from forum.lessons.commands import add_file, add_link, edit_lesson, make_lesson
from forum.lessons.models import Lesson, LessonFile, LessonLink, LessonRevision
from forum.participation.commands import CriterionSpec, LevelSpec, save_rubric
from forum.participation.queries import rubric_of
from forum.posts.models import Thread
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.board_steps import fields_of
from tests.slices.dates_steps import give_section, member_of, more_boards, row_in
from tests.slices.imports import digest_of_tables, uploads_of, words_of
from tests.sweeps.test_queries import statements
from tests.world import BEGAN_AT, WORLD_AT, World

FIRST_DAY = date(2027, 2, 2)  # a Tuesday, as 1 September 2026 was: 22 weeks later
STAYS = frozenset(("post", "draft", "grade", "enrollment", "section_membership", "course_group", "extension",
                   "accommodation", "excusal", "read_mark", "lesson_done", "news_item"))  # fmt: skip


@pytest.fixture
def spring(site: Site, world: World) -> str:
    """A term to copy into, and more to copy: a lesson with everything, a rubric, a section's date. Its public id."""
    give_section(site, "floods", "North", wall=Wall(date(2026, 11, 27), time(20, 0)))
    with site.app.app_context(), transaction() as session:
        term = make_term(session, code="2027-spring", title="Spring 2027", starts_on=date(2027, 2, 1),
                         ends_on=date(2027, 5, 20), at=WORLD_AT, author_id=None)  # fmt: skip
        ines: Any = member_of(session, world.people["ines"], world.course_id, WORLD_AT)
        board = session.scalars(select(Board).where(Board.public_id == world.boards["floods"])).one()
        levels = (LevelSpec("Thin", 0), LevelSpec("Sound", 5))
        save_rubric(
            session, ines, board, [CriterionSpec("Sources", levels, "Named and dated.")], None, at=WORLD_AT
        )
        lesson = make_lesson(session, ines, title="The map", source="First words.", module_id=board.module_id,
                             published_at=BEGAN_AT, at=BEGAN_AT)  # fmt: skip
        file = add_file(session, lesson, store(BytesIO(b"A legend."), "legend.txt"), use="attachment",
                        author_id=None, at=BEGAN_AT)  # fmt: skip
        add_link(
            session, lesson, title="Archive", url="https://archive.example.org/", author_id=None, at=BEGAN_AT
        )
        here = f"/c/{world.slug}"
        edit_lesson(
            session, ines, lesson.public_id, title="The map", module_id=board.module_id, revision=1, at=WORLD_AT,
            source=f"[board]({here}/boards/{board.public_id}), [legend]({here}/lessons/{lesson.public_id}/files/"
                   f"{file.public_id}), [gone]({here}/threads/abcdefghjk), [other](/c/{world.slug}-2/boards/x).",
        )  # fmt: skip
        make_lesson(session, ines, title="Unseen", source="Hidden.", module_id=None, at=BEGAN_AT)
        return term.public_id


def page_of(site: Site) -> str:
    with site.app.app_context():
        found = db.session.scalar(select(Course.public_id).where(Course.slug == site.world.slug))
        db.session.remove()
    return f"/admin/courses/{found}/copy"


def looked(ada: CheckingClient, page: str, **fields: str) -> Any:
    """What the page shows once it has a first day."""
    form = fields_of(ada.get(page).text, "/copy")
    return ada.send(page, {**form, "first_on": FIRST_DAY.isoformat(), **fields, "deed": "look"})


def made(site: Site, **fields: str) -> str:
    """Copy the course in the browser; its new address."""
    ada, page = site.client("ada"), page_of(site)
    form = fields_of(looked(ada, page, **fields).text, "/copy")
    answer = ada.send(page, {**form, "deed": "make"})
    assert answer.status_code == 303, words_of(answer.text)[:3000]
    with site.app.app_context():
        slug = db.session.scalar(
            select(Course.slug).where(Course.public_id == str(answer.location).rsplit("/", 1)[1])
        )
        db.session.remove()
    return str(slug)


def dues_of(session: Any, slug: str) -> dict[tuple[str, str, str], tuple[Wall, datetime]]:
    """Every date of a course's boards by title, what and section."""
    rows = session.execute(
        select(Board.title, DueRule, Section.title, Checkpoint.kind)
        .join(DueRule, DueRule.board_id == Board.id)
        .join(Course, Course.id == Board.course_id)
        .outerjoin(Section, Section.id == DueRule.section_id)
        .outerjoin(Checkpoint, Checkpoint.id == DueRule.checkpoint_id)
        .where(Course.slug == slug)
    )
    return {
        (title, kind or rule.what, section or ""): (
            Wall(rule.wall_on, time.fromisoformat(rule.wall_minute) if rule.wall_minute else None), rule.instant
        )
        for title, rule, section, kind in rows
    }  # fmt: skip


def test_every_date_moves_by_whole_weeks_and_keeps_weekday_and_time_of_day(site: Site, world: World, spring: str) -> None:  # fmt: skip
    slug = made(site, with_sections="y")
    with site.app.app_context():
        before, after = (dues_of(db.session(), one) for one in (world.slug, slug))
        db.session.remove()
    assert set(after) == set(before)
    for key, (wall, _instant) in before.items():
        moved, instant = after[key]
        assert (moved.on - wall.on, moved.minute) == (timedelta(weeks=22), wall.minute), key
        assert moved.on.weekday() == wall.on.weekday()
        assert instant == after[key][1]
    # Summer time by then: 20:00 in Madrid is an hour earlier in UTC.
    assert before["Floods: what did they know?", "first_post", "North"][1] == datetime(
        2026, 11, 27, 19, 1, tzinfo=UTC
    )
    assert after["Floods: what did they know?", "first_post", "North"][1] == datetime(
        2027, 4, 30, 18, 1, tzinfo=UTC
    )
    assert after["Floods: what did they know?", "first_post", ""][1] == datetime(2027, 4, 29, 22, tzinfo=UTC)


def test_content_is_copied_and_people_and_their_words_stay(site: Site, world: World, spring: str) -> None:
    before = digest_of_tables(site)
    slug = made(site)
    after = digest_of_tables(site)
    assert [name for name in STAYS if name in before and before[name] != after[name]] == []
    with site.app.app_context():
        session = db.session()
        course = session.scalars(select(Course).where(Course.slug == slug)).one()
        assert (course.state, course.starts_on, course.ends_on) == (
            "preparation",
            FIRST_DAY,
            date(2027, 5, 23),
        )
        boards = session.scalars(select(Board).where(Board.course_id == course.id)).all()
        old = session.scalars(select(Board).where(Board.course_id == world.course_id)).all()
        assert {(b.title, b.form, b.prompt_source, b.shown, b.position, b.published_at is None) for b in boards} == {
            (b.title, b.form, b.prompt_source, b.shown, b.position, b.published_at is None) for b in old
        }  # fmt: skip
        assert {b.first_shown_at for b in boards} == {None}, (
            "nobody has seen them: their dates may still change"
        )
        floods = next(b for b in boards if b.title.startswith("Floods"))
        (line,) = rubric_of(session, floods.id).criteria
        assert (line.title, line.description, [(level.title, level.points) for level in line.levels]) == (
            "Sources", "Named and dated.", [("Thin", 0), ("Sound", 5)],
        )  # fmt: skip
        threads = session.scalars(select(Thread).where(Thread.course_id == course.id)).all()
        assert {(t.board_id, t.is_prompt, t.posts) for t in threads} == {
            (b.id, True, 0) for b in boards if b.form == "single"
        }  # fmt: skip
        assert (
            session.scalar(select(func.count()).select_from(Section).where(Section.course_id == course.id))
            == 0
        )
        db.session.remove()


def test_a_lesson_comes_with_its_latest_text_links_and_files_and_leads_into_the_new_course(
    site: Site, world: World, spring: str
) -> None:
    slug = made(site)
    with site.app.app_context():
        session = db.session()
        lessons = {
            one.title: one
            for one in session.scalars(
                select(Lesson).join(Course, Course.id == Lesson.course_id).where(Course.slug == slug)
            )
        }
        lesson = lessons["The map"]
        board = session.scalar(
            select(Board.public_id).where(
                Board.course_id == lesson.course_id, Board.title.startswith("Floods")
            )
        )
        file = session.scalars(
            select(File)
            .join(LessonFile, LessonFile.file_id == File.id)
            .where(LessonFile.lesson_id == lesson.id)
        ).one()
        here = f"/c/{slug}"
        assert lesson.source == (
            f"[board]({here}/boards/{board}), [legend]({here}/lessons/{lesson.public_id}/files/{file.public_id}), "
            f"[gone](/c/{world.slug}/threads/abcdefghjk), [other](/c/{world.slug}-2/boards/x)."
        )
        assert f'href="{here}/boards/{board}"' in lesson.html
        revisions = session.scalars(select(LessonRevision).where(LessonRevision.lesson_id == lesson.id)).all()
        assert [(one.number, one.source) for one in revisions] == [(1, lesson.source)]
        assert (lesson.published_at, lessons["Unseen"].published_at) == (WORLD_AT, None)
        assert session.scalars(select(LessonLink.url).where(LessonLink.lesson_id == lesson.id)).all() == ["https://archive.example.org/"]  # fmt: skip
        first = session.scalars(select(File).where(File.name == "legend.txt", File.id != file.id)).first()
        assert first is not None
        assert first.stored_as != file.stored_as
        path_of(first.stored_as).unlink()
        assert path_of(file.stored_as).read_bytes() == b"A legend.", "the copy minds nothing of the old one"
        db.session.remove()


def test_the_page_says_which_links_lead_back_into_the_old_course(site: Site, spring: str) -> None:
    ada, page = site.client("ada"), page_of(site)
    form = fields_of(looked(ada, page).text, "/copy")
    answer = ada.send(page, {**form, "deed": "make"})
    assert "lead nowhere in the new one: The map" in ada.get(answer.location).text


def test_holidays_and_the_end_of_the_term_are_flagged_and_nothing_is_made_yet(site: Site, world: World, spring: str) -> None:  # fmt: skip
    ada = site.client("ada")
    before = digest_of_tables(site)
    answer = looked(ada, page_of(site), holidays="2027-04-29\n2027-05-01 to 2027-05-02")
    assert answer.status_code == 200
    assert digest_of_tables(site) == before
    words = words_of(answer.text)
    assert "Every date moves by 22 weeks, and keeps its weekday and its time of day." in words
    assert "end of Thursday 26 November 2026, Madrid time end of Thursday 29 April 2027, Madrid time This is a holiday." in words  # fmt: skip
    assert "end of Saturday 1 May 2027, Madrid time This is a holiday." in words
    end = row_in(answer.text, "course-ends")
    assert "end of Sunday 23 May 2027" in end
    assert "This lies after the end of the course or term." in end


def test_what_is_changed_in_the_table_is_made_so_and_stays_when_the_first_day_changes(site: Site, world: World, spring: str) -> None:  # fmt: skip
    ada, page = site.client("ada"), page_of(site)
    form = fields_of(looked(ada, page).text, "/copy")
    keys = [
        name.removesuffix("-on")
        for name, value in form.items()
        if name.endswith("-on") and value == "2027-04-29"
    ]
    edited, moving = keys[0], keys[1]
    form |= {f"{edited}-on": "2027-04-28", f"{edited}-minute": "19:00", "first_on": "2027-02-09"}
    answer = ada.send(page, {**form, "deed": "make"})
    assert answer.status_code == 200, "dates have moved that nobody has looked at"
    form = fields_of(answer.text, "/copy")
    assert (form[f"{edited}-on"], form[f"{edited}-minute"], form[f"{moving}-on"]) == ("2027-04-28", "19:00", "2027-05-06")  # fmt: skip
    assert "another weekday than before" in row_in(answer.text, edited)
    answer = ada.send(page, {**form, "deed": "make"})
    assert answer.status_code == 303
    with site.app.app_context():
        slug = db.session.scalar(select(Course.slug).where(Course.starts_on == date(2027, 2, 9)))
        walls = {wall for wall, _instant in dues_of(db.session(), str(slug)).values()}
        assert {Wall(date(2027, 4, 28), time(19)), Wall(date(2027, 5, 6))} <= walls
        db.session.remove()


def test_what_cannot_stand_is_marked_in_its_row_and_nothing_is_made(
    site: Site, world: World, spring: str
) -> None:
    ada, page = site.client("ada"), page_of(site)
    form = fields_of(looked(ada, page).text, "/copy")
    until = f"u-{world.boards['floods']}"
    for fields, key, words in (
        ({f"{until}-on": "2027-04-01"}, "", "This is after the cut-off"),
        ({"course-ends-on": ""}, "course-ends", "A course needs a last day."),
        ({"course-ends-on": "2027-01-01"}, "course-ends", "The last day lies before the first."),
        ({f"{until}-minute": "00:00"}, until, "Please choose the night that is meant"),
        ({f"{until}-on": "2201-01-01"}, until, "between the years 2000 and 2200"),
    ):
        before, files = digest_of_tables(site), uploads_of(site)
        answer = ada.send(page, {**form, **fields, "deed": "make"})
        assert answer.status_code == 422
        assert words in (row_in(answer.text, key) if key else answer.text)
        assert fields_of(answer.text, "/copy")["title"] == form["title"]
        assert (digest_of_tables(site), uploads_of(site)) == (before, files)


def test_dates_that_cannot_stand_are_refused_by_the_command_too(
    site: Site, world: World, spring: str
) -> None:
    before, files = digest_of_tables(site), sorted(uploads_of(site))
    with site.app.app_context():
        source = source_of(db.session(), db.session.get_one(Course, world.course_id), WORLD_AT)
        choices = Choices("NEW-1", "New", "Europe/Madrid", FIRST_DAY, date(2027, 5, 20))
        for ends in (Wall(date(2027, 2, 1)), Wall(date(2201, 1, 1))):
            with pytest.raises(Refused, match="dates_cannot_stand"):
                copy_course(source.course.public_id, choices, {source.end.key: ends}, term_public_id=spring,
                            account_id=world.people["ada"], at=WORLD_AT)  # fmt: skip
        db.session.remove()
    assert (digest_of_tables(site), sorted(uploads_of(site))) == (before, files)


def test_a_code_that_is_taken_is_said_and_leaves_neither_rows_nor_files(
    site: Site, world: World, spring: str
) -> None:
    made(site)
    before, files = digest_of_tables(site), sorted(uploads_of(site))
    ada, page = site.client("ada"), page_of(site)
    form = fields_of(looked(ada, page).text, "/copy")
    answer = ada.send(page, {**form, "deed": "make"})
    assert answer.status_code == 422
    assert "There is a course with this code in the term already." in answer.text
    assert (digest_of_tables(site), sorted(uploads_of(site))) == (before, files)


def test_a_copy_that_fails_while_it_is_written_leaves_nothing(site: Site, world: World, spring: str) -> None:
    """The files are linked by then, the first rows are in: a zone that there is not ends it."""
    before, files = digest_of_tables(site), sorted(uploads_of(site))
    with site.app.app_context(), site.app.test_request_context():
        source = source_of(db.session(), db.session.get_one(Course, world.course_id), WORLD_AT)
        walls = {source.end.key: Wall(date(2027, 5, 20))}
        public_id = source.course.public_id
        choices = Choices("NEW-1", "New", "Europe/Madrid", FIRST_DAY, date(2027, 5, 20), with_sections=True)
        broken = Choices("NEW-1", "N" * 300 + "\0", "Not/AZone", FIRST_DAY, date(2027, 5, 20))
        with pytest.raises(UnknownZone):
            copy_course(
                public_id, broken, walls, term_public_id=spring, account_id=world.people["ada"], at=WORLD_AT
            )
        with pytest.raises(Exception, match=r"FOREIGN KEY|foreign key"):
            copy_course(public_id, choices, walls, term_public_id=spring, account_id=10**6, at=WORLD_AT)
        db.session.remove()
    assert (digest_of_tables(site), sorted(uploads_of(site))) == (before, files)


def test_a_copy_asks_as_often_for_thirty_boards_as_for_three(site: Site, world: World, spring: str) -> None:
    counts = []
    for number, many in enumerate((3, 27)):
        spec = BoardSpec(
            "More", form="single", checkpoints=(CheckpointSpec("first_post", due=Wall(date(2026, 12, 3))),)
        )
        more_boards(site, many, spec)
        with site.app.app_context(), site.app.test_request_context():
            source = source_of(db.session(), db.session.get_one(Course, world.course_id), WORLD_AT)
            walls = {slot.key: slot.wall for slot in source.slots}
            choices = Choices(f"NEW-{number}", "New", "Europe/Madrid", date(2026, 9, 1), date(2027, 5, 20), with_sections=True)  # fmt: skip
            with statements(site) as sent:
                copy_course(source.course.public_id, choices, walls, term_public_id=spring,
                            account_id=world.people["ada"], at=WORLD_AT)  # fmt: skip
            db.session.remove()
        counts.append(len(sent))
    assert counts[0] == counts[1] < 70


def test_the_copy_does_in_bulk_what_follows_a_saved_board() -> None:
    """A room that follows saved boards must be followed by the copy too: teach `_Copying`, then name it here."""
    assert [follow.__name__ for follow in on_board_saved] == ["_follow_form"]


@pytest.mark.parametrize("who", ["ines", "tariq", "ana", "olga", "ian"])
def test_only_who_administers_the_site_makes_courses(site: Site, who: str) -> None:
    client, page = site.client(who), page_of(site)
    assert client.get(page).status_code == 403
    assert client.send(page, {"deed": "make"}).status_code == 403


def test_the_administrator_sees_names_and_dates_of_what_is_copied_and_no_text_of_it(
    site: Site, spring: str
) -> None:
    answer = looked(site.client("ada"), page_of(site))
    assert "Floods: what did they know?" in answer.text
    for secret in ("SECRET", "before the water came", "First words.", "mayor", "example.org/", "Lindqvist"):
        assert secret not in answer.text.partition("<main")[2]


def test_a_course_is_copied_by_command_with_the_same_words(site: Site, world: World, spring: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("INSTANCE", str(site.base.folder))
    monkeypatch.setenv("DATABASE_URL", str(site.app.config["DATABASE_URL"] or ""))
    told = [
        "course",
        "copy",
        world.slug,
        "--term",
        "2027-spring",
        "--first-day",
        "2027-02-02",
        "--holiday",
        "2027-04-29",
    ]
    before = digest_of_tables(site)
    dry = CliRunner().invoke(main, [*told, "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert digest_of_tables(site) == before
    assert "every date moves by 154 days (22 weeks)" in dry.output
    assert "Due: First post, at least 10 words: end of Thursday 26 November 2026, Madrid time > end of Thursday 29 April 2027, Madrid time  [This is a holiday.]" in dry.output  # fmt: skip
    done = CliRunner().invoke(main, told)
    assert done.exit_code == 0, done.output
    assert done.output.strip().endswith("/c/hist-204-2027-spring")
    again = CliRunner().invoke(main, told)
    assert again.exit_code == 1
    assert "has a course HIST-204 already" in again.output
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Term)) == 2
        db.session.remove()
