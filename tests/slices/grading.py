"""What the tests of participation and grading share: a rubric on Floods, a way to save a grade, counting statements."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import event, func, select

from forum.boards.models import Board
from forum.core.db import db, transaction
from forum.courses.queries import member_of
from forum.participation import commands
from forum.participation.commands import CriterionSpec, LevelSpec
from forum.participation.models import Criterion, Grade, Level

from ..conftest import Site
from ..world import WORLD_AT

SCORE = "73.125"
FEEDBACK = "CANARY-FEEDBACK of one grader"


def make_rubric(site: Site, board: str = "floods") -> None:
    """Two criteria: Argument (0, 40, 70.125) and Answers (0, 3)."""
    specs = [
        CriterionSpec(
            "Argument",
            (
                LevelSpec("None", Decimal(0)),
                LevelSpec("Some", Decimal(40)),
                LevelSpec("Strong", Decimal("70.125"), "CANARY-LEVEL-WORDS"),
            ),
        ),
        CriterionSpec("Answers", (LevelSpec("No", Decimal(0)), LevelSpec("Yes", Decimal(3)))),
    ]
    with site.app.app_context(), transaction() as session:
        ines = member_of(session, site.world.people["ines"], site.world.course_id, WORLD_AT)
        assert ines is not None
        commands.save_rubric(session, ines, board_of(site, board), specs, None, at=WORLD_AT)


def board_of(site: Site, name: str) -> Board:
    found = db.session().scalars(select(Board).where(Board.public_id == site.world.boards[name])).first()
    assert found is not None
    return found


def levels(site: Site, *titles: str, board: str = "floods") -> dict[str, str]:
    """The form's fields for these levels of the rubric, in the order of its criteria."""
    with site.app.app_context():
        lines = db.session.execute(
            select(Criterion.public_id, Level.title, Level.public_id)
            .join(Level, Level.criterion_id == Criterion.id)
            .where(Criterion.board_id == board_of(site, board).id, Criterion.removed_at.is_(None), Level.removed_at.is_(None))
            .order_by(Criterion.position)
        ).all()  # fmt: skip
    return {f"level-{criterion}": level for criterion, title, level in lines if title in titles}


def grading_url(site: Site, student: str, board: str = "floods") -> str:
    return f"{site.world.course}/boards/{site.world.boards[board]}/grading/{site.world.public[student]}"


def save(
    client: Any, site: Site, student: str, fields: dict[str, Any], *, version: int = 0, quiet: bool = False
) -> Any:
    headers = {"Accept": "application/json"} if quiet else {"Accept": "text/html"}
    return client.send(
        f"{grading_url(site, student)}/save", {"version": str(version), **fields}, headers=headers
    )


def full_marks(site: Site, feedback: str = FEEDBACK) -> dict[str, str]:
    """Strong and Yes: 73.125."""
    return {**levels(site, "Strong", "Yes"), "text": feedback}


def release(client: Any, site: Site, *, board: str = "floods", **fields: Any) -> Any:
    """Ask, read the confirmation, release; gives the confirmation page and the last answer."""
    url = f"{site.world.course}/boards/{site.world.boards[board]}/release"
    told = {"whom": "everyone", "only_graded": "yes", **fields}
    asked = client.send(url, {**told, "deed": "ask"})
    found = re.search(r'name="digest" value="([^"]*)"', asked.text)
    assert found is not None, asked.text
    return asked, client.send(url, {**told, "deed": "release", "digest": found.group(1)})


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    """Every statement that runs inside."""
    seen: list[str] = []
    with site.app.app_context():
        engine = db.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def grade(site: Site, student: str = "ben") -> Grade | None:
    with site.app.app_context():
        return (
            db.session()
            .scalars(select(Grade).where(Grade.account_id == site.world.people[student], Grade.board_id == board_of(site, "floods").id))
            .first()
        )  # fmt: skip


def count(site: Site, table: Any) -> int:
    with site.app.app_context():
        return db.session().scalar(select(func.count()).select_from(table)) or 0


def hidden(text: str, name: str) -> str:
    found = re.search(f'name="{name}"[^>]* value="([^"]*)"', text)
    assert found is not None
    return found.group(1)
