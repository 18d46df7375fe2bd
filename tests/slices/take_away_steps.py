"""Steps that the slices of downloads share: a zip fetched, and what is in it."""

import io
import json
import zipfile
from typing import Any

from tests.client import CheckingClient


def fetched(client: CheckingClient, path: str = "/mine/take-away.zip") -> dict[str, bytes]:
    """What is in the zip at an address, by name without the folder in which everything lies."""
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert len({name.casefold() for name in names}) == len(names)
        (folder,) = {name.split("/")[0] for name in names}
        return {name.removeprefix(f"{folder}/"): opened.read(name) for name in names}


def document(inside: dict[str, bytes]) -> str:
    return inside["my-posts.html"].decode()


def markdown(inside: dict[str, bytes]) -> str:
    """All Markdown files, one after another."""
    return "\n".join(content.decode() for name, content in sorted(inside.items()) if name.endswith(".md"))


def receipts(inside: dict[str, bytes]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(inside["receipts.json"])
    return found
