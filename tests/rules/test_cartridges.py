"""Cartridges: every resource becomes something or is listed; what is broken is told, the rest comes in."""

from __future__ import annotations

import hashlib
import io
import tracemalloc

import pytest

from forum.interop.archives import BadArchive, Limits
from forum.interop.cartridges import Cartridge, ItemKind, State, read_cartridge
from tests.files.archive_builder import zip_of
from tests.files.cartridge_builder import ASSOCIATED, PNG, CartridgeBuilder, item, outline


def codes(course: Cartridge) -> list[tuple[str, str, int]]:
    return [(problem.code, problem.identifier, problem.line) for problem in course.problems]


def plain_course(version: str = "1p1") -> CartridgeBuilder:
    made = CartridgeBuilder(version=version)
    made.page("p1", "week1/start.html", '<p><img src="../img/map.png"></p>', "<title>Untitled</title>")
    made.file("f1", "img/map.png", PNG)
    made.link("w1", "The Danube", "https://example.org/danube?a=1&b=2")
    made.topic("t1", "Your river", "<p>Which one?</p>")
    made.items = item(
        "m1",
        "Week 1",
        below=item("i1", "Start", "p1")
        + item("i2", "Map", "f1")
        + item("i3", "", "w1")
        + item("i4", "Talk", "t1"),
    )
    return made


@pytest.mark.parametrize("version", ["1p0", "1p1", "1p2", "1p3", "2p7"])
def test_a_plain_cartridge_of_any_version_comes_in_whole(version: str) -> None:
    course = read_cartridge(plain_course(version).archive())
    assert (course.kind, course.title) == ("common_cartridge", "Rivers of Europe")
    assert course.version == version.replace("p", ".") + ".0"
    assert outline(course) == [
        (
            "Week 1",
            [("page", "Start", 0), ("file", "Map", 0), ("link", "The Danube", 0), ("topic", "Talk", 0)],
        )
    ]
    assert [(page.title, page.path) for page in course.pages] == [("Start", "week1/start.html")]
    assert [(file.path, file.media_type, file.size) for file in course.files] == [
        ("img/map.png", "image/png", 28)
    ]
    assert [link.url for link in course.links] == ["https://example.org/danube?a=1&b=2"]
    assert [(topic.title, topic.html) for topic in course.topics] == [("Your river", "<p>Which one?</p>")]
    assert course.problems == course.left_out == ()


def test_a_folder_that_was_zipped_with_its_content_is_read_too() -> None:
    course = read_cartridge(plain_course().archive("my course/"))
    assert [page.path for page in course.pages] == ["my course/week1/start.html"]
    assert course.problems == ()


def test_addresses_in_the_manifest_may_be_escaped_or_in_another_case() -> None:
    made = CartridgeBuilder()
    made.files["Media/Big map.PNG"] = PNG
    made.resource("f", "webcontent", "media/big%20map.png")
    made.resource("g", "webcontent", "big%20map.png", attributes='xml:base="Media/"')
    course = read_cartridge(made.archive())
    assert [file.path for file in course.files] == ["Media/Big map.PNG"]
    assert course.problems == ()


def test_folders_in_folders_become_headers_and_loose_items_keep_their_place() -> None:
    made = plain_course()
    deep = item("h2", "Deeper", below=item("i5", "Talk", "t1"))
    made.items = (
        item("a", "Welcome", "p1")
        + item(
            "m1",
            "Week 1",
            below=item("h1", "Reading", below=item("i1", "Map", "f1") + deep) + item("b", "End", "w1"),
        )
        + item("c", "Goodbye", "p1")
        + item("m2", "Week 2", attributes='isvisible="false"')
    )
    course = read_cartridge(made.archive())
    assert outline(course) == [
        ("", [("page", "Welcome", 0)]),
        (
            "Week 1",
            [
                ("header", "Reading", 0),
                ("file", "Map", 1),
                ("header", "Deeper", 1),
                ("topic", "Talk", 2),
                ("link", "End", 0),
            ],
        ),
        ("", [("page", "Goodbye", 0)]),
        ("Week 2", []),
    ]
    assert [module.position for module in course.modules] == [1, 2, 3, 4]
    assert [module.state for module in course.modules][2:] == [State.ACTIVE, State.UNPUBLISHED]


