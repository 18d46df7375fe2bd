"""Boards with their threads, threads with their posts, and writing in them."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, session as cookie
from flask_babel import gettext as _
from markupsafe import Markup

from ..boards import sentences
from ..boards.rules import values
from ..core import markup
from ..core.access import needs
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.places import shown_in
from ..core.signing import arrival_from
from ..core.times import Moment, due_moment, duration_words, moment
from ..courses.policy import Action, Member
from ..core.asking import reader_language, say
from . import commands, queries
from .commands import KeyUsed, Written
from .forms import EditForm, RemovalForm, ReplyForm, ThreadForm
from .fragments import fragment_for, fragment_key, joined, reader_for
from .models import Draft
from .queries import BoardView, PostView, ThreadView
from .rules import Place, is_key

pages = Blueprint("posts", __name__)
Answer = str | Response | tuple[str, int]


# --- the composer -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Composer:
    """A place to write, as its macro shows it."""

    id: str
    heading: str
    action: str
    place: str
    owner: str
    key: str
    arrival: str
    seq: int
    draft_url: str
    preview_url: str
    minimum: int
    words: int
    hint: str | None
    saved_text: str | None
    clock_text: str | None
    now_iso: str
    preview_html: Markup | None


def composer_for(
    view: BoardView, place: Place, *, heading: str, action: str, minimum: int = 0, draft: Draft | None = None,
    form: ReplyForm | None = None, preview: Markup | None = None,
) -> Composer:  # fmt: skip
    """The composer for a place: with what was sent, else with the draft, else empty under a new key."""
    member: Member = g.member
    key = form.key.data if form is not None and is_key(form.key.data) else draft.key if draft else commands.new_key()
    text = form.text.data if form is not None and form.is_submitted() else draft.source if draft else ""
    words = draft.words if draft and text == draft.source else markup.count_words(text or "")
    carried = form.arrival.data if form is not None and form.arrival.data else draft.arrival_token if draft else None
    base = f"/c/{member.course_slug}"
    return Composer(
        id="reply",
        heading=heading,
        action=action,
        place=str(place),
        owner=g.person.public_id,
        key=key,
        arrival=carried or "",
        seq=draft.sequence if draft else 0,
        draft_url=f"{base}/drafts/{place}",
        preview_url=f"{base}/preview",
        minimum=minimum,
        words=words,
        hint=_composer_hint(view, draft),
        saved_text=_saved(draft) if draft else None,
        clock_text=clock_text(view),
        now_iso=g.at.isoformat(),
        preview_html=preview,
    )


def _composer_hint(view: BoardView, draft: Draft | None) -> str:
    text = _("Markdown: **bold**, *italic*, > quotation, lists, tables, `code`, $math$.")
    if draft is not None and draft.refused_at is not None:
        when = moment(draft.refused_at, view.member.zone).text
        text = _("These words arrived %(time)s, when nothing was taken here. They were kept as a draft.", time=when) + " " + text
    return text


def _saved(draft: Draft) -> str:
    return _("Draft saved %(time)s", time=moment(draft.saved_at, g.member.zone).text)


def clock_text(view: BoardView) -> str | None:
    """In the last hour before a limit: the forum's time and how long is left."""
    if view.actor != "student":
        return None
    ahead = [date for date in view.dates.dates if date.due and date.limit and g.at < date.limit]
    if not ahead or ahead[0].due is None or ahead[0].due - g.at > timedelta(hours=1):
        return None
    now = moment(g.at, view.member.zone).text.rsplit(", ", 1)[-1]
    if g.at >= ahead[0].due:
        return _("The forum's time is %(now)s. It was due a moment ago; what arrives in the next minutes still counts as on time.", now=now)
    return _("The forum's time is %(now)s: %(left)s left.", now=now, left=duration_words(ahead[0].due - g.at))


def words_sent(form: ReplyForm, *, title: str = "", draft: Draft | None = None) -> Written:
    key = form.key.data if is_key(form.key.data) else commands.new_key()
    return commands.write(form.text.data or "", key, title=title, draft=draft)


