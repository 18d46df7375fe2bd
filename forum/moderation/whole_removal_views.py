"""The page on which staff remove all that the author of a post wrote in the course, and bring it back."""

from flask import g, redirect, render_template, request
from flask_babel import ngettext

from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.times import moment
from ..courses.policy import Action
from ..posts.rules import as_kept, number_in
from . import queries, whole_removals
from .blueprint import Answer, pages
from .forms import ReasonForm
from .queue_views import base, crumbs
from .sentences import why_words


@pages.get("/c/<course>/moderation/posts/<post>/author")
@needs(Action.MODERATE)
def all_of_author(course: str, post: str) -> Answer:
    return _page(post, ReasonForm(formdata=None))


@pages.post("/c/<course>/moderation/posts/<post>/author")
@needs(Action.MODERATE)
def change_all_of_author(course: str, post: str) -> Answer:
    """Deeds: remove (all that is there, with a reason, which the author reads), restore (what one such act took)."""
    author_id = queries.case_for(db.session(), g.member, post, g.at).author_id
    form, deed = ReasonForm(), request.form.get("deed")
    if deed not in ("remove", "restore"):
        raise NotHere
    if deed == "remove" and not form.validate():
        return _page(post, form, status=422)
    try:
        with transaction() as session:
            if deed == "remove":
                reason = as_kept(form.text.data or "").strip()
                number = whole_removals.remove_all_of(session, g.member, author_id, reason, at=g.at)
                told = ngettext(
                    "%(num)d post was removed. Its author reads your reason in its place.",
                    "%(num)d posts were removed. Their author reads your reason in the place of each.",
                    number,
                )
            else:
                act = number_in(request.form.get("act")) or 0
                number = whole_removals.restore_all_of(session, g.member, author_id, act, at=g.at)
                told = ngettext("%(num)d post is back.", "%(num)d posts are back.", number)
    except Refused as refused:
        return _page(post, form, status=409, problem=why_words(refused))
    say(told)
    return redirect(f"{base()}/posts/{post}/author", 303)  # type: ignore[return-value]


def _page(post: str, form: ReasonForm, *, status: int = 200, problem: str = "") -> Answer:
    crumbs(here=True)
    session, zones = db.session(), (g.member.zone, g.member.course_zone)
    case = queries.case_for(session, g.member, post, g.at)
    written = whole_removals.written_by(session, g.member, case.author_id, g.at)
    code = whole_removals.why_not_remove_all(session, g.member, case.author_id, g.at)
    if code is not None and not problem:
        problem = why_words(Refused(code))
    removals = [
        (each, moment(each.at, *zones))
        for each in whole_removals.whole_removals_of(session, g.member, case.author_id, g.at)
    ]
    return render_template(
        "moderation/all_of_author.html", form=form, author=case.author, written=written, can_remove=code is None,
        removals=removals, problem=problem, action=f"{base()}/posts/{post}/author", back_url=f"{base()}/posts/{post}",
    ), status  # fmt: skip
