"""Files of posts and drafts, each for who may have it now."""

from flask import Response, g

from ...core.access import needs
from ...core.db import db
from ...core.errors import NotHere
from ...core.files import answer_with
from ...courses.policy import Action
from ..queries.attached import file_of_draft, file_of_post
from ..rules import Place
from .blueprint import pages


@pages.get("/c/<course>/posts/<post>/files/<file>")
@needs(Action.READ)
def post_file(course: str, post: str, file: str) -> Response:
    """A file of a post, as visible as the post."""
    return answer_with(file_of_post(db.session(), g.member, post, file, g.at), inline=True)


@pages.get("/c/<course>/drafts/<place>/files/<file>")
@needs(Action.POST)
def draft_file(course: str, place: str, file: str) -> Response:
    """A file of a draft, for its author."""
    where = Place.parse(place)
    if where is None:
        raise NotHere
    return answer_with(file_of_draft(db.session(), g.member, where, file, g.at), inline=True)
