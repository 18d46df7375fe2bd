"""*Hand in now, show later*: which instant was chosen, what waits on a page, and what its author can do with it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import g, redirect, request
from flask_babel import gettext as _
from markupsafe import Markup

from ...boards import sentences
from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import NotHere, Refused
from ...core.moments import Wall, local_moment, opening_instant
from ...core.times import Moment, moment
from ...courses.policy import Action
from .. import commands, queries
from ..forms import ReplyForm
from ..queries import BoardView
from ..quoted import with_passages
from ..rules import why_not_show_at
from .attaching import files_of_post
from .blueprint import Answer, pages
from .outcomes import place_url

_MORNING = time(8)


def is_well_chosen(form: ReplyForm, board: BoardView, *, is_first: bool) -> bool:
    """Whether the form says when its post is shown: at once, or at an instant that can be. If not, the field says why."""
    deed = request.form.get("deed")
    if deed not in ("tomorrow", "chosen"):
        form.show_on.errors, form.show_at.errors = (), ()
        return True
    if deed == "chosen" and (form.show_on.errors or form.show_at.errors):
        return False
    chosen = shown_from(form)
    if chosen is None:
        missing, why = (form.show_on, _("Please give a date, such as 2026-11-26."))
        if form.show_on.data is not None:
            missing, why = (form.show_at, _("Please give a time of day, such as 08:00."))
        missing.errors = [why]
        return False
    refusal = why_not_show_at(chosen, g.at, board.next_limit(is_first=is_first), board.member.zone)
    if refusal is None:
        return True
    form.show_on.errors = [sentences.refusal_sentence(refusal, board.member.zone)]
    return False


def shown_from(form: ReplyForm) -> datetime | None:
    """The instant that was chosen on the form, in its writer's own zone; None for at once, or if it is not whole.

    Of a minute that does not exist it is the earlier side, of one that happens twice the first (docs/time.md, rule 4).
    """
    zone, deed = g.member.zone, request.form.get("deed")
    if deed == "tomorrow":
        return opening_instant(Wall(local_moment(g.at, zone).on + timedelta(days=1), _MORNING), zone)
    if deed != "chosen" or form.show_on.data is None or form.show_at.data is None:
        return None
    return opening_instant(Wall(form.show_on.data, form.show_at.data.replace(second=0, microsecond=0)), zone)


@dataclass(frozen=True)
class Waiting:
    """A post of the reader's own that waits to be shown, as its page shows it."""

    public_id: str
    arrived: Moment
    shown: Moment
    html: Markup
    files: Markup
    words: int
    edit_url: str
    action: str


def waiting_on(view: Any) -> list[Waiting]:
    """The reader's own posts of a thread that wait; no statement if there is none."""
    member, at = view.board.member, view.board.at
    if not view.own_waiting:
        return []
    base = f"/c/{member.course_slug}/posts"
    return [
        Waiting(
            row.public_id, moment(row.arrived_at, member.zone, member.course_zone),
            moment(row.appears_at, member.zone, member.course_zone), with_passages(view.quotes, member.course_slug, row.id, row.html), files_of_post(row), row.words,
            f"{base}/{row.public_id}/edit", f"{base}/{row.public_id}/waiting",
        )
        for row in queries.waiting_in(db.session(), member.account_id, view.thread.id, at)
    ]  # fmt: skip


@pages.post("/c/<course>/posts/<post>/waiting")
@needs(Action.POST)
def waiting(course: str, post: str) -> Answer:
    """Show a post of one's own that waits at once, or withdraw it."""
    deed = request.form.get("deed")
    if deed not in ("show", "withdraw"):
        raise NotHere
    try:
        with transaction() as session:
            if deed == "show":
                commands.show_now(session, g.member, post, at=g.at)
            else:
                withdrawn = commands.withdraw_post(session, g.member, post, at=g.at)
    except Refused:
        say(_("This post has appeared meanwhile. You can still edit or remove it."))
        return redirect(f"/c/{course}/posts/{post}", 303)  # type: ignore[return-value]
    if deed == "show":
        say(_("It is shown to others now. It counts from when you handed it in."))
        return redirect(f"/c/{course}/posts/{post}", 303)  # type: ignore[return-value]
    told = _(
        "Withdrawn. It is a draft again, which only you can read, and counts for nothing until you post it."
    )
    if withdrawn.is_joined:
        told += " " + _("You had begun another text here: it stands above this one.")
    say(told)
    return redirect(place_url(withdrawn.place), 303)  # type: ignore[return-value]
