"""Files made to do harm, or sent by mistake: each is refused in words beside its field, or harmless where it is kept."""

import io
import re
import struct
import tracemalloc
import zlib
from html import unescape

import pytest
from PIL import Image

from forum.core.kinds import attachable_type
from forum.core.pictures import LONGEST
from tests.conftest import Site
from tests.slices.file_steps import (
    PDF,
    address,
    body_of,
    draft_files,
    files_of,
    last_post,
    marks,
    office,
    picture,
    reply_with,
    rows,
)
from tests.slices.lessons import TINY, on_disk
from tests.slices.writing_steps import WORDS, field, posts_by, words_in


def problems(page: str) -> str:
    found = re.search(r'<p class="error" id="attach-error">(.*?)</p>', page, re.S)
    return unescape(found[1]) if found else ""


def png_of(width: int, height: int) -> bytes:
    """A picture that says that it is large, in few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width + 7) // 8 + 1) * min(height, 20_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def frames(kind: str, number: int, size: tuple[int, int]) -> bytes:
    out, made = io.BytesIO(), [Image.new("RGB", size, (each % 250, 40, 90)) for each in range(number)]
    made[0].save(out, kind, save_all=True, append_images=made[1:], duration=40)
    return out.getvalue()


REFUSED = {
    "nothing.txt": (b"", "is empty"),
    "run.exe": (b"MZ\x90\0\x03\0\0\0" + bytes(200), "of a kind that is not taken"),
    "archive.zip": (office("readme.txt").replace(b"[Content_Types].xml", b"[Content_Typos].xml"), "of a kind that is not taken"),
    "photo.heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200), "of a kind that is not taken"),
    "photo.heix.mp4": (b"\0\0\0\x18ftypheix\0\0\0\0mif1heix" + bytes(200), "of a kind that is not taken"),
    "bomb.png": (png_of(30_000, 30_000), "too many pixels"),
    "wide.png": (png_of(2_000_000_000, 1), "too many pixels"),
    "film.gif": (frames("GIF", 30, (1_000, 1_000)), "too many pixels"),
    "broken.jpg": (picture()[:300], "cannot be read"),
    "words.png": (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "cannot be read"),
    "empty.docx": (b"PK\x03\x04" + bytes(100), "of a kind that is not taken"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_taken_is_named_beside_its_field_and_the_words_stay(site: Site, name: str) -> None:
    content, why = REFUSED[name]
    ana = site.client("ana")
    answer = reply_with(ana, site, [(content, name), (PDF, "good.pdf")])
    assert answer.status_code == 422
    assert name in problems(answer.text)
    assert why in problems(answer.text)
    assert words_in(answer.text).strip()
    assert posts_by(site, "ana") == []
    assert [each.name for each in draft_files(site)] == ["good.pdf"]
    assert len(on_disk(site)) == 1
    again = reply_with(ana, site, [], files=marks(answer.text), key=field(answer.text, "key"))
    assert again.status_code == 303


DOWNLOADS = {
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "lying.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "feed.xml": b"<?xml version='1.0'?><x xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></x>",
    "run.js": b"alert(1)",
    "letter.pdf": b"%PDF-1.7\n<script>alert(1)</script>",
    "sums.xlsx": office("xl/workbook.xml"),
    "old.csv": "línea;año".encode("cp1252"),
}


@pytest.mark.parametrize("name", DOWNLOADS)
def test_what_a_browser_could_run_comes_as_a_download(site: Site, name: str) -> None:
    assert reply_with(site.client("ana"), site, [(DOWNLOADS[name], name)]).status_code == 303
    got = site.client("ben").get(address(site))
    assert got.data == DOWNLOADS[name]
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"].startswith("sandbox;")
    assert not any(word in got.headers["Content-Type"] for word in ("html", "svg", "script", "text/xml"))
    page = site.client("ben").get(f"{site.world.course}/threads/{site.world.threads['floods']}").text
    assert "<img" not in page


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_that_is_a_page_too_is_a_picture_alone(site: Site, kind: str) -> None:
    content = picture(kind) + b"<!doctype html><script>SECRET-POLYGLOT</script>PK\x03\x04"
    assert reply_with(site.client("ana"), site, [(content, "both.html")]).status_code == 303
    got = site.client("ben").get(address(site))
    assert got.mimetype == f"image/{kind.lower()}"
    assert b"SECRET-POLYGLOT" not in got.data
    assert Image.open(io.BytesIO(got.data)).format == kind


@pytest.mark.parametrize(
    ("kind", "more"),
    [("PNG", {"pnginfo": "text"}), ("WEBP", {"xmp": b"SECRET-XMP"}), ("GIF", {"comment": b"SECRET-COMMENT"})],
)
def test_no_picture_keeps_words_that_do_not_show(site: Site, kind: str, more: dict[str, object]) -> None:
    from PIL.PngImagePlugin import PngInfo

    if kind == "PNG":
        told = PngInfo()
        told.add_text("Comment", "SECRET-TEXT")
        more = {"pnginfo": told}
    content = picture(kind, exif=kind != "GIF", **more)
    assert b"SECRET" in content
    assert reply_with(site.client("ana"), site, [(content, "a.bin")]).status_code == 303
    got = site.client("ben").get(address(site)).data
    assert b"SECRET" not in got
    assert not Image.open(io.BytesIO(got)).getexif()


def test_a_moving_picture_moves_and_a_large_one_is_made_smaller(site: Site) -> None:
    large = picture("JPEG", (5_000, 2_500))
    assert (
        reply_with(
            site.client("ana"), site, [(frames("GIF", 4, (30, 20)), "a.gif"), (large, "b.jpg")]
        ).status_code
        == 303
    )
    moving, wide = files_of(site)
    post = last_post(site).public_id
    got = site.client("ben").get(f"{site.world.course}/posts/{post}/files/{moving.id}").data
    assert Image.open(io.BytesIO(got)).n_frames == 4
    assert (wide.width, wide.height) == (LONGEST, LONGEST // 2)


NAMES = {
    "../../etc/passwd": "passwd",
    "plano del río (1) & más, 'final'.txt": "plano del río (1) & más, 'final'.txt",
    "日本語の名前.txt": "日本語の名前.txt",
    "photo\u202egnp.txt": "photognp.txt",
    "x" * 300 + ".txt": "x" * 192 + ".txt",
    "<img src=x onerror=alert(1)>.txt": "<img src=x onerror=alert(1)>.txt",
    "...": "file",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_shown_as_typed_and_safe_in_headers(site: Site, name: str) -> None:
    assert reply_with(site.client("ana"), site, [(b"words of a file", name)]).status_code == 303
    assert files_of(site)[0].name == NAMES[name]
    page = site.client("ben").get(f"{site.world.course}/threads/{site.world.threads['floods']}").text
    assert f">{NAMES[name]}</a>" in unescape(page)
    told = site.client("ben").get(address(site)).headers["Content-Disposition"]
    assert "\n" not in told
    assert told.count('"') == 2
    assert "filename*=UTF-8''" in told


def test_of_thirty_files_ten_are_kept_and_the_others_named(site: Site) -> None:
    many = [(f"words {number}".encode(), f"{number}.txt") for number in range(30)]
    answer = reply_with(site.client("ana"), site, many)
    assert answer.status_code == 422
    assert problems(answer.text).count("at most 10 files") == 20
    assert "“29.txt”" in problems(answer.text)
    assert len(draft_files(site)) == len(rows(site)) == len(on_disk(site)) == 10


def test_limits_stand_before_the_choice_and_are_held_to(site: Site) -> None:
    site.app.config.update(ATTACHED_MB_FILE=1, ATTACHED_MB_POST=2, ATTACHED_MB_DAY=3)
    try:
        ana, path = site.client("ana"), f"{site.world.course}/threads/{site.world.threads['floods']}"
        assert "At most 10 files, 1 MB each and 2 MB together; in 24 hours 3 MB." in unescape(
            ana.get(path).text
        )
        big = [(bytes([65 + number]) * 900_000, f"{number}.txt") for number in range(4)]
        one = reply_with(ana, site, [(b"a" * 1_000_001, "over.txt"), *big[:3]])
        assert "“over.txt” has 1 MB; a file may have 1 MB at most." in problems(one.text)
        assert "all files of a post together may have 2 MB" in problems(one.text)
        assert reply_with(ana, site, [], files=marks(one.text), key=field(one.text, "key")).status_code == 303
        two = reply_with(
            ana,
            site,
            [(b"b" * 900_000, "3.txt"), (b"c" * 900_000, "4.txt")],
            key="key-of-another",
            text="More of it.",
        )
        assert "more than you can attach today: 3 MB in 24 hours" in problems(two.text)
        assert [each.name for each in draft_files(site)] == ["3.txt"]
    finally:
        site.app.config.update(ATTACHED_MB_FILE=50, ATTACHED_MB_POST=100, ATTACHED_MB_DAY=500)


def test_a_large_file_is_in_no_ones_memory(site: Site) -> None:
    ana, content = site.client("ana"), TINY.read_bytes() + bytes(30_000_000)
    body, kind = body_of(ana, [(content, "film.mp4")], text=WORDS, key="key-of-a-film")
    path = f"{site.world.course}/threads/{site.world.threads['floods']}/replies"
    tracemalloc.start()
    try:
        answer = ana.post(path, data=body, content_type=kind)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 303
    assert most < 8_000_000, most
    assert files_of(site)[0].size == len(content)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (office(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (office("ppt/presentation.xml"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.textPK", "application/vnd.oasis.opendocument.text"),
        (b"\xff\xfeW\0o\0r\0d\0s\0", "text/plain"),
        (b"\0\0\0\x20ftypisom" + bytes(20), "video/mp4"),
        (b"\0\0\0\x20ftypM4A " + bytes(20), "audio/mp4"),
        (b"\0\0\0\x20ftypavif" + bytes(20), None),
        (b"\x7fELF" + bytes(60), None),
        (b"", None),
    ],
)  # fmt: skip
def test_kinds_are_told_by_content(content: bytes, told: str | None) -> None:
    assert attachable_type(io.BytesIO(content)) == told


def test_an_old_document_is_told_by_its_directory() -> None:
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    head[30:32], head[48:52] = struct.pack("<H", 9), struct.pack("<I", 0)

    def entry(name: str) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        return raw.ljust(64, b"\0") + struct.pack("<H", len(raw)) + bytes(62)

    whole = bytes(head) + entry("Root Entry") + entry("WordDocument")
    assert attachable_type(io.BytesIO(whole)) == "application/msword"
    assert attachable_type(io.BytesIO(bytes(head) + entry("Root Entry") + bytes(1280))) is None


def test_a_huge_directory_of_an_archive_is_not_read() -> None:
    content = office()
    assert attachable_type(io.BytesIO(content)) is not None
    end = content.rindex(b"PK\x05\x06")
    lying = content[: end + 12] + struct.pack("<I", 900_000_000) + content[end + 16 :]
    assert attachable_type(io.BytesIO(lying)) is None
