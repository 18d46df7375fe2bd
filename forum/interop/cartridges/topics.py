"""Discussion topics: the prompt in the common format, and what Canvas says of it in a file beside it."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation

from forum.interop.cartridges.dates import OutOfBounds, read_instant
from forum.interop.cartridges.values import FormHint, LeftOut, Problem, State, Step, Topic
from forum.interop.markup_trees import Node

_ACTIVE = ("", "active", "published", "available", "post_delayed", "locked")
_UNPUBLISHED = ("unpublished", "deleted", "hidden", "unreleased")


class MetaReader:
    """Reads the values of a Canvas file and keeps what is wrong with them in `problems`."""

    def __init__(self, identifier: str, path: str) -> None:
        self.identifier, self.path = identifier, path
        self.problems: list[Problem] = []

    def instant(self, node: Node | None, name: str) -> datetime | None:
        """The instant in the child of that name; None, with a problem, if it is none or out of bounds."""
        child = node.first(name) if node is not None else None
        if child is None:
            return None
        try:
            return read_instant(child.text)
        except OutOfBounds:
            code = "date_out_of_bounds"
        except ValueError:
            code = "bad_date"
        told = {"field": name, "value": child.text[:60]}
        self.problems.append(Problem(code, self.identifier, self.path, child.line, told))
        return None

    def state(self, node: Node | None) -> State:
        """The workflow state; what is not known is not shown."""
        said = node.said("workflow_state").lower() if node is not None else ""
        if said in _ACTIVE:
            return State.ACTIVE
        if said not in _UNPUBLISHED and node is not None:
            told = {"value": said[:60]}
            self.problems.append(Problem("unknown_state", self.identifier, self.path, node.line, told))
        return State.UNPUBLISHED


def read_topic(
    identifier: str,
    path: str,
    tree: Node,
    meta: Node | None,
    meta_path: str,
    attachment_at: Callable[[str], str | None],
) -> tuple[Topic, list[Problem]]:
    """The topic of a tree `topic` and, from Canvas, of a tree `topicMeta`.

    `attachment_at` finds the path in the archive of an attachment's address; None if it is not there.
    """
    reader = MetaReader(identifier, meta_path or path)
    attachments: list[str] = []
    for node in tree.walk():
        if node.name == "attachment" and node.get("href"):
            found = attachment_at(node.get("href"))
            if found is None:
                told = {"href": node.get("href")[:200]}
                reader.problems.append(Problem("missing_file", identifier, path, node.line, told))
            elif found not in attachments:
                attachments.append(found)
    assignment = meta.first("assignment") if meta is not None else None
    steps = tuple(_steps(assignment, reader))
    due_at = reader.instant(assignment, "due_at") or reader.instant(meta, "due_at")
    topic = Topic(
        identifier=identifier,
        title=" ".join((tree.said("title") or (meta.said("title") if meta is not None else "")).split()),
        html=_prompt_of(tree.first("text")),
        path=path,
        state=reader.state(meta),
        form=_form_of(meta),
        discussion_type=meta.said("discussion_type") if meta is not None else "",
        assignment=assignment.get("identifier") if assignment is not None else "",
        pinned=_said_yes(meta, "pinned"),
        closed=_said_yes(meta, "locked") or bool(meta and meta.said("workflow_state") == "locked"),
        after_own=_said_yes(meta, "require_initial_post"),
        groups=_said_yes(meta, "has_group_category") or bool(meta and meta.said("group_category")),
        group_category=meta.said("group_category") if meta is not None else "",
        position=_number(meta, "position"),
        points=_points(assignment),
        posted_at=reader.instant(meta, "posted_at"),
        appears_at=reader.instant(meta, "delayed_post_at"),
        opens_at=reader.instant(assignment, "unlock_at") or reader.instant(meta, "unlock_at"),
        due_at=due_at,
        cut_off_at=reader.instant(assignment, "lock_at") or reader.instant(meta, "lock_at"),
        to_do_at=reader.instant(meta, "todo_date"),
        replies_required=_number(meta, "reply_to_entry_required_count") or 0,
        steps=steps,
        attachments=tuple(attachments),
    )
    return topic, reader.problems


def overrides_of(meta: Node | None, title: str) -> Iterator[LeftOut]:
    """The other dates of single people or sections: they name nobody who is here."""
    for node in meta.walk() if meta is not None else ():
        if node.name == "override":
            whom = node.get("title") or node.said("title") or node.get("set_type") or node.said("set_type")
            yield LeftOut(node.get("identifier"), f"{title}: {whom}".strip(": "), "override")


def _steps(assignment: Node | None, reader: MetaReader) -> Iterator[Step]:
    for node in assignment.walk() if assignment is not None else ():
        if node.name == "sub_assignment":
            label = node.get("tag") or node.said("sub_assignment_tag") or node.said("tag")
            yield Step(label, reader.instant(node, "due_at"), _points(node))


def _prompt_of(text: Node | None) -> str:
    if text is None:
        return ""
    if text.get("texttype").lower() == "text/plain" and not text.children:
        paragraphs = [part.strip() for part in text.text.replace("\r\n", "\n").split("\n\n")]
        return "\n".join(f"<p>{html.escape(part)}</p>".replace("\n", "<br>") for part in paragraphs if part)
    return text.inner()


def _form_of(meta: Node | None) -> FormHint | None:
    if meta is None:
        return None
    if meta.said("type").lower() == "announcement":
        return FormHint.ANNOUNCEMENT
    return FormHint.THREADED if meta.said("discussion_type").lower() == "threaded" else FormHint.FLAT


def _said_yes(node: Node | None, name: str) -> bool:
    return node is not None and node.said(name).lower() in ("true", "1", "yes")


def _number(node: Node | None, name: str) -> int | None:
    said = node.said(name) if node is not None else ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


def _points(node: Node | None) -> Decimal | None:
    try:
        points = Decimal(node.said("points_possible")) if node is not None else None
    except InvalidOperation:
        return None
    return points if points is not None and points.is_finite() and 0 <= points < 1_000_000 else None
