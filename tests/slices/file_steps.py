"""Steps that the slices of attachments share: pictures and documents made for a test, sent with a post."""

import io
import re
import zipfile
from html import unescape
from typing import Any

from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from forum.core.db import db
from forum.core.files import File
from forum.posts.attachments import Attached, attached_in
from forum.posts.models import Draft, Post
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.writing_steps import WORDS

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
GPS = 0x8825


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (60, 40), *, exif: bool = False, **more: Any
) -> bytes:
    """A picture of one color; with `exif`, one that tells the place where it was taken and a camera."""
    image, out = Image.new("RGB", size, (20, 90, 160)), io.BytesIO()
    if exif:
        told = Image.Exif()
        told[0x010F] = "SECRET-CAMERA"
        told[0x0112] = 6  # lies on its side
        told.get_ifd(GPS).update({1: "N", 2: (40.0, 24.0, 59.0), 3: "W", 4: (3.0, 42.0, 9.0)})
        more["exif"] = told
    image.save(out, kind, **more)
    return out.getvalue()


def office(inside: str = "word/document.xml", **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(inside, "<w/>")
        for name, content in more.items():
            archive.writestr(name, content)
    return out.getvalue()


def body_of(client: CheckingClient, parts: list[tuple[bytes, str]], **fields: Any) -> tuple[bytes, str]:
    """A form with files as a browser without scripts sends it, and its content type."""
    told: list[tuple[str, Any]] = [("csrf_token", client.token()), *fields.items()]
    told += [("attach", FileStorage(io.BytesIO(content), name)) for content, name in parts]
    boundary, body = encode_multipart(MultiDict(told))
    return body, f'multipart/form-data; boundary="{boundary}"'


def send(
    client: CheckingClient,
    path: str,
    parts: list[tuple[bytes, str]],
    *,
    key: str = "key-of-a-file",
    **more: Any,
) -> Any:
    """The form of a composer at `path`, with files."""
    body, content_type = body_of(client, parts, **{"text": WORDS, "key": key, **more})
    return client.post(path, data=body, content_type=content_type)


def reply_with(client: CheckingClient, site: Site, parts: list[tuple[bytes, str]], **more: Any) -> Any:
    """An answer to the discussion about floods."""
    return send(client, f"{site.world.course}/threads/{site.world.threads['floods']}/replies", parts, **more)


def last_post(site: Site, short: str = "ana") -> Post:
    with site.app.app_context():
        db.session.rollback()
        post = db.session.scalars(
            select(Post).where(Post.author_id == site.world.people[short]).order_by(Post.id.desc())
        ).first()
        assert post is not None
        return post


def files_of(site: Site, short: str = "ana") -> tuple[Attached, ...]:
    return attached_in(last_post(site, short).files)


def draft_files(site: Site, short: str = "ana") -> list[Attached]:
    with site.app.app_context():
        db.session.rollback()
        kept = db.session.scalars(select(Draft).where(Draft.account_id == site.world.people[short])).all()
        return [each for draft in kept for each in attached_in(draft.files)]


def address(site: Site, short: str = "ana", number: int = 0) -> str:
    """Where a file of somebody's last post is."""
    post = last_post(site, short)
    return f"{site.world.course}/posts/{post.public_id}/files/{attached_in(post.files)[number].id}"


def marks(page: str) -> str:
    """What a form carries of its files."""
    found = re.search(r'name="files" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def rows(site: Site) -> list[File]:
    with site.app.app_context():
        db.session.rollback()
        return list(
            db.session.scalars(select(File).where(File.place_kind.in_(("draft", "post"))).order_by(File.id))
        )
