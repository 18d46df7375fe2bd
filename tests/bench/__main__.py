"""`python -m tests.bench`: the figures, one JSON object a line; FIGURES=a,b picks some."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests import parts

from . import capacity, growth, rush
from .figures import FIGURES as OF_PAGES
from .figures import FULL
from .load import ROOT
from .seeds import site

FIGURES = {**OF_PAGES, **growth.FIGURES}
# On sites of their own, on each database that this machine has.
RUSHES: dict[str, Callable[[Path, str], Iterator[dict[str, Any]]]] = {
    "rush": lambda folder, kind: rush.lines(folder, kind, rush.Crowd()),
    "rush_killed": lambda folder, kind: rush.lines(folder, kind, rush.Crowd(kill_every=5)),
    "rush_capacity": lambda folder, kind: capacity.lines(folder, kind, rush.Crowd()),
}


def main() -> None:
    every = [*FIGURES, *RUSHES]
    chosen = [name for name in os.environ.get("FIGURES", "").split(",") if name] or every
    unknown = set(chosen) - set(every)
    if unknown:
        sys.exit(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    folder = Path(os.environ.get("INSTANCE") or ROOT / "instance") / "bench"
    for name in chosen:
        for line in _lines(name, folder):
            line["load"] = round(os.getloadavg()[0], 2)
            print(json.dumps(line, ensure_ascii=False), flush=True)


def _lines(name: str, folder: Path) -> Iterator[dict[str, Any]]:
    if name in FIGURES:
        with site(folder) as copy:
            yield from FIGURES[name](copy, FULL)
        return
    kinds = ["sqlite", *(["postgres"] if parts.postgres_folder() else [])]
    for kind in kinds:
        yield from RUSHES[name](folder, kind)


if __name__ == "__main__":
    main()
