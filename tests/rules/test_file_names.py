"""Is a name that people gave a file or a board always one that every system takes, and never that of another?"""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from forum.records.names import file_name, plain

WINDOWS = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
HOSTILE = [
    "../../etc/passwd", "..\\..\\boot.ini", "CON", "nul.txt", "a\x00b.txt", "x" * 300 + ".pdf", "photo\u202egnp.exe",
    "a:b*c?d<e>f|g\"h.txt", " .hidden", "ends with dot.", "line\nbreak.md", "~/.ssh/id", "=cmd.csv", "", ".", "..", "💧.png",
    "e\u0301t\u00e9.txt", "नमस्ते दुनिया.txt", "-rf", "$(reboot).sh", "%2e%2e%2f.txt",
]  # fmt: skip


def is_safe(name: str) -> bool:
    return bool(
        0 < len(name.encode()) <= 100
        and not WINDOWS.fullmatch(name)
        and name[0] not in ".-~ " and name[-1] not in ". "
        and all(unicodedata.category(char)[0] in "LNM" or char in "-." for char in name)
        and name == unicodedata.normalize("NFC", name) and ".." not in name
    )  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_becomes_a_plain_one(name: str) -> None:
    assert is_safe(file_name(7, name)), file_name(7, name)


@given(some.text(max_size=90), some.integers(1, 99_999))
def test_whatever_somebody_called_it(name: str, number: int) -> None:
    assert is_safe(file_name(number, name))


def test_what_was_readable_stays_so() -> None:
    assert file_name(3, "Field notes, May.PDF") == "0003-Field-notes-May.pdf"
    assert file_name(12, "été.jpg") == "0012-été.jpg"
    assert file_name(12, "archive.tar.verylongending") == "0012-archive-tar-verylongending"
    assert plain("  ») HIST/204 (« ") == "HIST-204"


def test_names_that_differ_in_capitals_alone_are_told_apart() -> None:
    assert file_name(1, "Map.png").casefold() != file_name(2, "MAP.PNG").casefold()
