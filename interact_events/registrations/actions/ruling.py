"""The rules of an event."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from interact_events.accounts.models import User
from interact_events.core import audit, words
from interact_events.core.clock import to_local, to_utc
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.actions import check_registration_times
from interact_events.events.models import Admission, Event, Mode
from interact_events.interreg.models import Country, Programme, StakeholderRole, Strand
from interact_events.registrations import policies, queries
from interact_events.registrations.actions.moving import (
    Move,
    lock_event,
    moving_up,
    open_book,
    promote_waiting,
    transition_all,
)
from interact_events.registrations.actions.readmitting import readmissions
from interact_events.registrations.actions.settling import Asked, asked_now, plan_next
from interact_events.registrations.models import (
    Promotion,
    Reconfirmation,
    Registration,
    SeatRules,
    State,
    limits_of,
)
from interact_events.registrations.rules import (
    SEATED,
    Cap,
    Dimension,
    EventRules,
    Excess,
    Hold,
    Step,
    barred,
    excesses,
)


@dataclass(frozen=True, kw_only=True)
class StepValues:
    """From when on (None: the beginning) how many; on the wall clock of the event's zone."""

    since: datetime | None = None
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class CapValues:
    per: Dimension
    role: StakeholderRole | None = None
    steps: tuple[StepValues, ...]


@dataclass(frozen=True, kw_only=True)
class HoldValues:
    roles: tuple[StakeholderRole, ...]
    seats: int
    until: datetime
    is_online: bool = False


@dataclass(frozen=True, kw_only=True)
class SeatValues:
    """An event's rules as a person describes them; times are those of the event's zone."""

    admission: Admission
    capacity: int
    online_capacity: int = 0
    registration_opens: datetime | None = None
    registration_closes: datetime | None = None
    decision_on: date | None = None
    roles: tuple[StakeholderRole, ...] = ()
    strands: tuple[Strand, ...] = ()
    programmes: tuple[Programme, ...] = ()
    countries: tuple[Country, ...] = ()
    by_invitation: bool = False
    promotion: Promotion = Promotion.AUTOMATIC
    offer_hours: int = 48
    caps: tuple[CapValues, ...] = ()
    holds: tuple[HoldValues, ...] = ()
    reconfirm_on_site: Reconfirmation | None = None
    reconfirm_online: Reconfirmation | None = None
    version: int | None = None


@dataclass(frozen=True)
class Over:
    """A limit that the seats given go beyond, and who has them, as they came."""

    excess: Excess
    names: list[str]


@dataclass(frozen=True)
class Effects:
    """What new rules did.

    `up` say who gets a seat; of those who had applied `lined` people wait now, and of those who
    waited `applying` take part in a selection. `over` are limits that the seats given go beyond,
    `barred` those who wait or apply and whom the event is not for any more. `asked`: who is asked
    at once whether they still come.
    """

    up: list[str]
    over: list[Over]
    asked: list[Asked]
    barred: list[str]
    lined: int = 0
    applying: int = 0


class RulesRefused(DomainError):
    """Nothing was changed; `refusals` are all there are, each with its field."""

    def __init__(self, refusals: Sequence[DomainError]) -> None:
        super().__init__(" ".join(each.message for each in refusals), refusals[0].field)
        self.refusals = refusals


class Refusals:
    """Collects what is wrong, so that it is said all at once."""

    def __init__(self) -> None:
        self.found: dict[tuple[str | None, str], DomainError] = {}

    @contextmanager
    def noted(self) -> Iterator[None]:
        try:
            yield
        except DomainError as refusal:
            for each in refusal.refusals if isinstance(refusal, RulesRefused) else [refusal]:
                self.found.setdefault((each.field, each.message), each)

    def raise_any(self) -> None:
        if len(self.found) == 1:
            raise next(iter(self.found.values()))
        if self.found:
            raise RulesRefused(list(self.found.values()))


