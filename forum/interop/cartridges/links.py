"""Links to the web and to tools, as cartridges write them."""

from __future__ import annotations

from forum.interop.markup_trees import Node


def read_link(tree: Node) -> tuple[str, str]:
    """Title and address of a tree `webLink`."""
    url = tree.first("url")
    address = url.get("href") or url.text if url is not None else ""
    return " ".join(tree.said("title").split()), address.strip()


def read_tool(tree: Node) -> tuple[str, str]:
    """Title and address of a tree `cartridge_basiclti_link`, of LTI 1.1 or 1.3."""
    address = tree.said("secure_launch_url") or tree.said("launch_url")
    return " ".join(tree.said("title").split()), address
