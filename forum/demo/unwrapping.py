"""Content files are wrapped to be read in an editor; a post is typed without that, so the lines are joined again."""

import re

_BLOCK = re.compile(
    r"\s*([-*+]\s|\d+[.)]\s|#|\||```|~~~|\[\^|\$\$|:::|!\[)|\s{4,}\S|\s*$|\s*(---|\*\*\*)\s*$"
)
_QUOTE = re.compile(r"\s*>\s?")


def unwrapped(text: str) -> str:
    """Markdown with the lines of each paragraph, list item and quotation joined; code, tables and math stay."""
    lines: list[str] = []
    in_code = False
    for line in text.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            in_code = not in_code
            lines.append(line)
            continue
        if in_code or not lines or not _continues(lines[-1], line):
            lines.append(line)
        else:
            lines[-1] = f"{lines[-1].rstrip()} {_QUOTE.sub('', line, count=1).strip()}"
    return "\n".join(lines)


def _continues(before: str, line: str) -> bool:
    quoted_before, quoted = bool(_QUOTE.match(before)), bool(_QUOTE.match(line))
    if quoted_before != quoted:
        return False
    bare_before, bare = _QUOTE.sub("", before, count=1), _QUOTE.sub("", line, count=1)
    if (
        before.endswith("  ")
        or not bare_before.strip()
        or re.match(r"\s*(#|\||```|~~~|\$\$|---)", bare_before)
    ):
        return False
    if bare_before.lstrip().startswith(("- ", "* ", "[^")) or re.match(r"\s*\d+[.)]\s", bare_before):
        return bool(bare.strip()) and not re.match(r"\s*([-*+]\s|\d+[.)]\s|\||```|>|\[\^)", bare)
    return not _BLOCK.match(bare)
