"""The Markdown that people write here: what each thread's converter knows, and what it leaves alone."""

from __future__ import annotations

import html
import re
import secrets
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.footnotes import FootnoteExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE, AtomicString
from pymdownx.superfences import SuperFencesCodeExtension

from forum.core.markup.formulas import FormulaError, formula
from forum.core.markup.listings import fenced

# "$5 and $10" is money: an opening sign touches what follows, a closing one what precedes, none a word.
_DOLLARS = r"(?<![\\$\w])\$(?![\s$])(?P<dollars>(?:\\.|[^\\$]){1,2000}?)(?<![\s\\])\$(?![\w$])"
_DOUBLE = r"(?<![\\$])\$\$(?P<double>(?:\\.|[^\\$]){1,2000}?)\$\$(?!\$)"
_ROUND = r"(?<!\\)\\\((?P<round>(?:\\[^)(]|[^\\]){1,2000}?)\\\)"
_SQUARE = r"(?<!\\)\\\[(?P<square>(?:\\[^\]\[]|[^\\]){1,2000}?)\\\]"
_TEX_SIGN = re.compile(r"[\\^_{}=<>+]")
_PROSE = re.compile(r"\s\(?[^\W\d_]{2,}")

_ITEM = re.compile(r" {0,3}(?:[-*+]|1[.)])[ \t]+\S")
_BLANK_OR_SPECIAL = re.compile(r"\s*\Z|(?: {4}|\t)| {0,3}>")
_QUOTED = re.compile(r" {0,3}>")
_TABLE_RULE = re.compile(r" {0,3}\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*\Z")
_CHECKBOX = re.compile(r"\[([ xX])\][ \t]+(?=\S)")


class Formulas:
    """The formulas of one text: outside it while it is sanitized, joined to it after."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forgets the last text; the new marks cannot be guessed by who wrote the next one."""
        self.mark = f"formula{secrets.token_hex(8)}n"
        self._kept: list[tuple[str, str, bool]] = []

    def keep(self, tex: str, source: str, *, block: bool) -> Element:
        """An element that stands for the formula until `join`."""
        self._kept.append((tex, source, block))
        element = Element("span", {"class": "math-block" if block else "math"})
        element.text = AtomicString(f"{self.mark}{len(self._kept) - 1}z")
        return element

    def join(self, clean: str) -> str:
        """Sanitized HTML with the formulas in their places; a mark anywhere else becomes the source."""
        if not self._kept:
            return clean
        clean = re.sub(rf'<span class="(math|math-block)">{self.mark}(\d+)z</span>', self._element, clean)
        return re.sub(rf"{self.mark}(\d+)z", lambda m: html.escape(self._kept[int(m[1])][1]), clean)

    def _element(self, match: re.Match[str]) -> str:
        tex, source, block = self._kept[int(match[2])]
        try:
            return f'<span class="{match[1]}">{formula(tex, block=block)}</span>'
        except FormulaError:
            return f'<code class="math-source">{html.escape(source)}</code>'


