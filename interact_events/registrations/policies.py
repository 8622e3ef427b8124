"""Who may register as what and cancel when, and the reasons in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from interact_events.accounts.models import Profile
from interact_events.core import words
from interact_events.events.models import Event
from interact_events.events.rules import Phase, registration_phase
from interact_events.interreg.models import StakeholderRole
from interact_events.registrations.models import Registration, State
from interact_events.registrations.queries import applicant_of, rules_of
from interact_events.registrations.rules import (
    Decision,
    RoleNotInvited,
    SeatsTaken,
    StrandNotInvited,
    decide,
)


@dataclass(frozen=True)
class Answer:
    """What somebody would get as one of their profiles, in words."""

    profile: Profile
    is_yes: bool
    sentence: str


def decision_for(profile: Profile, event: Event) -> Decision:
    """What the event's rules give this profile now."""
    return decide(rules_of(event), SeatsTaken(event.seats_taken), applicant_of(profile))


def answer_for(profile: Profile, event: Event) -> Answer:
    """ "You can register as controller, Central Baltic." or why not."""
    decision = decision_for(profile, event)
    programme = f", {profile.programme.name}" if profile.programme else ""
    as_ = f"{within_sentence(profile.role.label_in(event.period_id))}{programme}"
    if decision.is_refused:
        return Answer(profile, False, f"As {as_} you can’t: {why_not(event, decision)}")
    verb = "apply" if decision.state is State.PENDING else "register"
    return Answer(profile, True, f"You can {verb} as {as_}.")


def why_not(event: Event, decision: Decision) -> str:
    """Every obstacle of a refused one, and whom to ask."""
    obstacles = [
        sentence
        for reason in decision.reasons
        if (sentence := _obstacle(event, reason)) is not None
    ]
    return f"this event is for {' and '.join(obstacles)}. Ask {event.office.name}."


def _obstacle(event: Event, reason: object) -> str | None:
    if isinstance(reason, RoleNotInvited):
        return target_roles(event)
    if isinstance(reason, StrandNotInvited):
        return f"programmes of {target_strands(event)}"
    return None


def audience(event: Event) -> str:
    """ "controllers and programmes of Transnational (2021–2027)"; empty when it is for all."""
    strands = f"programmes of {target_strands(event)}" if event.strands else ""
    return " and ".join(part for part in (target_roles(event), strands) if part)


def target_roles(event: Event) -> str:
    """ "controllers and audit authorities"."""
    return words.listed([_plural(role, event) for role in event.roles])


def target_strands(event: Event) -> str:
    return words.listed([strand.label for strand in event.strands], "or")


def _plural(role: StakeholderRole, event: Event) -> str:
    return within_sentence(role.plural_in(event.period_id))


def within_sentence(text: str) -> str:
    """The first letter small, unless it begins an abbreviation ("EU-wide")."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def registration_notice(event: Event, now: datetime) -> str:
    """Why nobody can register now, in a sentence; empty when they can."""
    phase = registration_phase(event, now)
    if phase is Phase.CANCELLED:
        return f"This event is cancelled. {event.cancellation_reason}".strip()
    if phase is Phase.NOT_OPEN and event.registration_opens_at:
        return f"Registration opens on {words.moment(event.registration_opens_at, event.zone)}."
    if phase is Phase.CLOSED:
        return f"Registration closed on {words.moment(event.closes_at, event.zone)}."
    if phase is Phase.PAST:
        return "This event is over."
    return "This event is not published yet." if phase is Phase.DRAFT else ""


def already(registration: Registration) -> str:
    """Why a second registration makes no sense, in words."""
    if registration.state is State.DECLINED:
        return (
            "The office has declined your application for this event. "
            f"Ask {registration.event.office.name} if you have questions."
        )
    return "You are already registered for this event. You find it under My events."


def can_cancel(registration: Registration, now: datetime) -> bool:
    """Until the event starts, what still stands can be given up."""
    is_standing = registration.state not in (State.CANCELLED, State.DECLINED)
    return is_standing and registration.event.is_published and now < registration.event.starts_at


def answers_for(profiles: Iterable[Profile], event: Event) -> list[Answer]:
    """The answer for each profile, those that may register first."""
    answers = [answer_for(profile, event) for profile in profiles]
    return sorted(answers, key=lambda answer: not answer.is_yes)
