"""What rooms ask of the request at hand: the reader's language, a sentence for the next page."""

from flask import flash, g


def reader_language() -> str:
    person = g.get("person")
    return str(person.language) if person is not None else "en"


def say(text: str, kind: str = "done", *, link: tuple[str, str] | None = None) -> None:
    """A sentence at the top of the next page; `kind` is done or problem, `link` words and their address after it."""
    flash(text if link is None else (text, *link), kind)  # type: ignore[arg-type]
