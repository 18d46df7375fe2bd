"""Courses in Common Cartridges and Canvas exports, read into values."""

from forum.interop.cartridges.dates import Moved, guess_zone, move_by_days, wall_minute
from forum.interop.cartridges.mending import Mended, Unresolved, mend_links
from forum.interop.cartridges.reading import read_cartridge
from forum.interop.cartridges.values import (
    Cartridge,
    File,
    FormHint,
    Item,
    ItemKind,
    LeftOut,
    Link,
    Module,
    Page,
    Problem,
    State,
    Step,
    Topic,
)

__all__ = [
    "Cartridge",
    "File",
    "FormHint",
    "Item",
    "ItemKind",
    "LeftOut",
    "Link",
    "Mended",
    "Module",
    "Moved",
    "Page",
    "Problem",
    "State",
    "Step",
    "Topic",
    "Unresolved",
    "guess_zone",
    "mend_links",
    "move_by_days",
    "read_cartridge",
    "wall_minute",
]
