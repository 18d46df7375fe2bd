"""Autosave and preview: what the page's scripts ask for while someone writes."""

from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _

from ...core import markup
from ...core.access import needs
from ...core.db import db, transaction
from ...core.errors import NotHere
from ...core.times import moment
from ...courses.policy import Action
from .. import commands
from ..attachments import marks_in
from ..rules import DRAFT_LIMIT, MOST_TAGS, POST_LIMIT, Place, is_key, number_in
from ..starting_texts import counted_beyond, is_first_place
from .blueprint import Answer, pages
from .composer import clock_text
from .counting import back_again
from .outcomes import too_long_to_keep
from .quoting import board_of_place, previewed
from .writing_help import told_of


@pages.post("/c/<course>/drafts/<place>")
@needs(Action.POST)
def draft(course: str, place: str) -> Any:
    """Autosave; answers what was saved, in words for the page. Older than what is kept: 409, nothing changed.

    `back` asks what the words would count as if they were posted now, and whether they were posted before.
    """
    where = Place.parse(place)
    text, title, key = (
        request.form.get("text", ""),
        request.form.get("title", ""),
        request.form.get("key", ""),
    )
    if where is None:
        raise NotHere
    view = board_of_place(where)
    if len(text) > DRAFT_LIMIT:
        return {"refused": "too_long", "text": too_long_to_keep()}, 422
    sequence = number_in(request.form.get("seq"))
    chosen = request.form.get("tags")  # None: the page asks for none
    tags = tuple(chosen.split()[:MOST_TAGS]) if chosen is not None else None
    sent = [digest for _id, digest in marks_in(request.form.get("files"))]
    written = commands.write(
        text, key if is_key(key) else commands.new_key(), title=title, sent=sent, tags=tags
    )
    with transaction() as session:
        saved = commands.save_draft(
            session, g.member.account_id, g.member.course_id, where, written, at=g.at, sequence=sequence
        )
        kept = (saved.sequence, saved.digest) if saved is not None else (sequence or 0, written.text_digest)
        newer = {"text": saved.source, "title": saved.title} if saved is not None else None
    if sequence is not None and kept[1] != written.text_digest:
        return {"refused": "older", "seq": kept[0], "newer": newer}, 409
    counted = counted_beyond(view.board, written, is_first=is_first_place(where, view.board))
    back = None
    if saved is None or request.form.get("back"):
        back = back_again(db.session(), view, where, counted, is_draft=saved is not None)
    told = _("Draft saved %(time)s", time=moment(g.at, g.member.zone).text) if saved is not None else ""
    return {
        "seq": kept[0], "words": counted.words, "now": g.at.isoformat(), "clock_text": clock_text(view) or "",
        "saved_at_text": told, **told_of(written), "back": back,
    }  # fmt: skip


@pages.post("/c/<course>/preview")
@needs(Action.POST)
def preview(course: str) -> Answer:
    """What the text will look like: the same renderer, the same limits. A fragment for the page's script."""
    key = request.form.get("key", "")
    written = commands.write(request.form.get("text", ""), key if is_key(key) else commands.new_key())
    problem = markup.why_not_render(written.source, POST_LIMIT)
    return render_template(
        "posts/_preview.html",
        html=previewed(written, Place.parse(request.form.get("place", ""))),
        words=written.words,
        problem=problem,
    )
