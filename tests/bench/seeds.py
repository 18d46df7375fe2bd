"""The site that is measured: laid once, kept in the instance by its version, copied for each run."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy.orm import Session

from forum import create_app, instances
from forum.accounts.commands import make_account, start_session
from forum.boards.commands import BoardSpec, CheckpointSpec, publish_board, save_board
from forum.core import clock
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.core.signing import token_hash
from forum.courses import commands as courses
from forum.courses.policy import Member, Role
from forum.courses.queries import member_of
from forum.posts import commands as posts
from forum.posts.models import Post, ReadMark, Thread

from . import load

VERSION = 2  # raise it when what is laid here changes
KEEPS = timedelta(days=5)  # its due dates lie ahead; older ones are laid again
STUDENTS = 40
POSTS = 100
BOARDS = 80
WORDS_LIST = (
    "river council letter upstream flood keeper bridge mayor register parish tax roll water stone wall market "
    "record house witness autumn grain mill claim answer source doubt reading chapter evidence argument"
)
WORDS = WORDS_LIST.split()


@dataclass
class Seed:
    """Addresses of what was laid: `thread` of POSTS posts on a dated board, one `quiet` thread a board more."""

    laid_at: str = ""
    slug: str = ""
    teacher: int = 0
    thread: str = ""
    quiet: list[str] = field(default_factory=list)
    students: list[int] = field(default_factory=list)


def text_of(number: int, words: int = 150) -> str:
    """So many words of Markdown, others for each number, the same on every machine."""
    chosen = [WORDS[(number * 7 + place * (3 + number % 5)) % len(WORDS)] for place in range(words)]
    for place in range(0, words, 40):
        chosen[place] = f"**{chosen[place]}**"
    parts = [" ".join(chosen[place : place + 50]) for place in range(0, words, 50)]
    return "\n\n".join(part.capitalize() + "." for part in parts)


def seeded(folder: Path) -> tuple[Path, Seed]:
    """The folder of a laid site under `folder`, and what is in it."""
    tables = "".join(f"{column!r}" for table in db.metadata.sorted_tables for column in table.columns)
    place = folder / f"seed-{VERSION}-{sha256(tables.encode()).hexdigest()[:8]}"
    told = place / "seed.json"
    if told.exists():
        seed = Seed(**json.loads(told.read_text()))
        if datetime.now(UTC) - datetime.fromisoformat(seed.laid_at) < KEEPS:
            return place, seed
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    app = create_app({"INSTANCE": place, "DURABLE": False, "DATABASE_URL": ""})
    with app.app_context():
        db.create_all()
        instances.know_migrations(app)
        flask_migrate.stamp()
    now = clock.now().replace(microsecond=0)
    with app.app_context(), transaction() as session:
        seed = _lay(session, now)
    with app.app_context():
        db.engine.dispose()
    told.write_text(json.dumps(asdict(seed)))
    return place, seed


def _lay(session: Session, now: datetime) -> Seed:
    began, today = now - timedelta(days=30), now.date()
    seed = Seed(laid_at=now.isoformat())
    seed.teacher = teacher = make_account(
        session, name="Inés Aranda", email="ines@example.org", at=began, zone="Europe/Madrid"
    ).id
    term = courses.make_term(session, code="bench", title="Bench", starts_on=today - timedelta(days=60),
                             ends_on=today + timedelta(days=200), at=began, author_id=teacher)  # fmt: skip
    course = courses.make_course(session, term, code="HIST-204", title="Cities and their rivers", zone="Europe/Madrid",
                                 starts_on=today - timedelta(days=60), ends_on=today + timedelta(days=200), at=began,
                                 author_id=teacher)  # fmt: skip
    courses.set_state(session, course, "open", at=began, author_id=teacher)
    courses.enroll(session, course, teacher, Role.INSTRUCTOR, at=began, author_id=teacher)
    for number in range(STUDENTS):
        zone = ("Europe/Madrid", "America/Chicago", "Africa/Lagos")[number % 3]
        account = make_account(
            session, name=f"Student {number:03d}", email=f"s{number}@example.org", at=began, zone=zone
        )
        courses.enroll(session, course, account.id, Role.STUDENT, at=began, author_id=teacher)
        seed.students.append(account.id)
    seed.slug = course.slug
    ines = member_in(session, teacher, course.id, now)
    for number in range(BOARDS + 1):
        seed.quiet.append(_board(session, ines, number, today, began))
    seed.thread = seed.quiet.pop(0)
    _write(session, seed, course.id, now)
    return seed


def member_in(session: Session, account_id: int, course_id: int, at: datetime) -> Member:
    member = member_of(session, account_id, course_id, at)
    assert member is not None
    return member


def _board(session: Session, ines: Member, number: int, today: date, at: datetime) -> str:
    spec = BoardSpec(
        f"Week {number}: floods", form="single", prompt="What did **they** know before the water came?",
        cut_off=Wall(today + timedelta(days=28), time(18, 0)),
        checkpoints=(
            CheckpointSpec("first_post", min_words=50, due=Wall(today + timedelta(days=20))),
            CheckpointSpec("replies", replies=2, people=2, due=Wall(today + timedelta(days=24))),
        ),
    )  # fmt: skip
    board = save_board(session, ines, None, spec, at=at)
    publish_board(session, ines, board, at=at)
    return posts.prompt_thread(session, board, at=at).public_id


def _write(session: Session, seed: Seed, course_id: int, now: datetime) -> None:
    made: list[Post] = []
    for number in range(POSTS):
        account_id = seed.students[number % STUDENTS]
        at = now - timedelta(days=10) + timedelta(minutes=61 * number)
        parent = made[number // 2].public_id if number % 3 == 2 else None
        written = posts.write(text_of(number, 90), f"seed-post-{number}")
        made.append(
            posts.post_reply(session, member_in(session, account_id, course_id, at), seed.thread, written, at=at,
                             parent_id=parent)
        )  # fmt: skip
    thread = made[0].thread_id
    for account_id in seed.students:
        session.add(ReadMark(account_id=account_id, thread_id=thread, position=90, at=made[89].appears_at))
    session.flush()
    assert session.get_one(Thread, thread).last_position == POSTS


@dataclass(frozen=True)
class Site:
    """A copy of the seed to work on: its application here, and a cookie for each student."""

    app: Flask
    folder: Path
    seed: Seed
    cookies: list[str]

    @property
    def environment(self) -> Mapping[str, str]:
        return {"INSTANCE": str(self.folder)}

    @property
    def page(self) -> str:
        return f"/c/{self.seed.slug}/threads/{self.seed.thread}"

    def replies(self, thread: str) -> str:
        return f"/c/{self.seed.slug}/threads/{thread}/replies"


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """A fresh copy of the seed under `folder`; removed at the end."""
    place, seed = seeded(folder)
    copy = folder / "run"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(place, copy)
    overrides: dict[str, Any] = {"INSTANCE": copy, "DATABASE_URL": ""}
    app = create_app(overrides)
    try:
        with app.app_context(), transaction() as session:
            tokens = [start_session(session, account_id, clock.now()) for account_id in seed.students]
        cookies = [cookie_of(app, token) for token in tokens]
        yield Site(app, copy, seed, cookies)
    finally:
        with app.app_context():
            db.engine.dispose()
        shutil.rmtree(copy, ignore_errors=True)


def cookie_of(app: Flask, token: str) -> str:
    """What the browser of a session holds."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update({"_user_id": token, "_fresh": True, "csrf_token": token_hash(token)[:40]})
        cookie.permanent = True
    name = app.config["SESSION_COOKIE_NAME"]
    found = client.get_cookie(name)
    assert found is not None
    return f"{name}={found.value}"


def token_of(port: int, cookie: str, page: str) -> tuple[str, str]:
    """A form token for a session, from a page with a form; and the cookie that goes with it."""
    _status, headers, body = load.answer_of(port, load.get(page, cookie))
    text = body.decode()
    token = text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    return token, headers["set-cookie"].split(";", 1)[0] if "set-cookie" in headers else cookie
