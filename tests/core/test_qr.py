"""QR codes as drawings."""

from io import BytesIO
from xml.etree import ElementTree

import zxingcpp
from PIL import Image

from interact_events.core import qr


def test_a_file_is_a_drawing_of_its_own() -> None:
    root = ElementTree.fromstring(qr.svg("https://events.example.eu/x", quiet_zone=4))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(root)) == 1


def test_a_part_of_a_page_says_what_it_is() -> None:
    drawing = qr.inline("https://events.example.eu/x", 'The "code" <of> Zoi')
    root = ElementTree.fromstring(drawing)
    assert (root.get("role"), root.get("aria-label")) == ("img", 'The "code" <of> Zoi')
    assert (root.get("class"), "style" in drawing) == ("qr", False)


def test_a_picture_of_dots_can_be_read() -> None:
    address = "https://events.example.eu/certificates/verify/7Q4K92MXHD3T0A1BC2D3"
    dots = Image.open(BytesIO(qr.png(address)))
    page = Image.new("L", (dots.width + 8, dots.height + 8), 255)
    page.paste(dots, (4, 4))
    shown = page.resize((page.width * 4, page.height * 4), Image.Resampling.NEAREST)
    assert [found.text for found in zxingcpp.read_barcodes(shown)] == [address]