def arrival_of(form: ReplyForm, written: Written, draft: Draft | None) -> Any:
    """From when these words count: now, or the signed arrival that they carry or that was kept with the draft."""
    for token in (form.arrival.data, draft.arrival_token if draft else None):
        found = arrival_from(token, written.key, written.digest, g.at)
        if found != g.at:
            return found
    return g.at


def keep_refused(place: Place, written: Written) -> Draft:
    """What is refused is kept: as a draft of its author, in a transaction of its own."""
    with transaction() as session:
        draft = commands.save_draft(
            session, g.member.account_id, g.member.course_id, place, written, at=g.at, refused_at=g.at
        )
        session.expunge(draft)
    return draft


def keep_words(account_id: int, kept: dict[str, str], at: Any) -> str | None:
    """Words of a request that came signed out, kept as a draft after signing in; where to go on with them.

    `kept`: path, title, text, key, place, arrival (the signed arrival, docs/time.md, rule 11).
    """
    from sqlalchemy import select

    from ..courses.models import Course
    from ..courses.queries import member_of

    place = Place.parse(kept.get("place", ""))
    slug = kept.get("path", "").split("/")[2:3]
    if place is None or not slug:
        return None
    course = db.session.scalars(select(Course).where(Course.slug == slug[0])).first()
    if course is None:
        return None
    member = member_of(db.session(), account_id, course.id, at)
    if member is None or not member.may(Action.POST):
        return None
    key = kept["key"] if is_key(kept.get("key")) else commands.new_key()
    written = commands.write(kept.get("text", ""), key, title=kept.get("title", ""))
    with transaction() as session:
        commands.save_draft(session, account_id, course.id, place, written, at=at, arrival_token=kept.get("arrival"))
    return {
        "thread": f"/c/{slug[0]}/threads/{place.public_id}#reply",
        "post": f"/c/{slug[0]}/posts/{place.public_id}/reply",
        "board": f"/c/{slug[0]}/boards/{place.public_id}/new",
        "edit": f"/c/{slug[0]}/posts/{place.public_id}/edit",
    }[place.kind]


# --- boards ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BoardHead:
    """The top of a board's or thread's page: prompt, what is asked, what the rules say now."""

    title: str
    url: str
    prompt: Markup | None
    deadlines: list[sentences.Deadline]
    opens: Moment | None
    state: str
    why_closed: str | None
    shown_text: str | None
    participation_url: str | None
    grading_url: str | None
    manage_url: str | None
    form_text: str
    unpublished: bool
    late_text: str | None
    aside: Markup


def head_of(view: BoardView, *, aside: bool = False) -> BoardHead:
    board, member = view.board, view.member
    url = f"/c/{member.course_slug}/boards/{board.public_id}"
    opened = view.why_not_read() is None
    done = done_by(view) if view.actor == "student" and member.account_id else {}
    by_id = {checkpoint.id: checkpoint for checkpoint in view.checkpoints}
    deadlines = [
        sentences.deadline_of(
            date, by_id[date.checkpoint_id], member, grace_minutes=board.grace_minutes,
            late_until=view.dates.cutoff_at,
            done_text=sentences.progress_words(
                done[date.checkpoint_id], by_id[date.checkpoint_id], member, cut_off=view.dates.cutoff_at, at=view.at
            ) if date.checkpoint_id in done else None,
            state=done[date.checkpoint_id].state if date.checkpoint_id in done else "",
        )
        for date in view.dates.dates
    ]  # fmt: skip
    refusal = view.why_not_post() if view.actor != "observer" else None
    opens_at = view.dates.opens_at
    return BoardHead(
        title=board.title,
        url=url,
        prompt=markup.markup_of(board.prompt_html) if opened and board.prompt_html else None,
        deadlines=deadlines,
        opens=moment(opens_at, member.zone, member.course_zone) if opens_at and opens_at > view.at else None,
        state=view.state,
        why_closed=sentences.refusal_sentence(refusal, member.zone) if refusal is not None else None,
        shown_text=sentences.shown_words(board.shown) if board.shown != "at_once" and not view.others_shown else None,
        participation_url=f"{url}/participation" if member.may(Action.SEE_PARTICIPATION) else None,
        grading_url=f"{url}/grading" if member.may(Action.GRADE) else None,
        manage_url=f"/c/{member.course_slug}/manage/boards/{board.public_id}" if member.may(Action.MANAGE_CONTENT) else None,
        form_text=sentences.form_words(board.form),
        unpublished=board.published_at is None,
        late_text=_("The due date has passed. What you post now is late, and is still taken.")
        if view.actor == "student" and view.state == "late" else None,
        aside=aside_of(view) if aside else Markup(""),
    )  # fmt: skip


