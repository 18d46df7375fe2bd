"""A page of HTML in a cartridge: its text decoded, its head read, its body handed over raw."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

LONGEST_PAGE = 2 * 1024 * 1024
_HEAD = 64 * 1024
_BODY = re.compile(r"<body(?=[\s>/])", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s{0,20}>", re.IGNORECASE)
_DECLARED = re.compile(
    rb"""(?:charset|encoding)\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Document:
    """A page: its own title, the `<meta name content>` of its head, the inside of its body."""

    title: str
    body: str
    meta: Mapping[str, str] = field(default_factory=dict)


def read_document(content: bytes) -> Document:
    """The page that the bytes hold, in whatever encoding they say or show."""
    text = decoded(content)
    head = _HeadReader()
    head.feed(text[:_HEAD])
    return Document(" ".join("".join(head.title).split()), _body_of(text), head.meta)


def decoded(content: bytes) -> str:
    """The text: by byte order mark, then UTF-8, then the charset that it names, then Windows-1252."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, "replace").removeprefix("\ufeff")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(content[:2048])
    name = declared[1].decode("ascii").lower() if declared else ""
    if name.startswith(("utf", "iso-8859-1")) or not name:
        name = "cp1252"
    try:
        if codecs.lookup(name)._is_text_encoding:
            return content.decode(name, "replace")
    except (LookupError, AttributeError):
        pass
    return content.decode("cp1252", "replace")


def _body_of(text: str) -> str:
    begin = _BODY.search(text)
    if begin is None:
        lowered = text[:_HEAD].lower()
        after_head = lowered.find("</head>")
        return text[after_head + 7 :].strip() if after_head >= 0 else text.strip()
    start = text.find(">", begin.end())
    if start < 0:
        return ""
    ends = [end.start() for end in _BODY_END.finditer(text, start)]
    return text[start + 1 : ends[-1] if ends else len(text)].strip()


class _HeadReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title: list[str] = []
        self.meta: dict[str, str] = {}
        self._in_title = False
        self._over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self._over = True
        if self._over:
            return
        if tag == "title":
            self._in_title = True
        elif tag == "meta":
            said = dict(attrs)
            if name := said.get("name"):
                self.meta.setdefault(name.lower(), said.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag == "head":
            self._over = True

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
