"""The demo's content: what a first visitor finds in it, and that a fault in its files is told."""

import re
import shutil
import tomllib
from collections import Counter
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from forum.demo.checks import check_order, counted_words
from forum.demo.content import HERE, read_demo
from forum.demo.faults import ContentError
from forum.demo.values import Demo, DemoBoard, DemoCourse, DemoPost, Moment

LAID_ON = date(2026, 11, 24)


@pytest.fixture(scope="module")
def demo() -> Demo:
    return read_demo()


@pytest.fixture(scope="module")
def course(demo: Demo) -> DemoCourse:
    return demo.courses[0]


def depth(board: DemoBoard, post: DemoPost) -> int:
    posts = {one.key: one for one in board.posts}
    found = 1
    while post.parent is not None:
        post, found = posts[post.parent], found + 1
    return found


def first_posts(course: DemoCourse, board: DemoBoard) -> dict[str, DemoPost]:
    found: dict[str, DemoPost] = {}
    for post in sorted(board.posts, key=lambda one: one.at.on(LAID_ON)):
        if post.parent is None and post.author in course.with_role("student") and not post.removal:
            found.setdefault(post.author, post)
    return found


def is_late(course: DemoCourse, board: DemoBoard, post: DemoPost) -> bool:
    limit = board.checkpoints[0].due(course.zone).on(LAID_ON) + timedelta(minutes=board.grace_minutes)
    return post.at.on(LAID_ON) >= limit


def test_the_course_has_its_people_in_six_zones_and_two_sections(demo: Demo, course: DemoCourse) -> None:
    students = course.with_role("student")
    assert len(students) == 24
    zones = {demo.account(key).zone for key in students}
    assert len(zones) == 6
    hours = {
        Moment(0, time(12), zone).on(LAID_ON) - Moment(0, time(12), course.zone).on(LAID_ON) for zone in zones
    }
    assert sum(abs(one) >= timedelta(hours=8) for one in hours) >= 2
    assert Counter(one.section for one in course.enrollments if one.role == "student") == {"a": 12, "b": 12}
    assert [len(course.with_role(role)) for role in ("instructor", "assistant", "observer")] == [1, 1, 1]
    assert [one.key for one in demo.accounts if one.administrator] == ["pilar"]
    assert all(one.email.endswith("@example.org") for one in demo.accounts)


def test_another_course_by_another_instructor_shares_some_students(demo: Demo, course: DemoCourse) -> None:
    other = demo.courses[1]
    assert 3 <= len(other.with_role("student")) <= 5
    assert other.with_role("student") & course.with_role("student")
    assert not other.with_role("instructor") & course.with_role("instructor")
    assert len(other.boards) == 1
    assert other.boards[0].posts


def test_each_week_has_two_or_three_lessons_of_real_length(course: DemoCourse) -> None:
    weeks = [module for module in course.modules if module.key.startswith("week")]
    assert len(weeks) == 4
    for week in weeks:
        assert 2 <= len(week.lessons) <= 3
        assert week.boards
    for lesson in course.lessons:
        assert 400 <= len(lesson.text.split()) <= 900, lesson.key
        assert re.search(r"^## ", lesson.text, re.MULTILINE), lesson.key
        assert re.search(r"^\|", lesson.text, re.MULTILINE), lesson.key
    texts = "\n".join(lesson.text for lesson in course.lessons)
    for what in ("```python", "$$", "\n> ", "[^1817]:"):
        assert what in texts


def test_every_footnote_is_called_and_written(demo: Demo) -> None:
    for lesson in (one for course in demo.courses for one in course.lessons):
        written = set(re.findall(r"^\[\^(\w+)\]:", lesson.text, re.MULTILINE))
        called = set(re.findall(r"\[\^(\w+)\](?!:)", lesson.text))
        assert written == called, lesson.key


