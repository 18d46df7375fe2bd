"""The list of a board's threads narrowed: by words in the address, kept from page to page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import g
from flask_babel import gettext as _

from ...core.errors import NotHere
from ...courses.policy import Action
from ..queries import BoardView
from ..queries.tags import TagName, is_any
from ..queries.thread_filters import FILTERS, OF_QUESTIONS, OF_STAFF
from .group_lists import GroupList

Link = tuple[str, str, bool]  # label, address, whether it is the one that is shown


@dataclass(frozen=True)
class Filters:
    """The ways to narrow a list, and what is told where nothing is left; empty while it shows all."""

    links: list[Link]
    tags: list[Link]
    told: str


def filter_named(text: str | None) -> str:
    """The filter that an address names, empty for none; NotHere for one that we never gave."""
    moderates = g.member.may(Action.MODERATE)
    if text and (text not in FILTERS or (text in OF_STAFF and not moderates)):
        raise NotHere
    return text or ""


def tag_named(text: str | None, tags: Sequence[TagName]) -> str:
    """The tag that an address names, by public id, empty for none; NotHere for one that the course has not."""
    if text and not is_any(tags, text):
        raise NotHere
    return text or ""


def address_of(view: BoardView, show: str, after: str = "", *, tag: str = "") -> str:
    """A page of the list under its filters: the first one, or that after a key."""
    url = f"/c/{view.member.course_slug}/boards/{view.board.public_id}"
    asked = {name: value for name, value in (("show", show), ("tag", tag), ("after", after)) if value}
    return f"{url}?{urlencode(asked)}" if asked else url


def filters_of(view: BoardView, show: str, groups: GroupList, tag: str, tags: Sequence[TagName]) -> Filters:
    """What the list of this board can be narrowed to, each with the other kept; the chosen groups stay."""
    questions = view.board.form == "question"
    words = {
        "": _("All"),
        "unread": _("With new posts"),
        "starred": _("Starred"),
        "unanswered": _("Unanswered"),
        "without-replies": _("No replies yet"),
        "flagged": _("With flagged posts"),
    }
    told = {
        "unread": _("Nothing new: you have read every thread of this board to its end."),
        "starred": _(
            "You have starred no thread of this board. Stars are yours alone; nobody else sees them."
        ),
        "unanswered": _("No question here is without an endorsed answer."),
        "without-replies": _("Every thread here has a reply."),
        "flagged": _("No post of these threads is flagged."),
    }
    left_out = (set() if questions else OF_QUESTIONS) | (set() if view.member.account_id else {"starred"})
    if not view.member.may(Action.MODERATE):
        left_out |= OF_STAFF
    named = [each for each in words if each not in left_out]
    by_tag = [(name, groups.kept_in(address_of(view, show, tag=each)), each == tag) for each, name in tags]
    if tag:
        by_tag.insert(0, (_("any"), groups.kept_in(address_of(view, show)), False))
    return Filters(
        [(words[each], groups.kept_in(address_of(view, each, tag=tag)), each == show) for each in named],
        by_tag,
        _("No thread here is like that.") if tag else told.get(show, ""),
    )