def aside_of(view: BoardView) -> Markup:
    """What higher rooms show beside this board, asked for once in a request."""
    if "board_aside" not in g or g.board_aside[0] != view.board.id:
        g.board_aside = (view.board.id, shown_in("board.aside", view.member, view.board.id, view.at))
    return g.board_aside[1]  # type: ignore[no-any-return]


def done_by(view: BoardView) -> dict[int, values.Met]:
    """What the asking student did of each checkpoint, from their own posts and the times of others' first ones."""
    from .standing import standing_of_one

    return {met.checkpoint_id: met for met in standing_of_one(db.session(), view)}


def crumbs(view: BoardView) -> None:
    g.crumbs = [
        (view.member.course_code, f"/c/{view.member.course_slug}"),
        (view.board.title, f"/c/{view.member.course_slug}/boards/{view.board.public_id}"),
    ]


@pages.get("/c/<course>/boards/<board>")
@needs(Action.READ)
def board(course: str, board: str) -> Answer:
    view = queries.board_view(db.session(), g.member, board, g.at)
    if view.why_not_read() is not None:
        g.crumbs = [(g.member.course_code, f"/c/{course}")]
        return render_template("posts/not_open.html", head=head_of(view))
    if view.board.form == "single":
        thread = queries.single_thread_of(db.session(), view.board.id)
        return thread_page(queries.thread_view(db.session(), g.member, thread.public_id, g.at))
    key = _list_key(request.args.get("before"))
    lines, more = queries.threads_page(db.session(), view, before=key)
    g.crumbs = [(g.member.course_code, f"/c/{course}")]
    start = view.why_not_start(queries.has_own_thread(db.session(), view))
    return render_template(
        "posts/board.html",
        head=head_of(view, aside=True),
        threads=[(line, moment(line.last_at, g.member.zone, g.member.course_zone)) for line in lines],
        base=f"/c/{course}",
        start_url=f"/c/{course}/boards/{board}/new" if start is None else None,
        why_not_start=sentences.refusal_sentence(start, g.member.zone) if start is not None else None,
        next_url=f"/c/{course}/boards/{board}?before={int(more[0].timestamp() * 1_000_000)}-{more[1]}" if more else None,
        first_page=key is None,
    )


def _list_key(text: str | None) -> Any:
    from datetime import UTC, datetime

    try:
        micros, _dash, number = (text or "").partition("-")
        return (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(micros)), int(number)) if text else None
    except (ValueError, OverflowError):
        raise NotHere from None


@pages.get("/c/<course>/boards/<board>/new")
@needs(Action.POST)
def new_thread(course: str, board: str) -> Answer:
    view = queries.board_view(db.session(), g.member, board, g.at)
    return _new_thread_page(view, ThreadForm(formdata=None))


def _new_thread_page(
    view: BoardView, form: ThreadForm, *, status: int = 200, preview: Markup | None = None, problem: str | None = None
) -> Answer:
    place = Place("board", view.board.public_id)
    draft = queries.draft_at(db.session(), g.member.account_id, place)
    if draft is not None and not form.is_submitted():
        form.text.data, form.title.data = draft.source, draft.title
    refusal = view.why_not_start(queries.has_own_thread(db.session(), view))
    crumbs(view)
    composer = composer_for(
        view, place, heading=_("New thread"), action=f"/c/{g.member.course_slug}/boards/{view.board.public_id}/threads",
        minimum=view.first_minimum, draft=draft, form=form, preview=preview,
    )  # fmt: skip
    why = problem or (sentences.refusal_sentence(refusal, g.member.zone) if refusal is not None else None)
    return render_template("posts/new_thread.html", head=head_of(view), form=form, c=composer, why_not=why), status


