"""What contradicts something in an event's rules; each refusal has its field."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from interact_events.core import words
from interact_events.core.clock import to_local, to_utc
from interact_events.core.errors import DomainError
from interact_events.events.actions import check_registration_times
from interact_events.events.models import Admission, Event, Mode
from interact_events.interreg.models import StakeholderRole, Strand
from interact_events.registrations.models import Reconfirmation, SeatRules
from interact_events.registrations.rules import Cap, Dimension, Hold, Step

if TYPE_CHECKING:
    from interact_events.registrations.actions.ruling import (
        CapValues,
        HoldValues,
        Refusals,
        SeatValues,
    )


def checked(
    event: Event, values: "SeatValues", before: SeatRules, now: datetime, refusals: "Refusals"
) -> tuple[tuple[Cap, ...], tuple[Hold, ...]]:
    """The limits and the held seats; whatever contradicts something is noted."""
    caps = _caps(event, values, before, now, refusals)
    holds = _holds(event, values, before, now, refusals)
    for check in (_check_seats, _check_share, _check_closing, _check_opening, _check_promise):
        with refusals.noted():
            check(event, values)
    with refusals.noted():
        _check_people(values)
    for field in ("reconfirm_on_site", "reconfirm_online"):
        with refusals.noted():
            _check_reconfirmation(getattr(values, field), field)
    return caps, holds


def instant(event: Event, local: datetime | None, field: str) -> datetime | None:
    return local and to_utc(local, event.zone, field=field)


def _check_seats(event: Event, values: "SeatValues") -> None:
    given = event.seats_taken
    if values.capacity < max(1, given):
        raise DomainError(
            f"{words.count(given, 'seat')} {'is' if given == 1 else 'are'} given already. Offer "
            "at least as many."
            if given
            else "Offer at least one seat.",
            "capacity",
        )


def _check_share(event: Event, values: "SeatValues") -> None:
    if event.mode is Mode.HYBRID and not 0 < values.online_capacity < values.capacity:
        raise DomainError(
            "A hybrid event has seats on site and online: say how many of all seats are online.",
            "online_capacity",
        )


def _check_people(values: "SeatValues") -> None:
    strands = _ids_of(values.strands)
    stray = [p.name for p in values.programmes if strands and p.strand_id not in strands]
    if stray:
        raise DomainError(
            f"{words.listed(stray)} {'is' if len(stray) == 1 else 'are'} not of the strands that "
            "you ticked, so nobody of it could come.",
            "programmes",
        )


def _ids_of(strands: Iterable[Strand]) -> set[int]:
    return {strand.id for strand in strands}


def _closes(event: Event, values: "SeatValues") -> datetime | None:
    return instant(event, values.registration_closes, "registration_closes")


def _check_closing(event: Event, values: "SeatValues") -> None:
    check_registration_times(None, _closes(event, values), event.starts_at)


def _check_opening(event: Event, values: "SeatValues") -> None:
    opens = instant(event, values.registration_opens, "registration_opens")
    closes = _closes(event, values)
    check_registration_times(opens, closes and min(closes, event.starts_at), event.starts_at)


def _check_promise(event: Event, values: "SeatValues") -> None:
    closes = _closes(event, values)
    if values.admission is Admission.SELECTION and values.decision_on:
        last = to_local(event.starts_at, event.zone).date()
        first = to_local(closes or event.starts_at, event.zone).date()
        if not first <= values.decision_on <= last:
            raise DomainError(
                "Promise a day after the last one to apply and before the event starts.",
                "decision_on",
            )


def _check_reconfirmation(asks: Reconfirmation | None, field: str) -> None:
    if asks and not asks.ask_days > asks.warn_days > asks.release_days >= 0:
        wrong = "warn_days" if asks.warn_days >= asks.ask_days else "release_days"
        raise DomainError(
            "Ask first, remind later, release last: each fewer days before the start.",
            f"{field}-{wrong}",
        )


def _caps(
    event: Event, values: "SeatValues", before: SeatRules, now: datetime, refusals: "Refusals"
) -> tuple[Cap, ...]:
    caps = []
    for at, cap in enumerate(values.caps):
        with refusals.noted():
            _check_group(values, at)
        with refusals.noted():
            made = Cap(cap.per, _steps(event, cap, at), cap.role.id if cap.role else None)
            if made not in before.caps:  # what is kept may have begun long ago
                _check_steps(event, made, at, now)
            caps.append(made)
    return tuple(caps)


def _check_group(values: "SeatValues", at: int) -> None:
    cap = values.caps[at]
    if any((cap.per, cap.role) == (above.per, above.role) for above in values.caps[:at]):
        raise DomainError("There is a limit for the same group above.", f"caps-{at}-per")
    if cap.role and cap.per is not Dimension.ROLE_IN_COUNTRY:
        raise DomainError("Only a limit for roles in a country names a role.", f"caps-{at}-role")
    _check_role(values, cap.role, f"caps-{at}-role")


def _check_steps(event: Event, cap: Cap, at: int, now: datetime) -> None:
    """A new phase lies ahead, and a limit rises: nobody loses a seat by the calendar."""
    for number, (step, later) in enumerate(pairwise(cap.steps), start=2):
        if later.since and later.since <= now:
            raise DomainError(
                f"{words.moment(later.since, event.zone)} is over. Choose a "
                "later time, or give this figure as the limit itself.",
                f"caps-{at}-since_{number}",
            )
        if step.most is None or (later.most is not None and later.most <= step.most):
            most = "there is no limit" if step.most is None else f"it is {step.most:,}"
            raise DomainError(
                f"A limit can only rise, because nobody loses a seat: before this {most}.",
                f"caps-{at}-most_{number}",
            )


def _steps(event: Event, cap: "CapValues", at: int) -> tuple[Step, ...]:
    first, *later = cap.steps
    steps = [Step(None, first.most)]
    for number, step in enumerate(later, start=2):
        field = f"caps-{at}-since_{number}"
        since = instant(event, step.since, field)
        if since is None:
            raise DomainError("Say from when on the new figure counts.", field)
        if since >= event.starts_at or (steps[-1].since and since <= steps[-1].since):
            raise DomainError("Put the phases in order of time, before the start.", field)
        steps.append(Step(since, step.most))
    if all(step.most == 0 for step in steps):
        raise DomainError("With this limit nobody could come.", f"caps-{at}-most")
    if len(steps) == 1 and first.most is None:
        raise DomainError("Say how many, or remove this limit.", f"caps-{at}-most")
    return tuple(steps)


def _check_role(values: "SeatValues", role: StakeholderRole | None, field: str) -> None:
    if role and values.roles and role not in values.roles:
        raise DomainError(
            f"The event is not open to {words.within_sentence(role.plural_in())}.", field
        )


def _holds(
    event: Event, values: "SeatValues", before: SeatRules, now: datetime, refusals: "Refusals"
) -> tuple[Hold, ...]:
    holds = []
    for at, hold in enumerate(values.holds):
        with refusals.noted():
            _check_held_roles(event, values, at)
        with refusals.noted():
            _check_kept(event, values, at)
        with refusals.noted():
            until = to_utc(hold.until, event.zone, field=f"holds-{at}-until")
            is_kept = any(until == each.until for each in before.holds)
            _check_until(event, values, until, f"holds-{at}-until", now=None if is_kept else now)
            holds.append(
                Hold(
                    frozenset(role.id for role in hold.roles),
                    hold.seats,
                    until,
                    _is_online(event, hold),
                )
            )
    return tuple(holds)


def _is_online(event: Event, hold: "HoldValues") -> bool:
    return hold.is_online if event.mode is Mode.HYBRID else event.mode is Mode.ONLINE


def _in_same_mode(event: Event, values: "SeatValues", at: int) -> "list[HoldValues]":
    """The rows above one, and itself last."""
    is_online = _is_online(event, values.holds[at])
    return [each for each in values.holds[: at + 1] if _is_online(event, each) is is_online]


def _check_held_roles(event: Event, values: "SeatValues", at: int) -> None:
    *above, hold = _in_same_mode(event, values, at)
    for role in hold.roles:
        _check_role(values, role, f"holds-{at}-roles")
        if any(role in each.roles for each in above):
            raise DomainError(
                f"Seats for {words.within_sentence(role.plural_in())} are held above already.",
                f"holds-{at}-roles",
            )


def _check_until(
    event: Event, values: "SeatValues", until: datetime, field: str, *, now: datetime | None
) -> None:
    """`now` is None for what was said before: it may be over, and registration may have moved."""
    closes = _closes(event, values)
    moves = closes != event.registration_closes_at
    if until > event.starts_at:
        raise DomainError("Release the seats before the event starts.", field)
    if now and until <= now:
        raise DomainError("This time is over. Choose a later one, or hold no seats.", field)
    is_first_come = values.admission is Admission.FIRST_COME
    if is_first_come and closes and until > closes and (now or moves):
        raise DomainError(
            f"Registration closes on {words.moment(closes, event.zone)}, and nobody can take "
            "these seats after that. Release them by then.",
            field,
        )


def _check_kept(event: Event, values: "SeatValues", at: int) -> None:
    seats = values.capacity
    if event.mode is Mode.HYBRID:
        is_online = values.holds[at].is_online
        seats = values.online_capacity if is_online else seats - values.online_capacity
    if sum(each.seats for each in _in_same_mode(event, values, at)) > seats:
        only = words.count(max(0, seats), "seat")
        raise DomainError(f"There are only {only} to hold.", f"holds-{at}-seats")
