"""What contradicts something in an event's rules; each refusal has its field."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise, product

from interact_events.core import words
from interact_events.core.clock import to_local, to_utc
from interact_events.core.errors import DomainError
from interact_events.events.actions import check_registration_times, refuse_fewer_seats
from interact_events.events.models import Admission, Event, Mode
from interact_events.interreg.models import StakeholderRole, Strand
from interact_events.registrations import queries
from interact_events.registrations.actions.ruling_values import (
    CapValues,
    HoldValues,
    Refusals,
    SeatValues,
)
from interact_events.registrations.models import Reconfirmation, SeatRules
from interact_events.registrations.rules import (
    Cap,
    Dimension,
    Hold,
    Step,
    encloses,
    is_idle,
    unreachable,
)


def checked(
    event: Event, values: SeatValues, before: SeatRules, now: datetime, refusals: Refusals
) -> tuple[tuple[Cap, ...], tuple[Hold, ...]]:
    """The limits and the held seats; whatever contradicts something is noted."""
    first = None
    with refusals.noted():
        _check_opening(event, values)
        first = _first_arrival(event, values)
    caps = _caps(event, values, before, now, refusals)
    holds = _holds(event, values, before, now, refusals, first=first)
    _check_reach(caps, refusals)
    _check_takers(values, holds, caps, now, refusals)
    for check in (_check_seats, _check_share, _check_closing):
        with refusals.noted():
            check(event, values)
    for check_kept in (_check_deadline, _check_promise):
        with refusals.noted():
            check_kept(event, values, before, now)
    with refusals.noted():
        _check_people(values)
    for is_online in (False, True):
        with refusals.noted():
            _check_reconfirmation(event, values, before, now, is_online=is_online, first=first)
    return tuple(caps.values()), tuple(holds.values())


def instant(event: Event, local: datetime | None, field: str) -> datetime | None:
    return local and to_utc(local, event.zone, field=field)


def _check_seats(event: Event, values: SeatValues) -> None:
    refuse_fewer_seats(event, values.capacity)
    if values.capacity < 1:
        raise DomainError("Offer at least one seat.", "capacity")


def _check_share(event: Event, values: SeatValues) -> None:
    if event.mode is Mode.HYBRID and not 0 < values.online_capacity < values.capacity:
        raise DomainError(
            "A hybrid event has seats on site and online: say how many of all seats are online.",
            "online_capacity",
        )
    if event.mode is Mode.HYBRID:
        refuse_fewer_in_mode(event, values.capacity, values.online_capacity, "online_capacity")


def refuse_fewer_in_mode(event: Event, capacity: int, online: int, field: str) -> None:
    """Seats that are given in one mode of a hybrid event can't be offered in the other."""
    _, taken = queries.rules_and_taken(event, queries.seat_rules_of(event))
    for is_online, seats in ((True, online), (False, capacity - online)):
        given = min(taken.in_mode(is_online), event.seats(online=is_online))
        if seats < given:
            where, are = "online" if is_online else "on site", "is" if given == 1 else "are"
            raise DomainError(
                f"{words.count(given, 'seat')} {where} {are} given already. Leave as many there.",
                field,
            )


def _check_people(values: SeatValues) -> None:
    strands = _ids_of(values.strands)
    stray = [p.name for p in values.programmes if strands and p.strand_id not in strands]
    if stray:
        are, them = ("is", "it") if len(stray) == 1 else ("are", "them")
        raise DomainError(
            f"{words.listed_in_short(stray, 5)} {are} not of the strands that you ticked, so "
            f"nobody of {them} could come.",
            "programmes",
        )


def _ids_of(strands: Iterable[Strand]) -> set[int]:
    return {strand.id for strand in strands}


def _opens(event: Event, values: SeatValues) -> datetime | None:
    return instant(event, values.registration_opens, "registration_opens")


def _first_arrival(event: Event, values: SeatValues) -> datetime | None:
    """Before when nobody can come; None where people may come at once, or have come already."""
    opens = _opens(event, values)
    if opens is None or event.seats_taken or event.waiting:
        return None
    return min(opens, queries.first_head_start(event) or opens)


def _closes(event: Event, values: SeatValues) -> datetime | None:
    return instant(event, values.registration_closes, "registration_closes")