def test_a_titled_folder_around_all_modules_is_the_course() -> None:
    made = plain_course()
    made.items = item("course", "Rivers", below=made.items)
    assert [module.title for module in read_cartridge(made.archive()).modules] == ["Week 1"]


def test_an_item_with_a_page_and_items_below_is_both() -> None:
    made = plain_course()
    made.items = item("m1", "Week 1", "p1", item("i", "Map", "f1"))
    made.items += item("m2", "Week 2", below=item("j", "Part", "p1", item("k", "Talk", "t1")))
    course = read_cartridge(made.archive())
    assert outline(course) == [
        ("Week 1", [("page", "Week 1", 0), ("file", "Map", 0)]),
        ("Week 2", [("page", "Part", 0), ("topic", "Talk", 1)]),
    ]


def test_a_course_without_a_table_of_contents_still_comes_in() -> None:
    made = plain_course()
    made.items = ""
    course = read_cartridge(made.archive())
    assert course.modules == ()
    assert (len(course.pages), len(course.files), len(course.links), len(course.topics)) == (1, 1, 1, 1)


def test_html_that_no_item_names_is_a_file_where_there_is_a_table_of_contents() -> None:
    made = plain_course()
    made.page("p2", "widgets/quiz.html", "")
    course = read_cartridge(made.archive())
    assert [file.media_type for file in course.files if file.path == "widgets/quiz.html"] == ["text/html"]


def test_what_is_not_taken_over_is_listed_by_title_and_kind() -> None:
    made = plain_course()
    made.files["quiz/assessment_qti.xml"] = '<questestinterop><assessment title="Quiz 1"/></questestinterop>'
    made.resource("q", "imsqti_xmlv1p2/imscc_xmlv1p1/assessment", files=["quiz/assessment_qti.xml"])
    made.resource("b", "imsqti_xmlv1p2/imscc_xmlv1p1/question-bank", files=["quiz/assessment_qti.xml"])
    made.files["tool.xml"] = (
        '<cartridge_basiclti_link xmlns:blti="urn:b"><blti:title>Maps</blti:title>'
        "<blti:launch_url>http://maps.example.org/</blti:launch_url></cartridge_basiclti_link>"
    )
    made.resource("l", "imsbasiclti_xmlv1p3", files=["tool.xml"])
    made.files["essay/assignment.xml"] = "<assignment><title>Essay</title></assignment>"
    made.resource("a", "assignment_xmlv1p0", "essay/assignment.xml")
    made.resource("a_fallback", "webcontent", "essay/e.html", inner='<variant identifierref="a"/>')
    made.files["essay/e.html"] = "<p>Write.</p>"
    made.resource("x", "resource/x-bb-conference", files=[])
    made.files["orphan.pdf"] = "%PDF-1.4"
    made.files["__MACOSX/._a"] = made.files["img/.DS_Store"] = "litter"
    course = read_cartridge(made.archive())
    assert [(left.kind, left.title, left.url) for left in course.left_out] == [
        ("quiz", "Quiz 1", ""),
        ("question_bank", "Quiz 1", ""),
        ("tool", "Maps", "http://maps.example.org/"),
        ("assignment", "Essay", ""),
        ("other", "", ""),
        ("unlisted", "orphan.pdf", ""),
    ]
    assert [file.path for file in course.files] == ["img/map.png"]
    assert course.problems == ()


