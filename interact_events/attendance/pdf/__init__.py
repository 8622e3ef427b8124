"""Papers for an event: lists to sign, badges, table signs."""

from interact_events.attendance.pdf.badges import BADGES, Badge, badges_pdf
from interact_events.attendance.pdf.lists import SignedList, lists_pdf
from interact_events.attendance.pdf.sheets import Attendee, Occasion
from interact_events.attendance.pdf.signs import signs_pdf

__all__ = [
    "BADGES",
    "Attendee",
    "Badge",
    "Occasion",
    "SignedList",
    "badges_pdf",
    "lists_pdf",
    "signs_pdf",
]
