"""Every date of a course that somebody may set: of modules, lessons, boards, checkpoints and sections."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...boards.models import Board, Checkpoint, DueRule
from ...boards.queries import boards_in, checkpoints_of
from ...boards.schedule import current_rules_of, wall_of
from ...core.moments import Wall, due_instant, local_moment, opening_instant
from ...courses.models import Group, Module, Section, SectionMembership
from ...courses.policy import Member
from ...courses.queries import groups_in, holds_at, modules_in, sections_in
from ...lessons.models import Lesson
from ...lessons.queries import lessons_in

Part = Section | Group
# In the order in which they stand on the page and are offered elsewhere.
KINDS = ("module_opens", "appears", "opens", "first_post", "replies", "cut_off", "together", "section_ends")
OPENINGS = frozenset({"module_opens", "appears", "opens"})


@dataclass(frozen=True)
class Slot:
    """A place for one date. `key` is made of public ids; `place` is the title of what it belongs to.

    `instant` is what the wall comes to in the course's zone. A `fixed` one is shown and can't be set here.
    """

    key: str
    kind: str
    place: str
    wall: Wall | None
    instant: datetime | None
    module: Module | None = None
    lesson: Lesson | None = None
    board: Board | None = None
    checkpoint: Checkpoint | None = None
    part: Part | None = None
    whose_zone: str = "course"
    fixed: bool = False

    @property
    def is_opening(self) -> bool:
        """Whether the date is the beginning of something: without a time it is the start of its day."""
        return self.kind in OPENINGS

    @property
    def board_name(self) -> str:
        """What `Trouble` calls the field of a board."""
        return {"opens": "opens", "cut_off": "cutoff", "together": "together"}.get(self.kind, "due")


def instant_of(wall: Wall | None, zone: ZoneInfo, *, is_opening: bool) -> datetime | None:
    """What a date comes to, in UTC."""
    if wall is None:
        return None
    return opening_instant(wall, zone) if is_opening else due_instant(wall, zone)


@dataclass(frozen=True)
class Block:
    """A module, lesson, board or section with its slots, those of parts after everyone's."""

    title: str
    kind: str
    address: str
    hidden: bool
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Stretch:
    """A module with what is in it; None stands for what is in no module, and for the sections."""

    module: Module | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class CourseDates:
    """All of them as they stand, with the rows that they come from."""

    stretches: tuple[Stretch, ...]
    parts: tuple[Part, ...]
    boards: Mapping[int, Board] = field(default_factory=dict)
    checkpoints: Mapping[int, Sequence[Checkpoint]] = field(default_factory=dict)
    rules: Mapping[int, Sequence[DueRule]] = field(default_factory=dict)

    @property
    def slots(self) -> Iterator[Slot]:
        for stretch in self.stretches:
            for block in stretch.blocks:
                yield from block.slots

    @property
    def by_key(self) -> dict[str, Slot]:
        return {slot.key: slot for slot in self.slots}


@dataclass(frozen=True)
class CourseRows:
    """The rows that the dates of a course come from."""

    modules: Sequence[Module]
    lessons: Sequence[Lesson]
    boards: Sequence[Board]
    checkpoints: Mapping[int, Sequence[Checkpoint]]
    rules: Mapping[int, Sequence[DueRule]]
    sections: Sequence[Section]
    groups: Sequence[Group] = ()


def dates_in(session: Session, member: Member, at: datetime, *, own_parts_only: bool = False) -> CourseDates:
    """Every date of the member's course, whatever is hidden; for staff alone. Eight statements at most.

    `own_parts_only`: of sections, those that a member who sees only their own is in; no groups then.
    """
    boards = boards_in(session, member, at)
    ids = [board.id for board in boards]
    sections, groups = sections_in(session, member.course_id), groups_in(session, member.course_id)
    if own_parts_only and not member.all_sections:
        own = set(session.scalars(
            select(SectionMembership.section_id).where(
                SectionMembership.account_id == member.account_id, holds_at(SectionMembership, at)
            )
        ))  # fmt: skip
        sections, groups = [section for section in sections if section.id in own], []
    rows = CourseRows(
        modules_in(session, member, at), lessons_in(session, member, at), boards, checkpoints_of(session, ids),
        current_rules_of(session, ids), sections, groups,
    )  # fmt: skip
    return laid_out(rows, member.course_slug, member.course_zone, at)


