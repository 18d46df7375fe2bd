"""What the dates of a course are called, how they read, and why one can't stand, in words."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ...boards.sentences import checkpoint_words
from ...boards.trouble_sentences import oddity_note, refusal_words, spelled, trouble_words
from ...core.errors import Refused
from ...core.moments import Wall
from ...core.refusals import sentences_for, tells
from ...core.times import date_words
from ...courses.models import Group
from ...courses.policy import Member
from .judging import RowTrouble
from .slots import Part, Slot, instant_of

KIND_WORDS = {
    "module_opens": _l("Modules open"),
    "appears": _l("Lessons appear"),
    "opens": _l("Boards open"),
    "first_post": _l("First posts are due"),
    "replies": _l("Replies are due"),
    "cut_off": _l("Late posts are taken until"),
    "together": _l("All posts are shown after"),
    "section_ends": _l("Sections end"),
}
BLOCK_WORDS = {
    "module": _l("module"), "lesson": _l("lesson"), "board": _l("board"), "section": _l("section"),
}  # fmt: skip


def part_title(part: Part) -> str:
    """ "North", or a group with its set."""
    if isinstance(part, Group) and part.set_title:
        return f"{part.set_title}: {part.title}"
    return part.title


def slot_words(slot: Slot) -> str:
    """Which date it is: "First post, at least 50 words: due", with the part that it is for."""
    if slot.checkpoint is not None:
        text = _("Due: %(what)s", what=checkpoint_words(slot.checkpoint))
    else:
        text = {
            "module_opens": _("Opens"), "appears": _("Appears"), "opens": _("Opens"),
            "cut_off": _("Late posts are taken until"), "together": _("All posts are shown after"), "section_ends": _("Ends"),
            "course_ends": _("The course ends"),
        }[slot.kind]  # fmt: skip
    if slot.part is not None and slot.kind != "section_ends":
        return _("%(what)s, for %(part)s", what=text, part=part_title(slot.part))
    return text


def whole_words(slot: Slot) -> str:
    """The same with what it belongs to."""
    return _("%(place)s – %(what)s", place=slot.place, what=slot_words(slot))


def reads_as(slot: Slot, wall: Wall | None, member: Member) -> str:
    """A date spelled out with weekday and zone; whose zone, if it is not the course's."""
    if wall is None:
        if slot.kind == "section_ends":
            return _("with the course")
        return _("as for everyone") if slot.part is not None else _("no date")
    if slot.whose_zone == "own":
        return _("%(time)s, for each student in their own zone", time=day_words(wall))
    instant = slot.instant if wall == slot.wall else None
    if instant is None:
        instant = instant_of(wall, member.course_zone, is_opening=slot.is_opening)
    return spelled(instant, member, is_due=not slot.is_opening)


def note_of(slot: Slot, wall: Wall | None, member: Member) -> str | None:
    """What is strange about a time in the course's zone (docs/time.md, rule 4)."""
    if wall is not None and wall == slot.wall:
        return None
    return oddity_note(wall, member.course_zone, is_opening=slot.is_opening)


def row_trouble_words(trouble: RowTrouble, member: Member) -> str:
    """Why a row can't stand; where the fault is in another row, which."""
    told = dict(trouble.values)
    match trouble.code:
        case "meanwhile":
            return _("Somebody changed this date meanwhile. Under “Before” is what stands now.")
        case "module_shown":
            return refusal_words(Refused("module_shown"), member)
        case "appears_past" | "lesson_shown" | "section_end_early" | "section_end_only_later":
            return " ".join(sentences_for(Refused(trouble.code, told)))
    text = trouble_words(trouble.code, told, member, name=trouble.name)
    if trouble.of is not None:
        return _("With this, “%(other)s” could not stay: %(why)s", other=slot_words(trouble.of), why=text)
    return text


@tells("lesson_shown", "appears_past")
def _tell(refused: Refused) -> list[str]:
    if refused.code == "lesson_shown":
        return [_("Students see this lesson already.")]
    return [_("This lies in the past. To show the lesson now, publish it on its own page.")]


def day_words(wall: Wall) -> str:
    """A due wall as it was written: its date, and its time or the end of the day."""
    if wall.minute is None:
        return _("end of %(date)s", date=date_words(wall.on))
    return f"{date_words(wall.on)}, {wall.minute:%H:%M}"
