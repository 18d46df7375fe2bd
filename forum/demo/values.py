"""What a demo consists of, as frozen values whose dates are relative to the day on which it is laid.

A *day* is a number of calendar days from that day: 0 is the day itself, -1 the day before, 1 the day after.
The day is a date in the zone of the first course. Zones are IANA names. Texts are Markdown.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall-clock minute of a relative day in a zone, or the end of that day where `time` is None."""

    day: int
    time: time | None
    zone: str

    def on(self, laid_on: date) -> datetime:
        """The instant, in UTC, if the demo is laid on `laid_on`; the end of a day is the next day's 00:00."""
        extra = 1 if self.time is None else 0
        local = datetime.combine(
            laid_on + timedelta(days=self.day + extra), self.time or time(0), ZoneInfo(self.zone)
        )
        return local.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    key: str
    name: str
    email: str
    zone: str
    language: str
    administrator: bool


@dataclass(frozen=True, slots=True)
class DemoSection:
    key: str
    name: str
    teacher: str  # key of an account


@dataclass(frozen=True, slots=True)
class DemoEnrollment:
    account: str
    role: str  # student, assistant, instructor, observer
    section: str | None


@dataclass(frozen=True, slots=True)
class DemoCaptions:
    language: str
    label: str
    path: Path


@dataclass(frozen=True, slots=True)
class DemoVideo:
    path: Path
    title: str
    seconds: int
    captions: tuple[DemoCaptions, ...]
    transcript: str


@dataclass(frozen=True, slots=True)
class DemoLink:
    address: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class DemoAttachment:
    path: Path
    title: str


@dataclass(frozen=True, slots=True)
class DemoLesson:
    key: str
    title: str
    text: str
    video: DemoVideo | None
    links: tuple[DemoLink, ...]
    attachments: tuple[DemoAttachment, ...]


@dataclass(frozen=True, slots=True)
class DemoLevel:
    key: str
    name: str
    points: int
    description: str


@dataclass(frozen=True, slots=True)
class DemoCriterion:
    key: str
    name: str
    levels: tuple[DemoLevel, ...]  # best first

    def level(self, key: str) -> DemoLevel:
        """The level of that key; KeyError if there is none."""
        for level in self.levels:
            if level.key == key:
                return level
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class DemoCheckpoint:
    """One thing asked for. The due rule is `day` at `until`, or END_OF_DAY where `until` is None."""

    key: str  # first_post or replies
    day: int
    until: time | None
    own_zone: bool  # in each student's zone, not the course's
    minimum_words: int
    replies: int
    people: int

    def due(self, zone: str) -> Moment:
        """The due rule in a zone: the course's, or with `own_zone` the student's."""
        return Moment(self.day, self.until, zone)


@dataclass(frozen=True, slots=True)
class DemoRevision:
    at: Moment
    text: str


@dataclass(frozen=True, slots=True)
class DemoRemoval:
    by: str
    at: Moment
    reason: str


@dataclass(frozen=True, slots=True)
class DemoPost:
    """A post with every text that it had, the first one first.

    `parent` is None for an opening post and, on a board of form `single`, for an answer to the prompt.
    """

    key: str
    author: str
    parent: str | None
    title: str | None  # of the thread that it opens
    revisions: tuple[DemoRevision, ...]
    removal: DemoRemoval | None
    pinned: bool
    shown: Moment | None = None  # handed in to be shown later

    @property
    def at(self) -> Moment:
        """When it arrived."""
        return self.revisions[0].at

    @property
    def text(self) -> str:
        """The text that stands now."""
        return self.revisions[-1].text


@dataclass(frozen=True, slots=True)
class DemoDraft:
    author: str
    parent: str | None
    title: str | None
    at: Moment
    text: str


@dataclass(frozen=True, slots=True)
class DemoExtension:
    """A later due rule for one student and one checkpoint, or all of the board where `checkpoint` is None."""

    student: str
    checkpoint: str | None
    day: int
    until: time | None
    by: str
    at: Moment
    reason: str


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """An open request for more time; the wished date is in the student's own zone."""

    student: str
    checkpoint: str | None
    day: int
    until: time | None
    at: Moment
    reason: str


@dataclass(frozen=True, slots=True)
class DemoGrade:
    student: str
    by: str
    at: Moment
    scores: tuple[tuple[str, str], ...]  # (criterion, level), in the rubric's order
    feedback: str  # empty in a grade that was only begun


@dataclass(frozen=True, slots=True)
class DemoRelease:
    by: str
    at: Moment


@dataclass(frozen=True, slots=True)
class DemoBoard:
    key: str
    title: str
    form: str  # threads, one_each, single, question, announcement
    shown: str  # at_once, after_own, together
    prompt: str
    opens: Moment | None
    cut_off: Moment | None  # for own-zone checkpoints too: in the course's zone
    grace_minutes: int
    together: Moment | None  # until when nobody sees others' posts, where all are shown together
    checkpoints: tuple[DemoCheckpoint, ...]
    rubric: tuple[DemoCriterion, ...]
    posts: tuple[DemoPost, ...] = ()  # parents before their replies
    drafts: tuple[DemoDraft, ...] = ()
    extensions: tuple[DemoExtension, ...] = ()
    requests: tuple[DemoRequest, ...] = ()
    grades: tuple[DemoGrade, ...] = ()  # drafts unless `released`
    released: DemoRelease | None = None

    def finished(self, grade: DemoGrade) -> bool:
        """Whether the grade has a level in each criterion; one that has not was begun and put aside."""
        return len(grade.scores) == len(self.rubric)

    def points(self, grade: DemoGrade) -> int:
        """The points of the levels given so far."""
        levels = dict(grade.scores)
        return sum(one.level(levels[one.key]).points for one in self.rubric if one.key in levels)


@dataclass(frozen=True, slots=True)
class DemoModule:
    key: str
    title: str
    summary: str
    starts_day: int
    lessons: tuple[DemoLesson, ...]
    boards: tuple[DemoBoard, ...]


@dataclass(frozen=True, slots=True)
class DemoCourse:
    key: str
    code: str
    title: str
    summary: str
    zone: str
    starts_day: int
    ends_day: int
    sections: tuple[DemoSection, ...]
    enrollments: tuple[DemoEnrollment, ...]
    modules: tuple[DemoModule, ...]

    @property
    def boards(self) -> tuple[DemoBoard, ...]:
        """All boards, in the order of their modules."""
        return tuple(board for module in self.modules for board in module.boards)

    @property
    def lessons(self) -> tuple[DemoLesson, ...]:
        """All lessons, in the order of their modules."""
        return tuple(lesson for module in self.modules for lesson in module.lessons)

    def board(self, key: str) -> DemoBoard:
        """The board of that key; KeyError if there is none."""
        for board in self.boards:
            if board.key == key:
                return board
        raise KeyError(key)

    def with_role(self, *roles: str) -> frozenset[str]:
        """Keys of the accounts enrolled in one of the roles."""
        return frozenset(one.account for one in self.enrollments if one.role in roles)


@dataclass(frozen=True, slots=True)
class Demo:
    term: str
    term_starts_day: int
    term_ends_day: int
    accounts: tuple[DemoAccount, ...]
    courses: tuple[DemoCourse, ...] = field(default=())  # the main one first

    def account(self, key: str) -> DemoAccount:
        """The account of that key; KeyError if there is none."""
        for account in self.accounts:
            if account.key == key:
                return account
        raise KeyError(key)

    @property
    def starts(self) -> Moment:
        """The beginning of the day on which it is laid; whatever is told as past lies before it."""
        return Moment(0, time(0), self.courses[0].zone)
