"""What users rely on has its tests: docs/behaviors.md names them, and they are there."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from tests.sweeps.test_house import ROOT

_ROW = re.compile(r"^\| (B\d{3}) \| [^|]+ \| ([^|]+) \|$", re.M)
OPEN = ("not built yet", "decided otherwise: ")


def table() -> dict[str, str]:
    """What holds each number, as the table says."""
    rows = _ROW.findall((ROOT / "docs/behaviors.md").read_text())
    assert len({number for number, _held in rows}) == len(rows)
    return dict(rows)


def named_in(path: Path) -> dict[str, list[str]]:
    """The tests of a file, each with the numbers of its mark."""
    found = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
            marks = [each for each in calls if ast.unparse(each.func) == "pytest.mark.behavior"]
            found[node.name] = [ast.literal_eval(number) for each in marks for number in each.args]
    return found


def marked() -> dict[str, list[str]]:
    by_number = defaultdict(list)
    for path in (ROOT / "tests").rglob("test_*.py"):
        for name, numbers in named_in(path).items():
            for number in numbers:
                by_number[number].append(name)
    return by_number


def is_there(held: str) -> bool:
    """Whether a test, or a file with tests, is where the table says."""
    file, _colons, name = held.partition("::")
    path = ROOT / "tests" / file
    return path.is_file() and (name in named_in(path) if name else bool(named_in(path)))


def test_each_behavior_that_is_called_held_has_a_test() -> None:
    known, marks = table(), marked()
    assert len(known) > 70
    held = {number: words for number, words in known.items() if not words.startswith(OPEN)}
    assert [number for number, words in held.items() if words == "*marked*" and not marks[number]] == []
    assert [words for words in held.values() if words != "*marked*" and not is_there(words)] == []


def test_each_mark_stands_in_the_table_as_held() -> None:
    known = table()
    assert sorted(number for number in marked() if known.get(number, OPEN[0]).startswith(OPEN)) == []


def test_a_test_that_is_not_there_is_seen() -> None:
    assert not is_there("slices/test_writing.py::test_that_nobody_wrote")
    assert not is_there("slices/test_that_nobody_wrote.py")
    assert is_there("slices/test_writing_boards.py::test_an_empty_board_says_so")
