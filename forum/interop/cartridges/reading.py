"""A cartridge from its file to its values: every resource becomes something, or is listed as left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from forum.interop.archives import Archive, Limits, open_archive
from forum.interop.cartridges import canvas, contents
from forum.interop.cartridges.dates import zone_named
from forum.interop.cartridges.links import read_link, read_tool
from forum.interop.cartridges.manifest import Manifest, Resource, path_in, read_manifest
from forum.interop.cartridges.media import HEAD, is_video, media_type_of
from forum.interop.cartridges.pages import LONGEST_PAGE, read_document
from forum.interop.cartridges.topics import MetaReader, overrides_of, read_topic
from forum.interop.cartridges.values import Cartridge, File, LeftOut, Link, Page, Problem, State, Topic
from forum.interop.markup_trees import BadXml, Node

_MOST_TEXT = 64 * 1024 * 1024
_PAGE_ENDINGS = (".html", ".htm", ".xhtml")
_LITTER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")


def read_cartridge(source: Path | str | BinaryIO, limits: Limits | None = None) -> Cartridge:
    """The course in a Common Cartridge (1.0 to 1.3) or Canvas export.

    Reads the whole file once before anything else. Raises BadArchive; what is wrong in single parts is told
    in `problems`, and the rest comes in.
    """
    with open_archive(source, limits) as archive:
        archive.check_every_byte()
        return Reading(archive, read_manifest(archive)).cartridge()


class Reading:
    """One cartridge while it is read; what is found gathers here by identifier."""

    def __init__(self, archive: Archive, manifest: Manifest) -> None:
        self.archive, self.manifest = archive, manifest
        self.problems = manifest.problems
        self.pages: dict[str, Page] = {}
        self.topics: dict[str, Topic] = {}
        self.links: dict[str, Link] = {}
        self.files: dict[str, File] = {}
        self.left_out: dict[str, LeftOut] = {}
        self.more_left_out: list[LeftOut] = []
        self.settings = canvas.CourseSettings()
        self.modules: list[canvas.ModuleSettings] = []
        self.hidden: tuple[dict[str, str], set[str], set[str]] = ({}, set(), set())
        self.used: set[str] = {manifest.path}
        self.text_read = 0
        self.trees: dict[str, Node | None] = {}

    def cartridge(self) -> Cartridge:
        """Everything in order: what Canvas adds, then each resource, then the modules that hold them."""
        is_canvas = self._read_canvas_settings()
        self.titles = contents.titles_by_reference(self.manifest.contents, self.modules)
        self.metas = self._topic_metas()
        self.quiz_parts = {
            part
            for quiz in self.manifest.resources.values()
            for part in quiz.dependencies
            if quiz.type.startswith("imsqti") and part in self.manifest.resources
            if self.manifest.resources[part].main.endswith("/assessment_meta.xml")
        }
        for resource in self.manifest.resources.values():
            self._read_resource(resource)
        modules = contents.modules_of(self)
        self._list_the_rest()
        return Cartridge(
            kind="canvas" if is_canvas else "common_cartridge",
            version=self.manifest.version,
            title=self.settings.title or self.manifest.title,
            code=self.settings.code,
            time_zone=zone_named(self.settings.zone) if self.settings.zone else "",
            start_at=self.settings.start_at,
            end_at=self.settings.end_at,
            modules=modules,
            pages=tuple(self.pages.values()),
            topics=tuple(self.topics.values()),
            links=tuple(self.links.values()),
            files=tuple(self.files.values()),
            left_out=(*self.left_out.values(), *self.more_left_out),
            problems=tuple(self.problems),
        )

    def tree(self, path: str, identifier: str = "") -> Node | None:
        """The XML file as a tree, read once; None, with a problem, if it cannot be read."""
        if path not in self.trees:
            try:
                self.trees[path] = self.archive.tree(path)
            except BadXml as bad:
                self.trees[path] = None
                self.problems.append(Problem(bad.code, identifier, path, bad.line))
        self.used.add(path)
        return self.trees[path]

    def _read_canvas_settings(self) -> bool:
        folder = self.manifest.folder + "course_settings/"
        here = {name: self.archive.find(folder + name) for name in canvas.KNOWN_SETTINGS}
        if (path := here["course_settings.xml"]) and (tree := self.tree(path)):
            self.settings, problems = canvas.read_course_settings(tree, path)
            self.problems += problems
        if (path := here["module_meta.xml"]) and (tree := self.tree(path)):
            self.modules, problems = canvas.read_modules(tree, path)
            self.problems += problems
        if (path := here["files_meta.xml"]) and (tree := self.tree(path)):
            self.hidden = canvas.hidden_files(tree)
        for name, element, kind in canvas.NOT_TAKEN:
            if (path := here[name]) and (tree := self.tree(path)):
                self.more_left_out += canvas.not_taken(tree, element, kind)
        self.used.update(path for name, path in here.items() if path and name != "syllabus.html")
        return bool(here["canvas_export.txt"] or here["module_meta.xml"] or here["course_settings.xml"])

    def _topic_metas(self) -> dict[str, tuple[Node, str]]:
        """What Canvas says of topics, by topic: named there, or by the topic's dependency."""
        by_resource: dict[str, tuple[Node, str]] = {}
        metas: dict[str, tuple[Node, str]] = {}
        for resource in self.manifest.resources.values():
            path = resource.main
            if resource.type.startswith("associatedcontent") and self._is_small_xml(path):
                tree = self.tree(path, resource.identifier)
                if tree is not None and tree.name == "topicMeta":
                    by_resource[resource.identifier] = metas[tree.said("topic_id")] = (tree, path)
        for resource in self.manifest.resources.values():
            for dependency in resource.dependencies:
                if dependency in by_resource:
                    metas[resource.identifier] = by_resource[dependency]
        return metas

    def _is_small_xml(self, path: str) -> bool:
        own = path.removeprefix(self.manifest.folder)
        in_root = "/" not in own
        return path in self.archive and own.lower().endswith(".xml") and in_root

    def _read_resource(self, resource: Resource) -> None:
        kind = resource.type
        if resource.identifier in self.quiz_parts:
            self.used.update((resource.main, *resource.files))
        elif kind.startswith("imsdt"):
            self._read_topic(resource)
        elif kind.startswith("imswl"):
            self._read_link(resource)
        elif kind.startswith(("imsbasiclti", "imslti", "lti")):
            self._read_tool(resource)
        elif kind.startswith(("imsqti", "imsapip")) or _is_questions(resource):
            is_bank = "question-bank" in kind or resource.main.endswith(".qti")
            self._leave(resource, "question_bank" if is_bank else "quiz")
        elif kind.startswith("assignment") or self._is_canvas_assignment(resource):
            self._leave(resource, "assignment")
        elif self._is_content(kind):
            self._read_content(resource)
        else:
            self._leave(resource, "other")

    @staticmethod
    def _is_content(kind: str) -> bool:
        return kind.startswith(("associatedcontent", "webcontent")) or not kind

    @staticmethod
    def _is_canvas_assignment(resource: Resource) -> bool:
        return any(path.endswith("/assignment_settings.xml") for path in resource.files)

    def _read_topic(self, resource: Resource) -> None:
        tree = self.tree(resource.main, resource.identifier) if resource.main in self.archive else None
        meta, meta_path = self.metas.get(resource.identifier, (None, ""))
        if tree is None:
            self._leave(resource, "other")
            return
        topic, problems = read_topic(
            resource.identifier,
            resource.main,
            tree,
            meta,
            meta_path,
            lambda href: self._attachment(resource, href),
        )
        self.problems += problems
        attached = list(topic.attachments)
        beside = [self.manifest.resources.get(dependency) for dependency in resource.dependencies]
        wanted = meta.said("attachment_identifierref") if meta is not None else ""
        beside.append(self.manifest.resources.get(wanted))
        for other in beside:
            if other is not None and self._is_content(other.type) and not self._is_small_xml(other.main):
                attached += [path for path in (other.files or (other.main,)) if path in self.archive]
        for path in (*resource.files, *attached):
            if path != resource.main:
                self.take_file(resource.identifier, path)
        state = State.UNPUBLISHED if resource.for_staff else topic.state
        title = topic.title or self.title(resource)
        if meta is not None and meta.said("workflow_state") == "deleted":
            self.left_out[resource.identifier] = LeftOut(resource.identifier, title, "deleted")
            return
        attachments = tuple(dict.fromkeys(attached))
        self.topics[resource.identifier] = replace(topic, attachments=attachments, state=state, title=title)
        self.more_left_out += overrides_of(meta, title)

    def _attachment(self, resource: Resource, href: str) -> str | None:
        inside = href.replace("$IMS-CC-FILEBASE$", "").replace("$1EdTech-CC-FILEBASE$", "")
        own = resource.main.rpartition("/")[0]
        for folder in (own, self.manifest.folder, self.manifest.folder + "web_resources"):
            if (found := path_in(self.archive, folder, inside)) is not None:
                return found
        return None

    def _read_link(self, resource: Resource) -> None:
        tree = self.tree(resource.main, resource.identifier) if resource.main in self.archive else None
        title, url = (
            read_link(tree) if tree is not None else ("", resource.href if "://" in resource.href else "")
        )
        self.take_link(resource.identifier, title or self.title(resource), url, resource.main, resource.line)

    def take_link(self, identifier: str, title: str, url: str, path: str, line: int) -> bool:
        """Adds a link to the web; one that is none is told and left out."""
        if not url.lower().startswith(("http://", "https://", "mailto:")):
            self.problems.append(Problem("bad_link", identifier, path, line, {"url": url[:200]}))
            self.left_out[identifier] = LeftOut(identifier, title, "other")
            return False
        self.links[identifier] = Link(identifier, title or url, url, is_video(url))
        return True

    def _read_tool(self, resource: Resource) -> None:
        tree = self.tree(resource.main, resource.identifier) if resource.main in self.archive else None
        title, url = read_tool(tree) if tree is not None else ("", "")
        self.used.update(resource.files)
        self.left_out[resource.identifier] = LeftOut(
            resource.identifier, title or self.title(resource), "tool", url
        )

    def _leave(self, resource: Resource, kind: str) -> None:
        title = self.titles.get(resource.identifier, "")
        files = [resource.main, *resource.files]
        for dependency in resource.dependencies:
            other = self.manifest.resources.get(dependency)
            if other is not None and other.main.endswith("assessment_meta.xml"):
                files += [other.main, *other.files]
        self.used.update(files)
        names = ("assignment.xml", "assignment_settings.xml", "assessment_meta.xml", "assessment_qti.xml")
        for path in sorted(set(files), key=lambda path: ("meta" not in path, path)):
            if title or not path.endswith((*names, ".qti")) or path not in self.archive:
                continue
            tree = self.tree(path, resource.identifier)
            inner = tree.first("assessment") if tree is not None else None
            title = (tree.said("title") if tree is not None else "") or (inner.get("title") if inner else "")
            title = title or (_bank_title(tree) if tree is not None else "")
            self.trees.pop(path)
        self.left_out[resource.identifier] = LeftOut(resource.identifier, " ".join(title.split()), kind)

    def _read_content(self, resource: Resource) -> None:
        path = resource.main
        own = path.removeprefix(self.manifest.folder)
        if resource.variant_of in self.manifest.resources and resource.identifier not in self.titles:
            self.used.update(
                (path, *resource.files)
            )  # the same thing again, for readers that cannot do better
        elif "://" in path:
            self.take_link(resource.identifier, self.title(resource), path, self.manifest.path, resource.line)
        elif own.startswith("course_settings/") and not own.endswith("/syllabus.html"):
            for other in (path, *resource.files):
                if other not in self.used and not other.endswith("/syllabus.html"):
                    self.more_left_out.append(
                        LeftOut(resource.identifier, other.rpartition("/")[2], "settings")
                    )
                    self.used.add(other)
        elif path in self.used and path not in self.files:
            pass  # read with what it belongs to: what Canvas says of a topic or a quiz
        elif self._is_page(resource, own) and self._read_page(resource, path):
            for other in resource.files:
                if other != path:
                    self.take_file(f"{resource.identifier}#{other}", other)
        else:
            for other in dict.fromkeys((path, *resource.files)):
                if other in self.archive and other not in self.used:
                    identifier = resource.identifier if other == path else f"{resource.identifier}#{other}"
                    self.take_file(identifier, other, resource.for_staff)

    def _is_page(self, resource: Resource, own: str) -> bool:
        if resource.main not in self.archive or not own.lower().endswith(_PAGE_ENDINGS):
            return False
        named = resource.identifier in self.titles or own.startswith("wiki_content/")
        return named or resource.intended_use == "syllabus" or not (self.manifest.contents or self.modules)

    def _read_page(self, resource: Resource, path: str) -> bool:
        size = self.archive.size(path)
        if size > LONGEST_PAGE or self.text_read + size > _MOST_TEXT:
            told = {"limit": LONGEST_PAGE}
            self.problems.append(Problem("page_too_large", resource.identifier, path, 0, told))
            return False
        self.text_read += size
        self.used.add(path)
        document = read_document(self.archive.read(path, LONGEST_PAGE))
        is_canvas = "workflow_state" in document.meta or "editing_roles" in document.meta
        reader = MetaReader(resource.identifier, path)
        state = reader.state(_state_node(document.meta.get("workflow_state", "")))
        self.problems += reader.problems
        item_title = self.titles.get(resource.identifier, "")
        stem = path.rpartition("/")[2].rpartition(".")[0]
        title = (document.title or item_title) if is_canvas else (item_title or document.title)
        self.pages[resource.identifier] = Page(
            identifier=resource.identifier,
            title=title or stem,
            html=document.body,
            path=path,
            state=State.UNPUBLISHED if resource.for_staff else state,
            front=document.meta.get("front_page", "").lower() == "true",
            syllabus=resource.intended_use == "syllabus",
        )
        return True

    def take_file(self, identifier: str, path: str, for_staff: bool = False) -> None:
        """Adds a file of the archive once, by its path."""
        self.used.add(path)
        if path in self.files:
            return
        names, files, folders = self.hidden
        own = path.removeprefix(self.manifest.folder).removeprefix("web_resources/")
        shut = for_staff or identifier in files or any(own.startswith(folder + "/") for folder in folders)
        self.files[path] = File(
            identifier=identifier,
            path=path,
            name=names.get(identifier) or path.rpartition("/")[2],
            size=self.archive.size(path),
            media_type=media_type_of(self.archive.head(path, HEAD)),
            state=State.UNPUBLISHED if shut else State.ACTIVE,
        )

    def title(self, resource: Resource) -> str:
        """What the table of contents calls it."""
        return self.titles.get(resource.identifier, "")

    def _list_the_rest(self) -> None:
        for entry in self.archive.entries:
            own = entry.path.removeprefix(self.manifest.folder)
            litter = any(part in entry.path.lower() for part in _LITTER)
            if entry.path in self.used or litter or own.startswith("non_cc_assessments/"):
                continue
            self.more_left_out.append(LeftOut("", entry.path, "unlisted"))


def _is_questions(resource: Resource) -> bool:
    """Question banks of Canvas, with their answers: nothing that may become a file of the course."""
    return any(
        path.endswith(".qti") or "non_cc_assessments/" in path for path in (resource.main, *resource.files)
    )


def _bank_title(tree: Node) -> str:
    fields = (node for node in tree.walk() if node.name == "qtimetadatafield")
    return next((node.said("fieldentry") for node in fields if node.said("fieldlabel") == "bank_title"), "")


def _state_node(state: str) -> Node:
    return Node("meta", 0, {}, [Node("workflow_state", 0, {}, [], [state])], [])
