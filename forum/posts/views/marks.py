"""Marks of posts, one press each and no page of its own: staff endorse and pin, every reader marks as new."""

from flask import g, redirect, request
from flask_babel import gettext as _

from ...core.access import needs
from ...core.asking import say
from ...core.db import transaction
from ...core.errors import NotHere, Refused
from ...core.refusals import tells
from ...courses.policy import Action
from .. import marking, queries
from ..marking_new import mark_new_from
from .blueprint import Answer, pages

_DEEDS = {
    "endorse": marking.endorse_answer,
    "take-back": marking.take_back_endorsement,
    "pin": marking.pin_post,
    "unpin": marking.unpin_post,
}


@pages.post("/c/<course>/posts/<post>/marks")
@needs(Action.MODERATE)
def marks(course: str, post: str) -> Answer:
    deed = request.form.get("deed", "")
    if deed not in _DEEDS:
        raise NotHere
    with transaction() as session:
        _DEEDS[deed](session, g.member, post, at=g.at)
    say(
        {
            "endorse": _("Endorsed. The answer is listed above the others, with your name."),
            "take-back": _("The endorsement was taken back."),
            "pin": _("Pinned. The post is listed at the top of the thread, with your name."),
            "unpin": _("The post is not pinned any more."),
        }[deed]
    )
    return redirect(f"/c/{course}/posts/{post}", 303)  # type: ignore[return-value]


@pages.post("/c/<course>/posts/<post>/new")
@needs(Action.READ)
def new_from(course: str, post: str) -> Answer:
    """This post and what came since is new again to who presses."""
    with transaction() as session:
        view = queries.post_view(session, g.member, post, g.at)
        mark_new_from(session, g.member, view)
    say(_("This post, and what was written since, is new again to you until you say that you have read it."))
    return redirect(f"/c/{course}/posts/{post}", 303)  # type: ignore[return-value]


@tells("unread_own")
def own_sentence(_refused: Refused) -> list[str]:
    return [_("This is your own post, which is never new to you. Choose the post after it.")]


@tells("opening_not_marked", "removed_not_marked", "unseen_not_marked", "no_question")
def sentences(refused: Refused) -> list[str]:
    return [
        {
            "opening_not_marked": _("This post opens the thread. Replies are endorsed or pinned inside it."),
            "removed_not_marked": _("This post was removed. Restore it first."),
            "unseen_not_marked": _("Not everyone who reads this thread can see this post, so it can't be marked for them."),
            "no_question": _("Answers are endorsed on boards of questions only. You can pin this post instead."),
        }[refused.code]
    ]  # fmt: skip
