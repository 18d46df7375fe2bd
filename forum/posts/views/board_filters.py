"""The list of a board's threads narrowed: by a word in the address, kept from page to page."""

from dataclasses import dataclass

from flask_babel import gettext as _

from ...core.errors import NotHere
from ..queries import BoardView
from ..queries.thread_filters import FILTERS, OF_QUESTIONS


@dataclass(frozen=True)
class Filters:
    """The ways to narrow a list, and what is told where nothing is left; empty while it shows all."""

    links: list[tuple[str, str, bool]]
    told: str


def filter_named(text: str | None) -> str:
    """The filter that an address names, empty for none; NotHere for one that we never gave."""
    if text and text not in FILTERS:
        raise NotHere
    return text or ""


def address_of(view: BoardView, show: str) -> str:
    """The first page of the list under a filter."""
    url = f"/c/{view.member.course_slug}/boards/{view.board.public_id}"
    return f"{url}?show={show}" if show else url


def filters_of(view: BoardView, show: str) -> Filters:
    """What the list of this board can be narrowed to."""
    questions = view.board.form == "question"
    words = {
        "": _("All"),
        "unanswered": _("Unanswered"),
        "without-replies": _("No replies yet"),
    }
    told = {
        "unanswered": _("No question here is without an endorsed answer."),
        "without-replies": _("Every thread here has a reply."),
    }
    named = [each for each in words if questions or each not in OF_QUESTIONS]
    return Filters(
        [(words[each], address_of(view, each), each == show) for each in named], told.get(show, "")
    )
