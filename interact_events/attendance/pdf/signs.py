"""Table signs: A4 across, folded in the middle, so that the name stands on both sides."""

from collections.abc import Iterator, Sequence

from interact_events.attendance.pdf.fit import fitting
from interact_events.attendance.pdf.sheets import Attendee, Occasion, Part, Told, chunks, printed

TEMPLATE, STYLE_SHEET = "attendance/pdf/signs.html", "css/pdf/signs.css"
PEOPLE_AT_ONCE = 50
NAME_WIDTH, NAME_HEIGHT, LARGEST = 245.0, 58.0, 92  # millimetres and points


def signs_pdf(occasion: Occasion, people: Sequence[Attendee], told: Told | None = None) -> bytes:
    """One document, a page for each person."""
    return printed(_parts(occasion, people), STYLE_SHEET, told)


def _parts(occasion: Occasion, people: Sequence[Attendee]) -> Iterator[Part]:
    for some in chunks(people, PEOPLE_AT_ONCE):
        signs = [(each, fitting(each.name, NAME_WIDTH, NAME_HEIGHT, LARGEST)) for each in some]
        yield Part(TEMPLATE, {"occasion": occasion, "signs": signs}, len(some), {})
