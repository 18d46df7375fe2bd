"""The files that Canvas adds to a cartridge: modules, course settings, files that are hidden."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forum.interop.cartridges.topics import MetaReader
from forum.interop.cartridges.values import LeftOut, Problem, State
from forum.interop.markup_trees import Node

# File in course_settings/, element, and what one of them is called among what is left out.
NOT_TAKEN = (
    ("events.xml", "event", "event"),
    ("rubrics.xml", "rubric", "rubric"),
    ("learning_outcomes.xml", "learningOutcome", "outcome"),
)
# What is read here, or says nothing to people.
KNOWN_SETTINGS = frozenset(
    (
        "assignment_groups.xml",
        "canvas_export.txt",
        "course_settings.xml",
        "files_meta.xml",
        "media_tracks.xml",
        "module_meta.xml",
        "syllabus.html",
        *(name for name, _element, _kind in NOT_TAKEN),
    )
)


@dataclass(frozen=True, slots=True)
class CourseSettings:
    """What the course says of itself; `zone` as it is written there."""

    title: str = ""
    code: str = ""
    zone: str = ""
    start_at: datetime | None = None
    end_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ModuleItem:
    """An item of a module as Canvas writes it; `content` is its content type, as `WikiPage`."""

    identifier: str
    title: str
    content: str
    reference: str
    url: str
    state: State
    indent: int
    line: int


@dataclass(frozen=True, slots=True)
class ModuleSettings:
    """A module as Canvas writes it."""

    identifier: str
    title: str
    position: int
    state: State
    unlock_at: datetime | None
    items: tuple[ModuleItem, ...]


def read_course_settings(tree: Node, path: str) -> tuple[CourseSettings, list[Problem]]:
    """The settings in a tree `course`."""
    reader = MetaReader(tree.get("identifier"), path)
    settings = CourseSettings(
        title=" ".join(tree.said("title").split()),
        code=" ".join(tree.said("course_code").split()),
        zone=tree.said("time_zone"),
        start_at=reader.instant(tree, "start_at"),
        end_at=reader.instant(tree, "conclude_at"),
    )
    return settings, reader.problems


def read_modules(tree: Node, path: str) -> tuple[list[ModuleSettings], list[Problem]]:
    """The modules in a tree `modules`, by position."""
    problems: list[Problem] = []
    modules = []
    for place, node in enumerate(tree.all("module"), 1):
        reader = MetaReader(node.get("identifier"), path)
        modules.append(
            ModuleSettings(
                identifier=node.get("identifier"),
                title=" ".join(node.said("title").split()),
                position=_whole(node.said("position"), place),
                state=reader.state(node),
                unlock_at=reader.instant(node, "unlock_at"),
                items=_items(node.first("items"), reader),
            )
        )
        problems += reader.problems
    return sorted(modules, key=lambda module: module.position), problems


def hidden_files(tree: Node) -> tuple[dict[str, str], set[str], set[str]]:
    """Of a tree `fileMeta`: display names by identifier, hidden or locked files, hidden or locked folders."""
    names: dict[str, str] = {}
    files: set[str] = set()
    folders: set[str] = set()
    for node in tree.walk():
        shut = any(node.said(word).lower() == "true" for word in ("hidden", "locked"))
        if node.name == "file":
            names[node.get("identifier")] = node.said("display_name")
            if shut:
                files.add(node.get("identifier"))
        elif node.name == "folder" and shut:
            folders.add(node.get("path").strip("/"))
    return names, files, folders


def not_taken(tree: Node, element: str, kind: str) -> list[LeftOut]:
    """Events, rubrics and outcomes, each by its title."""
    return [
        LeftOut(node.get("identifier"), " ".join(node.said("title").split()), kind)
        for node in tree.walk()
        if node.name == element
    ]


def _items(items: Node | None, reader: MetaReader) -> tuple[ModuleItem, ...]:
    found = []
    for place, node in enumerate(items.all("item") if items is not None else (), 1):
        item = ModuleItem(
            identifier=node.get("identifier"),
            title=" ".join(node.said("title").split()),
            content=node.said("content_type"),
            reference=node.said("identifierref"),
            url=node.said("url"),
            state=reader.state(node),
            indent=min(_whole(node.said("indent"), 0), 5),
            line=node.line,
        )
        found.append((_whole(node.said("position"), place), place, item))
    return tuple(item for _position, _place, item in sorted(found, key=lambda entry: entry[:2]))


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise
