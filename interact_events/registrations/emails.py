"""The words of mails about registrations."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr
from typing import Any, cast

from flask import current_app

from interact_events.accounts.models import User
from interact_events.accounts.queries import sign_token
from interact_events.accounts.rules import RESET_WITHIN
from interact_events.core import itip, words
from interact_events.core.clock import is_same_wall_clock, to_local
from interact_events.core.ics import Entry, Method
from interact_events.core.links import url
from interact_events.core.mail import KINDS, Kind, Mail, Variable, compose, kind
from interact_events.core.outbox import Recipient
from interact_events.events.ics import Place
from interact_events.events.models import Event, Mode, Session
from interact_events.registrations.ics import invitation
from interact_events.registrations.models import Registration, State
from interact_events.registrations.policies import mode_in_words, mode_name
from interact_events.registrations.queries import Purpose, sign_number

# -- what can be said ----------------------------------------------------------------------------

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
PENDING = _kind("pending", "An application has come")
OFFERED = _kind("offered", "A seat is offered")
DECLINED = _kind("declined", "No seat in the selection")
CANCELLED = _kind(
    "cancelled",
    "Somebody has cancelled",
    Variable("had_offer", "whether they refused an offered seat", False),
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
USUAL = {State.PENDING: PENDING, State.OFFERED: OFFERED, State.DECLINED: DECLINED}


# -- saying it -----------------------------------------------------------------------------------


def recipient(registration: Registration) -> Recipient:
    return Recipient(registration.name, registration.user.email, registration.user_id)


def reply_address(event: Event) -> str:
    """Who answers questions about the event."""
    return event.contact_email or event.office.email


def after_transition(
    registration: Registration,
    *,
    before: State,
    actor_id: int | None,
    place: int = 0,
    notice: str = "",
    sessions: Collection[Session] = (),
    lost: Iterable[Session] = (),
    vacancy: str = "",
) -> Mail:
    """What a person hears when their registration moves from `before` to where it stands.

    `lost` are sessions that were full, `place` is the one in line, `vacancy` what becomes of a
    free seat, `notice` the name of the kind where the usual one does not fit.
    """
    state = registration.state
    said = facts(registration, sessions, lost)
    if notice:
        return compose(KINDS[notice], **said)
    if state is State.CONFIRMED:
        given = PROMOTED if before is State.WAITLISTED else CONFIRMED
        return compose(given, **said)
    if state is State.WAITLISTED:
        return compose(WAITLISTED, place=place, vacancy=vacancy, **said)
    if state in USUAL:
        return compose(USUAL[state], **said)
    if actor_id == registration.user_id:
        return compose(CANCELLED, had_offer=before is State.OFFERED, **said)
    return compose(CANCELLED_BY_OFFICE if actor_id is not None else RELEASED, **said)


def mode_changed(registration: Registration, sessions: Collection[Session], at: datetime) -> Mail:
    """To who comes online instead of on site, or the other way round."""
    has_seat = registration.state_shown(at) is State.CONFIRMED
    return compose(
        MODE_CHANGED,
        said=mode_in_words(registration, at),
        **facts_known(registration, sessions, at) | {"has_seat": has_seat},
    )


def sessions_changed(registration: Registration, sessions: Iterable[Session], at: datetime) -> Mail:
    """To who chose other sessions."""
    return compose(
        SESSIONS_CHANGED,
        **facts_known(registration, sessions, at)
        | {"has_seat": registration.state_shown(at) is State.CONFIRMED},
    )


def please_reconfirm(registration: Registration) -> Mail:
    return compose(PLEASE_RECONFIRM, **facts(registration))


def reconfirm_soon(registration: Registration) -> Mail:
    return compose(RECONFIRM_SOON, **facts(registration))


def seat_invitation(event: Event, code: str) -> Mail:
    """To an address, which may have no account yet."""
    return compose(
        SEAT_INVITATION,
        link=url("registrations.register", slug=event.slug, invitation=code),
        **event_facts(event, None),
    )


def please_confirm(registration: Registration) -> Mail:
    """The button behind this link makes a newcomer's address theirs and their place firm."""
    token = sign_token("confirm", registration.user, key=_key())
    said = facts(registration) | {"link": url("registrations.confirm", token=token)}
    held = HELD.get(registration.upon_confirmation or State.CONFIRMED, "Your place")
    return compose(PLEASE_CONFIRM, held=held, **said)


HELD = {
    State.CONFIRMED: "Your seat",
    State.WAITLISTED: "There is no seat for you now. Your place on the waiting list",
    State.PENDING: "Your application",
}


def invited(registration: Registration) -> Mail:
    """To somebody whom staff added by hand and who has no password yet."""
    token = sign_token("reset", registration.user, key=_key())
    said = facts(registration) | {"link": url("accounts.reset", token=token)}
    valid = words.count(int(RESET_WITHIN.total_seconds()) // 3600, "hour")
    return compose(INVITED, valid=valid, forgot_link=url("accounts.forgot"), **said)


def already_registered(user: User, event: Event) -> Mail:
    """To the owner of an address that somebody used in the form for newcomers."""
    return compose(
        ALREADY_REGISTERED,
        forgot_link=url("accounts.forgot"),
        name=user.name,
        sign_in_link=url("accounts.sign_in", next=f"/events/{event.slug}/register"),
        **event_facts(event, user),
    )


def event_changed(
    registration: Registration,
    changes: Sequence[tuple[str, str, str]],
    clashes: Sequence[Session] = (),
) -> Mail:
    """`changes`: (what, before, after); `clashes`: sessions that they chose beside a moved one."""
    return compose(
        EVENT_CHANGED,
        has_calendar=False,  # until it is carrying one
        changes=[list(change) for change in changes],
        clashes=words.listed([f"“{session.title}”" for session in clashes], "and"),
        **facts(registration),
    )


def session_seats(registration: Registration, session: Session, *, is_seated: bool) -> Mail:
    """Where somebody stands in a session that has seats of its own from now on."""
    return compose(
        SESSION_SEATS,
        session=session.title,
        session_seats=words.count(session.capacity or 0, "seat"),
        session_when=session_when(session),
        is_seated=is_seated,
        **facts(registration),
    )


def event_cancelled(registration: Registration) -> Mail:
    return compose(EVENT_CANCELLED, **facts(registration))


# -- calendars -----------------------------------------------------------------------------------


SOMEBODYS_JOINING = "https://join.invalid/"
SOMEBODYS_PAGE = "https://page.invalid/"


def anybodys_place(registration: Registration, chosen: frozenset[int]) -> Place:
    """What the entries of everybody say who takes part in this way, until `personally`."""
    return Place(
        sessions=chosen,
        joining_url=SOMEBODYS_JOINING if joins_online(registration) else "",
        is_online=registration.is_online,
        page_url=SOMEBODYS_PAGE,
        organizer_email=own_sender(),
    )


def personally(entry: Entry, place: Place) -> Entry:
    """An entry of anybody's as this person has it."""
    description = entry.description.replace(SOMEBODYS_PAGE, place.page_url)
    return replace(
        entry,
        description=description.replace(SOMEBODYS_JOINING, place.joining_url),
        joining_url=place.joining_url,
    )


def own_place(registration: Registration, chosen: Collection[int]) -> Place:
    """What the entries of somebody with a seat say; `chosen` are sessions with few seats."""
    joins = joins_online(registration)
    return Place(
        sessions=frozenset(chosen),
        joining_url=join_address(registration) if joins else "",
        is_online=registration.is_online,
        page_url=url("registrations.show", registration_id=registration.id),
        organizer_email=own_sender(),
    )


def own_sender() -> str:
    """The address that our mails come from: where a mail program sends its answers, and without
    which it takes no invitation from us."""
    return parseaddr(current_app.extensions["settings"].mail_from)[1]


def page_of(event: Event) -> str:
    return url("event_page.show", slug=event.slug)


def calendar_entry(
    registration: Registration, message: itip.Message, beside: Mail | None = None
) -> Mail:
    """To somebody whose calendar has to change and whom no other mail tells of it. It says what
    the one `beside` it does of the registration, which need not be found out again."""
    known = {each.name: beside.values[each.name] for each in REGISTRATION} if beside else None
    entry, before = message.facts, message.before
    is_removed = message.method is Method.CANCEL
    return compose(
        CALENDAR_ENTRY,
        entry=entry.title,
        entry_day=words.day(entry.starts_at, entry.zone),
        entry_when=_span(entry),
        entry_where=entry.where,
        entry_sessions=_items(entry),
        is_removed=is_removed,
        is_day_kept=message.is_day_kept,
        entry_changes=itip.differences(before, entry) if before and not is_removed else [],
        **(known or facts(registration)),
    )


def _span(entry: itip.Facts) -> str:
    start, end, zone = entry.starts_at, entry.ends_at, entry.zone
    if words.is_one_day(start, end, zone):
        return f"{words.weekday(start, zone)}, {words.time_span(start, end, zone)}"
    return f"{words.moment(start, zone)} to {words.moment(end, zone)}"


def _items(entry: itip.Facts) -> list[str]:
    return [
        f"{words.time_span(item.starts_at, item.ends_at, entry.zone)} {item.title}"
        for item in entry.items
    ]


def about_calendar(mail: Mail, *, is_attached: bool) -> Mail:
    """The mail with whether it carries an entry, where its words say so."""
    if "has_calendar" not in mail.values:
        return mail
    return replace(mail, values={**mail.values, "has_calendar": is_attached})


def carrying(
    mail: Mail,
    registration: Registration,
    message: itip.Message,
    entries: Mapping[str, Entry],
    at: datetime,
) -> Mail:
    """The mail with what its reader's mail program puts into their calendar, or takes out."""
    calendar = invitation(message, entries, registration, sender=own_sender(), at=at)
    return replace(mail, calendar=calendar)


# -- facts ---------------------------------------------------------------------------------------


def when(event: Event, zone: str | None = None) -> str:
    """ "Wednesday 12 May 2027, 09:00–16:30 EEST", or first and last moment of several days."""
    zone = zone or event.zone
    start, end = event.starts_at, event.ends_at
    if to_local(start, zone).date() == to_local(end, zone).date():
        return f"{words.weekday(start, zone)}, {words.time_span(start, end, zone)}"
    return f"{words.moment(start, zone)} to {words.moment(end, zone)}"


def facts(
    registration: Registration,
    sessions: Iterable[Session] = (),
    lost: Iterable[Session] = (),
) -> dict[str, Any]:
    """What every mail about a registration can say; `sessions` are those that they chose.

    At a hybrid event each person reads of the one place where they take part.
    """
    event = registration.event
    is_hybrid = event.mode is Mode.HYBRID
    place = "Online" if is_hybrid and registration.is_online else event.place
    answer_by, decided_at = registration.answer_by, registration.decided_at
    return {
        **event_facts(event, registration.user),
        "name": registration.name,
        "as_": capacity(registration),
        "programme": registration.programme.name if registration.programme else "",
        "link": url("registrations.show", registration_id=registration.id),
        "state": registration.state.label.lower(),
        "sessions": [_session(session) for session in sessions],
        "lost_sessions": [_session(session) for session in lost],
        "joining_link": join_address(registration) if joins_online(registration) else "",
        "check_in_link": "" if registration.is_online else check_in_address(registration),
        "reason": registration.reason,
        "answer_by": words.moment(answer_by, event.zone) if answer_by else "",
        "has_seat": registration.holds_seat,
        "is_waiting": registration.is_waiting,
        "is_on_site": event.mode.has_place,
        "is_before_start": decided_at is None or decided_at < event.starts_at,
        "mode": f" {mode_name(registration)}" if is_hybrid else "",
        "where": "Online" if registration.is_online else event.full_place,
        "subject_facts": _subject_facts(event, place),
    }


def facts_known(
    registration: Registration, sessions: Iterable[Session], now: datetime
) -> dict[str, Any]:
    """What the person may know: nothing of a selection before its own mails, and the link to join
    only with a seat."""
    known, shown = facts(registration, sessions), registration.state_shown(now)
    if shown is not State.CONFIRMED:
        known |= {"joining_link": "", "check_in_link": ""}
    if registration.is_untold(now):
        known |= {
            "state": shown.label.lower(),
            "has_seat": False,
            "is_waiting": False,
            "is_before_start": True,
            "reason": "",
            "answer_by": "",
        }
    return known


def check_in_address(registration: Registration) -> str:
    """What the person's QR code holds; it tells a stranger nothing."""
    return _own_address("personal_codes.show", Purpose.CHECK_IN, registration)


def join_address(registration: Registration) -> str:
    """Their own way to the meeting, which notes that they joined."""
    return _own_address("joining.by_link", Purpose.JOIN, registration)


JOINING = re.compile(r"https?://\S+/join/[\w.-]+")


def without_joining(text: str) -> str:
    """For others' eyes: whoever uses such an address is noted as its owner."""
    return JOINING.sub("[personal link]", text)


def _own_address(endpoint: str, purpose: Purpose, registration: Registration) -> str:
    return url(endpoint, token=sign_number(purpose, registration.id, key=_key()))


def joins_online(registration: Registration) -> bool:
    """Whether there is a link for them to follow; who comes to the place needs none."""
    return registration.is_online and bool(registration.event.joining_url)


def _session(session: Session) -> str:
    """ "Sampling (Wednesday 12 May 2027, 09:00–10:30 EEST)"."""
    return f"{session.title} ({session_when(session)})"


def session_when(session: Session) -> str:
    """ "Wednesday 12 May 2027, 09:00–10:30 EEST"."""
    zone = session.event.zone
    time = words.time_span(session.starts_at, session.ends_at, zone)
    return f"{words.weekday(session.starts_at, zone)}, {time}"


def capacity(registration: Registration) -> str:
    """ "controller, Central Baltic"."""
    role = words.within_sentence(registration.role_label)
    return f"{role}, {registration.programme.name}" if registration.programme else role


def event_facts(event: Event, user: User | None) -> dict[str, Any]:
    """What a mail says of an event; who has no account has no zone of their own."""
    zone = user.zone if user else event.zone
    is_elsewhere = not is_same_wall_clock(event.zone, zone, event.starts_at)
    return {
        "event": event.title,
        "summary": event.summary,
        "cancellation_reason": event.cancellation_reason,
        "office": event.office.name,
        "contact": event.contact_name or event.office.name,
        "catalogue": url("events.catalogue"),
        "when": when(event),
        "own_time": when(event, zone) if is_elsewhere and event.mode.has_link else "",
        "where": where(event),
        "page": url("event_page.show", slug=event.slug),
        "subject_facts": _subject_facts(event, event.place),
    }


def where(event: Event) -> str:
    """The place, and that one can be elsewhere."""
    return event.full_place + (", and online" if event.mode is Mode.HYBRID else "")


def _subject_facts(event: Event, place: str) -> str:
    days = words.day_span(event.starts_at, event.ends_at, event.zone)
    return f"{event.title}, {days}, {place}"


def _key() -> str:
    return cast("str", current_app.secret_key)
