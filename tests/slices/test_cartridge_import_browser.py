"""A course from a file in the browser: what would come is shown first, then it is made whole or not at all."""

import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from forum.boards.models import Board, Checkpoint, DueRule
from forum.boards.schedule import current_rules
from forum.core.db import db, transaction
from forum.core.files import File
from forum.courses.commands import set_state
from forum.courses.models import Course, Module, Term
from forum.ledger.models import NewsItem
from forum.lessons.models import Lesson, LessonLink
from tests.conftest import Site
from tests.files.archive_builder import RawEntry, raw_zip, zip_of
from tests.files.cartridge_builder import PNG, CartridgeBuilder, canvas_item, item
from tests.world import WORLD_AT

from .imports import digest_of_tables, upload, upload_answer, uploads_of, words_of

HOME = "/admin/imports/course"


def canvas_course() -> CartridgeBuilder:
    """Two modules: a page with a picture and a link to a topic, a topic with dates, a link, a file, a hidden page."""
    builder = CartridgeBuilder(title="Rivers")
    page = '<h2>Sources</h2><p><img src="$IMS-CC-FILEBASE$/map.png" alt="A map"> See '
    page += '<a href="$CANVAS_OBJECT_REFERENCE$/discussion_topics/t1">the board</a> and <a href="$WIKI_REFERENCE$/pages/gone">x</a>'
    page += "<script>alert(1)</script></p>"
    builder.page("p1", "wiki_content/sources.html", page, "<title>Sources</title>")
    builder.page("p2", "wiki_content/secret.html", "<p>Hidden</p>",
                 '<title>Secret</title><meta name="workflow_state" content="unpublished"/>')  # fmt: skip
    builder.file("f1", "web_resources/map.png", PNG)
    builder.file("f2", "web_resources/reader.pdf", b"%PDF-1.4 text")
    builder.link("l1", "A film", "https://example.com/film")
    meta = "<title>Floods</title><require_initial_post>true</require_initial_post><pinned>true</pinned>"
    meta += "<assignment identifier='a1'><due_at>2026-02-06T04:59:00</due_at><lock_at>2026-02-09T04:59:00</lock_at>"
    meta += "<unlock_at>2026-01-20T05:00:00</unlock_at><points_possible>10</points_possible></assignment>"
    builder.topic("t1", "Floods", "<p>What did <b>they</b> know?</p>", meta)
    builder.topic(
        "t2",
        "Welcome",
        "<p>Hello all</p>",
        "<type>announcement</type><require_initial_post>true</require_initial_post>",
    )
    builder.canvas(
        "<title>Rivers of Europe</title><course_code>RIV-1</course_code><start_at>2026-01-12T05:00:00</start_at>",
        '<module identifier="m1"><title>Week 1</title><workflow_state>active</workflow_state><items>'
        + canvas_item("i0", "ContextModuleSubHeader", "Read this")
        + canvas_item("i1", "WikiPage", "Sources", "p1")
        + canvas_item("i2", "DiscussionTopic", "Floods", "t1")
        + canvas_item("i3", "ExternalUrl", "A film", "l1", "<url>https://example.com/film</url>")
        + "</items></module>"
        '<module identifier="m2"><title>Week 2</title><workflow_state>unpublished</workflow_state><items>'
        + canvas_item("i4", "WikiPage", "Secret", "p2")
        + canvas_item("i5", "Attachment", "Reader", "f2")
        + "</items></module>",
    )
    return builder


def choices(site: Site, **more: str) -> dict[str, str]:
    with site.app.app_context():
        term = db.session.scalars(select(Term.public_id)).one()
        db.session.remove()
    return {
        "term": term, "code": "RIV-1", "title": "Rivers of Europe", "zone": "Europe/Madrid",
        "written_in": "America/New_York", "old_first_day": "2026-01-12", "first_day": "2026-12-07", **more,
    }  # fmt: skip


