"""Splitting a thread: reading what it means, giving the new thread a title, doing it."""

from flask import g, redirect, render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import Refused
from ...core.refusals import sentences_for, tells
from ...core.times import moment
from ...courses.policy import Action
from .. import queries
from ..forms import SplitForm
from ..queries import PostView
from ..splitting import posts_below, split_thread, why_not_split
from .blueprint import Answer, pages
from .heads import crumbs
from .quoting import html_of


@tells("split_form", "split_asked", "split_nameless", "split_opening", "split_private", "split_unseen")
def _tell(refused: Refused) -> list[str]:
    return [
        {
            "split_form": _("On this board nothing can be split off: it has no threads that anyone starts."),
            "split_asked": _("Only who asked and staff read this thread. It stays as it is."),
            "split_nameless": _(
                "This thread is shown without its author's name. It stays whole, so that nothing tells whose it is."
            ),
            "split_opening": _("This post opens its thread: there is nothing to split it off from."),
            "split_private": _("This is a private reply. It stays beside the post that it answers."),
            "split_unseen": _("Others cannot read this post now, so it cannot open a thread."),
        }[refused.code]
    ]


@pages.route("/c/<course>/posts/<post>/split", methods=["GET", "POST"])
@needs(Action.MODERATE)
def split(course: str, post: str) -> Answer:
    form = SplitForm()
    view = queries.post_view(db.session(), g.member, post, g.at)
    if (refusal := why_not_split(view)) is not None:
        return _page(view, form, Refused(refusal.code, refusal.values), 409)
    if not form.is_submitted():
        return _page(view, form)
    if not form.validate():
        return _page(view, form, status=422)
    try:
        with transaction() as session:
            made = split_thread(session, g.member, post, form.title.data or "", at=g.at)
    except Refused as refused:
        return _page(queries.post_view(db.session(), g.member, post, g.at), form, refused, 409)
    say(_("This is a thread of its own now. A line where it was leads here."))
    return redirect(f"/c/{course}/threads/{made.public_id}", 303)  # type: ignore[return-value]


def _page(view: PostView, form: SplitForm, problem: Refused | None = None, status: int = 200) -> Answer:
    crumbs(view.thread.board)
    member, back = g.member, f"/c/{g.member.course_slug}/posts/{view.post.public_id}"
    below = posts_below(db.session(), view.post) if problem is None else 0
    return render_template(
        "posts/split.html", author=view.author, at=moment(view.post.appears_at, member.zone, member.course_zone),
        html=html_of(view) if problem is None else "", title=view.thread.thread.title, form=form,
        told=_("Nobody answered it: it goes alone.") if not below
        else ngettext("%(num)d reply below it goes along.", "%(num)d replies below it go along.", below),
        url=f"{back}/split", back_url=back, problem=" ".join(sentences_for(problem)) if problem is not None else None,
    ), status  # fmt: skip
