"""`make faults`: plants each fault of the tables in a copy of the tree and expects that its tests fail.

A line a fault; exit code 1 if one is not caught or a plant is stale. FAULTS=name,name picks, by whole names or groups.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from .groups import GROUPS
from .planting import Copy, Fault, Finding, Outcome, why_stale

AT_ONCE = 2


def chosen(names: str) -> list[Fault]:
    """The faults picked, all without a pick; SystemExit for a name that is none."""
    every = {fault.name: fault for group in GROUPS.values() for fault in group}
    if len(every) != sum(len(group) for group in GROUPS.values()):
        raise SystemExit("two faults have one name")
    picked: dict[str, Fault] = {}
    for name in filter(None, (part.strip() for part in names.split(","))):
        found = GROUPS.get(name) or [every[name]] if name in every or name in GROUPS else None
        if found is None:
            raise SystemExit(f"no fault or group is called {name}; groups: {', '.join(GROUPS)}")
        picked |= {fault.name: fault for fault in found}
    return list((picked or every).values())


def sound(copy: Copy, faults: Sequence[Fault]) -> bool:
    """Whether all tests pass that are to fail: a test that fails anyway proves nothing."""
    tests = sorted({test for fault in faults for test in fault.tests if why_stale(fault) is None})
    code, output = copy.pytest(tests, "-n", str(AT_ONCE), "--dist", "worksteal", patience=1800)
    if code != 0:
        print("\n".join(re.findall(r"^(?:FAILED|ERROR) .*", output, re.MULTILINE) or [output[-2000:]]))
        print("The tests fail without any fault; nothing was planted.")
    return code == 0


def main() -> int:
    faults = chosen(os.environ.get("FAULTS", ""))
    with tempfile.TemporaryDirectory(prefix="forum-faults-") as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(min(AT_ONCE, len(faults))):
            (Path(folder) / str(number)).mkdir()
            copies.put(Copy(Path(folder) / str(number)))
        first = copies.get()
        if not sound(first, faults):
            return 1
        copies.put(first)

        def look(fault: Fault) -> Finding:
            copy = copies.get()
            try:
                return copy.look_for(fault)
            finally:
                copies.put(copy)

        width = max(len(fault.name) for fault in faults)
        bad = 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for fault, finding in zip(faults, pool.map(look, faults), strict=True):
                bad += finding.outcome is not Outcome.CAUGHT
                print(f"{fault.name:{width}}  {finding}", flush=True)
    print(f"{len(faults) - bad} of {len(faults)} faults caught")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
