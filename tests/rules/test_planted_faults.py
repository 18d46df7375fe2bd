"""The tables of planted faults follow the code: each text that a plant replaces stands there once."""

from tests.faults.groups import GROUPS
from tests.faults.planting import why_stale


def test_every_plant_still_has_its_place() -> None:
    stale = {
        fault.name: why
        for group in GROUPS.values()
        for fault in group
        if (why := why_stale(fault)) is not None
    }
    assert not stale
