"""What all papers have in common: the event, its people, and one document of many parts."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app
from weasyprint.document import Document

from interact_events.core import pdf

T = TypeVar("T")
Told = Callable[[int], None]  # how many people are laid out


@dataclass(frozen=True)
class Occasion:
    """What papers say of an event."""

    title: str
    dates: str  # "12–13 May 2027"
    place: str
    office: str
    hue: str
    publicity: tuple[str, str]


@dataclass(frozen=True)
class Attendee:
    """What papers say of a person; `link` goes into the QR code, if there is any."""

    name: str
    institution: str
    role: str
    programme: str
    country: str
    link: str = ""


@dataclass(frozen=True)
class Part:
    """Some pages, and how many people are on them."""

    template: str
    values: Mapping[str, Any]
    people: int
    pictures: Mapping[str, bytes]


def printed(parts: Iterable[Part], style_sheet: str, told: Told | None = None) -> bytes:
    """One file of all parts, each laid out by itself: so pages are numbered within it, and it can
    be told how far the work is. What has been laid out last is told by the file being there."""
    laid_out: list[Document] = []
    done = 0
    with pdf.in_one_go():
        for part in parts:
            if told and done:
                told(done)
            template = current_app.jinja_env.get_template(part.template)
            html = template.render(part.values)
            laid_out.append(pdf.lay_out(html, style_sheet, part.pictures))
            done += part.people
        return pdf.write(pdf.joined(laid_out))


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[at : at + size] for at in range(0, len(items), size))
