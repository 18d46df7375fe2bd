"""The demo as it is laid: who is in it, in which state its boards are on any day and at any hour, and laying it anew."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum import create_app, instances
from forum.accounts.models import Account
from forum.boards.models import Board, Extension
from forum.boards.queries import checkpoints_of
from forum.cli import main
from forum.core import caches, clock
from forum.core.db import db
from forum.courses.models import Course
from forum.courses.policy import Role
from forum.courses.queries import member_of, roster
from forum.demo.laying import lay_demo, sign_ins, wipe_demo
from forum.more_time.models import TimeRequest
from forum.participation.done import Participation, participation_in
from forum.participation.models import GradeVersion
from forum.participation.queries import grades_in, rubric_of
from forum.posts.models import Draft, Post, Thread
from forum.posts.queries import BoardView, view_of

from ..client import CheckingClient

pytestmark = pytest.mark.sqlite_only

MADRID = ZoneInfo("Europe/Madrid")
LAID_AT = datetime(2026, 11, 24, 9, 30, tzinfo=MADRID)
DAYS = (  # the clock goes back; the year ends: in the first and in the last minute of the day
    datetime(2026, 10, 25, 0, 0, 30, tzinfo=MADRID),
    datetime(2027, 12, 31, 23, 59, 30, tzinfo=MADRID),
)
WEEK_1 = "The square: keep, move, mark, or remove?"
WEEK_2 = "Two voices: which one goes on the wall?"
WEEK_3 = "One label, and what it leaves out"
WEEK_4 = "Would you put the interviews online?"


def an_instance(folder: Path) -> Flask:
    app = create_app(
        {"INSTANCE": folder, "SECRET_KEY": "for tests only", "TESTING": True, "DURABLE": False, "DATABASE_URL": "",
         "PUBLIC_URL": "http://localhost"}
    )  # fmt: skip
    app.test_client_class = CheckingClient
    instances.prepare(app)
    return app


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """A demo laid on a Tuesday morning. Tests of this module read it."""
    shm = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="forum-demo-", dir=shm) as folder:
        app = an_instance(Path(folder))
        with clock.standing_at(LAID_AT.astimezone(UTC)):
            lay_demo(app)
        yield app
        with app.app_context():
            db.engine.dispose()
    caches.clear_all()


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    """Other modules' databases have the same numbers."""
    caches.clear_all()
    with clock.standing_at(LAID_AT.astimezone(UTC)):
        yield
    caches.clear_all()


def the_board(session: Session, title: str) -> Board:
    return session.scalars(select(Board).where(Board.title == title)).one()


def the_account(session: Session, role: str) -> Account:
    email = next(email for shown, email, _password in sign_ins() if shown == role)
    return session.scalars(select(Account).where(Account.email == email)).one()


def done(session: Session, title: str, at: datetime) -> dict[str, Participation]:
    board = the_board(session, title)
    students = roster(session, board.course_id, at, role=Role.STUDENT)
    lines = participation_in(session, board, checkpoints_of(session, [board.id])[board.id], students, at)
    return {line.student.name: line for line in lines}


def states(session: Session, title: str, at: datetime) -> Counter[str]:
    return Counter(line.states[0].state for line in done(session, title, at).values())


def grade_states(session: Session, title: str) -> Counter[str]:
    return Counter(state for _grade, state in grades_in(session, [the_board(session, title).id]).values())


def the_view(session: Session, title: str, at: datetime) -> BoardView:
    """A board as the student near the course's zone sees it."""
    board = the_board(session, title)
    member = member_of(session, the_account(session, "student").id, board.course_id, at)
    assert member is not None
    return view_of(session, member, board, at)


def board_state(session: Session, title: str, at: datetime) -> str:
    return the_view(session, title, at).state


def check_weeks(app: Flask, at: datetime) -> None:
    """What the demo promises of its four weeks, at the instant at which it was laid."""
    at = at.astimezone(UTC)
    with app.app_context():
        session = db.session()
        assert grade_states(session, WEEK_1) == {"released": 24}
        assert board_state(session, WEEK_1, at) == board_state(session, WEEK_2, at) == "closed"
        assert {"met_on_time", "met_late", "missing"} <= set(states(session, WEEK_1, at))
        begun = grade_states(session, WEEK_2)
        assert begun["draft"] > 5
        assert begun["begun"] >= 1
        assert begun["released"] == 0
        assert sum(begun.values()) < 24
        assert board_state(session, WEEK_3, at) == "open"
        due = the_view(session, WEEK_3, at).dates.dates[0].due
        assert due is not None
        assert timedelta(0) < due - at <= timedelta(hours=25)
        assert due.astimezone(MADRID).hour == 0
        assert {"met_on_time", "not_yet_due"} == set(states(session, WEEK_3, at))
        assert board_state(session, WEEK_4, at) == "not_yet_open"
        opens = the_view(session, WEEK_4, at).dates.opens_at
        assert opens is not None
        assert opens.astimezone(MADRID).date() == at.astimezone(MADRID).date() + timedelta(days=1)
        assert session.scalar(select(func.max(Post.arrived_at))) <= at  # type: ignore[operator]
        assert session.scalar(select(func.max(GradeVersion.at))) <= at  # type: ignore[operator]
        assert session.scalar(select(func.max(Draft.saved_at))) <= at  # type: ignore[operator]
        db.session.remove()


