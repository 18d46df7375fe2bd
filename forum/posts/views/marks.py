"""What staff mark in a thread: answers endorsed, posts pinned; one press, no page of its own."""

from flask import g, redirect, request
from flask_babel import gettext as _

from ...core.access import needs
from ...core.asking import say
from ...core.db import transaction
from ...core.errors import NotHere, Refused
from ...core.refusals import tells
from ...courses.policy import Action
from .. import marking
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
