"""No text costs more than a moment, and none breaks the next one."""

import json
import subprocess
import sys

import pytest

from forum.core.markup import render, why_not_render

LENGTH = 20_000
# As many of each as fit; what is cheap for a person to paste.
UNIT_SIGNS = """[ [] [a]( ![ [[ ]( [a][ * **a *a_ _a ***a ~~a ~ ` ``a` < <a <!-- <? & &a &#1;
\\ \\( \\[ $ $a $$ $$a > | |a
# www. http:// a@ a. - a- <a@b <http:// [^ [^a] " ' : ! { ( ) [x] \\* <b> </b> a[ [a](< é 漢 """
UNITS = UNIT_SIGNS.split()
SPACED = [
    "**a ",
    "*a ",
    "_a ",
    "`a ",
    "<a ",
    "$a ",
    "$x^2$ ",
    "> ",
    "- ",
    "1. ",
    "* ",
    "+ ",
    " ",
    "\t",
    "\n",
    "a\n",
    "a\n\n",
    ">\n",
    "> a\n",
    "> a\n\n",
    ">>>> a\n",
    "- a\n",
    "- a\n\n",
    "-\n",
    "*\n",
    "# a\n",
    "# a\n\n",
    "a\n===\n",
    "---\n",
    "    a\n",
    "|a|b\n",
    "www.a.b ",
    "http://a.b)))) ",
    "a@b.cd ",
    "```\n",
    "```a\n\n",
    "~~~\n",
    "[a]: x\n",
    "[a]: x\n\n",
    "x  \n",
    "[a](/b) ",
    "![a](/b) ",
    '[a](b "',
    "- [ ] a\n",
    "${{$ ",
    "> - > - a\n",
    "a|b\n-|-\n1|2\n\n",
]
BOMBS = (
    {unit: (unit * LENGTH)[:LENGTH] for unit in [*UNITS, *SPACED]}
    | {
        "nested lists": "\n".join("    " * depth + "- a" for depth in range(100))[:LENGTH],
        "nested lists, allowed": ("\n".join("    " * depth + "- a" for depth in range(16)) + "\n") * 50,
        "nested quotations": "\n".join(">" * depth + " a" for depth in range(150)),
        "nested quotations, allowed": ("\n".join(">" * depth + " a" for depth in range(12)) + "\n") * 50,
        "a wide table": "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + ("|a" * 100 + "|\n") * 22,
        "a long table": "a|b\n-|-\n" + "a|b\n" * 1_900,
        "references": "".join(f"[{i}]: /x\n" for i in range(590)) + "\n" + "[1] " * 190,
        "footnotes": "".join(f"[^{i}] " for i in range(140))
        + "\n\n"
        + "".join(f"[^{i}]: x\n" for i in range(140)),
        "one footnote": "[^1] " * 190 + "\n\n[^1]: x",
        "deep TeX": "$" + "{" * 900 + "}" * 900 + "$",
        "TeX fractions": "$" + "\\frac" * 390 + "$",
        "TeX roots": "$" + "\\sqrt" * 390 + "$",
        "TeX powers": "$" + "x^" * 900 + "2$",
        "TeX fences": "$" + "\\left(" * 280 + "$",
        "TeX macros": r"$\newcommand{\a}{\b\b\b\b}\newcommand{\b}{\c\c\c\c}\a$",
        "much TeX": ("$" + "x_1" * 600 + "$\n\n") * 11,
    }
    | {
        f"{language} {unit!r}": f"```{language}\n" + ((unit * 250)[:250] + "\n") * 23 + "```"
        for language in ("python", "java", "css", "perl")
        for unit in ("a ", "a=", "(", "\\")
    }
)

# Runs in a process of its own with a bound on CPU time, so that a hang ends it and says which kind it was.
CHILD = """
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_CPU, (150, 150))
from forum.core.markup import render
render("warm $x$")
for name, source in json.load(sys.stdin).items():
    print(json.dumps({"began": name}), flush=True)
    spent = 99.0
    for attempt in range(3):  # a stall of the machine is not the text's fault; what is costly is so each time
        began = time.process_time()
        html = render(source).html
        after = render("*fine*").html
        spent = min(spent, time.process_time() - began)
        if spent < 1:
            break
    print(json.dumps({"name": name, "spent": spent, "after": after, "size": len(html)}), flush=True)
"""