def test_the_video_is_small_starts_fast_and_has_captions_in_two_languages(course: DemoCourse) -> None:
    (video,) = [lesson.video for lesson in course.lessons if lesson.video]
    head = video.path.read_bytes()
    assert len(head) < 700_000
    assert head[4:8] == b"ftyp"
    assert head.index(b"moov") < head.index(b"mdat")
    assert 30 <= video.seconds <= 60
    assert video.transcript
    assert [one.language for one in video.captions] == ["en", "es"]
    cues = [
        re.findall(r"(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d)\.(\d{3})", c.path.read_text())
        for c in video.captions
    ]
    assert cues[0] == cues[1]
    ends = [int(cue[3]) * 60 + int(cue[4]) + int(cue[5]) / 1000 for cue in cues[0]]
    assert ends == sorted(ends)
    assert ends[-1] <= video.seconds


def test_lessons_link_elsewhere_and_carry_small_attachments(course: DemoCourse) -> None:
    assert any(link.address.startswith("https://") for lesson in course.lessons for link in lesson.links)
    attachments = [one.path for lesson in course.lessons for one in lesson.attachments]
    assert {one.suffix for one in attachments} == {".csv", ".png", ".pdf"}
    assert all(0 < one.stat().st_size < 100_000 for one in attachments)


def test_the_tables_attached_say_what_the_lessons_say(course: DemoCourse) -> None:
    rows = (HERE / course.key / "files" / "strikers-on-two-lists.csv").read_text().splitlines()[1:]
    kinds = Counter(tuple(row.split(",")[1:]) for row in rows)
    assert kinds == {("yes", "yes"): 96, ("yes", "no"): 184 - 96, ("no", "yes"): 143 - 96}
    letters = (HERE / course.key / "files" / "letters-to-the-council.csv").read_text().splitlines()
    months = [[int(cell) for cell in row.split(",")[1:]] for row in letters[1:]]
    assert [sum(column) for column in zip(*months[:-1], strict=True)] == months[-1] == [118, 71, 64, 59, 312]


def test_the_boards_stand_in_every_state_of_that_day(demo: Demo, course: DemoCourse) -> None:
    now = demo.starts.on(LAID_ON)
    graded, being_graded, due, opening = (course.board(module.boards[0].key) for module in course.modules[1:])
    assert graded.released
    assert len(graded.grades) == 24
    assert being_graded.cut_off
    assert being_graded.cut_off.on(LAID_ON) <= now
    assert not being_graded.released
    assert due.checkpoints[0].due(course.zone) == Moment(0, None, "Europe/Madrid")
    assert opening.opens == Moment(1, time(0), "Europe/Madrid")
    assert not opening.posts
    assert all(one.own_zone for one in opening.checkpoints)
    assert {board.form for board in course.boards} == {"announcement", "threads", "single", "one_each"}
    assert "after_own" in {board.shown for board in course.boards}
    assert len([one for one in course.board("announcements").posts if one.parent is None]) == 3
    for board in (graded, being_graded, due, opening):
        assert board.grace_minutes == 5
        assert board.cut_off
        assert [one.key for one in board.checkpoints] == ["first_post", "replies"]
        assert board.checkpoints[0].minimum_words >= 80
        assert (board.checkpoints[1].replies, board.checkpoints[1].people) == (2, 2)
        assert 3 <= len(board.rubric) <= 4
        assert all(3 <= len(criterion.levels) <= 4 for criterion in board.rubric)


