"""The rules of an event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from interact_events.accounts.models import User
from interact_events.core import audit
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Admission, Event, Mode
from interact_events.interreg.models import Country, Programme, StakeholderRole
from interact_events.registrations import policies, queries
from interact_events.registrations.actions.book import Move, lock_event, open_book
from interact_events.registrations.actions.moving import transition_all
from interact_events.registrations.actions.promoting import moving_up, promote_waiting
from interact_events.registrations.actions.readmitting import readmissions
from interact_events.registrations.actions.ruling_checks import checked, instant
from interact_events.registrations.actions.ruling_values import Refusals, SeatValues
from interact_events.registrations.actions.settling import Asked, asked_now, plan_next
from interact_events.registrations.models import (
    Registration,
    SeatRules,
    State,
    limits_of,
)
from interact_events.registrations.rules import (
    SEATED,
    Cap,
    EventRules,
    Excess,
    Hold,
    barred,
    excesses,
    held_but_given,
)


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
    at once whether they still come. So many seats are held and given to others: `unheld`.
    """

    up: list[str]
    over: list[Over]
    asked: list[Asked]
    barred: list[str]
    lined: int = 0
    applying: int = 0
    unheld: int = 0


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
        unheld=sum(held_but_given(rules, taken, mode, now) for mode in (False, True)),
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
    if why := policies.why_rules_stay(event, now):
        raise DomainError(why)
    if values.version not in (None, event.version):
        raise DomainError(
            "This event was changed since you opened the page, perhaps in another tab. Your "
            "entries are kept: press once more to put them in the place of what is saved now. To "
            "see that first, open the page in a new tab."
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
    event.registration_opens_at = instant(event, values.registration_opens, "registration_opens")
    event.registration_closes_at = instant(event, values.registration_closes, "registration_closes")
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


def _checked(
    event: Event, values: SeatValues, before: SeatRules, now: datetime
) -> tuple[tuple[Cap, ...], tuple[Hold, ...]]:
    """The limits and the held seats; everything that contradicts something is said at once."""
    refusals = Refusals()
    found = checked(event, values, before, now, refusals)
    refusals.raise_any()
    return found
