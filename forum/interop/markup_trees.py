"""XML from outside as plain trees: local names, every node with its line, no DTD, no entity, bounded."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

_DEEPEST = 200
_MOST_NODES = 250_000


class BadXml(Exception):
    """XML that cannot be read.

    `code` is `xml_broken`, `xml_entities` or `xml_too_large`; `line` counts from 1, 0 is unknown.
    """

    def __init__(self, code: str, line: int, name: str) -> None:
        super().__init__(code, line, name)
        self.code, self.line, self.name = code, line, name


@dataclass(slots=True)
class Node:
    """One element: local name, attributes by local name, what is in it, and its line."""

    name: str
    line: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    pieces: list[str | Node] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The character data directly in this element, without blanks around it."""
        return "".join(piece for piece in self.pieces if isinstance(piece, str)).strip()

    def get(self, attribute: str) -> str:
        """The attribute, whatever its namespace; "" if it is not there."""
        return self.attributes.get(attribute, "").strip()

    def all(self, name: str) -> Iterator[Node]:
        """The children of that name."""
        return (child for child in self.children if child.name == name)

    def first(self, *path: str) -> Node | None:
        """The first descendant along that path of names."""
        node: Node | None = self
        for name in path:
            node = next(node.all(name), None) if node is not None else None
        return node

    def said(self, *path: str) -> str:
        """The text at the end of that path; "" if there is none."""
        node = self.first(*path)
        return node.text if node is not None else ""

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, in the order of the file."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def inner(self) -> str:
        """What is in the element as HTML: its text, unescaped once, or the elements in it written out."""
        if not self.children:
            return self.text
        return "".join(_written(piece) for piece in self.pieces).strip()


def _written(piece: str | Node) -> str:
    if isinstance(piece, str):
        return html.escape(piece, quote=False)
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in piece.attributes.items())
    if not piece.pieces and piece.name in ("br", "hr", "img", "input", "source", "track"):
        return f"<{piece.name}{attributes}>"
    return f"<{piece.name}{attributes}>{''.join(_written(inner) for inner in piece.pieces)}</{piece.name}>"


class _Target:
    """Builds the tree; the parser tells it the line."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Node | None = None
        self.expat: Any = None
        self._open: list[Node] = []
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        line = self.expat.CurrentLineNumber
        self._count += 1 + len(attributes)
        if len(self._open) >= _DEEPEST or self._count > _MOST_NODES:
            raise BadXml("xml_too_large", line, self.name)
        node = Node(_local(tag), line, {_local(name): value for name, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(node)
            self._open[-1].pieces.append(node)
        elif self.root is None:
            self.root = node
        self._open.append(node)

    def end(self, _tag: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1].pieces.append(text)

    def close(self) -> Node | None:
        return self.root


def read_tree(pieces: Iterable[bytes], name: str) -> Node:
    """The tree of an XML file given in pieces of bytes. Raises BadXml; `name` is only for its message."""
    target = _Target(name)
    parser = DefusedXMLParser(target=target, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    target.expat = parser.parser
    try:
        begun = False
        for piece in pieces:
            if not begun:  # blank lines before the declaration are an error to the letter, and common
                piece = piece.lstrip(b" \t\r\n")
                begun = bool(piece)
            parser.feed(piece)
        root = parser.close()
    except DefusedXmlException:
        raise BadXml("xml_entities", target.expat.CurrentLineNumber, name) from None
    except ParseError as error:
        raise BadXml("xml_broken", error.position[0], name) from None
    except (LookupError, ValueError, UnicodeError):  # an encoding that is none
        raise BadXml("xml_broken", 1, name) from None
    if not isinstance(root, Node):
        raise BadXml("xml_broken", 1, name)
    return root


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]