def test_the_demo_has_its_people_posts_and_files(app: Flask) -> None:
    at = LAID_AT.astimezone(UTC)
    with app.app_context():
        session = db.session()
        course = session.scalars(select(Course).where(Course.code == "HIST-204")).one()
        everyone = roster(session, course.id, at)
        assert Counter(line.role for line in everyone) == {
            "student": 24, "instructor": 1, "assistant": 1, "observer": 1,
        }  # fmt: skip
        students = roster(session, course.id, at, role=Role.STUDENT)
        assert sorted(Counter(title for line in students for _id, title in line.sections).values()) == [
            12,
            12,
        ]
        zones = {
            member.zone.key
            for line in students
            if (member := member_of(session, line.account_id, course.id, at))
        }
        assert len(zones) == 6
        assert session.scalar(select(func.count()).select_from(Post)) > 150  # type: ignore[operator]
        assert session.scalar(select(func.count()).select_from(Thread)) > 40  # type: ignore[operator]
        assert session.scalar(select(func.count()).select_from(Draft)) >= 1  # type: ignore[operator]
        assert session.scalar(select(func.count()).select_from(Extension)) >= 1  # type: ignore[operator]
    assert len(list((Path(app.instance_path) / "uploads").rglob("*.mp4"))) or any(
        file.stat().st_size > 100_000
        for file in (Path(app.instance_path) / "uploads").rglob("*")
        if file.is_file()
    )


def test_its_weeks_are_graded_being_graded_due_tonight_and_opening_tomorrow(app: Flask) -> None:
    check_weeks(app, LAID_AT)


def test_named_students_are_on_time_late_missing_and_given_more_time(app: Flask) -> None:
    at = LAID_AT.astimezone(UTC)
    with app.app_context():
        session = db.session()
        first = done(session, WEEK_1, at)
        halima = next(line for name, line in first.items() if name.startswith("Halima"))
        assert halima.states[0].state == "met_on_time", "by the extension"
        assert "extension" in {reason.code for reason in halima.dates.dates[0].reasons}
        assert first["Andrei Munteanu"].states[0].state == "met_on_time"
        assert any(line.states[0].state == "missing" for line in first.values())
        late = [line for line in first.values() if line.states[0].state == "met_late"]
        assert late
        assert all(line.states[0].lateness is not None for line in late)
        assert done(session, WEEK_3, at)["Andrei Munteanu"].states[0].state == "not_yet_due"
        drafts = session.scalars(select(Account.name).join(Draft, Draft.account_id == Account.id)).all()
        assert drafts


def test_one_student_asks_for_more_time_and_one_post_waits_until_tomorrow_morning(app: Flask) -> None:
    with app.app_context():
        request, asker = db.session.execute(
            select(TimeRequest, Account).join(Account, Account.id == TimeRequest.account_id)
        ).one()
        assert (request.state, asker.name) == ("open", "Andrei Munteanu")
        post, author = db.session.execute(
            select(Post, Account)
            .join(Account, Account.id == Post.author_id)
            .where(Post.scheduled_for.is_not(None))
        ).one()
        assert author.name == "Ananya Chatterjee"
        assert post.arrived_at < LAID_AT < post.appears_at < LAID_AT + timedelta(days=1)


def test_released_grades_have_a_history_and_the_points_of_their_levels(app: Flask) -> None:
    with app.app_context():
        session = db.session()
        board = the_board(session, WEEK_1)
        assert rubric_of(session, board.id).most == 10
        for grade, state in grades_in(session, [board.id]).values():
            assert state == "released"
            deeds = session.scalars(
                select(GradeVersion.deed)
                .where(GradeVersion.grade_id == grade.id)
                .order_by(GradeVersion.version)
            ).all()
            assert deeds == ["saved", "released"]
            assert grade.score is not None
            assert 0 <= grade.score <= 10


def test_each_printed_sign_in_works_and_every_page_says_that_it_is_a_demo(app: Flask) -> None:
    assert [role for role, _email, _password in sign_ins()] == [
        "administrator", "instructor", "assistant", "student", "student far away", "observer",
    ]  # fmt: skip
    for role, email, password in sign_ins():
        client = app.test_client()
        page = client.get("/sign-in")
        assert "forum demo --again" in page.text
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        answer = client.post("/sign-in", data={"csrf_token": token, "email": email, "password": password})
        assert answer.status_code == 303, role
        home = client.get("/")
        assert home.status_code == 200
        assert "This is a demo" in home.text


def test_the_demo_is_laid_anew_on_any_day_at_any_hour_and_nothing_stays_behind(tmp_path: Path) -> None:
    app = an_instance(tmp_path)
    uploads, marker = tmp_path / "uploads", tmp_path / "demo"

    def counts() -> dict[str, int]:
        with app.app_context():
            return {
                table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
                for table in db.metadata.sorted_tables
            }

    found = []
    for at in DAYS:
        with clock.standing_at(at.astimezone(UTC)):
            lay_demo(app)
            check_weeks(app, at)
            assert marker.read_text() == f"{at.date()}\n"
            found.append((counts(), len([path for path in uploads.rglob("*") if path.is_file()])))
            wipe_demo(app)
        assert set(counts().values()) == {0}
        assert not list(uploads.iterdir())
        assert not marker.exists()
    assert found[0] == found[1]
    with app.app_context():
        db.engine.dispose()


def test_what_is_no_demo_is_never_wiped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTANCE", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "")
    app = an_instance(tmp_path)
    instances.make_first_administrator(app, "nora@example.org", "Nora")
    with pytest.raises(RuntimeError):
        wipe_demo(app)
    for words in (["demo", "--again"], ["demo"]):
        told = CliRunner().invoke(main, words)
        assert told.exit_code == 1
        assert "nothing was changed" in told.output
    with app.app_context():
        assert db.session.scalars(select(Account.email)).all() == ["nora@example.org"]
        db.engine.dispose()
    assert not os.path.exists(tmp_path / "demo")
