"""Flagging one post: the form, the flagger's own flag, and taking it back."""

from flask import g, redirect, render_template, request
from flask_babel import gettext as _

from ..core import markup
from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import Refused
from ..core.times import moment
from ..courses.policy import Action
from ..posts.queries import PostView, post_view
from ..posts.rules import as_kept
from . import commands
from .blueprint import Answer, pages
from .forms import FlagForm
from .models import Flag
from .rules import is_settled
from .sentences import why_words


@pages.get("/c/<course>/posts/<post>/flag")
@needs(Action.FLAG)
def flag(course: str, post: str) -> Answer:
    view = post_view(db.session(), g.member, post, g.at)
    own = commands.own_flag(db.session(), g.member, view.post)
    return _page(view, FlagForm(formdata=None, data={"text": own.reason if own else ""}), own)


@pages.post("/c/<course>/posts/<post>/flag")
@needs(Action.FLAG)
def change_flag(course: str, post: str) -> Answer:
    """Deeds: flag, or take it back."""
    view = post_view(db.session(), g.member, post, g.at)
    own = commands.own_flag(db.session(), g.member, view.post)
    form = FlagForm()
    if request.form.get("deed") == "back":
        with transaction() as session:
            commands.unflag_post(session, g.member, post, at=g.at)
        say(_("Your flag was taken back."))
        return redirect(f"/c/{course}/posts/{post}", 303)  # type: ignore[return-value]
    if not form.validate():
        return _page(view, form, own, status=422)
    try:
        with transaction() as session:
            commands.flag_post(session, g.member, post, as_kept(form.text.data or "").strip(), at=g.at)
    except Refused as refused:
        view = post_view(db.session(), g.member, post, g.at)
        return _page(view, form, own, status=409, problem=why_words(refused))
    say(_("Flagged. Staff of this course will look at it; its author is not told who asked them to."))
    return redirect(f"/c/{course}/posts/{post}", 303)  # type: ignore[return-value]


def _page(
    view: PostView, form: FlagForm, own: Flag | None, *, status: int = 200, problem: str | None = None
) -> Answer:
    base, post = f"/c/{g.member.course_slug}", view.post
    g.crumbs = [
        (g.member.course_code, base),
        (
            view.thread.board.board.title,
            f"{base}/boards/{view.thread.board.board.public_id}",
        ),
    ]
    settled = own is not None and is_settled(own.settled_at, post.edited_at)
    why_not = commands.why_not_flag(g.member, post) or ("flag_settled" if settled else None)
    if problem is None and why_not is not None:
        problem = why_words(Refused(why_not))
    return render_template(
        "moderation/flag.html", form=form, problem=problem, author=view.author, action=f"{base}/posts/{post.public_id}/flag",
        html=markup.markup_of(post.html) if post.removed_at is None else None,
        flagged=moment(own.flagged_at, g.member.zone, g.member.course_zone) if own is not None and not settled else None,
        can_flag=why_not is None, back_url=f"{base}/posts/{post.public_id}",
    ), status  # fmt: skip
