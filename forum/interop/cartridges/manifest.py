"""The manifest of a cartridge: its resources, its table of contents, what it says of itself."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from forum.interop.archives import Archive, BadArchive
from forum.interop.cartridges.values import Problem
from forum.interop.markup_trees import BadXml, Node

MANIFEST = "imsmanifest.xml"


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing in the cartridge. Paths are as the archive has them; `line` is its line in the manifest."""

    identifier: str
    type: str
    href: str
    files: tuple[str, ...]
    dependencies: tuple[str, ...]
    intended_use: str
    variant_of: str
    for_staff: bool
    line: int

    @property
    def main(self) -> str:
        """The file that it begins with; "" if it has none."""
        return self.href or (self.files[0] if self.files else "")


@dataclass(frozen=True, slots=True)
class Place:
    """One item of the table of contents, with those below it."""

    identifier: str
    title: str
    reference: str
    visible: bool
    line: int
    below: tuple[Place, ...] = ()


@dataclass(slots=True)
class Manifest:
    """What the manifest says; `folder` is where it lies in the archive, "" or ending in `/`."""

    folder: str
    path: str
    version: str
    title: str
    resources: dict[str, Resource] = field(default_factory=dict)
    contents: tuple[Place, ...] = ()
    problems: list[Problem] = field(default_factory=list)


def read_manifest(archive: Archive) -> Manifest:
    """The manifest. Raises BadArchive `no_manifest`, or `xml_…` with `line`, when it cannot be read."""
    path = _manifest_path(archive)
    try:
        root = archive.tree(path)
    except BadXml as bad:
        raise BadArchive(bad.code, name=bad.name, line=bad.line) from None
    if root.name != "manifest":
        raise BadArchive("no_manifest", name=path)
    manifest = Manifest(
        folder=path[: -len(MANIFEST)],
        path=path,
        version=root.said("metadata", "schemaversion"),
        title=_title_of(root),
    )
    if any(node.name == "authorizations" for node in root.children):
        manifest.problems.append(Problem("protected", root.get("identifier"), path, root.line))
    for resources in root.all("resources"):
        base = posixpath.join(root.get("base"), resources.get("base"))
        for node in resources.all("resource"):
            _take_resource(manifest, archive, node, base)
    organizations = root.first("organizations")
    if organizations is not None:
        wanted = organizations.get("default")
        all_of_them = list(organizations.all("organization"))
        chosen = next((node for node in all_of_them if wanted and node.get("identifier") == wanted), None)
        chosen = chosen or next(iter(all_of_them), None)
        if chosen is not None:
            manifest.contents = tuple(_places(chosen))
    return manifest


def path_in(archive: Archive, folder: str, written: str) -> str | None:
    """The file that an address inside the cartridge means, decoded or not; None if it is not there."""
    for tried in (written, unquote(written), unquote(written.partition("?")[0].partition("#")[0])):
        path = posixpath.normpath(posixpath.join(folder, tried.strip().replace("\\", "/").lstrip("/")))
        if (found := archive.find(path)) is not None:  # no path in an archive leads out of it
            return found
    return None


def _manifest_path(archive: Archive) -> str:
    # Some people zip the folder instead of what is in it: the shallowest manifest is the one.
    found = [entry.path for entry in archive.entries if entry.path.rpartition("/")[2].lower() == MANIFEST]
    found = [path for path in found if not path.startswith("__MACOSX/")]
    if not found:
        raise BadArchive("no_manifest", name="")
    return min(found, key=lambda path: (path.count("/"), path))


def _title_of(root: Node) -> str:
    metadata = root.first("metadata")
    general = metadata.first("lom", "general", "title") if metadata is not None else None
    for node in general.walk() if general is not None else ():
        if node.name in ("string", "langstring", "title") and node.text:
            return _one_line(node.text)
    return _one_line(root.said("organizations", "organization", "title"))


def _take_resource(manifest: Manifest, archive: Archive, node: Node, base: str) -> None:
    identifier = node.get("identifier")
    if not identifier or identifier in manifest.resources:
        manifest.problems.append(Problem("duplicate_identifier", identifier, manifest.path, node.line))
        if identifier:
            return
        identifier = f"line-{node.line}"
    folder = posixpath.join(manifest.folder, base, node.get("base"))
    files: list[str] = []
    for child in node.all("file"):
        if child.get("href"):
            found = path_in(archive, folder, child.get("href"))
            if found is None:
                missing = {"href": child.get("href")[:200]}
                manifest.problems.append(
                    Problem("missing_file", identifier, manifest.path, child.line, missing)
                )
            elif found not in files:
                files.append(found)
    href = node.get("href")
    main = path_in(archive, folder, href) if href else None
    if main is None and "://" in href:
        main = href
    elif main is None and href and href not in [child.get("href") for child in node.all("file")]:
        told = {"href": href[:200]}
        manifest.problems.append(Problem("missing_file", identifier, manifest.path, node.line, told))
    variant = node.first("variant")
    manifest.resources[identifier] = Resource(
        identifier=identifier,
        type=node.get("type").lower(),
        href=main or "",
        files=tuple(files),
        dependencies=tuple(child.get("identifierref") for child in node.all("dependency")),
        intended_use=node.get("intendeduse").lower(),
        variant_of=variant.get("identifierref") if variant is not None else "",
        for_staff=_for_staff_only(node),
        line=node.line,
    )


def _for_staff_only(node: Node) -> bool:
    metadata = node.first("metadata")
    if metadata is None:
        return False
    roles = {
        child.text.lower()
        for part in metadata.walk()
        if part.name == "intendedEndUserRole"
        for child in part.walk()
        if child.text and child.name != "source"
    }
    return bool(roles) and roles <= {"instructor", "mentor"}


def _places(node: Node) -> Iterator[Place]:
    for child in node.all("item"):
        yield Place(
            identifier=child.get("identifier"),
            title=_one_line(child.said("title")),
            reference=child.get("identifierref"),
            visible=child.get("isvisible").lower() not in ("false", "0"),
            line=child.line,
            below=tuple(_places(child)),
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())
