"""What people write is shown as they expect."""

import re
import subprocess
import sys
import threading

import pytest

from forum.core.markup import RENDERER_VERSION, Rendered, excerpt, markup_of, render


def shown(source: str, **options: object) -> str:
    rendered = render(source, **options)  # type: ignore[arg-type]
    assert not rendered.failed
    return rendered.html


def text_of(html: str) -> str:
    import html5lib

    return "".join(html5lib.parseFragment(html, treebuilder="etree").itertext())


def test_a_rendered_text_is_a_frozen_value_with_its_words() -> None:
    rendered = render("Two words\n\n> not these")
    assert rendered == Rendered(
        "<p>Two words</p>\n<blockquote>\n<p>not these</p>\n</blockquote>", 2, failed=False
    )
    assert RENDERER_VERSION >= 1
    with pytest.raises(AttributeError):
        rendered.html = ""  # type: ignore[misc]


@pytest.mark.parametrize(
    "typed",
    [
        "\"quotes\" and 'single' ones",
        "Tom & Jerry &amp; &copy; &#60; &nbsp;",
        "if a < b and c > d then <b>not bold</b>",
        '<img src=x onerror="alert(1)"> <!-- kept --> <?php x ?>',
        "a -- b ... (c) 1/2 5'3\"",
        "1 < 2 && 3 > 2; x<y>z",
        "snake_case_name and 2*3*4 = 24",
        "emoji 👍🏽 and مرحبا and 漢字",
        "C:\\Users\\x and \\o/",
    ],
)
def test_text_is_exactly_what_was_typed(typed: str) -> None:
    expected = typed if "2*3*4" not in typed else "snake_case_name and 234 = 24"
    assert text_of(shown(typed)) == expected


def test_text_in_code_is_exactly_what_was_typed() -> None:
    code = "if (a < b && c > \"d\") { return '&amp;'; }"
    assert text_of(shown(f"`{code}`")) == code
    assert text_of(shown(f"```js\n{code}\n```")) == code
    assert text_of(shown(f"```\n{code}\n```")) == code
    assert text_of(shown(f"    {code}")).strip() == code


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("text\n- a\n- b", "<p>text</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("> q\nmine", "<blockquote>\n<p>q</p>\n</blockquote>\n<p>mine</p>"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
        (
            "- [x] a",
            '<ul>\n<li class="task"><span class="task-box">☑</span> a</li>\n</ul>',
        ),
        ("In 1984 we\n1984. no list", "<p>In 1984 we<br>\n1984. no list</p>"),
    ],
)
def test_what_each_mark_gives(source: str, html: str) -> None:
    assert shown(source) == html


def test_an_open_task_shows_an_empty_box() -> None:
    assert '<li class="task"><span class="task-box">☐</span> b</li>' in shown("- a\n- [ ] b")


def test_a_list_in_a_fence_stays_code() -> None:
    assert text_of(shown("```\ntext\n- a\n> b\nc\n```")) == "text\n- a\n> b\nc"


def test_a_table_scrolls_in_a_region_named_by_its_header() -> None:
    html = shown("Before\n| Name | Sum |\n|---|--:|\n| Ana | `2` |\n")
    assert '<div aria-label="Name, Sum" class="scroll" role="group" tabindex="0"><table>' in html
    assert '<th class="align-right" scope="col">Sum</th>' in html
    assert '<td class="align-right"><code>2</code></td>' in html
    assert html.startswith("<p>Before</p>")


def test_a_listing_is_marked_up_by_classes_alone() -> None:
    html = shown("```python\ndef f(): return 1\n```")
    assert '<pre class="code" tabindex="0"><code><span class="k">def</span>' in html
    assert "style=" not in html


@pytest.mark.parametrize(
    "header", ["nonsense", "", "python linenums=1", '{.python #x onclick="y"}', "a b c", "<b>"]
)
def test_a_listing_in_any_language_keeps_its_text(header: str) -> None:
    assert "x &lt; y" in shown(f"```{header}\nx < y\n```") or "x" in text_of(
        shown(f"```{header}\nx < y\n```")
    )


def test_a_listing_works_inside_a_list_and_a_quotation() -> None:
    assert '<pre class="code"' in shown("- a\n\n    ```\n    code\n    ```\n")
    assert '<pre class="code"' in shown("> ```\n> code\n> ```\n")


@pytest.mark.parametrize(
    ("source", "href"),
    [
        ("https://example.org/a?b=1&copy=2", "https://example.org/a?b=1&amp;copy=2"),
        ("www.example.org", "http://www.example.org"),
        ("<https://example.org/>", "https://example.org/"),
        ("[a](https://example.org/x_(y))", "https://example.org/x_(y)"),
        ("[a](www.example.org)", "https://www.example.org"),
        ("[a][b]\n\n[b]: https://example.org/", "https://example.org/"),
    ],
)
def test_a_link_out_says_that_it_is_one(source: str, href: str) -> None:
    assert f'href="{href}" rel="nofollow noopener noreferrer"' in shown(source)
    assert "target" not in shown(source)


def test_links_within_the_site_and_to_mail_stay_plain() -> None:
    assert shown("[a](/c/hist-204/threads/7f3k#p-1)") == '<p><a href="/c/hist-204/threads/7f3k#p-1">a</a></p>'
    assert '<a href="mailto:ana@example.org">ana@example.org</a>' in shown("ana@example.org")


def test_an_image_of_this_site_is_shown_and_one_from_elsewhere_is_a_link() -> None:
    assert shown("![a cat](/files/7f3k)") == '<p><img alt="a cat" src="/files/7f3k" loading="lazy"></p>'
    for source in ("![a cat](https://example.org/cat.png)", "![a cat](//example.org/cat.png)"):
        assert "<img" not in shown(source)
    assert '<a href="https://example.org/cat.png" rel="nofollow' in shown(
        "![a cat](https://example.org/cat.png)"
    )