@pages.post("/c/<course>/boards/<board>/threads")
@needs(Action.POST)
def start_thread(course: str, board: str) -> Answer:
    form = ThreadForm()
    place = Place("board", board)
    view = queries.board_view(db.session(), g.member, board, g.at)
    draft = queries.draft_at(db.session(), g.member.account_id, place)
    if request.form.get("deed") in ("preview", "draft"):
        return _without_posting(form, place, lambda **more: _new_thread_page(view, form, **more), title=form.title.data or "")
    if not form.validate():
        return _new_thread_page(view, form, status=422)
    written = words_sent(form, title=form.title.data, draft=draft)
    at = arrival_of(form, written, draft)
    try:
        with transaction() as session:
            post = commands.start_thread(session, g.member, board, written, at=at)
            thread_id, post_id = thread_public_id(session, post.thread_id), post.public_id
    except Refused as refused:
        keep_refused(place, written)
        view = queries.board_view(db.session(), g.member, board, g.at)
        return _new_thread_page(view, form, status=409, problem=_sentence(refused))
    except KeyUsed:
        form.key.data = commands.new_key()
        return _new_thread_page(view, form, status=409, problem=_other_words())
    say(verdict_words(at, view))
    return redirect(f"/c/{course}/threads/{thread_id}#p-{post_id}", 303)  # type: ignore[return-value]


def thread_public_id(session: Any, thread_id: int) -> str:
    from .models import Thread

    return str(session.get_one(Thread, thread_id).public_id)


def _sentence(refused: Refused) -> str:
    text = sentences.refusal_sentence(values.Refusal(refused.code, refused.values), g.member.zone)
    return text + " " + _("Your words were not posted. They are kept as a draft, here and under Mine.")


def _other_words() -> str:
    return _("A post was already made from this form with other words. These words were not posted; they are here, and can be posted as a post of their own.")


def verdict_words(at: Any, view: BoardView) -> str:
    """What the author is told after posting: that it is there, when it arrived, and whether that was on time."""
    when = moment(at, g.member.zone).text
    if view.actor != "student":
        return _("Posted %(time)s.", time=when)
    dated = [date for date in view.dates.dates if date.limit is not None and date.due is not None]
    if not dated:
        return _("Posted. It arrived %(time)s.", time=when)
    if at < dated[0].limit:
        if at < dated[0].due:
            return _("Posted. It arrived %(time)s, %(left)s before it was due.", time=when, left=duration_words(dated[0].due - at))
        return _("Posted. It arrived %(time)s, which counts as on time.", time=when)
    return _("Posted. It arrived %(time)s.", time=when)


def _without_posting(form: ReplyForm, place: Place, page: Any, *, title: str = "") -> Answer:
    """The buttons Preview and Save the draft, for who has no scripts."""
    written = words_sent(form, title=title)
    if request.form.get("deed") == "draft":
        with transaction() as session:
            commands.save_draft(session, g.member.account_id, g.member.course_id, place, written, at=g.at,
                                arrival_token=form.arrival.data or None)  # fmt: skip
        say(_("Draft saved. Only you can read it."))
        return redirect(_place_url(place), 303)  # type: ignore[return-value]
    return page(preview=markup.markup_of(written.html))  # type: ignore[no-any-return]


def _place_url(place: Place) -> str:
    base = f"/c/{g.member.course_slug}"
    return {
        "thread": f"{base}/threads/{place.public_id}#reply",
        "post": f"{base}/posts/{place.public_id}/reply",
        "board": f"{base}/boards/{place.public_id}/new",
        "edit": f"{base}/posts/{place.public_id}/edit",
    }[place.kind]


# --- threads ----------------------------------------------------------------------------------------------------------------


@pages.get("/c/<course>/threads/<thread>")
@needs(Action.READ)
def thread(course: str, thread: str) -> Answer:
    return thread_page(queries.thread_view(db.session(), g.member, thread, g.at))