def test_the_discussions_have_substance(demo: Demo, course: DemoCourse) -> None:
    posts = [post for one in demo.courses for board in one.boards for post in board.posts]
    assert len(posts) >= 120
    for key in ("week-1-square", "week-2-voices"):
        board = course.board(key)
        firsts = first_posts(course, board)
        assert len(firsts) >= 20
        for post in firsts.values():
            assert counted_words(post.text) >= board.checkpoints[0].minimum_words, post.key
            assert len(post.text.split()) <= 220, post.key
        assert max(depth(board, post) for post in board.posts) == 5  # four levels of replies
        assert any(post.author in course.with_role("instructor", "assistant") for post in board.posts)
    assert len({" ".join(post.text.split()) for post in posts}) == len(posts)
    texts = "\n".join(post.text for post in posts)
    for what in ("\n> ", "\n| ", "\n- ", "\n1. ", "$184"):
        assert what in texts
    assert 7 <= len(first_posts(course, course.board("week-3-label"))) <= 9
    assert len(course.board("week-3-label").drafts) >= 3


def test_week_one_has_everything_that_happens_to_people(course: DemoCourse) -> None:
    board = course.board("week-1-square")
    firsts = first_posts(course, board)
    late = {author for author, post in firsts.items() if is_late(course, board, post)}
    (extension,) = board.extensions
    assert late - {extension.student} == {"marc", "jose"}
    extended = Moment(extension.day, extension.until, course.zone).on(LAID_ON)
    assert extension.student in late
    assert firsts[extension.student].at.on(LAID_ON) < extended
    assert course.with_role("student") - set(firsts) == {"davi"}
    answered = {post.author for post in board.posts if post.parent}
    assert "farhan" not in answered
    assert "farhan" in firsts
    (edited,) = [post for post in board.posts if len(post.revisions) > 1]
    assert edited.revisions[0].text != edited.text
    (removed,) = [post for post in board.posts if post.removal]
    assert removed.removal
    assert removed.removal.reason


def test_grades_have_a_level_for_each_criterion_and_a_reason(course: DemoCourse) -> None:
    graded, being_graded = course.board("week-1-square"), course.board("week-2-voices")
    assert all(graded.finished(grade) and len(grade.feedback.split()) >= 15 for grade in graded.grades)
    assert {graded.points(grade) for grade in graded.grades} >= {0, 7, 9, 10}
    done = [grade for grade in being_graded.grades if being_graded.finished(grade)]
    assert 0 < len(done) < len(being_graded.grades) < 22
    teachers = {one.key: one.teacher for one in course.sections}
    section = {one.account: one.section for one in course.enrollments}
    for grade in graded.grades:
        assert grade.by == teachers[section[grade.student] or ""]


def test_labels_of_week_three_keep_to_seventy_five_words(course: DemoCourse) -> None:
    for post in first_posts(course, course.board("week-3-label")).values():
        label = " ".join(line.lstrip("> ") for line in post.text.splitlines() if line.startswith(">"))
        assert 0 < len(label.split()) <= 75, post.key


def test_the_order_of_events_holds_whatever_the_day(demo: Demo) -> None:
    for number in range(0, 366, 3):
        for course in demo.courses:
            for board in course.boards:
                check_order(demo, course, board, date(2027, 1, 1) + timedelta(days=number))


def test_who_is_late_does_not_depend_on_the_day(course: DemoCourse) -> None:
    for board in (course.board("week-1-square"), course.board("week-2-voices")):
        expected = {post.key: is_late(course, board, post) for post in first_posts(course, board).values()}
        for number in range(0, 366, 5):
            laid_on = date(2027, 1, 1) + timedelta(days=number)
            limit = board.checkpoints[0].due(course.zone).on(laid_on) + timedelta(minutes=board.grace_minutes)
            for post in first_posts(course, board).values():
                assert (post.at.on(laid_on) >= limit) == expected[post.key], (post.key, laid_on)


def test_a_moment_is_a_wall_clock_in_its_zone() -> None:
    assert Moment(-1, time(21, 4), "Asia/Tokyo").on(LAID_ON).isoformat() == "2026-11-23T12:04:00+00:00"
    assert Moment(0, None, "Europe/Madrid").on(LAID_ON).isoformat() == "2026-11-24T23:00:00+00:00"
    assert Moment(-30, None, "Europe/Madrid").on(LAID_ON).isoformat() == "2026-10-25T23:00:00+00:00"


