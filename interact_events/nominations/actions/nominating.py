"""A coordinator asks for places of their programme's people."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from interact_events.accounts import actions as accounts
from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import user_by_email
from interact_events.core import outbox, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.interreg.models import Country, Programme, StakeholderRole
from interact_events.nominations import emails, policies, queries
from interact_events.registrations.actions import (
    Answers,
    Person,
    Terms,
    account_for,
    enter,
    lock_event,
    refuse_unless_open,
)
from interact_events.registrations.emails import reply_address
from interact_events.registrations.models import Registration, State
from interact_events.registrations.policies import why_not
from interact_events.registrations.queries import (
    applicant_of,
    event_before,
    names_for,
    rules_of,
    standing_registration,
)
from interact_events.registrations.rules import (
    Barrier,
    CountryNotInvited,
    RoleNotInvited,
    barred,
)

ANSWER_WITHIN = timedelta(days=7)
MOST_AT_ONCE = 10
NOBODY = "Nominated person"
STANDS_IN = (
    "They had a registration of their own when they were nominated, and keep it. "
    "This place becomes free if they don’t come by it instead."
)


class Fault(NamedTuple):
    """What is wrong with which field of which person; they are counted from 0 on."""

    row: int
    field: str
    sentence: str


class RowsRefused(DomainError):
    """Nobody was nominated; `faults` are all there are."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(" ".join(fault.sentence for fault in faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Nominee(Person):
    """Who is nominated; `is_online` matters where an event is hybrid."""

    is_online: bool = False


@dataclass(frozen=True, kw_only=True)
class Draft:
    """As much of a person as somebody has written so far."""

    email: str
    name: str = ""
    role: StakeholderRole | None = None
    country: Country | None = None


@dataclass(frozen=True)
class Nominated:
    """What one person got, in words that show nothing of their account."""

    registration: Registration
    outcome: str


def nominate(
    programme: Programme, event: Event, people: Sequence[Nominee], *, actor: User, now: datetime
) -> list[Nominated]:
    """Ask for a place for each of them, in their order, or for none.

    Nothing tells people with an account or a place at the event from those without: not what is
    said, shown or refused, nor how long it takes. Only the programme's own people, whom its
    coordinators see on its page, are named.
    """
    settings = lock_event(event)
    if queries.coordination(actor, programme.id) is None:
        raise DomainError("You don’t coordinate this programme any more.")
    refuse_unless_open(event, now)
    if why := policies.why_not_nominate(programme, event, settings):
        raise DomainError(why)
    if not people:
        raise DomainError("Write at least one person.")
    if len(people) > MOST_AT_ONCE:
        raise DomainError(f"Nominate at most {MOST_AT_ONCE} people at once.")
    drafts = [Draft(email=p.email, name=p.name, role=p.role, country=p.country) for p in people]
    if faults := faults_in(programme, event, drafts, now=now):
        raise RowsRefused(faults)
    nominees = _accounts(people, now)
    return [
        _nominated(person, nominees[person], programme, event, actor=actor, now=now)
        for person in people
    ]


# -- what is wrong -------------------------------------------------------------------------------


def faults_in(
    programme: Programme, event: Event, drafts: Sequence[Draft], *, now: datetime
) -> list[Fault]:
    """Everything at once: who is written twice, who is on the programme's list, who has no
    seat at the event that comes first, for whom the event is not."""
    return [
        *_written_twice(drafts),
        *_listed(programme, event, drafts, now),
        *_without_first(programme, event, drafts, now),
        *_barred(programme, event, drafts),
    ]


def _written_twice(drafts: Sequence[Draft]) -> list[Fault]:
    addresses = [draft.email.lower() for draft in drafts]
    return [
        Fault(row, "email", f"{_name(drafts[row])}: this address is above already.")
        for row, address in enumerate(addresses)
        if address and addresses.index(address) < row
    ]


def _name(draft: Draft) -> str:
    return draft.name or "This person"


def _listed(
    programme: Programme, event: Event, drafts: Sequence[Draft], now: datetime
) -> list[Fault]:
    """Of the programme's own people only: who else is at the event is nobody's business."""
    return [
        Fault(row, "email", f"{_name(draft)} is on the list of this event already.")
        for row, draft in enumerate(drafts)
        if draft.email and _is_listed(programme, event, draft.email, now)
    ]


def _is_listed(programme: Programme, event: Event, email: str, now: datetime) -> bool:
    accounts_ = user_by_email(email), queries.stand_in_of(programme, event, email)
    rows = [standing_registration(event, user) for user in accounts_ if user]
    return any(queries.is_named(row, programme.id, now) for row in rows if row)


def _without_first(
    programme: Programme, event: Event, drafts: Sequence[Draft], now: datetime
) -> list[Fault]:
    """A seat there counts where the coordinator knows of it, as one of the programme; that somebody
    has one in another capacity is nobody's business: they register themselves."""
    first = event_before(event)
    if first is None:
        return []
    return [
        Fault(
            row,
            "email",
            f"{_name(drafts[row])} has no seat of {programme.name} at “{first.title}”, "
            "which comes first.",
        )
        for row, draft in enumerate(drafts)
        if draft.email and not _has_seat(programme, first, draft.email, now)
    ]


