"""Quoting in a composer: the mark that is put into it, and what the marks in it come to for its writer."""

from flask import g, request
from flask_babel import gettext as _
from markupsafe import Markup

from ...core import markup
from ...core.db import db
from ...core.errors import NotHere
from ...core.markup.quotes import QuoteMark, quote_marks_in
from .. import queries
from ..citing import mark_for, quotes_written
from ..drafts import Written
from ..queries import BoardView, PostView
from ..quoted import with_passages, with_passages_written
from ..rules import Place

_MOST_SENT = 2_000  # signs of a passage that an address carries


def board_of_place(place: Place) -> BoardView:
    """The board of a place that the writer knows of; NotHere if there is none."""
    if place.kind in ("board", "staff"):
        return queries.board_view(db.session(), g.member, place.public_id, g.at)
    if place.kind == "thread":
        return queries.thread_view(db.session(), g.member, place.public_id, g.at).board
    return queries.post_view(db.session(), g.member, place.public_id, g.at).thread.board


def previewed(written: Written, place: Place | None) -> Markup:
    """The HTML of words that are not posted yet, with the passages that they would quote there."""
    if place is None or not quote_marks_in(written.html):
        return markup.markup_of(written.html)
    try:
        view = board_of_place(place)
    except NotHere:
        return markup.markup_of(written.html)
    return with_passages_written(
        quotes_written(db.session(), view, written.html), g.member.course_slug, written.html
    )


def html_of(view: PostView) -> Markup:
    """The HTML of a post with the passages that it quotes, as this reader may see them."""
    return with_passages(view.thread.quotes, g.member.course_slug, view.post.id, view.post.html)


def with_quote_asked(view: PostView, text: str) -> tuple[str, list[str]]:
    """The words of a composer with the mark for the passage that the address asks for, and what its writer must know.

    `?quote=1` is for the beginning of the post; `passage`, and `until` for where it ends, are words of it.
    """
    if "quote" not in request.args or view.post.removed_at is not None:
        return text, []
    first, last = (request.args.get(name, "")[:_MOST_SENT] for name in ("passage", "until"))
    mark, is_there = mark_for(view.post, first, last)
    if mark is None:
        return text, [_("This post has no words that could be quoted.")]
    notes = [quote_note()]
    if not is_there:
        notes.append(_("The words that you marked were not found in the post, so its beginning is quoted."))
    return with_mark(text, mark), notes


def with_mark(text: str, mark: QuoteMark) -> str:
    """Words with a mark after them, once."""
    if str(mark) in text:
        return text
    return f"{text.rstrip()}\n\n{mark}\n\n".lstrip("\n")


def quote_note() -> str:
    return _(
        "The line that begins with “[quote” stands for the words that you quote: Preview shows them. They do not count as yours."
    )
