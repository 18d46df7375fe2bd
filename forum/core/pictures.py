"""Pictures made anew from their pixels: nothing else that a file held stays, no place, camera, comment or second file."""

from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from PIL import Image, ImageOps, ImageSequence

from .kinds import PICTURES

LONGEST = 3_600  # pixels of the longer side that are kept
MOST_PIXELS = 25_000_000  # of all frames together; what is decoded at once
MOST_PIXELS_JPEG = 89_000_000  # decoded at half, a quarter or an eighth of their size
_IN_MEMORY = 512 * 1024
_PROFILE = 4_096  # bytes of a color profile that is kept: wide-gamut ones of phones have 600


class BrokenPictureError(Exception):
    """What says that it is a picture cannot be read as one."""


class PictureTooLargeError(Exception):
    """A picture has more pixels than are decoded here."""


@dataclass(frozen=True)
class Picture:
    """A picture made anew, to be read from its beginning; width and height in pixels."""

    stream: BinaryIO
    width: int
    height: int


def made_anew(stream: BinaryIO, media_type: str) -> Picture:
    """The picture of a stream of one of `PICTURES`, turned upright and at most LONGEST wide or high.

    Raises BrokenPictureError, or PictureTooLargeError before anything large is decoded.
    """
    stream.seek(0)
    try:
        with Image.open(stream, formats=[PICTURES[media_type]]) as image:
            return _written(image, PICTURES[media_type])
    except (PictureTooLargeError, BrokenPictureError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLargeError from None
    except Exception as error:  # a decoder fails in many ways on bytes that were made to break it
        raise BrokenPictureError from error


def _written(image: Any, kind: str) -> Picture:
    frames = int(getattr(image, "n_frames", 1)) if kind != "JPEG" else 1
    pixels = image.width * image.height * frames
    if pixels > (MOST_PIXELS_JPEG if kind == "JPEG" else MOST_PIXELS) or image.width < 1 or image.height < 1:
        raise PictureTooLargeError
    if kind == "JPEG":
        if image.info.get("progressive") and pixels > MOST_PIXELS:
            raise PictureTooLargeError  # its coefficients are all held at once, whatever the size
        image.draft("RGB", (LONGEST, LONGEST))
        if image.width * image.height > MOST_PIXELS:
            raise PictureTooLargeError
    out = cast(BinaryIO, SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - given on to who stores it
    try:
        width, height = _animated(image, out, kind) if frames > 1 else _still(image, out, kind)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return Picture(out, width, height)


def _still(image: Any, out: BinaryIO, kind: str) -> tuple[int, int]:
    profile = image.info.get("icc_profile") or b""
    plain = _fitted(ImageOps.exif_transpose(image))
    clear = plain.info.get("transparency")
    if kind == "JPEG" and plain.mode not in ("RGB", "L"):
        plain, profile = plain.convert("RGB"), b""
    plain.info = {}  # what the writers of all kinds would take over
    more = {"icc_profile": profile} if 0 < len(profile) <= _PROFILE else {}
    if clear is not None:
        more["transparency"] = clear
    plain.save(out, kind, **_how(kind), **more)
    return (int(plain.width), int(plain.height))


def _how(kind: str) -> dict[str, Any]:
    return {"JPEG": {"quality": 88}, "WEBP": {"quality": 88}}.get(kind, {})


def _fitted(image: Any) -> Any:
    if max(image.size) <= LONGEST:
        image.load()
        return image
    if image.mode in ("P", "1"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    image.thumbnail((LONGEST, LONGEST))
    image.info.pop("transparency", None)
    return image


def _animated(image: Any, out: BinaryIO, kind: str) -> tuple[int, int]:
    """All frames of a moving picture, each made anew, with how long it stands."""
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        whole = frame.convert("RGBA")
        whole.info = {}
        frames.append(whole)
        durations.append(int(frame.info.get("duration", 100) or 100))
    loop = int(image.info.get("loop", 0) or 0)
    disposal = {"disposal": 2} if kind == "GIF" else {}
    frames[0].save(
        out, kind, save_all=True, append_images=frames[1:], duration=durations, loop=loop, **disposal
    )
    return (int(image.width), int(image.height))
