"""Who makes lessons loses no word and no file, overwrites nobody unseen, and leaves nothing half done."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum.core.db import db, transaction
from forum.core.errors import NotHere, Refused
from forum.core.files import File, FileTooLargeError, shelf, store, strays
from forum.ledger.models import AuditEntry, NewsItem
from forum.lessons import commands, queries
from forum.lessons.models import Lesson, LessonFile, LessonLink, LessonRevision
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.lessons import SRT, TINY, Made, first_module, make, member, on_disk, owned, rows
from tests.world import WORLD_AT, World


def fields_of(page: str) -> dict[str, str]:
    found = re.search(r'name="revision" value="(\d+)"', page.replace('type="hidden" ', ""))
    assert found
    return {"revision": found[1]}


def upload(
    client: CheckingClient, made: Made, use: str, name: str, content: bytes, **more: str
) -> TestResponse:
    return client.send(f"{made.manage}/{use}", {use: (io.BytesIO(content), name), **more})


def test_a_lesson_is_made_hidden_and_then_published(site: Site, world: World) -> None:
    ines, ana = site.client("ines"), site.client("ana")
    assert ines.get(f"{world.course}/manage/lessons/new").status_code == 200
    answer = ines.send(
        f"{world.course}/manage/lessons/new",
        {"title": " Floods ", "text": "One *two*.\r\nThree.", "module": ""},
    )
    assert answer.status_code == 303
    manage = answer.headers["Location"]
    page = manage.replace("/manage", "")
    assert "hidden: only staff see it" in ines.get(manage).text
    assert ana.get(page).status_code == 404
    assert rows(site, NewsItem) == 0 or "lesson_published" not in kinds(site)
    assert ines.send(f"{manage}/publication", {"deed": "publish"}).status_code == 303
    assert "<em>two</em>" in ana.get(page).text
    assert kinds(site).count("lesson_published") == 1
    assert ines.send(f"{manage}/publication", {"deed": "hide"}).status_code == 303
    assert ana.get(page).status_code == 404
    with site.app.app_context():
        lesson = db.session.scalars(select(Lesson)).one()
        assert (lesson.title, lesson.source, lesson.words) == ("Floods", "One *two*.\nThree.", 3)
        deeds = db.session.scalars(select(AuditEntry.deed).where(AuditEntry.subject_kind == "lesson")).all()
        assert deeds == ["made", "published", "hidden"]


def kinds(site: Site) -> list[str]:
    with site.app.app_context():
        return list(db.session.scalars(select(NewsItem.kind)))


MAKING = ["", "/text", "/revisions"]
DEEDS = ["/text", "/recording", "/captions", "/attachments", "/links", "/publication", "/order", "/removal"]


@pytest.mark.parametrize(
    ("short", "status"),
    [("ana", 403), ("tariq", 403), ("olga", 403), ("sam", 404), ("mia", 404), ("ian", 404)],
)
def test_only_who_makes_content_comes_near(site: Site, world: World, short: str, status: int) -> None:
    made = make(site, content=b"%PDF-1.7", name="a.pdf")
    client = site.client(short)
    for path in MAKING:
        assert client.get(made.manage + path).status_code == status
    assert client.get(f"{world.course}/manage/lessons/new").status_code == status
    for path in [*DEEDS, f"/files/{made.file}/removal"]:
        assert client.send(made.manage + path, {"title": "x", "deed": "hide"}).status_code == status
    assert client.send(f"{world.course}/manage/lessons/new", {"title": "x"}).status_code == status
    with site.app.app_context():
        lesson = db.session.scalars(select(Lesson)).one()
        assert lesson.removed_at is None
        assert lesson.published_at is not None


def test_a_lesson_of_another_course_is_not_here_through_any_door_of_making(site: Site, world: World) -> None:
    elsewhere = make(site, other=True, content=b"%PDF-1.7", name="a.pdf")
    ines = site.client("ines")
    manage = f"{world.course}/manage/lessons/{elsewhere.lesson}"
    mine = make(site)
    for path in MAKING:
        assert ines.get(manage + path).status_code == 404
    for path in [*DEEDS, f"/files/{elsewhere.file}/removal"]:
        fields = {
            "title": "x",
            "link_title": "x",
            "url": "https://example.org",
            "deed": "hide",
            "revision": "1",
        }
        assert ines.send(manage + path, fields).status_code == 404
    assert ines.send(f"{mine.manage}/files/{elsewhere.file}/removal").status_code == 404


def test_the_preview_is_what_will_be_shown_and_saves_nothing(site: Site, world: World) -> None:
    ines = site.client("ines")
    fields = {"title": "Floods", "text": "Some **bold** <script>x</script>", "module": "", "deed": "preview"}
    page = ines.send(f"{world.course}/manage/lessons/new", fields)
    assert page.status_code == 200
    assert "<strong>bold</strong>" in page.text
    assert "<script>x" not in page.text
    assert "Some **bold** &lt;script&gt;x&lt;/script&gt;</textarea>" in page.text
    assert rows(site, Lesson) == 0


@pytest.mark.parametrize(
    ("title", "text", "told"),
    [("", "My words", "Please fill this in."), ("Floods", "x" * 200_001, "200,000 characters"),
     ("Floods", "[" * 500, "nested or repeated marks")],
)  # fmt: skip
def test_a_refused_lesson_gives_the_words_back(
    site: Site, world: World, title: str, text: str, told: str
) -> None:
    ines = site.client("ines")
    page = ines.send(f"{world.course}/manage/lessons/new", {"title": title, "text": text})
    assert page.status_code == 422
    assert told in page.text
    assert f">\r\n{text}</textarea>" in page.text.replace("\n", "\r\n") or f"{text}</textarea>" in page.text
    assert rows(site, Lesson) == 0


def test_every_text_is_kept(site: Site) -> None:
    made = make(site, source="First text")
    ines = site.client("ines")
    revision = fields_of(ines.get(f"{made.manage}/text").text)
    fields = {"title": "Another title", "text": "Second text", "module": "", **revision}
    assert ines.send(f"{made.manage}/text", fields).status_code == 303
    same = {**fields, "revision": "2"}
    assert ines.send(f"{made.manage}/text", same).status_code == 303
    with site.app.app_context():
        kept = db.session.scalars(select(LessonRevision).order_by(LessonRevision.number)).all()
        assert [(each.number, each.title, each.source) for each in kept] == [
            (1, "What the water took", "First text"), (2, "Another title", "Second text")
        ]  # fmt: skip
    page = ines.get(f"{made.manage}/revisions").text
    assert "First text" in page
    assert "Second text" in page


def test_who_saves_second_sees_both_texts_and_overwrites_nobody_unseen(site: Site) -> None:
    made = make(site, source="First text")
    ines = site.client("ines")
    revision = fields_of(ines.get(f"{made.manage}/text").text)
    hers = {"title": "Hers", "text": "The text of one", "module": "", **revision}
    his = {"title": "His", "text": "The text of the other", "module": "", **revision}
    assert ines.send(f"{made.manage}/text", hers).status_code == 303
    refused = ines.send(f"{made.manage}/text", his)
    assert refused.status_code == 409
    assert "The text of one" in refused.text
    assert "The text of the other</textarea>" in refused.text
    with site.app.app_context():
        assert db.session.scalars(select(Lesson.source)).one() == "The text of one"
    assert ines.send(f"{made.manage}/text", {**his, **fields_of(refused.text)}).status_code == 303
    with site.app.app_context():
        assert db.session.scalars(select(Lesson.source)).one() == "The text of the other"
        assert rows(site, LessonRevision) == 3


@pytest.mark.parametrize("revision", ["", "0", "x", "99", "²"])
def test_a_made_up_revision_is_a_conflict(site: Site, revision: str) -> None:
    made = make(site)
    fields = {"title": "x", "text": "y", "module": "", "revision": revision}
    assert site.client("ines").send(f"{made.manage}/text", fields).status_code == 409


def test_a_module_of_another_course_is_no_choice(site: Site, world: World) -> None:
    made = make(site)
    ines = site.client("ines")
    fields = {"title": "x", "text": "y", "revision": "1", "module": "2222222222"}
    assert ines.send(f"{made.manage}/text", fields).status_code == 422
    with site.app.app_context():
        module = first_module(site)
        ian = member(site, "ian", world.other_course_id)
        with pytest.raises(NotHere), transaction() as session:
            commands.make_lesson(session, ian, title="x", source="", module_id=module, at=WORLD_AT)


def test_lessons_move_within_their_module_and_to_another(site: Site, world: World) -> None:
    module = first_module(site)
    made = [make(site, title, module=module) for title in ("One", "Two", "Three")]
    ines = site.client("ines")

    def order() -> list[str]:
        with site.app.app_context():
            return [lesson.title for lesson in queries.lessons_in(db.session(), member(site), WORLD_AT)]

    assert order() == ["One", "Two", "Three"]
    ines.send(f"{made[2].manage}/order", {"deed": "up"})
    assert order() == ["One", "Three", "Two"]
    ines.send(f"{made[0].manage}/order", {"deed": "up"})
    ines.send(f"{made[1].manage}/order", {"deed": "down"})
    assert order() == ["One", "Three", "Two"]
    ines.send(f"{made[0].manage}/order", {"deed": "down"})
    assert order() == ["Three", "One", "Two"]
    fields = {"title": "Three", "text": "Read *this*.", "revision": "1", "module": ""}
    assert ines.send(f"{made[2].manage}/text", fields).status_code == 303
    assert order() == ["One", "Two", "Three"]
    with site.app.app_context():
        assert rows(site, LessonRevision) == 3


def test_lessons_with_one_position_move_too(site: Site) -> None:
    with site.app.app_context(), transaction() as session:
        who = member(site)
        lessons = [
            commands.make_lesson(
                session, who, title=title, source="", module_id=None, position=5, at=WORLD_AT
            )
            for title in ("One", "Two", "Three")
        ]
        commands.move_lesson(session, who, lessons[2], up=True, at=WORLD_AT)
        titles = [lesson.title for lesson in queries.lessons_in(session, who, WORLD_AT)]
    assert titles == ["One", "Three", "Two"]


def test_a_recording_takes_the_place_of_the_one_before(site: Site) -> None:
    made = make(site, content=TINY.read_bytes(), use="recording")
    ines = site.client("ines")
    assert upload(ines, made, "recording", "new.html", TINY.read_bytes() + b"\0").status_code == 303
    page = ines.get(made.page).text
    assert page.count("<source") == 1
    assert made.file not in page
    assert ines.get(made.address).status_code == 404


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"<html>", b"\x00\x00\x00\x20ftypqt  ", b"", SRT.encode()])
def test_a_recording_that_browsers_do_not_play_leaves_nothing(site: Site, content: bytes) -> None:
    made = make(site)
    answer = upload(site.client("ines"), made, "recording", "film.mp4", content)
    assert answer.status_code == 422
    assert "no video or audio that browsers play" in answer.text
    assert (rows(site, File), rows(site, LessonFile), on_disk(site)) == (0, 0, set())


def test_broken_captions_are_told_with_their_line_and_leave_nothing(site: Site) -> None:
    made = make(site)
    broken = b"WEBVTT\n\n00:03.000 --> 00:01.000\nx\n\nlost\n"
    answer = upload(site.client("ines"), made, "captions", "a.vtt", broken, language="en", label="My label")
    assert answer.status_code == 422
    assert "Line 3: this caption ends before it begins." in answer.text
    assert "Line 6: this text has no times above it." in answer.text
    assert 'value="My label"' in answer.text
    assert (rows(site, File), rows(site, LessonFile), on_disk(site)) == (0, 0, set())


def test_captions_over_their_limit_leave_nothing(site: Site) -> None:
    made = make(site)
    ines = site.client("ines")
    fields = {
        "csrf_token": ines.token().encode(),
        "language": b"en",
        'captions"; filename="a.srt': SRT.encode() * 30_000,
    }
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value
        for name, value in fields.items()
    ]
    body = b"\r\n".join([*parts, b"--x--\r\n"])
    answer = ines.post(f"{made.manage}/captions", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 422
    assert "larger than 2 MB" in answer.text
    assert (rows(site, File), on_disk(site)) == (0, set())


@pytest.mark.parametrize("language", ["", "english language", "e", "en us", "<b>", "en-"])
def test_a_language_is_a_code(site: Site, language: str) -> None:
    made = make(site)
    answer = upload(site.client("ines"), made, "captions", "a.srt", SRT.encode(), language=language)
    assert answer.status_code == 422
    assert (rows(site, File), on_disk(site)) == (0, set())


def test_several_attachments_come_at_once_and_each_goes_alone(site: Site) -> None:
    made = make(site)
    ines = site.client("ines")
    given = [
        (io.BytesIO(b"%PDF-1.7 one"), "one.pdf"),
        (io.BytesIO(b"two"), "two.txt"),
        (io.BytesIO(b"PK\3\4"), "t.ods"),
    ]
    assert ines.send(f"{made.manage}/attachments", {"attachments": given}).status_code == 303
    assert on_disk(site) == owned(site)
    assert len(owned(site)) == 3
    page = site.client("ana").get(made.page).text
    for told in ("one.pdf", "PDF, 12 bytes", "two.txt", "text, 3 bytes", "t.ods", "ODS, 4 bytes"):
        assert told in page
    with site.app.app_context():
        one = db.session.scalars(select(File.public_id).where(File.name == "one.pdf")).one()
    assert ines.send(f"{made.manage}/files/{one}/removal").status_code == 303
    page = site.client("ana").get(made.page).text
    assert "one.pdf" not in page
    assert "two.txt" in page
    assert ines.send(f"{made.manage}/files/{one}/removal").status_code == 404


@pytest.mark.parametrize("use", ["recording", "captions", "attachments"])
def test_no_file_is_told_beside_the_field(site: Site, use: str) -> None:
    made = make(site)
    answer = site.client("ines").send(f"{made.manage}/{use}", {"language": "en"})
    assert answer.status_code == 422
    assert "Please choose a file." in answer.text


def test_what_fails_after_the_bytes_were_written_takes_them_away(site: Site) -> None:
    made = make(site)
    with site.app.app_context(), pytest.raises(ZeroDivisionError), shelf() as put:  # noqa: PT012
        stored = [put(io.BytesIO(b"%PDF-1.7"), "a.pdf"), put(io.BytesIO(b"two"), "b.txt")]
        assert len(on_disk(site)) == 2
        with transaction() as session:
            lesson = queries.lesson_for(session, member_in(session, site), made.lesson, WORLD_AT)
            commands.add_file(session, lesson, stored[0], use="attachment", author_id=None, at=WORLD_AT)
            _never = 1 / 0
    assert (rows(site, File), rows(site, LessonFile), on_disk(site)) == (0, 0, set())


def member_in(session: object, site: Site) -> object:
    from forum.courses.queries import member_of

    return member_of(session, site.world.people["ines"], site.world.course_id, WORLD_AT)  # type: ignore[arg-type]


def test_what_fails_after_the_rows_were_committed_keeps_their_bytes(site: Site) -> None:
    made = make(site)
    with site.app.app_context():
        who = member(site)
        with pytest.raises(ZeroDivisionError), shelf() as put:  # noqa: PT012
            stored = [put(io.BytesIO(b"%PDF-1.7"), "a.pdf"), put(io.BytesIO(b"two"), "b.txt")]
            with transaction() as session:
                lesson = queries.lesson_for(session, who, made.lesson, WORLD_AT)
                commands.add_file(session, lesson, stored[0], use="attachment", author_id=None, at=WORLD_AT)
            _never = 1 / 0
        assert on_disk(site) == owned(site) == {stored[0].stored_as}


def test_a_line_that_breaks_leaves_no_bytes(site: Site) -> None:
    def broken() -> object:
        yield b"%PDF-1.7"
        raise OSError("the line broke")

    with site.app.app_context():
        with pytest.raises(OSError, match="the line broke"):
            store(broken(), "a.pdf")  # type: ignore[arg-type]
        with pytest.raises(FileTooLargeError):
            store(io.BytesIO(b"12345"), "a.pdf", most=4)
        assert on_disk(site) == set()
        assert store(io.BytesIO(b"1234"), "a.pdf", most=4).size == 4


def test_bytes_without_a_row_are_found_as_strays(site: Site) -> None:
    made = make(site, content=b"%PDF-1.7", name="a.pdf")
    assert made.file
    with site.app.app_context():
        from datetime import UTC, datetime

        left = store(io.BytesIO(b"left"), "left.txt")
        soon = datetime.now(UTC) + timedelta(minutes=1)
        assert [path.name for path in strays(db.session(), soon)] == [left.stored_as]
        assert strays(db.session(), soon - timedelta(hours=1)) == []


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "ftp://example.org", "//example.org", "https://", "example.org",
     "https://exa mple.org", "https://example.org\\@evil.org", "https://example.org:99999/", "http://[::1", ""],
)  # fmt: skip
def test_only_addresses_of_the_web_are_linked(site: Site, url: str) -> None:
    made = make(site)
    answer = site.client("ines").send(f"{made.manage}/links", {"link_title": "My film", "url": url})
    assert answer.status_code == 422
    assert 'value="My film"' in answer.text
    assert rows(site, LessonLink) == 0
    with site.app.app_context(), pytest.raises(ValueError), transaction() as session:
        commands.add_link(
            session, session.scalars(select(Lesson)).one(), title="x", url=url, author_id=None, at=WORLD_AT
        )


def test_a_link_is_added_and_removed(site: Site) -> None:
    made = make(site)
    ines = site.client("ines")
    fields = {"link_title": "Film", "url": " https://example.org/film "}
    assert ines.send(f"{made.manage}/links", fields).status_code == 303
    assert "https://example.org/film" in site.client("ana").get(made.page).text
    with site.app.app_context():
        link = db.session.scalars(select(LessonLink.public_id)).one()
    other = make(site, "Other")
    assert ines.send(f"{other.manage}/links/{link}/removal").status_code == 404
    assert ines.send(f"{made.manage}/links/{link}/removal").status_code == 303
    assert "example.org" not in site.client("ana").get(made.page).text
    assert ines.send(f"{made.manage}/links/{link}/removal").status_code == 404


def test_a_command_refuses_a_recording_of_another_kind(site: Site) -> None:
    made = make(site)
    with site.app.app_context():
        who = member(site)
        stored = store(io.BytesIO(b"%PDF-1.7"), "film.mp4")
        with pytest.raises(Refused, match="not_media"), transaction() as session:  # noqa: PT012
            lesson = queries.lesson_for(session, who, made.lesson, WORLD_AT)
            commands.add_file(session, lesson, stored, use="recording", author_id=None, at=WORLD_AT)
