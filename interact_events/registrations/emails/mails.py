"""The mails about registrations."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from interact_events.accounts.models import User
from interact_events.accounts.queries import sign_token
from interact_events.accounts.rules import RESET_WITHIN
from interact_events.core import words
from interact_events.core.links import url
from interact_events.core.mail import KINDS, Mail, compose
from interact_events.core.outbox import Recipient
from interact_events.events.models import Event, Session
from interact_events.registrations.emails.kinds import (
    ALREADY_REGISTERED,
    CANCELLED,
    CANCELLED_BY_OFFICE,
    CONFIRMED,
    EVENT_CANCELLED,
    EVENT_CHANGED,
    INVITED,
    LIST_CLOSED,
    MODE_CHANGED,
    PENDING,
    PLEASE_CONFIRM,
    PLEASE_RECONFIRM,
    PROMOTED,
    RECONFIRM_SOON,
    RELEASED,
    SEAT_INVITATION,
    SESSION_SEATS,
    SESSIONS_CHANGED,
    USUAL,
    WAITLISTED,
)
from interact_events.registrations.emails.values import (
    event_facts,
    facts,
    facts_known,
    secret_key,
    session_when,
)
from interact_events.registrations.models import Registration, State
from interact_events.registrations.policies import mode_in_words


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
    decision_by: str = "",
) -> Mail:
    """What a person hears when their registration moves from `before` to where it stands.

    `lost` are sessions that were full, `place` is the one in line, `vacancy` what becomes of a
    free seat, `decision_by` the day that applicants are promised, `notice` the name of the kind
    where the usual one does not fit.
    """
    state = registration.state
    said = facts(registration, sessions, lost)
    if state is State.PENDING:
        return compose(KINDS[notice] if notice else PENDING, decision_by=decision_by, **said)
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
        return compose(
            CANCELLED,
            had_offer=before is State.OFFERED,
            was_waiting=before is State.WAITLISTED,
            had_applied=before is State.PENDING,
            **said,
        )
    return compose(CANCELLED_BY_OFFICE if actor_id is not None else RELEASED, **said)


def mode_changed(
    registration: Registration,
    sessions: Collection[Session],
    at: datetime,
    *,
    is_answer: bool = False,
) -> Mail:
    """To who comes online instead of on site, or the other way round; see `mode_in_words`."""
    has_seat = registration.state_shown(at) is State.CONFIRMED
    return compose(
        MODE_CHANGED,
        said=mode_in_words(registration, at, is_answer=is_answer),
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


def list_closed(registration: Registration) -> Mail:
    return compose(LIST_CLOSED, **facts(registration))


def seat_invitation(event: Event, code: str) -> Mail:
    """To an address, which may have no account yet."""
    return compose(
        SEAT_INVITATION,
        link=url("registrations.register", slug=event.slug, invitation=code),
        **event_facts(event, None),
    )


def please_confirm(registration: Registration) -> Mail:
    """The button behind this link makes a newcomer's address theirs and their place firm."""
    token = sign_token("confirm", registration.user, key=secret_key())
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
    token = sign_token("reset", registration.user, key=secret_key())
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