_MARK = "<!--posts-->"


def thread_page(
    view: ThreadView, *, form: ReplyForm | None = None, status: int = 200, preview: Markup | None = None,
    problem: str | None = None,
) -> Answer:  # fmt: skip
    """The page of a thread: head by template, posts from the cache of pieces, the composer."""
    member, board = view.board.member, view.board
    if board.why_not_read() is not None:
        g.crumbs = [(member.course_code, f"/c/{member.course_slug}")]
        return render_template("posts/not_open.html", head=head_of(board))
    start = _start(request.args.get("from"))
    refusal = board.why_not_post(view.thread)
    can_reply = refusal is None
    reader = {"start": start, "can_reply": can_reply, "zone_name": member.zone.key, "language": reader_language()}
    etag = None
    if form is None and not cookie.get("_flashes"):
        etag = _etag(view, fragment_key(view, **reader))  # type: ignore[arg-type]
        if request.if_none_match.contains_weak(etag):
            answer = Response(status=304)
            answer.set_etag(etag, weak=True)
            return answer
    fragment = fragment_for(db.session(), view, **reader)  # type: ignore[arg-type]
    posts, new = joined(fragment, reader_for(member, view, can_edit=can_reply or member.is_staff))
    place = Place("thread", view.thread.public_id)
    own_form = form or ReplyForm(formdata=None, data={"text": view.draft.source if view.draft else ""})
    composer = None
    if can_reply or (view.draft is not None and member.may(Action.POST)) or form is not None:
        composer = composer_for(
            board, place, heading=_("Your answer"), action=f"/c/{member.course_slug}/threads/{view.thread.public_id}/replies",
            minimum=board.first_minimum if view.thread.is_prompt else 0, draft=view.draft, form=form, preview=preview,
        )  # fmt: skip
    crumbs(board)
    if view.thread.is_prompt:
        g.crumbs = g.crumbs[:1]
    url = f"/c/{member.course_slug}/threads/{view.thread.public_id}"
    page = render_template(
        "posts/thread.html",
        head=head_of(board, aside=view.thread.is_prompt),
        title=view.thread.title if not view.thread.is_prompt else board.board.title,
        is_prompt=view.thread.is_prompt,
        closed=view.thread.closed_at is not None,
        total=fragment.total,
        new=new,
        first_visit=view.mark is None,
        posts=Markup(_MARK),  # noqa: S704 - a mark of our own, replaced below by stored pieces
        form=own_form,
        c=composer,
        why_not=problem or (sentences.refusal_sentence(refusal, member.zone) if refusal is not None else None),
        read_url=f"{url}/read" if member.account_id and fragment.pieces else None,
        read_position=fragment.last_position,
        read_at=g.at.isoformat(),
        next_url=f"{url}?from={fragment.next_start.hex()}" if fragment.next_start else None,
        previous_url=f"{url}?from={fragment.previous_start.hex()}" if fragment.previous_start else None,
        locked=not board.others_shown,
        moderation_url=f"{url}/state" if member.may(Action.MODERATE) else None,
        pinned=view.thread.pinned,
        staff_post=member.is_staff,
    )
    before, _mark, after = page.partition(_MARK)
    answer = Response(b"".join((before.encode(), posts, after.encode())), status)
    if etag is not None:
        answer.set_etag(etag, weak=True)
    return answer


def _etag(view: ThreadView, key: Any) -> str:
    """Changes whenever anything on the page does; a post that the viewer may not see changes nothing."""
    mark, draft, board = view.mark, view.draft, view.board
    parts = (
        key, g.person.account_id, g.person.session_id, board.board.version, board.state, board.others_shown,
        board.member.roster_version, board.member.account_version, board.member.course_state, board.member.role,
        view.thread.version if board.others_shown else None, (mark.position, mark.at) if mark else None,
        (draft.sequence, draft.saved_at) if draft else None, clock_text(board), aside_of(board) if view.thread.is_prompt else None, g.person.name, g.person.single_keys,
        [g.at >= date.limit for date in board.dates.dates if date.limit], assets_mark(),
    )  # fmt: skip
    return sha256(repr(parts).encode()).hexdigest()[:32]


