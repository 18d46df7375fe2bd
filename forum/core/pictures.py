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
    profile = image.info.get("icc_profile") or b""
    more: dict[str, Any] = {"icc_profile": profile if len(profile) <= _PROFILE else None}
    if frames > 1:
        size = _animated(image, out, kind)
    else:
        plain = _fitted(ImageOps.exif_transpose(image))
        if kind == "JPEG" and plain.mode not in ("RGB", "L"):
            plain, more = plain.convert("RGB"), {}
        bare = Image.frombytes(plain.mode, plain.size, plain.tobytes())
        if plain.mode == "P":
            bare.putpalette(plain.getpalette() or [])
        if (clear := plain.info.get("transparency")) is not None:
            more["transparency"] = clear
        size = bare.size
        bare.save(
            out, kind, **_how(kind), **{name: value for name, value in more.items() if value is not None}
        )
    out.seek(0)
    return Picture(out, *size)


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
        frames.append(Image.frombytes("RGBA", whole.size, whole.tobytes()))
        durations.append(int(frame.info.get("duration", 100) or 100))
    loop = int(image.info.get("loop", 0) or 0)
    disposal = {"disposal": 2} if kind == "GIF" else {}
    frames[0].save(
        out, kind, save_all=True, append_images=frames[1:], duration=durations, loop=loop, **disposal
    )
    return (int(image.width), int(image.height))
