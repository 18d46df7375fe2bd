"""A thread with its posts, answering it, reading to a post."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Response, current_app, g, redirect, render_template, request
from flask import session as cookie
from flask_babel import gettext as _
from markupsafe import Markup, escape

from ...boards import sentences
from ...boards.rules import values
from ...core.access import needs
from ...core.asking import reader_language, say
from ...core.caches import Cache
from ...core.cookies import form_token
from ...core.db import db, transaction
from ...core.errors import NotHere, Refused
from ...core.shells import Shell, gap, own, shell_rendering
from ...courses.policy import Action
from .. import commands, queries
from ..commands import KeyUsed
from ..forms import ReplyForm
from ..fragments import Fragment, fragment_for, fragment_key, joined, reader_for
from ..queries import BoardView, ThreadView
from ..rules import Place, number_in
from .blueprint import Answer, pages
from .composer import Composer, arrival_of, clock_text, composer_for, keep_refused, words_sent
from .heads import aside_of, crumbs, head_of
from .outcomes import other_words, refused_sentence, verdict_words, without_posting


@pages.get("/c/<course>/threads/<thread>")
@needs(Action.READ)
def thread(course: str, thread: str) -> Answer:
    return thread_page(queries.thread_view(db.session(), g.member, thread, g.at))


@dataclass(frozen=True)
class _Shown:
    """What a thread's page shows besides the head and the posts themselves."""

    view: ThreadView
    fragment: Fragment
    new: int
    refusal: values.Refusal | None
    problem: str | None = None


_shells: Cache[Shell] = Cache(8 * 1024 * 1024)
_heads: Cache[bytes] = Cache(8 * 1024 * 1024)


def thread_page(
    view: ThreadView, *, form: ReplyForm | None = None, status: int = 200, preview: Markup | None = None,
    problem: str | None = None, newer: str | None = None,
) -> Answer:  # fmt: skip
    """The page of a thread: its shell rendered for each kind of reader, head and posts from what is kept.

    Access was checked before anything kept is asked for; every key names all that the kept thing depends on.
    """
    member, board = view.board.member, view.board
    if board.why_not_read() is not None:
        g.crumbs = [(member.course_code, f"/c/{member.course_slug}")]
        return render_template("posts/not_open.html", head=head_of(board))
    start = _start(request.args.get("from"))
    refusal = board.why_not_post(view.thread)
    can_reply = refusal is None
    reader: Any = {
        "start": start, "can_reply": can_reply, "zone_name": member.zone.key, "language": reader_language(),
    }  # fmt: skip
    key = fragment_key(view, **reader)
    kind = _kind(view, key, refusal)
    plain = form is None and "_flashes" not in cookie
    etag = None
    # Who sees only their own posts gets no mark of the page: it would change with what others write.
    if plain and board.others_shown:
        etag = _etag(view, kind)
        if request.if_none_match.contains_weak(etag):
            return _with_etag(Response(status=304), etag)
    fragment = fragment_for(db.session(), view, **reader)
    posts, new = joined(fragment, reader_for(member, view, can_edit=can_reply or member.is_staff))
    if fragment.next_start or fragment.previous_start:
        new = queries.count_new(db.session(), view)
    head = _head_html(view, kind)
    shown = _Shown(view, fragment, new, refusal, problem)
    own = {"posts": posts, "head": head}
    if plain and board.others_shown and view.draft is None:
        answer = Response(_from_shell(shown, (*kind, new), own), status)
    else:
        page = _rendered(shown, form, _composer(shown, form, preview, newer))
        answer = Response(Shell.of(page).filled(own), status)
    return _with_etag(answer, etag) if etag is not None else answer


def _with_etag(answer: Response, etag: str) -> Response:
    answer.headers["ETag"] = f'W/"{etag}"'
    return answer


def _kind(view: ThreadView, key: Hashable, refusal: values.Refusal | None) -> tuple[Any, ...]:
    """The kind of a reader: all that the page depends on besides the posts, the head, and who exactly they are."""
    member, board, thread = view.board.member, view.board, view.thread
    return (
        key, board.board.version, board.state, board.others_shown, member.role, member.course_state, member.as_student,
        member.assistants_release, member.assistants_manage, member.course_code, member.course_title,
        g.person.is_administrator, g.person.single_keys, view.mark is None, not member.account_id, clock_text(board),
        thread.closed_at is None, thread.removed_at is None, thread.pinned, thread.title, repr(refusal) if refusal is not None else None,
        assets_mark(),
    )  # fmt: skip


def _etag(view: ThreadView, kind: tuple[Any, ...]) -> str:
    """Changes whenever anything on the page does; a post that the viewer may not see changes nothing."""
    mark, draft, member = view.mark, view.draft, view.board.member
    parts = (
        kind, g.person.account_id, g.person.session_id, g.person.name, member.account_id, member.account_version,
        member.seen_section_id, member.seen_group_id, aside_of(view.board) if view.thread.is_prompt else None,
        (mark.position, mark.at) if mark else None, (draft.sequence, draft.saved_at) if draft else None,
        limits_passed(view.board),
    )  # fmt: skip
    return sha256(repr(parts).encode()).hexdigest()[:32]


