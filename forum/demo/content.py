"""Reads the demo's files (structure in TOML, long texts in Markdown) into frozen values and checks them.

Whose clock: posts, edits, drafts, removals, extensions, grades and releases happen at a `day` and `time` in
the *own zone* of whoever does them. What a course rules (opens, cut-offs, due rules) is in the *course's
zone*, or for a checkpoint with `own_zone = true` in each student's. A `day` counts from the day on which
the demo is laid, a date in the first course's zone; `time = "21:04"` is a wall clock; no `until` means
END_OF_DAY. Whatever is told as past lies before that day begins. Pure: files in, values out; ContentError
names file and key.
"""

from pathlib import Path
from zoneinfo import ZoneInfo

from forum.demo.checks import check_demo
from forum.demo.entries import Entry, opened
from forum.demo.unwrapping import unwrapped
from forum.demo.values import (
    Demo,
    DemoAccount,
    DemoAttachment,
    DemoBoard,
    DemoCaptions,
    DemoCheckpoint,
    DemoCourse,
    DemoCriterion,
    DemoDraft,
    DemoEnrollment,
    DemoExtension,
    DemoGrade,
    DemoLesson,
    DemoLevel,
    DemoLink,
    DemoModule,
    DemoPost,
    DemoRelease,
    DemoRemoval,
    DemoRequest,
    DemoRevision,
    DemoSection,
    DemoVideo,
    Moment,
)

HERE = Path(__file__).parent / "course"


def read_demo(root: Path = HERE) -> Demo:
    """The whole demo, checked; raises ContentError."""
    top = opened(root / "demo.toml")
    accounts = tuple(_account(entry) for entry in top.entries("account"))
    zones = {account.key: account.zone for account in accounts}
    courses = tuple(_course(root, root / name, zones) for name in top.get("courses", list))
    term = top.words("term")
    demo = Demo(term, top.get("term_starts_day", int), top.get("term_ends_day", int), accounts, courses)
    top.done()
    check_demo(demo)
    return demo


def _text(entry: Entry, name: str, file: Path) -> str:
    if not file.is_file():
        raise entry.fault(name, f"the file {file.name} is missing")
    return unwrapped(file.read_text(encoding="utf-8").strip())


def _file(entry: Entry, name: str, folder: Path) -> Path:
    file = folder / entry.words(name)
    if not file.is_file():
        raise entry.fault(name, f"the file {file.name} is missing")
    return file


def _zone(entry: Entry) -> str:
    zone = entry.words("zone")
    try:
        return ZoneInfo(zone).key
    except (KeyError, ValueError, OSError) as error:
        raise entry.fault("zone", "is no zone that is known") from error


def _account(entry: Entry) -> DemoAccount:
    account = DemoAccount(
        key=entry.words("key"),
        name=entry.words("name"),
        email=entry.words("email"),
        zone=_zone(entry),
        language=entry.get("language", str, "en"),
        administrator=entry.get("administrator", bool, False),
    )
    entry.done()
    return account


def _course(root: Path, folder: Path, zones: dict[str, str]) -> DemoCourse:
    top = opened(folder / "course.toml")
    zone = _zone(top)
    sections = []
    for one in top.entries("section"):
        sections.append(DemoSection(one.words("key"), one.words("name"), one.words("teacher")))
        one.done()
    enrollments = []
    for one in top.entries("enrollment"):
        enrollments.append(
            DemoEnrollment(one.words("account"), one.words("role"), one.get("section", str, None))
        )
        one.done()
    modules = tuple(_module(root, folder, entry, zone, zones) for entry in top.entries("module"))
    course = DemoCourse(
        key=folder.name,
        code=top.words("code"),
        title=top.words("title"),
        summary=top.words("summary"),
        zone=zone,
        starts_day=top.get("starts_day", int),
        ends_day=top.get("ends_day", int),
        sections=tuple(sections),
        enrollments=tuple(enrollments),
        modules=modules,
    )
    top.done()
    return course


