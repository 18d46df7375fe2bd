"""The queue of a course's staff, and one post with all that can be done about it."""

from dataclasses import dataclass

from flask import g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from ..core import markup
from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.times import Moment, moment
from ..courses.policy import Action
from ..posts import commands as posts
from ..posts.rules import as_kept
from . import commands, queries
from .blueprint import Answer, pages
from .forms import ReasonForm
from .queries import Case
from .sentences import why_words


@dataclass(frozen=True)
class FlagShown:
    by: str | None
    reason: str
    at: Moment


@dataclass(frozen=True)
class CaseShown:
    """A post to look at, as the queue shows it; `reason` and `error` are what a refused removal brought."""

    id: str
    title: str
    url: str
    action: str
    author: str
    at: Moment
    html: Markup
    answers_author: str | None
    answers_html: Markup | None
    flags: list[FlagShown]
    held: Moment | None
    removed: Moment | None
    removed_by: str | None
    by_author: bool
    removal_reason: str | None
    reason: str = ""
    error: str = ""


def base() -> str:
    return f"/c/{g.member.course_slug}/moderation"


def shown(case: Case, *, reason: str = "", error: str = "") -> CaseShown:
    zones = (g.member.zone, g.member.course_zone)
    return CaseShown(
        case.public_id, case.title, f"/c/{g.member.course_slug}/posts/{case.public_id}", f"{base()}/posts/{case.public_id}",
        case.author, moment(case.at, *zones), markup.markup_of(case.html),
        case.answers.author if case.answers else None, markup.markup_of(case.answers.html) if case.answers else None,
        [FlagShown(flag.by, flag.reason, moment(flag.at, *zones)) for flag in case.flags],
        moment(case.held_at, *zones) if case.held_at else None,
        moment(case.removed_at, *zones) if case.removed_at else None,
        case.removed_by, case.by_author, case.removal_reason, reason, error,
    )  # fmt: skip


def crumbs(*, here: bool = False) -> None:
    g.crumbs = [(g.member.course_code, f"/c/{g.member.course_slug}")]
    if here:
        g.crumbs.append((_("Flagged and held posts"), base()))


@pages.get("/c/<course>/moderation")
@needs(Action.MODERATE)
def queue(course: str) -> Answer:
    """Posts that staff are to look at, the oldest first, and with `?show=removed` those that staff took away."""
    kind = request.args.get("show", "flagged")
    if kind not in queries.KINDS:
        raise NotHere
    crumbs()
    counts = queries.count_cases(db.session(), g.member, g.at)
    cases = queries.cases_in(db.session(), g.member, kind, g.at)
    tabs = [
        (_("Flagged (%(number)d)", number=counts["flagged"]), base(), kind == "flagged"),
        (_("Held (%(number)d)", number=counts["held"]), f"{base()}?show=held", kind == "held"),
        (_("Removed by staff"), f"{base()}?show=removed", kind == "removed"),
    ]
    return render_template(
        "moderation/queue.html", kind=kind, tabs=tabs, cases=[shown(case) for case in cases],
        more=max(0, counts.get(kind, 0) - len(cases)), empty=_empty(kind),
    )  # fmt: skip


def _empty(kind: str) -> str:
    return {
        "flagged": _("No post is flagged. What members flag will be here, the oldest first."),
        "held": _("No post is held. What waits for you to look at it will be here, the oldest first."),
        "removed": _("Staff have removed no post of this course."),
    }[kind]


@pages.get("/c/<course>/moderation/posts/<post>")
@needs(Action.MODERATE)
def one_post(course: str, post: str) -> Answer:
    return _page(post)


def _page(post: str, *, status: int = 200, reason: str = "", error: str = "", problem: str = "") -> Answer:
    crumbs(here=True)
    case = queries.case_for(db.session(), g.member, post, g.at)
    return render_template(
        "moderation/post.html", case=shown(case, reason=reason, error=error), problem=problem,
        own=case.author_id == g.member.account_id,
    ), status  # fmt: skip


@pages.post("/c/<course>/moderation/posts/<post>")
@needs(Action.MODERATE)
def act(course: str, post: str) -> Answer:
    """Deeds: keep (settles its flags), remove (with a reason, which the author reads), restore."""
    deed = request.form.get("deed")
    case = queries.case_for(db.session(), g.member, post, g.at)
    form = ReasonForm()
    reason = as_kept(form.text.data or "").strip()
    if deed == "remove" and not form.validate():
        return _page(
            post,
            status=422,
            reason=form.text.data or "",
            error=" ".join(str(each) for each in form.text.errors),
        )
    try:
        with transaction() as session:
            told = _done(session, deed, post, reason)
    except Refused as refused:
        return _page(post, status=409, reason=form.text.data or "", problem=why_words(refused))
    say(told, link=(_("See it in its discussion"), f"/c/{course}/posts/{case.public_id}"))
    return redirect(base(), 303)  # type: ignore[return-value]


def _done(session: object, deed: str | None, post: str, reason: str) -> str:
    if deed == "keep":
        number = commands.keep_post(session, g.member, post, at=g.at)  # type: ignore[arg-type]
        return ngettext("The post stays; %(num)d flag was settled.", "The post stays; %(num)d flags were settled.", number)  # fmt: skip
    if deed == "remove":
        posts.remove_post(session, g.member, post, at=g.at, reason=reason)  # type: ignore[arg-type]
        return _("The post was removed. A line stands in its place; its author reads your reason there.")
    if deed == "restore":
        posts.restore_post(session, g.member, post, at=g.at)  # type: ignore[arg-type]
        return _("The post is back.")
    raise NotHere
