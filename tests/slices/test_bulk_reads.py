"""What is asked of several boards at once is what is asked of each: dates with their reasons, views, standings."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum.boards.commands import BoardSpec, CheckpointSpec, close_board
from forum.boards.history import histories_for_student
from forum.boards.models import Accommodation, Board, BoardClosing, DueRule, Excusal, Extension
from forum.boards.queries import boards_in, checkpoints_of, kept_board, kept_boards
from forum.boards.schedule import schedule_of, schedules_of
from forum.boards.student_dates import dates_for, dates_for_boards
from forum.core import caches
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses.models import Course, Group, GroupMembership, Section
from forum.courses.policy import Member
from forum.courses.queries import member_of
from forum.posts import commands as posts
from forum.posts.models import Post
from forum.posts.queries import BoardView, own_facts, post_facts, view_of, views_of
from forum.posts.standing import standing_after_post, standing_of_one, standings_of

from ..conftest import Site
from ..world import BEGAN_AT, WORLD_AT
from .grading import statements
from .writing_steps import board_of, written_by

LATER = WORLD_AT + timedelta(days=3, hours=6)
INSTANTS = [WORLD_AT, LATER, WORLD_AT + timedelta(days=30)]


def lay_out(site: Site) -> None:
    """Something particular of every kind on some boards, and not on others."""
    people, at = site.world.people, WORLD_AT - timedelta(days=1)
    with site.app.app_context(), transaction() as session:
        boards = {
            name: session.scalars(select(Board).where(Board.public_id == public_id)).one()
            for name, public_id in site.world.boards.items()
        }
        ines = member_of(session, people["ines"], site.world.course_id, WORLD_AT)
        ana = member_of(session, people["ana"], site.world.course_id, WORLD_AT)
        assert ines is not None
        assert ana is not None
        group = Group(course_id=site.world.course_id, title="Rivers")
        session.add(group)
        session.flush()
        session.add(GroupMembership(group_id=group.id, account_id=people["dana"], from_at=BEGAN_AT))
        north, south = (
            session.scalars(select(Section).where(Section.title == title)).first()
            for title in ("North", "South")
        )
        assert north is not None
        assert south is not None
        south.ends_on = (WORLD_AT + timedelta(days=9)).date()
        for board, of in (
            ("floods", {"section_id": north.id}),
            ("own_zone", {"group_id": group.id}),
            ("sources", {}),
        ):
            _move_due(session, boards[board], of, at)
        for board, of, days in (("floods", {"account_id": people["ana"]}, 5), ("sources", {"section_id": south.id}, 6),
                                ("own_zone", {"account_id": people["ana"]}, 7)):  # fmt: skip
            session.add(
                Extension(
                    board_id=boards[board].id, due_on=WORLD_AT.date() + timedelta(days=days),
                    due_at=WORLD_AT + timedelta(days=days), zone="Europe/Madrid", reason=f"For {board}",
                    withdrawn_at=WORLD_AT if days == 7 else None, author_id=people["ines"], created_at=at, **of,
                )
            )  # fmt: skip
        session.add(Accommodation(course_id=site.world.course_id, account_id=people["chidi"], days=1,
                                  from_on=BEGAN_AT.date(), reason="", author_id=people["ines"], created_at=at))  # fmt: skip
        session.add(Excusal(board_id=boards["floods"].id, account_id=people["chidi"], created_at=at))
        checkpoint = checkpoints_of(session, [boards["sources"].id])[boards["sources"].id][0]
        session.add(Excusal(board_id=boards["sources"].id, checkpoint_id=checkpoint.id, account_id=people["dana"],
                            created_at=at))  # fmt: skip
        boards["floods"].classmates_only = True
        boards["questions"].shown = "after_own"
        session.add(
            BoardClosing(board_id=boards["own_zone"].id, closed_at=at, reopened_at=at + timedelta(hours=1))
        )
        posts.post_reply(
            session, ana, site.world.threads["sources"], at=at,
            written=posts.write("Ten words are asked here and these are some more than ten.", "bulk-1"),
        )  # fmt: skip
        posts.post_reply(
            session, ana, site.world.threads["floods"], at=at, parent_id=site.world.posts["ben"],
            written=posts.write("An answer to Ben, in ten words and a few more of them.", "bulk-2"),
        )  # fmt: skip
        close_board(session, ines, boards["own_zone"], at=at + timedelta(hours=2))


def _move_due(session: Any, board: Board, of: dict[str, int], at: datetime) -> None:
    """A later due date, said a day ago: of everyone, or of a section or group."""
    rule = session.scalars(
        select(DueRule).where(DueRule.board_id == board.id, DueRule.what == "due").order_by(DueRule.version)
    ).first()
    kept = {
        column.key: getattr(rule, column.key)
        for column in DueRule.__table__.columns
        if column.key not in ("id", "version", "section_id", "group_id")
    }
    kept |= {"wall_on": rule.wall_on + timedelta(days=1), "instant": rule.instant + timedelta(days=1),
             "created_at": at, "reason": "The archive was closed", "version": rule.version + 1}  # fmt: skip
    session.add(DueRule(**kept, **of))


def everyone(site: Site, at: datetime) -> list[Member]:
    session = db.session()
    found = [
        member_of(session, account_id, course_id, at)
        for course_id in (site.world.course_id, site.world.other_course_id)
        for account_id in site.world.people.values()
    ]
    return [member for member in found if member is not None]


def told(view: BoardView) -> tuple[Any, ...]:
    """A view without its rows, whose equality is that of objects."""
    return (
        view.board.id, view.dates, view.standing, view.actor, [row.id for row in view.checkpoints], view.others_from,
        view.others_shown, view.state, view.why_not_read(), view.why_not_post(),
    )  # fmt: skip


@pytest.mark.parametrize("at", INSTANTS)
@pytest.mark.parametrize("warm", [False, True])
def test_several_boards_at_once_are_as_each_alone_for_everyone(site: Site, at: datetime, warm: bool) -> None:
    lay_out(site)
    opened = reasons = excused = 0
    with site.app.app_context():
        session = db.session()
        for member in everyone(site, at):
            boards = boards_in(session, member, at)
            caches.clear_all()
            if warm:  # some are kept, some are not
                views_of(session, member, boards[::2], at)
            together = views_of(session, member, boards, at)
            standings = standings_of(session, together)
            caches.clear_all()
            alone = [view_of(session, member, board, at) for board in boards]
            assert [told(view) for view in together] == [told(view) for view in alone]
            assert standings == {view.board.id: standing_of_one(session, view) for view in alone}
            opened += sum(view.others_from is not None for view in alone)
            reasons += sum(
                reason.code in ("changed", "extension_reason", "extension_withdrawn")
                for view in alone for date in view.dates.dates for reason in date.reasons
            )  # fmt: skip
            excused += sum(met.state == "excused" for found in standings.values() for met in found)
    assert opened
    assert reasons
    assert excused


@pytest.mark.parametrize("at", [*INSTANTS, WORLD_AT + timedelta(days=2, hours=6)])
def test_what_is_told_after_a_post_is_what_all_posts_of_the_board_say(site: Site, at: datetime) -> None:
    """Most sentences come from the student's own posts alone; they say the same."""
    lay_out(site)
    # Where only one other wrote, less is asked in the last day.
    few = CheckpointSpec("replies", replies=2, people=2, due=Wall(WORLD_AT.date() + timedelta(days=4)))
    _, thread = board_of(site, BoardSpec("Few", form="single", checkpoints=(few,)))
    assert thread is not None
    written_by(site, "ben", thread, "Words of the only one.", WORLD_AT)
    met = 0
    with site.app.app_context():
        session = db.session()
        for member in everyone(site, at):
            if member.role != "student":
                continue
            for view in views_of(session, member, boards_in(session, member, at), at):
                whole = {each.checkpoint_id: each for each in standing_of_one(session, view)}
                own = own_facts(session, view.board.id, member.account_id)
                assert own == post_facts(
                    session, Post.board_id == view.board.id, Post.author_id == member.account_id
                )
                for kind in ("first_post", "replies"):
                    for told in standing_after_post(session, view, kind, own):
                        expected = whole.pop(told.checkpoint_id)
                        if told.met_at is None:  # its state and reasons are not told
                            expected = replace(expected, state=told.state, reasons=told.reasons)
                        assert told == expected
                        met += told.met_at is not None
                assert whole == {}
    assert met


