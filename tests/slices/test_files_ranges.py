"""Files come whole or in exact pieces, to whom the lesson is open, and never as something that a browser runs."""

import pytest

from forum.core.files import RANGE_BYTES, clean_name, piece_of, type_of
from tests.conftest import Site
from tests.slices.lessons import TINY, make, on_disk, owned

BIG = TINY.read_bytes() + bytes(index * index % 251 for index in range(3 * 1024 * 1024))


def test_a_whole_file_comes_as_it_was_given(site: Site) -> None:
    made = make(site, content=BIG, use="recording")
    answer = site.client("ana").get(made.address)
    assert (answer.status_code, answer.data) == (200, BIG)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Length"] == str(len(BIG))
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-", 0, RANGE_BYTES),
        ("bytes=0-1", 0, 2),
        ("bytes=100-199", 100, 200),
        ("bytes=1000000-", 1000000, 1000000 + RANGE_BYTES),
        ("bytes=-500", len(BIG) - 500, len(BIG)),
        ("bytes=-99999999", 0, RANGE_BYTES),
        (f"bytes={len(BIG) - 1}-", len(BIG) - 1, len(BIG)),
        (f"bytes={len(BIG) - 10}-{len(BIG) + 10}", len(BIG) - 10, len(BIG)),
        ("Bytes = 5-6", 5, 7),
    ],
)
def test_a_piece_has_exactly_the_bytes_that_were_asked_for(
    site: Site, wanted: str, start: int, stop: int
) -> None:
    made = make(site, content=BIG, use="recording")
    answer = site.client("ana").get(made.address, headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(BIG)}"
    assert answer.headers["Content-Length"] == str(stop - start)
    assert answer.data == BIG[start:stop]


def test_a_player_that_goes_on_asking_gets_every_byte_once(site: Site) -> None:
    made, got = make(site, content=BIG, use="recording"), b""
    client = site.client("ana")
    while len(got) < len(BIG):
        answer = client.get(made.address, headers={"Range": f"bytes={len(got)}-"})
        assert answer.status_code == 206
        assert 0 < len(answer.data) <= RANGE_BYTES
        got += answer.data
    assert got == BIG


@pytest.mark.parametrize("wanted", ["bytes=9999999-", "bytes=-0", f"bytes={len(BIG)}-"])
def test_a_piece_that_is_not_there_is_refused_with_the_size(site: Site, wanted: str) -> None:
    made = make(site, content=BIG, use="recording")
    answer = site.client("ana").get(made.address, headers={"Range": wanted})
    assert (answer.status_code, answer.data) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(BIG)}"


