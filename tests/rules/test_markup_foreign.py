"""HTML from other systems becomes text that can be read and edited here."""

import pytest

from forum.core.markup import markdown_from_html, render, safe_html


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2>Week 1</h2><p>Read <strong>this</strong>.</p>", "## Week 1\n\nRead **this**."),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ('<p><a href="https://e.org/x">there</a></p>', "[there](https://e.org/x)"),
        ('<p><img src="/files/1" alt="a map"></p>', "![a map](/files/1)"),
        ('<p><img src="https://e.org/1.png" alt="a map"></p>', "[a map](https://e.org/1.png)"),
        ('<iframe src="https://e.org/v/1" title="The siege"></iframe>', "[The siege](https://e.org/v/1)"),
        ('<iframe src="//e.org/v/1"></iframe>', "[e.org](https://e.org/v/1)"),
        ('<video controls><source src="/files/9"></video>', "[9](/files/9)"),
        ('<embed src="https://e.org/v">', "[e.org](https://e.org/v)"),
        (
            '<p>So <img class="equation_image" alt="LaTeX: x" data-equation-content="\\frac{a_1}{b}"> is</p>',
            "So $\\frac{a_1}{b}$ is",
        ),
        ("<p>2 * 3 * 4 and a_b_c [x](y) $5 #1</p>", None),
        ("<p># no heading</p><p>- no list</p><p>1. no list</p><p>&gt; no quotation</p>", None),
        ("<p>&lt;b&gt; &amp;amp; `code` ~~no~~ | a | b |</p>", None),
        ("<pre>x = 1\n  y &lt; 2\n```</pre>", None),
        ("<p>C:\\dir \\(no formula\\) \\[none\\]</p>", None),
        ("<p>[^1]: no note</p><p>[a]: no definition</p>", None),
    ],
)
def test_imported_html_becomes_markdown_that_shows_the_same_text(html: str, markdown: str | None) -> None:
    made = markdown_from_html(html)
    if markdown is not None:
        assert made == markdown
        return
    shown = render(made, limit=200_000)
    assert not shown.failed
    assert letters(shown.html) == letters(html)


def letters(html: str) -> str:
    import html5lib

    return "".join("".join(html5lib.parseFragment(html, treebuilder="etree").itertext()).split())


def test_a_table_is_kept() -> None:
    html = "<table><tr><th>a</th><th>b | c</th></tr><tr><td>1</td><td>2</td></tr></table>"
    shown = render(markdown_from_html(html)).html
    assert "<table>" in shown
    assert letters(shown) == letters(html)


def test_scripts_and_styles_of_imported_html_go_with_their_content() -> None:
    html = (
        "<style>p{}</style><p onclick='x'>kept</p><script>alert(1)</script><form><input value=x>asked</form>"
    )
    assert safe_html(html) == "<p>kept</p>asked"
    assert markdown_from_html(html) == "kept\n\nasked"


def test_imported_html_keeps_its_shape() -> None:
    html = '<h2>a</h2><ol start="3"><li>b</li></ol><dl><dt>c</dt></dl><table><tr><td colspan="2">e</table>'
    made = safe_html(html)
    for part in ("<h2>a</h2>", '<ol start="3">', "<dt>c</dt>", 'colspan="2"'):
        assert part in made


@pytest.mark.parametrize(
    "unit", ["<div>", "<b>", "<table><tr><td>", "<ul><li>", "<blockquote>", "<a href=/x>", "<font>"]
)
def test_nesting_without_end_keeps_its_text(unit: str) -> None:
    html = unit * 5_000 + "the text"
    assert "the text" in safe_html(html)
    assert "the text" in markdown_from_html(html)
