"""Taking away one's own posts: what there is, and the zip."""

from datetime import timedelta

from flask import Blueprint, Response, g, render_template

from ..core import pace
from ..core.access import signed_in
from ..core.db import db
from ..core.errors import NotHere
from ..core.files import size_words
from . import own_writing
from .names import plain
from .own_writing import CourseLine
from .take_away import TakeAway

pages = Blueprint("records", __name__)

MOST, PERIOD = 20, timedelta(hours=1)  # downloads of one person


@pages.get("/mine/take-away")
@signed_in
def what_there_is() -> str:
    """The courses in which the person wrote, each with its download."""
    courses = own_writing.courses_written_in(db.session(), g.person.account_id)
    return render_template(
        "records/take_away.html",
        courses=[(course, size_words(course.size) if course.size else "") for course in courses],
    )


@pages.get("/mine/take-away.zip")
@signed_in
def everything() -> Response:
    """What the person wrote in all courses."""
    return _zip_of(own_writing.courses_written_in(db.session(), g.person.account_id), "my-posts")


@pages.get("/mine/take-away/<course>.zip")
@signed_in
def of_course(course: str) -> Response:
    """What the person wrote in one course; a course in which they wrote nothing is none."""
    found = own_writing.courses_written_in(db.session(), g.person.account_id, course)
    return _zip_of(found, f"my-posts-{plain(course)}")


def _zip_of(courses: list[CourseLine], name: str) -> Response:
    if not courses:
        raise NotHere
    key = f"take-away:{g.person.account_id}"
    pace.check(key, at=g.at, most=MOST, period=PERIOD)
    pace.count(key, at=g.at, most=MOST)
    pieces, close = TakeAway(db.session(), g.person, courses, g.at).zip()
    answer = Response(pieces, mimetype="application/zip")
    answer.call_on_close(close)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{g.at:%Y-%m-%d}.zip"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
