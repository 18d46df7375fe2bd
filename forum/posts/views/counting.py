"""What a text would count as if it were posted now: told to who could not post it when they pressed."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ...boards import sentences
from ...boards.rules import values
from ...core.times import due_moment
from .. import queries
from ..drafts import Written
from ..queries import BoardView, ThreadView
from ..rules import FOR_ALL, Place
from ..standing import checkpoint_rules, standings_of

_NOT_YET = 0  # the id of a post that is not there: no stored one has it


def back_again(
    session: Session, view: BoardView, place: Place, written: Written, *, is_draft: bool
) -> dict[str, str | None]:
    """What is told when the forum can be reached again: sentences, and where the words are if they were taken before
    the way was lost (`is_draft` false: then no draft was made of them)."""
    if is_draft:
        told = [_("The forum has your words now: they are saved as a draft, and not posted.")]
        if view.actor == "student" and place.kind in FOR_ALL:
            thread, answers = _answered(session, view, place)
            refusal = _why_not(session, view, thread)
            if refusal is not None:
                told.append(sentences.refusal_sentence(refusal, view.member.zone))
            else:
                told += [
                    _counts(session, view, thread, answers, written.words),
                    _("Do you want to post them now?"),
                ]
        return {"text": " ".join(told), "url": None}
    base = f"/c/{view.member.course_slug}/posts"
    if place.kind == "edit":
        return {"text": _("Your edit was taken."), "url": f"{base}/{place.public_id}"}
    post = queries.post_under_key(session, view.member.account_id, written.key)
    return {
        "text": _("Your words were posted."),
        "url": f"{base}/{post.public_id}" if post is not None else None,
    }


def _why_not(session: Session, view: BoardView, thread: ThreadView | None) -> values.Refusal | None:
    if thread is not None:
        return view.why_not_post(thread.thread)
    return view.why_not_start(queries.has_own_thread(session, view))


def _counts(
    session: Session, view: BoardView, thread: ThreadView | None, answers: int | None, words: int
) -> str:
    """In a sentence. It is asked of the same rules that judge posts, with this one as if it had arrived at the instant of
    the view."""
    if thread is not None and thread.thread.asker_id is not None:
        return _("Only staff read it here, and it counts for nothing that is asked.")
    is_first = thread is None or (thread.thread.is_prompt and answers is None)
    rules = [
        rule for rule in checkpoint_rules(view) if rule.kind == ("first_post" if is_first else "replies")
    ]
    if not rules:
        return _("Posts like this one have no date by which they are due here.")
    if words < min(rule.min_words for rule in rules):
        return _("It has fewer words than are asked, so it would not count yet.")
    post = values.PostFacts(
        _NOT_YET, view.member.account_id, view.at, (values.Revision(view.at, words),), opens=is_first,
        parent_author_id=answers,
    )  # fmt: skip
    dates = {date.checkpoint_id: date for date in view.dates.dates}
    for state in standings_of(session, [view], and_with=[post])[view.board.id]:
        if _NOT_YET in state.post_ids and state.state not in ("excused", "not_asked"):
            return _came_to(state, dates[state.checkpoint_id], view)
    return _("What is asked here does not need it any more.")


def _answered(session: Session, view: BoardView, place: Place) -> tuple[ThreadView | None, int | None]:
    """The thread of a place, and the author of the post that is answered there; None for a prompt."""
    if place.kind == "thread":
        thread = queries.thread_view(session, view.member, place.public_id, view.at)
        return thread, None if thread.thread.is_prompt else thread.thread.author_id
    if place.kind == "post":
        answered = queries.post_view(session, view.member, place.public_id, view.at)
        return answered.thread, answered.post.author_id
    return None, None


def _came_to(state: values.Met, date: values.DueDate, view: BoardView) -> str:
    if state.state == "met_late" and state.lateness is not None:
        late = sentences.lateness_words(state.lateness)
        return _("If you post it now, it counts as %(late)s.", late=late)
    if date.due is None or date.limit is None:
        return _("If you post it now, it counts. Nothing here has a date by which it is due.")
    when = due_moment(date.due, view.member.zone, view.member.course_zone).text
    if view.at < date.limit:
        return _("If you post it now, it counts as on time. Due %(time)s.", time=when)
    return _(
        "It was due %(time)s: if you post it now, it is one of the answers asked for, and late.", time=when
    )
