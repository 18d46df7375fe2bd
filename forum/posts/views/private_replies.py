"""Writing to one student privately, as staff."""

from typing import Any

from flask import g, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from ...boards import sentences
from ...boards.rules import values
from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import Refused
from ...core.times import moment
from ...courses.policy import Action
from .. import commands, queries
from ..commands import KeyUsed
from ..forms import ReplyForm
from ..models import Draft
from ..private_replies import reply_privately, why_not_reply_privately
from ..queries import PostView
from ..rules import Place
from .attaching import receive_files
from .blueprint import Answer, pages
from .composer import arrival_of, composer_for, keep_refused, words_sent
from .heads import crumbs
from .outcomes import other_words, refused_sentence, without_posting
from .quoting import html_of


@pages.get("/c/<course>/posts/<post>/private")
@needs(Action.REPLY_PRIVATELY)
def write_privately(course: str, post: str) -> Answer:
    view = queries.post_view(db.session(), g.member, post, g.at)
    draft = queries.draft_at(db.session(), g.member.account_id, Place("private", post))
    form = ReplyForm(formdata=None, data={"text": draft.source if draft else ""})
    return _page(view, form, draft)


def _page(
    view: PostView, form: ReplyForm, draft: Draft | None, *, status: int = 200, preview: Markup | None = None,
    problem: str | None = None, newer: str | None = None,
) -> Answer:  # fmt: skip
    member, post = g.member, view.post
    url = f"/c/{member.course_slug}/posts/{post.public_id}"
    crumbs(view.thread.board)
    composer = composer_for(
        view.thread.board, Place("private", post.public_id), heading=_("Your private reply"), action=f"{url}/private",
        draft=draft, form=form, preview=preview, newer=newer,
    )  # fmt: skip
    refused = why_not_reply_privately(db.session(), view, g.at)
    if refused is not None and problem is None:
        refusal = values.Refusal(refused.code, refused.values)
        problem = sentences.refusal_sentence(refusal, member.zone)
    return render_template(
        "posts/private_reply.html", author=view.author, at=moment(post.appears_at, member.zone, member.course_zone),
        title=view.thread.thread.title or view.thread.board.board.title, back_url=url, form=form, c=composer,
        html=None if post.removed_at else html_of(view), why_not=problem, more_time_url=None,
        can_send=refused is None,
    ), status  # fmt: skip


@pages.post("/c/<course>/posts/<post>/private")
@needs(Action.REPLY_PRIVATELY)
def send_privately(course: str, post: str) -> Answer:
    form, place = ReplyForm(), Place("private", post)
    view = queries.post_view(db.session(), g.member, post, g.at)
    draft = queries.draft_at(db.session(), g.member.account_id, place)

    def page(**more: Any) -> Answer:
        return _page(view, form, draft, **more)

    receive_files(form, place)
    if request.form.get("deed") in ("preview", "draft"):
        return without_posting(form, place, page)
    if not form.validate():
        return page(status=422)
    written = words_sent(form, draft=draft)
    at = arrival_of(form, written, draft)
    try:
        with transaction() as session:
            posted = reply_privately(session, g.member, post, written, at=at, now=g.at)
    except Refused as refused:
        draft = keep_refused(place, written, refused, at=at)
        view = queries.post_view(db.session(), g.member, post, g.at)
        return page(status=409, problem=refused_sentence(refused))
    except KeyUsed:
        form.key.data = commands.new_key()
        return page(status=409, problem=other_words())
    say(_("Sent privately. Only %(name)s and the staff of this course read it.", name=view.author))
    return redirect(f"/c/{course}/posts/{posted.public_id}", 303)  # type: ignore[return-value]
