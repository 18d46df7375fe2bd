"""Writes sanitized HTML as the Markdown of `dialect`, escaping every sign that means something there."""

from __future__ import annotations

import re
from typing import Any

from markdownify import MarkdownConverter

_ANYWHERE = re.compile(r"([\\`*_\[$~|<])")
_LINE_START = re.compile(r"(?m)^([ \t]*)([#+>=:-])")
_NUMBERED = re.compile(r"(?m)^([ \t]*\d{1,9})([.)])(?=\s|$)")


class Rewriter(MarkdownConverter):
    """markdownify with our own escapes, and fences that hold what they must."""

    def escape(self, text: str, parent_tags: Any) -> str:
        text = _ANYWHERE.sub(r"\\\1", text)
        text = _LINE_START.sub(r"\1\\\2", text)
        return _NUMBERED.sub(r"\1\\\2", text)

    def convert_pre(self, el: Any, text: str, parent_tags: Any) -> str:
        code = el.get_text().strip("\n")
        if not code.strip():
            return ""
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
        return f"\n\n{fence}\n{code}\n{fence}\n\n"


def rewriter() -> Rewriter:
    """A new one; it keeps nothing between texts."""
    return Rewriter(
        heading_style="ATX",
        bullets="-",
        strong_em_symbol="*",
        sub_symbol="",
        sup_symbol="",
        newline_style="spaces",
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
        wrap=False,
        table_infer_header=True,
    )
