"""Tables of the demo's TOML files, read key by key: what is missing, of another type or misspelled is refused by name."""

import tomllib
from datetime import time
from pathlib import Path
from typing import Any

from forum.demo.faults import ContentError


class Entry:
    """One table of a TOML file; remembers what was taken, so that a misspelled key is refused."""

    def __init__(self, file: Path, key: str, table: dict[str, Any]) -> None:
        self.file, self.key, self._table, self._taken = file, key, table, set[str]()

    def fault(self, name: str, message: str) -> ContentError:
        return ContentError(named(self.file), f"{self.key}.{name}" if self.key else name, message)

    def get(self, name: str, kind: type, default: Any = ...) -> Any:
        """The value of a key, of that type; without a default the key must be there."""
        self._taken.add(name)
        if name not in self._table:
            if default is ...:
                raise self.fault(name, "is missing")
            return default
        value = self._table[name]
        if type(value) is not kind:
            raise self.fault(name, f"is not of type {kind.__name__}")
        return value.strip() if isinstance(value, str) else value

    def words(self, name: str) -> str:
        """A string that may not be empty."""
        value: str = self.get(name, str)
        if not value:
            raise self.fault(name, "is empty")
        return value

    def clock(self, name: str, default: Any = ...) -> time | None:
        """A wall-clock time written HH:MM."""
        value = self.get(name, str, default)
        if value is None:
            return None
        try:
            return time.fromisoformat(value)
        except ValueError as error:
            raise self.fault(name, "is no time of the form HH:MM") from error

    def entries(self, name: str) -> list["Entry"]:
        """The tables of an array, each named by its own key, student, author or number."""
        found: list[Entry] = []
        for number, table in enumerate(self.get(name, list, []), start=1):
            label = next(
                (table[k] for k in ("key", "account", "student", "author") if k in table), str(number)
            )
            found.append(Entry(self.file, f"{self.key}.{name}[{label}]".lstrip("."), table))
        return found

    def entry(self, name: str) -> "Entry | None":
        table = self.get(name, dict, None)
        return None if table is None else Entry(self.file, f"{self.key}.{name}".lstrip("."), table)

    def names(self) -> tuple[str, ...]:
        """The keys of the table, in the order of the file."""
        return tuple(self._table)

    def done(self) -> None:
        """Refuses keys that nobody asked for."""
        for name in self._table:
            if name not in self._taken:
                raise self.fault(name, "is not a key that is known here")


def named(file: Path) -> str:
    """The file's path within the demo: hist-204/posts/questions.toml."""
    root = next((one for one in file.parents if (one / "demo.toml").is_file()), file.parent)
    return file.relative_to(root).as_posix()


def opened(file: Path) -> Entry:
    if not file.is_file():
        raise ContentError(named(file), "", "the file is missing")
    try:
        return Entry(file, "", tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ContentError(named(file), "", f"is no TOML: {error}") from error
