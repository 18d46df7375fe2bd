"""A site of its own with a course of many students and one dated board, on either database, served as `forum run` does."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, text, update
from sqlalchemy.orm import Session

from forum import create_app, instances
from forum.accounts import passwords
from forum.accounts.commands import make_account, start_session
from forum.accounts.models import Account
from forum.boards.commands import BoardSpec, CheckpointSpec, publish_board, save_board
from forum.core import clock
from forum.core.db import db, transaction
from forum.core.moments import Wall, zone
from forum.courses import commands as courses
from forum.courses.policy import Member, Role
from forum.courses.queries import member_of
from forum.posts import commands as posts
from tests import parts

from . import load, seeds, servers

ZONE = "Europe/Madrid"
PASSWORD = "river-and-bridge-07"
START = timedelta(seconds=15)  # from the board to the first who opens it: the server starts meanwhile


@dataclass
class Hall:
    """A site before a due instant; everybody's account, address and cookie by number, and their teacher."""

    app: Flask
    folder: Path
    environment: dict[str, str]
    course_id: int = 0
    slug: str = ""
    teacher: int = 0
    students: list[int] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    board_id: int = 0
    thread: str = ""
    due_at: datetime = datetime.max

    @property
    def page(self) -> str:
        return f"/c/{self.slug}/threads/{self.thread}"

    def member(self, session: Session) -> Member:
        """The teacher."""
        member = member_of(session, self.teacher, self.course_id, clock.now())
        assert member is not None
        return member


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of an empty database: "sqlite" is in the instance, "postgres" of a server that ends with the block.

    That server waits for the disk at each commit, as SQLite does here; one that the tests have started already is taken as it is.
    """
    if kind == "sqlite":
        yield ""
        return
    with ExitStack() as ending:
        address = os.environ.get("FORUM_TEST_POSTGRES")
        if not address:
            server = parts.Postgres(durable=True)
            ending.callback(server.stop)
            address = server.url("{}")
        name = f"hall_{os.getpid()}_{random.randrange(10**6)}"
        admin = create_engine(address.format("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as line:
            line.execute(text(f'CREATE DATABASE "{name}"'))
        try:
            yield address.format(name)
        finally:
            with admin.connect() as line:
                line.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
            admin.dispose()


@contextmanager
def hall(folder: Path, kind: str, *, students: int, seconds: float) -> Iterator[Hall]:
    """A fresh site under `folder` whose board is due at the end of the first minute that leaves `seconds` before it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hall-", dir=folder) as instance, database(kind) as address:
        app = create_app({"INSTANCE": Path(instance), "DATABASE_URL": address})
        instances.prepare(app)
        here = Hall(app, Path(instance), {"INSTANCE": instance, "DATABASE_URL": address})
        try:
            with app.app_context(), transaction() as session:
                _enroll(session, here, students)
            with app.app_context(), transaction() as session:
                tokens = [start_session(session, account, clock.now()) for account in here.students]
            here.cookies = [seeds.cookie_of(app, token) for token in tokens]
            with app.app_context(), transaction() as session:
                _ask(session, here, seconds)
            yield here
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def _enroll(session: Session, here: Hall, students: int) -> None:
    began, today = clock.now().replace(microsecond=0) - timedelta(days=30), clock.now().date()
    here.teacher = make_account(session, name="Inés Aranda", email="ines@example.org", at=began, zone=ZONE).id
    term = courses.make_term(session, code="rush", title="Rush", starts_on=today - timedelta(days=60),
                             ends_on=today + timedelta(days=90), at=began, author_id=here.teacher)  # fmt: skip
    course = courses.make_course(session, term, code="HIST-204", title="Cities and their rivers", zone=ZONE,
                                 starts_on=today - timedelta(days=60), ends_on=today + timedelta(days=90), at=began,
                                 author_id=here.teacher)  # fmt: skip
    courses.set_state(session, course, "open", at=began, author_id=here.teacher)
    courses.enroll(session, course, here.teacher, Role.INSTRUCTOR, at=began, author_id=here.teacher)
    here.course_id, here.slug = course.id, course.slug
    for number in range(students):
        here.emails.append(f"s{number}@example.org")
        account = make_account(
            session, name=f"Student {number:03d}", email=here.emails[-1], at=began, zone=ZONE
        )
        courses.enroll(session, course, account.id, Role.STUDENT, at=began, author_id=here.teacher)
        here.students.append(account.id)
    session.flush()
    # One hash for all: made for each, they would take as long as the rush.
    everyone = update(Account).where(Account.id.in_(here.students))
    session.execute(everyone.values(password_hash=passwords.hash_of(PASSWORD)))


def _ask(session: Session, here: Hall, seconds: float) -> None:
    """One question to all, due at a whole minute, without grace: the limit is the due instant."""
    earliest = clock.now() + timedelta(seconds=seconds) + START
    here.due_at = earliest.replace(second=0, microsecond=0) + timedelta(minutes=1)
    last = (here.due_at - timedelta(minutes=1)).astimezone(zone(ZONE))  # the minute that still counts
    spec = BoardSpec(
        "Week 7: the flood", form="single", prompt="What did **they** know before the water came?", grace_minutes=0,
        checkpoints=(CheckpointSpec("first_post", min_words=50, due=Wall(last.date(), last.time())),),
    )  # fmt: skip
    began, teacher = clock.now() - timedelta(days=20), here.member(session)
    board = save_board(session, teacher, None, spec, at=began)
    publish_board(session, teacher, board, at=began)
    here.board_id, here.thread = board.id, posts.prompt_thread(session, board, at=began).public_id


@contextmanager
def open_doors(here: Hall) -> Iterator[servers.Server]:
    """The site as `forum run` serves it, until the block ends; `pid` is the supervisor's."""
    port = servers.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "forum.cli", "run", "--port", str(port)], cwd=load.ROOT, stdin=subprocess.DEVNULL,
        env=os.environ | here.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        servers.wait_for(port, "/healthz", process)
        yield servers.Server(process.pid, port)
    finally:
        servers.end(process)


def web_workers(supervisor: int) -> list[int]:
    """The processes that answer pages: children of the supervisor's child that is the web server."""
    found = []
    for child in _children(supervisor):
        try:
            if Path(f"/proc/{child}/comm").read_text().strip() == "forum web":
                found += _children(child)
        except OSError:
            continue  # it has just ended
    return found


def _children(pid: int) -> list[int]:
    try:
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").glob("*/children")
            for child in task.read_text().split()
        ]
    except OSError:
        return []


@contextmanager
def killing(server: servers.Server, *, begins_at: float, every: float) -> Iterator[list[int]]:
    """From an instant on, kill -9 one of the web workers every so many seconds (0: never), until the block ends."""
    stop, killed = threading.Event(), list[int]()
    chance = random.Random(7)

    def kill() -> None:
        stop.wait(max(0.0, begins_at - time.time()))
        while not stop.wait(every):
            if workers := web_workers(server.pid):
                victim = chance.choice(workers)
                try:
                    os.kill(victim, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                killed.append(victim)

    thread = threading.Thread(target=kill)
    if every:
        thread.start()
    try:
        yield killed
    finally:
        stop.set()
        if every:
            thread.join()
