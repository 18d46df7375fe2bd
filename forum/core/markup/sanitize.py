"""The walls between written HTML and a page: bleach with our allow-list, our check of addresses, then nh3."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import nh3

_TAG_NAMES = """
a abbr b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4
h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot
th thead tr u ul var
"""
TAGS = frozenset(_TAG_NAMES.split())
ATTRIBUTES: dict[str, frozenset[str]] = {
    "*": frozenset({"class", "id", "dir", "lang"}),
    "a": frozenset({"href", "title", "rel"}),
    "abbr": frozenset({"title"}),
    "dfn": frozenset({"title"}),
    "div": frozenset({"tabindex", "role", "aria-label"}),
    "img": frozenset({"src", "alt", "title", "width", "height", "loading"}),
    "ol": frozenset({"start", "reversed", "type"}),
    "pre": frozenset({"tabindex"}),
    "td": frozenset({"colspan", "rowspan", "align"}),
    "th": frozenset({"colspan", "rowspan", "align", "scope"}),
}
SCHEMES = frozenset({"http", "https", "mailto"})
_CLASS_NAMES = """
as-typed code footnote footnote-ref footnote-backref math math-block math-source scroll task task-list
task-box align-left align-center align-right
"""
_CLASSES = frozenset(_CLASS_NAMES.split())
_TOKEN_CLASS = re.compile(r"[a-z][a-z0-9]{0,2}\Z")
_VALUES: dict[str, re.Pattern[str]] = {
    "id": re.compile(r"(?:[A-Za-z][A-Za-z0-9-]{0,60}-)?fn(?:ref)?-\d{1,4}(?:-\d{1,4})?\Z"),
    "dir": re.compile(r"(?:ltr|rtl|auto)\Z"),
    "lang": re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}\Z"),
    "rel": re.compile(r"(?!)"),  # only this module writes it
    "loading": re.compile(r"(?!)"),
    "tabindex": re.compile(r"0\Z"),
    "role": re.compile(r"group\Z"),
    "align": re.compile(r"(?:left|center|right)\Z"),
    "scope": re.compile(r"(?:row|col|rowgroup|colgroup)\Z"),
    "width": re.compile(r"\d{1,4}\Z"),
    "height": re.compile(r"\d{1,4}\Z"),
    "start": re.compile(r"-?\d{1,6}\Z"),
    "type": re.compile(r"[1aAiI]\Z"),
    "colspan": re.compile(r"\d{1,2}\Z"),
    "rowspan": re.compile(r"\d{1,3}\Z"),
}
# Their content is never text that a reader should see.
_WITH_CONTENT_NAMES = """
applet audio canvas datalist embed head iframe math noembed noframes noscript object plaintext script
select style svg template textarea title video xmp
"""
_WITH_CONTENT = frozenset(_WITH_CONTENT_NAMES.split())
_BAD_IN_ADDRESS = re.compile(
    r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffd\\<>\"`]"
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BARE_HOST = re.compile(r"www\.[A-Za-z0-9-]+\.", re.IGNORECASE)
_AMPERSAND = re.compile(r"&")

_thread = threading.local()


def address(value: str, *, image: bool = False) -> str | None:
    """The address if it may stand in a page, else None: http(s), mailto, a path or fragment of this site.

    With `image`, only a path of this site.
    """
    value = value.strip(" \t\r\n").replace(" ", "%20")
    if not value or len(value) > 2_000 or _BAD_IN_ADDRESS.search(value):
        return None
    if value.startswith("/"):
        return None if value.startswith("//") else value
    if image:
        return None
    if value.startswith("#"):
        return value
    if _BARE_HOST.match(value):
        value = "https://" + value
    scheme = _SCHEME.match(value)
    if not scheme or scheme.group(1).lower() not in SCHEMES:
        return None
    if scheme.group(1).lower() == "mailto":
        return value
    try:
        return value if urlsplit(value).hostname and value[scheme.end() :].startswith("//") else None
    except ValueError:
        return None


def is_outside(value: str) -> bool:
    """Whether an address that passed `address` leaves this site."""
    return value[:4].lower() == "http"


def clean(text: str) -> str:
    """`text` with only listed elements, attributes, classes, values and addresses, every element closed."""
    return _second_wall(_first_wall().clean(text))


def clean_foreign(text: str) -> str:
    """The same for HTML from elsewhere: scripts, styles and frames go with their content, ids go."""
    bare = {tag: set(names) - {"class", "id", "rel"} for tag, names in ATTRIBUTES.items()}
    del bare["*"]
    lean = nh3.clean(
        text,
        tags=set(TAGS),
        attributes={**bare, "*": {"dir", "lang"}},
        clean_content_tags=set(_WITH_CONTENT),
        link_rel=None,
        url_schemes=set(SCHEMES),
    )
    return clean(lean)


def _second_wall(text: str) -> str:
    attributes = {tag: set(names) for tag, names in ATTRIBUTES.items()}
    return nh3.clean(
        text,
        tags=set(TAGS),
        attributes=attributes,
        clean_content_tags=set(),
        link_rel=None,
        url_schemes=set(SCHEMES),
    )


def _first_wall() -> Any:
    """This thread's bleach cleaner; bleach says that one must not be shared by threads."""
    cleaner = getattr(_thread, "cleaner", None)
    if cleaner is None:
        # Imported late: bleach brings a whole HTML parser along.
        from bleach.html5lib_shim import Filter  # type: ignore[attr-defined]
        from bleach.sanitizer import Cleaner

        class Addresses(Filter):
            """bleach's view of a page as tokens, seen through our own checks."""

            def __iter__(self) -> Iterator[dict[str, Any]]:
                return checked(super().__iter__())

        cleaner = _thread.cleaner = Cleaner(
            tags=TAGS,
            attributes={tag: sorted(names) for tag, names in ATTRIBUTES.items()},
            protocols=SCHEMES,
            strip=True,
            strip_comments=True,
            filters=[Addresses],
        )
    return cleaner