def set_seat_rules(event: Event, values: SeatValues, *, actor: User, now: datetime) -> Effects:
    """Give the event these rules; nobody loses a seat by it, those who wait may get one."""
    moves = _give_rules(event, values, actor, now)
    if moves:
        transition_all(open_book(event), moves, actor=None, now=now)
    return _effects(event, moves, promote_waiting(event, now=now), now)


def preview_seat_rules(event: Event, values: SeatValues, *, actor: User, now: datetime) -> Effects:
    """The event with these rules, and what they would do; nobody moves and no mail is written.

    The caller rolls the transaction back.
    """
    moves = _give_rules(event, values, actor, now)
    return _effects(event, moves, [] if moves else moving_up(event, now=now), now)


def _effects(
    event: Event, moves: Sequence[Move], up: Iterable[Registration], now: datetime
) -> Effects:
    to = [move.to for move in moves]
    seated = [move.registration for move in moves if move.to in SEATED]
    rules, taken = queries.rules_and_taken(event, queries.seat_rules_of(event))
    return Effects(
        up=[row.name for row in (*seated, *up)],
        over=_over(event, excesses(rules, taken, now)),
        asked=asked_now(event, now=now),
        lined=to.count(State.WAITLISTED),
        applying=to.count(State.PENDING),
        barred=_barred(event, rules),
    )


def _over(event: Event, found: Sequence[Excess]) -> list[Over]:
    seated = queries.seated_at(event) if found else []
    groups = [[one for one in seated if each.counted in one.applicant.counted] for each in found]
    names = queries.names_of(one.number for group in groups for one in group)
    return [
        Over(each, [names[one.number] for one in group])
        for each, group in zip(found, groups, strict=True)
    ]


def _barred(event: Event, rules: EventRules) -> list[str]:
    hoping = [*queries.applied_at(event), *queries.queue_of(event)]
    found = [each.number for each in hoping if barred(rules, each.applicant)]
    return list(queries.names_of(found).values())


def _give_rules(event: Event, values: SeatValues, actor: User, now: datetime) -> list[Move]:
    """Says what becomes of those who apply or wait, where it is another admission."""
    lock_event(event)
    if event.is_cancelled or now >= event.ends_at:
        raise DomainError("The event is over or cancelled, so its rules stay as they are.")
    if values.version not in (None, event.version):
        raise DomainError(
            "Somebody else has changed this event since you opened the page. Your entries are "
            "kept below: open the page in a new tab to see what changed."
        )
    is_other_admission = values.admission is not event.admission
    if is_other_admission:
        _refuse_admission(event, now)
    settings = queries.seat_rules_of(event)
    caps, holds = _checked(event, values, settings, now)
    if settings not in db.session:
        db.session.add(settings)
    before, said = _data(event, settings), sentences_of(event, settings)
    _apply(
        event,
        settings,
        values,
        limits_of(_ids(values.programmes), _ids(values.countries), caps, holds),
    )
    if is_other_admission:
        settings.selected_at = None  # a selection begins anew
    db.session.flush()
    if _data(event, settings) != before:
        event.version += 1
        now_said = sentences_of(event, settings)
        fields = {"rules": [said, now_said] if said != now_said else []}
        audit.record("rules changed", event, actor=actor, now=now, fields=fields)
    plan_next(event, now=now)
    return readmissions(event, now=now) if is_other_admission else []


def sentences_of(event: Event, settings: SeatRules) -> str:
    rules = queries.rules_of(event, settings)
    return " ".join(policies.rules_for_staff(event, settings, rules))


def _data(event: Event, settings: SeatRules) -> tuple[object, ...]:
    """All that the rules are: two that read alike may differ."""
    return (
        queries.rules_of(event, settings),
        event.capacity,
        event.registration_opens_at,
        event.registration_closes_at,
        settings.decision_on,
        settings.promotion,
        settings.offer_hours,
        [settings.reconfirmation_for(online=is_online) for is_online in (False, True)],
    )


