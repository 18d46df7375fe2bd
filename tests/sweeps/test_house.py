"""Does the house stand as its plan says? Layers, pure rules, sizes, names, templates, and the one place for each thing."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[2]
FORUM = ROOT / "forum"
TEMPLATES = FORUM / "templates"
MOST_LINES = 400
NOT_IN_NAMES = {
    "util",
    "utils",
    "helper",
    "helpers",
    "misc",
    "common",
    "manager",
    "handler",
    "process",
    "data",
    "info",
}
# Names that others gave: methods of WTForms, SQLAlchemy and html.parser that ours take the place of.
ALLOWED_NAMES = {"process_formdata", "process_bind_param", "process_result_value", "handle_data", "data"}
PURE = [
    "boards/rules", "core/moments.py", "core/words.py", "posts/rules.py", "accounts/rules.py", "courses/policy.py",
    "lessons/rules.py", "participation/rules.py", "interop/rules.py", "receipts/rules.py", "receipts/tokens.py",
]  # fmt: skip
IMPURE = {"flask", "sqlalchemy", "flask_login", "flask_wtf", "flask_babel", "werkzeug", "jinja2"}
# Makers of Markup outside core/markup, and why each may.
MAKES_MARKUP = {
    "core/places.py": "joins what the places of a page are filled with, which is Markup already",
    "participation/gradebook_views.py": "what a template rendered, put into a place of another page",
}
READS_CLOCK = {"core/clock.py"}
SQLITE = {"core/db.py"}


def modules() -> list[Path]:
    return sorted(FORUM.rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def named(path: Path) -> str:
    return path.relative_to(FORUM).as_posix()


def imports(node: ast.AST) -> Iterator[str]:
    """The modules that a file imports, those for type checking alone left out."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.If) and "TYPE_CHECKING" in ast.dump(each.test):
            continue
        if isinstance(each, ast.Import):
            yield from (name.name for name in each.names)
        elif isinstance(each, ast.ImportFrom):
            yield "." * each.level + (each.module or "")
            yield from (
                "." * each.level + ((each.module + ".") if each.module else "") + name.name
                for name in each.names
            )
        else:
            yield from imports(each)


def test_the_rooms_stand_in_their_order() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_stands_in_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (order,) = [contract for contract in contracts if contract["type"] == "layers"]
    listed = {room for layer in order["layers"] for room in layer.split(" | ")}
    rooms = {path.parent.name for path in FORUM.glob("*/__init__.py")} | {
        path.stem for path in FORUM.glob("*.py")
    }
    assert order["exhaustive"]
    assert listed == rooms - {"__init__"}


def test_no_room_uses_views_or_forms_of_another() -> None:
    wrong = []
    for path in modules():
        room = named(path).split("/")[0]
        if room == "web":
            continue  # no room: it leads to all of them, and to the form of sign-in
        for name in imports(tree(path)):
            found = re.match(r"\.\.+(\w+)\.(views|forms)\b", name) if name.startswith("..") else None
            if found and found.group(1) not in (room, "core") and (FORUM / found.group(1)).is_dir():
                wrong.append(f"{named(path)}: {name}")
    assert wrong == []


@pytest.mark.parametrize("part", PURE)
def test_rules_are_pure(part: str) -> None:
    place = FORUM / part
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place] if place.exists() else []
    wrong = []
    for path in files:
        for name in imports(tree(path)):
            if name.split(".")[0] in IMPURE or re.search(
                r"\b(models|queries|commands|views|forms|db|clock)\b", name
            ):
                wrong.append(f"{named(path)}: {name}")
    assert wrong == []


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    files = [*modules(), *(ROOT / "tests").rglob("*.py")]
    assert {path.relative_to(ROOT).as_posix(): lines for path in files
            if (lines := len(path.read_text().splitlines())) > MOST_LINES and "migrations/" not in str(path)} == {}  # fmt: skip


def test_every_module_says_what_it_keeps() -> None:
    files = [*modules(), *(path for path in (ROOT / "tests").rglob("*.py") if path.name != "__init__.py")]
    assert [str(path.relative_to(ROOT)) for path in files if not ast.get_docstring(tree(path))] == []


