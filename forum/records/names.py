"""Names of files that every system takes: told apart by their numbers, whatever people called things."""

import unicodedata

_LONGEST = 60  # bytes of the part that comes from people
_ENDING = 8


def file_name(number: int, name: str) -> str:
    """A name for the file that somebody called `name`: "0007-field-notes.pdf".

    The number makes it unique, also where capitals are one with small letters, and is why none is a device of Windows.
    """
    stem, dot, ending = name.rpartition(".")
    if not dot or not (0 < len(ending) <= _ENDING and ending.isascii() and ending.isalnum()):
        stem, ending = name, ""
    return f"{number:04}-{plain(stem) or 'file'}" + (f".{ending.lower()}" if ending else "")


def plain(text: str) -> str:
    """Letters, digits and marks of any script, all else a hyphen; at most 60 bytes, without hyphens at the ends."""
    text = unicodedata.normalize("NFC", text)
    kept = "".join(char if unicodedata.category(char)[0] in "LNM" else "-" for char in text)
    kept = "-".join(part for part in kept.split("-") if part)
    return kept.encode("utf-8", "ignore")[:_LONGEST].decode("utf-8", "ignore").strip("-")
