"""Files of posts and drafts, each for who may have it now."""

from flask import Response, g, render_template

from ...core.access import needs
from ...core.db import db
from ...core.errors import NotHere
from ...core.files import answer_with
from ...courses.policy import Action
from .. import queries
from ..attachments import Attached, attached_in
from ..forms import ReplyForm
from ..queries.attached import file_of_draft, file_of_post
from ..rules import Place
from .attaching import files_shown, receive_files
from .blueprint import Answer, pages
from .drafts import board_of_place


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


@pages.post("/c/<course>/drafts/<place>/files")
@needs(Action.POST)
def attach(course: str, place: str) -> Answer:
    """Keep a file with the draft at once, for the page's script: the list of files anew, 422 if one was not taken."""
    where = Place.parse(place)
    if where is None:
        raise NotHere
    standing: tuple[Attached, ...] = ()
    if where.kind == "edit":
        view = queries.post_view(db.session(), g.member, where.public_id, g.at)
        if view.post.author_id != g.member.account_id and not g.member.may(Action.MODERATE):
            raise NotHere
        standing = attached_in(view.post.files)
    else:
        board_of_place(where)
    form = ReplyForm()
    receive_files(form, where, standing=standing)
    shown = files_shown(where, None, form, standing)
    return render_template("posts/_attached.html", a=shown), 422 if shown.problems else 200