def _check_closing(event: Event, values: SeatValues) -> None:
    check_registration_times(None, _closes(event, values), event.starts_at)


def _check_opening(event: Event, values: SeatValues) -> None:
    opens, closes = _opens(event, values), _closes(event, values)
    check_registration_times(opens, closes and min(closes, event.starts_at), event.starts_at)


def _check_deadline(event: Event, values: SeatValues, before: SeatRules, _now: datetime) -> None:
    """A selection that was published without one keeps what people have read."""
    if values.admission is not Admission.SELECTION or values.registration_closes:
        return
    had_none = event.admission is Admission.SELECTION and event.registration_closes_at is None
    if not (event.is_published and had_none and values.decision_on == before.decision_on):
        raise DomainError("Say until when people may apply.", "registration_closes")


def _check_promise(event: Event, values: SeatValues, before: SeatRules, now: datetime) -> None:
    """After the last day to apply, until the event; a promise that was given may be over."""
    closes, promised = _closes(event, values), values.decision_on
    if values.admission is not Admission.SELECTION or not (closes and promised):
        return
    is_kept = promised == before.decision_on
    if is_kept and closes == event.registration_closes_at:
        return
    if not is_kept and promised < to_local(now, event.zone).date():
        raise DomainError("This day is over. Promise a later one.", "decision_on")
    last_to_apply = to_local(closes - timedelta.resolution, event.zone).date()
    if not last_to_apply < promised <= to_local(event.starts_at, event.zone).date():
        raise DomainError(
            f"People apply until {words.moment(closes, event.zone)}. Promise a later day, at the "
            "latest the one on which the event starts.",
            "decision_on",
        )


def _check_reconfirmation(
    event: Event,
    values: SeatValues,
    before: SeatRules,
    now: datetime,
    *,
    is_online: bool,
    first: datetime | None,
) -> None:
    field = "reconfirm_online" if is_online else "reconfirm_on_site"
    asks: Reconfirmation | None = getattr(values, field)
    if asks is None:
        return
    if not asks.ask_days > asks.warn_days > asks.release_days >= 0:
        wrong = "warn_days" if asks.warn_days >= asks.ask_days else "release_days"
        raise DomainError(
            "Ask first, remind later, release last: each fewer days before the start.",
            f"{field}-{wrong}",
        )
    is_kept = asks == before.reconfirmation_for(online=is_online)
    if not is_kept and event.starts_at - timedelta(days=asks.release_days) <= now:
        raise DomainError(
            "That day is over, so nobody could be released. Release fewer days before the start.",
            f"{field}-release_days",
        )
    if first and not (is_kept and _opens(event, values) == event.registration_opens_at):
        _check_asked(event, asks, field, first)


def _check_asked(event: Event, asks: Reconfirmation, field: str, first: datetime) -> None:
    """Who comes after the question is never asked."""
    opens = f"Registration opens on {words.moment(first, event.zone)}"
    if event.starts_at - timedelta(days=asks.release_days) <= first:
        raise DomainError(
            f"{opens}, so there are no seats to release before. Release them fewer days before "
            "the start, or open registration earlier.",
            f"{field}-release_days",
        )
    if event.starts_at - timedelta(days=asks.ask_days) <= first:
        raise DomainError(
            f"{opens}, so nobody has a seat when you ask, and who comes later is not asked. Ask "
            "fewer days before the start, or open registration earlier.",
            f"{field}-ask_days",
        )


def _caps(
    event: Event, values: SeatValues, before: SeatRules, now: datetime, refusals: Refusals
) -> dict[int, Cap]:
    """Those that can be told, by their number."""
    caps = {}
    for at, cap in enumerate(values.caps):
        with refusals.noted():
            _check_group(values, at)
        with refusals.noted():
            made = Cap(cap.per, _steps(event, cap, at), cap.role.id if cap.role else None)
            if made not in before.caps:  # what is kept may have begun long ago
                _check_steps(event, made, at, now)
            caps[at] = made
    return caps


def _check_group(values: SeatValues, at: int) -> None:
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


def _steps(event: Event, cap: CapValues, at: int) -> tuple[Step, ...]:
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


