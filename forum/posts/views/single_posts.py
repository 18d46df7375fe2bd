"""One post: its permalink, answering, editing and removing it, its edits."""

from collections.abc import Sequence
from dataclasses import replace

from flask import g, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from ...boards import sentences
from ...boards.rules import values
from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import NotHere, Refused
from ...core.times import due_moment, moment
from ...courses.policy import Action
from .. import commands, queries
from ..attachments import attached_in
from ..commands import KeyUsed
from ..differences import steps
from ..forms import EditForm, RemovalForm, ReplyForm, StaffRemovalForm
from ..models import Draft
from ..queries import PostView
from ..receipting import is_first_post
from ..rules import PAGE, Place, number_in, why_not_answered
from .attaching import files_of_post, files_open_to, receive_files
from .blueprint import Answer, pages
from .composer import arrival_of, composer_for, keep_refused, words_sent
from .heads import crumbs, head_of, more_time_after_cut_off
from .later import is_well_chosen, shown_from
from .outcomes import (
    WITHOUT_POSTING,
    other_words,
    proof_link,
    refused_sentence,
    verdict_words,
    without_posting,
)
from .quoting import html_of, with_quote_asked


@pages.get("/c/<course>/posts/<post>")
@needs(Action.READ)
def permalink(course: str, post: str) -> Answer:
    """A post at its place in its thread, on the page that begins with the answer it belongs to."""
    view = queries.post_view(db.session(), g.member, post, g.at)
    path = None
    if view.thread.thread.last_position > PAGE or view.thread.last_scheduled is not None:
        path = queries.page_start_of(db.session(), view.thread, view.post)
    start = f"?from={path.hex()}" if path else ""
    return redirect(f"/c/{course}/threads/{view.thread.thread.public_id}{start}#p-{post}", 302)  # type: ignore[return-value]


@pages.get("/c/<course>/posts/<post>/reply")
@needs(Action.POST)
def reply_to(course: str, post: str) -> Answer:
    view = queries.post_view(db.session(), g.member, post, g.at)
    draft = queries.draft_at(db.session(), g.member.account_id, Place("post", post))
    text, notes = with_quote_asked(view, draft.source if draft else "")
    form = ReplyForm(formdata=None, data={"text": text})
    return _reply_page(view, form, draft, notes=notes)


def _reply_page(
    view: PostView, form: ReplyForm, draft: Draft | None, *, status: int = 200, preview: Markup | None = None,
    problem: str | None = None, newer: str | None = None, notes: Sequence[str] = (),
) -> Answer:  # fmt: skip
    board = view.thread.board
    refusal = board.why_not_post(view.thread.thread)
    if (apart := why_not_answered(view.post)) is not None:
        refusal = values.Refusal(apart)
    place = Place("post", view.post.public_id)
    action = f"/c/{g.member.course_slug}/posts/{view.post.public_id}/replies"
    if view.post.removed_at is not None:  # the words can still go to the whole discussion
        place = Place("thread", view.thread.thread.public_id)
        action = f"/c/{g.member.course_slug}/threads/{view.thread.thread.public_id}/replies"
    crumbs(board)
    counts = view.thread.thread.asker_id is None
    composer = composer_for(
        board, place, heading=_("Your reply"), action=action, minimum=board.minimum_of(is_first=False) if counts else 0, draft=draft, form=form, preview=preview,
        newer=newer,
    )  # fmt: skip
    composer.notes.extend(notes)
    return render_template(
        "posts/reply.html", head=head_of(board), author=view.author, at=moment(view.post.appears_at, g.member.zone, g.member.course_zone),
        html=None if view.post.removed_at else html_of(view), form=form,
        c=composer if counts else replace(composer, entrusted=None),
        files="" if view.post.removed_at else files_of_post(view.post),
        back_url=f"/c/{g.member.course_slug}/posts/{view.post.public_id}",
        why_not=problem or (sentences.refusal_sentence(refusal, g.member.zone) if refusal is not None else None),
        more_time_url=more_time_after_cut_off(board, view.thread.thread),
    ), status  # fmt: skip


