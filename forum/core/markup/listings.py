"""Code listings: source in a named language, marked up with Pygments' short class names."""

from __future__ import annotations

import html
from typing import Any

# Marking up costs more than anything else in a text: a text has this many characters, the rest stays plain.
MOST_HIGHLIGHTED = 6_000
MOST_LINE = 300
MOST_LINES = 400

# Lexers for what is taught; each is imported when first asked for. Others are shown plain.
_LANGUAGE_NAMES = """
ada asm awk bash c c# c++ clojure cmake console cpp cs csharp css csv d dart diff docker dockerfile
elixir elm erlang fortran fsharp go graphql groovy haskell hcl hs html http ini java javascript jinja js
json jsx julia kotlin latex lisp lua make makefile markdown matlab md mysql nasm nim nix objc ocaml
octave pascal perl php postgres postgresql powershell prolog ps1 py pycon python python3 r racket rb rs
ruby rust sass scala scheme scss sh shell smalltalk solidity sparql sql sqlite3 stata swift tcl tex toml
ts tsx typescript vb verilog vhdl vim xml yaml yml zig zsh
"""
LANGUAGES = frozenset(_LANGUAGE_NAMES.split())


def listing(source: str, language: str, left: int = MOST_HIGHLIGHTED) -> str:
    """`source` as a `pre` element that can be scrolled by keys; plain if the language is not known.

    `left` is how many characters may still be marked up in the text that the listing stands in.
    """
    return f'<pre class="code" tabindex="0"><code>{_tokens(source, language.lower(), left)}</code></pre>'


def fenced(source: str, language: str, _class: str, _options: Any, md: Any, **_rest: Any) -> str:
    """The same, as the fence extension calls it; options, ids and attributes of a fence are ignored.

    The converter `md` carries `left_to_highlight`.
    """
    left = md.left_to_highlight
    md.left_to_highlight = left - len(source)
    return listing(source, language or "", left)


def _tokens(source: str, language: str, left: int) -> str:
    lines = source.split("\n")
    large = len(source) > left or len(lines) > MOST_LINES or max(map(len, lines)) > MOST_LINE
    if language not in LANGUAGES or large:
        return html.escape(source, quote=False)
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return html.escape(source, quote=False)
    return highlight(source, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")
