"""Laying the demo into an empty instance, and taking it out again."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import rmtree

from flask import Flask
from sqlalchemy.orm import Session

from ..accounts import passwords
from ..accounts.commands import make_account
from ..accounts.models import Account
from ..core import caches, clock
from ..core.db import db, transaction
from ..core.moments import zone
from ..courses import commands as courses
from ..courses.models import Course
from ..courses.policy import Member, Role
from ..courses.queries import member_of
from .boards_laid import lay_board
from .content import read_demo
from .lessons_laid import lay_lesson
from .values import Demo, DemoCourse

PASSWORD = "midnight-demo"  # noqa: S105 - printed at start; a demo listens on this machine only
_SHOWN = ("administrator", "instructor", "assistant", "student", "student far away", "observer")


def lay_demo(app: Flask, laid_on: date | None = None) -> None:
    """Lay the whole demo in one transaction, its dates around `laid_on` (default: today where its first course is)."""
    demo = read_demo()
    with app.app_context():
        home = zone(demo.courses[0].zone)
        day = laid_on or clock.now().astimezone(home).date()
        with transaction() as session:
            _lay(session, demo, day)
    (Path(app.instance_path) / "demo").write_text(f"{day.isoformat()}\n")
    app.config["DEMO"] = True


def wipe_demo(app: Flask) -> None:
    """Empty a demo instance: every row of every table, every upload. Refuses an instance that is no demo."""
    marker = Path(app.instance_path) / "demo"
    if not marker.exists():
        raise RuntimeError("this instance is not a demo")
    with app.app_context(), transaction() as session:
        session.connection().exec_driver_sql(
            "PRAGMA defer_foreign_keys=ON"
            if db.engine.dialect.name == "sqlite"
            else "SET CONSTRAINTS ALL DEFERRED"
        )
        for table in reversed(db.metadata.sorted_tables):
            for key in table.foreign_keys:
                if key.column.table is table:
                    session.execute(table.update().values({key.parent.name: None}))
            session.execute(table.delete())
    rmtree(Path(app.instance_path) / "uploads", ignore_errors=True)
    (Path(app.instance_path) / "uploads").mkdir(mode=0o700)
    marker.unlink()
    caches.clear_all()


def sign_ins() -> list[tuple[str, str, str]]:
    """Role, address and password of one person of each kind, for who tries the demo."""
    demo = read_demo()
    course = demo.courses[0]
    administrator = next(account for account in demo.accounts if account.administrator)
    found = [("administrator", administrator.email, PASSWORD)]
    for role in ("instructor", "assistant", "observer"):
        key = sorted(course.with_role(role))[0]
        found.append((role, demo.account(key).email, PASSWORD))
    students = sorted(course.with_role("student"))
    near = next(key for key in students if demo.account(key).zone == course.zone)
    far = next(key for key in students if demo.account(key).zone.startswith("Asia/"))
    found.append(("student", demo.account(near).email, PASSWORD))
    found.append(("student far away", demo.account(far).email, PASSWORD))
    return sorted(found, key=lambda each: _SHOWN.index(each[0]))


def _lay(session: Session, demo: Demo, day: date) -> None:
    began = datetime.combine(day + timedelta(days=demo.term_starts_day), datetime.min.time(), zone("UTC"))
    password_hash = passwords.hash_of(PASSWORD)
    people: dict[str, Account] = {}
    for each in demo.accounts:
        account = make_account(
            session,
            name=each.name,
            email=each.email,
            at=began,
            zone=each.zone,
            is_administrator=each.administrator,
        )
        account.password_hash = password_hash
        account.language = each.language if each.language == "en" else "en"
        people[each.key] = account
    administrator = next(people[each.key].id for each in demo.accounts if each.administrator)
    term = courses.make_term(
        session, code=demo.term, title=demo.term, starts_on=day + timedelta(days=demo.term_starts_day),
        ends_on=day + timedelta(days=demo.term_ends_day), at=began, author_id=administrator,
    )  # fmt: skip
    for told in demo.courses:
        course = courses.make_course(
            session, term, code=told.code, title=told.title, zone=told.zone,
            starts_on=day + timedelta(days=told.starts_day), ends_on=day + timedelta(days=told.ends_day), at=began,
            author_id=administrator,
        )  # fmt: skip
        _lay_course(session, told, course, people, day, began, administrator)


def _lay_course(
    session: Session, told: DemoCourse, course: Course, people: dict[str, Account], day: date, began: datetime,
    administrator: int,
) -> None:  # fmt: skip
    sections = {each.key: courses.section_called(session, course, each.name) for each in told.sections}
    for each in told.enrollments:
        account = people[each.account]
        courses.enroll(session, course, account.id, Role(each.role), at=began, author_id=administrator)
        if each.section:
            courses.put_in_section(session, course, account.id, sections[each.section].id, at=began)
    courses.set_state(session, course, "open", at=began, author_id=administrator)
    instructor = _member(session, told.with_role("instructor"), people, course, began)
    position = 0
    for module in told.modules:
        starts = datetime.combine(
            day + timedelta(days=module.starts_day), datetime.min.time(), zone(told.zone)
        )
        made_at = max(began, min(starts, clock.now()))
        row = courses.make_module(
            session, course.id, module.title, at=made_at, author_id=instructor.account_id
        )
        row.published_at = made_at if module.starts_day <= 0 else began
        for lesson in module.lessons:
            position += 1
            lay_lesson(session, instructor, lesson, row.id, position, at=made_at)
        for board in module.boards:
            position += 1
            lay_board(session, instructor, course, board, row.id, position, people, day, published_at=made_at)


def _member(
    session: Session, keys: Iterable[str], people: dict[str, Account], course: Course, at: datetime
) -> Member:
    member = member_of(session, people[sorted(keys)[0]].id, course.id, at)
    assert member is not None
    return member
