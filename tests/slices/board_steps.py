"""Setting boards up in tests: the forms as a browser would send them, and what stands afterwards."""

from datetime import datetime

import html5lib
from sqlalchemy import func, select

from forum.boards.models import Board, Checkpoint, DueRule, PromptVersion
from forum.core.db import db
from forum.ledger.models import AuditEntry, NewsItem
from tests.client import CheckingClient
from tests.conftest import Site
from tests.world import World

_H = "{http://www.w3.org/1999/xhtml}"


def fields_of(page: str, action: str) -> dict[str, str]:
    """What a browser would send of a form as the page came, without its buttons."""
    root = html5lib.parse(page, treebuilder="etree")
    form = next(one for one in root.iter(f"{_H}form") if (one.get("action") or "").endswith(action))
    found: dict[str, str] = {}
    for control in form.iter():
        name = control.get("name")
        if not name or control.tag == f"{_H}button":
            continue
        if control.tag == f"{_H}textarea":
            found[name] = (control.text or "").replace("\n", "\r\n")  # as browsers send it
        elif control.tag == f"{_H}select":
            options = list(control.iter(f"{_H}option"))
            chosen = [one for one in options if one.get("selected") is not None] or options[:1]
            found[name] = chosen[0].get("value") or ""
        elif control.get("type") in ("checkbox", "radio"):
            if control.get("checked") is not None:
                found[name] = control.get("value") or "y"
        else:
            found[name] = control.get("value") or ""
    return found


def tables_now(site: Site) -> tuple[int | None, ...]:
    """Counts of everything that saving could add to."""
    with site.app.app_context():
        return tuple(
            db.session.scalar(select(func.count()).select_from(table))
            for table in (DueRule, PromptVersion, Checkpoint, AuditEntry, NewsItem)
        )


def board_row(site: Site, public_id: str) -> Board:
    with site.app.app_context():
        row = db.session.scalars(select(Board).where(Board.public_id == public_id)).one()
        db.session.expunge(row)
        return row


def dues(site: Site, public_id: str) -> list[datetime | None]:
    """The due instants of a board that hold, in order of its checkpoints."""
    with site.app.app_context():
        rows = db.session.execute(
            select(Checkpoint.id, DueRule.instant)
            .join(Board, Board.id == Checkpoint.board_id)
            .join(DueRule, DueRule.checkpoint_id == Checkpoint.id)
            .where(Board.public_id == public_id, DueRule.what == "due", DueRule.section_id.is_(None))
            .where(DueRule.group_id.is_(None), Checkpoint.removed_at.is_(None))
            .order_by(Checkpoint.position, DueRule.version)
        )
        return list({row.id: row.instant for row in rows}.values())


def path_of(world: World, name: str) -> str:
    return f"{world.course}/manage/boards/{world.boards[name]}"


def opened(client: CheckingClient, path: str) -> dict[str, str]:
    page = client.get(path)
    assert page.status_code == 200
    return fields_of(page.text, path)


NEW = {
    "title": "Levees", "form": "threads", "shown": "after_own", "text": "Who **pays**?", "grace": "5", "rows": "2",
    "students_start": "y", "c0-kind": "first_post", "c0-min_words": "50", "c0-whose": "course", "c1-kind": "",
    "c1-whose": "course", "c0-due-on": "2026-12-03", "module": "", "deed": "save",
}  # fmt: skip


def made(ines: CheckingClient, world: World, **fields: str) -> str:
    """Make a board and give its path."""
    answer = ines.send(f"{world.course}/manage/boards", {**NEW, **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.location)
