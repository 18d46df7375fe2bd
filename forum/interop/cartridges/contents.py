"""The modules of a course: from Canvas's own list, or from the table of contents by one rule.

The rule: an untitled folder that holds everything, or a titled one that holds only folders, is the course.
A folder in the course is a module. A folder in a module is a header with its items one step further in.
What stands beside the modules goes, run by run, into modules without a title, in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from forum.interop.cartridges.canvas import ModuleItem, ModuleSettings
from forum.interop.cartridges.manifest import Place
from forum.interop.cartridges.values import Item, ItemKind, LeftOut, Module, Problem, State

if TYPE_CHECKING:
    from forum.interop.cartridges.reading import Reading

_DEEPEST = 5


def titles_by_reference(places: Sequence[Place], modules: Sequence[ModuleSettings]) -> dict[str, str]:
    """What resources are called where they stand; the first place counts."""
    titles: dict[str, str] = {}
    for module in modules:
        for item in module.items:
            if item.reference:
                titles.setdefault(item.reference, item.title)
    for place in _all(places):
        if place.reference:
            titles.setdefault(place.reference, place.title)
    return titles


def modules_of(reading: Reading) -> tuple[Module, ...]:
    """The modules, in order, positions from 1."""
    if reading.modules:
        return tuple(_canvas_modules(reading))
    return tuple(_plain_modules(reading))


def _canvas_modules(reading: Reading) -> Iterator[Module]:
    references = {place.identifier: place.reference for place in _all(reading.manifest.contents)}
    for position, module in enumerate(reading.modules, 1):
        items = tuple(_canvas_item(reading, item, references) for item in module.items)
        yield Module(module.identifier, module.title, position, items, module.state, module.unlock_at)


def _canvas_item(reading: Reading, item: ModuleItem, references: dict[str, str]) -> Item:
    if item.content == "ContextModuleSubHeader":
        return Item(ItemKind.HEADER, item.title, "", item.state, item.indent)
    for reference in (item.reference, references.get(item.identifier, "")):
        if (found := _what_is(reading, reference)) is not None:
            kind, key = found
            return Item(kind, item.title, key, item.state, item.indent)
    key = item.reference or item.identifier
    path = reading.manifest.folder + "course_settings/module_meta.xml"
    if item.content == "ExternalUrl" and reading.take_link(key, item.title, item.url, path, item.line):
        return Item(ItemKind.LINK, item.title, key, item.state, item.indent)
    if item.content == "ContextExternalTool":
        reading.left_out[key] = LeftOut(key, item.title, "tool", item.url)
    elif key not in reading.left_out:
        _broken(reading, key, item.title, path, item.line)
    return Item(ItemKind.LEFT_OUT, item.title, key, item.state, item.indent)


def _plain_modules(reading: Reading) -> Iterator[Module]:
    loose: list[Place] = []
    position = 0
    for place in (*_course_places(reading.manifest.contents), None):
        if place is not None and place.reference and not place.below:
            loose.append(place)
            continue
        if loose:
            position += 1
            items = tuple(item for leaf in loose for item in _items(reading, leaf, 0))
            yield Module(f"before-{position}", "", position, items)
            loose = []
        if place is not None:
            position += 1
            own = _items(reading, Place("", place.title, place.reference, place.visible, place.line), 0)
            first = tuple(own) if place.reference else ()
            items = (*first, *(item for below in place.below for item in _items(reading, below, 0)))
            yield Module(place.identifier, place.title, position, items, _state(place))


def _course_places(places: Sequence[Place]) -> Sequence[Place]:
    while len(places) == 1 and places[0].below and not places[0].reference:
        only = places[0]
        if only.title and not all(place.below for place in only.below):
            break
        places = only.below
        if only.title:
            break
    if len(places) == 1 and not places[0].title and not places[0].reference and not places[0].below:
        return ()
    return places


def _items(reading: Reading, place: Place, indent: int) -> Iterator[Item]:
    depth = min(indent, _DEEPEST)
    if not place.reference:
        if place.title:
            yield Item(ItemKind.HEADER, place.title, "", _state(place), depth)
    elif (found := _what_is(reading, place.reference)) is not None:
        kind, key = found
        yield Item(kind, place.title or _title_of(reading, kind, key), key, _state(place), depth)
    else:
        _broken(reading, place.reference, place.title, reading.manifest.path, place.line)
        yield Item(ItemKind.LEFT_OUT, place.title, place.reference, _state(place), depth)
    for below in place.below:
        yield from _items(reading, below, indent + 1)


def _what_is(reading: Reading, reference: str) -> tuple[ItemKind, str] | None:
    if reference in reading.pages:
        return ItemKind.PAGE, reference
    if reference in reading.topics:
        return ItemKind.TOPIC, reference
    if reference in reading.links:
        return ItemKind.LINK, reference
    resource = reading.manifest.resources.get(reference)
    if resource is not None:
        for path in (resource.main, *resource.files):
            if path in reading.files:
                return ItemKind.FILE, path
    if reference in reading.left_out:
        return ItemKind.LEFT_OUT, reference
    return None


def _title_of(reading: Reading, kind: ItemKind, key: str) -> str:
    if kind is ItemKind.FILE:
        return reading.files[key].name
    found = (
        reading.pages.get(key),
        reading.topics.get(key),
        reading.links.get(key),
        reading.left_out.get(key),
    )
    return next((thing.title for thing in found if thing is not None), "")


def _broken(reading: Reading, reference: str, title: str, path: str, line: int) -> None:
    reading.problems.append(Problem("broken_reference", reference, path, line, {"title": title[:200]}))
    reading.left_out.setdefault(reference, LeftOut(reference, title, "other"))


def _state(place: Place) -> State:
    return State.ACTIVE if place.visible else State.UNPUBLISHED


def _all(places: Sequence[Place]) -> Iterator[Place]:
    for place in places:
        yield place
        yield from _all(place.below)
