"""What is told after a deed, and the deeds that post nothing."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import g, redirect, request
from flask_babel import gettext as _
from flask_babel import ngettext

from ...boards import sentences
from ...boards.models import Checkpoint
from ...boards.rules import values
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import Refused
from ...core.times import due_moment, duration_words, moment
from .. import commands, queries
from ..commands import Posted
from ..entrusting import entrust, leave
from ..forms import ReplyForm
from ..queries import BoardView
from ..rules import DRAFT_LIMIT, Place, number_in
from ..standing import standing_after_post
from .blueprint import Answer
from .composer import words_sent
from .quoting import previewed


def refused_sentence(refused: Refused) -> str:
    text = sentences.refusal_sentence(values.Refusal(refused.code, refused.values), g.member.zone)
    return text + " " + _("Your words were not posted. They are kept as a draft, here and under Mine.")


def proof_link(post_id: str) -> tuple[str, str]:
    """Words and address of the proof of arrival of a post (its public id)."""
    return _("Proof of arrival"), f"/c/{g.member.course_slug}/posts/{post_id}/receipts"


def other_words() -> str:
    return _(
        "A post was already made from this form with other words. These words were not posted; they are here, and can be posted as a post of their own."
    )


def verdict_words(posted: Posted, view: BoardView, *, kind: str, words: int) -> str:
    """What the author is told after posting: that it is there, when it arrived, and what that came to.

    `view` is the board for a post that was there before, `kind` the kind of checkpoint that such a post can meet; empty
    where it counts for nothing.
    """
    view, at = replace(posted.board or view, at=g.at), posted.arrived_at
    when = moment(at, g.member.zone).text
    waits = posted.appears_at > g.at
    shown = moment(posted.appears_at, g.member.zone).text
    if view.actor != "student":
        if waits:
            return _("Handed in %(time)s. Others see it from %(shown)s.", time=when, shown=shown)
        return _("Posted %(time)s.", time=when)
    told = _("Posted. It arrived %(time)s.", time=when)
    if waits:
        told = _("Handed in. It arrived %(time)s; others see it from %(shown)s.", time=when, shown=shown)
    rules = {row.id: row for row in view.checkpoints if row.kind == kind}
    if not rules:
        return told
    states = standing_after_post(db.session(), view, kind, posted.own)
    dates = {date.checkpoint_id: date for date in view.dates.dates}
    for met in states:
        rule, date = rules[met.checkpoint_id], dates[met.checkpoint_id]
        if posted.id in met.post_ids:
            return told + " " + _what_it_came_to(met, date, rule, at)
    short = [rule for rule in rules.values() if words < rule.min_words]
    if short and any(met.met_at is None for met in states):
        least = min(rule.min_words for rule in short)
        return told + " " + ngettext(
            "It has %(words)d of at least %(least)d words, so it does not count yet: %(num)d more is asked. You can edit it.",
            "It has %(words)d of at least %(least)d words, so it does not count yet: %(num)d more are asked. You can edit it.",
            least - words, words=words, least=least,
        )  # fmt: skip
    return told


def _what_it_came_to(met: values.Met, date: values.DueDate, rule: Checkpoint, at: datetime) -> str:
    if met.met_at is None:
        done = _("That is %(done)d of %(asked)d, to %(people)d of %(people_asked)d people.", done=met.replies_done,
                 asked=met.replies_asked, people=met.people_done, people_asked=met.people_asked)  # fmt: skip
        return done if date.due is None or at >= date.due else done + " " + _left(date.due - at)
    if met.state == "met_late" and met.lateness is not None:
        return _("That is %(late)s.", late=sentences.lateness_words(met.lateness))
    if date.due is None:
        return _("That is all that was asked.") if rule.kind == "replies" else ""
    if at < date.due:
        return _("On time, %(left)s before it was due.", left=duration_words(date.due - at))
    return _("That counts as on time.")


def _left(length: timedelta) -> str:
    return _("%(left)s are left.", left=duration_words(length))


WITHOUT_POSTING = ("preview", "draft", "entrust", "leave")


def without_posting(form: ReplyForm, place: Place, page: Any, *, title: str = "") -> Answer:
    """The buttons Preview and Save the draft, for who has no scripts, and those of *post my draft for me*, which save too.

    A draft that was saved from elsewhere since this page was made is shown before it is overwritten.
    """
    written = words_sent(form, title=title)
    deed = request.form.get("deed")
    if deed == "preview":
        return page(preview=previewed(written, place))
    if len(written.source) > DRAFT_LIMIT:
        return page(status=422, problem=too_long_to_keep())
    began = number_in(form.seq.data)
    due = why = None
    with transaction() as session:
        kept = queries.draft_at(session, g.member.account_id, place)
        newer = None
        differs = kept is not None and kept.digest != written.text_digest
        if kept is not None and began is not None and kept.sequence > began and differs:
            newer = kept.source
        else:
            commands.save_draft(session, g.member.account_id, g.member.course_id, place, written, at=g.at,
                                arrival_token=form.arrival.data or None)  # fmt: skip
            if deed == "leave":
                leave(session, g.member, place)
            elif deed == "entrust":
                try:
                    due = entrust(session, g.member, place, at=g.at)
                except Refused as refused:
                    why = {"no_draft": _("There are no words here that could be posted for you.")}.get(
                        refused.code, _("Nothing is due here any more that this could be posted for.")
                    )
    if newer is not None:
        why = _(
            "Not saved yet: a newer draft was saved here from another window. It is shown below. Saving again overwrites it."
        )
        return page(status=409, problem=why, newer=newer)
    if form.attach.errors:
        return page(status=422)
    told = _("Draft saved. Only you can read it.")
    if deed == "leave":
        told += " " + _("It is not posted for you.")
    elif due is not None:
        when = due_moment(due, g.member.zone, g.member.course_zone).text
        told += " " + _(
            "If you have not posted by %(time)s, your last saved draft here is posted for you.", time=when
        )
    elif why is not None:
        told += " " + why
    say(told)
    return redirect(place_url(place), 303)  # type: ignore[return-value]


def too_long_to_keep() -> str:
    return _(
        "This is longer than 500,000 characters, more than a draft can hold. Nothing was saved; all of it is still here: please keep a part of it elsewhere."
    )


def place_url(place: Place) -> str:
    base = f"/c/{g.member.course_slug}"
    return {
        "thread": f"{base}/threads/{place.public_id}#reply",
        "post": f"{base}/posts/{place.public_id}/reply",
        "board": f"{base}/boards/{place.public_id}/new",
        "edit": f"{base}/posts/{place.public_id}/edit",
        "staff": f"{base}/boards/{place.public_id}/staff-question",
        "private": f"{base}/posts/{place.public_id}/private",
    }[place.kind]
