"""Links inside imported HTML: found, resolved by the caller, and written anew; the rest stays as it is."""

from __future__ import annotations

import html as entities
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from urllib.parse import unquote

Resolve = Callable[[str, str], str | None]

_ADDRESSES = frozenset(("href", "src", "data", "poster", "action", "cite", "longdesc", "background"))
_ATTRIBUTE = re.compile(r"""(?<=[\s"'/])([A-Za-z][\w:-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_FILE_BASE = re.compile(r"\$(?:IMS|1EdTech)[-_]CC[-_]FILEBASE\$/?", re.IGNORECASE)
_CANVAS = re.compile(r"\$(CANVAS_OBJECT_REFERENCE|WIKI_REFERENCE|CANVAS_COURSE_REFERENCE)\$/?", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_KINDS = {
    "pages": "page",
    "wiki": "page",
    "discussion_topics": "topic",
    "announcements": "topic",
    "assignments": "assignment",
    "quizzes": "quiz",
    "modules": "module",
    "items": "module_item",
    "files": "file_id",
    "file_ref": "file_id",
    "media_objects": "media",
    "media_objects_iframe": "media",
    "external_tools": "tool",
}


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A link that leads nowhere here: what was asked for, what was written (cut at 300), the tag's line."""

    kind: str
    key: str
    written: str
    line: int


@dataclass(frozen=True, slots=True)
class Mended:
    """HTML with its links mended; still raw, to be cleaned."""

    html: str
    unresolved: tuple[Unresolved, ...]


def mend_links(html: str, resolve: Resolve, base: str = "") -> Mended:
    """Writes every link into the cartridge anew as `resolve(kind, key)` says; others stay as they are.

    Kinds and keys: `file` path in the archive · `page` slug or identifier · `topic`, `assignment`, `quiz`,
    `module`, `module_item`, `file_id`, `media`, `tool` identifier · `syllabus` "" · `course` "" or the rest
    of the address · `site` an address on the old site. Several keys may be asked for one link, the likeliest
    first; `resolve` gives an address or None. A link without an answer loses its address, keeps its words,
    and is listed. `base` is the path in the archive of the page that the HTML comes from: relative links
    count from it.
    """
    finder = _TagFinder(html)
    written: list[str] = []
    unresolved: list[Unresolved] = []
    done = 0
    for start, tag, line in finder.found:
        mended = _ATTRIBUTE.sub(partial(_attribute, resolve, base, line, unresolved), tag)
        if mended != tag:
            written += (html[done:start], mended)
            done = start + len(tag)
    written.append(html[done:])
    return Mended("".join(written), tuple(unresolved))


def _attribute(
    resolve: Resolve, base: str, line: int, unresolved: list[Unresolved], match: re.Match[str]
) -> str:
    if match[1].lower() not in _ADDRESSES:
        return match[0]
    address = entities.unescape(match[2].strip("\"'")).strip()
    asked = list(_meanings(address, base))
    if not asked:
        return match[0]
    for kind, key in asked:
        found = resolve(kind, key)
        if found is not None:
            fragment = address.partition("#")[2]
            if fragment and "#" not in found:
                found += "#" + fragment
            return f'{match[1]}="{entities.escape(found)}"'
    unresolved.append(Unresolved(*asked[0], address[:300], line))
    return ""


def _meanings(address: str, base: str) -> Iterator[tuple[str, str]]:
    """What an address may mean, likeliest first; nothing if it leads out of the cartridge."""
    address = re.sub(r"%24((?:IMS|1EdTech|CANVAS|WIKI)[A-Za-z_-]+)%24", r"$\1$", address, flags=re.IGNORECASE)
    path, _question, query = address.partition("#")[0].partition("?")
    folder = posixpath.dirname(base)
    if begin := _FILE_BASE.search(path):
        inside = unquote(path[begin.end() :])
        for root in ("web_resources", "", folder):
            if clean := _clean(root, inside):
                yield "file", clean
    elif begin := _CANVAS.search(path):
        yield from _canvas_meaning(unquote(path[begin.end() :]).strip("/"), begin[1].upper())
    elif not path or path.startswith("//") or _SCHEME.match(path):
        return
    elif path.startswith("/"):
        yield "site", path + (f"?{query}" if query else "")
    elif clean := _clean(folder, unquote(path)):
        yield "file", clean
    else:
        yield "file", unquote(path)


def _canvas_meaning(rest: str, where: str) -> Iterator[tuple[str, str]]:
    parts = [part for part in rest.split("/") if part]
    if where == "CANVAS_COURSE_REFERENCE" and parts[:2] == ["assignments", "syllabus"]:
        yield "syllabus", ""
    elif not parts:
        yield "course", ""
    elif parts[0] == "file_contents" and len(parts) > 2:
        yield "file", "/".join(("web_resources", *parts[2:]))
    elif parts[:2] == ["modules", "items"] and len(parts) > 2:
        yield "module_item", parts[2]
    elif parts[0] in _KINDS and len(parts) > 1:
        yield _KINDS[parts[0]], parts[1]
    elif where == "WIKI_REFERENCE":
        yield "page", parts[-1]
    else:
        yield "course", rest


def _clean(folder: str, path: str) -> str:
    """The path in the archive; "" if it leads out of it or to nothing."""
    path = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
    return "" if path == "." or path.startswith(("..", "/")) else path


class _TagFinder(HTMLParser):
    """The start tags as they are written: offset, text and line of each."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self._starts = [0]
        while (end := text.find("\n", self._starts[-1])) >= 0:
            self._starts.append(end + 1)
        self.found: list[tuple[int, str, int]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, column = self.getpos()
        self.found.append((self._starts[line - 1] + column, self.get_starttag_text() or "", line))
