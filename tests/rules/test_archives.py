"""Archives from outside: what is refused, in which words' code, and that it costs no memory."""

from __future__ import annotations

import io
import os
import stat
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from forum.interop.archives import Archive, BadArchive, Limits, open_archive, shown
from forum.interop.markup_trees import BadXml
from tests.files.archive_builder import RawEntry, raw_zip, zip_of

SMALL = Limits(
    entries=50, total_bytes=5_000_000, entry_bytes=2_000_000, ratio=20, ratio_from=100_000, xml_bytes=50_000
)


def refusal(source: io.BytesIO, limits: Limits | None = None) -> BadArchive:
    """What is said when everything of the archive is read."""
    with pytest.raises(BadArchive) as caught, open_archive(source, limits) as archive:
        archive.check_every_byte()
    for value in caught.value.values.values():
        assert isinstance(value, int) or value.isprintable()
    return caught.value


def test_an_honest_archive_is_read_whole_and_in_order() -> None:
    with open_archive(zip_of({"b.txt": "two", "folder/a.txt": "one" * 50_000, "empty": ""})) as archive:
        assert [(entry.path, entry.size) for entry in archive.entries] == [
            ("b.txt", 3),
            ("folder/a.txt", 150_000),
            ("empty", 0),
        ]
        assert archive.read("b.txt", 10) == b"two"
        assert archive.head("folder/a.txt", 4) == b"oneo"
        assert max(map(len, archive.pieces("folder/a.txt", 1000))) == 1000
        assert archive.find("FOLDER/A.TXT") == "folder/a.txt"
        assert archive.find("c") is None


def test_an_archive_on_disk_is_closed_again(tmp_path: Path) -> None:
    path = tmp_path / "course.imscc"
    path.write_bytes(zip_of({"a": "1"}).getvalue())
    with open_archive(path) as archive:
        assert "a" in archive


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7 " * 500, b"\x1f\x8b" + b"0" * 90])
def test_what_is_no_zip_is_told_so(content: bytes) -> None:
    assert refusal(io.BytesIO(content)).code == "not_a_zip"


def test_a_zip_that_was_cut_short_is_told_broken() -> None:
    whole = zip_of({"a.txt": bytes(range(256)) * 400}).getvalue()
    for length in (10, 100, len(whole) // 2, len(whole) - 10):
        assert refusal(io.BytesIO(whole[:length])).code == "broken"


def test_damage_inside_is_told_with_the_name() -> None:
    whole = bytearray(raw_zip([RawEntry(b"a.txt", b"abcdefgh" * 100, method=0)]).getvalue())
    whole[100] ^= 1
    refused = refusal(io.BytesIO(bytes(whole)))
    assert (refused.code, refused.values["name"]) == ("broken", "a.txt")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../up.txt", "outside"),
        ("a/../../up.txt", "outside"),
        ("a/..", "outside"),
        ("/etc/passwd", "outside"),
        ("//host/share", "outside"),
        ("C:/windows/x", "outside"),
        ("c:x", "outside"),
        ("..\\up.txt", "backslash"),
        ("a\\b.txt", "backslash"),
        ("a\r\nContent-Type: text/html", "bad_name"),
        ("a\tb", "bad_name"),
        ("a\x1b[31m", "bad_name"),
        ("a\0.txt", "bad_name"),
        ("x" * 2000, "bad_name"),
        ("d/" * 60 + "x", "bad_name"),
        ("", "bad_name"),
    ],
)
def test_a_name_that_no_honest_writer_gives_is_refused(name: str, code: str) -> None:
    assert refusal(raw_zip([RawEntry(name.encode(), b"x")])).code == code


@pytest.mark.parametrize(
    "name", ["a..b/c..txt", "...", "Week 1: start.html", "ünïcode/日本.txt", "./a/./b.txt", "a//b"]
)
def test_an_unusual_name_is_no_reason_to_refuse(name: str) -> None:
    with open_archive(raw_zip([RawEntry(name.encode(), b"x", flags=0x800)])) as archive:
        assert [entry.size for entry in archive.entries] == [1]
        assert not archive.entries[0].path.startswith("./")


def test_a_name_in_utf_8_that_does_not_say_so_is_read_right() -> None:
    with open_archive(raw_zip([RawEntry("résumé.pdf".encode(), b"x")])) as archive:
        assert archive.read("résumé.pdf", 9) == b"x"


def test_a_name_in_an_old_code_page_is_kept_apart_and_readable() -> None:
    with open_archive(raw_zip([RawEntry(b"r\x82sum\x82.pdf", b"x")])) as archive:
        assert archive.read("résumé.pdf", 9) == b"x"