def assets_mark() -> str:
    from flask import current_app

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
    view = queries.thread_view(db.session(), g.member, thread, g.at)
    if request.form.get("deed") in ("preview", "draft"):
        return _without_posting(form, place, lambda **more: thread_page(view, form=form, **more))
    if not form.validate():
        return thread_page(view, form=form, status=422)
    written = words_sent(form, draft=view.draft)
    at = arrival_of(form, written, view.draft)
    try:
        with transaction() as session:
            post_id = commands.post_reply(session, g.member, thread, written, at=at).public_id
    except Refused as refused:
        keep_refused(place, written)
        view = queries.thread_view(db.session(), g.member, thread, g.at)
        return thread_page(view, form=form, status=409, problem=_sentence(refused))
    except KeyUsed:
        form.key.data = commands.new_key()
        view = queries.thread_view(db.session(), g.member, thread, g.at)
        return thread_page(view, form=form, status=409, problem=_other_words())
    say(verdict_words(at, view.board))
    return redirect(f"/c/{course}/posts/{post_id}", 303)  # type: ignore[return-value]


@pages.post("/c/<course>/threads/<thread>/read")
@needs(Action.READ)
def read_to(course: str, thread: str) -> Answer:
    from datetime import datetime

    view = queries.thread_view(db.session(), g.member, thread, g.at)
    try:
        position = int(request.form.get("position", ""))
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
        else:
            raise NotHere
    return redirect(f"/c/{course}/threads/{thread}", 303)  # type: ignore[return-value]


# --- single posts ------------------------------------------------------------------------------------------------------------


@pages.get("/c/<course>/posts/<post>")
@needs(Action.READ)
def permalink(course: str, post: str) -> Answer:
    """A post at its place in its thread, on the page that begins with the answer it belongs to."""
    view = queries.post_view(db.session(), g.member, post, g.at)
    start = f"?from={view.post.path[:4].hex()}" if view.thread.thread.last_position > 100 else ""
    return redirect(f"/c/{course}/threads/{view.thread.thread.public_id}{start}#p-{post}", 302)  # type: ignore[return-value]


@pages.get("/c/<course>/posts/<post>/reply")
@needs(Action.POST)
def reply_to(course: str, post: str) -> Answer:
    view = queries.post_view(db.session(), g.member, post, g.at)
    draft = queries.draft_at(db.session(), g.member.account_id, Place("post", post))
    form = ReplyForm(formdata=None, data={"text": draft.source if draft else ""})
    return _reply_page(view, form, draft)


def _reply_page(
    view: PostView, form: ReplyForm, draft: Draft | None, *, status: int = 200, preview: Markup | None = None,
    problem: str | None = None,
) -> Answer:  # fmt: skip
    board = view.thread.board
    refusal = board.why_not_post(view.thread.thread)
    place = Place("post", view.post.public_id)
    minimum = max((row.min_words for row in board.checkpoints if row.kind == "replies"), default=0)
    crumbs(board)
    composer = composer_for(
        board, place, heading=_("Your reply"), action=f"/c/{g.member.course_slug}/posts/{view.post.public_id}/replies",
        minimum=minimum, draft=draft, form=form, preview=preview,
    )  # fmt: skip
    return render_template(
        "posts/reply.html", head=head_of(board), author=view.author, at=moment(view.post.appears_at, g.member.zone, g.member.course_zone),
        html=None if view.post.removed_at else markup.markup_of(view.post.html), form=form, c=composer,
        back_url=f"/c/{g.member.course_slug}/posts/{view.post.public_id}",
        why_not=problem or (sentences.refusal_sentence(refusal, g.member.zone) if refusal is not None else None),
    ), status  # fmt: skip


