from io import BytesIO
from random import Random
from typing import Any

import pytest
from PIL import Image

from interact_events.core import pictures
from interact_events.core.errors import DomainError
from interact_events.core.pictures import MOST_BYTES, drawn_anew


def file(picture: Image.Image, kind: str = "PNG", **options: Any) -> BytesIO:
    target = BytesIO()
    picture.save(target, kind, **options)
    return target


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def test_what_is_transparent_becomes_white_and_large_becomes_small() -> None:
    drawn = drawn_anew(file(Image.new("RGBA", (2000, 500), (0, 0, 0, 0))), (900, 360))
    picture = opened(drawn.content)
    assert (drawn.kind, picture.size, picture.mode) == ("png", (900, 225), "RGB")
    assert picture.getpixel((5, 5)) == (255, 255, 255)


def test_what_a_phone_wrote_into_it_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"  # turned by a quarter
    drawn = drawn_anew(file(Image.new("RGB", (40, 20), "red"), "JPEG", exif=exif), (900, 360))
    assert opened(drawn.content).size == (20, 40)
    assert b"Maker" not in drawn.content


def test_a_photograph_is_kept_as_jpeg_and_stays_small() -> None:
    noise = Image.frombytes("RGB", (900, 360), Random(1).randbytes(900 * 360 * 3))
    drawn = drawn_anew(file(noise.resize((450, 180)).resize((900, 360))), (900, 360))
    assert drawn.kind == "jpg"
    assert len(drawn.content) <= MOST_BYTES


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\nrest", b"GIF89a"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(DomainError, match="can’t be opened"):
        drawn_anew(BytesIO(content), (900, 360))


def test_what_would_unfold_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 100)
    with pytest.raises(DomainError, match="too large"):
        drawn_anew(file(Image.new("RGB", (11, 10))), (900, 360))
