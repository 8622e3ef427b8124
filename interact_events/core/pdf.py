"""PDFs from HTML: accessible, with fonts embedded, made of the project's own pieces only."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from threading import local
from urllib.parse import urlsplit
from urllib.request import url2pathname

from weasyprint import CSS, HTML
from weasyprint.document import Document, DocumentMetadata, Page
from weasyprint.text.ffi import ffi, fontconfig
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse, path2url

from interact_events.config import ROOT
from interact_events.core.errors import DomainError

STATIC = ROOT / "static"
VARIANT = "pdf/ua-1"  # tagged, titled, with a language: what EN 301 549 asks of documents

FAMILIES = ("Open Sans", "DejaVu Sans")  # together they have every script of Europe

_of_thread = local()

TYPES = {
    ".svg": "image/svg+xml",
    ".css": "text/css",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}


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


class MissingFonts(DomainError):
    """Without the fonts names would be printed as boxes, or in whatever else there is."""

    def __init__(self, families: Sequence[str]) -> None:
        super().__init__(
            f"The server has not got the {'font' if len(families) == 1 else 'fonts'} "
            f"{' and '.join(families)}, so nothing is printed: letters would become boxes. "
            "Whoever runs the server has to install them (packages fonts-open-sans and "
            "fonts-dejavu-core)."
        )


@cache
def insist_on_fonts() -> None:
    """Raises MissingFonts with a sentence for staff. Fonts once found are not asked for again."""
    missing = [family for family in FAMILIES if matching_family(family) != family]
    if missing:
        raise MissingFonts(missing)


def matching_family(family: str) -> str:
    """The installed family that is taken for `family`: itself, if it is there."""
    config, text = fontconfig.FcInitLoadConfigAndFonts(), ffi.new("FcChar8 **")
    pattern, result = fontconfig.FcPatternCreate(), ffi.new("FcResult *")
    fontconfig.FcPatternAddString(pattern, b"family", family.encode())
    fontconfig.FcConfigSubstitute(config, pattern, fontconfig.FcMatchPattern)
    fontconfig.FcDefaultSubstitute(pattern)
    found = fontconfig.FcFontMatch(config, pattern, result)
    is_there = found != ffi.NULL and not fontconfig.FcPatternGetString(found, b"family", 0, text)
    name = ffi.string(ffi.cast("char *", text[0])).decode() if is_there else ""
    for each in (pattern, found):
        if each != ffi.NULL:
            fontconfig.FcPatternDestroy(each)
    fontconfig.FcConfigDestroy(config)
    return str(name)


def _fonts() -> FontConfiguration:
    """Fonts as they were found and opened; Pango wants a thread to have its own."""
    if not hasattr(_of_thread, "fonts"):
        _of_thread.fonts = FontConfiguration()
    return _of_thread.fonts


@cache
def _style_sheet(name: str) -> CSS:
    """Parsed once for all documents."""
    return CSS(filename=STATIC / name, url_fetcher=OwnAssets({}))


def lay_out(html: str, style_sheet: str, parts: Mapping[str, bytes] | None = None) -> Document:
    """The pages of `html`, whose relative addresses mean `parts`, then files under static/.

    Raises RefusedAsset where it names anything else, MissingFonts with a sentence.
    """
    insist_on_fonts()
    assets = OwnAssets(parts or {})
    page = HTML(string=html, base_url=path2url(STATIC) + "/", url_fetcher=assets)
    document = page.render(
        font_config=_fonts(),
        stylesheets=[_style_sheet(style_sheet)],
        pdf_variant=VARIANT,
        pdf_tags=True,
    )
    assets.insist()
    return document


@contextmanager
def in_one_go() -> Iterator[None]:
    """For large documents: Python's collector would walk through all their boxes again and again,
    though nothing of them is free before the end."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def joined(documents: Sequence[Document]) -> Document:
    """All their pages in one, which says of itself what the first one says."""
    first = documents[0]
    return first.copy([page for document in documents for page in document.pages])


@dataclass(frozen=True)
class About:
    """What a file says of itself."""

    title: str
    author: str
    description: str
    language: str
    created_on: date


def parted(document: Document) -> list[list[Page]]:
    """The pages of each element with an id, where each page belongs to one of them. The ids are
    taken away, for nothing in the file needs them."""
    parts: dict[str, list[Page]] = {}
    for page in document.pages:
        (name,) = page.anchors
        parts.setdefault(name, []).append(page)
        page.anchors.clear()
    return list(parts.values())


def excerpt(document: Document, pages: list[Page], about: About) -> Document:
    """Some of its pages as a document of their own."""
    copy = document.copy(pages)
    copy.metadata = DocumentMetadata(
        title=about.title,
        authors=[about.author],
        description=about.description,
        generator="Interact Events",
        created=about.created_on.isoformat(),
        lang=about.language,
    )
    return copy


def write(document: Document) -> bytes:
    """The laid-out pages as a file."""
    pdf = document.write_pdf(pdf_variant=VARIANT)
    document.url_fetcher.insist()  # attachments are fetched only now
    assert isinstance(pdf, bytes)
    return pdf
