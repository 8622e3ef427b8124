"""Name badges, on sheets of labels or one a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from interact_events.attendance.pdf.fit import clipped, fitting, height_of, shortened
from interact_events.attendance.pdf.sheets import Attendee, Occasion, Part, Told, chunks, printed
from interact_events.core import qr

TEMPLATE, STYLE_SHEET = "attendance/pdf/badges.html", "css/pdf/badges.css"
PEOPLE_AT_ONCE = 50


@dataclass(frozen=True)
class Badge:
    """A kind of badge: what it is called, how many are on a page, and the room for texts."""

    label: str
    on_page: int
    width: float  # of name and institution, millimetres
    height: float  # of both, down to the QR code
    name_height: float
    name_largest: int  # points
    institution_largest: int


# The other measures are in the style sheet, by the same names.
BADGES: dict[str, Badge] = {
    "sheet-90x54": Badge("90 × 54 mm, 10 on A4", 10, 76, 22, 17, 26, 9),
    "sheet-80x50": Badge("80 × 50 mm, 10 on A4", 10, 66, 17.5, 13.5, 23, 9),
    "sheet-99x68": Badge("99 × 68 mm, 8 on A4", 8, 85, 27, 21, 30, 12),
    "card-90x54": Badge("90 × 54 mm, one a page", 1, 76, 22, 17, 26, 9),
    "a6": Badge("A6 upright, one a page", 1, 91, 58, 36, 40, 16),
}


@dataclass(frozen=True)
class Card:
    """One person's badge; `code` is the QR code's picture, if there is one."""

    person: Attendee
    name_size: int
    institution: str
    institution_size: int
    code: str


def badges_pdf(
    occasion: Occasion, people: Sequence[Attendee], size: str, told: Told | None = None
) -> bytes:
    """One document of badges, in the order of the people."""
    return printed(_parts(occasion, people, size), STYLE_SHEET, told)


def _parts(occasion: Occasion, people: Sequence[Attendee], size: str) -> Iterator[Part]:
    badge = BADGES[size]
    event = _title(occasion.title, size, badge)
    for some in chunks(people, PEOPLE_AT_ONCE // badge.on_page * badge.on_page):
        cards = [_card(number, person, badge) for number, person in enumerate(some)]
        codes = {card.code: qr.png(card.person.link) for card in cards if card.code}
        pages = list(chunks(cards, badge.on_page))
        values = {"event": event, "occasion": occasion, "size": size, "pages": pages}
        yield Part(TEMPLATE, values, len(some), codes)


def _title(title: str, size: str, badge: Badge) -> str:
    """Two lines on the coloured field of the largest, one small line on all others."""
    return shortened(title, 12, badge.width, 11) if size == "a6" else clipped(title, badge.width, 7)


def _card(number: int, person: Attendee, badge: Badge) -> Card:
    """The institution gets what the name leaves."""
    name = fitting(person.name, badge.width, badge.name_height, badge.name_largest)
    left = badge.height - height_of(person.name, name, badge.width)
    size = fitting(person.institution, badge.width, left, badge.institution_largest)
    institution = shortened(person.institution, size, badge.width, left)
    return Card(person, name, institution, size, f"code-{number}.png" if person.link else "")