def laid_out(rows: CourseRows, slug: str, zone: ZoneInfo, at: datetime) -> CourseDates:
    """The dates of a course from its rows; nothing is read. `zone` is the course's."""
    parts: tuple[Part, ...] = (*rows.sections, *rows.groups)
    laying = _Laying(slug, zone, at, parts)
    known = {module.id for module in rows.modules}
    stretches = []
    for module in [*rows.modules, None]:
        inside: list[tuple[int, int, Block]] = [
            (lesson.position, lesson.id, laying.lesson(lesson))
            for lesson in rows.lessons
            if _is_in(lesson.module_id, module, known)
        ]
        inside += [
            (board.position, board.id, laying.board(board, rows.checkpoints[board.id], rows.rules[board.id]))
            for board in rows.boards
            if _is_in(board.module_id, module, known)
        ]
        inside.sort(key=lambda each: each[:2])
        blocks = tuple(block for _position, _id, block in inside)
        if module is not None:
            blocks = (laying.module(module), *blocks)
        if blocks:
            stretches.append(Stretch(module, blocks))
    if rows.sections:
        stretches.append(Stretch(None, tuple(laying.section(section) for section in rows.sections)))
    boards = {board.id: board for board in rows.boards}
    return CourseDates(tuple(stretches), parts, boards, rows.checkpoints, rows.rules)


def _is_in(module_id: int | None, module: Module | None, known: set[int]) -> bool:
    return module_id == module.id if module is not None else module_id not in known


class _Laying:
    """Slots while they are laid out."""

    def __init__(self, slug: str, zone: ZoneInfo, at: datetime, parts: Sequence[Part]) -> None:
        self.zone, self.at, self.parts = zone, at, parts
        self.home = f"/c/{slug}"

    def module(self, module: Module) -> Block:
        wall = wall_of(module.opens_on, module.opens_minute)
        slot = Slot(
            f"m-{module.public_id}", "module_opens", module.title, wall, module.opens_at, module=module
        )
        address = f"{self.home}/manage/modules/{module.public_id}"
        return Block(module.title, "module", address, module.published_at is None, (slot,))

    def lesson(self, lesson: Lesson) -> Block:
        """A lesson keeps the instant from which it is shown; whoever sees it already counts on it."""
        ahead = lesson.published_at is not None and lesson.published_at > self.at
        slot = Slot(
            f"l-{lesson.public_id}", "appears", lesson.title, self._shown_from(lesson), lesson.published_at,
            lesson=lesson, fixed=lesson.published_at is not None and not ahead,
        )  # fmt: skip
        address = f"{self.home}/manage/lessons/{lesson.public_id}"
        return Block(lesson.title, "lesson", address, lesson.published_at is None, (slot,))

    def _shown_from(self, lesson: Lesson) -> Wall | None:
        if lesson.published_at is None:
            return None
        local = local_moment(lesson.published_at, self.zone)
        minute = local.at.replace(second=0, microsecond=0)
        return Wall(local.on, minute if minute != time() else None)

    def board(self, board: Board, checkpoints: Sequence[Checkpoint], rules: Sequence[DueRule]) -> Block:
        slots = self._board_slots(board, checkpoints, rules, None)
        for part in self.parts:
            slots += self._board_slots(board, checkpoints, rules, part)
        address = f"{self.home}/manage/boards/{board.public_id}"
        return Block(board.title, "board", address, board.published_at is None, tuple(slots))

    def _board_slots(
        self, board: Board, checkpoints: Sequence[Checkpoint], rules: Sequence[DueRule], part: Part | None
    ) -> list[Slot]:
        section_id = part.id if isinstance(part, Section) else None
        group_id = part.id if isinstance(part, Group) else None
        held = {
            (rule.what, rule.checkpoint_id): rule
            for rule in rules
            if (rule.section_id, rule.group_id) == (section_id, group_id)
        }
        ending = f"-{part.public_id}" if part is not None else ""

        def slot(key: str, kind: str, rule: DueRule | None, checkpoint: Checkpoint | None = None) -> Slot:
            wall = wall_of(rule.wall_on, rule.wall_minute) if rule else None
            return Slot(
                key + ending, kind, board.title, wall, rule.instant if rule else None, board=board,
                checkpoint=checkpoint, part=part, whose_zone=rule.whose_zone if rule else "course",
            )  # fmt: skip

        return [
            slot(f"o-{board.public_id}", "opens", held.get(("opens", None))),
            *(
                slot(f"d-{one.public_id}", one.kind, held.get(("due", one.id)), one) for one in checkpoints
            ),
            slot(f"u-{board.public_id}", "cut_off", held.get(("cut_off", None))),
            *(
                [slot(f"t-{board.public_id}", "together", held.get(("together", None)))]
                if board.shown == "together" and part is None  # one moment, for everyone
                else []
            ),
        ]  # fmt: skip

    def section(self, section: Section) -> Block:
        wall = Wall(section.ends_on) if section.ends_on else None
        instant = instant_of(wall, self.zone, is_opening=False)
        slot = Slot(f"s-{section.public_id}", "section_ends", section.title, wall, instant, part=section)
        return Block(section.title, "section", f"{self.home}/people/sections", False, (slot,))
