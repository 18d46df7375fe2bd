"""A thread with its posts, answering it, reading to a post."""

from datetime import datetime

from flask import g, redirect, request
from flask_babel import gettext as _

from ...core.access import needs
from ...core.asking import say
from ...core.db import db, reading, transaction
from ...core.errors import NotHere, Refused
from ...courses.policy import Action
from .. import commands, queries
from ..commands import KeyUsed
from ..forms import ReplyForm
from ..rules import Place, number_in
from ..starting_texts import counted_beyond
from .attaching import receive_files
from .blueprint import Answer, pages
from .composer import arrival_of, keep_refused, words_sent
from .later import is_well_chosen, shown_from
from .outcomes import (
    WITHOUT_POSTING,
    other_words,
    proof_link,
    refused_sentence,
    verdict_words,
    without_posting,
)
from .thread_pages import page_by_row, thread_page


@pages.get("/c/<course>/threads/<thread>")
@needs(Action.READ, asks=queries.asks_for_thread)
def thread(course: str, thread: str) -> Answer:
    row = g.asking.row
    known = page_by_row(row)
    if known is not None:
        return known
    return thread_page(queries.asked_thread(reading, g.member, g.asking, thread, g.at), row=row)


@pages.post("/c/<course>/threads/<thread>/replies")
@needs(Action.POST, asks=queries.asks_for_thread)
def post_reply(course: str, thread: str) -> Answer:
    form = ReplyForm()
    place = Place("thread", thread)
    try:
        view = queries.asked_thread(reading, g.member, g.asking, thread, g.at)
    except NotHere:
        if not queries.was_removed(db.session(), g.member, thread, g.at):
            raise
        removed = Refused("thread_removed")
        written = words_sent(form)
        keep_refused(place, written, removed, at=arrival_of(form, written, None))
        raise removed from None
    receive_files(form, place)
    if request.form.get("deed") in WITHOUT_POSTING:
        return without_posting(form, place, lambda **more: thread_page(view, form=form, **more))
    valid = form.validate()
    if not is_well_chosen(form, view.board, is_first=view.thread.is_prompt) or not valid:
        return thread_page(view, form=form, status=422)
    written = words_sent(form, draft=view.draft)
    at = arrival_of(form, written, view.draft)
    try:
        with transaction() as session:
            posted = commands.post_reply(session, g.member, thread, written, at=at, appears_at=g.at,
                                         shown_from=shown_from(form))  # fmt: skip
    except Refused as refused:
        keep_refused(place, written, refused, at=at)
        view = queries.thread_view(db.session(), g.member, thread, g.at)
        return thread_page(view, form=form, status=409, problem=refused_sentence(refused))
    except KeyUsed:
        form.key.data = commands.new_key()
        view = queries.thread_view(db.session(), g.member, thread, g.at)
        return thread_page(view, form=form, status=409, problem=other_words())
    kind = "first_post" if view.thread.is_prompt else "replies" if view.thread.asker_id is None else ""
    counted = counted_beyond(view.board.board, written, is_first=view.thread.is_prompt)
    told = verdict_words(posted, view.board, kind=kind, words=counted.words)
    say(told, link=proof_link(posted.public_id))
    return redirect(f"/c/{course}/posts/{posted.public_id}", 303)  # type: ignore[return-value]


@pages.post("/c/<course>/threads/<thread>/read")
@needs(Action.READ)
def read_to(course: str, thread: str) -> Answer:
    view = queries.thread_view(db.session(), g.member, thread, g.at)
    try:
        position = number_in(request.form.get("position")) or 0
        as_of = min(datetime.fromisoformat(request.form.get("at", "")), g.at)
    except (ValueError, TypeError):
        raise NotHere from None
    with transaction() as session:
        view = queries.thread_view(session, g.member, thread, g.at)
        commands.read_to(session, g.member, view, position=position, as_of=as_of)
    if request.accept_mimetypes.best == "application/json":
        return {"text": _("Read to here.")}  # type: ignore[return-value]
    return redirect(f"/c/{course}/boards/{view.board.board.public_id}", 303)  # type: ignore[return-value]


@pages.post("/c/<course>/threads/<thread>/state")
@needs(Action.MODERATE)
def thread_state(course: str, thread: str) -> Answer:
    deed = request.form.get("deed")
    with transaction() as session:
        if deed in ("close", "reopen"):
            commands.set_thread_closed(session, g.member, thread, deed == "close", at=g.at)
        elif deed in ("pin", "unpin"):
            commands.set_thread_pinned(session, g.member, thread, deed == "pin", at=g.at)
        elif deed in ("remove", "restore"):
            commands.set_thread_removed(session, g.member, thread, deed == "remove", at=g.at)
        else:
            raise NotHere
    return redirect(f"/c/{course}/threads/{thread}", 303)  # type: ignore[return-value]
