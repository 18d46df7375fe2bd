"""A question to staff only: writing one, and what the page of its thread says of it."""

from typing import Any

from flask import g, redirect, render_template, request
from flask_babel import gettext as _

from ...boards import sentences
from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import NotHere, Refused
from ...core.times import moment
from ...courses.policy import Action
from .. import commands, queries
from ..commands import KeyUsed
from ..forms import ThreadForm
from ..queries import BoardView
from ..rules import Place
from .attaching import receive_files
from .blueprint import Answer, pages
from .boards import thread_public_id
from .composer import arrival_of, asked_template, composer_for, keep_refused, words_sent
from .group_lists import group_sent, is_group_chosen, offer_groups
from .heads import crumbs, head_of, more_time_after_cut_off
from .outcomes import other_words, proof_link, refused_sentence, without_posting
from .tags_field import offering_tags


@pages.get("/c/<course>/boards/<board>/staff-question")
@needs(Action.ASK_STAFF)
def new_staff_question(course: str, board: str) -> Answer:
    return _page(_board(board), offering_tags(ThreadForm(formdata=None)))


def _board(public_id: str) -> BoardView:
    """The board, where it takes such questions; NotHere on any other."""
    view = queries.board_view(db.session(), g.member, public_id, g.at)
    if not view.board.takes_staff_questions or view.why_not_read() is not None:
        raise NotHere
    return view


def _page(
    view: BoardView, form: ThreadForm, *, status: int = 200, problem: str | None = None, **more: Any
) -> Answer:
    place = Place("staff", view.board.public_id)
    draft = queries.draft_at(db.session(), g.member.account_id, place)
    if "group" in form and form.group.choices is None:
        offer_groups(form, queries.group_choices(db.session(), view))
    if not form.is_submitted():
        if draft is not None:
            form.text.data, form.title.data = draft.source, draft.title
            if "tags" in form:
                form.tags.data = draft.tags.split()
        form.text.data = asked_template(view, draft) or form.text.data
    refusal = view.why_not_ask_staff()
    crumbs(view)
    composer = composer_for(
        view, place, heading=_("Your question"), draft=draft, form=form,
        action=f"/c/{g.member.course_slug}/boards/{view.board.public_id}/staff-question", **more,
    )  # fmt: skip
    why = problem or (sentences.refusal_sentence(refusal, g.member.zone) if refusal is not None else None)
    return render_template(
        "posts/new_thread.html", head=head_of(view), form=form, c=composer, why_not=why, for_staff=True,
        for_all_url=f"/c/{g.member.course_slug}/boards/{view.board.public_id}/new",
        more_time_url=more_time_after_cut_off(view),
    ), status  # fmt: skip


@pages.post("/c/<course>/boards/<board>/staff-question")
@needs(Action.ASK_STAFF)
def ask_staff(course: str, board: str) -> Answer:
    view, place = _board(board), Place("staff", board)
    form = offering_tags(ThreadForm())
    draft = queries.draft_at(db.session(), g.member.account_id, place)
    receive_files(form, place)
    if request.form.get("deed") in ("preview", "draft"):
        return without_posting(
            form, place, lambda **more: _page(view, form, **more), title=form.title.data or ""
        )
    offer_groups(form, queries.group_choices(db.session(), view))
    valid = form.validate()
    if not is_group_chosen(form) or not valid:
        return _page(view, form, status=422)
    written = words_sent(form, title=form.title.data, draft=draft)
    at = arrival_of(form, written, draft)
    try:
        with transaction() as session:
            posted = commands.start_thread(
                session,
                g.member,
                board,
                written,
                at=at,
                appears_at=g.at,
                group=group_sent(form),
                for_staff=True,
            )
            thread_id = thread_public_id(session, posted.thread_id)
    except Refused as refused:
        keep_refused(place, written, refused, at=at)
        return _page(_board(board), form, status=409, problem=refused_sentence(refused))
    except KeyUsed:
        form.key.data = commands.new_key()
        return _page(view, form, status=409, problem=other_words())
    when = moment(posted.arrived_at, g.member.zone).text
    told = _("Sent to staff. It arrived %(time)s. Only you and the staff who see you read it.", time=when)
    say(told, link=proof_link(posted.public_id))
    return redirect(f"/c/{course}/threads/{thread_id}#p-{posted.public_id}", 303)  # type: ignore[return-value]
