"""The course's home and its people, as everyone in it sees them."""

from flask import Blueprint, g, render_template

from ..core.access import needs
from ..core.db import db
from ..core.places import shown_in
from . import queries
from .policy import Action

pages = Blueprint("courses", __name__)


@pages.get("/c/<course>")
@needs(Action.READ)
def home(course: str) -> str:
    """Modules in order with what is in them; lessons and boards fill the place `course.modules`."""
    return render_template(
        "courses/home.html",
        title=g.member.course_title,
        code=g.member.course_code,
        state=g.member.course_state,
        modules=shown_in("course.modules", g.member, g.member.course_id, g.at),
    )


@pages.get("/c/<course>/people")
@needs(Action.READ)
def people(course: str) -> str:
    lines = queries.roster(db.session(), g.member.course_id, g.at)
    return render_template(
        "courses/people.html", people=lines, shows_addresses=g.member.is_staff, manages=g.member.may(Action.MANAGE_PEOPLE)
    )