@pages.post("/c/<course>/posts/<post>/replies")
@needs(Action.POST)
def post_answer(course: str, post: str) -> Answer:
    form = ReplyForm()
    place = Place("post", post)
    try:
        view = queries.post_view(db.session(), g.member, post, g.at)
    except NotHere:
        if not queries.was_in_removed(db.session(), g.member, post, g.at):
            raise
        removed = Refused("thread_removed")
        written = words_sent(form)
        keep_refused(place, written, removed, at=arrival_of(form, written, None))
        raise removed from None
    thread_id, board = view.thread.thread.public_id, view.thread.board
    draft = queries.draft_at(db.session(), g.member.account_id, place)
    receive_files(form, place)
    if request.form.get("deed") in WITHOUT_POSTING:
        return without_posting(form, place, lambda **more: _reply_page(view, form, draft, **more))
    valid = form.validate()
    if not is_well_chosen(form, board, is_first=False) or not valid:
        return _reply_page(view, form, draft, status=422)
    written = words_sent(form, draft=draft)
    at = arrival_of(form, written, draft)
    try:
        with transaction() as session:
            posted = commands.post_reply(
                session,
                g.member,
                thread_id,
                written,
                at=at,
                parent_id=post,
                appears_at=g.at,
                shown_from=shown_from(form),
            )
    except Refused as refused:
        draft = keep_refused(place, written, refused, at=at)
        view = queries.post_view(db.session(), g.member, post, g.at)
        return _reply_page(view, form, draft, status=409, problem=refused_sentence(refused))
    except KeyUsed:
        form.key.data = commands.new_key()
        view = queries.post_view(db.session(), g.member, post, g.at)
        return _reply_page(view, form, None, status=409, problem=other_words())
    kind = "replies" if view.thread.thread.asker_id is None else ""
    told = verdict_words(posted, board, kind=kind, words=written.words)
    say(told, link=proof_link(posted.public_id))
    return redirect(f"/c/{course}/posts/{posted.public_id}", 303)  # type: ignore[return-value]


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
            "text": draft.source if draft else source, "revision": view.post.revision,
            "title": draft.title if draft and draft.title else view.thread.thread.title,
        })  # fmt: skip
        changed = (
            draft is not None and view.post.edited_at is not None and draft.saved_at < view.post.edited_at
        )
        problem = _(
            "This post was changed after your draft of an edit was saved. The draft is here; the text as it stands now is above it."
        )
        return _edit_page(view, form, draft, problem=problem if changed else None)
    form = EditForm()
    receive_files(form, place, standing=attached_in(view.post.files))
    if request.form.get("deed") in ("preview", "draft"):
        return without_posting(
            form, place, lambda **more: _edit_page(view, form, draft, **more), title=form.title.data or ""
        )
    if not form.validate():
        return _edit_page(view, form, draft, status=422)
    written = words_sent(form, title=form.title.data or "", draft=draft)
    at = arrival_of(form, written, draft)
    try:
        with transaction() as session:
            number = number_in(form.revision.data) or 0
            commands.edit_post(
                session,
                g.member,
                post,
                written,
                at=at,
                revision=number,
                reason=form.reason.data or "",
                issued_at=g.at,
            )
    except Refused as refused:
        draft = keep_refused(place, written, refused, at=at)
        view = queries.post_view(db.session(), g.member, post, g.at)
        form.revision.data = str(view.post.revision)
        return _edit_page(view, form, draft, status=409, problem=refused_sentence(refused))
    own = view.post.author_id == g.member.account_id
    say(_("Saved. The earlier text is kept and can be compared."), link=proof_link(post) if own else None)
    return redirect(f"/c/{course}/posts/{post}", 303)  # type: ignore[return-value]


