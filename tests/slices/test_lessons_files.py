"""Recordings, captions, attachments and links of lessons: each is taken whole, or leaves nothing behind."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.core.db import db, transaction
from forum.core.errors import Refused
from forum.core.files import File, FileTooLargeError, shelf, store, strays
from forum.lessons import commands, queries
from forum.lessons.models import Lesson, LessonFile, LessonLink
from tests.conftest import Site
from tests.slices.lessons import SRT, TINY, make, member, on_disk, owned, rows, upload
from tests.world import WORLD_AT


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
    with site.app.app_context(), pytest.raises(ZeroDivisionError), shelf() as put:  # noqa: PT012 - the whole block must fail
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
        with pytest.raises(ZeroDivisionError), shelf() as put:  # noqa: PT012 - the whole block must fail
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
        with pytest.raises(Refused, match="not_media"), transaction() as session:  # noqa: PT012 - the whole block must fail
            lesson = queries.lesson_for(session, who, made.lesson, WORLD_AT)
            commands.add_file(session, lesson, stored, use="recording", author_id=None, at=WORLD_AT)
