"""Many dates in tests: the rows of a page by what they say, and what stands afterwards."""

import re
from datetime import datetime

from sqlalchemy import select

from forum.boards.commands import BoardSpec, save_board, set_audience_dates
from forum.boards.models import Board, Checkpoint, DueRule
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses.models import Section
from forum.courses.queries import member_of
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.board_steps import fields_of
from tests.world import WORLD_AT, World


def dates_page(client: CheckingClient, world: World, part: str = "") -> dict[str, str]:
    """The fields of the page of all dates, as a browser would send them back."""
    page = client.get(f"{world.course}/dates" + (f"?for={part}" if part else ""))
    assert page.status_code == 200
    return fields_of(page.text, "/dates")


def key_of(site: Site, name: str, what: str = "first_post", part: str = "") -> str:
    """The key of a date of a board of the cast: "opens", "cut_off", or a kind of checkpoint."""
    board = site.world.boards[name]
    ending = f"-{part}" if part else ""
    if what in ("opens", "cut_off"):
        return f"{what[0] if what == 'opens' else 'u'}-{board}{ending}"
    with site.app.app_context():
        found = db.session.scalar(
            select(Checkpoint.public_id)
            .join(Board, Board.id == Checkpoint.board_id)
            .where(Board.public_id == board, Checkpoint.kind == what)
        )
        db.session.remove()
    return f"d-{found}{ending}"


def looked_at(client: CheckingClient, world: World, **changes: str) -> tuple[str, dict[str, str]]:
    """Change fields of the page of all dates: what is shown before and after, and its form."""
    answer = client.send(f"{world.course}/dates", {**dates_page(client, world), **changes})
    assert answer.status_code == 200, answer.text
    return answer.text, fields_of(answer.text, "/dates/changes")


def row_in(page: str, key: str) -> str:
    """The row of a table of before and after that holds a date, as HTML."""
    return next(row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f'name="{key}-on"' in row)


def standing(site: Site, key: str) -> str:
    """What a date says in the page of all dates: "2026-11-26T20:00", or nothing."""
    fields = dates_page(site.client("ines"), site.world)
    return fields.get(f"{key}-was", "")


def versions(site: Site, name: str) -> list[tuple[str, datetime | None, str, int | None]]:
    """What, instant, reason and section of every version of a board's dates."""
    with site.app.app_context():
        rows = db.session.execute(
            select(DueRule.what, DueRule.instant, DueRule.reason, DueRule.section_id)
            .join(Board, Board.id == DueRule.board_id)
            .where(Board.public_id == site.world.boards[name])
            .order_by(DueRule.id)
        ).all()
        db.session.remove()
        return [tuple(row) for row in rows]  # type: ignore[misc]


def give_section(
    site: Site, name: str, title: str, what: str = "first_post", wall: Wall | None = None
) -> None:
    """A section's own date on a board of the cast."""
    with site.app.app_context(), transaction() as session:
        ines = member_of(session, site.world.people["ines"], site.world.course_id, WORLD_AT)
        assert ines is not None
        board = session.scalars(select(Board).where(Board.public_id == site.world.boards[name])).one()
        section = session.scalars(
            select(Section).where(Section.public_id == site.world.sections[title])
        ).one()
        checkpoint = session.scalars(
            select(Checkpoint).where(Checkpoint.board_id == board.id, Checkpoint.kind == what)
        ).first()
        set_audience_dates(
            session, ines, board, at=WORLD_AT, section_id=section.id,
            due={checkpoint.id: wall} if checkpoint else {}, cut_off=wall if what == "cut_off" else None,
        )  # fmt: skip


def more_boards(site: Site, many: int, spec: BoardSpec) -> None:
    """Boards that students don't see yet."""
    with site.app.app_context(), transaction() as session:
        ines = member_of(session, site.world.people["ines"], site.world.course_id, WORLD_AT)
        for _number in range(many):
            save_board(session, ines, None, spec, at=WORLD_AT)  # type: ignore[arg-type]