def _edit_page(
    view: PostView, form: EditForm, draft: Draft | None, *, status: int = 200, preview: Markup | None = None,
    problem: str | None = None, newer: str | None = None,
) -> Answer:  # fmt: skip
    board = view.thread.board
    refusal = commands.why_not_edit(view)
    place = Place("edit", view.post.public_id)
    crumbs(board)
    composer = composer_for(
        board, place, heading=_("Edit"), action=f"/c/{g.member.course_slug}/posts/{view.post.public_id}/edit", draft=draft,
        form=form, preview=preview, newer=newer, standing=attached_in(view.post.files),
        minimum=board.minimum_of(is_first=is_first_post(view.thread.thread, view.post.parent_id, opens=view.post.opens_thread)),
    )  # fmt: skip
    limit = next((date.limit for date in board.dates.dates if date.limit is not None), None)
    return render_template(
        "posts/edit.html", form=form, c=composer, author=view.author, own=view.post.author_id == g.member.account_id,
        with_title=view.post.opens_thread, back_url=f"/c/{g.member.course_slug}/posts/{view.post.public_id}",
        current=html_of(view) if problem else None,
        judged=due_moment(limit, g.member.zone, g.member.course_zone) if limit and g.at >= limit else None,
        why_not=problem or (sentences.refusal_sentence(refusal, g.member.zone) if isinstance(refusal, values.Refusal) else None),
        more_time_url=more_time_after_cut_off(board, view.thread.thread),
    ), status  # fmt: skip


@pages.get("/c/<course>/posts/<post>/revisions")
@needs(Action.READ)
def revisions(course: str, post: str) -> Answer:
    view = queries.post_view(db.session(), g.member, post, g.at)
    if (
        view.post.removed_at is not None
        and not g.member.may(Action.MODERATE)
        and view.post.author_id != g.member.account_id
    ):
        raise NotHere
    crumbs(view.thread.board)
    everything = view.post.author_id == g.member.account_id or g.member.may(Action.MODERATE)
    texts = queries.revisions_of(db.session(), g.member, view.post, since_shown=not everything)
    return render_template(
        "posts/revisions.html", author=view.author, back_url=f"/c/{course}/posts/{post}",
        steps=steps(texts, g.member, first_at=None if everything else view.post.appears_at,
                    files_at=f"/c/{course}/posts/{post}/files/", files_open=files_open_to(g.member, view.post)),
    )  # fmt: skip


@pages.route("/c/<course>/posts/<post>/removal", methods=["GET", "POST"])
@needs(Action.POST)
def removal(course: str, post: str) -> Answer:
    view = queries.post_view(db.session(), g.member, post, g.at)
    own = view.post.author_id == g.member.account_id
    if not own and not g.member.may(Action.MODERATE):
        raise NotHere
    form = RemovalForm() if own else StaffRemovalForm()
    crumbs(view.thread.board)
    restores = request.form.get("deed") == "restore"
    if request.method == "POST" and (restores or form.validate()):
        with transaction() as session:
            if restores:
                commands.restore_post(session, g.member, post, at=g.at)
                say(_("The post is back."))
            else:
                commands.remove_post(session, g.member, post, at=g.at, reason=form.reason.data or "")
                say(_("The post was removed. A line stands in its place, and replies to it stay."))
        return redirect(f"/c/{course}/threads/{view.thread.thread.public_id}#p-{post}", 303)  # type: ignore[return-value]
    limit = next((date.limit for date in view.thread.board.dates.dates if date.limit is not None), None)
    return render_template(
        "posts/removal.html", form=form, own=own, reason=view.post.removal_reason,
        can_restore=view.post.removed_by_id == g.member.account_id or g.member.may(Action.MODERATE), author=view.author, removed=view.post.removed_at is not None,
        html=html_of(view), action=f"/c/{course}/posts/{post}/removal",
        files=files_of_post(view.post),
        back_url=f"/c/{course}/posts/{post}", after_limit=limit is not None and g.at >= limit,
    ), 200 if request.method == "GET" else 422  # fmt: skip