@pytest.mark.parametrize(
    "source", ["$x^2$", "$$x^2$$", "\\(x^2\\)", "\\[x^2\\]", "$$\nx^2\n$$", "so $x^2$, yes", "($x$)"]
)
def test_formulas_become_mathml(source: str) -> None:
    assert re.search(r"<math [^>]*><mrow>", shown(source))


@pytest.mark.parametrize(
    "source",
    [
        "$5 and $10",
        "from $5 to $10 or $20.",
        "US$5 and CA$6",
        "\\$x$ y\\$",
        "$ x $",
        "`$x$`",
        "it cost 5$ or 6$",
        "$5/$6",
        "I paid $5 (not 6$)",
        "$HOME and $PATH",
        "```\n$x$\n```",
    ],
)
def test_money_and_code_are_not_formulas(source: str) -> None:
    assert "<math" not in shown(source)


@pytest.mark.parametrize(
    "source",
    [
        "$\\frac{a}$",
        "$\\left($",
        "$}{$",
        "$\\newcommand{\\a}{\\a\\a}\\a$",
        "$" + "{" * 60 + "}" * 60 + "$",
        "$x_$",
    ],
)
def test_bad_tex_shows_its_source(source: str) -> None:
    assert text_of(shown(source)) == source or "<math" in shown(source)
    if "newcommand" in source or "{{{{" in source:
        assert '<code class="math-source">' in shown(source)


def test_stars_and_underscores_in_formulas_mean_nothing_else() -> None:
    assert "<em>" not in shown("$a_1 * b_2 * c_3$ and $x_i$")


def test_headings_never_break_the_outline_of_the_page() -> None:
    levels = re.findall(r"<h(\d)>", shown("# a\n\n#### b\n\n## c\n\n###### d\n\n# e"))
    assert levels == ["3", "4", "4", "5", "3"]
    assert re.findall(r"<h(\d)>", shown("###### a\n\n# b", first_heading=2)) == ["2", "2"]
    assert max(re.findall(r"<h(\d)>", shown("# a\n## b\n### c\n#### d\n##### e"))) == "6"


def test_footnotes_of_two_posts_have_ids_of_their_own() -> None:
    source = 'One[^a] and again[^a], two[^b "x].\n\n[^a]: First.\n[^b "x]: Second.'
    ids = [re.findall(r'\bid="([^"]+)"', shown(source, prefix=prefix)) for prefix in ("p-7f3k-", "p-8g4m-")]
    assert len(ids[0]) == 5
    assert not set(ids[0]) & set(ids[1])
    assert len(set(ids[0])) == 5
    html = shown(source, prefix="p-7f3k-")
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert targets <= set(ids[0])
    assert all(re.fullmatch(r"p-7f3k-fn(?:ref)?-\d+", name) for name in ids[0])


def test_a_prefix_that_is_no_name_is_refused() -> None:
    for prefix in ('"><b>', "a b-", "7-", "x"):
        with pytest.raises(ValueError):
            render("x", prefix=prefix)


def test_the_same_text_renders_the_same_again_and_nothing_of_the_last_one_stays() -> None:
    first = render("See [a].\n\n[a]: /x\n\nnote[^1]\n\n[^1]: N\n\n$x$")
    assert render("See [a]. note[^1]").html == "<p>See [a]. note[^1]</p>"
    assert render("See [a].\n\n[a]: /x\n\nnote[^1]\n\n[^1]: N\n\n$x$") == first


def test_several_threads_render_at_once_without_mixing() -> None:
    wrong: list[str] = []

    def write(name: str) -> None:
        for turn in range(30):
            html = render(f"{name}{turn} note[^1] $x_{turn}$\n\n[^1]: of {name}").html
            others = {"ana", "ben", "eva", "tom"} - {name}
            if f"of {name}" not in html or any(other in html for other in others):
                wrong.append(html)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("ana", "ben", "eva", "tom")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_signs_that_no_page_can_show_are_replaced() -> None:
    assert render("a\x00b\x02c\ud800d\x1be").html == "<p>a\ufffdb\ufffdc\ufffdd\ufffde</p>"


def test_stored_html_becomes_markup_here() -> None:
    assert markup_of("<p>x</p>").__html__() == "<p>x</p>"


@pytest.mark.parametrize(
    ("text", "length", "plain"),
    [
        ("<p>One &amp; <em>two</em></p>\n<p>three</p>", 80, "One & two three"),
        ("# One\n\n**two** & [three](/x) `four`\n> five", 80, "One two & three four five"),
        ("<p>One two three four</p>", 12, "One two…"),
        ("", 10, ""),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
        ("<b>typed</b> at the start", 80, "<b>typed</b> at the start"),
        ("snake_case 2 * 3", 80, "snake_case 2 * 3"),
    ],
)
def test_an_excerpt_is_plain_text_of_the_length_asked(text: str, length: int, plain: str) -> None:
    assert excerpt(text, length) == plain
    assert len(excerpt(text, length)) <= length


def test_an_excerpt_says_formulas_and_leaves_out_notes() -> None:
    assert excerpt(shown("So $x^2$ it is[^1].\n\n[^1]: N"), 80) == "So $x^2$ it is."


def test_who_only_reads_loads_no_converter() -> None:
    code = (
        "import sys, forum.core.markup\n"
        "heavy = {'markdown', 'bleach', 'pygments', 'latex2mathml', 'pymdownx', 'bs4', 'markdownify'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