@pages.post("/c/<course>/posts/<post>/replies")
@needs(Action.POST)
def post_answer(course: str, post: str) -> Answer:
    form = ReplyForm()
    place = Place("post", post)
    view = queries.post_view(db.session(), g.member, post, g.at)
    draft = queries.draft_at(db.session(), g.member.account_id, place)
    if request.form.get("deed") in ("preview", "draft"):
        return _without_posting(form, place, lambda **more: _reply_page(view, form, draft, **more))
    if not form.validate():
        return _reply_page(view, form, draft, status=422)
    written = words_sent(form, draft=draft)
    at = arrival_of(form, written, draft)
    try:
        with transaction() as session:
            made = commands.post_reply(
                session, g.member, view.thread.thread.public_id, written, at=at, parent_id=post
            ).public_id
    except Refused as refused:
        draft = keep_refused(place, written)
        view = queries.post_view(db.session(), g.member, post, g.at)
        return _reply_page(view, form, draft, status=409, problem=_sentence(refused))
    except KeyUsed:
        form.key.data = commands.new_key()
        view = queries.post_view(db.session(), g.member, post, g.at)
        return _reply_page(view, form, None, status=409, problem=_other_words())
    say(verdict_words(at, view.thread.board))
    return redirect(f"/c/{course}/posts/{made}", 303)  # type: ignore[return-value]


@pages.route("/c/<course>/posts/<post>/edit", methods=["GET", "POST"])
@needs(Action.POST)
def edit(course: str, post: str) -> Answer:
    view = queries.post_view(db.session(), g.member, post, g.at)
    if view.post.author_id != g.member.account_id and not g.member.may(Action.MODERATE):
        raise NotHere
    place = Place("edit", post)
    draft = queries.draft_at(db.session(), g.member.account_id, place)
    source = queries.source_of(db.session(), view.post)
    if request.method == "GET":
        form = EditForm(formdata=None, data={
            "text": draft.source if draft else source, "revision": view.post.revision, "title": view.thread.thread.title,
        })  # fmt: skip
        return _edit_page(view, form, draft)
    form = EditForm()
    if request.form.get("deed") in ("preview", "draft"):
        return _without_posting(form, place, lambda **more: _edit_page(view, form, draft, **more))
    if not form.validate():
        return _edit_page(view, form, draft, status=422)
    written = words_sent(form, draft=draft)
    written = Written(written.source, form.title.data or "", written.html, written.words, written.digest, written.key)
    at = arrival_of(form, written, draft)
    try:
        with transaction() as session:
            number = int(form.revision.data) if (form.revision.data or "").isdigit() else 0
            commands.edit_post(session, g.member, post, written, at=at, revision=number, reason=form.reason.data or "")
    except Refused as refused:
        draft = keep_refused(place, written)
        view = queries.post_view(db.session(), g.member, post, g.at)
        form.revision.data = str(view.post.revision)
        return _edit_page(view, form, draft, status=409, problem=_sentence(refused))
    say(_("Saved. The earlier text is kept and can be compared."))
    return redirect(f"/c/{course}/posts/{post}", 303)  # type: ignore[return-value]


def _edit_page(
    view: PostView, form: EditForm, draft: Draft | None, *, status: int = 200, preview: Markup | None = None,
    problem: str | None = None,
) -> Answer:  # fmt: skip
    board = view.thread.board
    refusal = commands.why_not_edit(view)
    place = Place("edit", view.post.public_id)
    crumbs(board)
    composer = composer_for(
        board, place, heading=_("Edit"), action=f"/c/{g.member.course_slug}/posts/{view.post.public_id}/edit", draft=draft,
        form=form, preview=preview,
    )  # fmt: skip
    limit = next((date.limit for date in board.dates.dates if date.limit is not None), None)
    return render_template(
        "posts/edit.html", form=form, c=composer, author=view.author, own=view.post.author_id == g.member.account_id,
        with_title=view.post.opens_thread, back_url=f"/c/{g.member.course_slug}/posts/{view.post.public_id}",
        current=markup.markup_of(view.post.html) if problem else None,
        judged=due_moment(limit, g.member.zone, g.member.course_zone) if limit and g.at >= limit else None,
        why_not=problem or (sentences.refusal_sentence(refusal, g.member.zone) if isinstance(refusal, values.Refusal) else None),
    ), status  # fmt: skip


