"""QR codes as drawings, sharp at any size."""

from io import BytesIO

import segno
from markupsafe import Markup
from PIL import Image

INK = "#00205f"
BLACK_ON_WHITE = bytes((255, 0)) + bytes(254)


def svg(address: str, *, quiet_zone: int = 0) -> bytes:
    """A file. It is one path, so that it costs nothing to draw; without a quiet zone of its own
    it has to stand on white."""
    drawing = BytesIO()
    _code(address).save(drawing, kind="svg", border=quiet_zone, dark=INK, xmldecl=False)
    return drawing.getvalue()


def png(address: str) -> bytes:
    """A dot for each module, for papers that are made by the hundred, where drawing paths would
    take the most time. It has to be shown with `image-rendering: crisp-edges`, on white."""
    rows = _code(address).matrix
    dots = b"".join(rows).translate(BLACK_ON_WHITE)
    drawing = BytesIO()
    Image.frombytes("L", (len(rows), len(rows)), dots).save(drawing, "PNG")
    return drawing.getvalue()


def inline(address: str, title: str) -> Markup:
    """A part of a page, with what it is for those who can't see it."""
    drawing = _code(address).svg_inline(
        border=2, dark=INK, light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    label = Markup('<svg role="img" aria-label="{}" ').format(title)
    return label + Markup(drawing.removeprefix("<svg "))  # noqa: S704  # numbers alone


def _code(address: str) -> segno.QRCode:
    """The best of eight masks is not sought: readers know all, and random text needs no best."""
    return segno.make(address, error="m", micro=False, mask=4)
