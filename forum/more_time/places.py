"""What pages of other rooms show of requests for more time."""

from datetime import datetime

from flask import render_template
from markupsafe import Markup

from ..boards.models import Board
from ..boards.queries import kept_board
from ..core.db import db
from ..core.markup import markup_of
from ..core.places import fills
from ..courses.policy import Action, Member
from . import queries
from .answer_views import lines_of
from .student_views import request_lines


@fills("board.asked", if_any=queries.own_request_on)
def own_requests_on_board(member: Member, board_id: int, at: datetime) -> Markup:
    """What the asking student asked for on this board, and what became of it; nothing, to the byte, without a request."""
    session = db.session()
    if not queries.own_requests(session, member, board_id, at):
        return Markup("")
    board = session.get_one(Board, board_id)
    kept = kept_board(session, board_id, board.version)
    url = f"/c/{member.course_slug}/boards/{board.public_id}/more-time"
    lines = request_lines(board_id, {row.id: row for row in kept.checkpoints}, url, at)
    return (
        markup_of(render_template("more_time/_own.html", requests=lines, own_heading=True))
        if lines
        else Markup("")
    )


@fills("course.links")
def open_in_course(member: Member, _course_id: int, at: datetime) -> Markup:
    """The way to open requests, for who may answer them, as long as there are any."""
    number = queries.count_open(db.session(), [member], at).get(member.course_id, 0)
    return _link(member, number) if number else Markup("")


@fills("manage.links")
def requests_of_course(member: Member, _course_id: int, at: datetime) -> Markup:
    """The way to all requests, with the number of those that are open."""
    if not member.may(Action.EXTEND):
        return Markup("")
    return _link(member, queries.count_open(db.session(), [member], at).get(member.course_id, 0))


def _link(member: Member, number: int) -> Markup:
    url = f"/c/{member.course_slug}/manage/requests"
    return markup_of(render_template("more_time/_link.html", url=url, number=number))


@fills("extensions.aside")
def open_on_board(member: Member, board_id: int, at: datetime) -> Markup:
    """The open requests of one board, where its extensions are given."""
    found = queries.open_requests(db.session(), member, at, board_id=board_id)
    if not found:
        return Markup("")
    lines = lines_of(db.session(), member, found, at)
    return markup_of(render_template("more_time/_open.html", lines=lines, level=3, heading=True))
