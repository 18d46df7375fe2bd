"""What is told after a deed, and the deeds that post nothing."""

from typing import Any

from flask import g, redirect, request
from flask_babel import gettext as _

from ...boards import sentences
from ...boards.rules import values
from ...core import markup
from ...core.asking import say
from ...core.db import transaction
from ...core.errors import Refused
from ...core.times import duration_words, moment
from .. import commands
from ..forms import ReplyForm
from ..queries import BoardView
from ..rules import Place
from .blueprint import Answer
from .composer import words_sent


def refused_sentence(refused: Refused) -> str:
    text = sentences.refusal_sentence(values.Refusal(refused.code, refused.values), g.member.zone)
    return text + " " + _("Your words were not posted. They are kept as a draft, here and under Mine.")


def other_words() -> str:
    return _(
        "A post was already made from this form with other words. These words were not posted; they are here, and can be posted as a post of their own."
    )


def verdict_words(at: Any, view: BoardView) -> str:
    """What the author is told after posting: that it is there, when it arrived, and whether that was on time."""
    when = moment(at, g.member.zone).text
    if view.actor != "student":
        return _("Posted %(time)s.", time=when)
    dated = [date for date in view.dates.dates if date.limit is not None and date.due is not None]
    if not dated:
        return _("Posted. It arrived %(time)s.", time=when)
    if at < dated[0].limit:
        if at < dated[0].due:
            return _(
                "Posted. It arrived %(time)s, %(left)s before it was due.",
                time=when,
                left=duration_words(dated[0].due - at),
            )
        return _("Posted. It arrived %(time)s, which counts as on time.", time=when)
    return _("Posted. It arrived %(time)s.", time=when)


def without_posting(form: ReplyForm, place: Place, page: Any, *, title: str = "") -> Answer:
    """The buttons Preview and Save the draft, for who has no scripts."""
    written = words_sent(form, title=title)
    if request.form.get("deed") == "draft":
        with transaction() as session:
            commands.save_draft(session, g.member.account_id, g.member.course_id, place, written, at=g.at,
                                arrival_token=form.arrival.data or None)  # fmt: skip
        say(_("Draft saved. Only you can read it."))
        return redirect(place_url(place), 303)  # type: ignore[return-value]
    return page(preview=markup.markup_of(written.html))  # type: ignore[no-any-return]


def place_url(place: Place) -> str:
    base = f"/c/{g.member.course_slug}"
    return {
        "thread": f"{base}/threads/{place.public_id}#reply",
        "post": f"{base}/posts/{place.public_id}/reply",
        "board": f"{base}/boards/{place.public_id}/new",
        "edit": f"{base}/posts/{place.public_id}/edit",
    }[place.kind]
