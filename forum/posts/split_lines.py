"""What the page of a thread says of branches that are threads of their own now."""

from collections.abc import Sequence

from flask import render_template
from flask_babel import gettext as _

from .fragments import Fragment, Put
from .queries import ThreadView
from .queries.splits import SplitOff


def put_splits(view: ThreadView, fragment: Fragment, put: Put) -> Put:
    """What a reader gets between the pieces, with a line below each post of the page from which a branch was split off."""
    if not view.splits.gone:
        return put
    below: dict[int, list[SplitOff]] = {}
    for each in view.splits.gone:
        below.setdefault(each.below_id, []).append(each)
    ends = [*(piece.begins for piece in fragment.pieces[1:]), len(fragment.html)]
    lines = [
        (end, _lines(view, below[piece.id]))
        for piece, end in zip(fragment.pieces, ends, strict=True)
        if piece.id in below
    ]
    # In one place they come first: what stands there else is before the next piece.
    return tuple(sorted([*lines, *put], key=lambda part: part[0]))


def _lines(view: ThreadView, gone: Sequence[SplitOff]) -> bytes:
    base = f"/c/{view.board.member.course_slug}/threads"
    removed = _("Removed by its author or staff")
    return render_template(
        "posts/_split_lines.html",
        lines=[(f"{base}/{each.thread}", removed if each.title is None else each.title) for each in gone],
    ).encode()


def split_from(view: ThreadView) -> tuple[str, str] | None:
    """The address of the post that a thread's opening answers in another thread, and the title of that one."""
    came = view.splits.came_from
    if came is None:
        return None
    removed = _("Removed by its author or staff")
    return f"/c/{view.board.member.course_slug}/posts/{came[0]}", removed if came[1] is None else came[1]
