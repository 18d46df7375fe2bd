"""Steps that the slices of groups share: groups with their people, boards of groups, what stands on a page."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from sqlalchemy import select

from forum.boards.commands import BoardSpec, publish_board, save_board
from forum.boards.models import Board
from forum.core.db import db, transaction
from forum.courses import commands as courses
from forum.courses.models import Course, Group
from forum.posts import commands as posts
from forum.posts.models import Thread
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.writing_steps import member
from tests.world import BEGAN_AT, WORLD_AT


def groups_of(site: Site, **members: str) -> dict[str, str]:
    """Groups by their titles with who is in each, as `Alpha="ana ben"`; their public ids."""
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, site.world.course_id)
        found = {}
        for title, shorts in members.items():
            group = courses.group_called(session, course, title)
            for short in shorts.split():
                courses.put_in_group(session, course, site.world.people[short], group.id, at=BEGAN_AT)
            found[title] = group.public_id
        return found


def key_of(site: Site, public_id: str, table: Any = Group) -> int:
    with site.app.app_context():
        return db.session.scalars(select(table.id).where(table.public_id == public_id)).one()


def grouped_board(site: Site, mode: str = "separate", form: str = "threads", **more: Any) -> str:
    """A published board of groups; its public id."""
    at = WORLD_AT - timedelta(days=3)
    with site.app.app_context():
        ines = member(site, "ines")
        with transaction() as session:
            spec = BoardSpec("Dikes and dams", form=form, groups=mode, prompt="Which dike held?", **more)
            board = save_board(session, ines, None, spec, at=at)
            publish_board(session, ines, board, at=at)
            return board.public_id


def prompts_of(site: Site, board: str) -> dict[str | None, str]:
    """The threads of a board's prompt that are there, by the titles of their groups."""
    with site.app.app_context():
        rows = db.session.execute(
            select(Group.title, Thread.public_id)
            .select_from(Thread)
            .join(Board, Board.id == Thread.board_id)
            .outerjoin(Group, Group.id == Thread.group_id)
            .where(Board.public_id == board, Thread.is_prompt, Thread.removed_at.is_(None))
        )
        return {row.title: row.public_id for row in rows}


def started(
    site: Site, short: str, board: str, title: str, group: str | None = None, at: datetime = WORLD_AT
) -> str:
    """A thread started without a page; its public id."""
    with site.app.app_context():
        author = member(site, short, at)
        with transaction() as session:
            text = posts.write("The council wrote of it twice that week.", posts.new_key(), title=title)
            made = posts.start_thread(session, author, board, text, at=at, group=group)
            return session.get_one(Thread, made.thread_id).public_id


def titles_on(page: str) -> set[str]:
    """The threads that a board's page lists."""
    return {unescape(title) for title in re.findall(r"<h3><a [^>]*>([^<]*)</a></h3>", page)}


def offered_on(page: str) -> list[str]:
    """The groups that the form of a new thread offers, by name."""
    field = re.search(r'<select[^>]*name="group".*?</select>', page, re.S)
    return [unescape(name) for name in re.findall(r"<option[^>]*>([^<]*)<", field.group(0))] if field else []


def new_thread(client: CheckingClient, site: Site, board: str, **fields: str) -> Any:
    """A thread sent as a browser would."""
    with site.app.app_context():
        sent = {
            "title": "A dike",
            "text": "It held for a night and a day.",
            "key": posts.new_key(),
            "deed": "post",
        }
    return client.send(f"{site.world.course}/boards/{board}/threads", sent | fields)
