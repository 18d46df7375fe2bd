"""Who may do what: one table of actions and roles, and the frozen value that asks."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo


class Role(StrEnum):
    STUDENT = "student"
    ASSISTANT = "assistant"
    INSTRUCTOR = "instructor"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"  # of the site, not enrolled: set-up only
    VISITOR = "visitor"  # an administrator who entered the course with a reason


class Action(StrEnum):
    READ = "read published boards and lessons"
    READ_UNPUBLISHED = "read boards and lessons that students do not see yet"
    POST = "post"
    ASK_FOR_TIME = "ask for more time"
    ASK_STAFF = "ask what only staff read"
    REPLY_PRIVATELY = "reply to one student, so that only they and staff read it"
    POST_ANY_TIME = "post after the cut-off, in closed threads and before opening"
    START_ANNOUNCEMENT = "start threads where only staff do"
    ANSWER_ANNOUNCEMENT = "reply to announcements that take no replies"
    FLAG = "flag posts for staff to look at"
    MODERATE = "edit, remove, close and pin what others wrote"
    SEE_OWN_GRADES = "see own participation and released grades"
    SEE_PARTICIPATION = "see participation of everyone and their due dates"
    GRADE = "grade"
    RELEASE = "release grades"
    EXTEND = "extend, excuse"
    SEE_REASONS = "see reasons of extensions and accommodations"
    SEE_NAMES = "see who is anonymous to peers"
    MANAGE_CONTENT = "make boards and lessons"
    MANAGE_PEOPLE = "manage people of the course"
    SEE_PEOPLE = "see who is in the course"
    SET_UP = "change the course's title, zone, dates and state"
    SEE_AS_STUDENT = "see as a student"
    ADMINISTER = "administer the site"


_S, _A, _I, _O, _ADM, _V = Role
_STAFF = {_A, _I}

ALLOWED: dict[Action, frozenset[Role]] = {
    action: frozenset(roles)
    for action, roles in {
        Action.READ: {_S, _A, _I, _O, _V},
        Action.READ_UNPUBLISHED: _STAFF,
        Action.POST: {_S, *_STAFF},
        Action.ASK_FOR_TIME: {_S},
        Action.ASK_STAFF: {_S},
        Action.REPLY_PRIVATELY: _STAFF,
        Action.POST_ANY_TIME: _STAFF,
        Action.START_ANNOUNCEMENT: _STAFF,
        Action.ANSWER_ANNOUNCEMENT: _STAFF,
        Action.FLAG: {_S, *_STAFF, _O},
        Action.MODERATE: _STAFF,
        Action.SEE_OWN_GRADES: {_S},
        Action.SEE_PARTICIPATION: _STAFF,
        Action.GRADE: _STAFF,
        Action.RELEASE: {_I},
        Action.EXTEND: {_I},
        Action.SEE_REASONS: {_I},
        Action.SEE_NAMES: _STAFF,
        Action.MANAGE_CONTENT: {_I},
        Action.MANAGE_PEOPLE: {_I, _ADM, _V},
        Action.SEE_PEOPLE: {_S, _A, _I, _O, _ADM, _V},
        Action.SET_UP: {_I, _ADM, _V},
        Action.SEE_AS_STUDENT: _STAFF,
        Action.ADMINISTER: {_ADM},
    }.items()
}
IF_RELEASE_ALLOWED = frozenset({Action.RELEASE, Action.EXTEND})
IF_MANAGE_ALLOWED = frozenset({Action.MANAGE_CONTENT, Action.MANAGE_PEOPLE})
IN_PREPARATION = frozenset({Action.MANAGE_CONTENT, Action.READ_UNPUBLISHED})
ARCHIVED_ALLOWS = frozenset(
    {Action.READ, Action.READ_UNPUBLISHED, Action.SEE_OWN_GRADES, Action.SEE_PARTICIPATION, Action.SEE_REASONS,
     Action.SEE_NAMES, Action.SEE_AS_STUDENT, Action.SEE_PEOPLE, Action.SET_UP, Action.ADMINISTER}
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Who is signed in."""

    account_id: int
    public_id: str
    name: str
    zone_name: str | None
    language: str
    is_administrator: bool
    single_keys: bool
    session_id: int
    account_version: int


@dataclass(frozen=True)
class Member:
    """A person in a course: who asks. `account_id` is 0 for the student of nobody whom *see as a student* shows."""

    account_id: int
    name: str
    role: Role
    course_id: int
    course_slug: str
    course_code: str
    course_title: str
    course_zone_name: str
    course_state: str
    roster_version: int
    account_version: int
    own_zone_name: str | None
    enrollment_id: int | None = None
    all_sections: bool = True
    assistants_release: bool = False
    assistants_manage: bool = False
    as_student: bool = False
    seen_section_id: int | None = None
    seen_group_id: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Own zone; the course's until one is set."""
        return ZoneInfo(self.own_zone_name or self.course_zone_name)

    @property
    def course_zone(self) -> ZoneInfo:
        return ZoneInfo(self.course_zone_name)

    @property
    def is_staff(self) -> bool:
        return self.role in _STAFF

    def may(self, action: Action) -> bool:
        return action in self._allowed

    @cached_property
    def _allowed(self) -> frozenset[Action]:
        return frozenset(action for action in Action if may(self, action))


def may(member: Member, action: Action) -> bool:
    """What the table says, and what the instructor and the course's state add or take."""
    if member.course_state == "archived" and action not in ARCHIVED_ALLOWS:
        return False
    if member.course_state == "preparation":
        if member.role in (Role.STUDENT, Role.OBSERVER):
            return False
        if member.role in (Role.ADMINISTRATOR, Role.VISITOR) and action in IN_PREPARATION:
            return True
    if member.role is Role.ASSISTANT and (
        (action in IF_RELEASE_ALLOWED and member.assistants_release)
        or (action in IF_MANAGE_ALLOWED and member.assistants_manage)
    ):
        return True
    return member.role in ALLOWED[action]