def test_a_name_that_says_utf_8_and_is_not_is_refused() -> None:
    assert refusal(raw_zip([RawEntry(b"\xff\xfe.txt", b"x", flags=0x800)])).code == "bad_name"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int) -> None:
    assert (
        refusal(raw_zip([RawEntry(b"link", b"/etc/passwd", attributes=(kind | 0o777) << 16)])).code == "link"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.txt", "a.txt"),
        ("a.txt", "A.TXT"),
        ("é", "e\u0301"),
        ("straße", "STRASSE"),
        ("./a", "a"),
        ("a", "a/b"),
    ],
)
def test_two_files_of_one_name_are_refused(one: str, other: str) -> None:
    entries = [RawEntry(name.encode(), b"x", flags=0x800) for name in (one, other)]
    assert refusal(raw_zip(entries)).code == "duplicate"
    assert refusal(raw_zip(entries[::-1])).code == "duplicate"


def test_a_folder_named_twice_is_no_duplicate() -> None:
    with open_archive(raw_zip([RawEntry(b"d/"), RawEntry(b"d/"), RawEntry(b"d/x", b"1")])) as archive:
        assert len(archive.entries) == 1


@pytest.mark.parametrize("flags", [0x1, 0x41, 0x2000])
def test_encrypted_entries_are_refused(flags: int) -> None:
    assert refusal(raw_zip([RawEntry(b"a", b"x", flags=flags)])).code == "encrypted"


@pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 95, 99])
def test_a_compression_without_a_bound_on_memory_is_refused(method: int) -> None:
    assert refusal(raw_zip([RawEntry(b"a", b"x" * 50, method=method)])).code == "compression"


def test_a_bomb_is_refused_by_what_it_says_of_itself() -> None:
    assert refusal(zip_of({"a": b"\0" * 1_900_000}), SMALL).code == "bomb"
    assert refusal(zip_of({str(n): b"\0" * 90_000 for n in range(40)}), SMALL).code == "bomb"
    beside = RawEntry(b"b", os.urandom(500_000), method=0)  # what does not shrink hides no bomb beside it
    assert refusal(raw_zip([RawEntry(b"a", b"\0" * 1_900_000), beside]), SMALL).code == "bomb"


def test_what_is_too_large_is_refused_with_the_limit() -> None:
    refused = refusal(zip_of({"a": b"\0" * 2_000_001}), SMALL)
    assert (refused.code, refused.values["limit"]) == ("too_large", 2_000_000)


def test_many_that_are_too_large_together_are_refused() -> None:
    many = raw_zip([RawEntry(b"%d" % n, bytes(200_000), method=0) for n in range(30)])
    assert refusal(many, SMALL).code == "too_large"


@pytest.mark.parametrize("claimed", [0, 10, 99_999])
def test_a_header_that_understates_the_size_gives_no_byte_more_and_is_refused(claimed: int) -> None:
    bomb = raw_zip([RawEntry(b"a", b"\0" * 30_000_000, claimed_size=claimed)])
    tracemalloc.start()
    try:
        assert refusal(bomb).code == "broken"
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_header_that_overstates_the_size_is_refused() -> None:
    assert refusal(raw_zip([RawEntry(b"a", b"x" * 500, claimed_size=501)])).code == "broken"


def test_a_stored_entry_whose_two_sizes_differ_is_refused() -> None:
    assert refusal(raw_zip([RawEntry(b"a", b"x" * 500, method=0, claimed_size=400)])).code == "broken"


def test_entries_that_share_their_bytes_are_refused() -> None:
    first = RawEntry(b"a", b"x" * 500)
    assert refusal(raw_zip([first, RawEntry(b"a", b"x" * 500, at=0)])).code in ("duplicate", "overlapping")
    quoted = raw_zip([RawEntry(b"out", raw_zip([RawEntry(b"in", b"x" * 99)]).getvalue(), method=0)])
    assert len(quoted.getvalue()) > 100
    inside = [
        RawEntry(b"out", b"PK\3\4" + b"\0" * 26 + b"in" + b"y" * 90, method=0),
        RawEntry(b"in", b"", at=33),
    ]
    assert refusal(raw_zip(inside)).code == "overlapping"


def test_a_directory_that_lies_about_its_place_is_refused() -> None:
    whole = bytearray(raw_zip([RawEntry(b"a", b"x" * 50, method=0)]).getvalue())
    end = whole.rindex(b"PK\5\6")
    whole[end + 16 : end + 20] = (900).to_bytes(4, "little")
    assert refusal(io.BytesIO(bytes(whole))).code == "broken"


def test_an_entry_that_reaches_into_the_directory_is_refused() -> None:
    whole = bytearray(raw_zip([RawEntry(b"a", b"x" * 50, method=0)]).getvalue())
    central = whole.index(b"PK\1\2")
    for at in (central + 20, central + 24):  # compressed and uncompressed size
        whole[at : at + 4] = (90).to_bytes(4, "little")
    with pytest.raises(BadArchive) as caught, open_archive(io.BytesIO(bytes(whole))):
        pass  # before a byte of it is read
    assert caught.value.code == "broken"


