"""Requests for more time in words: what was wished, what became of them, why something is refused."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext

from ..boards.models import Checkpoint
from ..boards.rules.values import Refusal
from ..boards.sentences import checkpoint_words, refusal_sentence
from ..boards.trouble_sentences import spelled
from ..core.errors import Refused
from ..core.refusals import tells
from ..core.times import due_moment, moment
from ..courses.policy import Member
from .queries import OwnRequest
from .taking_in import RefusedText, TakenIn


def what_words(checkpoint: Checkpoint | None) -> str:
    """What a request is for."""
    return checkpoint_words(checkpoint) if checkpoint is not None else _("the whole board")


def wish_words(wished_at: datetime, own_zone: ZoneInfo, member: Member) -> tuple[str, str | None]:
    """A wished date by the course's clocks and the reader's, and by the student's where those show another time."""
    text = spelled(wished_at, member)
    there = due_moment(wished_at, own_zone)
    return text, None if there.text in text else f"{there.text}, {there.zone}"


def state_words(row: OwnRequest, what: str, member: Member) -> str:
    """What became of a student's own request, in a sentence or two; the answer stands beside it."""
    wished = spelled_own(row.wished_at, member)
    if row.state == "open":
        return _(
            "You asked for more time for %(what)s, until %(wished)s. It is not answered yet.",
            what=what,
            wished=wished,
        )
    told = {
        "what": what,
        "at": moment(row.answered_at, member.zone).text if row.answered_at else "",
        "name": row.answered_by or "",
    }
    if row.state == "declined":
        return _("You asked for more time for %(what)s. %(name)s declined it %(at)s.", **told)
    if row.no_due:
        text = _(
            "You asked for more time for %(what)s. %(name)s granted it %(at)s, without a due date.", **told
        )
    else:
        until = spelled_own(row.until, member) if row.until else ""
        text = _(
            "You asked for more time for %(what)s. %(name)s granted it %(at)s, until %(until)s.",
            until=until,
            **told,
        )
    if row.taken_in:
        text += " " + ngettext(
            "What you had sent is posted, with the arrival that it had.",
            "The %(num)d texts that you had sent are posted, each with the arrival that it had.",
            row.taken_in,
        )
    elif row.hands_in:
        text += " " + _(
            "What you had sent was not posted with it. As long as it is your draft, you can post it yourself."
        )
    return text


def spelled_own(due: datetime, member: Member) -> str:
    """A due instant to the student whom it concerns: in their own zone, the course's beside it."""
    here = due_moment(due, member.zone, member.course_zone)
    text = f"{here.text}, {here.zone}"
    return f"{text} ({here.other})" if here.other else text


def text_words(text: RefusedText, reader: ZoneInfo, course: ZoneInfo | None = None) -> str:
    """One refused text without its words: what it is, how long, when it arrived."""
    kind = {
        "thread": _("An answer in the discussion"),
        "post": _("A reply to a post"),
        "board": _("A new thread"),
    }[text.place.kind]
    length = ngettext("%(num)d word", "%(num)d words", text.words)
    if text.arrived_at is None:
        return _("%(kind)s, %(length)s: it was changed since it was refused, so it can't be taken in with its arrival.",
                 kind=kind, length=length)  # fmt: skip
    arrived = moment(text.arrived_at, reader, course)
    when = f"{arrived.text}, {arrived.zone}" + (f" ({arrived.other})" if arrived.other else "")
    return _("%(kind)s, %(length)s, arrived %(time)s", kind=kind, length=length, time=when)


def taken_words(texts: list[TakenIn], reader: ZoneInfo) -> str:
    """What became of refused words when they were to be taken in."""
    found = []
    posted = sum(text.post is not None for text in texts)
    if posted:
        found.append(
            ngettext(
                "What had been refused is a post now, with its own arrival.",
                "%(num)d refused texts are posts now, each with its own arrival.",
                posted,
            )
        )
    found += [
        _("Not posted: %(why)s It stays the student's draft.", why=_why_not(text, reader))
        for text in texts
        if text.post is None
    ]
    return " ".join(found)


def _why_not(text: TakenIn, reader: ZoneInfo) -> str:
    match text.code:
        case "changed_since":
            return _("The text was changed since it was refused.")
        case "empty":
            return _("There is nothing written in it.")
        case "place_gone":
            return _("The thread that it was for is gone.")
        case "cutoff_passed":
            return _("It arrived after what you granted.")
        case "parent_removed":
            return _("The post that it answers was removed.")
        case _:
            return refusal_sentence(Refusal(text.code), reader)


def refusal_words(refused: Refused, member: Member) -> str:
    """Why a request, or an answer to it, is not taken."""
    match refused.code:
        case "term_over":
            return _("The term of this course is over, so no more time can be asked for here.")
        case "nothing_due":
            return _("Nothing has a due date here, and the board stays open.")
        case "wish_passed":
            return _("This has passed already. Please wish for a later date.")
        case "wish_not_later":
            return _("This is not later than what you have: %(time)s.", time=spelled(refused.values["due_at"], member)
                     if member.is_staff else spelled_own(refused.values["due_at"], member))  # fmt: skip
        case "request_answered":
            return _("This request was answered meanwhile. Nothing was changed.")
        case "request_withdrawn":
            return _("The student took this request back meanwhile. Nothing was changed.")
        case "request_changed":
            return _(
                "The student changed this request meanwhile. It is shown as it stands now; please look again. Your answer is kept below."
            )
        case code:
            return refusal_sentence(Refusal(code, refused.values), member.zone)


@tells(
    "term_over",
    "nothing_due",
    "wish_passed",
    "wish_not_later",
    "request_answered",
    "request_withdrawn",
    "request_changed",
)
def _tell(refused: Refused) -> list[str]:
    return [refusal_words(refused, g.member)]