def test_schedules_dates_and_histories_are_each_board_s_own(site: Site) -> None:
    lay_out(site)
    with site.app.app_context():
        session = db.session()
        boards = session.scalars(select(Board).where(Board.course_id == site.world.course_id)).all()
        course = session.get_one(Course, site.world.course_id)
        together = schedules_of(session, boards, course)
        for board in boards:
            assert together[board.id] == schedule_of(session, board, course)
        ana = member_of(session, site.world.people["ana"], site.world.course_id, WORLD_AT)
        assert ana is not None
        dates = dates_for_boards(session, ana, boards, WORLD_AT)
        caches.clear_all()
        assert dates == {
            board.id: dates_for(session, ana, board.id, board.version, WORLD_AT) for board in boards
        }
        histories = histories_for_student(session, boards, ana.account_id, [], [])
        for board in boards:
            one = histories_for_student(session, [board], ana.account_id, [], [])
            assert one.get(board.id, {}) == histories.get(board.id, {})
        assert sum(bool(history) for history in histories.values()) > 1


def test_what_several_boards_leave_in_memory_one_board_finds(site: Site) -> None:
    lay_out(site)
    with site.app.app_context():
        session = db.session()
        ana = member_of(session, site.world.people["ana"], site.world.course_id, WORLD_AT)
        assert ana is not None
        boards = boards_in(session, ana, WORLD_AT)
        views = views_of(session, ana, boards, WORLD_AT)
        kept = kept_boards(session, {board.id: board.version for board in boards})
        for view in views:
            assert dates_for(session, ana, view.board.id, view.board.version, WORLD_AT) is view.dates
            assert kept_board(session, view.board.id, view.board.version) is kept[view.board.id]


def test_nothing_that_a_transaction_sees_is_kept(site: Site) -> None:
    with site.app.app_context(), transaction() as session:
        ana = member_of(session, site.world.people["ana"], site.world.course_id, WORLD_AT)
        assert ana is not None
        boards = boards_in(session, ana, WORLD_AT)
        first, again = (views_of(session, ana, boards, WORLD_AT) for _ in range(2))
        assert all(one.dates is not other.dates for one, other in zip(first, again, strict=True))


def test_several_boards_cost_as_many_statements_as_one(site: Site) -> None:
    lay_out(site)

    def asked(many: int) -> int:
        with site.app.app_context():
            session = db.session()
            ana = member_of(session, site.world.people["ana"], site.world.course_id, WORLD_AT)
            assert ana is not None
            # Floods counts classmates, Sources waits for one's own post: what costs most comes first.
            dear = {site.world.boards["floods"], site.world.boards["sources"]}
            boards = sorted(boards_in(session, ana, WORLD_AT), key=lambda board: board.public_id not in dear)
            caches.clear_all()
            with statements(site) as sent:
                standings_of(session, views_of(session, ana, boards[:many], WORLD_AT))
            db.session.remove()
            return len(sent)

    assert asked(9) == asked(2) > 0
