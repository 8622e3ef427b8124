"""Long histories by chance, of all that people, staff and the clock do; the audit looks at each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from interact_events.accounts.models import Profile, User
from interact_events.core import clock
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.actions import SessionValues, save_session
from interact_events.events.models import Admission, Event, Mode
from interact_events.registrations import actions, checks, queries
from interact_events.registrations.actions import (
    Answers,
    CapValues,
    HoldValues,
    Person,
    SeatValues,
    StepValues,
)
from interact_events.registrations.models import (
    Promotion,
    Reconfirmation,
    Registration,
    State,
)
from interact_events.registrations.rules import Dimension
from tests import make

STEPS = 50
ROLES, COUNTRIES = ("CTRL", "MA", "NA"), ("FI", "AT", "ES")
PROGRAMMES = ("Central Baltic", "Alpine Space", "Danube")


@dataclass
class History:
    """An event and what happens there, one thing after the other."""

    rng: Random
    event: Event
    staff: User
    now: datetime
    told: list[str] = field(default_factory=list)

    def some(self, *states: State) -> Registration:
        """One of those in these states, by chance."""
        found = db.session.scalars(
            select(Registration)
            .where(Registration.event == self.event, Registration.state.in_(states))
            .order_by(Registration.id)
        ).all()
        if not found:
            raise DomainError("there is nobody to do it")
        return self.rng.choice(found)

    def with_seat(self) -> set[int]:
        """Who has one, or is promised one."""
        rows = db.session.scalars(select(Registration).where(Registration.event == self.event))
        return {row.id for row in rows if row.holds_seat}

    def profile(self) -> Profile:
        return make.profile(
            role_id=make.role(self.rng.choice(ROLES)).id,
            country_id=make.country(self.rng.choice(COUNTRIES)).id,
            programme_id=make.programme(self.rng.choice(PROGRAMMES)).id,
            institution=self.rng.choice(("Region", "Ministry")),
        )

    def answers(self) -> Answers:
        return Answers(is_online=self.rng.random() < 0.4, sessions=self.sessions())

    def sessions(self) -> tuple[int, ...]:
        return tuple(s.id for s in self.event.chosen_sessions if self.rng.random() < 0.6)[:1]

    def reason(self) -> str:
        return "A speaker." if self.rng.random() < 0.3 else ""

    def local(self, days: float) -> datetime:
        """So many days before the start, on the event's wall clock."""
        instant = self.event.starts_at - timedelta(days=days)
        return to_local(instant, self.event.zone).replace(tzinfo=None)


# -- what can happen -----------------------------------------------------------------------------


def registers(it: History) -> None:
    actions.register(it.profile(), it.event, it.answers(), now=it.now)


def comes_anew(it: History) -> None:
    person = Person(
        email=f"new{it.rng.randrange(6)}@example.org",
        name="Ζωή Žižka",
        zone="Europe/Athens",
        institution=it.rng.choice(("Region", "Ministry")),
        role=make.role(it.rng.choice(ROLES)),
        programme=make.programme(it.rng.choice(PROGRAMMES)),
        country=make.country(it.rng.choice(COUNTRIES)),
    )
    actions.register_newcomer(person, "seven green bicycles", it.event, it.answers(), now=it.now)


def confirms_address(it: History) -> None:
    actions.confirm_newcomer(it.some(State.UNCONFIRMED).user, now=it.now)


def accepts(it: History) -> None:
    actions.accept(it.some(State.OFFERED, State.CONFIRMED), now=it.now)


def cancels(it: History) -> None:
    row = it.some(State.CONFIRMED, State.OFFERED, State.WAITLISTED, State.PENDING)
    actions.cancel_registration(row, actor=row.user, now=it.now)


def changes_mode(it: History) -> None:
    row = it.some(State.CONFIRMED, State.WAITLISTED, State.OFFERED)
    actions.change_mode(row, is_online=not row.is_online, now=it.now)


def changes_sessions(it: History) -> None:
    row = it.some(State.CONFIRMED, State.WAITLISTED, State.OFFERED)
    actions.choose_sessions(row, it.sessions(), now=it.now)


def hands_over(it: History) -> None:
    """To a colleague in the same capacity, whom no rule can hold up."""
    row = it.some(State.CONFIRMED)
    colleague = make.profile(
        role_id=row.role_id,
        country_id=row.country_id,
        programme_id=row.programme_id,
        institution=row.institution,
    )
    actions.lock_event(it.event)
    actions.take_over(
        row,
        colleague,
        Answers(),
        reason="Handed over.",
        notice="nominations.handed_over",
        now=it.now,
    )


