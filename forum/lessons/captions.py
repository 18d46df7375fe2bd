"""Captions: what a file of them holds, what is wrong with it and in which line, and how it reads as text."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

CAPTION_BYTES = 2_000_000
MOST_PROBLEMS = 5
_PARAGRAPH = 400  # characters after which the next end of a sentence ends a paragraph

_TIME = r"(?:\d{1,10}:)?\d{1,2}:\d{1,2}[.,]\d{1,3}"
_TIMES = re.compile(rf"\s*({_TIME})\s*-->\s*({_TIME})(?:\s.*)?\Z")
# Players pass over a WebVTT caption whose times are not written exactly so.
_VTT_TIME = r"(?:\d{2,10}:)?\d{2}:\d{2}\.\d{3}"
_VTT_TIMES = re.compile(rf"\s*({_VTT_TIME})\s+-->\s+({_VTT_TIME})(?:\s.*)?\Z")
_TIME_LIKE = re.compile(r"\s*\d{1,2}:\d{1,2}(?::\d{1,2})?(?:[.,]\d+)?\s*[-–—=]*>?\s*\d{1,2}:\d{1,2}")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)]*\Z")


@dataclass(frozen=True)
class Problem:
    """`code`: not_captions, no_captions, time_unread, end_first, no_time, not_text. `line` counts from 1."""

    code: str
    line: int


class BrokenCaptionsError(Exception):
    """A file that can't be used as captions; at most MOST_PROBLEMS problems, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(f"{problem.code} in line {problem.line}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Cue:
    """Times in milliseconds; `text` without tags; `voice` is who speaks, if the file says."""

    start: int
    end: int
    text: str
    voice: str | None


@dataclass(frozen=True)
class Paragraph:
    """A stretch of the transcript; `seconds` as a player takes it, `clock` as people read it: 1:02:03."""

    seconds: str
    clock: str
    voice: str | None
    text: str


@dataclass(frozen=True)
class Track:
    """Captions as they are served: the text of a WebVTT file, and what it says."""

    vtt: str
    cues: tuple[Cue, ...]


def read_track(content: bytes) -> Track:
    """The captions in a WebVTT or SubRip file, told apart by content; raises BrokenCaptionsError."""
    text = text_of(content)
    is_vtt = re.match(r"WEBVTT(?:[ \t\n]|\Z)", text) is not None
    problems = list(_problems(text, is_vtt=is_vtt))
    if problems:
        raise BrokenCaptionsError(problems[:MOST_PROBLEMS])
    try:
        captions = (
            webvtt.from_string(text)
            if is_vtt
            else webvtt.from_buffer(io.StringIO(_plain_subrip(text)), format="srt")
        )
        vtt = text if is_vtt else captions.content
    except (MalformedFileError, MalformedCaptionError, ValueError) as error:
        raise BrokenCaptionsError([Problem("not_captions", 1)]) from error
    cues = tuple(
        Cue(
            each.start_time.in_milliseconds(),
            each.end_time.in_milliseconds(),
            _readable(each.text),
            each.voice,
        )
        for each in captions.captions
    )
    if not cues:
        raise BrokenCaptionsError([Problem("no_captions", 1)])
    return Track(vtt if vtt.endswith("\n") else vtt + "\n", cues)


def text_of(content: bytes) -> str:
    """The file as text with plain line ends: UTF-8, UTF-16 by its mark, else the old Western code page."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise BrokenCaptionsError([Problem("not_text", 1)]) from error
    if "\0" in text:
        raise BrokenCaptionsError([Problem("not_text", text[: text.index("\0")].count("\n") + 1)])
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _problems(text: str, *, is_vtt: bool) -> Iterator[Problem]:
    found = told = False
    for number, lines in _blocks(text):
        if is_vtt and (number == 1 or re.match(r"(NOTE|STYLE|REGION)(\s|\Z)", lines[0])):
            continue
        times = [index for index, line in enumerate(lines[:2]) if "-->" in line]
        if not times:
            told = True
            near = next((index for index, line in enumerate(lines) if _TIME_LIKE.match(line)), None)
            yield Problem("no_time" if near is None else "time_unread", number + (near or 0))
            continue
        found = True
        for index, line in enumerate(lines):
            if "-->" not in line:
                continue
            match = (_VTT_TIMES if is_vtt else _TIMES).match(line)
            start, end = (_milliseconds(match[1]), _milliseconds(match[2])) if match else (None, None)
            if start is None or end is None or (index > times[0] and not is_vtt):
                yield Problem("time_unread", number + index)
            elif end <= start:
                yield Problem("end_first", number + index)
    if not found and not told:
        yield Problem("no_captions" if is_vtt else "not_captions", 1)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """The stretches between blank lines, each with the number of its first line."""
    first = 1
    lines: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            if not lines:
                first = number
            lines.append(line)
        elif lines:
            yield first, lines
            lines = []


def _milliseconds(time: str) -> int | None:
    clock, _dot, fraction = time.replace(",", ".").partition(".")
    parts = [int(part) for part in clock.split(":")]
    if parts[-1] > 59 or parts[-2] > 59:
        return None
    return sum(part * 60**power for power, part in enumerate(reversed(parts))) * 1000 + int(
        fraction.ljust(3, "0")
    )


def _plain_subrip(text: str) -> str:
    """SubRip as its readers take it: times with hours, a comma and three digits.

    Signs that WebVTT would take for its own are spelled out, marks of placement and font are left out.
    """

    def plain(match: re.Match[str]) -> str:
        return f"{_clock(match[1])} --> {_clock(match[2])}"

    text = re.sub(r"\{\\[^{}\n]*\}|</?font\b[^<>\n]*>", "", text)
    text = re.sub(r"&(?!#?\w{1,10};)", "&amp;", text)
    text = re.sub(r"<(?!/?[biu]>)", "&lt;", text)
    return re.sub(rf"(?m)^\s*({_TIME})[ \t]*-->[ \t]*({_TIME}).*$", plain, text)


def _clock(time: str) -> str:
    milliseconds = _milliseconds(time) or 0
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},{rest:03d}"


def _readable(text: str) -> str:
    """What a caption says: no tags, one line."""
    return " ".join(unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", text)).split())


def paragraphs(cues: tuple[Cue, ...]) -> list[Paragraph]:
    """The captions as text to read: a new paragraph after a speaker, a pause of 4 s, a sentence's end."""
    made: list[Paragraph] = []
    parts: list[str] = []
    start = end = 0
    voice: str | None = None

    def close() -> None:
        if parts:
            made.append(Paragraph(f"{start / 1000:g}", _short_clock(start), voice, " ".join(parts)))

    for cue in sorted(cues, key=lambda each: each.start):
        if not cue.text:
            continue
        length = sum(len(part) for part in parts)
        ended = parts and (
            (cue.voice is not None and cue.voice != voice)
            or cue.start - end >= 4000
            or (length > _PARAGRAPH and _SENTENCE_END.search(parts[-1]))
            or length > 2 * _PARAGRAPH
        )
        if not parts or ended:
            close()
            parts, start, voice = [], cue.start, cue.voice
        if not parts or parts[-1] != cue.text:  # captions that roll up repeat the line before
            parts.append(cue.text)
        end = cue.end
    close()
    return made


def _short_clock(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02d}:{seconds % 60:02d}" if hours else f"{minutes}:{seconds % 60:02d}"
