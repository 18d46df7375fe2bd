"""The cast: one course, a handful of named people, a stranger, another course. Tests and checks share it.

It stands at WORLD_AT, Tuesday 24 November 2026, 12:00 UTC. Ana lives in Chicago, Ben in Madrid, Chidi in Lagos, Dana has
not set a zone. Ines teaches, Tariq assists, Olga reads; Ada runs the site; Mia and Ian are in another course.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from forum.accounts import passwords
from forum.accounts.commands import make_account
from forum.boards.commands import BoardSpec, CheckpointSpec, publish_board, save_board
from forum.boards.models import Board
from forum.core.moments import Wall
from forum.courses import commands as courses
from forum.courses.models import Course
from forum.courses.policy import Role
from forum.courses.queries import member_of
from forum.posts import commands as posts

WORLD_AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BEGAN_AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
PASSWORD = "seven grey herons"
_hash: list[str] = []


@dataclass
class World:
    """Where to find everything: ids by short names, public ids for addresses."""

    people: dict[str, int] = field(default_factory=dict)
    public: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    slug: str = ""
    other_slug: str = ""
    course_id: int = 0
    other_course_id: int = 0
    boards: dict[str, str] = field(default_factory=dict)
    threads: dict[str, str] = field(default_factory=dict)
    posts: dict[str, str] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)

    @property
    def course(self) -> str:
        return f"/c/{self.slug}"

    @property
    def other(self) -> str:
        return f"/c/{self.other_slug}"


PEOPLE = [
    ("ada", "Ada Castellanos", "Europe/Madrid"),
    ("ines", "Inés Aranda", "Europe/Madrid"),
    ("tariq", "Tariq Benali", "Europe/Madrid"),
    ("olga", "Olga Petrova", "Europe/Paris"),
    ("ana", "Ana Lindqvist", "America/Chicago"),
    ("ben", "Ben Achterberg", "Europe/Madrid"),
    ("chidi", "Chidi Okafor", "Africa/Lagos"),
    ("dana", "Dana Rossi", None),
    ("sam", "Sam Nobody", "Europe/Madrid"),
    ("mia", "Mia Tanaka", "Asia/Tokyo"),
    ("ian", "Ian Whitfield", "America/New_York"),
]


def build(session: Session) -> World:
    """Lay the cast into an empty database; call inside transaction(), with the clock held at WORLD_AT."""
    world = World()
    if not _hash:
        _hash.append(passwords.hash_of(PASSWORD))
    for short, name, zone in PEOPLE:
        email = f"{short}@example.org"
        account = make_account(
            session, name=name, email=email, at=BEGAN_AT, zone=zone, is_administrator=short == "ada"
        )
        account.password_hash = _hash[0]
        world.people[short], world.public[short], world.emails[short] = account.id, account.public_id, email
    term = courses.make_term(
        session, code="2026-fall", title="Fall 2026", starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 20),
        at=BEGAN_AT, author_id=world.people["ada"],
    )  # fmt: skip
    course = _course(session, world, term, "HIST-204", "Cities and their rivers", "Europe/Madrid")
    other = _course(session, world, term, "MATH-101", "Counting", "America/New_York")
    world.slug, world.course_id = course.slug, course.id
    world.other_slug, world.other_course_id = other.slug, other.id
    for short, role in [("ines", Role.INSTRUCTOR), ("tariq", Role.ASSISTANT), ("olga", Role.OBSERVER),
                        ("ana", Role.STUDENT), ("ben", Role.STUDENT), ("chidi", Role.STUDENT),
                        ("dana", Role.STUDENT)]:  # fmt: skip
        courses.enroll(session, course, world.people[short], role, at=BEGAN_AT, author_id=world.people["ada"])
    courses.enroll(
        session, other, world.people["ian"], Role.INSTRUCTOR, at=BEGAN_AT, author_id=world.people["ada"]
    )
    courses.enroll(
        session, other, world.people["mia"], Role.STUDENT, at=BEGAN_AT, author_id=world.people["ada"]
    )
    for title, members in (("North", ["ana", "ben"]), ("South", ["chidi", "dana"])):
        section = courses.section_called(session, course, title)
        world.sections[title] = section.public_id
        for short in members:
            courses.put_in_section(session, course, world.people[short], section.id, at=BEGAN_AT)
    module = courses.make_module(
        session, course.id, "Week 12: Floods", at=BEGAN_AT, author_id=world.people["ines"]
    )
    _boards(session, world, course, module.id)
    _other_board(session, world, other)
    _writing(session, world, course)
    return world


def _course(session: Session, world: World, term: object, code: str, title: str, zone: str) -> Course:
    course = courses.make_course(
        session, term, code=code, title=title, zone=zone, starts_on=date(2026, 9, 1),  # type: ignore[arg-type]
        ends_on=date(2026, 12, 20), at=BEGAN_AT, author_id=world.people["ada"],
    )  # fmt: skip
    courses.set_state(session, course, "open", at=BEGAN_AT, author_id=world.people["ada"])
    return course


def _boards(session: Session, world: World, course: Course, module_id: int) -> None:
    ines = member_of(session, world.people["ines"], course.id, WORLD_AT)
    assert ines is not None
    first = CheckpointSpec("first_post", min_words=10, due=Wall(date(2026, 11, 26)))
    replies = CheckpointSpec("replies", replies=2, people=2, due=Wall(date(2026, 11, 28)))
    late = (Wall(date(2026, 11, 29), time(18, 0)),)
    specs = {
        # due Thursday, replies Saturday, cut-off Sunday 18:00
        "floods": BoardSpec("Floods: what did they know?", form="single", prompt="What did **they** know before the water came?",
                            module_id=module_id, cut_off=late[0], checkpoints=(first, replies)),
        "questions": BoardSpec("Questions about the course", form="threads", prompt="Ask here.", module_id=module_id),
        "sources": BoardSpec("One source each", form="single", shown="after_own", prompt="Describe one source.",
                             module_id=module_id, cut_off=late[0], checkpoints=(first,)),
        "own_zone": BoardSpec("In your own midnight", form="single", prompt="Where you live.", module_id=module_id,
                              checkpoints=(CheckpointSpec("first_post", due=Wall(date(2026, 11, 25)), whose_zone="own"),)),
        "closed": BoardSpec("Week 10: closed", form="single", prompt="Past.", module_id=module_id,
                            cut_off=Wall(date(2026, 11, 15)),
                            checkpoints=(CheckpointSpec("first_post", due=Wall(date(2026, 11, 13))),)),
        "later": BoardSpec("Week 13: opens later", form="single", prompt="SECRET-UNOPENED-PROMPT", module_id=module_id,
                           opens=Wall(date(2026, 12, 1), time(9, 0)),
                           checkpoints=(CheckpointSpec("first_post", due=Wall(date(2026, 12, 5))),)),
        "hidden": BoardSpec("HIDDEN-BOARD-TITLE", form="single", prompt="SECRET-HIDDEN-PROMPT", module_id=module_id),
        "news": BoardSpec("Announcements", form="announcement", prompt="", module_id=None),
        "each": BoardSpec("Your town", form="one_each", prompt="One thread each.", module_id=module_id),
    }  # fmt: skip
    for name, spec in specs.items():
        board = save_board(session, ines, None, spec, at=BEGAN_AT + timedelta(days=1))
        world.boards[name] = board.public_id
        if name != "hidden":
            publish_board(session, ines, board, at=BEGAN_AT + timedelta(days=2))
        if spec.form == "single":
            world.threads[name] = posts.prompt_thread(
                session, board, at=BEGAN_AT + timedelta(days=2)
            ).public_id


def _other_board(session: Session, world: World, other: Course) -> None:
    ian = member_of(session, world.people["ian"], other.id, WORLD_AT)
    assert ian is not None
    spec = BoardSpec("Counting sheep", form="single", prompt="How many?")
    board: Board = save_board(session, ian, None, spec, at=BEGAN_AT)
    publish_board(session, ian, board, at=BEGAN_AT)
    world.boards["other"] = board.public_id
    world.threads["other"] = posts.prompt_thread(session, board, at=BEGAN_AT).public_id


def _writing(session: Session, world: World, course: Course) -> None:
    """Ben wrote first on Floods, Ines answered him, Chidi answered Ines; Ben wrote on Sources, where Ana has not."""

    def member(short: str) -> object:
        return member_of(session, world.people[short], course.id, WORLD_AT)

    def text(words: str, key: str, title: str = "") -> posts.Written:
        return posts.write(words, f"world-{key}", title=title)

    at = WORLD_AT - timedelta(days=2)
    ben_says = (
        "The mayor had three letters from upstream and filed them, *unread*, with the tax rolls of the year."
    )
    post = posts.post_reply(session, member("ben"), world.threads["floods"], text(ben_says, "1"), at=at)  # type: ignore[arg-type]
    world.posts["ben"] = post.public_id
    answer = posts.post_reply(
        session, member("ines"), world.threads["floods"], text("Which letters? Quote one.", "2"),  # type: ignore[arg-type]
        at=at + timedelta(hours=1), parent_id=post.public_id,
    )  # fmt: skip
    world.posts["ines"] = answer.public_id
    reply = posts.post_reply(
        session, member("chidi"), world.threads["floods"], text("The second one, from Zaragoza.", "3"),  # type: ignore[arg-type]
        at=at + timedelta(hours=2), parent_id=answer.public_id,
    )  # fmt: skip
    world.posts["chidi"] = reply.public_id
    sealed = posts.post_reply(
        session, member("ben"), world.threads["sources"],  # type: ignore[arg-type]
        text("SECRET-AFTER-OWN: the parish register of 1783 names every house that the water took away.", "4"), at=at,
    )  # fmt: skip
    world.posts["sealed"] = sealed.public_id
    opening = posts.start_thread(
        session, member("chidi"), world.boards["questions"], text("Is the map room open on Fridays?", "5", "Map room"), at=at  # type: ignore[arg-type]
    )  # fmt: skip
    world.posts["opening"] = opening.public_id
    from forum.posts.models import Thread

    world.threads["questions"] = session.get_one(Thread, opening.thread_id).public_id
    posts.save_draft(
        session, world.people["ben"], course.id, posts.Place("thread", world.threads["own_zone"]),
        text("SECRET-DRAFT of Ben", "6"), at=at,
    )  # fmt: skip
    session.flush()
