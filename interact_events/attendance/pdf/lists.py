"""Lists that people sign: what those who audit the funds ask for."""

from collections.abc import Sequence
from dataclasses import dataclass

from interact_events.attendance.pdf.sheets import Attendee, Occasion, Part, Told, printed

TEMPLATE, STYLE_SHEET = "attendance/pdf/list.html", "css/pdf/list.css"
WALK_INS = 5  # empty lines for those who come without having registered


@dataclass(frozen=True)
class SignedList:
    """The people of one session, or of one day."""

    heading: str
    when: str  # "Wednesday 12 May 2027, 09:00–16:30 EEST"; may be empty
    room: str
    people: Sequence[Attendee]


def lists_pdf(occasion: Occasion, lists: Sequence[SignedList], told: Told | None = None) -> bytes:
    """One document; the pages of each list are numbered by themselves, as each is signed and
    filed by itself."""
    parts = (
        Part(
            TEMPLATE,
            {
                "occasion": occasion,
                "list": each,
                "walk_ins": range(len(each.people) + 1, len(each.people) + 1 + WALK_INS),
            },
            len(each.people),
            {},
        )
        for each in lists
    )
    return printed(parts, STYLE_SHEET, told)
