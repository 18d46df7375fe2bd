"""The grown world of the sweeps: the world with everything that a room can hold planted in it."""

import pytest

from tests.conftest import Site
from tests.sweeps import planted
from tests.sweeps.ground import Ids, ids_of


@pytest.fixture
def grown(site: Site) -> Site:
    """The site with canaries planted (tests/sweeps/planted.py)."""
    planted.plant(site)
    return site


@pytest.fixture
def ids(grown: Site) -> Ids:
    return ids_of(grown)
