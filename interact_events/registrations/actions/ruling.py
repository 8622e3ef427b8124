"""The rules of an event, and whom it invites."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from interact_events.accounts.models import User
from interact_events.core import audit, outbox, words
from interact_events.core.clock import to_local, to_utc
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import Posting, Recipient
from interact_events.events.actions import check_registration_times
from interact_events.events.models import Admission, Event, Mode
from interact_events.interreg.models import Country, Programme, StakeholderRole, Strand
from interact_events.registrations import emails, policies, queries
from interact_events.registrations.actions.moving import lock_event, moving_up, promote_waiting
from interact_events.registrations.actions.settling import plan_next
from interact_events.registrations.models import (
    Promotion,
    Reconfirmation,
    Registration,
    SeatInvitation,
    SeatRules,
    limits_of,
)
from interact_events.registrations.rules import Cap, Dimension, Excess, Hold, Step, excesses


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
class Effects:
    """What new rules did: who moved up, and which limits the seats given go beyond."""

    up: list[str]
    over: list[Excess]


def set_seat_rules(event: Event, values: SeatValues, *, actor: User, now: datetime) -> Effects:
    """Give the event these rules; nobody loses a seat by it, those who wait may get one."""
    _give_rules(event, values, actor, now)
    return _effects(event, promote_waiting(event, now=now), now)


def preview_seat_rules(event: Event, values: SeatValues, *, actor: User, now: datetime) -> Effects:
    """The event with these rules, and what they would do; nobody moves and no mail is written.

    The caller rolls the transaction back.
    """
    _give_rules(event, values, actor, now)
    return _effects(event, moving_up(event, now=now), now)


def _effects(event: Event, up: Iterable[Registration], now: datetime) -> Effects:
    over = excesses(queries.rules_of(event), queries.seats_taken(event), now)
    return Effects(up=[row.name for row in up], over=over)


def _give_rules(event: Event, values: SeatValues, actor: User, now: datetime) -> None:
    lock_event(event)
    if event.is_cancelled or now >= event.ends_at:
        raise DomainError("The event is over or cancelled, so its rules stay as they are.")
    if values.version not in (None, event.version):
        raise DomainError(
            "Somebody else has changed this event since you opened the page. Your entries are "
            "kept below: open the page in a new tab to see what changed."
        )
    _refuse_while_secret(event, values, now)
    caps, holds = _caps(event, values), _holds(event, values)
    _check_numbers(event, values)
    _check_people(values)
    _check_times(event, values)
    settings = _own_settings(event)
    before = policies.rules_for_staff(event, settings, queries.rules_of(event, settings))
    _apply(
        event,
        settings,
        values,
        limits_of(_ids(values.programmes), _ids(values.countries), caps, holds),
    )
    db.session.flush()
    after = policies.rules_for_staff(event, settings, queries.rules_of(event, settings))
    if before != after:
        event.version += 1
        fields = {"rules": [" ".join(before), " ".join(after)]}
        audit.record("rules changed", event, actor=actor, now=now, fields=fields)
    plan_next(event, now=now)


def _refuse_while_secret(event: Event, values: SeatValues, now: datetime) -> None:
    """The board of a selection stays, so that it can be undone until people are told."""
    is_secret = queries.seat_rules_of(event).is_selection_secret(now)
    if is_secret and values.admission is not event.admission:
        raise DomainError(
            "A selection can still be undone. Wait until people are told of it.", "admission"
        )


def _own_settings(event: Event) -> SeatRules:
    settings = queries.seat_rules_of(event)
    if settings not in db.session:
        db.session.add(settings)
    return settings


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


def _check_numbers(event: Event, values: SeatValues) -> None:
    given = event.seats_taken
    if values.capacity < max(1, given):
        raise DomainError(
            f"{words.count(given, 'seat')} {'is' if given == 1 else 'are'} given already. Offer "
            "at least as many."
            if given
            else "Offer at least one seat.",
            "capacity",
        )
    if event.mode is Mode.HYBRID and not 0 < values.online_capacity < values.capacity:
        raise DomainError(
            "A hybrid event has seats on site and online: say how many of all seats are online.",
            "online_capacity",
        )


def _check_people(values: SeatValues) -> None:
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


def _check_times(event: Event, values: SeatValues) -> None:
    closes = _instant(event, values.registration_closes, "registration_closes")
    opens = _instant(event, values.registration_opens, "registration_opens")
    check_registration_times(opens, closes, event.starts_at)
    if values.admission is Admission.SELECTION and values.decision_on:
        last = to_local(event.starts_at, event.zone).date()
        first = to_local(closes or event.starts_at, event.zone).date()
        if not first <= values.decision_on <= last:
            raise DomainError(
                "Promise a day after the last one to apply and before the event starts.",
                "decision_on",
            )
    for field in ("reconfirm_on_site", "reconfirm_online"):
        asks: Reconfirmation | None = getattr(values, field)
        if asks and not asks.ask_days > asks.warn_days > asks.release_days >= 0:
            wrong = "warn_days" if asks.warn_days >= asks.ask_days else "release_days"
            raise DomainError(
                "Ask first, remind later, release last: each fewer days before the start.",
                f"{field}-{wrong}",
            )


def _caps(event: Event, values: SeatValues) -> tuple[Cap, ...]:
    seen: set[tuple[Dimension, int | None]] = set()
    caps = []
    for at, cap in enumerate(values.caps):
        key = cap.per, cap.role.id if cap.role else None
        if key in seen:
            raise DomainError("There is a limit for the same group above.", f"caps-{at}-per")
        seen.add(key)
        if cap.role and cap.per is not Dimension.ROLE_IN_COUNTRY:
            raise DomainError(
                "Only a limit for roles in a country names a role.", f"caps-{at}-role"
            )
        _check_role(values, cap.role, f"caps-{at}-role")
        caps.append(Cap(cap.per, _steps(event, cap, at), key[1]))
    return tuple(caps)


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


def _holds(event: Event, values: SeatValues) -> tuple[Hold, ...]:
    seen: set[tuple[bool, int]] = set()
    kept = {False: 0, True: 0}
    holds = []
    for at, hold in enumerate(values.holds):
        is_online = hold.is_online if event.mode is Mode.HYBRID else event.mode is Mode.ONLINE
        until = to_utc(hold.until, event.zone, field=f"holds-{at}-until")
        if until > event.starts_at:
            raise DomainError("Release the seats before the event starts.", f"holds-{at}-until")
        for role in hold.roles:
            _check_role(values, role, f"holds-{at}-roles")
            if (is_online, role.id) in seen:
                raise DomainError(
                    f"Seats for {words.within_sentence(role.plural_in())} are held above already.",
                    f"holds-{at}-roles",
                )
            seen.add((is_online, role.id))
        kept[is_online] += hold.seats
        _check_kept(event, values, kept[is_online], is_online, f"holds-{at}-seats")
        holds.append(Hold(_ids(hold.roles), hold.seats, until, is_online))
    return tuple(holds)


def _check_kept(event: Event, values: SeatValues, kept: int, is_online: bool, field: str) -> None:
    seats = values.capacity
    if event.mode is Mode.HYBRID:
        seats = values.online_capacity if is_online else seats - values.online_capacity
    if kept > seats:
        raise DomainError(f"There are only {words.count(seats, 'seat')} to hold.", field)


# -- invitations ---------------------------------------------------------------------------------

MOST_INVITED = 2000  # addresses at once
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is easily misread


def invite(
    event: Event, addresses: Sequence[str], *, actor: User, now: datetime
) -> tuple[int, int]:
    """Invite these people by personal mails; says how many are new and how many were before."""
    lock_event(event)
    _refuse_inviting(event, now)
    wanted = list(dict.fromkeys(address.lower() for address in addresses))
    if not wanted:
        raise DomainError("Give at least one address.", "addresses")
    if len(wanted) > MOST_INVITED:
        raise DomainError(f"Invite at most {MOST_INVITED:,} people at once.", "addresses")
    known = {each.email: each for each in queries.invitations_of_every_kind(event)}
    again = [known[a] for a in wanted if a in known and known[a].withdrawn_at]
    new = [_invitation(event, actor, now, email=a) for a in wanted if a not in known]
    for invitation in again:
        invitation.withdrawn_at, invitation.code = None, _new_code()
    db.session.add_all(new)
    db.session.flush()
    audit.record("people invited", event, actor=actor, now=now, number=len(new) + len(again))
    _mail_invitations(event, [*new, *again], now)
    return len(new) + len(again), len(wanted) - len(new) - len(again)


def _refuse_inviting(event: Event, now: datetime) -> None:
    if event.is_draft:
        raise DomainError("Publish the event first, then invite people.")
    if event.is_cancelled or now >= event.closes_at:
        raise DomainError("Registration is over, so nobody can be invited any more.")


def _mail_invitations(event: Event, invitations: Iterable[SeatInvitation], now: datetime) -> None:
    reply_to = emails.reply_address(event)
    outbox.post_all(
        [
            Posting(
                mail=emails.seat_invitation(event, each.code),
                to=Recipient("", each.email),
                key=f"seat_invitation:{each.id}:{each.code}",
                reply_to=reply_to,
            )
            for each in invitations
            if each.email
        ],
        now=now,
    )


def add_code(
    event: Event, label: str, most_uses: int, *, actor: User, now: datetime
) -> SeatInvitation:
    """A code that an office passes on itself, good for so many registrations."""
    lock_event(event)
    if not 1 <= most_uses <= 10_000:
        raise DomainError("Give a number from 1 to 10,000.", "most_uses")
    invitation = _invitation(event, actor, now, label=label, most_uses=most_uses)
    db.session.add(invitation)
    audit.record("code made", event, actor=actor, now=now, note=label)
    return invitation


def _invitation(event: Event, actor: User, now: datetime, **values: object) -> SeatInvitation:
    return SeatInvitation(
        event_id=event.id, code=_new_code(), created_at=now, created_by_id=actor.id, **values
    )


def _new_code() -> str:
    """12 letters of 31: 59 bits, and asking is limited per address."""
    return "".join(secrets.choice(LETTERS) for _ in range(12))


def withdraw_invitation(invitation: SeatInvitation, *, actor: User, now: datetime) -> None:
    """Let nobody else in by it; who has registered stays."""
    if invitation.withdrawn_at is None:
        invitation.withdrawn_at = now
        event = db.session.get_one(Event, invitation.event_id)
        audit.record("invitation withdrawn", event, actor=actor, now=now)


# -- copies --------------------------------------------------------------------------------------


def copy_seat_rules(event: Event, copy: Event, shift: timedelta) -> None:
    """Give a copy of an event the same rules, `shift` later on the wall clock."""
    settings = queries.seat_rules_of(event)
    if settings not in db.session:
        return

    def moved(instant: datetime) -> datetime:
        local = to_local(instant, event.zone).replace(tzinfo=None, fold=0)
        return to_utc(local + shift, event.zone)

    caps = [
        Cap(c.per, tuple(Step(s.since and moved(s.since), s.most) for s in c.steps), c.role)
        for c in settings.caps
    ]
    holds = [Hold(h.roles, h.seats, moved(h.until), h.is_online) for h in settings.holds]
    db.session.flush()
    db.session.add(
        SeatRules(
            event_id=copy.id,
            by_invitation=settings.by_invitation,
            promotion=settings.promotion,
            offer_hours=settings.offer_hours,
            decision_on=settings.decision_on and settings.decision_on + shift,
            limits=limits_of(settings.programmes, settings.countries, tuple(caps), tuple(holds)),
            reconfirmation=settings.reconfirmation,
        )
    )
