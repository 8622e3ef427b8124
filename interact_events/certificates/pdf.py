"""A certificate's facts as an A4 page, with a second one where the list of sessions is long."""

from collections.abc import Sequence
from io import BytesIO

import segno
from flask import current_app
from weasyprint.document import Document

from interact_events.certificates.rules import AttendedSession, Facts, printed
from interact_events.core import pdf, words

STYLE_SHEET = "css/pdf/certificate.css"
ON_FIRST_PAGE = 7  # sessions; more go to a page of their own
# How small the type is, of the first page and of the lists; see the style sheet.
SIZES = ((0, 0), (1, 0), (2, 0))
SIZES_WITH_LISTS = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2))


def certificate_pdf(facts: Facts, code: str, verify_url: str, verify_address: str) -> bytes:
    """The file that is stored for good; `verify_url` goes into the QR code, the rest is printed.

    Type becomes smaller until everything fits.
    """
    lists = _lists(facts.sessions)
    most, sizes = (2, SIZES_WITH_LISTS) if lists else (1, SIZES)
    template = current_app.jinja_env.get_template("certificates/pdf/certificate.html")
    values = {
        "facts": facts,
        "code": printed(code),
        "verify_address": verify_address,
        "lists": lists,
        "name_style": _style(facts.name, 32, 64),
        "title_style": _style(facts.event, 75, 150),
        "words": words,
    }
    parts = {"qr.svg": _qr(verify_url)}

    def in_size(sizes: tuple[int, int]) -> Document:
        html = template.render(values, page_size=sizes[0], list_size=sizes[1])
        return pdf.lay_out(html, STYLE_SHEET, parts)

    documents = (in_size(pair) for pair in sizes)
    fitting = next((d for d in documents if len(d.pages) <= most), None)
    return pdf.write(fitting or in_size(sizes[-1]))


def _lists(sessions: Sequence[AttendedSession]) -> list[Sequence[AttendedSession]]:
    """The two columns of the second page; none where the first page has room."""
    if len(sessions) <= ON_FIRST_PAGE:
        return []
    half = -(-len(sessions) // 2)
    return [sessions[:half], sessions[half:]]


def _style(text: str, long: int, longest: int) -> str:
    return "longest" if len(text) > longest else "long" if len(text) > long else ""


def _qr(address: str) -> bytes:
    """One path, so that it costs nothing to draw; the quiet zone is the page's white."""
    drawing = BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawing, kind="svg", border=0, dark="#00205f", xmldecl=False)
    return drawing.getvalue()
