"""Moving a thread to another board: choosing the board, reading what it means, doing it."""

from flask import g, redirect, render_template, request
from flask_babel import gettext as _

from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import Refused
from ...core.refusals import sentences_for, tells
from ...courses.policy import Action
from .. import queries
from ..moving import boards_to_move_to, move_thread, why_not_leave, why_not_move
from ..queries import BoardView, ThreadView
from .blueprint import Answer, pages
from .heads import crumbs


@tells("move_prompt", "move_counts", "move_same", "move_form", "move_shown", "move_groups")
def _tell(refused: Refused) -> list[str]:
    return [
        {
            "move_prompt": _("This discussion belongs to its board and cannot be moved."),
            "move_counts": _("This board asks students for posts, and what they posted here counts here. So its threads stay."),
            "move_same": _("The thread is on this board already."),
            "move_form": _("This board takes no threads."),
            "move_shown": _("This board shows others’ posts at another time than the one that the thread is on. Some would read what is not shown to them yet."),
            "move_groups": _("This thread is of one group, and the board is not for the same groups. Others would come to read it, or its group would not."),
        }[refused.code]
    ]  # fmt: skip


@pages.get("/c/<course>/threads/<thread>/move")
@needs(Action.MODERATE)
def move(course: str, thread: str) -> Answer:
    """Without `to` the boards to choose from; with it what the move means."""
    view = queries.thread_view(db.session(), g.member, thread, g.at)
    asked = request.args.get("to")
    to = queries.board_view(db.session(), g.member, asked, g.at) if asked else None
    refusal = why_not_move(view, to) if to is not None else why_not_leave(view)
    problem = Refused(refusal.code, refusal.values) if refusal is not None else None
    return _page(view, to if refusal is None else None, problem)


@pages.post("/c/<course>/threads/<thread>/move")
@needs(Action.MODERATE)
def carry_out_move(course: str, thread: str) -> Answer:
    try:
        with transaction() as session:
            to = move_thread(session, g.member, thread, request.form.get("to", ""), at=g.at)
            title = to.board.title
    except Refused as refused:
        return _page(queries.thread_view(db.session(), g.member, thread, g.at), None, refused)
    say(_("The thread is on “%(board)s” now.", board=title))
    return redirect(f"/c/{course}/threads/{thread}", 303)  # type: ignore[return-value]


def _page(view: ThreadView, to: BoardView | None, problem: Refused | None) -> Answer:
    crumbs(view.board)
    return render_template(
        "posts/move.html",
        title=view.thread.title,
        board=view.board.board.title,
        url=f"/c/{g.member.course_slug}/threads/{view.thread.public_id}",
        to=to.board if to is not None else None,
        asks=bool(to is not None and to.checkpoints),
        hidden=to is not None and to.state in ("hidden", "not_yet_open"),
        boards=boards_to_move_to(db.session(), view) if to is None else [],
        problem=" ".join(sentences_for(problem)) if problem is not None else None,
    ), 200 if problem is None else 409  # fmt: skip
