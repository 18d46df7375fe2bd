"""The grown world of the sweeps: the world with everything that a room can hold planted in it."""

import shutil

import pytest

from forum.core import caches
from forum.core.db import db
from tests.conftest import Site
from tests.sweeps import planted
from tests.sweeps.ground import Ids, ids_of


@pytest.fixture
def grown(site: Site) -> Site:
    """The site with canaries planted (tests/sweeps/planted.py).

    Planted once a process on SQLite and copied from then on, so that what a crawl found keeps its ids.
    """
    folder, kept = site.base.folder, site.base.folder / "grown"
    if site.base.kind != "sqlite" or not kept.exists():
        planted.plant(site)
    if site.base.kind == "sqlite":
        with site.app.app_context():
            db.session.remove()
            db.engine.dispose()  # the last connection takes its log into the file
        if not kept.exists():
            kept.mkdir()
            shutil.copyfile(folder / "forum.db", kept / "forum.db")
            shutil.copytree(folder / "uploads", kept / "uploads")
        else:
            shutil.copyfile(kept / "forum.db", folder / "forum.db")
            shutil.copytree(kept / "uploads", folder / "uploads", dirs_exist_ok=True)
            caches.clear_all()
    return site


@pytest.fixture
def ids(grown: Site) -> Ids:
    return ids_of(grown)