def made(site: Site, archive: io.BytesIO, **more: str) -> str:
    ada = site.client("ada")
    address = upload(ada, HOME, archive, "rivers.imscc")
    answer = ada.send(address, {**choices(site, **more), "make": "1"})
    assert answer.status_code == 303, words_of(answer.text)[:2000]
    found = re.search(r'href="(/c/[^"/]+)/manage"', ada.get(address).text)
    assert found is not None
    return found.group(1)


def course_at(slug: str) -> Course:
    return db.session.scalars(select(Course).where(Course.slug == slug.removeprefix("/c/"))).one()


def test_a_dry_run_shows_what_would_come_and_changes_nothing(site: Site) -> None:
    ada = site.client("ada")
    before = digest_of_tables(site)
    page = words_of(ada.get(upload(ada, HOME, canvas_course().archive())).text)
    assert "2 modules 4 lessons 2 boards 1 link 2 files" in page.replace("  ", " ")
    assert "By its commonest minute it was America/New York" in page
    assert "Thursday 5 February 2026, 23:59" in page
    assert digest_of_tables(site) == before
    assert uploads_of(site) == []


def test_the_dates_are_shown_again_by_what_was_chosen(site: Site) -> None:
    ada = site.client("ada")
    address = upload(ada, HOME, canvas_course().archive())
    assert ada.send(address, {**choices(site), "look": "1"}).status_code == 303
    page = words_of(ada.get(address).text)
    assert "Thursday 5 February 2026, 23:59 Thursday 31 December 2026, 23:59 taken over" in page
    assert 'value="2026-12-07"' in ada.get(address).text


def test_a_course_comes_in_preparation_with_everything_in_its_place(site: Site) -> None:
    slug = made(site, canvas_course().archive())
    with site.app.app_context():
        course = course_at(slug)
        assert (course.state, course.code, course.zone) == ("preparation", "RIV-1", "Europe/Madrid")
        modules = db.session.scalars(
            select(Module).where(Module.course_id == course.id).order_by(Module.position)
        ).all()
        assert [(one.title, one.published_at is not None) for one in modules] == [
            ("Week 1", True),
            ("Week 2", False),
        ]
        lessons = {
            one.title: one for one in db.session.scalars(select(Lesson).where(Lesson.course_id == course.id))
        }
        assert lessons.keys() == {"Sources", "Secret", "A film", "Files"}
        assert lessons["Secret"].published_at is None
        assert lessons["Sources"].published_at is not None
        assert db.session.scalars(select(LessonLink.url)).all() == ["https://example.com/film"]
        boards = {
            one.title: one for one in db.session.scalars(select(Board).where(Board.course_id == course.id))
        }
        floods, welcome = boards["Floods"], boards["Welcome"]
        assert (floods.form, floods.shown, floods.pinned) == ("single", "after_own", True)
        assert (welcome.form, welcome.shown) == ("announcement", "after_own")
        assert floods.position == lessons["Sources"].position + 1
        picture = db.session.scalars(
            select(File).where(File.name == "map.png", File.course_id == course.id)
        ).one()
        assert (picture.place_kind, picture.place_id) == ("lesson", lessons["Sources"].id)
        source = lessons["Sources"].source
        assert f"![A map]({slug}/lessons/{lessons['Sources'].public_id}/files/{picture.public_id})" in source
        assert f"]({slug}/boards/{floods.public_id})" in source
        assert source.startswith("**Read this**")
        assert "alert" not in lessons["Sources"].html


def test_dates_move_by_calendar_days_and_keep_their_hour_in_the_courses_zone(site: Site) -> None:
    slug = made(site, canvas_course().archive())
    with site.app.app_context():
        board = db.session.scalars(
            select(Board).where(Board.title == "Floods", Board.course_id == course_at(slug).id)
        ).one()
        rules = {rule.what: rule for rule in current_rules(db.session(), board.id)}
        # 6 February 04:59 UTC was 5 February 23:59 in New York; 12 January becomes 7 December, 329 days later.
        assert (rules["due"].wall_on, rules["due"].wall_minute) == (date(2026, 12, 31), None)
        assert rules["due"].instant == datetime(2026, 12, 31, 23, tzinfo=UTC)
        assert (rules["cut_off"].wall_on, rules["opens"].wall_on) == (date(2027, 1, 3), date(2026, 12, 15))


