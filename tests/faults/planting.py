"""One fault in a copy of the tree, the tests that must notice it, and what they said."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
PATIENCE = 240  # seconds for the tests of one fault

# Exceptions that say that the plant itself is no running program: they prove nothing about the tests.
_NO_PROGRAM = re.compile(r"(?:Name|Syntax|Indentation|Import|ModuleNotFound|UnboundLocal)Error")
_FIRST = re.compile(r"^(FAILED|ERROR) (\S+?)(?:\[.*?\])?(?: - (.*))?$", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """`old` stands in `file` exactly once and becomes `new`; at least one of `tests` (node ids or files) must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def fault(name: str, file: str, old: str, new: str, *tests: str) -> Fault:
    """A line of a table; files of tests are named without `tests/`, those of the product without `forum/`."""
    return Fault(name, f"forum/{file}", old, new, tuple(f"tests/{test}" for test in tests))


class Outcome(StrEnum):
    CAUGHT = "caught by"
    NOT_CAUGHT = "NOT CAUGHT"
    STALE = "STALE"


@dataclass(frozen=True)
class Finding:
    """What became of a fault; `words` name the first test that failed, or say what is wrong with the plant."""

    outcome: Outcome
    words: str = ""

    def __str__(self) -> str:
        return f"{self.outcome} {self.words}".rstrip()


def why_stale(fault: Fault, tree: Path = TREE) -> str | None:
    """Why a fault can't be planted any more, or None."""
    path = tree / fault.file
    if not path.is_file():
        return f"no {fault.file}"
    found = path.read_text().count(fault.old)
    if found != 1:
        return f"its text stands {found} times in {fault.file}"
    missing = [test for test in fault.tests if not (tree / test.partition("::")[0]).is_file()]
    return f"no {missing[0]}" if missing else None


class Copy:
    """A copy of the tree in which faults stand one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=TREE, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        for name in filter(None, listed.split("\0")):
            if (TREE / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(TREE / name, folder / name)
        compiled = [sys.executable, "-m", "compileall", "-q", "forum", "tests", "migrations"]
        subprocess.run(compiled, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    def pytest(self, tests: Iterable[str], *more: str, patience: int = PATIENCE) -> tuple[int, str]:
        """Exit code and output of the tests in this copy; -1 if they did not end in time."""
        command = [
            sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "-p", "no:cacheprovider", "--no-header", "--tb=line",
            "-m", "not postgres and not browser", *more, *tests,
        ]  # fmt: skip
        # Wide, since pytest cuts its lines of summary to the terminal.
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "1000", "CI": ""}
        try:
            ran = subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=patience
            )
        except subprocess.TimeoutExpired:
            return -1, ""
        return ran.returncode, ran.stdout + ran.stderr

    def look_for(self, fault: Fault) -> Finding:
        """Plant the fault, run its tests, take it out again."""
        if (stale := why_stale(fault, self.folder)) is not None:
            return Finding(Outcome.STALE, stale)
        path = self.folder / fault.file
        whole, stamp = path.read_text(), path.stat()
        try:
            path.write_text(whole.replace(fault.old, fault.new))
            # Another second than the source had: a compiled file is told from its source by second and length.
            os.utime(path, (stamp.st_atime, stamp.st_mtime + 1 + len(fault.name)))
            return _finding(*self.pytest(fault.tests))
        finally:
            path.write_text(whole)
            os.utime(path, (stamp.st_atime, stamp.st_mtime))


def _finding(code: int, output: str) -> Finding:
    if code == 0:
        return Finding(Outcome.NOT_CAUGHT)
    if code == -1:
        return Finding(Outcome.NOT_CAUGHT, f"within {PATIENCE} s")
    first = _FIRST.search(output)
    if code != 1 or first is None:
        return Finding(Outcome.STALE, f"pytest ended with {code}: {output.strip().splitlines()[-1:]}")
    kind, test, reason = first.group(1), first.group(2), first.group(3) or ""
    if kind == "ERROR" or _NO_PROGRAM.match(reason):
        # A ground that can't be laid, a program that can't run: any test would have failed.
        return Finding(Outcome.STALE, f"breaks more than it should: {test} {reason}"[:200])
    return Finding(Outcome.CAUGHT, test)