def test_the_answers_of_quizzes_never_become_files() -> None:
    made = plain_course()
    made.files["non_cc_assessments/q.xml.qti"] = "<questestinterop/>"
    made.files["q/assessment_meta.xml"] = "<quiz><title>Final</title></quiz>"
    made.files["q/assessment_qti.xml"] = "<questestinterop/>"
    made.resource(
        "meta", ASSOCIATED, "q/assessment_meta.xml", ["q/assessment_meta.xml", "non_cc_assessments/q.xml.qti"]
    )
    made.resource(
        "q", "imsqti_xmlv1p2/imscc_xmlv1p1/assessment", files=["q/assessment_qti.xml"], depends=["meta"]
    )
    made.resource("bank", ASSOCIATED, "non_cc_assessments/q.xml.qti")
    course = read_cartridge(made.archive())
    assert [file.path for file in course.files] == ["img/map.png"]
    assert [(left.kind, left.title) for left in course.left_out] == [("quiz", "Final"), ("question_bank", "")]


def test_broken_references_and_missing_files_are_told_with_their_line() -> None:
    made = plain_course()
    made.items += item("m2", "Week 2", below=item("i9", "Gone", "nowhere"))
    made.resource("f9", "webcontent", "lost.pdf")
    course = read_cartridge(made.archive())
    lines = made.manifest().splitlines()
    wanted = [next(n for n, text in enumerate(lines, 1) if mark in text) for mark in ("lost.pdf", "nowhere")]
    assert codes(course) == [("missing_file", "f9", wanted[0]), ("broken_reference", "nowhere", wanted[1])]
    assert course.modules[1].items[0].kind is ItemKind.LEFT_OUT
    assert ("other", "Gone") in [(left.kind, left.title) for left in course.left_out]


def test_one_broken_topic_is_told_and_the_rest_comes_in() -> None:
    made = plain_course()
    made.topic("t2", "Second", "<p>Fine.</p>")
    made.files["t1.xml"] = "<topic>\n<title>Oops</topic>"
    course = read_cartridge(made.archive())
    assert codes(course) == [("xml_broken", "t1", 2)]
    assert [topic.title for topic in course.topics] == ["Second"]
    assert [(left.kind, left.title) for left in course.left_out] == [("other", "Talk")]


def test_an_entity_in_a_topic_is_told_and_never_expanded() -> None:
    made = plain_course()
    made.files["t1.xml"] = (
        '<!DOCTYPE t [<!ENTITY a SYSTEM "file:///etc/hostname">]><topic><text>&a;</text></topic>'
    )
    course = read_cartridge(made.archive())
    assert [problem.code for problem in course.problems] == ["xml_entities"]


def test_a_manifest_that_cannot_be_read_refuses_the_whole_with_its_line() -> None:
    for content, code in (("<manifest>\n<a></manifest>", "xml_broken"), ("<!DOCTYPE m><m/>", "xml_entities")):
        with pytest.raises(BadArchive) as caught:
            read_cartridge(zip_of({"imsmanifest.xml": content}))
        assert caught.value.code == code
        assert caught.value.values["line"] in (1, 2)
    for files in ({"readme.txt": "hello"}, {"imsmanifest.xml": "<html/>"}):
        with pytest.raises(BadArchive) as caught:
            read_cartridge(zip_of(files))
        assert caught.value.code == "no_manifest"


def test_a_reference_out_of_the_archive_finds_nothing() -> None:
    made = plain_course()
    made.resource("e", "webcontent", "../../../../etc/passwd")
    course = read_cartridge(made.archive())
    assert [problem.code for problem in course.problems] == ["missing_file"]
    assert [file.path for file in course.files] == ["img/map.png"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "", "//x"])
def test_a_link_that_leads_to_no_web_address_is_left_out_and_told(url: str) -> None:
    made = plain_course()
    made.link("w1", "Odd", url)
    made.resources = [text for text in made.resources if 'identifier="w1"' not in text or "w1.xml" in text][
        :5
    ]
    course = read_cartridge(made.archive())
    assert course.links == ()
    assert "bad_link" in [problem.code for problem in course.problems]


