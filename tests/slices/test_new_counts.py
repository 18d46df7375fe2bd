"""What is new to each reader, under any order of reading, posting, appearing, removing, restoring, moving, splitting and
marking as new by hand.

Hypothesis draws the deeds. After each of them every door that says how much is new (the list of a board, the page of a
thread, This week) is compared with a count by another way: all rows of posts one by one, and for each reader the posts
that stood on the pages which they marked as read.
"""

import re
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from forum.boards.commands import BoardSpec
from forum.core import clock
from forum.core.db import db, transaction
from forum.posts import commands, queries
from forum.posts.models import Post, Thread
from forum.posts.moving import move_thread
from forum.posts.splitting import split_thread
from tests.conftest import Site, base_for
from tests.slices.writing_steps import board_of, member
from tests.world import WORLD_AT

READERS = ("ana", "ben", "chidi", "ines")
reader = st.sampled_from(READERS)
student = st.sampled_from(READERS[:3])
any_of = st.integers(0, 10_000)  # picks one of what is there


@dataclass(frozen=True)
class Opened:
    """A page that somebody has before them: what stands on it, and what its button sends."""

    short: str
    thread: str
    position: int
    at: datetime
    shown: frozenset[int]


class NewCounts(RuleBasedStateMachine):
    """The forum, and what each reader marked as read."""

    @initialize()
    def begin(self) -> None:
        self.base = base_for("sqlite")
        self.base.reset()
        self.clocks = ExitStack()
        self.now = WORLD_AT
        self.clocks.enter_context(clock.standing_at(self.now))
        self.site = Site(self.base, self.clocks)
        self.boards = [board_of(self.site, BoardSpec(title, form="threads"))[0] for title in ("One", "Two")]
        self.clients = {short: self.site.client(short) for short in READERS}
        self.read: dict[str, set[int]] = {short: set() for short in READERS}
        self.opened: list[Opened] = []
        self.turn = self.keys = 0

    def teardown(self) -> None:
        if hasattr(self, "clocks"):
            self.clocks.close()
            with self.base.app.app_context():
                db.session.remove()

    # --- deeds ----------------------------------------------------------------------------------------------------------

    def rows(self, *columns: Any) -> list[Any]:
        with self.site.app.app_context():
            db.session.rollback()
            found = (
                select(*columns).where(Thread.public_id.is_not(None)).join(Post, Post.thread_id == Thread.id)
            )
            boards = [
                queries.board_view(db.session(), member(self.site, "ines"), each, self.now).board.id
                for each in self.boards
            ]
            return list(db.session.execute(found.where(Thread.board_id.in_(boards)).order_by(Post.id)).all())

    def all(self) -> list[Any]:
        return self.rows(
            Post.id, Post.public_id, Post.author_id, Post.parent_id, Post.appears_at, Post.removed_at, Post.scheduled_for, Post.opens_thread,
            Thread.public_id.label("thread"), Thread.removed_at.label("thread_removed_at"), Thread.board_id,
        )  # fmt: skip

    def page(self, short: str, thread: str) -> str:
        """Past the checking client: other tests look at these pages, and here are hundreds of them."""
        found = FlaskClient.open(self.clients[short], f"{self.site.world.course}/threads/{thread}")
        assert found.status_code == 200
        return found.text

    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.clocks.enter_context(clock.standing_at(self.now))

    def threads(self) -> list[str]:
        return sorted(
            {row.thread for row in self.all() if row.thread_removed_at is None and self.is_there(row)}
        )

    def is_there(self, row: Any) -> bool:
        withdrawn = (
            row.scheduled_for is not None and row.removed_at is not None and row.removed_at < row.appears_at
        )
        return bool(row.appears_at <= self.now and not withdrawn)

    def written(self, title: str = "") -> Any:
        self.keys += 1
        return commands.write(f"Some words, number {self.keys}.", f"key-of-new-{self.keys:05}", title=title)

    @rule(short=student, board=st.integers(0, 1))
    def start(self, short: str, board: int) -> None:
        self.pass_time(1)
        with self.site.app.app_context(), transaction() as session:
            who = member(self.site, short, self.now)
            commands.start_thread(session, who, self.boards[board], self.written("A thread"), at=self.now)

    @rule(short=reader, which=any_of, later=st.sampled_from((0, 0, 0, 7, 30)))
    def answer(self, short: str, which: int, later: int) -> None:
        """To any post that is there, at once or shown later."""
        self.pass_time(1)
        there = [
            row
            for row in self.all()
            if self.is_there(row) and row.thread_removed_at is None and row.removed_at is None
        ]
        if not there:
            return
        to = there[which % len(there)]
        with self.site.app.app_context(), transaction() as session:
            commands.post_reply(
                session, member(self.site, short, self.now), to.thread, self.written(), at=self.now, parent_id=to.public_id,
                shown_from=self.now + timedelta(minutes=later) if later else None,
            )  # fmt: skip

    @rule(minutes=st.sampled_from((1, 8, 31)))
    def wait(self, minutes: int) -> None:
        self.pass_time(minutes)

    @rule(short=reader, which=any_of)
    def open_page(self, short: str, which: int) -> None:
        there = self.threads()
        if not there:
            return
        thread = there[which % len(there)]
        page = self.page(short, thread)
        sent = re.search(r'name="position" value="(\d+)"', page)
        if sent is None:
            return  # nothing is new, so nothing is offered
        shown = frozenset(row.id for row in self.all() if row.thread == thread and self.is_there(row))
        self.opened.append(Opened(short, thread, int(sent.group(1)), self.now, shown))

    @precondition(lambda self: self.opened)
    @rule(which=any_of, again=st.booleans())
    def mark_read(self, which: int, again: bool) -> None:
        """By the button of any page that was opened, perhaps long ago, perhaps twice."""
        page = self.opened[which % len(self.opened)]
        if page.thread not in self.threads():
            return
        for _press in range(1 + again):
            done = self.clients[page.short].send(
                f"{self.site.world.course}/threads/{page.thread}/read", {"position": str(page.position), "at": page.at.isoformat()}
            )  # fmt: skip
            assert done.status_code == 303
        # What was split off since is read in its own thread.
        self.read[page.short] |= page.shown & {row.id for row in self.all() if row.thread == page.thread}

    @rule(short=reader, which=any_of)
    def mark_new(self, short: str, which: int) -> None:
        """From a post on that is there and not one's own."""
        account = self.site.world.people[short]
        there = [row for row in self.all() if self.is_there(row) and row.thread_removed_at is None]
        there = [row for row in there if row.author_id != account and row.removed_at is None]
        if not there:
            return
        post = there[which % len(there)]
        done = self.clients[short].send(f"{self.site.world.course}/posts/{post.public_id}/new", {})
        assert done.status_code == 303
        since = {
            row.id for row in self.all() if row.thread == post.thread and row.appears_at >= post.appears_at
        }
        self.read[short] -= since

    @rule(which=any_of, by_staff=st.booleans())
    def remove_or_restore(self, which: int, by_staff: bool) -> None:
        """Also what waits: its author withdraws it."""
        self.pass_time(1)
        names = {self.site.world.people[short]: short for short in READERS}
        rows = [row for row in self.all() if self.is_there(row) or (row.removed_at is None and not by_staff)]
        rows = [row for row in rows if row.thread_removed_at is None]
        if not rows:
            return
        row = rows[which % len(rows)]
        short = "ines" if by_staff else names[row.author_id]
        with self.site.app.app_context(), transaction() as session:
            who = member(self.site, short, self.now)
            if row.removed_at is None:
                commands.remove_post(session, who, row.public_id, at=self.now, reason="Not here")
            else:
                commands.restore_post(
                    session, member(self.site, "ines", self.now), row.public_id, at=self.now
                )

    @rule(which=any_of)
    def remove_or_restore_thread(self, which: int) -> None:
        rows = self.all()
        if not rows:
            return
        row = rows[which % len(rows)]
        with self.site.app.app_context(), transaction() as session:
            commands.set_thread_removed(
                session,
                member(self.site, "ines", self.now),
                row.thread,
                row.thread_removed_at is None,
                at=self.now,
            )

    @rule(which=any_of)
    def move(self, which: int) -> None:
        """To the other board."""
        there = self.threads()
        if not there:
            return
        thread = there[which % len(there)]
        with self.site.app.app_context(), transaction() as session:
            ines = member(self.site, "ines", self.now)
            here = queries.thread_view(session, ines, thread, self.now).board.board.public_id
            move_thread(session, ines, thread, self.boards[self.boards[0] == here], at=self.now)

    @rule(which=any_of)
    def split(self, which: int) -> None:
        """A reply with all below it, those that wait too."""
        self.pass_time(1)
        rows = [row for row in self.all() if row.parent_id is not None and not row.opens_thread]
        rows = [
            row
            for row in rows
            if self.is_there(row) and row.removed_at is None and row.thread_removed_at is None
        ]
        if not rows:
            return
        row = rows[which % len(rows)]
        with self.site.app.app_context(), transaction() as session:
            split_thread(session, member(self.site, "ines", self.now), row.public_id, "Apart", at=self.now)

    # --- what must hold -------------------------------------------------------------------------------------------------

    def expected(self, short: str) -> dict[str, int]:
        """How many posts of each thread are new to a reader: one row after another."""
        account, rows = self.site.world.people[short], self.all()
        answered = {
            row.parent_id
            for row in rows
            if row.author_id == account and row.removed_at is None and self.is_there(row)
        }
        found: dict[str, int] = {row.thread: 0 for row in rows}
        for row in rows:
            is_new = (
                self.is_there(row) and row.removed_at is None and row.author_id != account
                and row.id not in self.read[short] and row.id not in answered
            )  # fmt: skip
            found[row.thread] += is_new
        return found

    @invariant()
    def every_door_says_the_same_number(self) -> None:
        if not hasattr(self, "read"):
            return
        self.turn += 1
        rows = self.all()
        board_of_thread = {row.thread: row.board_id for row in rows}
        gone = {row.thread for row in rows if row.thread_removed_at is not None}
        for short in READERS:
            expected = self.expected(short)
            with self.site.app.app_context():
                who = member(self.site, short, self.now)
                views = [queries.board_view(db.session(), who, each, self.now) for each in self.boards]
                week = queries.new_in_boards(db.session(), views)
                for view in views:
                    here = {
                        thread: number
                        for thread, number in expected.items()
                        if board_of_thread[thread] == view.board.id
                    }
                    lines = queries.threads_page(db.session(), view, limit=500)
                    listed = {line.public_id: line.new for line in lines.lines}
                    assert listed == {
                        thread: number
                        for thread, number in here.items()
                        if short == "ines" or thread not in gone
                    }
                    unread = queries.threads_page(db.session(), view, show="unread", limit=500)
                    assert unread.total == sum(number > 0 for number in listed.values())
                    told = week.get(view.board.id)
                    assert (told.posts if told else 0) == sum(
                        number for thread, number in here.items() if thread not in gone
                    )
        short = READERS[self.turn % len(READERS)]
        expected = self.expected(short)
        for thread in self.threads():
            page = self.page(short, thread)
            said = re.search(r"(\d+) posts? (?:is|are) new here", page)
            assert (int(said.group(1)) if said else 0) == expected[thread], (short, thread)


@pytest.mark.sqlite_only
@pytest.mark.behavior("B170", "B172", "B173", "B175", "B176", "B178")
def test_new_is_exact_for_every_reader_whatever_happens_in_whatever_order() -> None:
    run_state_machine_as_test(
        NewCounts,
        settings=settings(
            max_examples=8, stateful_step_count=16, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
        ),
    )  # fmt: skip