def words_of(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


def test_names_say_what_a_thing_is() -> None:
    wrong = []
    for path in modules():
        names = [path.stem, *(folder.name for folder in path.relative_to(FORUM).parents)]
        names += [
            each.name
            for each in ast.walk(tree(path))
            if isinstance(each, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        ]
        wrong += [
            f"{named(path)}: {name}"
            for name in names
            if words_of(name) & NOT_IN_NAMES and name not in ALLOWED_NAMES
        ]
    for path in (ROOT / "tests").rglob("*.py"):
        if words_of(path.stem) & NOT_IN_NAMES:
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []


# --- one place for each thing -----------------------------------------------------------------------------------------


def test_only_the_one_place_makes_markup() -> None:
    wrong = []
    for path in modules():
        if named(path).startswith("core/markup/") or named(path) in MAKES_MARKUP:
            continue
        for each in ast.walk(tree(path)):
            if isinstance(each, ast.Call) and getattr(each.func, "id", getattr(each.func, "attr", "")) == "Markup" \
                    and not all(isinstance(given, ast.Constant) and given.value == "" for given in each.args):  # fmt: skip
                wrong.append(f"{named(path)}:{each.lineno}")
    assert wrong == []


def test_only_the_database_module_knows_sqlite() -> None:
    wrong = [named(path) for path in modules() if named(path) not in SQLITE
             for name in imports(tree(path)) if name.split(".")[0] in ("sqlite3", "pysqlite3", "apsw")]  # fmt: skip
    assert wrong == []


CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"), ("time", "time_ns"),
          ("time", "localtime"), ("time", "gmtime")}  # fmt: skip


def clock_reads(module: ast.Module) -> list[int]:
    return [
        each.lineno for each in ast.walk(module)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)
        and (getattr(each.func.value, "id", getattr(each.func.value, "attr", "")), each.func.attr) in CLOCKS
    ]  # fmt: skip


def test_only_the_clock_reads_the_clock() -> None:
    assert [
        f"{named(path)}:{line}"
        for path in modules()
        if named(path) not in READS_CLOCK
        for line in clock_reads(tree(path))
    ] == []


def test_a_read_of_the_clock_is_seen() -> None:
    planted = "import datetime\nfrom datetime import date\ndatetime.datetime.now()\ndatetime.now(UTC)\ndate.today()\ntime.monotonic()"
    assert clock_reads(ast.parse(planted)) == [3, 4, 5]


# --- templates --------------------------------------------------------------------------------------------------------


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def test_nothing_is_called_safe_that_was_not_made_so() -> None:
    wrong = [
        str(path)
        for path in templates()
        if re.search(r"\|\s*safe\b|autoescape\s+false|\bMarkup\(", path.read_text())
    ]
    assert wrong == []
    assert [named(path) for path in modules() if re.search(r"\|\s*safe\b", path.read_text())] == []


def test_no_template_has_a_style_or_a_script_of_its_own() -> None:
    wrong = [f"{path.relative_to(TEMPLATES)}: {found}" for path in templates()
             for found in re.findall(r"\sstyle=|\son[a-z]+=[\"']|<style|<script(?![^>]*\bsrc=)|javascript:", path.read_text())]  # fmt: skip
    assert wrong == []


def bare_words(source: str) -> list[str]:
    """Words between tags, or in attributes that people read, which stand there without being marked."""
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=True)
    text = "".join(value if kind == "data" else "\0" if kind.endswith("_begin") else ""
                   for _line, kind, value in environment.lex(source))  # fmt: skip
    found = re.findall(
        r"\b(?:alt|title|placeholder|aria-label|aria-description)=\"([^\"]*[A-Za-z]{2}[^\"]*)\"", text
    )
    text = re.sub(r"<!--.*?-->|<[^>]*>|&[a-z]+;|&#\d+;", " ", text, flags=re.DOTALL)
    return found + [words.strip() for words in re.findall(r"(?<![-\w])[A-Za-z]{2,}[A-Za-z ,.'’]*", text)]


NOT_WORDS = {"Markdown", "CSV", "UTC", "Midnight Forum", "html", "CommonMark", "px", "kB", "MB", "pt"}


def test_every_word_of_a_template_is_marked_for_translation() -> None:
    wrong = [f"{path.relative_to(TEMPLATES)}: {words!r}" for path in templates()
             for words in bare_words(path.read_text()) if words.strip() not in NOT_WORDS]  # fmt: skip
    assert wrong == []


def test_a_word_that_is_not_marked_is_seen() -> None:
    assert bare_words('<p class="lead">{{ _("Marked") }} · {{ name }}</p>') == []
    assert bare_words("<p>Left out</p>") == ["Left out"]
    assert bare_words('<a title="Left out" href="/x">{{ _("x") }}</a>') == ["Left out"]