SQUARE, VOICES, LABEL = (f"posts/{name}.toml" for name in ("week-1-square", "week-2-voices", "week-3-label"))
GRADES, COURSE = "grades/week-1-square.toml", "course.toml"
# name: (file, what stands there, what is put in its place, what the key told must contain)
FAULTS = {
    "a reply to nobody": (SQUARE, 'on = "ines-1"', 'on = "ines-9"', "yara-2"),
    "a reply before its parent": (SQUARE, 'day = -18\ntime = "21:30"', 'day = -19\ntime = "20:30"', "yara-2"),
    "a post before the board opens": (
        SQUARE,
        'day = -19\ntime = "21:04"',
        'day = -21\ntime = "21:04"',
        "ines-1",
    ),
    "a post after the cut-off": (SQUARE, 'day = -11\ntime = "21:40"', 'day = -9\ntime = "21:40"', "jose-3"),
    "a post in the future": (LABEL, 'day = -1\ntime = "22:50"', 'day = 0\ntime = "22:50"', "meenakshi-2"),
    "an author who is not in the course": (SQUARE, 'author = "kenji"', 'author = "priya"', "kenji-1"),
    "an author who is nobody": (SQUARE, 'author = "kenji"', 'author = "kenjo"', "kenji-1"),
    "a guest who posts": (SQUARE, 'author = "kenji"', 'author = "henrik"', "kenji-1"),
    "a second thread where there is one each": (VOICES, 'author = "wei"', 'author = "ines"', "wei-1"),
    "an answer to what was not shown yet": (
        VOICES,
        'day = -12\ntime = "22:40"',
        'day = -9\ntime = "22:40"',
        "andrei-2",
    ),
    "a misspelled key": (SQUARE, 'author = "ines"', 'author = "ines"\npined = true', "ines-1"),
    "a time that is none": (SQUARE, '"21:04"', '"25:04"', "ines-1"),
    "a level that is none": (GRADES, 'position = "strong"', 'position = "stronk"', "ines"),
    "a released grade without a criterion": (GRADES, ', answers = "strong"', "", "ines"),
    "a grade before the cut-off": (GRADES, "day = -9", "day = -11", "ines"),
    "a grade after the release": (GRADES, "day = -9", "day = -3", "ines"),
    "a release in the future": (GRADES, "day = -4", "day = 1", "release"),
    "a role that is none": (COURSE, 'role = "assistant"', 'role = "tutor"', "ruth"),
    "a zone that is none": (COURSE, 'zone = "Europe/Madrid"', 'zone = "Europe/Madird"', "zone"),
    "a cut-off before the due rule": (COURSE, "cut_off_day = -10", "cut_off_day = -13", "week-1-square"),
    "a lesson without its text": (COURSE, 'key = "four-silences"', 'key = "five-silences"', "five-silences"),
    "an extension that shortens": (
        COURSE,
        'student = "halima"\nday = -10',
        'student = "halima"\nday = -16',
        "halima",
    ),
    "two people with one address": ("../demo.toml", "ruth.odhiambo@", "Leonor.Ibarra@", "email"),
    "an enrollment of nobody": (COURSE, 'account = "henrik"', 'account = "hendrik"', "hendrik"),
    "a section that is none": (COURSE, 'section = "a"', 'section = "c"', "ines"),
    "a section taught by a guest": (COURSE, 'teacher = "ruth"', 'teacher = "henrik"', "section[b]"),
    "a form that is none": (COURSE, 'form = "single"', 'form = "singel"', "form"),
    "a way of showing that is none": (COURSE, 'shown = "after_own"', 'shown = "after_all"', "shown"),
    "a checkpoint that is none": (COURSE, 'key = "first_post"', 'key = "first"', "checkpoint"),
    "an extension for no student": (COURSE, 'student = "halima"', 'student = "ruth"', "ruth"),
    "an extension by an assistant": (
        COURSE,
        'by = "leonor"\nday = -15',
        'by = "ruth"\nday = -15',
        "granted.by",
    ),
    "an extension of no checkpoint": (
        COURSE,
        'student = "halima"\n',
        'student = "halima"\ncheckpoint = "essay"\n',
        "halima",
    ),
    "two posts with one key": (SQUARE, 'key = "kenji-1"', 'key = "ines-1"', "ines-1"),
    "a reply with a title": (SQUARE, 'on = "ines-1"', 'on = "ines-1"\ntitle = "No"', "yara-2"),
    "an announcement by a student": (
        "posts/announcements.toml",
        'author = "ruth"',
        'author = "ines"',
        "week-3",
    ),
    "a removal by a classmate": (SQUARE, 'by = "ruth"', 'by = "ines"', "removed.by"),
    "a draft of no student": (
        LABEL,
        '[[draft]]\nauthor = "maya"',
        '[[draft]]\nauthor = "ruth"',
        "draft[ruth]",
    ),
    "a draft in answer to nobody": (LABEL, 'on = "ananya-1"', 'on = "ananya-9"', "draft[marc]"),
    "a draft of tomorrow": (LABEL, 'day = -2\ntime = "18:40"', 'day = 1\ntime = "18:40"', "draft[maya]"),
    "a grade of no student": (GRADES, 'student = "ines"', 'student = "priya"', "priya"),
    "a grade by a guest": (
        GRADES,
        'student = "ines"\nby = "leonor"',
        'student = "ines"\nby = "henrik"',
        "ines",
    ),
    "criteria in another order": (
        GRADES,
        'position = "strong", evidence = "sound"',
        'evidence = "sound", position = "strong"',
        "ines",
    ),
    "a release by an assistant": (GRADES, '[release]\nby = "leonor"', '[release]\nby = "ruth"', "release.by"),
    "an edit before its post": (
        SQUARE,
        'day = -14\ntime = "22:41"',
        'day = -15\ntime = "22:41"',
        "farhan-1",
    ),
    "no TOML": (COURSE, 'code = "HIST-204"', "code = HIST-204", ""),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_file_and_key(name: str, tmp_path: Path) -> None:
    file, before, after, key = FAULTS[name]
    root = tmp_path / "course"
    shutil.copytree(HERE, root)
    path = root / "hist-204" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ContentError) as told:
        read_demo(root)
    assert told.value.file == (Path("hist-204") / file).as_posix().removeprefix("hist-204/../")
    assert key in told.value.key
    assert str(told.value).startswith(told.value.file)