def test_nothing_is_promised_to_students_before_the_course_opens(site: Site) -> None:
    slug = made(site, canvas_course().archive())
    with site.app.app_context():
        course = course_at(slug)
        board = db.session.scalars(
            select(Board).where(Board.title == "Floods", Board.course_id == course.id)
        ).one()
        assert board.published_at is not None
        assert board.first_shown_at is None
        assert db.session.scalars(select(NewsItem).where(NewsItem.course_id == course.id)).all() == []
        assert all(rule.shown_at is None for rule in current_rules(db.session(), board.id))
        opened_at = WORLD_AT + timedelta(days=3)
        with transaction() as session:
            set_state(session, session.get_one(Course, course.id), "open", at=opened_at, author_id=None)
        db.session.expire_all()
        assert board.first_shown_at == opened_at
        shown = db.session.scalars(
            select(Checkpoint.first_shown_at).where(Checkpoint.board_id == board.id)
        ).all()
        assert shown == [opened_at]
        assert set(db.session.scalars(select(DueRule.shown_at).where(DueRule.board_id == board.id))) == {
            opened_at
        }


def test_past_dates_are_left_out_unless_wanted(site: Site) -> None:
    archive = canvas_course().archive()
    slug = made(site, archive, first_day="", old_first_day="")
    with site.app.app_context():
        assert (
            db.session.scalars(select(DueRule).join(Board).where(Board.course_id == course_at(slug).id)).all()
            == []
        )
    slug = made(site, archive, first_day="", old_first_day="", code="RIV-2", past_dates="y")
    with site.app.app_context():
        rules = db.session.scalars(
            select(DueRule).join(Board).where(Board.course_id == course_at(slug).id)
        ).all()
        assert {rule.what for rule in rules} == {"opens", "due", "cut_off"}


def test_a_date_that_cannot_stand_is_listed_and_left_empty(site: Site) -> None:
    builder = CartridgeBuilder()
    meta = "<assignment identifier='a'><due_at>2027-03-09T04:59:00</due_at><lock_at>2027-03-01T04:59:00</lock_at></assignment>"
    builder.topic("t", "Turned round", "<p>x</p>", meta)
    builder.items = item("m", "Week", below=item("i", "Turned round", "t"))
    ada = site.client("ada")
    address = upload(ada, HOME, builder.archive())
    ada.send(address, {**choices(site, first_day="", old_first_day=""), "look": "1"})
    assert "after the cut-off: left empty" in words_of(ada.get(address).text)
    slug = made(site, builder.archive(), first_day="", old_first_day="")
    with site.app.app_context():
        rules = db.session.scalars(
            select(DueRule.what).join(Board).where(Board.course_id == course_at(slug).id)
        ).all()
    assert rules == ["cut_off"]


def test_an_imported_lesson_and_board_can_be_read_by_who_sets_the_course_up(site: Site) -> None:
    slug = made(site, canvas_course().archive())
    with site.app.app_context(), transaction() as session:
        from forum.courses.commands import enroll
        from forum.courses.policy import Role

        course = session.scalars(select(Course).where(Course.slug == slug.removeprefix("/c/"))).one()
        enroll(session, course, site.world.people["ines"], Role.INSTRUCTOR, at=WORLD_AT, author_id=None)
        lesson = session.scalars(select(Lesson).where(Lesson.title == "Sources")).one().public_id
        board = (
            session.scalars(select(Board).where(Board.title == "Floods", Board.course_id == course.id))
            .one()
            .public_id
        )
    ines = site.client("ines")
    page = ines.get(f"{slug}/lessons/{lesson}")
    assert page.status_code == 200
    picture = re.search(r'<img[^>]+src="([^"]+)"', page.text)
    assert picture is not None
    assert ines.get(picture.group(1)).data == PNG
    board_page = ines.get(f"{slug}/boards/{board}", follow_redirects=True)
    assert "What did" in board_page.text
    assert ines.get(slug).status_code == 200


