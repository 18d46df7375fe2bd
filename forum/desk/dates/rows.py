"""Rows of dates in a form: what stands, what was sent, and what is said beside each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any

from flask import request
from werkzeug.datastructures import ImmutableMultiDict

from ...boards.dates_form import DateForm
from ...core.moments import Wall
from ...courses.policy import Member
from .judging import Troubles
from .sentences import note_of, reads_as, row_trouble_words, slot_words, whole_words
from .slots import Slot

_NOTHING: Any = ImmutableMultiDict()


@dataclass
class Row:
    """One date in a form. `was` is what the person saw when the form was made.

    `reader` is who reads it; `elsewhere` says that the new date will stand in another course, as this member reads it.
    """

    slot: Slot
    form: DateForm
    was: Wall | None
    reader: Member
    wall: Wall | None = None
    trouble: str = ""
    notes: list[str] = field(default_factory=list)
    elsewhere: Member | None = None

    @property
    def key(self) -> str:
        return self.slot.key

    @property
    def was_text(self) -> str:
        return wall_text(self.was)

    @property
    def what(self) -> str:
        return slot_words(self.slot)

    @property
    def whole(self) -> str:
        return whole_words(self.slot)

    @property
    def day_only(self) -> bool:
        """Whether only a whole day can be given."""
        return self.slot.kind in ("section_ends", "course_ends")

    @property
    def before(self) -> str:
        return reads_as(self.slot, self.slot.wall, self.reader)

    @property
    def after(self) -> str:
        if self.elsewhere is not None:
            return reads_as(replace(self.slot, instant=None), self.wall, self.elsewhere)
        return reads_as(self.slot, self.wall, self.reader)

    @property
    def errors(self) -> list[str]:
        """Everything that is wrong with what was typed, in sentences."""
        found: list[str] = []
        for each in (self.form.on, self.form.minute, self.form.night):
            found += [str(error) for error in each.errors]
        return found

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors or self.trouble)


def wall_text(wall: Wall | None) -> str:
    """ "2026-11-26", "2026-11-26T20:00", or nothing."""
    if wall is None:
        return ""
    return wall.on.isoformat() + (f"T{wall.minute:%H:%M}" if wall.minute is not None else "")


def wall_from(text: str) -> Wall | None:
    """The way back; what is no such text is no date."""
    on, _t, minute = text.partition("T")
    try:
        return Wall(date.fromisoformat(on), time.fromisoformat(minute) if minute else None)
    except ValueError:
        return None


def row_of(slot: Slot, wall: Wall | None, reader: Member) -> Row:
    """A row that proposes a date: what a person, a series or a file wants there."""
    form = DateForm(formdata=_NOTHING, prefix=f"{slot.key}-")
    form.show(wall)
    return Row(slot, form, slot.wall, reader, form.wall(slot.wall, is_opening=slot.is_opening))


def rows_standing(slots: Iterable[Slot], reader: Member) -> list[Row]:
    """Rows as everything stands."""
    found = []
    for slot in slots:
        form = DateForm(formdata=_NOTHING, prefix=f"{slot.key}-")
        form.show(slot.wall)
        found.append(Row(slot, form, slot.wall, reader, slot.wall))
    return found


def rows_sent(slots: Iterable[Slot], reader: Member) -> list[Row]:
    """The rows that the form at hand brings, of slots that can be set; each read, its errors in its fields."""
    found = []
    for slot in slots:
        seen = request.form.get(f"{slot.key}-was")
        if seen is None or slot.fixed:
            continue
        row = Row(slot, DateForm(formdata=request.form, prefix=f"{slot.key}-"), wall_from(seen), reader)
        row.form.validate()
        if row.day_only:
            row.form.minute.data = None
        row.wall = row.form.wall(row.was, is_opening=slot.is_opening)
        found.append(row)
    return found


def mark(rows: Iterable[Row], troubles: Troubles) -> None:
    """Put beside each row why it can't stand, and what is strange about its time."""
    for row in rows:
        reader = row.elsewhere or row.reader
        trouble = troubles.get(row.key)
        row.trouble = row_trouble_words(trouble, reader) if trouble is not None else ""
        note = note_of(row.slot, row.wall, reader) if not row.errors else None
        row.notes = [note] if note else []


def wanted_of(rows: Iterable[Row]) -> Mapping[str, Wall | None]:
    return {row.key: row.wall for row in rows}