def checked(tokens: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tokens with our own rules held: values, classes, addresses, rel on links out, images."""
    links: list[bool] = []  # for each open <a>, whether it was kept
    for token in tokens:
        kind, name = token["type"], token.get("name")
        if kind in ("StartTag", "EmptyTag"):
            given = {key[1]: html.unescape(value) for key, value in token["data"].items()}
            kept = _kept_values(given)
            if name == "a":
                target = address(given.get("href", ""))
                links.append(target is not None)
                if target is None:
                    continue
                kept["href"] = target
                if is_outside(target):
                    kept["rel"] = "nofollow noopener noreferrer"
            elif name == "img":
                yield from _image(given, kept, inside_link=any(links))
                continue
            token["data"] = _raw(kept)
        elif kind == "EndTag" and name == "a" and links and not links.pop():
            continue
        yield token


def _kept_values(given: dict[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in given.items():
        if name in ("href", "src"):
            continue
        if name == "class":
            value = " ".join(part for part in value.split() if part in _CLASSES or _TOKEN_CLASS.match(part))
            if not value:
                continue
        elif name in _VALUES and not _VALUES[name].match(value):
            continue
        kept[name] = value
    return kept


def _image(given: dict[str, str], kept: dict[str, str], *, inside_link: bool) -> Iterator[dict[str, Any]]:
    """An image of this site; one from elsewhere becomes a link: no page asks another host for anything."""
    source, alt = given.get("src", ""), given.get("alt", "").strip()
    path = address(source, image=True)
    if path:
        kept |= {"src": path, "alt": alt, "loading": "lazy"}
        yield {"type": "EmptyTag", "name": "img", "namespace": None, "data": _raw(kept)}
        return
    target = address(source)
    words = {"type": "Characters", "data": alt or (target or "")}
    if target is None or not is_outside(target) or inside_link:
        yield words
        return
    data = _raw({"href": target, "rel": "nofollow noopener noreferrer"})
    yield {"type": "StartTag", "name": "a", "namespace": None, "data": data}
    yield words
    yield {"type": "EndTag", "name": "a", "namespace": None, "data": {}}


def _raw(values: dict[str, str]) -> dict[tuple[None, str], str]:
    """Attributes as bleach's serializer wants them: signs that begin a reference already written as one."""
    return {(None, name): _AMPERSAND.sub("&amp;", value) for name, value in values.items()}