@pages.get("/c/<course>/posts/<post>/revisions")
@needs(Action.READ)
def revisions(course: str, post: str) -> Answer:
    view = queries.post_view(db.session(), g.member, post, g.at)
    if view.post.removed_at is not None and not g.member.may(Action.MODERATE) and view.post.author_id != g.member.account_id:
        raise NotHere
    crumbs(view.thread.board)
    from .differences import steps

    return render_template(
        "posts/revisions.html", author=view.author, back_url=f"/c/{course}/posts/{post}",
        steps=steps(queries.revisions_of(db.session(), view.post.id), g.member),
    )  # fmt: skip


@pages.route("/c/<course>/posts/<post>/removal", methods=["GET", "POST"])
@needs(Action.POST)
def removal(course: str, post: str) -> Answer:
    view = queries.post_view(db.session(), g.member, post, g.at)
    own = view.post.author_id == g.member.account_id
    if not own and not g.member.may(Action.MODERATE):
        raise NotHere
    form = RemovalForm()
    crumbs(view.thread.board)
    if request.method == "POST" and form.validate():
        with transaction() as session:
            if request.form.get("deed") == "restore":
                commands.restore_post(session, g.member, post, at=g.at)
                say(_("The post is back."))
            else:
                commands.remove_post(session, g.member, post, at=g.at, reason=form.reason.data or "")
                say(_("The post was removed. A line stands in its place, and replies to it stay."))
        return redirect(f"/c/{course}/threads/{view.thread.thread.public_id}#p-{post}", 303)  # type: ignore[return-value]
    limit = next((date.limit for date in view.thread.board.dates.dates if date.limit is not None), None)
    return render_template(
        "posts/removal.html", form=form, own=own, author=view.author, removed=view.post.removed_at is not None,
        html=markup.markup_of(view.post.html), action=f"/c/{course}/posts/{post}/removal",
        back_url=f"/c/{course}/posts/{post}", after_limit=limit is not None and g.at >= limit,
    ), 200 if request.method == "GET" else 422  # fmt: skip


# --- drafts and preview ------------------------------------------------------------------------------------------------------


@pages.post("/c/<course>/drafts/<place>")
@needs(Action.POST)
def draft(course: str, place: str) -> Any:
    """Autosave; answers what was saved, in words for the page. Older than what is kept: 409, nothing changed."""
    where = Place.parse(place)
    text, title, key = request.form.get("text", ""), request.form.get("title", ""), request.form.get("key", "")
    if where is None or len(text) > 500_000:
        raise NotHere
    view = _board_of_place(where)
    sequence = int(request.form["seq"]) if request.form.get("seq", "").isdigit() else None
    written = commands.write(text, key if is_key(key) else commands.new_key(), title=title[:300])
    with transaction() as session:
        saved = commands.save_draft(
            session, g.member.account_id, g.member.course_id, where, written, at=g.at, sequence=sequence
        )
        kept = (saved.sequence, saved.digest)
    if sequence is not None and kept[1] != written.digest:
        return {"refused": "older", "seq": kept[0]}, 409
    return {
        "seq": kept[0], "words": written.words, "now": g.at.isoformat(), "clock_text": clock_text(view) or "",
        "saved_at_text": _("Draft saved %(time)s", time=moment(g.at, g.member.zone).text),
    }  # fmt: skip


def _board_of_place(place: Place) -> BoardView:
    if place.kind == "board":
        return queries.board_view(db.session(), g.member, place.public_id, g.at)
    if place.kind == "thread":
        return queries.thread_view(db.session(), g.member, place.public_id, g.at).board
    return queries.post_view(db.session(), g.member, place.public_id, g.at).thread.board


@pages.post("/c/<course>/preview")
@needs(Action.POST)
def preview(course: str) -> Answer:
    """What the text will look like: the same renderer, the same limits. A fragment for the page's script."""
    text = request.form.get("text", "")
    written = commands.write(text, commands.new_key())
    problem = markup.why_not_render(text, 20_000)
    return render_template("posts/_preview.html", html=markup.markup_of(written.html), words=written.words, problem=problem)