def test_a_hundred_thousand_entries_are_refused_without_being_kept() -> None:
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w", zipfile.ZIP_STORED) as zipped:
        for n in range(100_000):
            zipped.writestr(zipfile.ZipInfo(str(n)), b"")
    many.seek(0)
    tracemalloc.start()
    try:
        refused = refusal(many)
        assert (refused.code, refused.values["limit"]) == ("too_many_entries", 20_000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_an_end_record_that_understates_the_number_of_entries_is_not_believed() -> None:
    whole = bytearray(raw_zip([RawEntry(str(n).encode()) for n in range(60)]).getvalue())
    end = whole.rindex(b"PK\5\6")
    whole[end + 8 : end + 12] = b"\1\0\1\0"
    assert refusal(io.BytesIO(bytes(whole)), SMALL).code == "too_many_entries"


def test_an_end_record_hidden_in_the_comment_is_counted_as_it_is_parsed() -> None:
    few = raw_zip([RawEntry(b"a", b"1")]).getvalue()
    many = raw_zip([RawEntry(str(n).encode()) for n in range(60)], comment=few[few.rindex(b"PK\5\6") :])
    assert refusal(many, SMALL).code in ("broken", "too_many_entries")


def test_a_zip_in_a_zip_is_a_file_like_any_other() -> None:
    inner = zip_of({"../up": "x"}).getvalue()
    with open_archive(zip_of({"inner.zip": inner})) as archive:
        assert archive.read("inner.zip", 10_000) == inner


def test_reading_holds_a_piece_at_a_time() -> None:
    large = zip_of({"film.mp4": bytes(range(256)) * 4 * 30_000})
    with open_archive(large, Limits(ratio=1000)) as archive:
        tracemalloc.start()
        try:
            assert sum(len(piece) for piece in archive.pieces("film.mp4")) == 30_720_000
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()


def test_more_than_was_allowed_is_never_read_at_once() -> None:
    with open_archive(zip_of({"a": "x" * 100})) as archive, pytest.raises(BadArchive) as caught:
        archive.read("a", 99)
    assert caught.value.code == "too_large"


def test_a_file_that_is_not_there_is_told() -> None:
    with open_archive(zip_of({"a": ""})) as archive, pytest.raises(BadArchive) as caught:
        archive.read("b\n", 9)
    assert (caught.value.code, caught.value.values["name"]) == ("missing", "b\N{REPLACEMENT CHARACTER}")


def broken_xml(content: bytes | str) -> BadXml:
    archive: Archive
    with open_archive(zip_of({"a.xml": content}), SMALL) as archive, pytest.raises(BadXml) as caught:
        archive.tree("a.xml")
    return caught.value


def test_broken_xml_is_told_with_its_line() -> None:
    bad = broken_xml("<a>\n<b>\n</a>\n")
    assert (bad.code, bad.line, bad.name) == ("xml_broken", 3, "a.xml")


@pytest.mark.parametrize(
    "content", ["", "   ", "not xml", "<a>", "<?xml version='1.0' encoding='martian'?><a/>", b"<a>\xff</a>"]
)
def test_what_is_no_xml_is_told_broken(content: bytes | str) -> None:
    assert broken_xml(content).code == "xml_broken"


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]><a>&y;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
        "<!DOCTYPE a><a/>",
    ],
)
def test_entities_and_document_types_are_refused(content: str) -> None:
    assert broken_xml(content).code == "xml_entities"


def test_xml_that_is_too_large_too_deep_or_too_full_is_refused() -> None:
    assert broken_xml("<a>" + "é" * 26_000 + "</a>").code == "xml_too_large"
    assert broken_xml("<a>" * 300 + "</a>" * 300).code == "xml_too_large"
    with (
        open_archive(zip_of({"a": "<a>" + "<b/>" * 300_000 + "</a>"})) as archive,
        pytest.raises(BadXml) as caught,
    ):
        archive.tree("a")
    assert caught.value.code == "xml_too_large"


def test_xml_is_read_by_local_names_with_lines_and_texts() -> None:
    text = "\n <?xml version='1.0'?>\n<x:a xmlns:x='urn:x' x:k=' v '>\n<x:b>one &amp; <x:c/>two</x:b></x:a>"
    with open_archive(zip_of({"a": text})) as archive:
        root = archive.tree("a")
    inner = root.first("b")
    assert inner is not None
    assert (root.name, root.get("k"), inner.text, inner.inner()) == (
        "a",
        "v",
        "one & two",
        "one &amp; <c></c>two",
    )
    assert [node.name for node in root.walk()] == ["a", "b", "c"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_xml_in_other_encodings_is_read(encoding: str) -> None:
    declared = "" if encoding == "utf-8-sig" else f"<?xml version='1.0' encoding='{encoding}'?>"
    with open_archive(zip_of({"a": (declared + "<a>é</a>").encode(encoding)})) as archive:
        assert archive.tree("a").text == "é"


def test_a_long_or_wild_name_is_fit_to_be_shown() -> None:
    assert shown("a" * 500) == "a" * 119 + "…"
    assert shown("a\r\nb") == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b"
