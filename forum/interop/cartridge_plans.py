"""What a course from a file comes to here: modules, lessons, boards, files with their places, and what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ..core.db import new_public_id
from ..core.moments import Wall
from .cartridge_dates import BoardDates, Choices, DateLine, dates_of, moved_wall
from .cartridges import Cartridge, File, FormHint, Item, ItemKind, Link, Page, State, Topic, mend_links
from .reports import Remark

FILES, HIDDEN_FILES, LINKS = "files", "hidden_files", "links"


@dataclass(slots=True)
class LessonPlan:
    """A lesson to be made. `kind`: page, link, recording, files, hidden_files or links; the last three have no title
    in the file."""

    kind: str
    key: str
    title: str
    published: bool
    page: Page | None = None
    headers: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    public_id: str = field(default_factory=new_public_id)


@dataclass(slots=True)
class BoardPlan:
    """A board to be made of a topic."""

    topic: Topic
    dates: BoardDates
    published: bool
    public_id: str = field(default_factory=new_public_id)

    @property
    def form(self) -> str:
        """A topic has one prompt that all answer; what staff announced stays theirs."""
        return "announcement" if self.topic.form is FormHint.ANNOUNCEMENT else "single"


@dataclass(slots=True)
class ModulePlan:
    """A module to be made, with what is in it in order; without a title it is what stands outside of all modules."""

    title: str
    published: bool
    opens: Wall | None = None
    entries: list[LessonPlan | BoardPlan] = field(default_factory=list)


@dataclass(slots=True)
class CoursePlan:
    """The whole course. `file_ids` are the public ids that files will have, by path; `homes` their lessons."""

    cartridge: Cartridge
    choices: Choices
    modules: list[ModulePlan] = field(default_factory=list)
    dates: list[DateLine] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    file_ids: dict[str, str] = field(default_factory=dict)
    homes: dict[str, LessonPlan] = field(default_factory=dict)

    @property
    def entries(self) -> Iterator[LessonPlan | BoardPlan]:
        """All lessons and boards, in order."""
        for module in self.modules:
            yield from module.entries

    def address_of(self, slug: str, kind: str, key: str) -> str | None:
        """Where a link of the file leads in the course at `/c/<slug>`; None if nowhere."""
        if kind == "course":
            return f"/c/{slug}"
        target = self.cartridge.targets.get((kind, key))
        return self._address(slug, *target) if target else None

    def _address(self, slug: str, kind: str, key: str) -> str | None:
        base = f"/c/{slug}"
        if kind == "module":
            return base
        if kind == ItemKind.FILE and key in self.homes:
            return f"{base}/lessons/{self.homes[key].public_id}/files/{self.file_ids[key]}"
        for entry in self.entries:
            if isinstance(entry, BoardPlan) and kind == ItemKind.TOPIC and entry.topic.identifier == key:
                return f"{base}/boards/{entry.public_id}"
            if (
                isinstance(entry, LessonPlan)
                and kind == ItemKind.PAGE
                and entry.page
                and entry.page.identifier == key
            ):
                return f"{base}/lessons/{entry.public_id}"
        if kind == ItemKind.LINK:
            return next((link.url for link in self.cartridge.links if link.identifier == key), None)
        return None

    @property
    def counts(self) -> Counter[str]:
        """How many modules, lessons, boards, links, files will be made."""
        found: Counter[str] = Counter(modules=sum(bool(module.title) for module in self.modules))
        for entry in self.entries:
            if isinstance(entry, BoardPlan):
                found["boards"] += 1
            else:
                found["lessons"] += 1
                found["links"] += len(entry.links)
                found["files"] += len(entry.files)
        return found


def plan_course(cartridge: Cartridge, choices: Choices, at: datetime) -> CoursePlan:
    """What the cartridge comes to with these choices; nothing is read or written."""
    return _Planning(cartridge, choices, at).plan()


class _Planning:
    def __init__(self, cartridge: Cartridge, choices: Choices, at: datetime) -> None:
        self.cartridge, self.choices, self.at = cartridge, choices, at
        self.course = CoursePlan(cartridge, choices)
        self.pages = {page.identifier: page for page in cartridge.pages}
        self.topics = {topic.identifier: topic for topic in cartridge.topics}
        self.links = {link.identifier: link for link in cartridge.links}
        self.files = {file.path: file for file in cartridge.files}
        self.placed: set[tuple[str, str]] = set()

    def plan(self) -> CoursePlan:
        for module in self.cartridge.modules:
            opens = None
            if module.unlock_at is not None:
                opens, line = moved_wall(module.title, "opens", module.unlock_at, self.choices, self.at)
                self.course.dates.append(line)
            plan = ModulePlan(module.title[:300], module.state is State.ACTIVE, opens)
            self.course.modules.append(plan)
            self._fill(plan, module.items)
        rest = ModulePlan("", True)
        self._fill(rest, self._unplaced())
        self.course.modules.append(rest)
        self._place_files(rest)
        self.course.modules = [module for module in self.course.modules if module.title or module.entries]
        return self.course

    def _unplaced(self) -> Iterator[Item]:
        """Pages, topics and links that stand in no module; pages first, the front page before all."""
        for page in sorted(self.cartridge.pages, key=lambda page: not (page.front or page.syllabus)):
            yield Item(ItemKind.PAGE, page.title, page.identifier)
        for topic in self.cartridge.topics:
            yield Item(ItemKind.TOPIC, topic.title, topic.identifier)
        for link in self.cartridge.links:
            yield Item(ItemKind.LINK, link.title, link.identifier)

    def _fill(self, module: ModulePlan, items: Iterator[Item] | tuple[Item, ...]) -> None:
        headers: list[str] = []
        for item in items:
            if item.kind is ItemKind.HEADER:
                headers.append(item.title)
                continue
            if (item.kind, item.key) in self.placed:
                if module.title and item.kind is not ItemKind.LEFT_OUT:
                    self.course.remarks.append(
                        Remark("second_place", {"title": item.title[:200], "module": module.title})
                    )
                continue
            self.placed.add((item.kind, item.key))
            entry = self._entry(module, item)
            if isinstance(entry, LessonPlan):
                entry.headers, headers = [*entry.headers, *headers], []
        for header in headers:
            self.course.remarks.append(
                Remark("header_dropped", {"title": header[:200], "module": module.title})
            )

    def _entry(self, module: ModulePlan, item: Item) -> LessonPlan | BoardPlan | None:
        shown = item.state is State.ACTIVE
        entry: LessonPlan | BoardPlan
        if item.kind is ItemKind.PAGE:
            page = self.pages[item.key]
            title = _title(item.title or page.title)
            entry = LessonPlan("page", item.key, title, shown and page.state is State.ACTIVE, page)
        elif item.kind is ItemKind.TOPIC:
            entry = self._board(self.topics[item.key], shown)
        elif item.kind is ItemKind.LINK:
            link = self.links[item.key]
            entry = LessonPlan("link", item.key, _title(item.title or link.title), shown, links=[link])
        elif item.kind is ItemKind.FILE:
            return self._file(module, self.files[item.key], shown)
        else:
            return None
        module.entries.append(entry)
        return entry

    def _board(self, topic: Topic, shown: bool) -> BoardPlan:
        dates, lines = dates_of(topic, self.choices, self.at)
        self.course.dates += lines
        if topic.groups or topic.group_category:
            self.course.remarks.append(Remark("groups_left", {"title": topic.title[:200]}))
        return BoardPlan(topic, dates, shown and topic.state is State.ACTIVE)

    def _file(self, module: ModulePlan, file: File, shown: bool) -> LessonPlan:
        published = shown and file.state is State.ACTIVE
        if file.media_type.startswith(("video/", "audio/")):
            lesson = LessonPlan(
                "recording", file.path, _title(file.name.rpartition(".")[0] or file.name), published
            )
            module.entries.append(lesson)
        else:
            lesson = self._files_lesson(module, published)
        self._give_home(file, lesson)
        return lesson

    def _files_lesson(self, module: ModulePlan, published: bool) -> LessonPlan:
        kind = FILES if published else HIDDEN_FILES
        for entry in module.entries:
            if isinstance(entry, LessonPlan) and entry.kind == kind:
                return entry
        lesson = LessonPlan(kind, module.title, "", published)
        module.entries.append(lesson)
        return lesson

    def _give_home(self, file: File, lesson: LessonPlan) -> None:
        if file.path not in self.course.homes:
            self.course.homes[file.path] = lesson
            self.course.file_ids[file.path] = new_public_id()
            lesson.files.append(file)

    def _place_files(self, rest: ModulePlan) -> None:
        """Files that are no items: with the page that shows them, a published one before a hidden; else with the topic
        that they are attached to; else in a lesson of their own. What was hidden is not shown by a link to it."""
        wanted: dict[str, list[tuple[ModulePlan, LessonPlan | BoardPlan]]] = {}
        for module in self.course.modules:
            for entry in module.entries:
                for path in self._shown_by(entry):
                    wanted.setdefault(path, []).append((module, entry))
        for file in self.cartridge.files:
            if file.path in self.course.homes:
                continue
            places = sorted(
                wanted.get(file.path, ()), key=lambda place: (not place[1].published, not place[0].published)
            )
            hidden = file.state is not State.ACTIVE
            if hidden or not places:
                self._give_home(file, self._files_lesson(rest, not hidden))
            elif isinstance(places[0][1], LessonPlan):
                self._give_home(file, places[0][1])
            else:
                self._give_home(file, self._files_lesson(places[0][0], places[0][1].published))

    def _shown_by(self, entry: LessonPlan | BoardPlan) -> set[str]:
        found: set[str] = set()

        def note(kind: str, key: str) -> str | None:
            target = self.cartridge.targets.get((kind, key))
            if target is not None and target[0] == ItemKind.FILE:
                found.add(target[1])
            return "" if target is not None else None

        if isinstance(entry, BoardPlan):
            found.update(entry.topic.attachments)
            mend_links(entry.topic.html, note, entry.topic.path)
        elif entry.page is not None:
            mend_links(entry.page.html, note, entry.page.path)
        return found


def _title(text: str) -> str:
    return " ".join(text.split())[:300]
