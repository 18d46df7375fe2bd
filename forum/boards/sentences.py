"""What boards and their dates are in words: checkpoints, deadlines with their reasons, refusals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext

from ..core.errors import Refused
from ..core.moments import last_minute
from ..core.refusals import tells
from ..core.times import Moment, date_words, due_moment, duration_words, hour_words, moment, zone_words
from ..courses.policy import Action, Member
from .models import Board, Checkpoint
from .outages.words import added_words, given_words, shortly
from .rules import values


def form_words(form: str) -> str:
    return {
        "threads": _("Anyone starts threads."),
        "one_each": _("One thread each."),
        "single": _("One discussion."),
        "question": _("Questions and answers."),
        "announcement": _("News from staff."),
    }[form]


def shown_words(shown: str) -> str:
    return {
        "at_once": _("Everybody's posts are shown at once."),
        "after_own": _("Others' posts are shown to you once your own first post is there and long enough."),
        "together": _("All posts are shown together at one moment."),
    }[shown]


def checkpoint_words(checkpoint: Checkpoint | values.CheckpointRule) -> str:
    """ "2 replies to 2 different people, at least 50 words each"."""
    if checkpoint.kind == "first_post":
        if checkpoint.min_words:
            return _("First post, at least %(words)d words", words=checkpoint.min_words)
        return _("First post")
    text = ngettext("%(num)d reply", "%(num)d replies", checkpoint.replies)
    if checkpoint.people > 1:
        text = _("%(replies)s to %(people)d different people", replies=text, people=checkpoint.people)
    if checkpoint.min_words:
        return _("%(what)s, at least %(words)d words each", what=text, words=checkpoint.min_words)
    return text


@dataclass(frozen=True)
class Deadline:
    """One due date as the macro shows it."""

    title: str
    moment: Moment | None
    hour_text: str
    date_text: str
    grace_text: str | None
    reasons: list[str]
    late_until: Moment | None
    done_text: str | None = None
    state: str = ""
    ask_url: str | None = None
    given_back: tuple[str, ...] = ()  # for outages


# States of a checkpoint in which more time would change nothing.
_NOTHING_LEFT_TO_ASK = ("met_on_time", "excused", "not_asked")


def more_time_url(member: Member, board: Board, checkpoint: Checkpoint | None = None) -> str | None:
    """Where a student asks for more time on a board, or for one thing on it; None for everyone else."""
    if not member.may(Action.ASK_FOR_TIME) or member.course_state != "open":
        return None
    url = f"/c/{member.course_slug}/boards/{board.public_id}/more-time"
    return f"{url}?for={checkpoint.public_id}" if checkpoint is not None else url


def grace_words(due: datetime, limit: datetime, reader: ZoneInfo) -> str:
    """What grace means for who posts at the last minute."""
    last, until = last_minute(due, reader), last_minute(limit, reader)
    return _(
        "Please post by %(last)s. Clocks and lines differ: what arrives by %(until)s counts as on time.",
        last=f"{last.at:%H:%M}", until=f"{until.at:%H:%M}",
    )  # fmt: skip


def deadline_of(
    date: values.DueDate,
    checkpoint: Checkpoint,
    member: Member,
    *,
    grace_minutes: int,
    late_until: datetime | None,
    zone: ZoneInfo | None = None,
    done_text: str | None = None,
    state: str = "",
    ask_url: str | None = None,
) -> Deadline:
    """A due date in the reader's zone, the course's beside it, with its reasons one step away."""
    reader = zone or member.zone
    grace = None
    if date.due is not None and date.limit is not None and grace_minutes:
        grace = grace_words(date.due, date.limit, reader)
    return Deadline(
        title=checkpoint_words(checkpoint),
        moment=due_moment(date.due, reader, member.course_zone) if date.due is not None else None,
        hour_text=hour_words(date.due, reader) if date.due is not None else "",
        date_text=date_words(last_minute(date.due, reader).on) if date.due is not None else "",
        grace_text=grace,
        reasons=reason_sentences(date.reasons, reader) if date.due is not None or date.no_due else [],
        late_until=due_moment(late_until, reader, member.course_zone)
        if late_until is not None and date.limit is not None and late_until > date.limit
        else None,
        done_text=done_text,
        state=state,
        ask_url=ask_url if date.due is not None and state not in _NOTHING_LEFT_TO_ASK else None,
        given_back=tuple(shortly(dict(each.values)) for each in date.reasons if each.code == "credit"),
    )


def reason_sentences(reasons: Iterable[values.Reason], reader: ZoneInfo) -> list[str]:
    """The steps of docs/time.md, rule 9, in plain words and in their order."""
    return [sentence for reason in reasons if (sentence := _reason(reason, reader))]


def _reason(reason: values.Reason, reader: ZoneInfo) -> str:
    told: dict[str, Any] = dict(reason.values)
    due = told.get("due") or told.get("cutoff")
    zone_name = str(told.get("zone") or reader.key)
    in_rule_zone = due_moment(due, ZoneInfo(zone_name)).text if isinstance(due, datetime) else ""
    here = due_moment(due, reader).text if isinstance(due, datetime) else ""
    days, hours = int(told.get("days") or 0), int(told.get("hours") or 0)
    why = str(told.get("why") or "")
    if reason.code in ("changed", "extension_reason", "extension_withdrawn", "added_reason"):
        return _changed(reason.code, told, why, reader)
    match reason.code:
        case "rule":
            text = _("The course's rule: %(date)s, %(zone)s.", date=in_rule_zone, zone=zone_words(zone_name))
        case "section":
            text = _(
                "The date of your section or group: %(date)s, %(zone)s.",
                date=in_rule_zone,
                zone=zone_words(zone_name),
            )
        case "promised":
            return _("This date was shown to you, and it holds: %(date)s.", date=here)
        case "kept_on_change":
            return _(
                "In the section or group that you were in before it was due later, and you keep that: %(date)s.",
                date=here,
            )
        case "extension":
            return (
                _("More time was given: %(date)s.", date=here)
                if due
                else _("More time was given: no due date.")
            )
        case "moved_with_earlier":
            return ngettext("Moved by %(num)d day with an earlier part of this board.",
                            "Moved by %(num)d days with an earlier part of this board.", days)  # fmt: skip
        case "accommodation":
            parts = [ngettext("%(num)d day", "%(num)d days", days) if days else "",
                     ngettext("%(num)d hour", "%(num)d hours", hours) if hours else ""]  # fmt: skip
            return _(
                "Your standing allowance gives you %(time)s more.",
                time=" ".join(part for part in parts if part),
            )
        case "credit":
            return given_words(told, reader)
        case "credit_added":
            return added_words(told, reader)
        case "not_before_earlier":
            return _("Not before the earlier part of this board is due.")
        case _:
            return ""
    if zone_name != reader.key and here != in_rule_zone:
        text += " " + _("For you: %(date)s, %(zone)s.", date=here, zone=zone_words(reader.key))
    return text


def _changed(code: str, told: dict[str, Any], why: str, reader: ZoneInfo) -> str:
    """One step of the history of a date (docs/time.md, rule 6)."""
    at = moment(told["at"], reader).text
    if code == "changed":
        was, now = (
            due_moment(told[name], reader).text if told[name] else _("no due date") for name in ("was", "due")
        )
        text = _("Changed %(at)s: before it was %(was)s, from then on %(now)s.", at=at, was=was, now=now)
    elif code == "extension_reason":
        text = _("You were given more time %(at)s.", at=at)
    elif code == "added_reason":
        text = _("Everybody on this board was given more time, because of an outage; that was %(at)s.", at=at)
    else:
        text = _("More time that you were given was taken back %(at)s.", at=at)
    return text + " " + _("The reason: %(why)s", why=why) if why else text


def lateness_words(late: Any) -> str:
    return _("%(time)s late", time=duration_words(late.elapsed))


def state_words(met: values.Met) -> tuple[str, str]:
    """A state of docs/time.md, rule 17, as (code for its shape, words)."""
    words = {
        "not_yet_due": _("not yet due"),
        "met_on_time": _("on time"),
        "met_late": _("late"),
        "missing": _("missing"),
        "excused": _("excused"),
        "not_asked": _("not asked"),
    }[met.state]
    if met.state == "met_late" and met.lateness is not None:
        words = lateness_words(met.lateness)
    return met.state, words


def progress_words(
    met: values.Met, checkpoint: Checkpoint, member: Member, *, cut_off: datetime | None, at: datetime
) -> str:
    """What of a checkpoint is done, to its student: "posted Tuesday 24 November 2026, 21:04, on time"."""
    if met.state == "excused":
        return _("You are excused from this.")
    if met.state == "not_asked":
        return _("Not asked of you: it was due before you came.")
    if met.met_at is not None:
        when = moment(met.met_at, member.zone).text
        if met.state == "met_late" and met.lateness is not None:
            return _("Done %(time)s, %(late)s.", time=when, late=lateness_words(met.lateness))
        return _("Done %(time)s, on time.", time=when)
    done = ""
    if checkpoint.kind == "replies" and (met.replies_done or met.state == "not_yet_due"):
        done = _("Replies: %(done)d of %(asked)d, to %(people)d of %(people_asked)d people. ", done=met.replies_done,
                 asked=met.replies_asked, people=met.people_done, people_asked=met.people_asked)  # fmt: skip
    if met.words_done is not None:
        done = _(
            "Posted with %(done)d of at least %(asked)d words. ",
            done=met.words_done,
            asked=checkpoint.min_words,
        )
    if met.state != "missing":
        return done or _("Nothing posted yet.")
    if cut_off is not None and at >= cut_off:
        return done + (
            _("This is closed.") if met.words_done is not None else _("Not posted; this is closed.")
        )
    until = due_moment(cut_off, member.zone).text if cut_off else None
    if met.words_done is not None:
        if until:
            return done + _("It can still be made longer, late, until %(time)s.", time=until)
        return done + _("It can still be made longer, late.")
    late = (
        _("can still be posted late until %(time)s", time=until) if until else _("can still be posted late")
    )
    return done + _("Not posted; %(late)s.", late=late)


def refusal_sentence(refusal: values.Refusal, reader: ZoneInfo) -> str:
    """Why a rule of boards refuses, in one sentence."""
    told: dict[str, Any] = dict(refusal.values)
    when = next(
        (told[name] for name in ("cutoff_at", "opens_at") if isinstance(told.get(name), datetime)), None
    )
    closed = due_moment(when, reader).text if when and refusal.code == "cutoff_passed" else ""
    opens = moment(when, reader).text if when and refusal.code == "not_yet_open" else ""
    limit = due_moment(told["limit_at"], reader).text if "limit_at" in told else ""
    return {
        "shown_in_the_past": _("Choose a time that is still to come."),
        "shown_too_late": _("Choose a time at most 7 days from now."),
        "shown_after_limit": _("Others must be able to read it before the next thing is due here: choose a time before %(time)s.", time=limit),
        "thread_waits": _("This thread is not shown to others yet; it can be answered once it is."),
        "has_appeared": _("This post has appeared meanwhile."),
        "cutoff_passed": _("This board took posts until %(time)s and is closed now.", time=closed),
        "not_yet_open": _("This board opens %(time)s.", time=opens),
        "closed_by_hand": _("This board was closed by staff."),
        "course_ended": _("This course has ended; it can be read, not written in."),
        "course_archived": _("This course is archived; it can be read, not written in."),
        "thread_closed": _("This thread was closed by staff."),
        "thread_removed": _("This thread was removed."),
        "post_removed": _("This post was removed and can't be edited."),
        "reads_only": _("You can read here, but not write."),
        "staff_only": _("Only staff write here."),
        "staff_announce": _("This is where staff announce things; it takes no posts from students."),
        "staff_start": _("Threads are started by staff here; you can reply."),
        "is_open": _("This thread is open to the course already."),
        "not_asked": _("Staff have not asked whether it may be opened."),
        "no_consent": _("It can be opened only when who asked has said yes."),
        "no_staff_questions": _("Questions that only staff read cannot be asked here."),
        "has_thread": _("You have started your one thread here; you can reply in it and in others."),
        "no_group": _("Threads are for groups here, and you are in none of this board's groups. Ask your instructor to put you into one."),
        "other_group": _("This belongs to another group: you can read it, and only its people can write here."),
        "group_not_yours": _("Please choose one of the groups that are offered."),
        "single_thread": _("There is one discussion here; please reply in it."),
        "parent_removed": _("The post that you answer was removed meanwhile. You can post your words as an answer to the whole discussion."),
        "only_template": _("This is only the template so far. Write your own words into it; the template's count for nothing."),
        "files_gone": _("A file that was to go with it is with another post now, or was taken away in another window."),
        "parent_held": _("This post waits for staff to look at it: nobody can reply to it until then. You can answer the whole discussion instead."),
        "parent_private": _("Nobody can reply to a private reply. You can answer the post above it instead."),
        "no_student": _("A private reply goes to a student of this course. Who wrote this is none, or is here no more."),
        "edited_meanwhile": _("This post was changed meanwhile, perhaps in another window. Your words are here: compare them with the text as it stands now."),
    }.get(refusal.code, _("This is not possible now."))  # fmt: skip


@tells(
    "cutoff_passed", "not_yet_open", "closed_by_hand", "course_ended", "course_archived", "thread_closed",
    "thread_removed", "post_removed", "reads_only", "staff_only", "staff_announce", "staff_start", "has_thread", "single_thread",
    "parent_removed", "edited_meanwhile", "shown_in_the_past", "shown_too_late", "shown_after_limit", "thread_waits",
    "has_appeared", "files_gone", "only_template", "no_group", "other_group", "group_not_yours", "parent_private", "parent_held",
    "no_student", "no_staff_questions", "is_open", "not_asked", "no_consent",
)  # fmt: skip
def _tell(refused: Refused) -> list[str]:
    member: Member | None = g.get("member")
    reader = member.zone if member is not None else ZoneInfo("UTC")
    return [refusal_sentence(values.Refusal(refused.code, refused.values), reader)]


def deadlines_of(
    dates: values.StudentBoard, checkpoints: Sequence[Checkpoint], member: Member, *, grace_minutes: int
) -> list[Deadline]:
    """Every due date of a board for one member, without what was done."""
    by_id = {checkpoint.id: checkpoint for checkpoint in checkpoints}
    return [
        deadline_of(
            date, by_id[date.checkpoint_id], member, grace_minutes=grace_minutes, late_until=dates.cutoff_at
        )
        for date in dates.dates
        if date.checkpoint_id in by_id
    ]
