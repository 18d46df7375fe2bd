"""What a cartridge comes to when it is read: frozen values, HTML still raw, every instant in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class State(StrEnum):
    """Whether students see it in the system that it comes from."""

    ACTIVE = "active"
    UNPUBLISHED = "unpublished"


class ItemKind(StrEnum):
    """What stands at a place of a module."""

    PAGE = "page"
    TOPIC = "topic"
    LINK = "link"
    FILE = "file"
    HEADER = "header"
    LEFT_OUT = "left_out"


class FormHint(StrEnum):
    """How a topic was discussed where it comes from."""

    ANNOUNCEMENT = "announcement"
    THREADED = "threaded"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that is not as it should be; the rest is read all the same.

    `line` counts from 1 and is 0 where it is not known; `path` is the file in the archive. Codes:
    `broken_reference`, `missing_file`, `xml_broken`, `xml_entities`, `xml_too_large`, `bad_date`,
    `date_out_of_bounds`, `bad_link`, `page_too_large`, `duplicate_identifier`, `unknown_state`, `protected`.
    """

    code: str
    identifier: str = ""
    path: str = ""
    line: int = 0
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """A place in a module. `key` is the identifier of page, topic, link or thing left out; a file's path."""

    kind: ItemKind
    title: str
    key: str = ""
    state: State = State.ACTIVE
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Module:
    """A stretch of the course. `title` is "" for what stood outside all modules; `position` counts from 1."""

    identifier: str
    title: str
    position: int
    items: tuple[Item, ...]
    state: State = State.ACTIVE
    unlock_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of text. `path` is the file it comes from, the base of its relative links; `html` is raw."""

    identifier: str
    title: str
    html: str
    path: str
    state: State = State.ACTIVE
    front: bool = False
    syllabus: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One of several due instants of a topic; `label` as written (`reply_to_topic`, `reply_to_entry`)."""

    label: str
    due_at: datetime | None
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Topic:
    """A discussion. Instants are UTC; `attachments` are paths in the archive.

    `after_own` is that one must post before seeing others' posts; `assignment` the identifier under which
    links may name it, "" if it is not graded; `closed` by hand.
    """

    identifier: str
    title: str
    html: str
    path: str
    state: State = State.ACTIVE
    form: FormHint | None = None
    discussion_type: str = ""
    assignment: str = ""
    pinned: bool = False
    closed: bool = False
    after_own: bool = False
    groups: bool = False
    group_category: str = ""
    position: int | None = None
    points: Decimal | None = None
    posted_at: datetime | None = None
    appears_at: datetime | None = None
    opens_at: datetime | None = None
    due_at: datetime | None = None
    cut_off_at: datetime | None = None
    to_do_at: datetime | None = None
    replies_required: int = 0
    steps: tuple[Step, ...] = ()
    attachments: tuple[str, ...] = ()

    @property
    def instants(self) -> tuple[datetime, ...]:
        """The instants that people set, in order of the fields."""
        own = (self.appears_at, self.opens_at, self.due_at, self.cut_off_at, self.to_do_at)
        return tuple(at for at in (*own, *(step.due_at for step in self.steps)) if at is not None)


@dataclass(frozen=True, slots=True)
class Link:
    """A link to the web; `video` where it leads to a film."""

    identifier: str
    title: str
    url: str
    video: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file in the archive; `size` in bytes; `media_type` by its content, never by its name."""

    identifier: str
    path: str
    name: str
    size: int
    media_type: str
    state: State = State.ACTIVE


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not taken over.

    `kind` is one of `assignment`, `quiz`, `question_bank`, `tool`, `event`, `rubric`, `outcome`, `override`,
    `deleted`, `settings`, `unlisted` (in the archive, not in the manifest), `other`. `url` only for tools.
    """

    identifier: str
    title: str
    kind: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cartridge:
    """A course from a file. `time_zone` is an IANA name if the file says one; `version` "1.3.0" or ""."""

    kind: str
    version: str
    title: str
    code: str
    time_zone: str
    start_at: datetime | None
    end_at: datetime | None
    modules: tuple[Module, ...]
    pages: tuple[Page, ...]
    topics: tuple[Topic, ...]
    links: tuple[Link, ...]
    files: tuple[File, ...]
    left_out: tuple[LeftOut, ...]
    problems: tuple[Problem, ...]

    @property
    def due_instants(self) -> tuple[datetime, ...]:
        """All due instants and cut-offs: what `guess_zone` asks for."""
        at: list[datetime | None] = []
        for topic in self.topics:
            at += [topic.due_at, topic.cut_off_at, *(step.due_at for step in topic.steps)]
        return tuple(instant for instant in at if instant is not None)

    @property
    def targets(self) -> Mapping[tuple[str, str], tuple[str, str]]:
        """What `mend_links` may ask for, as (kind, key), and what that is here, as (kind, key).

        The kinds of what is here are those of ItemKind, with the keys of Item, and `module`, its identifier.
        """
        found: dict[tuple[str, str], tuple[str, str]] = {}
        for module in self.modules:
            found["module", module.identifier] = ("module", module.identifier)
        for link in self.links:
            found["id", link.identifier] = (ItemKind.LINK, link.identifier)
        for file in self.files:
            found["file", file.path] = found["id", file.identifier] = (ItemKind.FILE, file.path)
        for topic in self.topics:
            here = (ItemKind.TOPIC, topic.identifier)
            found["topic", topic.identifier] = found["id", topic.identifier] = here
            if topic.assignment:
                found["assignment", topic.assignment] = here
        for page in self.pages:
            slug = page.path.rpartition("/")[2].rpartition(".")[0]
            for key in (
                ("page", slug),
                ("page", page.identifier),
                ("id", page.identifier),
                ("file", page.path),
            ):
                found[key] = (ItemKind.PAGE, page.identifier)
            if page.syllabus:
                found["syllabus", ""] = (ItemKind.PAGE, page.identifier)
        return found
