"""First posts on boards with a template: what is offered to start from, and what counts of what is sent."""

from dataclasses import replace
from typing import Any

from ..boards.models import Board
from ..boards.post_templates import beyond
from ..core import markup
from ..core.errors import Refused
from .drafts import Written
from .rules import Place


def counted_beyond(board: Board, written: Written, *, is_first: bool) -> Written:
    """The same text with the words that its author wrote: those of the board's template count for nothing."""
    if not is_first or not board.template_source:
        return written
    return replace(written, words=words_beyond(board, written.source))


def words_beyond(board: Board, source: str) -> int:
    return markup.count_words(beyond(source, board.template_source))


def first_words(board: Board, written: Written, *, is_first: bool) -> Written:
    """`counted_beyond` of what is to be posted; a text that is nothing but the template is Refused (only_template)."""
    if is_first and board.template_source and not beyond(written.source, board.template_source).strip():
        raise Refused("only_template")
    return counted_beyond(board, written, is_first=is_first)


def is_first_place(place: Place, board: Board) -> bool:
    """The same of what is not posted yet, by the place that it is written for."""
    return place.kind in ("board", "staff") or (place.kind == "thread" and board.form == "single")


def is_first_kind(board: Board, post: Any) -> bool:
    """Whether a post is of the kind that a template is for: it opens a thread or answers a prompt."""
    return post.parent_id is None and (bool(post.opens_thread) or board.form == "single")
