"""The top of a board's or thread's page: prompt, what is asked, what the rules say now."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import g
from flask_babel import gettext as _
from markupsafe import Markup

from ...boards import sentences
from ...boards.rules import values
from ...boards.rules.met import PEOPLE_COUNTED
from ...core import markup
from ...core.db import db, reading
from ...core.places import shown_in
from ...core.times import Moment, moment
from ...courses.policy import Action
from ..models import Thread
from ..queries import BoardView, ThreadView, is_opening_removed
from ..standing import standing_of_one
from .shown_words import WhenShown, when_shown

LAST_HOUR = timedelta(hours=1)  # before a limit, in which a page tells the time


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
    shown: WhenShown | None
    participation_url: str | None
    grading_url: str | None
    manage_url: str | None
    outages_url: str | None
    form_text: str
    unpublished: bool
    late_text: str | None
    grace_text: str | None
    late_until: Moment | None
    late_is_over: bool
    aside: Markup
    beside_dates: Markup


def head_of(view: BoardView, *, aside: bool = False, done: dict[int, values.Met] | None = None) -> BoardHead:
    """`aside`: the page has a place for what higher rooms show beside a board; `done`: what `done_by` gave already."""
    board, member = view.board, view.member
    url = f"/c/{member.course_slug}/boards/{board.public_id}"
    opened = view.why_not_read() is None
    if done is None:
        done = done_by(view)
    by_id = {checkpoint.id: checkpoint for checkpoint in view.checkpoints}
    deadlines = [
        sentences.deadline_of(
            date, by_id[date.checkpoint_id], member, grace_minutes=board.grace_minutes,
            late_until=view.dates.cutoff_at,
            done_text=sentences.progress_words(
                done[date.checkpoint_id], by_id[date.checkpoint_id], member, cut_off=view.dates.cutoff_at, at=view.at
            ) if date.checkpoint_id in done else None,
            state=done[date.checkpoint_id].state if date.checkpoint_id in done else "",
            ask_url=sentences.more_time_url(member, board, by_id[date.checkpoint_id]),
        )
        for date in view.dates.dates
    ]  # fmt: skip
    shared = _taken_out(deadlines)
    cutoff_at = view.dates.cutoff_at
    is_over = cutoff_at is not None and cutoff_at <= view.at
    refusal = view.why_not_post() if view.actor != "observer" else None
    opens_at = view.dates.opens_at
    asks = bool(view.checkpoints) or board.form != "announcement"
    return BoardHead(
        title=board.title,
        url=url,
        prompt=markup.markup_of(board.prompt_html) if opened and board.prompt_html else None,
        deadlines=deadlines,
        opens=moment(opens_at, member.zone, member.course_zone) if opens_at and opens_at > view.at else None,
        state=view.state,
        why_closed=sentences.refusal_sentence(refusal, member.zone) if refusal is not None else None,
        shown=when_shown(view),
        participation_url=f"{url}/participation" if asks and member.may(Action.SEE_PARTICIPATION) else None,
        grading_url=f"{url}/grading" if asks and member.may(Action.GRADE) else None,
        manage_url=f"/c/{member.course_slug}/manage/boards/{board.public_id}" if member.may(Action.MANAGE_CONTENT) else None,
        outages_url=f"/c/{member.course_slug}/manage/boards/{board.public_id}/outages"
        if member.may(Action.EXTEND) and any(each.given_back for each in deadlines) else None,
        form_text=sentences.form_words(board.form),
        unpublished=board.published_at is None,
        late_text=_("The due date has passed. What you post now is late, and is still taken.")
        if view.actor == "student" and view.state == "late" else None,
        grace_text=shared.grace_text if shared and not is_over else None,
        late_until=shared.late_until if shared else None,
        late_is_over=is_over,
        aside=aside_of(view) if aside else Markup(""),
        beside_dates=beside_dates_of(view) if aside else Markup(""),
    )  # fmt: skip


def title_of(view: ThreadView) -> str:
    """What a thread is called for its reader; a removed opening took its title along."""
    if view.thread.is_prompt:
        return view.board.board.title
    if not view.board.member.may(Action.MODERATE) and is_opening_removed(reading, view.thread.id):
        return _("Removed by its author or staff")
    return view.thread.title


def more_time_after_cut_off(view: BoardView, thread: Thread | None = None) -> str | None:
    """Where its student asks for more time on a board that takes nothing from them any more (docs/time.md, rule 13)."""
    refusal = view.why_not_post(thread) if view.actor == "student" else None
    if refusal is None or refusal.code != "cutoff_passed":
        return None
    return sentences.more_time_url(view.member, view.board)


def _taken_out(deadlines: list[sentences.Deadline]) -> sentences.Deadline | None:
    """What all deadlines say of grace and of late posts, taken out of them to be said once; None if they differ."""
    if len({(each.grace_text, each.late_until) for each in deadlines}) != 1:
        return None
    told = deadlines[0]
    deadlines[:] = [replace(each, grace_text=None, late_until=None) for each in deadlines]
    return told


def aside_of(view: BoardView) -> Markup:
    """What higher rooms show beside this board; asked for once in a request."""
    return _shown_once("board.aside", view)


def beside_dates_of(view: BoardView) -> Markup:
    """What higher rooms show under the board's dates; asked for once in a request."""
    return _shown_once("board.asked", view)


def _shown_once(place: str, view: BoardView) -> Markup:
    known: dict[tuple[str, int], Markup] = g.setdefault("board_places", {})
    key = (place, view.board.id)
    if key not in known:
        known[key] = shown_in(place, view.member, view.board.id, view.at)
    return known[key]


def done_by(view: BoardView) -> dict[int, values.Met]:
    """What the asking student did of each checkpoint, from their own posts and the times of others' first ones;
    nothing for who is no student."""
    if view.actor != "student" or not view.member.account_id:
        return {}
    return {met.checkpoint_id: met for met in standing_of_one(db.session(), view)}


def borders_passed(view: BoardView) -> tuple[bool, ...]:
    """Which instants of a board lie behind: between two of them nothing that a page says of its dates changes."""
    return tuple([border is not None and view.at >= border for border in _borders(view)])


def borders_ahead(view: BoardView) -> list[datetime]:
    """The instants after the view's at which its page may say something else: a board's, its publication, and the last
    hour before each due instant, in which the page tells the time."""
    dues = [date.due for date in view.dates.dates if date.due is not None]
    borders = [*_borders(view), view.board.published_at, *dues, *(due - LAST_HOUR for due in dues)]
    return [border for border in borders if border is not None and border > view.at]


def _borders(view: BoardView) -> list[datetime | None]:
    limits = [date.limit for date in view.dates.dates]
    settled = [limit - PEOPLE_COUNTED for limit in limits if limit is not None]
    shown = (view.dates.together_at, view.dates.held_until)
    return [view.dates.opens_at, view.dates.cutoff_at, *shown, *limits, *settled]


def crumbs(view: BoardView) -> None:
    g.crumbs = [
        (view.member.course_code, f"/c/{view.member.course_slug}"),
        (view.board.title, f"/c/{view.member.course_slug}/boards/{view.board.public_id}"),
    ]
