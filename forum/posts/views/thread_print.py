"""A whole thread as one document to print: every post that its reader may see, in reading order, without anything to press."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from ...core.access import needs
from ...core.db import reading
from ...core.errors import NotHere
from ...core.markup.on_disk import on_disk
from ...core.times import Moment, moment
from ...courses.policy import Action, Member
from .. import queries
from ..attachments import attached_in
from ..file_lines import FileLine, lines_of
from ..names import shown_name
from ..post_shapes import is_edited, role_word
from ..queries import ThreadView
from ..queries.printed import posts_to_print
from ..quoted import with_passages
from ..rules import SHOWN_DEPTH, start_in
from .blueprint import Answer, pages
from .group_lists import group_of
from .heads import crumbs, title_of


@dataclass(frozen=True)
class PrintedPost:
    """One post as it is printed; `html` is None for one that was removed, of which `removed` tells by whom."""

    id: str
    depth: int
    what: str
    answers: str | None
    author: str
    role: str | None
    at: Moment
    notes: list[str]
    html: Markup | None
    files: list[FileLine]
    removed: str


@pages.get("/c/<course>/threads/<thread>/print")
@needs(Action.READ)
def print_thread(course: str, thread: str) -> Answer:
    """The thread as a document; of one that is longer than a document may be, a part."""
    view = queries.thread_view(reading, g.member, thread, g.at)
    board = view.board
    if board.why_not_read() is not None:
        raise NotHere
    start = start_in(request.args.get("from"))
    rows, after = posts_to_print(reading, view, start=start)
    counts = queries.count_seen(reading, view, start)
    crumbs(board)
    number, posts = counts.answers_before, []
    for row in rows:
        number += not row.opens_thread
        posts.append(_printed(view, row, number, counts.answers))
    url = f"/c/{g.member.course_slug}/threads/{view.thread.public_id}"
    prompt = board.board.prompt_html if view.thread.is_prompt and start is None else ""
    return render_template(
        "posts/thread_print.html",
        title=title_of(view),
        url=url,
        public_url=f"{current_app.config['PUBLIC_URL'].rstrip('/')}{url}",
        board_title=board.board.title if not view.thread.is_prompt else "",
        group_text=group_of(view),
        total_text=ngettext("%(num)d post", "%(num)d posts", counts.posts),
        made=moment(g.at, g.member.zone, g.member.course_zone),
        prompt=_with_addresses(prompt) if prompt else None,
        posts=posts,
        is_part=start is not None,
        next_url=f"{url}/print?from={after.hex()}" if after else None,
        shows_own_only=not board.others_shown,
    )


def _with_addresses(html: str) -> Markup:
    """On paper an address is read, not followed: those of this site are written out."""
    return on_disk(html, current_app.config["PUBLIC_URL"].rstrip("/"), lambda address: address)


def _printed(view: ThreadView, row: Any, number: int, total: int) -> PrintedPost:
    member = view.board.member
    url = f"/c/{member.course_slug}/posts/{row.public_id}/files/"
    is_removed = row.removed_at is not None
    answers = row.parent_author if row.parent_removed_at is None else None
    by_author = row.removed_by_id == row.author_id
    return PrintedPost(
        id=row.public_id,
        depth=min(row.depth, SHOWN_DEPTH),
        what=_("Opening post")
        if row.opens_thread
        else _("Reply %(number)s of %(total)s", number=number, total=total),
        answers=answers and shown_name(member, answers, anonymous=row.parent_anonymity != "none"),
        author=shown_name(member, row.author, anonymous=row.anonymity != "none"),
        role=role_word(row.author_role),
        at=moment(row.appears_at, member.zone, member.course_zone),
        notes=[] if is_removed else _notes(row, member),
        html=None
        if is_removed
        else _with_addresses(with_passages(view.quotes, member.course_slug, row.id, row.html)),
        files=[] if is_removed else lines_of(attached_in(row.files), url),
        removed=_("This post was removed by its author.")
        if by_author
        else _("This post was removed by staff."),
    )


def _notes(row: Any, member: Member) -> list[str]:
    """What staff said of a post, and that it was changed since it was shown."""

    def told(at: Any) -> str:
        return moment(at, member.zone, member.course_zone).text

    notes = []
    if row.endorsed_at is not None:
        notes.append(_("Endorsed by %(name)s, %(time)s", name=row.endorser, time=told(row.endorsed_at)))
    if row.pinned_at is not None:
        notes.append(_("Pinned by %(name)s, %(time)s", name=row.pinner, time=told(row.pinned_at)))
    if row.held_at is not None:
        notes.append(_("Held for review: only staff and its author see this."))
    if is_edited(row):
        notes.append(_("Edited %(time)s", time=told(row.edited_at)))
    return notes
