"""Whatever is written or imported, a page holds only what it may hold, and nothing leaves its container."""

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.core.markup import excerpt, markdown_from_html, render, safe_html
from forum.core.markup.sanitize import address, clean
from tests.deep import times

from .markup_oracle import faults

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<math href="javascript:alert(1)">x</math>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><input type=submit>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href=" &#14; javascript:alert(1)">x</a>',
    "<a href=javascript:123>x</a>",
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="jav&Tab;ascript:alert(1)">x</a>',
    '<a href="javascript&colon;alert(1)">x</a>',
    '<a href="//evil.example/">x</a>',
    '<a href="/\\evil.example/">x</a>',
    '<div style="background:url(javascript:alert(1))">x</div>',
    "<style>@import 'javascript:alert(1)';</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
    "<base href=//evil.example/>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<!-- --><script>alert(1)</script> -->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    '<?xml version="1.0"?><script>alert(1)</script>',
    "<!DOCTYPE html><script>alert(1)</script>",
    "</div></div></article><h1>out</h1>",
    "</p></blockquote></div><script>alert(1)</script>",
    "<textarea></div><script>alert(1)</script>",
    "<title></div><script>alert(1)</script>",
    "<plaintext>",
    "<xmp></div>",
    "<select><option></div>",
    "<table><tr><td></div><form>",
    '<p id=main class="post admin">x</p>',
    "<a name=forms id=csrf_token>x</a>",
    "<template><script>alert(1)</script></template>",
    "[x](javascript:alert(1))",
    "[x](javascript:123)",
    "[x](JaVaScRiPt:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](\x01javascript:alert(1))",
    "[x](\u2028javascript:alert(1))",
    "[x](\u200bjavascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](javascript\\:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](blob:https://a/b)",
    "[x](view-source:javascript:1)",
    "[x](feed:javascript:alert(1))",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](\\\\evil.example)",
    "[x](/\t/evil.example)",
    "[x](https:evil.example)",
    "[x](https:///evil.example)",
    "[x](http://[::1)",
    '[x](http://a" onmouseover="alert(1))',
    "[x](http://a 't\" onmouseover=\"alert(1)')",
    "[x](http://a \"t' onmouseover='alert(1)\")",
    '[x](http://a "</a><script>alert(1)</script>")',
    "[x]: javascript:alert(1)\n\n[x]",
    '[x]: http://a "\\"><script>alert(1)</script>"\n\n[x]',
    '[x]: <http://a"><img/src=x/onerror=alert(1)>\n\n[x][]',
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "![x](https://evil.example/pixel.png)",
    "![x](//evil.example/pixel.png)",
    '![" onerror="alert(1)](/files/x)',
    '![](/files/x"onerror="alert(1))',
    '![`" onerror="alert(1)`](/files/x)',
    "[![x](https://evil.example/p.png)](https://evil.example)",
    "<javascript:alert(1)>",
    "<javascript://x%0aalert(1)>",
    '<https://a" onmouseover="alert(1)>',
    'https://a/"onmouseover="alert(1)',
    "https://a/<script>alert(1)</script>",
    "javascript://example.org/%0aalert(1)",
    'a@b.co"onclick="alert(1)',
    '<a@b.co"onclick=alert(1)>',
    "`</code><script>alert(1)</script>`",
    "```</pre><script>alert(1)</script>\nx\n```",
    "```html\n</code></pre></div><script>alert(1)</script>\n```",
    '```" onclick="alert(1)\nx\n```',
    "```{.x onclick=alert(1) #main}\nx\n```",
    '``` python title="<img src=x onerror=alert(1)>"\nx\n```',
    'x[^"><img src=x onerror=alert(1)>]\n\n[^"><img src=x onerror=alert(1)>]: y',
    "x[^main]\n\n[^main]: <script>alert(1)</script>",
    "[x](#main)[^a]\n\n[^a]: b[^a]",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    '| " onfocus="alert(1) autofocus |\n|---|\n| b |',
    "# <script>alert(1)</script>",
    "# x {onclick=alert(1)}",
    "$\\text{<img/src=x/onerror=alert(1)>}$",
    "$$\\text{</math></div><script>alert(1)</script>}$$",
    "\\(\\mathrm{<svg onload=alert(1)>}\\)",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\text{&lt;img src=x onerror=alert(1)&gt;}$",
    "$\\text{\\&lt;script&gt;}$",
    '$\\color{"onclick=alert(1)}{x}$',
    '$\\class{x" onclick="alert(1)}{y}$',
    "$\\style{background:url(//evil.example)}{y}$",
    "$\\unicode{x3c}script>$",
    '$\\hspace{1em" onclick="alert(1)}$',
    '$\\begin{array}{c" onclick="alert(1)}a\\end{array}$',
    "$</span><script>alert(1)</script>$",
    "$\\bad{<script>alert(1)</script>$",
    '[x](http://a "$\\text{\\" onclick=\\"alert(1)}$")',
    '![$x$" onerror="alert(1)](/files/x)',
    '<span class="math">$x$</span>',
    "formula0000000000000000n0z",
    "\x02wzxhzdk:0\x03 <script>alert(1)</script>",
    "\x02klzzwxh:0000\x03",
    "\x02amp\x03lt;script>",
    "\x0260\x03script\x0262\x03alert(1)",
    "STX60ETX script",
    "- [x] <img src=x onerror=alert(1)>",
    "> </blockquote></div><script>alert(1)</script>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\u212a\uff1cscript\uff1ealert(1)",
    "~~<del onclick=alert(1)>~~",
    "[x](/a?\u202ejavascript)",
]


