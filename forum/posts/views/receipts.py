"""The proofs of arrival of one post: of itself, and of its edits before the limit."""

from flask import g, redirect, render_template
from flask_babel import gettext as _

from ...core.access import needs
from ...core.db import db
from ...core.times import moment
from ...courses.policy import Action
from ...receipts.queries import receipts_of_post
from ...receipts.sentences import kind_words
from .. import queries
from .blueprint import Answer, pages
from .heads import crumbs


@pages.get("/c/<course>/posts/<post>/receipts")
@needs(Action.READ)
def receipts(course: str, post: str) -> Answer:
    """The receipt of a post; a list where its edits have some too. For its author and staff."""
    session = db.session()
    view = queries.post_view(session, g.member, post, g.at)
    rows = receipts_of_post(session, g.member, view.post.id, view.post.author_id, g.at)
    if len(rows) == 1:
        return redirect(f"/receipts/{rows[0].public_id}", 302)  # type: ignore[return-value]
    crumbs(view.thread.board)
    return render_template(
        "posts/receipts.html",
        rows=[(row.public_id, kind_words(row.kind), moment(row.arrived_at, g.member.zone, g.member.course_zone)) for row in rows],
        back_url=f"/c/{course}/posts/{post}",
        none_text=_("This post came before proofs of arrival were kept."),
    )  # fmt: skip
