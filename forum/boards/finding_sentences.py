"""What the linter of dates found, in words: one sentence a finding, with what it means for students."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from ..core.moments import oddity_of
from ..core.times import date_words, duration_words, weekday_words
from ..courses.policy import Member
from .rules import linter
from .trouble_sentences import oddity_words, spelled


def finding_words(finding: linter.Finding, plan: linter.Plan, member: Member) -> str:
    """A finding in a sentence, beginning with the number of the checkpoint where it is about one."""
    if finding.place is None:
        return _of_board(finding, plan, member)
    text = _of_checkpoint(finding, plan, member)
    if len(plan.asked) == 1:
        return text
    return _("No. %(place)d: %(text)s", place=finding.place + 1, text=text)


def _of_checkpoint(finding: linter.Finding, plan: linter.Plan, member: Member) -> str:
    assert finding.place is not None
    told: dict[str, Any] = dict(finding.values)
    due = spelled(max(plan.dues_of(finding.place), default=None), member)
    students = ngettext("%(num)d student", "%(num)d students", int(told.get("students") or 0))
    match finding.code:
        case "past_end":
            return _("It is due after the course has ended: %(time)s. The course ends on %(date)s.",
                     time=due, date=date_words(plan.ends_on))  # fmt: skip
        case "before_start":
            return _("It is due before the course begins on %(date)s: %(time)s.", time=due, date=date_words(plan.starts_on))  # fmt: skip
        case "no_teaching_day":
            return _("%(weekday)s is no teaching day where the course is: help may be hard to find.",
                     weekday=weekday_words(told["on"]))  # fmt: skip
        case "due_already":
            return _("It was due already: %(time)s. Who posts now is late.", time=due)
        case "due_already_for_some":
            return _(
                "It was due already for %(students)s, in whose zone the time has passed.", students=students
            )
        case "due_before_opens":
            return _("It is due before the board opens for %(students)s.", students=students)
        case "short_notice":
            return _("It is due %(time)s after the board opens. Some students look in once a day.",
                     time=duration_words(told["length"]))  # fmt: skip
        case "asleep":
            return _("Hardly anyone is awake then: it is night for %(students)s of %(number)d.",
                     students=students, number=told["of"])  # fmt: skip
        case "replies_soon":
            if not told["length"]:
                return _("It is due at the same time as the first posts: there may be nobody to answer yet.")
            return _("It is due only %(time)s after the first posts: there may be few to answer yet.",
                     time=duration_words(told["length"]))  # fmt: skip
        case "own_spread":
            return _("In their own zones the first students have it %(time)s before the last: %(first)s, and %(last)s.",
                     time=duration_words(told["length"]), first=spelled(told["first"], member),
                     last=spelled(told["last"], member))  # fmt: skip
        case _:
            return _odd(told)


def _of_board(finding: linter.Finding, plan: linter.Plan, member: Member) -> str:
    told: dict[str, Any] = dict(finding.values)
    match finding.code:
        case "crowded":
            return _crowded(told, member)
        case "opens_past_end":
            return _("The board opens after the course has ended.")
        case "cutoff_passed":
            return _("The cut-off has passed: nothing will be taken here.")
        case "cutoff_at_due":
            return _(
                "The cut-off is when the last part is due: nothing is taken late, beyond the minutes of grace."
            )
        case "cutoff_past_end":
            return _("The cut-off is after the course has ended, on %(date)s; nothing is taken after that.",
                     date=date_words(plan.ends_on))  # fmt: skip
        case "cutoff_held":
            return ngettext("For %(num)d student it is due after the cut-off; the board stays open for them until their own limit.",
                            "For %(num)d students it is due after the cut-off; the board stays open for them until their own limit.",
                            told["students"])  # fmt: skip
        case code if code.startswith("opens_"):
            return _("Opening: %(text)s", text=_odd(told, is_opening=True))
        case _:
            return _("Cut-off: %(text)s", text=_odd(told))


def _odd(told: dict[str, Any], *, is_opening: bool = False) -> str:
    oddity = oddity_of(told["wall"], told["zone"])
    assert oddity is not None
    return oddity_words(oddity, told["zone"], is_opening=is_opening)


def _crowded(told: dict[str, Any], member: Member) -> str:
    """ "12 students have 3 deadlines within 24 hours, …; also on “Maps”."""
    text = ngettext(
        "%(num)d student has %(number)d deadlines within 24 hours, the first %(first)s, the last %(last)s.",
        "%(num)d students have deadlines within 24 hours of each other, up to %(number)d, the first %(first)s, the last %(last)s.",
        told["students"], number=told["number"], first=spelled(told["first"], member), last=spelled(told["last"], member),
    )  # fmt: skip
    titles = [_("“%(title)s”", title=title) for title in told["titles"]]
    return (
        text + " " + _("They are on this board and on %(titles)s.", titles=", ".join(titles))
        if titles
        else text
    )
