"""The bytes of a file a second time, for another place that it is to belong to."""

import os
import secrets

from .errors import NotHere
from .files import File, Shelf, Stored, fsync_folder, path_of


def store_again(file: File, put: Shelf) -> Stored:
    """The bytes under a second name, linked where the disk can: neither row minds what becomes of the other.

    NotHere if they are not there, or not as the row says. They stand on the shelf like what is stored anew.
    """
    source = path_of(file.stored_as)
    if not source.is_file() or source.stat().st_size != file.size:
        raise NotHere
    stored_as = secrets.token_hex(16)
    path = path_of(stored_as)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, path)
    except OSError:
        with source.open("rb") as stream:
            return put(stream, file.name)
    stored = Stored(file.name, file.media_type, file.size, file.sha256, stored_as)
    put.stored.append(stored)
    fsync_folder(path.parent)
    return stored