def _has_seat(programme: Programme, event: Event, email: str, now: datetime) -> bool:
    user = user_by_email(email)
    row = standing_registration(event, user) if user else None
    is_known = row and queries.is_named(row, programme.id, now)
    return bool(row and is_known and row.state_shown(now) is State.CONFIRMED)


def _barred(programme: Programme, event: Event, drafts: Sequence[Draft]) -> list[Fault]:
    rules = rules_of(event)
    found: dict[int, tuple[Barrier, ...]] = {}
    for row, draft in enumerate(drafts):
        applicant = applicant_of(_capacity(programme, draft), is_invited=True)
        found[row] = tuple(
            reason
            for reason in barred(rules, applicant)
            if (draft.role or not isinstance(reason, RoleNotInvited))
            and (draft.country or not isinstance(reason, CountryNotInvited))
        )
    return _in_words(event, drafts, {row: reasons for row, reasons in found.items() if reasons})


def _capacity(programme: Programme, draft: Draft) -> Profile:
    return Profile(
        institution="",
        role_id=draft.role.id if draft.role else None,
        programme=programme,
        country_id=draft.country.id if draft.country else None,
    )


def _in_words(
    event: Event, drafts: Sequence[Draft], found: Mapping[int, tuple[Barrier, ...]]
) -> list[Fault]:
    """Beside the field that would have to be another one."""
    names = names_for(event) if found else None
    faults = []
    for row, reasons in found.items():
        is_country = all(isinstance(reason, CountryNotInvited) for reason in reasons)
        why = words.capitalised(why_not(event, reasons, names))
        sentence = f"{_name(drafts[row])}: {why}"
        faults.append(Fault(row, "country" if is_country else "role", sentence))
    return faults


# -- entering them -------------------------------------------------------------------------------


def _accounts(people: Sequence[Nominee], now: datetime) -> dict[Nominee, User]:
    """By address, so that two who nominate the same people never wait for each other."""
    return {person: _account(person, now) for person in sorted(people, key=lambda p: p.email)}


def _nominated(
    person: Nominee,
    nominee: User,
    programme: Programme,
    event: Event,
    *,
    actor: User,
    now: datetime,
) -> Nominated:
    holder = nominee
    standing = standing_registration(event, nominee)
    if standing:
        holder = _stand_in(person, programme, event, now)
    terms = Terms(
        nominated_by=actor,
        answer_by=answer_by(event, now),
        has_earlier=True,  # the nominee has, whoever holds the place; see faults_in
    )
    profile = _profile(holder, person)
    answers = Answers(is_online=person.is_online)
    registration = enter(profile, event, answers, terms, actor=actor, now=now)
    registration.name = person.name  # until they say yes, as the coordinator has written it
    if holder is not nominee:
        registration.search_text, registration.reason = "", STANDS_IN
    why = policies.why_waiting(registration, now)
    is_listed = policies.stands_against(standing, now)
    _tell(registration, nominee, why, now, is_listed=is_listed)
    return Nominated(registration, policies.nominated_in_words(registration, why))


def _account(person: Person, now: datetime) -> User:
    """Their account as it is, else a new one that waits for its owner to choose a password."""
    known = user_by_email(person.email)
    if known:
        accounts.hashed(secrets.token_urlsafe(32))  # as much work as for a new one
    return known or account_for(person, now=now)


def _stand_in(person: Person, programme: Programme, event: Event, now: datetime) -> User:
    """An account that nobody can enter. It holds the place of somebody who is at the event in
    another capacity, so that counts, lists and answers are what they are for a stranger."""
    known = queries.stand_in_of(programme, event, person.email)
    if known:
        return known
    email = queries.stand_in_address(programme, event, person.email)
    user = User(email=email, name=NOBODY, password_hash="", zone=person.zone, created_at=now)
    db.session.add(user)
    db.session.flush()
    return user


def _profile(account: User, person: Person) -> Profile:
    """Never saved: what somebody else writes of a person is no profile of theirs."""
    return Profile(
        user=account,
        user_id=account.id,
        institution=person.institution,
        role=person.role,
        role_id=person.role.id,
        programme=person.programme,
        programme_id=person.programme.id if person.programme else None,
        country=person.country,
        country_id=person.country.id,
    )


def answer_by(event: Event, now: datetime) -> datetime:
    """Until when a place is held for who is nominated now."""
    return min(now + ANSWER_WITHIN, event.starts_at)


def _tell(
    registration: Registration, nominee: User, why: str, now: datetime, *, is_listed: bool
) -> None:
    outbox.post(
        emails.nomination(registration, nominee, why, is_listed=is_listed),
        outbox.Recipient(registration.name, nominee.email, nominee.id),
        key=queries.nomination_key(registration),
        now=now,
        reply_to=reply_address(registration.event),
        event_id=registration.event_id,
    )
