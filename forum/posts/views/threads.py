"""A thread with its posts, answering it, reading to a post."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Response, current_app, g, redirect, render_template, request
from flask import session as cookie
from flask_babel import gettext as _
from markupsafe import Markup

from ...boards import sentences
from ...core.access import needs
from ...core.asking import reader_language, say
from ...core.db import db, transaction
from ...core.errors import NotHere, Refused
from ...courses.policy import Action
from .. import commands, queries
from ..commands import KeyUsed
from ..forms import ReplyForm
from ..fragments import fragment_for, fragment_key, joined, reader_for
from ..queries import ThreadView
from ..rules import Place, number_in
from .blueprint import Answer, pages
from .composer import arrival_of, clock_text, composer_for, keep_refused, words_sent
from .heads import aside_of, crumbs, head_of
from .outcomes import other_words, refused_sentence, verdict_words, without_posting


@pages.get("/c/<course>/threads/<thread>")
@needs(Action.READ)
def thread(course: str, thread: str) -> Answer:
    return thread_page(queries.thread_view(db.session(), g.member, thread, g.at))


_MARK = "<!--posts-->"


def thread_page(
    view: ThreadView, *, form: ReplyForm | None = None, status: int = 200, preview: Markup | None = None,
    problem: str | None = None, newer: str | None = None,
) -> Answer:  # fmt: skip
    """The page of a thread: head by template, posts from the cache of pieces, the composer."""
    member, board = view.board.member, view.board
    if board.why_not_read() is not None:
        g.crumbs = [(member.course_code, f"/c/{member.course_slug}")]
        return render_template("posts/not_open.html", head=head_of(board))
    start = _start(request.args.get("from"))
    refusal = board.why_not_post(view.thread)
    can_reply = refusal is None
    reader = {
        "start": start,
        "can_reply": can_reply,
        "zone_name": member.zone.key,
        "language": reader_language(),
    }
    etag = None
    # Who sees only their own posts gets no mark of the page: it would change with what others write.
    if form is None and not cookie.get("_flashes") and board.others_shown:
        etag = _etag(view, fragment_key(view, **reader))  # type: ignore[arg-type]
        if request.if_none_match.contains_weak(etag):
            answer = Response(status=304)
            answer.set_etag(etag, weak=True)
            return answer
    fragment = fragment_for(db.session(), view, **reader)  # type: ignore[arg-type]
    posts, new = joined(fragment, reader_for(member, view, can_edit=can_reply or member.is_staff))
    if fragment.next_start or fragment.previous_start:
        new = queries.count_new(db.session(), view)
    place = Place("thread", view.thread.public_id)
    own_form = form or ReplyForm(formdata=None, data={"text": view.draft.source if view.draft else ""})
    composer = None
    if can_reply or (view.draft is not None and member.may(Action.POST)) or form is not None:
        composer = composer_for(
            board, place, heading=_("Your answer"), action=f"/c/{member.course_slug}/threads/{view.thread.public_id}/replies",
            minimum=board.first_minimum if view.thread.is_prompt else 0, draft=view.draft, form=form, preview=preview,
            is_first_post=view.thread.is_prompt, newer=newer,
        )  # fmt: skip
    crumbs(board)
    if view.thread.is_prompt:
        g.crumbs = g.crumbs[:1]
    url = f"/c/{member.course_slug}/threads/{view.thread.public_id}"
    page = render_template(
        "posts/thread.html",
        head=head_of(board, aside=view.thread.is_prompt),
        title=board.board.title if view.thread.is_prompt else _title_of(view),
        is_prompt=view.thread.is_prompt,
        closed=view.thread.closed_at is not None,
        total=fragment.total,
        new=new,
        first_visit=view.mark is None,
        posts=Markup(_MARK),  # noqa: S704 - a mark of our own, replaced below by stored pieces
        form=own_form,
        c=composer,
        why_not=problem
        or (sentences.refusal_sentence(refusal, member.zone) if refusal is not None else None),
        # Read to here means to the end: the last page in reading order offers it.
        read_url=f"{url}/read" if member.account_id and fragment.pieces and not fragment.next_start else None,
        read_position=fragment.last_position,
        read_at=g.at.isoformat(),
        next_url=f"{url}?from={fragment.next_start.hex()}" if fragment.next_start else None,
        previous_url=f"{url}?from={fragment.previous_start.hex()}" if fragment.previous_start else None,
        locked=not board.others_shown,
        moderation_url=f"{url}/state" if member.may(Action.MODERATE) else None,
        pinned=view.thread.pinned,
        removed=view.thread.removed_at is not None,
        staff_post=member.is_staff,
    )
    before, _mark, after = page.partition(_MARK)
    answer = Response(b"".join((before.encode(), posts, after.encode())), status)
    if etag is not None:
        answer.set_etag(etag, weak=True)
    return answer


def _title_of(view: ThreadView) -> str:
    if queries.is_opening_removed(db.session(), view.thread.id) and not view.board.member.may(
        Action.MODERATE
    ):
        return _("Removed by its author or staff")
    return view.thread.title


def _etag(view: ThreadView, key: Any) -> str:
    """Changes whenever anything on the page does; a post that the viewer may not see changes nothing."""
    mark, draft, board = view.mark, view.draft, view.board
    parts = (
        key, g.person.account_id, g.person.session_id, board.board.version, board.state,
        board.member.roster_version, board.member.account_version, board.member.course_state, board.member.role,
        board.member.seen_section_id, board.member.seen_group_id,
        view.thread.version, (mark.position, mark.at) if mark else None,
        (draft.sequence, draft.saved_at) if draft else None, clock_text(board), g.person.name, g.person.single_keys,
        [g.at >= date.limit for date in board.dates.dates if date.limit], assets_mark(),
        aside_of(board) if view.thread.is_prompt else None,
    )  # fmt: skip
    return sha256(repr(parts).encode()).hexdigest()[:32]


def assets_mark() -> str:
    return str(current_app.extensions["forum_assets"].style.etag)


def _start(text: str | None) -> bytes | None:
    try:
        return bytes.fromhex(text) if text else None
    except ValueError:
        raise NotHere from None


@pages.post("/c/<course>/threads/<thread>/replies")
@needs(Action.POST)
def post_reply(course: str, thread: str) -> Answer:
    form = ReplyForm()
    place = Place("thread", thread)
    try:
        view = queries.thread_view(db.session(), g.member, thread, g.at)
    except NotHere:
        if not queries.was_removed(db.session(), g.member, thread, g.at):
            raise
        keep_refused(place, words_sent(form))
        raise Refused("thread_removed") from None
    if request.form.get("deed") in ("preview", "draft"):
        return without_posting(form, place, lambda **more: thread_page(view, form=form, **more))
    if not form.validate():
        return thread_page(view, form=form, status=422)
    written = words_sent(form, draft=view.draft)
    at = arrival_of(form, written, view.draft)
    try:
        with transaction() as session:
            post = commands.post_reply(session, g.member, thread, written, at=at, appears_at=g.at)
            post_id, number, arrived_at = post.public_id, post.id, post.arrived_at
    except Refused as refused:
        keep_refused(place, written)
        view = queries.thread_view(db.session(), g.member, thread, g.at)
        return thread_page(view, form=form, status=409, problem=refused_sentence(refused))
    except KeyUsed:
        form.key.data = commands.new_key()
        view = queries.thread_view(db.session(), g.member, thread, g.at)
        return thread_page(view, form=form, status=409, problem=other_words())
    view = queries.thread_view(db.session(), g.member, thread, g.at)
    kind = "first_post" if view.thread.is_prompt else "replies"
    say(verdict_words(arrived_at, view.board, number, kind=kind, words=written.words))
    return redirect(f"/c/{course}/posts/{post_id}", 303)  # type: ignore[return-value]


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