def _module(root: Path, folder: Path, entry: Entry, zone: str, zones: dict[str, str]) -> DemoModule:
    module = DemoModule(
        key=entry.words("key"),
        title=entry.words("title"),
        summary=entry.words("summary"),
        starts_day=entry.get("starts_day", int),
        lessons=tuple(_lesson(root, folder, one) for one in entry.entries("lesson")),
        boards=tuple(_board(folder, one, zone, zones) for one in entry.entries("board")),
    )
    entry.done()
    return module


def _lesson(root: Path, folder: Path, entry: Entry) -> DemoLesson:
    key = entry.words("key")
    links, attachments = [], []
    for one in entry.entries("link"):
        links.append(DemoLink(one.words("address"), one.words("title"), one.words("note")))
        one.done()
    for one in entry.entries("attachment"):
        attachments.append(DemoAttachment(_file(one, "file", folder / "files"), one.words("title")))
        one.done()
    video = entry.entry("video")
    lesson = DemoLesson(
        key=key,
        title=entry.words("title"),
        text=_text(entry, "key", folder / "lessons" / f"{key}.md"),
        video=_video(video, root / "media") if video else None,
        links=tuple(links),
        attachments=tuple(attachments),
    )
    entry.done()
    return lesson


def _video(entry: Entry, folder: Path) -> DemoVideo:
    captions = []
    for one in entry.entries("captions"):
        captions.append(DemoCaptions(one.words("language"), one.words("label"), _file(one, "file", folder)))
        one.done()
    transcript = _text(entry, "transcript", _file(entry, "transcript", folder))
    path, title = _file(entry, "file", folder), entry.words("title")
    video = DemoVideo(path, title, entry.get("seconds", int), tuple(captions), transcript)
    entry.done()
    return video


def _board(folder: Path, entry: Entry, zone: str, zones: dict[str, str]) -> DemoBoard:
    key = entry.words("key")
    opens, cut_off = entry.get("opens_day", int, None), entry.get("cut_off_day", int, None)
    together, together_at = entry.get("together_day", int, None), entry.clock("together_until", None)
    opens_at, cut_off_at = entry.clock("opens_time", "00:00"), entry.clock("cut_off_until", None)
    checkpoints = tuple(_checkpoint(one) for one in entry.entries("checkpoint"))
    rubric = tuple(_criterion(one) for one in entry.entries("criterion"))
    extensions = tuple(_extension(one, zones) for one in entry.entries("extension"))
    requests = tuple(_request(one, zones) for one in entry.entries("request"))
    posts_file, grades_file = folder / "posts" / f"{key}.toml", folder / "grades" / f"{key}.toml"
    posts, drafts = _said(posts_file, zones) if posts_file.is_file() else ((), ())
    grades, released = _judged(grades_file, zones) if grades_file.is_file() else ((), None)
    board = DemoBoard(
        key=key,
        title=entry.words("title"),
        form=entry.words("form"),
        shown=entry.get("shown", str, "at_once"),
        prompt=_text(entry, "key", folder / "prompts" / f"{key}.md"),
        opens=None if opens is None else Moment(opens, opens_at, zone),
        cut_off=None if cut_off is None else Moment(cut_off, cut_off_at, zone),
        grace_minutes=entry.get("grace_minutes", int, 5),
        together=None if together is None else Moment(together, together_at, zone),
        checkpoints=checkpoints,
        rubric=rubric,
        posts=posts,
        drafts=drafts,
        extensions=extensions,
        requests=requests,
        grades=grades,
        released=released,
    )
    entry.done()
    return board


def _said(file: Path, zones: dict[str, str]) -> tuple[tuple[DemoPost, ...], tuple[DemoDraft, ...]]:
    top = opened(file)
    posts = tuple(_post(one, zones) for one in top.entries("post"))
    drafts = tuple(_draft(one, zones) for one in top.entries("draft"))
    top.done()
    return posts, drafts


def _judged(file: Path, zones: dict[str, str]) -> tuple[tuple[DemoGrade, ...], DemoRelease | None]:
    top = opened(file)
    grades = tuple(_grade(one, zones) for one in top.entries("grade"))
    release, released = top.entry("release"), None
    if release:
        released = DemoRelease(release.words("by"), _moment(release, zones, "by"))
        release.done()
    top.done()
    return grades, released


