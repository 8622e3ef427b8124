"""PDFs from HTML: accessible, with fonts embedded, made of the project's own pieces only."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse, path2url

from interact_events.config import ROOT

STATIC = ROOT / "static"
VARIANT = "pdf/ua-1"  # tagged, titled, with a language: what EN 301 549 asks of documents

TYPES = {".svg": "image/svg+xml", ".css": "text/css", ".png": "image/png"}


class RefusedAsset(Exception):
    """The HTML names something that is not the project's own; a bug or an attack."""


class OwnAssets(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Gives what lies under static/, and the `parts` of this one document; nothing else.

    WeasyPrint goes on without what it could not fetch, so refusals are kept here to stop it.
    """

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols={"file"}, allow_redirects=False)
        self.parts = parts
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        name = _name_under_static(url)
        body = self._body(name) if name else None
        if body is None:
            self.refused.append(url)
            raise RefusedAsset(url)
        return URLFetcherResponse(url, body, {"Content-Type": TYPES[Path(name or "").suffix]})

    def insist(self) -> None:
        """Refuse the document if a piece of it was refused."""
        if self.refused:
            raise RefusedAsset(", ".join(self.refused))

    def _body(self, name: str) -> bytes | None:
        if name in self.parts:
            return self.parts[name]
        file = STATIC / name
        return file.read_bytes() if file.suffix in TYPES and file.is_file() else None


def _name_under_static(url: str) -> str | None:
    """The path within static/, however the address winds; None for any other place."""
    parsed = urlsplit(url)
    if parsed.scheme != "file" or parsed.netloc:
        return None
    path = Path(url2pathname(parsed.path)).resolve()
    return path.relative_to(STATIC).as_posix() if path.is_relative_to(STATIC) else None


@cache
def _style_sheet(name: str) -> CSS:
    """Parsed once for all documents."""
    return CSS(filename=STATIC / name, url_fetcher=OwnAssets({}))


def lay_out(html: str, style_sheet: str, parts: Mapping[str, bytes] | None = None) -> Document:
    """The pages of `html`, whose relative addresses mean `parts`, then files under static/.

    Raises RefusedAsset where it names anything else.
    """
    assets = OwnAssets(parts or {})
    page = HTML(string=html, base_url=path2url(STATIC) + "/", url_fetcher=assets)
    document = page.render(
        font_config=FontConfiguration(),
        stylesheets=[_style_sheet(style_sheet)],
        pdf_variant=VARIANT,
        pdf_tags=True,
    )
    assets.insist()
    return document


def write(document: Document) -> bytes:
    """The laid-out pages as a file."""
    pdf = document.write_pdf(pdf_variant=VARIANT)
    document.url_fetcher.insist()  # attachments are fetched only now
    assert isinstance(pdf, bytes)
    return pdf