def test_the_same_code_twice_in_a_term_is_refused_beside_its_field(site: Site) -> None:
    made(site, canvas_course().archive())
    ada = site.client("ada")
    address = upload(ada, HOME, canvas_course().archive())
    before = digest_of_tables(site)
    answer = ada.send(address, {**choices(site), "make": "1"})
    assert answer.status_code == 422
    assert "There is a course with this code" in words_of(answer.text)
    assert digest_of_tables(site) == before
    assert ada.send(address, {**choices(site, code="RIV-9"), "make": "1"}).status_code == 303


def test_pressing_twice_makes_one_course(site: Site) -> None:
    ada = site.client("ada")
    address = upload(ada, HOME, canvas_course().archive())
    assert ada.send(address, {**choices(site), "make": "1"}).status_code == 303
    assert ada.send(address, {**choices(site, code="RIV-2"), "make": "1"}).status_code == 303
    with site.app.app_context():
        assert len(db.session.scalars(select(Course).where(Course.code.startswith("RIV"))).all()) == 1


HOSTILE = {
    "nothing": b"",
    "not a zip": b"hello",
    "cut short": b"PK\x03\x04rubbish",
    "no manifest": zip_of({"readme.txt": "x"}).getvalue(),
    "broken xml": zip_of({"imsmanifest.xml": "<manifest><unclosed>"}).getvalue(),
    "entities": zip_of(
        {"imsmanifest.xml": '<!DOCTYPE a [<!ENTITY b "c">]><manifest>&b;</manifest>'}
    ).getvalue(),
    "outside": raw_zip(
        [RawEntry(b"../../evil.txt", b"x"), RawEntry(b"imsmanifest.xml", b"<manifest/>")]
    ).getvalue(),
    "link": raw_zip([RawEntry(b"imsmanifest.xml", b"/etc/passwd", attributes=0o120777 << 16)]).getvalue(),
    "bomb": raw_zip([RawEntry(b"imsmanifest.xml", b"\0" * (20 * 1024 * 1024))]).getvalue(),
    "lying": raw_zip([RawEntry(b"imsmanifest.xml", b"<manifest/>", claimed_crc=1)]).getvalue(),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_refused_in_words_with_nothing_written(site: Site, kind: str) -> None:
    ada = site.client("ada")
    before, kept_before = digest_of_tables(site), set(site.base.folder.glob("imports/*"))
    answer = upload_answer(ada, HOME, HOSTILE[kind], "x.imscc")
    assert answer.status_code == 422
    assert "Nothing was written" in words_of(answer.text)
    assert digest_of_tables(site) == before
    assert uploads_of(site) == []
    assert set(site.base.folder.glob("imports/*")) == kept_before


def test_a_failure_while_writing_leaves_neither_rows_nor_files(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from forum.interop import cartridge_commands

    def fails(*_args: object, **_kwargs: object) -> None:
        raise OSError("the disk is full")

    ada = site.client("ada")
    address = upload(ada, HOME, canvas_course().archive())
    before = digest_of_tables(site)
    monkeypatch.setattr(cartridge_commands, "keep_names", fails)
    assert ada.send(address, {**choices(site), "make": "1"}).status_code == 500
    assert digest_of_tables(site) == before
    assert uploads_of(site) == []
    monkeypatch.undo()
    assert ada.send(address, {**choices(site), "make": "1"}).status_code == 303, "it can be tried again"


def test_only_an_administrator_makes_a_course_of_a_file(site: Site) -> None:
    for short in ("ines", "ana"):
        assert site.client(short).get(HOME).status_code == 403
