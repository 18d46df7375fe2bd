"""Captions are read, told by line what is wrong with them, served as WebVTT, and read as text."""

import pytest

from forum.lessons.captions import BrokenCaptionsError, Cue, paragraphs, read_track
from tests.conftest import Site
from tests.slices.lessons import SRT, TINY, make


def problems(text: str | bytes) -> list[tuple[str, int]]:
    with pytest.raises(BrokenCaptionsError) as caught:
        read_track(text.encode() if isinstance(text, str) else text)
    return [(problem.code, problem.line) for problem in caught.value.problems]


def test_subrip_becomes_webvtt_with_its_signs_kept() -> None:
    track = read_track(SRT.encode())
    assert track.vtt == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.500\nThe river rose &lt; a meter &amp; a half.\n\n"
        "00:00:09.000 --> 00:00:11.000\n<i>Then</i> it fell.\n"
    )
    assert track.cues == (
        Cue(1000, 3500, "The river rose < a meter & a half.", None),
        Cue(9000, 11000, "Then it fell.", None),
    )


@pytest.mark.parametrize(
    "content", [SRT.encode("utf-16"), SRT.encode("utf-8-sig"), SRT.replace("\n", "\r\n").encode()]
)
def test_marks_and_line_ends_of_other_programs_change_nothing(content: bytes) -> None:
    assert read_track(content) == read_track(SRT.encode())


def test_an_old_western_file_is_read_too() -> None:
    assert "año" in read_track("1\n00:00:01,000 --> 00:00:02,000\nEl año\n".encode("cp1252")).vtt


def test_webvtt_is_served_as_it_came_in() -> None:
    text = "WEBVTT - Floods\n\nNOTE by Ana\n\none\n00:01.000 --> 00:02.000 line:0\n<v Ana>It &amp; I\n"
    track = read_track(text.encode())
    assert track.vtt == text
    assert track.cues == (Cue(1000, 2000, "It & I", "Ana"),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", [("not_captions", 1)]),
        ("A letter.\n", [("no_time", 1)]),
        ("WEBVTT\n", [("no_captions", 1)]),
        ("WEBVTT\n\n00:03.000 --> 00:01.000\nx\n", [("end_first", 3)]),
        ("WEBVTT\n\n00:01.000 --> 00:01.000\nx\n", [("end_first", 3)]),
        ("WEBVTT\n\none\n00:01.000 -> 00:02.000\nx\n", [("time_unread", 4)]),
        ("WEBVTT\n\n00:01,000 --> 00:02,000\nx\n", [("time_unread", 3)]),
        (
            "1\n00:00:01,000 --> 00:00:02,000\nx\n\n2\n00:00:03,000 --> 00:99:02,000\ny\n",
            [("time_unread", 6)],
        ),
        ("1\n00:00:01,000 --> 00:00:02,000\nx\n\nlost words\n", [("no_time", 5)]),
        ("1\n00:00:01,000 --> 00:00:02,000\nx\n00:00:03,000 --> 00:00:04,000\ny\n", [("time_unread", 4)]),
        (
            "WEBVTT\n\nlost\n\nlost\n\nlost\n\nlost\n\nlost\n\nlost\n",
            [("no_time", line) for line in (3, 5, 7, 9, 11)],
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, told: list[tuple[str, int]]) -> None:
    assert problems(text) == told


def test_what_is_no_text_is_no_captions() -> None:
    assert problems(TINY.read_bytes())[0][0] == "not_text"
    assert problems(b"WEBVTT\n\n\0") == [("not_text", 3)]


def test_the_transcript_is_text_with_times_and_speakers() -> None:
    cues = (
        Cue(0, 1000, "One.", "Ana"), Cue(1000, 2000, "Two.", "Ana"), Cue(2000, 3000, "Three.", "Ben"),
        Cue(9000, 9500, "Four.", "Ben"), Cue(3_723_500, 3_724_000, "Five.", "Ben"),
    )  # fmt: skip
    assert [(part.seconds, part.clock, part.voice, part.text) for part in paragraphs(cues)] == [
        ("0", "0:00", "Ana", "One. Two."),
        ("2", "0:02", "Ben", "Three."),
        ("9", "0:09", "Ben", "Four."),
        ("3723.5", "1:02:03", "Ben", "Five."),
    ]


def test_a_long_speech_is_cut_at_the_end_of_a_sentence() -> None:
    cues = tuple(
        Cue(second * 1000, second * 1000 + 1000, f"Sentence number {second}.", None) for second in range(60)
    )
    texts = [part.text for part in paragraphs(cues)]
    assert " ".join(texts) == " ".join(cue.text for cue in cues)
    assert len(texts) > 1
    assert all(len(text) < 500 and text.endswith(".") for text in texts)


def test_subrip_is_served_to_the_player_as_webvtt_and_read_on_the_page(site: Site) -> None:
    made = make(site, content=SRT.encode(), name="a.srt", use="captions", language="en", label="English")
    client = site.client("ana")
    answer = client.get(made.address)
    assert answer.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert answer.text.startswith("WEBVTT\n\n00:00:01.000 -->")
    assert answer.headers["Content-Disposition"].startswith('inline; filename="a.vtt"')
    assert client.get(made.address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    page = client.get(made.page).text
    assert "Transcript: English" in page
    assert "The river rose &lt; a meter &amp; a half." in page


def test_captions_that_hold_scripts_are_words_on_the_page(site: Site) -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v <script>>&lt;script&gt;alert(1)&lt;/script&gt; <img src=x onerror=alert(1)>\n"
    made = make(site, content=text.encode(), name="a.vtt", use="captions", language="en", label="<b>English")
    page = site.client("ana").get(made.page).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<b>English" not in page