class FormulaPattern(InlineProcessor):
    """Finds formulas before backslashes and stars mean anything else."""

    def __init__(self, md: Markdown, formulas: Formulas) -> None:
        super().__init__("|".join((_DOUBLE, _DOLLARS, _ROUND, _SQUARE)), md)
        self.formulas = formulas

    def handleMatch(  # type: ignore[override]  # noqa: N802 - Markdown's own name
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        tex = m[m.lastgroup or 0]
        if m.lastgroup == "dollars" and not _TEX_SIGN.search(tex) and _PROSE.search(tex):
            return None, None, None
        if "\x02" in tex or "\x03" in tex:  # holds something already taken out, such as code
            return None, None, None
        block = m.lastgroup in ("double", "square")
        return self.formulas.keep(tex, m[0], block=block), m.start(0), m.end(0)


class WrittenEntity(InlineProcessor):
    """ "&copy;" is shown as it was typed."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # type: ignore[override]  # noqa: N802 - Markdown's own name
        return AMP_SUBSTITUTE + "amp;" + m[1][1:], m.start(0), m.end(0)


class AsExpected(Preprocessor):
    """A list or table may follow a paragraph at once; a quotation ends with its last ">"."""

    def run(self, lines: list[str]) -> list[str]:
        out: list[str] = []
        in_list = False
        for index, line in enumerate(lines):
            previous = out[-1] if out else ""
            if not line.strip():
                in_list = False
            elif _QUOTED.match(previous) and not _QUOTED.match(line):
                out.append("")
                in_list = False
            elif previous.strip() and not in_list and not _BLANK_OR_SPECIAL.match(previous):
                following = lines[index + 1] if index + 1 < len(lines) else ""
                begins_table = "|" in line and "|" in following and _TABLE_RULE.match(following)
                if (_ITEM.match(line) and not _TABLE_RULE.match(line)) or (
                    begins_table and "|" not in previous
                ):
                    out.append("")
            if _ITEM.match(line) or re.match(r" {0,3}\d{1,9}[.)][ \t]", line):
                in_list = True
            out.append(line)
        return out


class Finish(Treeprocessor):
    """Last look at the tree: levels of headings, boxes of tasks, ids of footnotes, regions of tables."""

    first_heading = 3
    prefix = ""

    def run(self, root: Element) -> None:
        self._headings(root)
        self._ids(root)
        for item in root.iter("li"):
            self._task(item)
        for parent in list(root.iter()):
            for index, child in enumerate(list(parent)):
                if child.tag == "table":
                    self._region(parent, index, child)
        for cell in root.iter():
            style = cell.attrib.pop("style", "")
            if cell.tag in ("td", "th") and style.startswith("text-align: "):
                cell.set("class", "align-" + style.removeprefix("text-align: ").rstrip(";"))
            if cell.tag == "th":
                cell.set("scope", "col")

    def _headings(self, root: Element) -> None:
        """Whatever levels were typed, the page's outline has no gap: the first is `first_heading`."""
        open_levels: list[int] = []
        for element in root.iter():
            if re.fullmatch(r"h[1-6]", str(element.tag)):
                level = int(element.tag[1])
                while open_levels and open_levels[-1] >= level:
                    open_levels.pop()
                open_levels.append(level)
                element.tag = f"h{min(6, self.first_heading + len(open_levels) - 1)}"

    def _ids(self, root: Element) -> None:
        """Labels of footnotes are people's text; their ids are numbers behind the page's prefix."""
        numbers: dict[str, str] = {}
        for element in root.iter():
            given = element.attrib.pop("id", None)
            if given is None or given in numbers or not given.startswith("fn"):
                continue
            kind = "fnref" if given.startswith("fnref") else "fn"
            numbers[given] = f"{self.prefix}{kind}-{len(numbers) + 1}"
            element.set("id", numbers[given])
        for link in root.iter("a"):
            if "footnote" in link.get("class", "") and link.get("href", "").startswith("#"):
                target = numbers.get(link.get("href", "")[1:])
                if target:
                    link.set("href", "#" + target)
                else:
                    link.attrib.pop("href")

    @staticmethod
    def _task(item: Element) -> None:
        place = item[0] if len(item) and item[0].tag == "p" and not (item.text or "").strip() else item
        box = _CHECKBOX.match(place.text or "")
        if not box:
            return
        text = (place.text or "")[box.end() :]
        mark = Element("span", {"class": "task-box"})
        mark.text = AtomicString("☐" if box[1] == " " else "☑")
        mark.tail = " " + text
        place.text = ""
        place.insert(0, mark)
        item.set("class", "task")

    @staticmethod
    def _region(parent: Element, index: int, table: Element) -> None:
        """A table scrolls inside a part of its own that keys reach; it is named by its header."""
        names = ["".join(cell.itertext()).strip() for cell in table.iter("th")]
        region = Element("div", {"class": "scroll", "tabindex": "0", "role": "group"})
        label = re.sub(r"[\x02\x03]\S*", "", ", ".join(name for name in names if name))[:80]
        if label:
            region.set("aria-label", label)
        region.tail, table.tail = table.tail, None
        parent[index] = region
        region.append(table)


def accepted(*_args: Any, **_rest: Any) -> bool:
    """Every header of a fence is accepted; its options are ignored."""
    return True


def converter() -> tuple[Markdown, Formulas, Finish]:
    """A new converter with its formulas and its last step; for one thread, until its first failure."""
    md = Markdown(
        extensions=[
            "markdown.extensions.tables",
            "markdown.extensions.nl2br",
            "markdown.extensions.sane_lists",
            FootnoteExtension(BACKLINK_TEXT="↩", BACKLINK_TITLE="{}", USE_DEFINITION_ORDER=False),
            "pymdownx.highlight",
            SuperFencesCodeExtension(
                relaxed_headers=True,
                custom_fences=[{"name": "*", "class": "", "format": fenced, "validator": accepted}],
            ),
            "pymdownx.magiclink",
            "pymdownx.tilde",
        ],
        extension_configs={
            "pymdownx.highlight": {"use_pygments": False},
            "pymdownx.tilde": {"subscript": False},
        },
        tab_length=4,
    )
    # Raw HTML is text: it is shown as it was typed.
    md.preprocessors.deregister("html_block")
    md.inlinePatterns.deregister("html")
    md.inlinePatterns.deregister("entity")
    md.inlinePatterns.register(
        WrittenEntity(r"(&(?:\#[0-9]+|\#x[0-9a-fA-F]+|[a-zA-Z0-9]+);)", md), "entity", 80
    )
    md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, "$", "~", "|", "<", "=", ":", "&"]
    md.preprocessors.register(AsExpected(md), "as_expected", 24)
    formulas = Formulas()
    md.inlinePatterns.register(FormulaPattern(md, formulas), "formula", 189)
    finish = Finish(md)
    md.treeprocessors.register(finish, "finish", 5)
    return md, formulas, finish