def _refuse_admission(event: Event, now: datetime) -> None:
    """The board of a selection stays, so that it can be undone until people are told."""
    if event.is_published and now >= event.starts_at:
        raise DomainError("The event has begun, so seats are given as they were.", "admission")
    if queries.seat_rules_of(event).is_selection_secret(now):
        raise DomainError(
            "A selection can still be undone. Wait until people are told of it.", "admission"
        )


def _ids(rows: Iterable[Programme | Country | StakeholderRole]) -> frozenset[int]:
    return frozenset(row.id for row in rows)


def _apply(
    event: Event, settings: SeatRules, values: SeatValues, limits: dict[str, object]
) -> None:
    is_hybrid = event.mode is Mode.HYBRID
    event.admission, event.capacity = values.admission, values.capacity
    event.online_capacity = values.online_capacity if is_hybrid else 0
    event.roles, event.strands = list(values.roles), list(values.strands)
    event.registration_opens_at = _instant(event, values.registration_opens, "registration_opens")
    event.registration_closes_at = _instant(
        event, values.registration_closes, "registration_closes"
    )
    settings.by_invitation, settings.promotion = values.by_invitation, values.promotion
    settings.offer_hours, settings.limits = values.offer_hours, limits
    by_selection = values.admission is Admission.SELECTION
    settings.decision_on = values.decision_on if by_selection else None
    settings.reconfirmation = {
        mode: vars(asks)
        for mode, asks in (
            ("on-site", values.reconfirm_on_site),
            ("online", values.reconfirm_online),
        )
        if asks
    }


def _instant(event: Event, local: datetime | None, field: str) -> datetime | None:
    return local and to_utc(local, event.zone, field=field)


# -- checks --------------------------------------------------------------------------------------


def _checked(
    event: Event, values: SeatValues, before: SeatRules, now: datetime
) -> tuple[tuple[Cap, ...], tuple[Hold, ...]]:
    """The limits and the held seats; everything that contradicts something is said at once."""
    refusals = Refusals()
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
    refusals.raise_any()
    return caps, holds


def _check_seats(event: Event, values: SeatValues) -> None:
    given = event.seats_taken
    if values.capacity < max(1, given):
        raise DomainError(
            f"{words.count(given, 'seat')} {'is' if given == 1 else 'are'} given already. Offer "
            "at least as many."
            if given
            else "Offer at least one seat.",
            "capacity",
        )


def _check_share(event: Event, values: SeatValues) -> None:
    if event.mode is Mode.HYBRID and not 0 < values.online_capacity < values.capacity:
        raise DomainError(
            "A hybrid event has seats on site and online: say how many of all seats are online.",
            "online_capacity",
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


def _closes(event: Event, values: SeatValues) -> datetime | None:
    return _instant(event, values.registration_closes, "registration_closes")


def _check_closing(event: Event, values: SeatValues) -> None:
    check_registration_times(None, _closes(event, values), event.starts_at)


def _check_opening(event: Event, values: SeatValues) -> None:
    opens = _instant(event, values.registration_opens, "registration_opens")
    closes = _closes(event, values)
    check_registration_times(opens, closes and min(closes, event.starts_at), event.starts_at)


def _check_promise(event: Event, values: SeatValues) -> None:
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
    event: Event, values: SeatValues, before: SeatRules, now: datetime, refusals: Refusals
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
        since = _instant(event, step.since, field)
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


def _check_role(values: SeatValues, role: StakeholderRole | None, field: str) -> None:
    if role and values.roles and role not in values.roles:
        raise DomainError(
            f"The event is not open to {words.within_sentence(role.plural_in())}.", field
        )


def _holds(
    event: Event, values: SeatValues, before: SeatRules, now: datetime, refusals: Refusals
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
            holds.append(Hold(_ids(hold.roles), hold.seats, until, _is_online(event, hold)))
    return tuple(holds)


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
