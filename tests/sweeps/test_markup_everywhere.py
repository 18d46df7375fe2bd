"""Does anything that somebody typed become markup? A payload in every text column, every page as every role."""

import re
from collections import Counter
from typing import Any

import html5lib
import pytest
from sqlalchemy import update

from forum.core import caches, markup
from forum.core.db import db, transaction
from tests.conftest import Site
from tests.sweeps.ground import Ids, browser, crawl, text_columns

PAYLOAD = "'\" xss-a=1 onload=x><xss-t></textarea></title><script>xss()</script></article></main><xss-u>"
LINK = "javascript:xss()//"
SOURCE = (
    PAYLOAD
    + '\n\n[link](javascript:xss()) ![x](x" onerror=xss()) <javascript:xss()> <https://x/\'"onload=xss()>\n\n'
    "| a | <xss-t> |\n| - | - |\n| `</code><script>xss()</script>` | $\\text{<img/src=x/onerror=xss()>}$ |\n\n</div></article></main>\n"
)
# Text that a program wrote and reads: names of states, keys, digests, zones. Everything else was typed by somebody.
CODES = re.compile(
    r"^(public_id|slug|state|role|form|shown|groups|anonymity|what|whose_zone|zone|zone_database|kind|purpose|deed|use|"
    r"place|place_kind|opening|key|unique_key|email_key|digest|sha256|stored_as|token_hash|password_hash|language|edition_hours|"
    r"subject_kind|opens_minute|wall_minute|due_minute|cut_off_minute|media_type|source_kind|arrival_token|"
    r"ends_minute|until_minute|\w*_token|\w*_hash|\w*_kind|\w*_minute|\w*_zone)$"
)
# The code of a course and of a term is part of addresses only as a slug; it is shown as text everywhere.
HTML_OF = {"html": "source", "prompt_html": "prompt_source", "feedback_html": "feedback_source"}
VIEWERS = ["ines", "ana", "ada", None]
IDS = 4  # of each kind in each address


def poison(site: Site) -> list[str]:
    """Put a payload into every text column of every row; rendered HTML is what the renderer makes of one."""
    poisoned = []
    rendered = markup.render(SOURCE).html
    with site.app.app_context(), transaction() as session:
        session.connection().exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        for table, column in text_columns():
            if CODES.match(column.name) or column.primary_key:
                continue
            value: Any = PAYLOAD
            if column.name in HTML_OF:
                value = rendered
            elif column.name.endswith(("source", "text", "body")) and table.name != "outside_identity":
                value = SOURCE
            elif column.name == "url":
                value = LINK
            if column.unique or any(column.name in [each.name for each in getattr(rule, "columns", ())]
                                    and type(rule).__name__ == "UniqueConstraint" for rule in table.constraints):  # fmt: skip
                ident = next(iter(table.primary_key.columns))
                value = value + db.cast(ident, db.String)
            session.execute(update(table).values({column.name: value}))
            poisoned.append(f"{table.name}.{column.name}")
        session.connection().exec_driver_sql("PRAGMA ignore_check_constraints=OFF")
    caches.clear_all()
    return poisoned


def tree_of(page: str) -> Any:
    return html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)


def wrongs(tree: Any) -> list[str]:
    """What came out of its place: elements, attributes and addresses that no template and no Markdown makes."""
    wrong = []
    for each in tree.iter():
        if not isinstance(each.tag, str):
            wrong += ["a comment of a payload"] if "xss" in (each.text or "") else []
            continue
        if each.tag.startswith("xss") or "xss" in each.tag:
            wrong.append(f"element {each.tag}")
        if each.tag in ("iframe", "object", "embed", "base", "form") and re.search(
            r"xss[-(]", str(each.attrib)
        ):
            wrong.append(f"element {each.tag}")
        if each.tag in ("script", "style") and (each.text or "").strip():
            wrong.append(f"{each.tag} with words")
        for name, value in each.attrib.items():
            if name.startswith(("on", "xss", "style", "srcdoc")) or name in ("'\"", "'", '"'):
                wrong.append(f"{each.tag} {name}")
            address = re.sub(r"[\s\x00-\x20]", "", str(value)).lower()
            if name in (
                "href",
                "src",
                "action",
                "formaction",
                "poster",
                "cite",
                "data",
            ) and address.startswith(("javascript:", "data:", "vbscript:")):
                wrong.append(f"{each.tag} {name}={value[:30]}")
    return wrong


def frame_of(tree: Any) -> Counter[str]:
    """The elements outside of main, and how many mains there are: what no words may add to or take from."""
    found: Counter[str] = Counter()

    def walk(each: Any) -> None:
        found[each.tag if isinstance(each.tag, str) else "#"] += 1
        if each.tag != "main":
            for child in each:
                walk(child)

    walk(tree)
    return found


@pytest.mark.sqlite_only
def test_no_words_of_anybody_become_markup(grown: Site, ids: Ids) -> None:
    clients = {short: browser(grown, short) for short in VIEWERS}
    frames = {
        visit.path: (visit.status, frame_of(tree_of(visit.body)))
        for visit in crawl(clients["ines"], grown, ids, most=1, shapes=2)
        if "<html" in visit.body[:300]
    }
    assert len(poison(grown)) > 40
    wrong, seen = [], ""
    for short in VIEWERS:
        for visit in crawl(clients[short], grown, ids, most=IDS, shapes=2):
            assert visit.status < 500, visit.path
            wrong += [
                f"{visit.path} as {short}: header {name}"
                for name, value in visit.headers
                if "<script" in value or "\n" in value
            ]
            if "xss" not in visit.body or "text/html" not in dict(visit.headers).get("Content-Type", ""):
                continue
            tree = tree_of(visit.body)
            wrong += [f"{visit.path} as {short}: {each}" for each in wrongs(tree)[:3]]
            status, frame = frames.get(visit.path, (0, Counter()))
            if short == "ines" and status == visit.status and (difference := frame_of(tree) - frame):
                wrong.append(f"{visit.path} as {short}: escaped from main: {dict(difference)}")
            seen += visit.body
    assert sorted(set(wrong)) == []
    assert "&lt;xss-t&gt;" in seen, "no payload was on any page"


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<p>&lt;xss-t&gt; onload=x", False), ("<p><xss-t>", True), ("<p onload=x>", True), ("<p title='' xss-a=1>", True),
        ("<script>xss()</script>", True), ("<script src='/assets/a.js'></script>", False), ("<a href=' javascript:x'>", True),
        ("<a href='java\tscript:x'>", True), ("<img src='data:text/html,x'>", True), ("<p><!-- xss --></p>", True),
        ("<p style='x'>", True), ("<a href='/c/javascript:x'>", False),
    ],
)  # fmt: skip
def test_the_sweep_sees_each_way_out(page: str, found: bool) -> None:
    assert bool(wrongs(tree_of(page))) is found


def test_the_sweep_sees_what_escapes_from_main() -> None:
    whole = "<body><header></header><main><p>{}</p></main><footer></footer>"
    plain, bold = (frame_of(tree_of(whole.format(words))) for words in ("words", "<b>words</b>"))
    assert plain == bold
    assert frame_of(tree_of(whole.format("</main><b>words</b>"))) - plain


def test_every_column_of_codes_is_one_that_a_program_writes() -> None:
    """A column whose name says that people write it is never left out."""
    for name in (
        "title",
        "name",
        "reason",
        "feedback_source",
        "description",
        "label",
        "email",
        "code",
        "source",
        "url",
    ):
        assert not CODES.match(name)
