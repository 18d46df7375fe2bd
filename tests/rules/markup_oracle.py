"""What no page may hold, said apart from the code that keeps it out: allowed elements, names and addresses."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import html5lib

# Written here anew, not read from the code under test.
HTML = "{http://www.w3.org/1999/xhtml}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
ELEMENTS_LIST = """
a abbr b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4
h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot
th thead tr u ul var
"""
ELEMENTS = set(ELEMENTS_LIST.split())
MATH_ELEMENTS_LIST = """
math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom menclose msub msup msubsup
munder mover munderover mmultiscripts mprescripts none mtable mtr mtd mlabeledtr merror
"""
MATH_ELEMENTS = set(MATH_ELEMENTS_LIST.split())
NAMES_LIST = """
href title rel class id dir lang src alt width height loading colspan rowspan align scope start reversed
type tabindex role aria-label
"""
NAMES = set(NAMES_LIST.split())
MATH_NAMES_LIST = """
display alttext displaystyle scriptlevel mathvariant mathsize mathcolor mathbackground stretchy fence
separator accent accentunder movablelimits largeop symmetric form linethickness width height depth
lspace rspace voffset minsize maxsize notation columnalign rowalign columnlines rowlines columnspacing
rowspacing
"""
MATH_NAMES = set(MATH_NAMES_LIST.split())
ADDRESS = re.compile(r"(?:https?://[^/\\\s]|mailto:|/(?![/\\])|#)", re.IGNORECASE)


def faults(html: str) -> Iterator[str]:
    """Each thing in `html` that no page may hold, as a browser would parse it."""
    page = f'<!DOCTYPE html><title>t</title><div id="outer">{html}</div><p id="after">after</p>'
    tree = html5lib.parse(page, treebuilder="etree")
    body = tree.find(f"{HTML}body")
    assert body is not None
    if [child.get("id") for child in body] != ["outer", "after"] or (body.text or "").strip():
        yield "it left its container"
        return
    outer = body[0]
    if (outer.tail or "").strip():
        yield "text left its container"
    for element in outer.iter():
        if element is not outer:
            yield from element_faults(element)


def element_faults(element: ElementTree.Element) -> Iterator[str]:
    tag = str(element.tag)
    in_math = tag.startswith(MATHML)
    name = tag.split("}")[-1]
    if name not in (MATH_ELEMENTS if in_math else ELEMENTS) or not tag.startswith((HTML, MATHML)):
        yield f"element {tag}"
    for key, value in element.attrib.items():
        if key not in (MATH_NAMES if in_math else NAMES):
            yield f"attribute {key} of {name}"
        if key in ("href", "src") and not ADDRESS.match(value):
            yield f"address {value!r}"
        if key in ("href", "src") and re.search(r"[\x00-\x20\\]", value):
            yield f"sign in address {value!r}"
        if key == "id" and not re.fullmatch(r"(?:p-7-)?fn(?:ref)?-\d+", value):
            yield f"id {value!r}"
    if name == "img" and not re.match(r"/(?!/)", element.get("src", "")):
        yield "image from elsewhere"
    outside = name == "a" and element.get("href", "")[:4].lower() == "http"
    if outside and element.get("rel") != "nofollow noopener noreferrer":
        yield "link out without rel"