def _check_reach(caps: Mapping[int, Cap], refusals: Refusals) -> None:
    """A figure that another limit, which counts the same people and more, keeps from ever counting
    is a mistake."""
    for (at, cap), wider in product(caps.items(), caps.values()):
        found = unreachable(cap, wider) if encloses(wider, cap) else None
        if found:
            number, most = found
            group = "country" if wider.per is Dimension.COUNTRY else "role in a country"
            with refusals.noted():
                raise DomainError(
                    f"Another limit gives each {group} at most {most:,}, so this figure is never "
                    "reached. Lower it, or raise the other limit.",
                    f"caps-{at}-most" if number == 1 else f"caps-{at}-most_{number}",
                )


def _check_role(values: SeatValues, role: StakeholderRole | None, field: str) -> None:
    if role and values.roles and role not in values.roles:
        raise DomainError(
            f"The event is not open to {words.within_sentence(role.plural_in())}.", field
        )


def _holds(
    event: Event,
    values: SeatValues,
    before: SeatRules,
    now: datetime,
    refusals: Refusals,
    *,
    first: datetime | None,
) -> dict[int, Hold]:
    """Those that can be told, by their number."""
    holds = {}
    for at, hold in enumerate(values.holds):
        field = f"holds-{at}-until"
        with refusals.noted():
            _check_held_roles(event, values, at)
        with refusals.noted():
            _check_kept(event, values, at)
        with refusals.noted():
            until = to_utc(hold.until, event.zone, field=field)
            is_kept = any(until == each.until for each in before.holds)
            _check_until(event, values, until, field, now=None if is_kept else now)
            if not (is_kept and _opens(event, values) == event.registration_opens_at):
                _check_release(event, until, field, first)
            roles = frozenset(role.id for role in hold.roles)
            holds[at] = Hold(roles, hold.seats, until, _is_online(event, hold))
    return holds


def _check_takers(
    values: SeatValues,
    holds: Mapping[int, Hold],
    caps: Mapping[int, Cap],
    now: datetime,
    refusals: Refusals,
) -> None:
    """Held seats that a limit lets nobody of them take; who has no programme has no limit for it,
    but may not come where strands or programmes are named."""
    has_programme = bool(values.strands or values.programmes)
    limits = [cap for cap in caps.values() if has_programme or cap.per is not Dimension.PROGRAMME]
    for at, hold in holds.items():
        if hold.until > now and is_idle(hold, limits):
            with refusals.noted():
                raise DomainError(
                    "A limit lets none of these people have a seat until then, so nobody could "
                    "take what is held. Hold the seats longer, or raise the limit earlier.",
                    f"holds-{at}-until",
                )


def _is_online(event: Event, hold: HoldValues) -> bool:
    return hold.is_online if event.mode is Mode.HYBRID else event.mode is Mode.ONLINE


def _in_same_mode(event: Event, values: SeatValues, at: int) -> list[HoldValues]:
    """The rows above one, and itself last."""
    is_online = _is_online(event, values.holds[at])
    return [each for each in values.holds[: at + 1] if _is_online(event, each) is is_online]


def _check_held_roles(event: Event, values: SeatValues, at: int) -> None:
    *above, hold = _in_same_mode(event, values, at)
    for role in hold.roles:
        _check_role(values, role, f"holds-{at}-roles")
        if any(role in each.roles for each in above):
            raise DomainError(
                f"Seats for {words.within_sentence(role.plural_in())} are held above already.",
                f"holds-{at}-roles",
            )


def _check_until(
    event: Event, values: SeatValues, until: datetime, field: str, *, now: datetime | None
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


def _check_release(event: Event, until: datetime, field: str, first: datetime | None) -> None:
    if first and until <= first:
        raise DomainError(
            f"Registration opens on {words.moment(first, event.zone)}, and nobody can take these "
            "seats before. Release them later, or hold no seats.",
            field,
        )


def _check_kept(event: Event, values: SeatValues, at: int) -> None:
    seats = values.capacity
    if event.mode is Mode.HYBRID:
        is_online = values.holds[at].is_online
        seats = values.online_capacity if is_online else seats - values.online_capacity
    *above, hold = _in_same_mode(event, values, at)
    held = sum(each.seats for each in above)
    if held + hold.seats > seats:
        are = f"There {'is' if seats == 1 else 'are'} only {words.count(max(0, seats), 'seat')}"
        also = f", and {held:,} {'is' if held == 1 else 'are'} held above" if held else ""
        raise DomainError(f"{are} to hold{also}.", f"holds-{at}-seats")