def test_the_oracle_itself_sees_each_kind_of_fault() -> None:
    for bad in (
        "<script>1</script>",
        "<p onclick=x>",
        "<a href=javascript:1>x</a>",
        "<img src=https://e.org/x>",
        "</div>x",
        "<a href=https://e.org>x</a>",
        "<p id=main>",
        "<svg></svg>",
        "<math><mtext><p>x</p></mtext><maction/></math>",
        '<a href="/\\e.org">x</a>',
        "<math href=javascript:1></math>",
        "<style></style>",
        "<b style=x></b>",
    ):
        assert list(faults(bad)), bad


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "frame",
    ["{}", "> {}", "- a\n\n    {}", "| a |\n|---|\n| {} |", 'x [a]({} "{}") *{}*', "[^1]\n\n[^1]: {}"],
)
def test_nothing_written_adds_what_a_page_may_not_hold(payload: str, frame: str) -> None:
    rendered = render(frame.replace("{}", payload), prefix="p-7-")
    assert not rendered.failed
    assert list(faults(rendered.html)) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_imported_adds_what_a_page_may_not_hold(payload: str) -> None:
    for html in (
        payload,
        f"<div><p>{payload}</p></div>",
        f'<a href="{payload}">x</a>',
        f"<table><td>{payload}",
    ):
        assert list(faults(safe_html(html))) == []
        assert list(faults(render(markdown_from_html(html), limit=200_000, prefix="p-7-").html)) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_walls_alone_hold_whatever_reaches_them(payload: str) -> None:
    assert list(faults(clean(payload))) == []


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ('<p onclick="a()" onerror="b()" onfocus="c()">x</p>', "<p>x</p>"),
        ('<p id="main" style="position:fixed" data-reply hidden>x</p>', "<p>x</p>"),
        ('<p class="button danger">x</p>', "<p>x</p>"),
        ('<li id="p-7-fn-1" class="footnote button">x</li>', '<li id="p-7-fn-1" class="footnote">x</li>'),
        ("<form><input><button>x</button></form>", "x"),
    ],
)
def test_the_walls_let_through_what_is_listed_and_nothing_else(html: str, left: str) -> None:
    assert clean(html) == left


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_text_shown_as_typed_is_safe_too(payload: str) -> None:
    rendered = render(payload, limit=3)
    assert rendered.failed
    assert list(faults(rendered.html)) == []


def test_a_formula_cannot_stand_in_an_attribute() -> None:
    html = render('[t](https://e.org/ "$y^2$") ![$x^2$](/files/a)').html
    assert 'title="$y^2$"' in html
    assert 'alt="$x^2$"' in html
    assert "<math" not in html


@pytest.mark.parametrize(
    "value",
    [
        "javascript:1",
        "JAVASCRIPT:x",
        "data:x",
        "vbscript:x",
        "//e.org",
        "/\\e.org",
        "x:y",
        "ftp://e.org",
        "a b:c",
        "http:e.org",
        "http://",
        "http:///x",
        "",
        " ",
        "relative/path",
        "?q",
        "java\nscript:1",
        "\x00https://e.org",
        "https://e.org/\u202egnp",
        "mailto",
        "http://[::1",
        "https://e.org/" + "a" * 2_000,
    ],
)
def test_an_address_of_another_kind_is_none(value: str) -> None:
    assert address(value) is None


FRAGMENTS = st.sampled_from(
    [
        "<",
        ">",
        '"',
        "'",
        "&",
        "&lt;",
        "&#60;",
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "](javascript:1)",
        '](/x "',
        "[^1]",
        "\n\n[^1]: ",
        "`",
        "```",
        "\n```html\n",
        "\n",
        "\n\n",
        "    ",
        "\t",
        "> ",
        "- ",
        "1. ",
        "- [x] ",
        "*",
        "**",
        "_",
        "~~",
        "$",
        "$$",
        "\\(",
        "\\)",
        "\\[",
        "\\]",
        "\\",
        "\\text{",
        "}",
        "{",
        "|",
        "\n|---|---|\n",
        "#",
        "=",
        "-",
        "<script>",
        "</div>",
        "</p>",
        "<img src=x onerror=y>",
        "<svg>",
        "<a href=javascript:1>",
        "<math>",
        "<style>",
        "<!--",
        "-->",
        "<?",
        "?>",
        "<![CDATA[",
        "]]>",
        "javascript:",
        "http://a",
        "https://a.b/c",
        "www.a.b",
        "a@b.co",
        "//e.org",
        "x",
        " ",
        "\x02",
        "\x03",
        "\x00",
        "\u2028",
        "é",
        "漢",
        "wzxhzdk:0",
        "[x]: ",
        "<https://",
        "onclick=",
        "style=",
        "id=main ",
    ]
)


@settings(derandomize=True, deadline=None, max_examples=times(400))
@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_no_mixture_of_marks_adds_what_a_page_may_not_hold(source: str) -> None:
    assert list(faults(render(source, prefix="p-7-").html)) == []
    assert list(faults(safe_html(source))) == []
    excerpt(source, 50)


@settings(derandomize=True, deadline=None, max_examples=times(200))
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_text_without_marks_is_kept_whole(text: str) -> None:
    """Imported text, in all its signs, is the text that is shown."""
    from html import escape

    words = " ".join(text.split())
    html = render(markdown_from_html(f"<p>{escape(words)}</p>"), limit=200_000).html
    tree = html5lib.parseFragment(html, treebuilder="etree")
    assert "".join("".join(tree.itertext()).split()) == "".join(words.split())