def test_video_links_are_known_by_their_host_or_ending() -> None:
    made = CartridgeBuilder()
    for n, url in enumerate(
        (
            "https://www.youtube.com/watch?v=1",
            "https://youtu.be/1",
            "https://example.org/film.mp4?x=1",
            "https://notyoutube.com/",
            "https://example.org/youtube.com",
        )
    ):
        made.link(f"w{n}", "", url)
    assert [link.video for link in read_cartridge(made.archive()).links] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>é</p>".encode(), "<p>é</p>"),
        ("<html><body class='x'><p>é</p></BODY ></html>".encode("cp1252"), "<p>é</p>"),
        (
            "<html><head><meta charset=iso-8859-2></head><body><p>ł</p></body>".encode("iso-8859-2"),
            "<p>ł</p>",
        ),
        ("<body><p>é</p>".encode("utf-16"), "<p>é</p>"),
        ("\ufeff<p>é</p>".encode(), "<p>é</p>"),
        (b"<html><head><meta charset=hex></head><body><p>\xe9</p></body>", "<p>é</p>"),
        (b"<body ", ""),
        (b"", ""),
    ],
)
def test_a_page_in_any_encoding_gives_the_inside_of_its_body(content: bytes, text: str) -> None:
    made = CartridgeBuilder()
    made.file("p", "a.html", content)
    (page,) = read_cartridge(made.archive()).pages
    assert (page.html, page.title) == (text, "a")


def test_a_page_that_is_too_large_stays_a_file_and_is_told() -> None:
    made = CartridgeBuilder()
    made.page("p", "a.html", "x" * 2_100_000)
    course = read_cartridge(made.archive())
    assert (course.pages, [file.path for file in course.files]) == ((), ["a.html"])
    assert [problem.code for problem in course.problems] == ["page_too_large"]


def test_what_is_for_teachers_only_is_not_shown_to_students() -> None:
    made = CartridgeBuilder()
    role = "<intendedEndUserRole><value>Instructor</value></intendedEndUserRole>"
    role = f"<metadata><lom><educational>{role}</educational></lom></metadata>"
    made.files["key.pdf"] = "%PDF-1.4"
    made.resource("f", "webcontent", "key.pdf", inner=role)
    assert read_cartridge(made.archive()).files[0].state is State.UNPUBLISHED


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8", "image/webp"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"PK\3\4", "application/zip"),
        (b"<svg onload='x'>", "image/svg+xml"),
        (b"  <!DOCTYPE HTML><script>", "text/html"),
        (b"plain \xc3\xa9", "text/plain"),
        (b"MZ\0\1", "application/octet-stream"),
        (b"", "application/x-empty"),
    ],
)
def test_the_media_type_is_what_the_content_shows_whatever_the_name(head: bytes, media_type: str) -> None:
    made = CartridgeBuilder()
    made.file("f", "picture.png", head)
    assert read_cartridge(made.archive()).files[0].media_type == media_type


def test_damage_in_any_file_refuses_the_whole_before_anything_is_taken() -> None:
    made = plain_course()
    made.file("v", "film.mp4", b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(10_000)))
    whole = bytearray(made.archive().getvalue())
    at = whole.index(b"film.mp4") + 300_000  # far behind what shows its type
    whole[at] ^= 0xFF
    with pytest.raises(BadArchive) as caught:
        read_cartridge(io.BytesIO(bytes(whole)))
    assert (caught.value.code, caught.value.values["name"]) == ("broken", "film.mp4")


def test_large_files_cost_no_memory() -> None:
    made = plain_course()
    for n in range(8):
        made.file(f"v{n}", f"film{n}.mp4", bytes(range(256)) * 40_000)
    archive = made.archive()
    tracemalloc.start()
    try:
        assert sum(file.size for file in read_cartridge(archive, Limits(ratio=1000)).files) > 80_000_000
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
