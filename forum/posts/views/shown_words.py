"""When others' posts are shown, as a page says it to its reader (docs/time.md, rules 20 and 23)."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from ...boards import sentences
from ...boards.rules.together import NEVER
from ...core.db import db
from ...core.times import Moment, due_moment
from ..queries import BoardView, own_first_words


@dataclass(frozen=True)
class WhenShown:
    """A sentence with the moment that it ends in, or without one; the same of a reader who has more time."""

    text: str
    after: Moment | None = None
    own_text: str = ""
    own_after: Moment | None = None


def when_shown(view: BoardView) -> WhenShown | None:
    """What a page says of when others' posts are shown; None where there is nothing to say, or no more."""
    board = view.board
    if board.form == "announcement" or board.shown == "at_once":
        return None
    if board.shown == "together":
        return _together(view)
    return None if view.others_shown else WhenShown(_locked_words(view))


def _together(view: BoardView) -> WhenShown | None:
    at, held_until = view.dates.together_at, view.dates.held_until
    if at is None or (view.others_shown and view.at >= at):
        return None
    member = view.member
    after = due_moment(at, member.zone, member.course_zone)
    own_after = None
    if held_until is not None and held_until != NEVER:
        own_after = due_moment(held_until, member.zone, member.course_zone)
    if view.at >= at:
        text = _("The class sees all posts already. You have more time, so you see others' posts once your own first post is there and long enough")  # fmt: skip
        return WhenShown(text + (_(", or after:") if own_after is not None else "."), own_after)
    if view.actor == "staff":
        return WhenShown(_("Students know nothing of each other's posts yet. All are shown together, after:"), after)  # fmt: skip
    text = _("Nobody sees other students' posts here yet. All are shown together, after:")
    if view.actor != "student" or held_until is None:
        return WhenShown(text, after)
    own = _("You have more time than the class: you see others' posts then if your own first post is there and long enough, else once it is")  # fmt: skip
    return WhenShown(text, after, own + (_(", or after:") if own_after is not None else "."), own_after)


def _locked_words(view: BoardView) -> str:
    """Why others' posts are not shown yet, and how many words are missing of a first post that is there."""
    text = sentences.shown_words(view.board.shown)
    if view.actor != "student" or not view.member.account_id:
        return text
    written = own_first_words(db.session(), view)
    if written is None or written >= view.first_minimum:
        return text
    return text + " " + ngettext(
        "Yours has %(words)d of at least %(least)d words: %(num)d word is missing. You can edit it.",
        "Yours has %(words)d of at least %(least)d words: %(num)d words are missing. You can edit it.",
        view.first_minimum - written, words=written, least=view.first_minimum,
    )  # fmt: skip
