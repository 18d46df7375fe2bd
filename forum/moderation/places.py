"""What pages of lower rooms show of moderation."""

from datetime import datetime

from flask import render_template
from markupsafe import Markup

from ..core.db import db
from ..core.markup import markup_of
from ..core.places import fills
from ..courses.policy import Action, Member
from . import queries


@fills("course.links")
def to_queue(member: Member, _course_id: int, at: datetime) -> Markup:
    """The way to the queue, for who may act there, with how many posts wait."""
    if not member.may(Action.MODERATE):
        return Markup("")
    number = sum(queries.count_cases(db.session(), member, at).values())
    return markup_of(
        render_template("moderation/_link.html", url=f"/c/{member.course_slug}/moderation", number=number)
    )
