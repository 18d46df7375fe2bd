"""Pages rendered once for each kind of reader, with gaps that get what is one person's own when a page is sent."""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flask import g

# Nobody can write it, so no text of anybody can be taken for a gap; brackets and letters pass every escaping.
_TAG = secrets.token_hex(12)
_GAP = re.compile(rf"\[{_TAG}-([a-z]+)\]")


def gap(name: str) -> str:
    """What stands for a value while a shell is rendered; `name` is of lower-case letters."""
    return f"[{_TAG}-{name}]"


def own(name: str, value: str) -> str:
    """A value of the reader's own, or its gap while a shell is rendered."""
    return gap(name) if g.get("renders_shell") else value


@contextmanager
def shell_rendering() -> Iterator[None]:
    """In the block, the layout leaves gaps for what is the reader's own: the form token, their name."""
    g.renders_shell = True
    try:
        yield
    finally:
        g.renders_shell = False


Filling = bytes | Sequence[bytes | memoryview]  # what a gap gets: in one piece, or in several, joined once


@dataclass(frozen=True)
class Shell:
    """A page in pieces: between each two of them stands the value of a name."""

    pieces: tuple[bytes, ...]
    names: tuple[str, ...]
    weight: int

    @classmethod
    def of(cls, html: str) -> "Shell":
        parts = _GAP.split(html)
        pieces = tuple(part.encode() for part in parts[::2])
        return cls(pieces, tuple(parts[1::2]), sum(len(piece) for piece in pieces) + 500)

    def filled(self, values: Mapping[str, Filling]) -> bytes:
        """The page with every gap filled; the values are HTML already. KeyError for a gap without a value."""
        out: list[bytes | memoryview] = [self.pieces[0]]
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            value = values[name]
            if isinstance(value, bytes):
                out.append(value)
            else:
                out += value
            out.append(piece)
        return b"".join(out)

    def cut_at(self, name: str) -> tuple["Shell", "Shell"]:
        """What stands before a gap and what stands after it. ValueError if there is no such gap."""
        place = self.names.index(name)
        return (
            Shell(self.pieces[: place + 1], self.names[:place], self.weight),
            Shell(self.pieces[place + 1 :], self.names[place + 1 :], self.weight),
        )