def test_each_pathological_kind_is_done_in_a_moment_and_breaks_nothing_after_it() -> None:
    command = [sys.executable, "-c", CHILD]
    done = subprocess.run(command, input=json.dumps(BOMBS), capture_output=True, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (lines[-1:], done.stderr[-2_000:])
    results = [line for line in lines if "name" in line]
    assert len(results) == len(BOMBS)
    # Measured: 0.6 s at most. CPU time, so a busy machine does not matter; a quadratic kind costs 4 to 20 s.
    assert [(line["name"], line["spent"]) for line in results if line["spent"] > 2.5] == []
    assert {line["after"] for line in results} == {"<p><em>fine</em></p>"}
    assert max(line["size"] for line in results) < 1_500_000


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("a" * 20_001, "too_long"),
        ("[" * 10_000, "too_many_brackets"),
        ("- " * 800, "too_nested"),
        (">" * 13 + " a", "too_nested"),
        (" " * 80 + "a", "too_nested"),
        ("\t" * 20 + "a", "too_nested"),
        ("*" * 1_001, "too_many_markers"),
        ("`" * 1_001, "too_many_code_marks"),
        ("\\" * 2_001, "too_many_escapes"),
        ("<" * 1_001, "too_many_tags"),
        ("a@b.cd " * 400, "too_many_addresses"),
        ("[^a]\n\n" * 301, "too_many_footnotes"),
        ("|a" * 2_501, "too_many_cells"),
        ("a\n" * 2_001, "too_many_lines"),
        ("&" * 4_001, "too_many_references"),
        ("[a]: x\n\n" * 601, "too_many_definitions"),
        ("~~~\n" * 301, "too_many_fences"),
        ("# a\n" * 301, "too_many_headings"),
        ("- a\n" * 801, "too_many_items"),
        ("> a\n" * 601, "too_many_quotes"),
    ],
)
def test_what_costs_too_much_is_refused_and_shown_as_it_was_typed(source: str, code: str) -> None:
    assert why_not_render(source, 20_000) == code
    rendered = render(source)
    assert rendered.failed
    assert rendered.html.startswith('<p class="as-typed">')


@pytest.mark.parametrize("words", [150, 1_500, 3_000])
def test_what_people_write_is_never_refused(words: int) -> None:
    week = (
        "## Week three\n\nI *agree* with [Ana](/c/hist-204/threads/7f3k), mostly[^1]: "
        "see https://example.org/a.\n\n"
        "> She said `x < y`.\n\n- one\n- two\n    - deeper\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n$x^2$\n\n"
        "[^1]: Or so.\n\n"
        "```python\nfor n in range(3):\n    print(n)\n```\n\n"
    )
    source = week * (words // 45) + "The bell rang, and nobody moved at all. " * (words // 12)
    assert not render(source[:20_000]).failed
    assert not render(source * 3, limit=200_000).failed


def test_a_longer_limit_allows_more_in_all_but_not_in_one_block() -> None:
    assert why_not_render("# a\n" * 400, 200_000) is None
    assert why_not_render("[" * 201, 200_000) == "too_many_brackets"


def test_counting_is_quick_for_any_length() -> None:
    for unit in ["[", "> ", "- ", "\n", " ", "```\n", "a", "1. "]:
        why_not_render((unit * 200_000)[:200_000], 200_000)


def test_a_converter_that_failed_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault inside the converter shows the text as typed, and the next text is whole."""
    from forum.core import markup

    render("warm")
    broken = markup._thread.converter[0]
    monkeypatch.setattr(broken, "convert", lambda source: 1 / 0)
    assert render("*a*").html == '<p class="as-typed">*a*</p>'
    assert render("*a*").html == "<p><em>a</em></p>"
    assert markup._thread.converter[0] is not broken
