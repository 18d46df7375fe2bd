"""Formulas: TeX in, MathML out, rebuilt from an allow-list of elements and attributes."""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element

MOST_TEX = 2_000
MOST_DEPTH = 40

_ELEMENT_NAMES = """
math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom menclose msub msup
msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd mlabeledtr
"""
ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_LEAF_NAMES = """
mi mn mo ms mtext
"""
_LEAVES = frozenset(_LEAF_NAMES.split())
_LENGTH = re.compile(r"-?\d{0,3}(?:\.\d{1,4})?(?:em|ex|pt|px|mu|%)?\Z")
_WORD = re.compile(r"[a-z][a-z -]{0,40}\Z")
_COLOR = re.compile(r"(?:#[0-9A-Fa-f]{3,6}|[A-Za-z]{1,20})\Z")
ATTRIBUTES: dict[str, re.Pattern[str]] = {
    "display": re.compile(r"(?:block|inline)\Z"),
    "displaystyle": re.compile(r"(?:true|false)\Z"),
    "scriptlevel": re.compile(r"[+-]?\d\Z"),
    "mathvariant": _WORD,
    "mathsize": _LENGTH,
    "mathcolor": _COLOR,
    "mathbackground": _COLOR,
    "stretchy": re.compile(r"(?:true|false)\Z"),
    "fence": re.compile(r"(?:true|false)\Z"),
    "separator": re.compile(r"(?:true|false)\Z"),
    "accent": re.compile(r"(?:true|false)\Z"),
    "accentunder": re.compile(r"(?:true|false)\Z"),
    "movablelimits": re.compile(r"(?:true|false)\Z"),
    "largeop": re.compile(r"(?:true|false)\Z"),
    "symmetric": re.compile(r"(?:true|false)\Z"),
    "form": re.compile(r"(?:prefix|infix|postfix)\Z"),
    "linethickness": _LENGTH,
    "width": _LENGTH,
    "height": _LENGTH,
    "depth": _LENGTH,
    "lspace": _LENGTH,
    "rspace": _LENGTH,
    "voffset": _LENGTH,
    "minsize": _LENGTH,
    "maxsize": _LENGTH,
    "notation": _WORD,
    "columnalign": _WORD,
    "rowalign": _WORD,
    "columnlines": _WORD,
    "rowlines": _WORD,
    "columnspacing": re.compile(r"[0-9a-z. ]{1,40}\Z"),
    "rowspacing": re.compile(r"[0-9a-z. ]{1,40}\Z"),
}
# Macros can grow without bound; files and addresses have no place in a formula.
_REFUSED = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|(?:[egx])?def|let|input|include|href|url|require)"
)


class FormulaError(ValueError):
    """The TeX cannot be shown as a formula; its source is shown instead."""


def formula(tex: str, *, block: bool) -> str:
    """`tex` (without its delimiters) as a `math` element, safe to place in a page; raises FormulaError."""
    if len(tex) > MOST_TEX or _REFUSED.search(tex) or _depth(tex) > MOST_DEPTH or not tex.strip():
        raise FormulaError(tex)
    # Imported late: most pages hold no formula, and the symbol tables are large.
    from latex2mathml.converter import Converter

    try:
        tree = Converter(display="block" if block else "inline").convert_to_element(tex.strip())
        return _rebuilt(tree, tex.strip(), 0)
    except FormulaError:
        raise
    except Exception as error:  # the converter raises its own errors, IndexError, RecursionError and others
        raise FormulaError(tex) from error


def _depth(tex: str) -> int:
    deepest = depth = 0
    for sign in tex:
        if sign == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign == "}":
            depth -= 1
    # Commands that take an argument nest without braces, too.
    return max(deepest, tex.count("\\frac") // 3, tex.count("\\sqrt") // 3, tex.count("\\left") // 2)


def _rebuilt(element: Element, tex: str | None, depth: int) -> str:
    """The element as text: only listed names and values, all text escaped, nothing parsed again."""
    if element.tag not in ELEMENTS or depth > 100:
        raise FormulaError(str(element.tag))
    parts = [f"<{element.tag}"]
    for name, value in element.attrib.items():
        allowed = ATTRIBUTES.get(name)
        if allowed and allowed.match(value):
            parts.append(f' {name}="{value}"')
    if tex is not None:
        parts.append(f' alttext="{html.escape(tex)}"')
    parts.append(">")
    if element.tag in _LEAVES:
        if len(element):
            raise FormulaError(str(element.tag))
        # The converter keeps signs as references ("&#x0222B;").
        parts.append(html.escape(html.unescape(element.text or ""), quote=False))
    elif (element.text or "").strip():
        raise FormulaError(str(element.tag))
    for child in element:
        parts.append(_rebuilt(child, None, depth + 1))
    parts.append(f"</{element.tag}>")
    return "".join(parts)
