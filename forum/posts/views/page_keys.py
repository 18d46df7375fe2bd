"""What the page of a thread depends on: the keys of all that is kept of it, and whether it can be kept at all."""

from collections.abc import Hashable

from flask import current_app, g, request

from ...boards.rules import values
from ...core import markup
from ..queries import ThreadView
from .composer import clock_text
from .heads import aside_of, beside_dates_of, borders_passed


def can_be_kept(view: ThreadView) -> bool:
    """Whether a version tells of every change of the page.

    Not for who reads a post here that waits to be shown, or is set apart: it stands on the page of nobody else. Nor for a
    thread that only staff and one student read.

    Not for who sees only their own posts: the version would change with what others write. Nor for threads of groups
    under one prompt: a post in another of them changes what was done of the checkpoints, and no version here. Nor what
    is shown as of an instant before the last post, to a request that waited: the version tells of that post already.
    """
    return (
        not view.own_waiting
        and not view.beside
        and view.thread.asker_id is None
        and view.board.others_shown
        and not (view.thread.is_prompt and view.thread.group_id is not None)
        and view.board.at >= view.thread.last_post_at
    )


def page_key(view: ThreadView, start: bytes | None, refusal: values.Refusal | None) -> tuple[Hashable, ...]:
    """All that the page of this very reader depends on; a post that they may not see changes nothing of it."""
    board, draft = view.board, view.draft
    return (
        g.person, board.member, view.thread, view.mark, view.starred, view.last_scheduled, board.board.version, board.state,
        board.others_from, borders_passed(board), clock_text(board), refusal.code if refusal is not None else None,
        (draft.sequence, draft.saved_at, repr(draft.files)) if draft is not None else None, aside_text(view), start, request.path,
        markup.RENDERER_VERSION, assets_mark(), view.quotes.key, view.splits,
    )  # fmt: skip


def aside_text(view: ThreadView) -> str:
    if not (view.thread.is_prompt and view.may_have_aside):
        return ""
    return str(beside_dates_of(view.board) + aside_of(view.board))


def assets_mark() -> str:
    return str(current_app.extensions["forum_assets"].style.etag)