@pytest.mark.parametrize(
    "wanted",
    ["bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "items=0-5", "bytes=0-1,5-6", "bytes=٣-٥", "bytes=--5"],
)
def test_a_range_that_is_not_understood_gets_the_whole_file(site: Site, wanted: str) -> None:
    made = make(site, content=b"%PDF-1.7 small", name="a.pdf")
    answer = site.client("ana").get(made.address, headers={"Range": wanted.encode().decode("latin-1")})
    assert (answer.status_code, answer.data) == (200, b"%PDF-1.7 small")


def test_a_piece_never_reaches_beyond_the_file_nor_over_the_most() -> None:
    for size in (0, 1, 5, RANGE_BYTES, RANGE_BYTES + 1):
        for first in ("", "0", "1", str(size), str(size + 1)):
            for last in ("", "0", "1", str(size), str(RANGE_BYTES + 5)):
                piece = piece_of(f"bytes={first}-{last}", size)
                if piece is not None:
                    assert 0 <= piece[0] <= piece[1] <= size
                    assert piece[1] - piece[0] <= RANGE_BYTES


def test_if_range_gives_the_piece_of_the_same_file_only(site: Site) -> None:
    made = make(site, content=BIG, use="recording")
    client = site.client("ana")
    whole = client.get(made.address)
    tag, modified = whole.headers["ETag"], whole.headers["Last-Modified"]

    def status(known: str) -> int:
        return client.get(made.address, headers={"Range": "bytes=0-9", "If-Range": known}).status_code

    assert (status(tag), status(modified)) == (206, 206)
    assert status('"another"') == 200
    assert status(f"W/{tag}") == 200
    assert status("Tue, 01 Sep 2020 08:00:00 GMT") == 200
    assert status("nonsense") == 200


def test_what_the_browser_has_is_not_sent_again(site: Site) -> None:
    made = make(site, content=BIG, use="recording")
    client = site.client("ana")
    tag = client.get(made.address).headers["ETag"]
    again = client.get(made.address, headers={"If-None-Match": tag, "Range": "bytes=0-9"})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(made.address, headers={"If-None-Match": '"another"'}).status_code == 200


def test_head_tells_the_size_and_sends_nothing(site: Site) -> None:
    made = make(site, content=BIG, use="recording")
    answer = site.client("ana").head(made.address, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(BIG))


HOSTILE = {
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "film.mp4": b"<html><script>alert(1)</script></html>",
    "feed.xml": b"<?xml version='1.0'?><x xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></x>",
    "letter.pdf": b"%PDF-1.7\n<script>alert(1)</script>",
    "run.js": b"alert(1)",
    "sums.xlsx": b"PK\x03\x04" + bytes(60),
    "unknown": bytes(range(256)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_could_run_comes_down_as_a_download(site: Site, name: str) -> None:
    made = make(site, content=HOSTILE[name], name=name)
    answer = site.client("ana").get(made.address)
    assert answer.data == HOSTILE[name]
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    kind = answer.headers["Content-Type"]
    assert not any(word in kind for word in ("html", "svg", "xml", "script", "video"))


def test_media_and_pictures_are_shown_and_fenced_too(site: Site) -> None:
    made = make(site, content=b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", name="map.html")
    answer = site.client("ana").get(made.address)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")


NAMES = {
    "a\r\nSet-Cookie: x=1.pdf": "aSet-Cookie: x=1.pdf",
    "../../etc/passwd": "passwd",
    "C:\\Users\\ana\\map.png": "map.png",
    "photo\u202egnp.exe": "photognp.exe",
    "\u2028line\u2029.txt": "line.txt",
    "...": "file",
    "": "file",
    "\0": "file",
    "x" * 300 + ".pdf": "x" * 192 + ".pdf",
    "x" * 300: "x" * 200,
    'a"b;c.pdf': 'a"b;c.pdf',
    "plano del río.pdf": "plano del río.pdf",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_becomes_a_plain_one(site: Site, name: str) -> None:
    assert clean_name(name) == NAMES[name]
    made = make(site, content=b"%PDF-1.7", name=name)
    client = site.client("ana")
    answer = client.get(made.address)
    assert answer.status_code == 200
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].count('"') == 2
    assert "Set-Cookie" not in answer.headers or "x=1" not in answer.headers["Set-Cookie"]
    assert client.get(made.page).status_code == 200


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"\x00\x00\x00\x20ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x20ftypqt  ", "video/quicktime"),
        (b"\x1aE\xdf\xa3\x9fB\x82\x84webm", "video/webm"),
        (b"\x1aE\xdf\xa3\x9fB\x82\x88matroska", "video/x-matroska"),
        (b"ID3\x04\0\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"OggS\0\2", "audio/ogg"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"WEBVTT\n\n", "text/vtt"),
        (b"WEBVTTX", "text/plain"),
        ("línea".encode() + b"\xc3", "text/plain"),
        (b"\xff\xfeW\0E\0", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_the_type_is_told_by_content(head: bytes, told: str) -> None:
    assert type_of(head) == told


def test_bytes_that_are_gone_are_not_here(site: Site) -> None:
    from pathlib import Path

    made = make(site, content=b"%PDF-1.7", name="a.pdf")
    (name,) = on_disk(site)
    assert owned(site) == {name}
    (Path(site.app.instance_path) / "uploads" / name[:2] / name).unlink()
    assert site.client("ana").get(made.address).status_code == 404
