"""Pictures that people upload, drawn anew: small, without what programs had written into them."""

from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageOps

from interact_events.core.errors import DomainError

MOST_PIXELS = 25_000_000  # that somebody may send; a file of a few bytes may unfold to far more
MOST_BYTES = 100 * 1024  # that are kept: every document carries them
TAKEN = ("png", "jpg", "jpeg")
BROKEN = "This picture can’t be opened. Save it anew as PNG or JPEG."
TOO_LARGE = "This picture is too large. Send one of at most 5,000 times 5,000 pixels."


@dataclass(frozen=True)
class Drawn:
    """A picture on white, as it is kept; `kind` is its ending."""

    content: bytes
    kind: str  # "png" or "jpg"


def drawn_anew(content: BinaryIO, most: tuple[int, int]) -> Drawn:
    """The picture within so many pixels across and down; refuses what is none."""
    content.seek(0)
    try:
        picture = _opened(content)
        picture.thumbnail(most, Image.Resampling.LANCZOS)
        return _kept(_on_white(picture))
    except DomainError:
        raise
    except Exception:  # noqa: BLE001  # whatever a broken picture makes the library say
        raise DomainError(BROKEN) from None


def _opened(content: BinaryIO) -> Image.Image:
    """Only its size is read before it is known to fit into the memory."""
    picture = Image.open(content, formats=("PNG", "JPEG"))
    if picture.width * picture.height > MOST_PIXELS:
        raise DomainError(TOO_LARGE)
    return ImageOps.exif_transpose(picture).convert("RGBA")  # as a phone was held


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _kept(picture: Image.Image) -> Drawn:
    """As PNG, which keeps edges sharp; what is a photograph, as JPEG."""
    png = _written(picture, "PNG", optimize=True)
    if len(png) <= MOST_BYTES:
        return Drawn(png, "png")
    as_jpeg = (_written(picture, "JPEG", quality=quality) for quality in (88, 75, 60, 40))
    jpeg = next((each for each in as_jpeg if len(each) <= MOST_BYTES), None)
    if jpeg is None:
        raise DomainError(TOO_LARGE)
    return Drawn(jpeg, "jpg")


def _written(picture: Image.Image, kind: str, **options: object) -> bytes:
    target = BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()
