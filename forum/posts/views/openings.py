"""What the page of a question to staff says of itself, and opening it to the course: asking, answering, doing it."""

from dataclasses import dataclass

from flask import g, redirect, request
from flask_babel import gettext as _

from ...core.access import needs
from ...core.asking import say
from ...core.db import transaction
from ...core.errors import NotHere
from ...courses.policy import Action
from ..names import is_nameless
from ..opening import answer_opening, ask_to_open, open_thread
from ..queries import ThreadView
from .blueprint import Answer, pages


@dataclass(frozen=True)
class Question:
    """What stands above the posts: sentences, and for who may decide now the buttons (deed and words) and their address."""

    told: tuple[str, ...]
    url: str = ""
    buttons: tuple[tuple[str, str], ...] = ()


def question_of(view: ThreadView) -> Question | None:
    """Of a question to staff, and of one that was opened to its author and staff; None of any other thread."""
    thread, member = view.thread, view.board.member
    own, moderates = thread.author_id == member.account_id, member.may(Action.MODERATE)
    url = f"/c/{member.course_slug}/threads/{thread.public_id}"
    if thread.asker_id is not None:
        told = _("A question to staff only: the student who asked and the staff who see them read this thread, and nobody else knows of it.")  # fmt: skip
        if own and thread.opening:
            return Question((told, *_asked(thread.opening)), f"{url}/consent", _answers())
        if moderates:
            return Question((told, _state(thread.opening)), f"{url}/opening", _deeds(thread.opening))
        return Question((told,))
    if not thread.opening or not (own or moderates):
        return None
    if thread.author_id is not None and is_nameless(thread, thread.author_id):
        shown = _("Others read “a student” in place of your name.") if own else _("Students read “a student” in place of its author's name. Please do not write it here.")  # fmt: skip
        return Question((_("This was asked of staff only and then opened to the course."), shown))
    return Question((_("This was asked of staff only and then opened to the course."),))


def _asked(opening: str) -> tuple[str, ...]:
    answered = {
        "named": _("You answered: yes, with your name."),
        "nameless": _("You answered: yes, without your name."),
        "kept": _("You answered: no. It stays as it is."),
    }
    return (
        _("Staff ask whether this thread may be opened to the course. From then on everybody on this board reads all that is written in it, as it stands then; what it said before an edit stays between you and staff. Without your name “a student” stands in its place, and only staff know whose it is; look whether the text itself tells. It then counts for what is asked here, by when it arrived. Once it is opened you cannot take that back."),
        *([answered[opening] + " " + _("As long as it is not opened you can answer anew.")] if opening in answered else []),
    )  # fmt: skip


def _answers() -> tuple[tuple[str, str], ...]:
    return (
        ("named", _("Yes, with my name")), ("nameless", _("Yes, without my name")), ("kept", _("No")),
    )  # fmt: skip


def _state(opening: str) -> str:
    return {
        "": _("It can be opened to the course if its author agrees."),
        "asked": _("Its author was asked whether it may be opened to the course, and has not answered yet."),
        "named": _("Its author agrees that it is opened to the course, with their name."),
        "nameless": _("Its author agrees that it is opened to the course without their name. Please look whether the texts tell it, yours too: an answer with the name in it can be edited first."),
        "kept": _("Its author does not want it to be opened to the course."),
    }[opening]  # fmt: skip


def _deeds(opening: str) -> tuple[tuple[str, str], ...]:
    ask = ("ask", _("Ask its author"))
    return {
        "": (ask,),
        "asked": (),
        "named": (("open", _("Open it to the course, with the name")),),
        "nameless": (("open", _("Open it to the course, as “a student”")),),
        "kept": (("ask", _("Ask again")),),
    }[opening]  # fmt: skip


@pages.post("/c/<course>/threads/<thread>/opening")
@needs(Action.MODERATE)
def opening(course: str, thread: str) -> Answer:
    """Staff ask, or open it: with the name or without, as its author answered last."""
    deed = request.form.get("deed")
    if deed not in ("ask", "open"):
        raise NotHere
    with transaction() as session:
        if deed == "ask":
            ask_to_open(session, g.member, thread, at=g.at)
        else:
            open_thread(session, g.member, thread, at=g.at)
    say(_("Its author reads your question here.") if deed == "ask" else _("It is open to the course now."))
    return redirect(f"/c/{course}/threads/{thread}", 303)  # type: ignore[return-value]


@pages.post("/c/<course>/threads/<thread>/consent")
@needs(Action.ASK_STAFF)
def consent(course: str, thread: str) -> Answer:
    with transaction() as session:
        answer_opening(session, g.member, thread, request.form.get("deed") or "", at=g.at)
    say(_("Your answer is kept. Staff read it here."))
    return redirect(f"/c/{course}/threads/{thread}", 303)  # type: ignore[return-value]