def staff_decide(it: History) -> None:
    states = (State.PENDING, State.WAITLISTED, State.CONFIRMED, State.DECLINED, State.UNCONFIRMED)
    numbers = {it.some(*states).id for _ in range(it.rng.randint(1, 3))}
    to = it.rng.choice(actions.DECISIONS)
    actions.decide(it.event, numbers, to, actor=it.staff, now=it.now, override=it.reason())


def staff_add(it: History) -> None:
    actions.add_by_hand(
        it.profile(),
        it.event,
        actor=it.staff,
        now=it.now,
        is_online=it.rng.random() < 0.4,
        override=it.reason(),
    )


def office_rules(it: History) -> None:
    rng, event = it.rng, it.event
    ruled = [Dimension.PROGRAMME, Dimension.COUNTRY, Dimension.INSTITUTION]
    caps = [
        CapValues(
            per=per,
            steps=(
                StepValues(most=rng.randint(1, 4)),
                *([StepValues(since=it.local(6), most=rng.randint(2, 6))] * rng.randrange(2)),
            ),
        )
        for per in rng.sample(ruled, rng.randrange(3))
    ]
    hold = HoldValues(
        roles=(make.role("MA"),), seats=1, until=it.local(4), is_online=rng.random() < 0.5
    )
    admission = rng.choice((*(Admission.FIRST_COME,) * 4, Admission.SELECTION))
    values = SeatValues(
        admission=admission,
        registration_closes=it.local(1) if admission is Admission.SELECTION else None,
        capacity=max(event.seats_taken, rng.randint(6, 12)),
        online_capacity=rng.randint(2, 5),
        roles=tuple(make.role(code) for code in ROLES[: rng.choice((0, 0, 3, 2))]),
        promotion=rng.choice(list(Promotion)),
        offer_hours=rng.choice((2, 48)),
        caps=tuple(caps),
        holds=(hold,) * rng.randrange(2),
        reconfirm_on_site=rng.choice((None, Reconfirmation(8, 5, 2))),
    )
    had_seat = it.with_seat()
    actions.set_seat_rules(event, values, actor=it.staff, now=it.now)
    assert had_seat <= it.with_seat()


def office_edits_a_session(it: History) -> None:
    session = it.rng.choice(it.event.sessions)
    start, end = (
        to_local(instant, it.event.zone).replace(tzinfo=None)
        for instant in (session.starts_at, session.ends_at)
    )
    seats = it.rng.choice((None, 1, 3))
    values = SessionValues(title=session.title, starts=start, ends=end, capacity=seats)
    save_session(session, values, actor=it.staff, now=it.now)


def time_goes_by(it: History) -> None:
    it.now += timedelta(hours=it.rng.choice((3, 20, 50)))
    for event_id in queries.events_to_settle(it.now):
        event = db.session.get_one(Event, event_id)
        actions.lock_event(event)
        actions.settle(event, now=it.now)


Happening = Callable[[History], None]
HAPPENINGS: dict[Happening, int] = {
    registers: 10,
    comes_anew: 3,
    confirms_address: 3,
    accepts: 3,
    cancels: 5,
    changes_mode: 3,
    changes_sessions: 3,
    hands_over: 2,
    staff_decide: 4,
    staff_add: 3,
    office_rules: 3,
    office_edits_a_session: 1,
    time_goes_by: 5,
}


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("seed", range(6))
def test_after_everything_that_happens_all_adds_up(seed: int) -> None:
    start = make.days(20)
    event = make.event(
        mode=Mode.HYBRID,
        capacity=8,
        online_capacity=3,
        starts_at=start,
        ends_at=start + timedelta(hours=7),
    )
    for title in ("One", "Other"):
        make.session(event, title, start, start + timedelta(hours=2), capacity=2)
    db.session.refresh(event)
    it = History(Random(seed), event, make.member(), clock.now())
    for _ in range(STEPS):
        (happening,) = it.rng.choices(list(HAPPENINGS), list(HAPPENINGS.values()))
        it.now += timedelta(minutes=it.rng.randint(1, 30))
        try:
            happening(it)
            db.session.commit()
        except DomainError as refusal:
            db.session.rollback()
            it.told.append(f"({happening.__name__}: {refusal.message})")
        else:
            it.told.append(happening.__name__)
        wrong = [found.line for found in checks.findings(it.now) if not found.is_note]
        assert wrong == [], "\n".join(it.told)