def limits_passed(board: BoardView) -> tuple[bool, ...]:
    return tuple([board.at >= date.limit for date in board.dates.dates if date.limit])


def _head_html(view: ThreadView, kind: tuple[Any, ...]) -> bytes:
    """What is asked and what the reader did of it: kept for each of them until a post, a date or a limit changes it."""
    if not view.thread.is_prompt:
        return b""
    member, board = view.board.member, view.board
    # Threads of groups share their board's checkpoints, and a post in another of them changes no version here.
    kept = board.others_shown and view.thread.group_id is None
    key = (
        kind, member.account_id, member.account_version, member.own_zone_name, member.seen_section_id,
        member.seen_group_id, board.others_from, limits_passed(board), aside_of(board),
    )  # fmt: skip
    if kept and (known := _heads.get(key)) is not None:
        return known
    html = render_template("posts/_head.html", head=head_of(board, aside=True)).encode()
    if kept:
        _heads.put(key, html, len(html) + 1_000)
    return html


def _from_shell(shown: _Shown, key: Hashable, own: dict[str, bytes]) -> bytes:
    shell = _shells.get(key)
    if shell is None:
        composer = _composer(shown)
        if composer is not None:
            composer = replace(composer, owner=gap("owner"), key=gap("key"), now_iso=gap("now"))
        with shell_rendering():
            shell = Shell.of(_rendered(shown, None, composer))
        _shells.put(key, shell, shell.weight)
    own |= {
        "csrf": form_token().encode(), "name": escape(g.person.name).encode(), "owner": (g.person.public_id if shown.view.board.member.account_id else "nobody").encode(),
        "key": commands.new_key().encode(), "now": escape(g.at.isoformat()).encode(),
    }  # fmt: skip
    return shell.filled(own)


def _composer(
    shown: _Shown, form: ReplyForm | None = None, preview: Markup | None = None, newer: str | None = None
) -> Composer | None:
    view = shown.view
    member, thread = view.board.member, view.thread
    if form is None and shown.refusal is not None and (view.draft is None or not member.may(Action.POST)):
        return None
    return composer_for(
        view.board, Place("thread", thread.public_id), heading=_("Your answer"),
        action=f"/c/{member.course_slug}/threads/{thread.public_id}/replies",
        minimum=view.board.first_minimum if thread.is_prompt else 0, draft=view.draft, form=form, preview=preview,
        is_first_post=thread.is_prompt, newer=newer,
    )  # fmt: skip


def _rendered(shown: _Shown, form: ReplyForm | None, composer: Composer | None) -> str:
    """The page by its template, with gaps for head, posts and the time."""
    view, fragment, refusal = shown.view, shown.fragment, shown.refusal
    member, board = view.board.member, view.board
    crumbs(board)
    if view.thread.is_prompt:
        g.crumbs = g.crumbs[:1]
    url = f"/c/{member.course_slug}/threads/{view.thread.public_id}"
    return render_template(
        "posts/thread.html",
        head_html=gap("head"),
        shown_text=sentences.shown_words(board.board.shown)
        if not board.others_shown and not view.thread.is_prompt
        else "",
        title=board.board.title if view.thread.is_prompt else _title_of(view),
        is_prompt=view.thread.is_prompt,
        closed=view.thread.closed_at is not None,
        total=fragment.total,
        new=shown.new,
        first_visit=view.mark is None,
        posts=gap("posts"),
        form=form or ReplyForm(formdata=None, data={"text": view.draft.source if view.draft else ""}),
        c=composer,
        why_not=shown.problem
        or (sentences.refusal_sentence(refusal, member.zone) if refusal is not None else None),
        # Read to here means to the end: the last page in reading order offers it.
        read_url=f"{url}/read" if member.account_id and fragment.pieces and not fragment.next_start else None,
        read_position=fragment.last_position,
        read_at=own("now", g.at.isoformat()),
        next_url=f"{url}?from={fragment.next_start.hex()}" if fragment.next_start else None,
        previous_url=f"{url}?from={fragment.previous_start.hex()}" if fragment.previous_start else None,
        locked=not board.others_shown,
        moderation_url=f"{url}/state" if member.may(Action.MODERATE) else None,
        pinned=view.thread.pinned,
        removed=view.thread.removed_at is not None,
        staff_post=member.is_staff,
    )


def _title_of(view: ThreadView) -> str:
    if queries.is_opening_removed(db.session(), view.thread.id) and not view.board.member.may(
        Action.MODERATE
    ):
        return _("Removed by its author or staff")
    return view.thread.title


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
