"""A whole board as a form or an import gives it, and what is said when it can't stand so."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..core.moments import Wall

Part = tuple[str, int]
"""A part of a course: "section" or "group", and its key."""


@dataclass(frozen=True)
class CheckpointSpec:
    """One checkpoint as a form or an import gives it; `id` names one that is there already."""

    kind: str
    id: int | None = None
    replies: int = 0
    people: int = 0
    min_words: int = 0
    due: Wall | None = None
    whose_zone: str = "course"


@dataclass(frozen=True)
class BoardSpec:
    """A whole board as a form or an import gives it."""

    title: str
    form: str = "threads"
    shown: str = "at_once"
    prompt: str = ""
    module_id: int | None = None
    opens: Wall | None = None
    cut_off: Wall | None = None
    grace_minutes: int = 5
    checkpoints: tuple[CheckpointSpec, ...] = ()
    classmates_only: bool = False
    students_start: bool = True
    pinned: bool = False
    staff_questions: bool | None = None  # None: as is usual for the form
    announcements_answered: bool = False
    template: str = ""
    template_source: str = ""
    groups: str = "none"
    together: Wall | None = None  # until when nobody sees others' posts, if that is how they are shown
    audience: frozenset[Part] = frozenset()  # the sections and groups that it is for; empty: everyone


@dataclass(frozen=True)
class Trouble:
    """Why one field of a board can't stand as given: `place` is the checkpoint's number from 0 on."""

    name: str
    code: str
    place: int | None = None
    values: dict[str, object] = field(default_factory=dict)


class NotThisBoard(Exception):
    """The board was refused as a whole; nothing was changed. Each trouble belongs beside its field."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__(", ".join(f"{trouble.name}: {trouble.code}" for trouble in troubles))
        self.troubles = tuple(troubles)
