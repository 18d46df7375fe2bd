"""Does a page ask the database as often for sixty as for ten? The number of statements of each list is fixed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from forum.accounts.models import Account
from forum.boards.commands import BoardSpec, publish_board, save_board
from forum.core import caches, markup
from forum.core.db import db, new_public_id, transaction
from forum.courses.models import Course, Enrollment, Module
from forum.courses.queries import member_of
from forum.posts import commands as posts
from forum.posts.models import Post, Revision, Thread
from forum.posts.rules import path_below
from tests.conftest import Site
from tests.sweeps.ground import Ids, browser, first_values, routes
from tests.world import BEGAN_AT, WORLD_AT

MOST = 44  # statements of any page with every cache empty, however little is in it


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    """The statements that are sent meanwhile, without BEGIN and PRAGMA."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT")):
            sent.append(statement)

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


class Growing:
    """More of everything that a course has."""

    def __init__(self, session: Any, site: Site) -> None:
        self.session, self.world = session, site.world
        self.ines = member_of(session, site.world.people["ines"], site.world.course_id, WORLD_AT)
        self.course = session.get_one(Course, site.world.course_id)
        self.made = 0

    def people(self, many: int, offset: int) -> list[int]:
        ids = []
        for number in range(offset, offset + many):
            account = Account(name=f"Student {number}", sort_key=f"student {number:03}", email=f"s{number}@example.org",
                              email_key=f"s{number}@example.org", created_at=BEGAN_AT)  # fmt: skip
            self.session.add(account)
            self.session.flush()
            self.session.add(
                Enrollment(course_id=self.course.id, account_id=account.id, role="student", from_at=BEGAN_AT)
            )
            ids.append(account.id)
        self.session.flush()
        return ids

    def replies(self, thread_id: str, authors: list[int]) -> None:
        thread = self.session.scalars(select(Thread).where(Thread.public_id == thread_id)).one()
        at = WORLD_AT - timedelta(hours=2)
        for author in authors:
            self.made += 1
            written = posts.write(
                "Twelve plain words of an answer which is long enough to be counted here.",
                f"grown-{author}-{self.made}",
            )
            position = thread.last_position = thread.last_position + 1
            thread.posts += 1
            thread.version += 1
            self.session.flush()
            post_id = self.session.execute(insert(Post).values(
                public_id=new_public_id(), course_id=self.course.id, board_id=thread.board_id, thread_id=thread.id,
                author_id=author, position=position, path=path_below(None, position), arrived_at=at, appears_at=at, key=written.key,
                digest=written.digest, html=written.html, renderer_version=markup.RENDERER_VERSION, words=written.words,
            )).inserted_primary_key[0]  # fmt: skip
            self.session.execute(insert(Revision).values(
                post_id=post_id, number=1, arrived_at=at, author_id=author, source=written.source, html=written.html, words=written.words,
            ))  # fmt: skip

    def threads(self, authors: list[int]) -> None:
        for author in authors:
            member = member_of(self.session, author, self.course.id, WORLD_AT)
            assert member is not None
            self.made += 1
            posts.start_thread(self.session, member, self.world.boards["questions"],
                               posts.write("A question of mine.", f"thread-{author}-{self.made}", title="A question"), at=WORLD_AT)  # fmt: skip

    def boards(self, many: int) -> None:
        module = self.session.scalars(select(Module).where(Module.course_id == self.course.id)).first()
        for number in range(many):
            board = save_board(
                self.session,
                self.ines,
                None,
                BoardSpec(f"More {number}", prompt="More.", module_id=module.id),
                at=BEGAN_AT,
            )
            publish_board(self.session, self.ines, board, at=BEGAN_AT)
        self.session.flush()

    def all(self, many: int, offset: int) -> None:
        authors = self.people(many, offset)
        self.replies(self.world.threads["floods"], authors)
        self.threads(authors)
        self.boards(max(2, many // 5))


def grow(site: Site, many: int, offset: int) -> None:
    with site.app.app_context(), transaction() as session:
        Growing(session, site).all(many, offset)


def counts(site: Site, ids: Ids, paths: list[str], short: str) -> dict[str, list[str]]:
    client = browser(site, short)
    client.get("/mine")
    found = {}
    for path in paths:
        caches.clear_all()
        with statements(site) as sent:
            status = client.get(path).status_code
        if status == 200:
            found[path] = sent
    return found


@pytest.mark.parametrize("short", ["ines", "ana"])
def test_every_page_asks_as_often_for_sixty_as_for_ten(grown: Site, ids: Ids, short: str) -> None:
    world = grown.world
    listing = {"thread": world.threads["floods"], "board": world.boards["questions"]}
    paths = []
    for route in routes(grown.app):
        if route.method == "GET":
            values = first_values(route, ids)
            paths += [
                route.path(values),
                route.path({**values, **{name: listing[name] for name in values if name in listing}}),
            ]
    paths = list(dict.fromkeys(paths))
    grow(grown, 10, 100)
    few = counts(grown, ids, paths, short)
    grow(grown, 50, 200)
    many = counts(grown, ids, paths, short)
    for expected in ("/", world.course, f"{world.course}/people", f"{world.course}/boards/{world.boards['questions']}",
                     f"{world.course}/threads/{world.threads['floods']}"):  # fmt: skip
        assert expected in many
    wrong = [
        f"{path}: {len(few[path])}, then {len(sent)}"
        for path, sent in many.items()
        if path in few and len(sent) > len(few[path])
    ]
    assert wrong == []
    assert {path: len(sent) for path, sent in many.items() if len(sent) > MOST} == {}


@pytest.mark.sqlite_only
def test_a_statement_more_for_each_row_would_be_counted(grown: Site) -> None:
    with statements(grown) as sent, grown.app.app_context():
        for number in range(5):
            db.session.execute(select(Account.name).where(Account.id == number))
    assert len(sent) == 5
