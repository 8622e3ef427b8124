"""What another reader says of a PDF that was signed here."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


def signed_part(pdf: bytes) -> bytes | None:
    """The file as its first signature covers it, if that is whole; nothing otherwise.

    What others added to a signed file comes after that part.
    """
    try:
        signature = PdfFileReader(BytesIO(pdf)).embedded_signatures[0]
        trusted = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
        status = _aside(validate_pdf_signature, signature, trusted)
        if not (status.intact and status.valid):
            return None
        start, length, second, rest = (int(number) for number in signature.byte_range)
    except Exception:  # noqa: BLE001  # the reader raises whatever makes it stumble
        return None
    return pdf[: second + rest] if start == 0 and length <= second else None


def _aside(work: Callable[..., Any], *arguments: object) -> Any:
    """The library starts an event loop, and here one may be running."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(work, *arguments).result()
