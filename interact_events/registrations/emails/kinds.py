"""What can be said in mails about registrations."""

from interact_events.core.mail import Kind, Variable, kind
from interact_events.registrations.models import State

EVENT = (
    Variable("event", "the event’s title", "First-level control in practice"),
    Variable("when", "day and time in the event’s zone", "Wednesday 12 May 2027, 09:00–16:30 EEST"),
    Variable(
        "own_time", "the same in the person’s zone, if it differs and they may join online", ""
    ),
    Variable("where", "the place, or “Online”", "Logomo, Turku, Finland"),
    Variable(
        "subject_facts", "title, day and place in short", "First-level control, 12 May, Turku"
    ),
    Variable("summary", "the event in a sentence", "What controllers check, and how."),
    Variable("cancellation_reason", "why the event is cancelled, if it is", "The speaker is ill."),
    Variable("office", "the office that runs the event", "Interact Office Turku"),
    Variable("contact", "whom answers to the mail reach", "Anna Virtanen"),
    Variable("page", "address of the event’s page", "https://events.example.eu/events/control"),
    Variable("catalogue", "address of all events", "https://events.example.eu/events"),
)
REGISTRATION = (
    *EVENT,
    Variable("name", "the person’s name", "Ζωή Παπαδοπούλου"),
    Variable("as_", "in which role", "controller, Central Baltic"),
    Variable("programme", "their programme, if they have one", "Central Baltic"),
    Variable(
        "link", "address of their registration", "https://events.example.eu/my/registrations/7"
    ),
    Variable("state", "where the registration stands", "confirmed"),
    Variable("mode", "“ on site” or “ online” at a hybrid event", ""),
    Variable("sessions", "the sessions they chose, a list", ["Sampling (Wednesday 12 May 2027)"]),
    Variable("lost_sessions", "those that were full when their seat came, a list", []),
    Variable("joining_link", "their own link to join online, for those who do", ""),
    Variable("check_in_link", "their code for the check-in desk, for those who come there", ""),
    Variable("reason", "what the office wrote about the decision", ""),
    Variable(
        "answer_by", "until when they may answer, if they are asked", "1 May 2027, 12:00 EEST"
    ),
    Variable("has_seat", "whether they have a seat, or one is held", True),
    Variable("is_waiting", "whether they wait for a seat", False),
    Variable("is_on_site", "whether the event has a place", True),
    Variable("is_before_start", "whether the decision came before the start", True),
)


def _kind(name: str, title: str, *extra: Variable, may_be_off: bool = False) -> Kind:
    return kind(f"registrations.{name}", title, *REGISTRATION, *extra, may_be_off=may_be_off)


CONFIRMED = _kind("confirmed", "A seat is given")
PROMOTED = _kind("promoted", "A seat is given to somebody who waited")
WAITLISTED = _kind(
    "waitlisted",
    "On the waiting list",
    Variable("place", "the number in line", 3),
    Variable("vacancy", "what becomes of a free seat", "A free seat goes to the first in line."),
)
DECISION_BY = Variable(
    "decision_by", "the day by which the office decides, if it promises one", "12 April 2027"
)
PENDING = _kind("pending", "An application has come", DECISION_BY)
NOW_SELECTED = _kind("now_selected", "Who waited takes part in a selection", DECISION_BY)
LIST_CLOSED = _kind("list_closed", "The event begins without those who wait")
OFFERED = _kind("offered", "A seat is offered")
DECLINED = _kind("declined", "No seat in the selection")
CANCELLED = _kind(
    "cancelled",
    "Somebody has cancelled",
    Variable("had_offer", "whether they refused an offered seat", False),
    Variable("was_waiting", "whether they were on the waiting list", False),
    Variable("had_applied", "whether they had applied", False),
    may_be_off=True,
)
CANCELLED_BY_OFFICE = _kind("cancelled_by_office", "The office has cancelled a registration")
RELEASED = _kind("released", "An address was not confirmed in time")
OFFER_OVER = _kind("offer_over", "An offered seat was not accepted in time")
NOT_RECONFIRMED = _kind("not_reconfirmed", "A seat was not reconfirmed in time")
NOMINATION_OVER = _kind("nomination_over", "A nomination was not accepted in time")
MODE_CHANGED = _kind(
    "mode_changed",
    "Somebody comes online instead, or on site",
    Variable("said", "what that means for them", "You take part online."),
    may_be_off=True,
)
SESSIONS_CHANGED = _kind("sessions_changed", "Somebody chose other sessions", may_be_off=True)
PLEASE_RECONFIRM = _kind("please_reconfirm", "Do you still come?")
RECONFIRM_SOON = _kind("reconfirm_soon", "A seat is released soon")
PLEASE_CONFIRM = _kind(
    "please_confirm",
    "A newcomer is asked to confirm their address",
    Variable("held", "what waits for that", "Your seat"),
)
INVITED = _kind(
    "invited",
    "The office has registered somebody without an account",
    Variable("valid", "how long the link works", "48 hours"),
    Variable("forgot_link", "where to ask for a new one", "https://events.example.eu/forgot"),
)
EVENT_CHANGED = _kind(
    "event_changed",
    "Time, place or mode of the event, or a session’s time, have changed",
    Variable("changes", "a list of (what, before, after)", [("Where", "Turku", "Helsinki")]),
    Variable("has_calendar", "whether the calendar entry is attached", True),
    Variable("clashes", "what else they have chosen at a session’s new time", "“Appeals”"),
)
EVENT_CANCELLED = _kind("event_cancelled", "The event is cancelled")
CALENDAR_ENTRY = _kind(
    "calendar_entry",
    "A day in the calendar is new, has changed or is over",
    Variable("entry", "what stands in the calendar", "First-level control (day 2 of 3)"),
    Variable("entry_day", "its day", "13 May 2027"),
    Variable("entry_when", "its day and time", "Thursday 13 May 2027, 09:00–16:30 EEST"),
    Variable("entry_where", "its place", "Logomo, Turku, Finland"),
    Variable("entry_sessions", "what takes place then, a list", ["09:00–10:30 EEST Sampling"]),
    Variable("is_removed", "whether it is taken out of the calendar", False),
    Variable(
        "is_day_kept", "whether only the entry is, as the days are counted anew without it", False
    ),
    Variable(
        "entry_changes",
        "what has changed, a list of sentences",
        ["Starts at 10:00 EEST instead of 09:00 EEST."],
    ),
)
SESSION_SEATS = _kind(
    "session_seats",
    "A session has seats of its own now",
    Variable("session", "the session’s title", "Sampling"),
    Variable("session_when", "its day and time", "Wednesday 12 May 2027, 09:00–10:30 EEST"),
    Variable("session_seats", "how many seats it has", "12 seats"),
    Variable("is_seated", "whether the person has one of them", True),
)
SEAT_INVITATION = kind(
    "registrations.seat_invitation",
    "An invitation to register",
    *EVENT,
    Variable("link", "address of the form", "https://events.example.eu/events/control/register"),
)
ALREADY_REGISTERED = kind(
    "registrations.already_registered",
    "Somebody with an account used the form for newcomers",
    *EVENT,
    Variable("name", "the person’s name", "Ζωή Παπαδοπούλου"),
    Variable("sign_in_link", "where to sign in and register", "https://events.example.eu/sign-in"),
    Variable("forgot_link", "where to choose a new password", "https://events.example.eu/forgot"),
)
USUAL = {State.OFFERED: OFFERED, State.DECLINED: DECLINED}
