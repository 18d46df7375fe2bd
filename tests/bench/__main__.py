"""`python -m tests.bench`: the figures, one JSON object a line; FIGURES=a,b picks some."""

import json
import os
import sys
from pathlib import Path

from .figures import FIGURES, FULL
from .load import ROOT
from .seeds import site


def main() -> None:
    chosen = [name for name in os.environ.get("FIGURES", "").split(",") if name] or list(FIGURES)
    unknown = set(chosen) - set(FIGURES)
    if unknown:
        sys.exit(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    folder = Path(os.environ.get("INSTANCE") or ROOT / "instance") / "bench"
    for name in chosen:
        with site(folder) as copy:
            for line in FIGURES[name](copy, FULL):
                line["load"] = round(os.getloadavg()[0], 2)
                print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