def test_an_attachment_that_is_too_large_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(HERE, root)
    (root / "hist-204" / "files" / "plaza-del-muelle.png").write_bytes(bytes(100_001))
    with pytest.raises(ContentError, match=r"plaza-del-muelle\.png"):
        read_demo(root)


def test_a_first_post_below_the_minimum_opens_nothing(tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(HERE, root)
    path = root / "hist-204" / COURSE
    before, after = "day = -7\nminimum_words = 80", "day = -7\nminimum_words = 110"
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(ContentError, match="could not see yet"):
        read_demo(root)


def test_no_file_stands_there_that_nobody_reads(demo: Demo) -> None:
    read = {one.path.name for c in demo.courses for lesson in c.lessons for one in lesson.attachments}
    for course in demo.courses:
        folder = HERE / course.key
        boards, lessons = {one.key for one in course.boards}, {one.key for one in course.lessons}
        for part, keys in (("posts", boards), ("grades", boards), ("prompts", boards), ("lessons", lessons)):
            assert {one.stem for one in (folder / part).glob("*")} <= keys
        assert {one.name for one in (folder / "files").glob("*")} <= read
    assert tomllib.loads((HERE / "demo.toml").read_text(encoding="utf-8"))["courses"] == [
        c.key for c in demo.courses
    ]
