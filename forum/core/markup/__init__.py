"""The one place for markup: Markdown in, safe HTML out, rendered once, when it is written.

Only this package makes `Markup`. Stored HTML carries RENDERER_VERSION and is rendered anew when that changes.
"""

from __future__ import annotations

import html as _html
import logging
import re
import threading
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from forum.core.markup.excerpts import excerpt
from forum.core.markup.foreign import markdown_from_html, safe_html
from forum.core.markup.limits import BASE, why_not_render
from forum.core.markup.listings import MOST_HIGHLIGHTED
from forum.core.markup.quotes import set_apart, with_quotes
from forum.core.markup.sanitize import clean
from forum.core.words import count_words

__all__ = [
    "RENDERER_VERSION",
    "Rendered",
    "excerpt",
    "markdown_from_html",
    "markup_of",
    "render",
    "safe_html",
    "why_not_render",
]

# Raise it with every change of what `render` gives for the same source.
RENDERER_VERSION = 1

_PREFIX = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]{0,59}-)?\Z")
# What no page can show: control signs but tab and newline, and halves of surrogate pairs.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_log = logging.getLogger(__name__)
_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Rendered:
    """Safe HTML, its words by docs/time.md, rule 17, and whether it is shown as typed."""

    html: str
    words: int
    failed: bool


def render(source: str, *, limit: int = 20_000, prefix: str = "", first_heading: int = 3) -> Rendered:
    """Markdown as safe HTML; never raises over what was written.

    `limit` is in characters; a text over it, or too costly to render, is shown as it was typed, with `failed`
    set. `prefix` (letters, digits and hyphens, ending in a hyphen) makes ids unique on a page of many texts.
    `first_heading` is the level of the first heading, 1 to 6; deeper ones follow without gaps.
    """
    if not _PREFIX.match(prefix) or not 1 <= first_heading <= 6:
        raise ValueError("prefix or first_heading")
    source = _UNSHOWABLE.sub("\ufffd", source.replace("\r\n", "\n").replace("\r", "\n"))
    words = count_words(source)
    if why_not_render(source, limit):
        return Rendered(_as_typed(source), words, failed=True)
    md, formulas, finish = _converter()
    finish.prefix, finish.first_heading = prefix, first_heading
    formulas.begin()
    try:
        md.reset()
        md.left_to_highlight = MOST_HIGHLIGHTED * max(1, limit // BASE)
        return Rendered(formulas.join(clean(md.convert(set_apart(source)))), words, failed=False)
    except Exception as error:
        # A converter that failed stays broken; the next text gets a new one.
        _thread.converter = None
        _log.warning("a text is shown as typed: %s", type(error).__name__)
        return Rendered(_as_typed(source), words, failed=True)


def _converter() -> Any:
    """This thread's converter, its formulas and its last step."""
    converter: Any = getattr(_thread, "converter", None)
    if converter is None:
        # Imported late: whoever only reads stored HTML needs no Markdown.
        from forum.core.markup.dialect import converter as new_converter

        converter = _thread.converter = new_converter()
    return converter


def _as_typed(source: str) -> str:
    return f'<p class="as-typed">{_html.escape(source)}</p>'


def _quoted_elsewhere() -> str:
    return f'<p class="quoted">{_html.escape(_("A passage of another post is quoted here; the thread shows it."))}</p>'


def markup_of(html: str) -> Markup:
    """HTML that `render` or `safe_html` made, for a template. Nothing else may be handed in.

    Passages of other posts that were not put in are told of, without their words.
    """
    html = with_quotes(html, lambda _mark: _quoted_elsewhere())
    return Markup(html)  # noqa: S704 - the one place where Markup is made
