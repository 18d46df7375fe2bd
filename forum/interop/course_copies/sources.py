"""All of a course that a copy takes, as rows, whatever is hidden in it; never what people did there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...boards.models import Board, DueRule
from ...boards.queries import checkpoints_of
from ...boards.schedule import current_rules_of
from ...core.files import File
from ...core.moments import zone
from ...courses.models import Course, Module, Term
from ...courses.queries import sections_in
from ...desk.dates.slots import CourseDates, CourseRows, Slot, laid_out
from ...lessons.models import Lesson, LessonFile, LessonLink
from ...participation.queries import Rubric, rubrics_of
from .plans import end_slot


@dataclass(frozen=True)
class Source:
    """A course to be copied. `dates` are laid out as on the page of its dates, its last day before them."""

    course: Course
    term: Term
    rows: CourseRows
    links: Sequence[LessonLink]
    files: Sequence[tuple[LessonFile, File]]
    rubrics: Mapping[int, Rubric]
    dates: CourseDates

    @property
    def end(self) -> Slot:
        return end_slot(self.course)

    @property
    def slots(self) -> list[Slot]:
        """Every date that can be taken over: everyone's, then those of sections; groups stay behind."""
        return [self.end, *(slot for slot in self.dates.slots if slot.wall is not None and not slot.fixed)]

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """What changes when anything of it does that a copy takes."""
        return (
            self.course.title, self.course.zone, self.course.starts_on, self.course.ends_on,
            *((one.id, one.title, one.position, one.published_at, one.opens_on, one.opens_minute)
              for one in self.rows.modules),
            *((one.id, one.revision, one.position, one.module_id, one.published_at) for one in self.rows.lessons),
            *((one.id, one.version, one.position) for one in self.rows.boards),
            *((one.id, one.title, one.ends_on) for one in self.rows.sections),
            *(link.id for link in self.links), *(file.id for _use, file in self.files),
            *(rule.id for rules in self.rows.rules.values() for rule in rules),
            *((board_id, rubric.digest) for board_id, rubric in self.rubrics.items()),
        )  # fmt: skip


def source_of(session: Session, course: Course, at: datetime) -> Source:
    """Everything that a copy of the course takes; thirteen statements."""
    of = course.id
    modules = session.scalars(
        select(Module).where(Module.course_id == of, Module.removed_at.is_(None)).order_by(Module.position, Module.id)
    ).all()  # fmt: skip
    lessons = session.scalars(
        select(Lesson).where(Lesson.course_id == of, Lesson.removed_at.is_(None)).order_by(Lesson.position, Lesson.id)
    ).all()  # fmt: skip
    boards = session.scalars(
        select(Board).where(Board.course_id == of, Board.removed_at.is_(None)).order_by(Board.position, Board.id)
    ).all()  # fmt: skip
    board_ids, lesson_ids = [board.id for board in boards], [lesson.id for lesson in lessons]
    rules = {
        board_id: _of_sections(found) for board_id, found in current_rules_of(session, board_ids).items()
    }
    rows = CourseRows(
        modules, lessons, boards, checkpoints_of(session, board_ids), rules, sections_in(session, of)
    )
    links = session.scalars(
        select(LessonLink)
        .where(LessonLink.lesson_id.in_(lesson_ids), LessonLink.removed_at.is_(None))
        .order_by(LessonLink.lesson_id, LessonLink.position, LessonLink.id)
    ).all()
    files = session.execute(
        select(LessonFile, File)
        .join(File, File.id == LessonFile.file_id)
        .where(LessonFile.lesson_id.in_(lesson_ids), File.removed_at.is_(None))
        .order_by(LessonFile.lesson_id, LessonFile.position, LessonFile.id)
    ).all()
    term = session.get_one(Term, course.term_id)
    return Source(
        course, term, rows, links, [(use, file) for use, file in files], rubrics_of(session, board_ids),
        laid_out(rows, course.slug, zone(course.zone), at),
    )  # fmt: skip


def _of_sections(rules: Sequence[DueRule]) -> list[DueRule]:
    """Everyone's dates and those of sections; groups stay behind."""
    return [rule for rule in rules if rule.group_id is None]


def without_sections(source: Source) -> Source:
    """The same, its sections left behind."""
    rules = {
        board_id: [rule for rule in rules if rule.section_id is None]
        for board_id, rules in source.rows.rules.items()
    }
    rows = replace(source.rows, sections=(), rules=rules)
    stretches = tuple(
        replace(stretch, blocks=tuple(
            replace(block, slots=tuple(slot for slot in block.slots if slot.part is None))
            for block in stretch.blocks
            if block.kind != "section"
        ))
        for stretch in source.dates.stretches
    )  # fmt: skip
    dates = replace(
        source.dates, stretches=tuple(one for one in stretches if one.blocks), parts=(), rules=rules
    )
    return replace(source, rows=rows, dates=dates)
