"""The boxes with which whoever starts a thread chooses its tags."""

from flask import g

from ...core.db import db
from ..forms import ThreadForm
from ..queries.tags import tags_in


def offering_tags(form: ThreadForm) -> ThreadForm:
    """The form with the tags of the course to choose from; without the field in a course that has none."""
    form.tags.choices = tags_in(db.session(), g.member.course_id)
    if not form.tags.choices:
        del form.tags
    return form