def _checkpoint(entry: Entry) -> DemoCheckpoint:
    checkpoint = DemoCheckpoint(
        key=entry.words("key"),
        day=entry.get("day", int),
        until=entry.clock("until", None),
        own_zone=entry.get("own_zone", bool, False),
        minimum_words=entry.get("minimum_words", int, 0),
        replies=entry.get("replies", int, 0),
        people=entry.get("people", int, 0),
    )
    entry.done()
    return checkpoint


def _criterion(entry: Entry) -> DemoCriterion:
    levels = []
    for one in entry.entries("level"):
        points, description = one.get("points", int), one.words("description")
        levels.append(DemoLevel(one.words("key"), one.words("name"), points, description))
        one.done()
    criterion = DemoCriterion(entry.words("key"), entry.words("name"), tuple(levels))
    entry.done()
    return criterion


def _moment(entry: Entry, zones: dict[str, str], whose: str) -> Moment:
    who = entry.words(whose)
    if who not in zones:
        raise entry.fault(whose, f"{who} is nobody in demo.toml")
    return Moment(entry.get("day", int), entry.clock("time"), zones[who])


def _extension(entry: Entry, zones: dict[str, str]) -> DemoExtension:
    granted = entry.entry("granted")
    if granted is None:
        raise entry.fault("granted", "is missing")
    extension = DemoExtension(
        student=entry.words("student"),
        checkpoint=entry.get("checkpoint", str, None),
        day=entry.get("day", int),
        until=entry.clock("until", None),
        by=granted.words("by"),
        at=_moment(granted, zones, "by"),
        reason=granted.words("reason"),
    )
    granted.done()
    entry.done()
    return extension


def _request(entry: Entry, zones: dict[str, str]) -> DemoRequest:
    asked = entry.entry("asked")
    if asked is None:
        raise entry.fault("asked", "is missing")
    request = DemoRequest(
        student=entry.words("student"),
        checkpoint=entry.get("checkpoint", str, None),
        day=entry.get("day", int),
        until=entry.clock("until", None),
        at=_moment(asked, zones, "by"),
        reason=unwrapped(asked.words("reason")),
    )
    asked.done()
    entry.done()
    return request


def _post(entry: Entry, zones: dict[str, str]) -> DemoPost:
    first = DemoRevision(_moment(entry, zones, "author"), unwrapped(entry.words("text")))
    edits = []
    for one in entry.entries("edit"):
        at = Moment(one.get("day", int), one.clock("time"), first.at.zone)
        edits.append(DemoRevision(at, unwrapped(one.words("text"))))
        one.done()
    gone, removal = entry.entry("removed"), None
    if gone:
        removal = DemoRemoval(gone.words("by"), _moment(gone, zones, "by"), gone.words("reason"))
        gone.done()
    shown = entry.entry("shown")
    post = DemoPost(
        key=entry.words("key"),
        author=entry.words("author"),
        parent=entry.get("on", str, None),
        title=entry.get("title", str, None),
        revisions=(first, *edits),
        removal=removal,
        pinned=entry.get("pinned", bool, False),
        shown=Moment(shown.get("day", int), shown.clock("time"), first.at.zone) if shown else None,
    )
    if shown:
        shown.done()
    entry.done()
    return post


def _draft(entry: Entry, zones: dict[str, str]) -> DemoDraft:
    parent, title = entry.get("on", str, None), entry.get("title", str, None)
    draft = DemoDraft(
        entry.words("author"), parent, title, _moment(entry, zones, "author"), unwrapped(entry.words("text"))
    )
    entry.done()
    return draft


def _grade(entry: Entry, zones: dict[str, str]) -> DemoGrade:
    scores = entry.entry("scores")
    if scores is None:
        raise entry.fault("scores", "is missing")
    pairs = tuple((name, scores.words(name)) for name in scores.names())
    at, feedback = _moment(entry, zones, "by"), unwrapped(entry.get("feedback", str, ""))
    grade = DemoGrade(entry.words("student"), entry.words("by"), at, pairs, feedback)
    entry.done()
    return grade
