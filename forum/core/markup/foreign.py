"""HTML that was written elsewhere: made safe, or turned into Markdown that can be edited like any text."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit

from forum.core.markup.sanitize import address, clean_foreign

MOST_DEPTH = 150
_TAGS = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_VOID_NAMES = """
area base br col embed hr img input link meta source track wbr
"""
_VOID = frozenset(_VOID_NAMES.split())
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FRAMES = ("iframe", "frame", "embed", "object", "video", "audio")


def safe_html(html: str) -> str:
    """Imported HTML with only what a page may hold: no scripts, styles, frames, forms, ids, foreign images.

    Headings keep their levels. Nesting deeper than any page needs is flattened to its text.
    """
    html = _UNSHOWABLE.sub("\ufffd", html)
    return clean_foreign(html if _depth(html) <= MOST_DEPTH else _text(html))


def _depth(text: str) -> int:
    """How deep elements are nested at most, unclosed ones counted; linear time."""
    depth = deepest = 0
    for closing, name in _TAGS.findall(text):
        if closing:
            depth = max(0, depth - 1)
        elif name.lower() not in _VOID:
            depth += 1
            deepest = max(deepest, depth)
    # Unclosed <p> and <li> close themselves, so only what is clearly unbalanced or deep counts here.
    return deepest


def _text(text: str) -> str:
    return html.escape(html.unescape(re.sub(r"(?:\s|<[^<>]*>)+", " ", text)))


def markdown_from_html(html: str) -> str:
    """Imported HTML as Markdown that `render(limit=200_000)` shows with the same text.

    Frames, videos and embedded things become links with their title or host; images that carry an equation's
    TeX become formulas; tables stay. Addresses of files must have been mended to paths of this site before.
    """
    from bs4 import BeautifulSoup

    html = _UNSHOWABLE.sub("\ufffd", html)
    # Long runs of spaces say nothing and cost the rewriter much.
    html = _text(html) if _depth(html) > MOST_DEPTH else re.sub(r"\s{200,}", "\n", html)
    soup = BeautifulSoup(f"<div>{html}</div>", "html.parser")
    formulas = _formulas_taken(soup)
    _frames_linked(soup)
    clean = BeautifulSoup(f"<div>{clean_foreign(str(soup))}</div>", "html.parser")
    from forum.core.markup.rewriter import rewriter

    text = rewriter().convert_soup(clean)
    for mark, tex in formulas.items():
        text = text.replace(mark, tex)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _formulas_taken(soup: Any) -> dict[str, str]:
    """Replaces images of equations by marks; the marks with the TeX that they stand for."""
    import secrets

    key = secrets.token_hex(8)
    taken: dict[str, str] = {}
    for image in soup.find_all("img"):
        tex = image.get("data-equation-content")
        if not tex and "equation_image" in (image.get("class") or []):
            tex = re.sub(r"\A\s*LaTeX:\s*", "", image.get("alt") or image.get("title") or "")
        if not tex or not tex.strip():
            continue
        tex = " ".join(tex.split()).strip("$ ")
        if "$" in tex or not tex:
            image.replace_with(soup.new_string(tex or ""))
            continue
        mark = f"formula{key}n{len(taken)}z"
        taken[mark] = f"${tex}$"
        image.replace_with(soup.new_string(mark))
    return taken


def _frames_linked(soup: Any) -> None:
    for frame in soup.find_all(_FRAMES):
        if frame.parent is None or frame.decomposed:
            continue
        source = frame.get("src") or frame.get("data") or ""
        if not source:
            inner = frame.find(["source", "embed"])
            source = (inner.get("src") or "") if inner else ""
        target = address("https:" + source if source.startswith("//") else source)
        name = (frame.get("title") or frame.get("aria-label") or "").strip()
        if target is None:
            frame.replace_with(soup.new_string(f" {name} "))
            continue
        link = soup.new_tag("a", href=target)
        link.string = name or urlsplit(target).hostname or target.rsplit("/", 1)[-1] or target
        paragraph = frame.find_parent(["p", "li", "td", "th", "a"])
        if paragraph is None:
            wrapper = soup.new_tag("p")
            wrapper.append(link)
            frame.replace_with(wrapper)
        else:
            frame.replace_with(link)
