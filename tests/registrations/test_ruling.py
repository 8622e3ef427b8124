"""What an office may ask, what a change of it does, and whom it invites."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import pytest
from flask import Flask
from sqlalchemy import select

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import Profile
from interact_events.accounts.queries import user_by_email
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.forms import wall_clock
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.events.queries import rows_of
from interact_events.interreg.models import Programme, Strand
from interact_events.registrations import actions, checks, queries
from interact_events.registrations.actions import CapValues, HoldValues, SeatValues, StepValues
from interact_events.registrations.models import (
    HeadStart,
    Promotion,
    Reconfirmation,
    Registration,
    SeatInvitation,
    State,
)
from interact_events.registrations.rules import Cap, Dimension, Excess, Hold, Step
from tests import make

pytestmark = pytest.mark.usefixtures("app")

Changes: TypeAlias = Callable[[Event], dict[str, Any]]

RELEASED_SOON = Reconfirmation(14, 10, 7)
GAP = datetime(2027, 3, 28, 3, 30)  # noqa: DTZ001  # clocks in Helsinki skip it


def local(event: Event, days: float) -> datetime:
    """The event's wall clock so many days before its start."""
    found = wall_clock(event.starts_at - timedelta(days=days), event.zone)
    assert found
    return found


def values(event: Event, **changes: Any) -> SeatValues:
    """The event's own row as rules; all else is usual."""
    usual: dict[str, Any] = {
        "admission": event.admission,
        "capacity": event.capacity,
        "online_capacity": event.online_capacity,
        "roles": tuple(event.roles),
        "strands": tuple(event.strands),
    }
    return SeatValues(**(usual | changes))


def rule(event: Event, **changes: Any) -> actions.Effects:
    """Give the event rules, and save them."""
    effects = actions.set_seat_rules(
        event, values(event, **changes), actor=make.member(), now=clock.now()
    )
    db.session.commit()
    return effects


def cap(per: Dimension = Dimension.PROGRAMME, most: int | None = 2, **more: Any) -> CapValues:
    later = more.pop("later", ())
    steps = tuple(StepValues(since=since, most=figure) for since, figure in later)
    return CapValues(per=per, steps=(StepValues(most=most), *steps), **more)


def hold(event: Event, seats: int = 2, *roles: str, **more: Any) -> HoldValues:
    usual: dict[str, Any] = {
        "roles": tuple(make.role(code) for code in roles or ("MA",)),
        "seats": seats,
        "until": local(event, 5),
    }
    return HoldValues(**(usual | more))


def some_strand(*, of_it: bool) -> Strand:
    """The strand of Central Baltic, or another one."""
    own = make.programme().strand_id
    condition = Strand.id == own if of_it else Strand.id != own
    return db.session.scalars(select(Strand).where(condition)).unique().all()[0]


# -- contradictions ------------------------------------------------------------------------------

CONTRADICTIONS: dict[str, tuple[str, Changes]] = {
    "no seat": ("capacity", lambda _: {"capacity": 0}),
    "more online than seats": ("online_capacity", lambda _: {"online_capacity": 20}),
    "none online": ("online_capacity", lambda _: {"online_capacity": 0}),
    "programme of another strand": (
        "programmes",
        lambda _: {"programmes": (make.programme(),), "strands": (some_strand(of_it=False),)},
    ),
    "closes after the start": (
        "registration_closes",
        lambda e: {"registration_closes": local(e, -1)},
    ),
    "opens after it closes": (
        "registration_opens",
        lambda e: {"registration_opens": local(e, 2), "registration_closes": local(e, 3)},
    ),
    "closes when clocks skip": ("registration_closes", lambda _: {"registration_closes": GAP}),
    "decides before the end": (
        "decision_on",
        lambda e: {
            "admission": Admission.SELECTION,
            "registration_closes": local(e, 5),
            "decision_on": local(e, 6).date(),
        },
    ),
    "decides after the start": (
        "decision_on",
        lambda e: {
            "admission": Admission.SELECTION,
            "registration_closes": local(e, 5),
            "decision_on": local(e, -1).date(),
        },
    ),
    "decides on the last day to apply": (
        "decision_on",
        lambda e: {
            "admission": Admission.SELECTION,
            "registration_closes": local(e, 5).replace(hour=12),
            "decision_on": local(e, 5).date(),
        },
    ),
    "decided on a day that is over": (
        "decision_on",
        lambda e: {
            "admission": Admission.SELECTION,
            "registration_closes": local(e, 35),
            "decision_on": local(e, 33).date(),
        },
    ),
    "a selection without a deadline": (
        "registration_closes",
        lambda e: {"admission": Admission.SELECTION, "decision_on": local(e, 3).date()},
    ),
    "the same limit twice": ("caps-1-per", lambda _: {"caps": (cap(), cap(most=3))}),
    "a role in a programme": ("caps-0-role", lambda _: {"caps": (cap(role=make.role()),)}),
    "a role that is not invited": (
        "caps-0-role",
        lambda _: {
            "roles": (make.role("MA"),),
            "caps": (cap(Dimension.ROLE_IN_COUNTRY, role=make.role("CTRL")),),
        },
    ),
    "a phase without a beginning": (
        "caps-0-since_2",
        lambda _: {"caps": (cap(later=[(None, 3)]),)},
    ),
    "a phase after the start": (
        "caps-0-since_2",
        lambda e: {"caps": (cap(later=[(local(e, -1), 3)]),)},
    ),
    "a phase when clocks skip": ("caps-0-since_2", lambda _: {"caps": (cap(later=[(GAP, 3)]),)}),
    "a phase that is over": (
        "caps-0-since_2",
        lambda e: {"caps": (cap(later=[(local(e, 31), 3)]),)},
    ),
    "a limit that falls": (
        "caps-0-most_3",
        lambda e: {"caps": (cap(later=[(local(e, 20), 4), (local(e, 15), 3)]),)},
    ),
    "a limit that stays": (
        "caps-0-most_2",
        lambda e: {"caps": (cap(later=[(local(e, 20), 2)]),)},
    ),
    "a limit after none": (
        "caps-0-most_2",
        lambda e: {"caps": (cap(most=None, later=[(local(e, 20), 2)]),)},
    ),
    "held until a time that is over": (
        "holds-0-until",
        lambda e: {"holds": (hold(e, until=local(e, 31)),)},
    ),
    "held after registration closes": (
        "holds-0-until",
        lambda e: {"holds": (hold(e),), "registration_closes": local(e, 6)},
    ),
    "released before registration opens": (
        "holds-0-until",
        lambda e: {"holds": (hold(e),), "registration_opens": local(e, 5)},
    ),
    "held for a role of which no country has a seat before": (
        "holds-0-until",
        lambda e: {
            "holds": (hold(e, 2, "CTRL"),),
            "caps": (
                cap(Dimension.ROLE_IN_COUNTRY, 0, role=make.role("CTRL"), later=[(local(e, 5), 1)]),
            ),
        },
    ),
    "held while no programme has a seat, at an event for a strand": (
        "holds-0-until",
        lambda e: {
            "strands": (some_strand(of_it=True),),
            "holds": (hold(e),),
            "caps": (cap(most=0, later=[(local(e, 4), 1)]),),
        },
    ),
    "more of a role than of each role": (
        "caps-1-most",
        lambda _: {
            "caps": (
                cap(Dimension.ROLE_IN_COUNTRY, 3),
                cap(Dimension.ROLE_IN_COUNTRY, 5, role=make.role("CTRL")),
            )
        },
    ),
    "more of each role than of the country": (
        "caps-0-most",
        lambda e: {
            "caps": (
                cap(Dimension.ROLE_IN_COUNTRY, 4),
                cap(Dimension.COUNTRY, 2, later=[(local(e, 9), 3)]),
            )
        },
    ),
    "a phase that is never reached": (
        "caps-1-most_2",
        lambda e: {
            "caps": (
                cap(Dimension.ROLE_IN_COUNTRY, 3),
                cap(Dimension.ROLE_IN_COUNTRY, 2, role=make.role("CTRL"), later=[(local(e, 9), 4)]),
            )
        },
    ),
    "released before anybody could be asked": (
        "reconfirm_on_site-release_days",
        lambda e: {
            "registration_opens": local(e, 6),
            "reconfirm_on_site": Reconfirmation(14, 10, 7),
        },
    ),
    "asked before anybody could have a seat": (
        "reconfirm_online-ask_days",
        lambda e: {
            "registration_opens": local(e, 8),
            "reconfirm_online": Reconfirmation(9, 5, 2),
        },
    ),
    "phases out of order": (
        "caps-0-since_3",
        lambda e: {"caps": (cap(later=[(local(e, 4), 3), (local(e, 5), 4)]),)},
    ),
    "a limit for nobody": ("caps-0-most", lambda _: {"caps": (cap(most=0),)}),
    "a limit without a figure": ("caps-0-most", lambda _: {"caps": (cap(most=None),)}),
    "held beyond the start": (
        "holds-0-until",
        lambda e: {"holds": (hold(e, until=local(e, -1)),)},
    ),
    "held until clocks skip": ("holds-0-until", lambda e: {"holds": (hold(e, until=GAP),)}),
    "held for a role that is not invited": (
        "holds-0-roles",
        lambda e: {"roles": (make.role("CTRL"),), "holds": (hold(e),)},
    ),
    "held twice for one role": (
        "holds-1-roles",
        lambda e: {"holds": (hold(e), hold(e, 1, "CTRL", "MA"))},
    ),
    "more held than there are": (
        "holds-1-seats",
        lambda e: {"holds": (hold(e, 10), hold(e, 3, "CTRL"))},
    ),
    "more held online than there are": (
        "holds-0-seats",
        lambda e: {"holds": (hold(e, 9, is_online=True),)},
    ),
    "reminded before the question": (
        "reconfirm_on_site-warn_days",
        lambda _: {"reconfirm_on_site": Reconfirmation(7, 7, 2)},
    ),
    "released before the reminder": (
        "reconfirm_online-release_days",
        lambda _: {"reconfirm_online": Reconfirmation(14, 7, 8)},
    ),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradiction_is_refused_at_its_field(name: str) -> None:
    """A hybrid event of 12 seats on site and 8 online."""
    field, changes = CONTRADICTIONS[name]
    event = make.event(mode=Mode.HYBRID, online_capacity=8)
    with pytest.raises(DomainError) as refused:
        rule(event, **changes(event))
    assert refused.value.field == field
    db.session.rollback()
    assert queries.seat_rules_of(event) not in db.session


SENSIBLE: dict[str, Changes] = {
    "decided on the day after the last one to apply": lambda e: {
        "admission": Admission.SELECTION,
        "registration_closes": local(e, 5).replace(hour=0, minute=0),
        "decision_on": local(e, 5).date(),
    },
    "decided when the event starts": lambda e: {
        "admission": Admission.SELECTION,
        "registration_closes": local(e, 5),
        "decision_on": local(e, 0).date(),
    },
    "released an hour after registration opens": lambda e: {
        "holds": (hold(e),),
        "registration_opens": local(e, 5) - timedelta(hours=1),
    },
    "held for two roles of which one may come": lambda e: {
        "holds": (hold(e, 2, "CTRL", "MA"),),
        "caps": (
            cap(Dimension.ROLE_IN_COUNTRY, 0, role=make.role("CTRL"), later=[(local(e, 4), 1)]),
        ),
    },
    "held while people with a programme may not come": lambda e: {
        "holds": (hold(e),),
        "caps": (cap(most=0, later=[(local(e, 4), 1)]),),
    },
    "held a minute longer than nobody of them may come": lambda e: {
        "holds": (hold(e, 2, "CTRL"),),
        "caps": (
            cap(
                Dimension.ROLE_IN_COUNTRY,
                0,
                role=make.role("CTRL"),
                later=[(local(e, 5) - timedelta(minutes=1), 1)],
            ),
        ),
    },
    "as many of a role as of each role": lambda _: {
        "caps": (
            cap(Dimension.ROLE_IN_COUNTRY, 3),
            cap(Dimension.ROLE_IN_COUNTRY, 3, role=make.role("CTRL")),
        )
    },
    "more of a role once each role may have more": lambda e: {
        "caps": (
            cap(Dimension.ROLE_IN_COUNTRY, 3, later=[(local(e, 9), 6)]),
            cap(Dimension.ROLE_IN_COUNTRY, 5, role=make.role("CTRL")),
            cap(Dimension.COUNTRY, 4, later=[(local(e, 8), None)]),
        )
    },
    "fewer of a role at first": lambda e: {
        "caps": (
            cap(Dimension.ROLE_IN_COUNTRY, 3),
            cap(Dimension.ROLE_IN_COUNTRY, 2, role=make.role("CTRL"), later=[(local(e, 9), None)]),
        )
    },
    "more of a programme than of a country": lambda _: {
        "caps": (cap(most=5), cap(Dimension.COUNTRY, 3))
    },
    "asked on the day after registration opens": lambda e: {
        "registration_opens": local(e, 15),
        "reconfirm_on_site": Reconfirmation(14, 10, 7),
    },
}


@pytest.mark.parametrize("name", SENSIBLE)
def test_what_may_make_sense_is_saved(name: str) -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=8)
    rule(event, **SENSIBLE[name](event))
    assert queries.seat_rules_of(event) in db.session


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("holds-0-until", lambda e: {"holds": (hold(e, until=local(e, 6)),)}),
        ("reconfirm_on_site-release_days", lambda _: {"reconfirm_on_site": RELEASED_SOON}),
    ],
)
def test_who_is_there_before_registration_opens_may_need_the_rule(
    field: str, changes: Changes
) -> None:
    """Those who have come already, or may come earlier than others."""
    event, later = make.event(), make.event("Opened earlier to some")
    opens = {"registration_opens": local(event, 5)}
    with pytest.raises(DomainError) as refused:
        rule(event, **opens, **changes(event))
    assert refused.value.field == field
    db.session.rollback()
    make.registration(event)
    rule(event, **opens, **changes(event))
    db.session.add(HeadStart(event_id=later.id, user_id=make.user().id, from_at=make.days(1)))
    rule(later, **opens, **changes(later))


def test_what_was_said_before_stays_when_the_rest_changes() -> None:
    """Registration was to open later, the promised day is over, and so on."""
    event = make.event(admission=Admission.SELECTION)
    make.seat_rules(event, decision_on=local(event, 35).date())
    kept = {"decision_on": local(event, 35).date()}
    rule(event, capacity=30, **kept)
    with pytest.raises(DomainError) as refused:
        rule(event, decision_on=local(event, 3).date())
    assert (refused.value.field, refused.value.message) == (
        "registration_closes",
        "Say until when people may apply.",
    )
    db.session.rollback()
    rule(event, registration_closes=local(event, 40), **kept)
    with pytest.raises(DomainError, match="Say until when people may apply"):
        rule(event, **kept)


def test_a_draft_says_until_when_people_may_apply() -> None:
    event = make.event(state=EventState.DRAFT, admission=Admission.SELECTION)
    with pytest.raises(DomainError, match="Say until when people may apply"):
        rule(event, capacity=30)


def test_held_seats_stay_held_where_registration_opens_when_it_did() -> None:
    event = make.event(registration_opens_at=make.days(26))
    until = make.days(25)
    make.seat_rules(event, holds=[Hold(frozenset({make.role("MA").id}), 2, until)])
    held = {"holds": (hold(event, until=wall_clock(until, event.zone)),)}
    rule(event, capacity=30, registration_opens=wall_clock(make.days(26), event.zone), **held)
    with pytest.raises(DomainError, match="Registration opens on"):
        rule(event, registration_opens=wall_clock(make.days(27), event.zone), **held)


def test_everything_that_contradicts_something_is_said_at_once() -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=8)
    with pytest.raises(actions.RulesRefused) as refused:
        rule(
            event,
            online_capacity=20,
            registration_closes=local(event, -1),
            registration_opens=local(event, -2),
            admission=Admission.SELECTION,
            decision_on=local(event, 3).date(),
            caps=(cap(), cap(), cap(Dimension.COUNTRY, most=None)),
            holds=(hold(event, 12, "MA"), hold(event, 12, "MA", until=local(event, -1))),
            reconfirm_on_site=Reconfirmation(7, 10, 14),
        )
    assert sorted(each.field or "" for each in refused.value.refusals) == [
        "caps-1-per",
        "caps-2-most",
        "decision_on",
        "holds-0-seats",
        "holds-1-roles",
        "holds-1-seats",
        "holds-1-until",
        "online_capacity",
        "reconfirm_on_site-warn_days",
        "registration_closes",
        "registration_opens",
    ]


@pytest.mark.parametrize(
    ("capacity", "held", "sentence"),
    [
        (1, (2,), "There is only 1 seat to hold."),
        (30, (20, 15), "There are only 30 seats to hold, and 20 are held above."),
        (2, (1, 2), "There are only 2 seats to hold, and 1 is held above."),
    ],
)
def test_what_can_be_held_is_said_with_what_is_held_above(
    capacity: int, held: tuple[int, ...], sentence: str
) -> None:
    event = make.event(capacity=capacity)
    roles = ("MA", "AA")
    with pytest.raises(DomainError) as refused:
        rule(event, holds=tuple(hold(event, *each) for each in zip(held, roles, strict=False)))
    assert refused.value.message == sentence


def test_many_programmes_of_other_strands_are_named_in_short() -> None:
    event, strand = make.event(), some_strand(of_it=False)
    stray = [p for p in rows_of(Programme) if p.strand_id != strand.id][:30]
    with pytest.raises(DomainError) as refused:
        rule(event, programmes=tuple(stray), strands=(strand,))
    assert refused.value.message == (
        f"{', '.join(p.name for p in stray[:5])} and 25 more are not of the strands that you "
        "ticked, so nobody of them could come."
    )


def test_fewer_seats_than_are_given_are_refused() -> None:
    event = make.event(capacity=3)
    make.registration(event)
    make.registration(event, state=State.OFFERED)
    with pytest.raises(DomainError) as refused:
        rule(event, capacity=1)
    assert (refused.value.field, refused.value.message) == (
        "capacity",
        "2 seats are given already. Offer at least as many.",
    )


def test_a_seat_that_staff_gave_beyond_the_capacity_keeps_no_rule_from_being_changed() -> None:
    event = make.event(capacity=2)
    for _ in range(3):
        make.registration(event)
    rule(event, capacity=2, by_invitation=True)
    assert queries.seat_rules_of(event).by_invitation
    with pytest.raises(
        DomainError, match=r"3 seats are given already\. Offer at least 2, as now\."
    ):
        rule(event, capacity=1)


def test_held_seats_that_are_given_to_others_are_said() -> None:
    event = make.event(capacity=5)
    for _ in range(4):
        make.registration(event)
    assert rule(event, capacity=5, holds=(hold(event, 3, "MA"),)).unheld == 2


def test_a_change_by_somebody_else_is_not_written_over() -> None:
    event = make.event()
    before = event.version
    rule(event, capacity=30, version=before)
    with pytest.raises(DomainError) as refused:
        rule(event, capacity=40, version=before)
    assert refused.value.message.startswith("This event was changed since you opened the page")
    db.session.rollback()
    assert event.capacity == 30


# -- what a change does --------------------------------------------------------------------------


def test_everything_is_kept_as_it_was_said() -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=8)
    role, strand = make.role("CTRL"), some_strand(of_it=True)
    rule(
        event,
        capacity=40,
        online_capacity=15,
        admission=Admission.SELECTION,
        registration_opens=local(event, 29),
        registration_closes=local(event, 10),
        decision_on=local(event, 7).date(),
        roles=(role, make.role("MA")),
        strands=(strand,),
        programmes=(make.programme(),),
        countries=(make.country("FI"), make.country("EE")),
        by_invitation=True,
        promotion=Promotion.OFFER,
        offer_hours=24,
        caps=(
            cap(later=[(local(event, 20), 3), (local(event, 15), None)]),
            cap(Dimension.ROLE_IN_COUNTRY, 1, role=role),
        ),
        holds=(hold(event), hold(event, 1, "CTRL", is_online=True)),
        reconfirm_on_site=Reconfirmation(14, 10, 7),
    )
    settings, rules = queries.seat_rules_of(event), queries.rules_of(event)
    starts = event.starts_at
    assert (rules.on_site, rules.online, rules.by_selection) == (25, 15, True)
    assert (rules.by_invitation, rules.is_promoting) == (True, False)
    assert rules.roles == {role.id, make.role("MA").id}
    assert rules.strands == {strand.id}
    assert rules.programmes == {make.programme().id}
    assert rules.countries == {make.country("FI").id, make.country("EE").id}
    assert rules.caps == (
        Cap(
            Dimension.PROGRAMME,
            (
                Step(None, 2),
                Step(starts - timedelta(days=20), 3),
                Step(starts - timedelta(days=15), None),
            ),
        ),
        Cap(Dimension.ROLE_IN_COUNTRY, (Step(None, 1),), role.id),
    )
    until = starts - timedelta(days=5)
    assert rules.holds == (
        Hold(frozenset({make.role("MA").id}), 2, until),
        Hold(frozenset({role.id}), 1, until, is_online=True),
    )
    assert (settings.promotion, settings.offer_hours) == (Promotion.OFFER, 24)
    assert settings.decision_on == local(event, 7).date()
    assert settings.reconfirmation_for(online=False) == Reconfirmation(14, 10, 7)
    assert settings.reconfirmation_for(online=True) is None
    assert settings.settle_at == starts - timedelta(days=20)


def test_a_change_is_noted_in_words_once() -> None:
    event = make.event()
    before = event.version
    rule(event, registration_closes=local(event, 2))
    rule(event, registration_closes=local(event, 2))
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "rules changed"))
    was, now = entries.one().changes["fields"]["rules"]
    assert event.version == before + 1
    assert was.endswith(
        "Registration opens as soon as the event is published and closes when the event starts."
    )
    assert was != now


def test_what_is_over_by_now_can_be_kept() -> None:
    """A phase that has begun, seats that are released, a limit that falls since earlier days."""
    event = make.event()
    begun, over = event.starts_at - timedelta(days=35), event.starts_at - timedelta(days=34)
    make.seat_rules(
        event,
        caps=[Cap(Dimension.PROGRAMME, (Step(None, 3), Step(begun, 2)))],
        holds=[Hold(frozenset({make.role("MA").id}), 2, over)],
    )
    rule(
        event,
        capacity=30,
        caps=(cap(most=3, later=[(local(event, 35), 2)]),),
        holds=(hold(event, until=local(event, 34)),),
    )
    assert event.capacity == 30


def test_seats_are_held_while_an_office_selects() -> None:
    """After the last day to apply too."""
    event = make.event()
    rule(
        event,
        admission=Admission.SELECTION,
        registration_closes=local(event, 6),
        holds=(hold(event),),
    )
    assert len(queries.seat_rules_of(event).holds) == 1


def test_rules_that_read_alike_are_noted_too() -> None:
    """Hours that no sentence says, as nobody is offered a seat."""
    event = make.event()
    rule(event)
    before = event.version
    rule(event, offer_hours=24)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "rules changed")).one()
    assert (event.version, entry.changes["fields"]) == (before + 1, {"rules": []})


def test_a_change_takes_nobodys_seat() -> None:
    event = make.event(capacity=3)
    rows = [make.registration(event) for _ in range(3)]
    effects = rule(
        event,
        roles=(make.role("MA"),),
        countries=(make.country("AT"),),
        by_invitation=True,
        caps=(cap(most=1),),
        holds=(hold(event, 1),),
    )
    assert [row.state for row in rows] == [State.CONFIRMED] * 3
    assert event.seats_taken == 3
    programme = str(make.programme().id)
    (found,) = effects.over
    limit = found.excess
    assert (limit.counted, limit.taken, limit.most) == ((Dimension.PROGRAMME, programme), 3, 1)
    assert found.names == [row.name for row in rows]
    assert db.session.scalars(select(OutboxMessage)).all() == []


@pytest.mark.parametrize(("online", "where"), [(1, "online"), (4, "on site")])
def test_fewer_seats_in_a_mode_than_are_given_are_refused(online: int, where: str) -> None:
    """They would be given once more in the other."""
    event = make.event(capacity=5, mode=Mode.HYBRID, online_capacity=2)
    for is_online in (False, False, True, True):
        make.registration(event, is_online=is_online)
    with pytest.raises(DomainError) as refused:
        rule(event, capacity=5, online_capacity=online)
    assert (refused.value.field, refused.value.message) == (
        "online_capacity",
        f"2 seats {where} are given already. Leave as many there.",
    )


def test_a_seat_online_that_staff_gave_beyond_those_there_are_keeps_no_rule() -> None:
    event = make.event(capacity=5, mode=Mode.HYBRID, online_capacity=1)
    for _ in range(2):
        make.registration(event, is_online=True)
    (found,) = rule(event, capacity=6, online_capacity=1).over
    assert found.excess == Excess((Dimension.MODE, "online"), 2, 1)


def test_a_draft_of_the_past_is_given_a_date_before_its_rules() -> None:
    event = make.event(state=EventState.DRAFT, starts_at=make.days(-2), ends_at=make.days(-1))
    with pytest.raises(DomainError, match="Give it new ones before you set its rules"):
        rule(event)


def test_more_seats_are_given_to_those_who_wait_in_their_order() -> None:
    event = make.event(capacity=1)
    make.registration(event)
    first, second, third = (make.registration(event, state=State.WAITLISTED) for _ in range(3))
    effects = rule(event, capacity=3)
    assert effects.up == [first.name, second.name]
    states = [row.state for row in (first, second, third)]
    assert states == [State.CONFIRMED, State.CONFIRMED, State.WAITLISTED]
    assert (event.seats_taken, event.waiting) == (3, 1)


def test_more_seats_are_offered_where_people_have_to_accept() -> None:
    event = make.event(capacity=1)
    make.registration(event)
    row = make.registration(event, state=State.WAITLISTED)
    rule(event, capacity=2, promotion=Promotion.OFFER, offer_hours=24)
    assert row.state is State.OFFERED


def test_more_seats_stay_free_where_the_office_chooses() -> None:
    event = make.event(capacity=1)
    make.registration(event)
    row = make.registration(event, state=State.WAITLISTED)
    assert rule(event, capacity=2, promotion=Promotion.OFFICE).up == []
    assert row.state is State.WAITLISTED


def test_who_waits_and_is_not_meant_any_more_is_named() -> None:
    event = make.event(capacity=1)
    make.registration(event)
    waiting = make.registration(event, state=State.WAITLISTED)
    assert rule(event, roles=(make.role("MA"),)).barred == [waiting.name]
    assert rule(event, roles=()).barred == []


# -- another admission ---------------------------------------------------------------------------


def waits_or_applies(event: Event, number: int, state: State) -> list[Registration]:
    return [make.registration(event, state=state) for _ in range(number)]


def kinds(*rows: Registration) -> list[list[str]]:
    """Of each person the kinds of their mails, the latest last."""
    return [
        list(
            db.session.scalars(
                select(OutboxMessage.kind)
                .where(OutboxMessage.person_id == row.user_id)
                .order_by(OutboxMessage.id)
            )
        )
        for row in rows
    ]


def test_applicants_come_first_where_there_is_no_selection_any_more() -> None:
    event = make.event(capacity=2, admission=Admission.SELECTION)
    rows = waits_or_applies(event, 3, State.PENDING)
    effects = rule(event, admission=Admission.FIRST_COME)
    assert [row.state for row in rows] == [State.CONFIRMED, State.CONFIRMED, State.WAITLISTED]
    assert (effects.up, effects.lined) == ([rows[0].name, rows[1].name], 1)
    assert (event.seats_taken, event.waiting) == (2, 1)
    given, waits = "registrations.confirmed", "registrations.waitlisted"
    assert kinds(*rows) == [[given], [given], [waits]]
    assert list(checks.findings(clock.now())) == []


def test_who_waits_since_an_earlier_selection_keeps_their_turn() -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    (first,) = waits_or_applies(event, 1, State.WAITLISTED)
    (second,) = waits_or_applies(event, 1, State.PENDING)
    rule(event, admission=Admission.FIRST_COME)
    assert (first.state, second.state) == (State.CONFIRMED, State.WAITLISTED)


def test_where_the_office_promotes_no_applicant_overtakes_those_who_wait() -> None:
    event = make.event(capacity=2, admission=Admission.SELECTION)
    (applied,) = waits_or_applies(event, 1, State.PENDING)
    (waits,) = waits_or_applies(event, 1, State.WAITLISTED)
    effects = rule(event, admission=Admission.FIRST_COME, promotion=Promotion.OFFICE)
    assert (applied.state, waits.state) == (State.WAITLISTED, State.WAITLISTED)
    assert (effects.up, effects.lined) == ([], 1)


def test_a_newcomer_who_applied_is_promised_a_seat_where_it_is_first_come() -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    row = make.registration(
        event, state=State.UNCONFIRMED, upon_confirmation=State.PENDING, answer_by=make.days(1)
    )
    rule(event, admission=Admission.FIRST_COME)
    assert (row.state, row.upon_confirmation) == (State.UNCONFIRMED, State.CONFIRMED)
    assert (row.answer_by, event.seats_taken) == (make.days(1), 1)
    assert kinds(row) == [[]]


def test_who_waits_takes_part_where_the_office_selects_from_now_on() -> None:
    event = make.event(capacity=1)
    seated = make.registration(event)
    rows = waits_or_applies(event, 2, State.WAITLISTED)
    effects = rule(event, admission=Admission.SELECTION, registration_closes=local(event, 2))
    assert seated.state is State.CONFIRMED
    assert [row.state for row in rows] == [State.PENDING] * 2
    assert (effects.up, effects.applying, event.waiting) == ([], 2, 0)
    assert kinds(*rows) == [["registrations.now_selected"]] * 2
    assert list(checks.findings(clock.now())) == []


def test_another_selection_begins_anew() -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    make.seat_rules(event, selected_at=make.days(-1))
    rule(event, admission=Admission.FIRST_COME)
    rule(event, admission=Admission.SELECTION, registration_closes=local(event, 2))
    assert queries.seat_rules_of(event).selected_at is None


def test_a_preview_of_another_admission_says_the_same_and_moves_nobody() -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    rows = waits_or_applies(event, 2, State.PENDING)
    db.session.commit()
    effects = actions.preview_seat_rules(
        event,
        values(event, admission=Admission.FIRST_COME),
        actor=make.member(),
        now=clock.now(),
    )
    assert (effects.up, effects.lined) == ([rows[0].name], 1)
    assert [row.state for row in rows] == [State.PENDING] * 2
    db.session.rollback()


def test_admission_stays_once_the_event_has_begun() -> None:
    event = make.event(starts_at=make.days(-1), ends_at=make.days(1))
    with pytest.raises(DomainError, match="begun") as refused:
        rule(event, admission=Admission.SELECTION)
    assert refused.value.field == "admission"


def test_a_draft_moves_nobody() -> None:
    event = make.event(state=EventState.DRAFT, capacity=1)
    assert rule(event, capacity=2) == actions.Effects(up=[], over=[], asked=[], barred=[])


def test_a_copy_has_the_same_rules_at_the_same_hours() -> None:
    event = make.event()
    rule(
        event,
        countries=(make.country("FI"),),
        by_invitation=True,
        promotion=Promotion.OFFER,
        offer_hours=12,
        caps=(cap(later=[(local(event, 20), 3)]),),
        holds=(hold(event),),
        reconfirm_on_site=Reconfirmation(14, 10, 7),
    )
    first_day: date = local(event, -200).date()
    copy = actions.duplicate_event(
        event, "Again", first_day, actor=make.member(), now=clock.now(), host="localhost"
    )
    db.session.commit()
    old, new = queries.seat_rules_of(event), queries.seat_rules_of(copy)
    assert (new.by_invitation, new.promotion, new.offer_hours) == (True, Promotion.OFFER, 12)
    assert (new.countries, new.reconfirmation) == (old.countries, old.reconfirmation)
    since = new.caps[0].steps[1].since
    assert wall_clock(since, copy.zone) == local(event, 20) + timedelta(days=200)
    assert wall_clock(new.holds[0].until, copy.zone) == local(event, 5) + timedelta(days=200)
    assert (new.holds[0].roles, new.holds[0].seats) == (old.holds[0].roles, 2)


# -- invitations ---------------------------------------------------------------------------------

ASK = "This event is by invitation only. Ask Interact Office Turku."
USED_UP = "This code has been used as often as it may be. Ask Interact Office Turku."
ELSEWHERE = (
    "This invitation was sent to another e-mail address and is for that one only. "
    "Ask Interact Office Turku for one of your own."
)


def closed_event(**changes: Any) -> Event:
    event = make.event()
    rule(event, by_invitation=True, **changes)
    return event


def invited(event: Event, *addresses: str) -> tuple[int, int]:
    counts = actions.invite(event, addresses, actor=make.member(), now=clock.now())
    db.session.commit()
    return counts


def enters(event: Event, profile: Profile, code: str = "") -> Registration:
    answers = actions.Answers(code=code)
    return actions.register(profile, event, answers, now=clock.now())


def refusal(event: Event, profile: Profile, code: str = "") -> str:
    with pytest.raises(DomainError) as refused:
        enters(event, profile, code)
    db.session.rollback()
    return refused.value.message


def only_invitation() -> SeatInvitation:
    return db.session.scalars(select(SeatInvitation)).one()


def test_who_has_no_invitation_is_refused_in_words() -> None:
    assert refusal(closed_event(), make.profile()) == ASK


def test_who_is_invited_needs_no_code_but_a_confirmed_address() -> None:
    event = closed_event()
    guest, other = make.profile(), make.profile(make.user(confirmed_at=None))
    invited(event, guest.user.email, other.user.email)
    assert enters(event, guest).state is State.CONFIRMED
    assert refusal(event, other) == ASK


def test_an_invitation_is_mailed_once() -> None:
    event = closed_event()
    assert invited(event, "a@example.org", "A@example.org", "b@example.org") == (2, 0)
    assert invited(event, "b@example.org", "c@example.org") == (1, 1)
    mails = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [mail.to_address for mail in mails] == [f"{name}@example.org" for name in "abc"]
    codes = db.session.scalars(select(SeatInvitation.code).order_by(SeatInvitation.id)).all()
    texts = [" ".join(mail.text.split()) for mail in mails]
    links = [f"/events/{event.slug}/register?invitation={code}" for code in codes]
    assert [link in text for link, text in zip(links, texts, strict=True)] == [True] * 3


@pytest.mark.parametrize("changes", [{"state": EventState.DRAFT}, {"state": EventState.CANCELLED}])
def test_nobody_is_invited_to_what_is_not_open(changes: dict[str, Any]) -> None:
    with pytest.raises(DomainError):
        invited(make.event(**changes), "a@example.org")


def send_again(invitation: SeatInvitation, seen: int | None = None) -> bool:
    event = db.session.get_one(Event, invitation.event_id)
    latest = queries.latest_invitation_mails(event, [invitation])[invitation.id]
    seen = latest if seen is None else seen
    return actions.send_invitation_again(
        invitation, seen=seen, actor=make.member(), now=clock.now()
    )


def test_an_invitation_is_sent_again_with_the_same_link_and_once_for_each_press() -> None:
    event = closed_event()
    invited(event, "a@example.org", "b@example.org")
    first = db.session.scalars(select(SeatInvitation).filter_by(email="a@example.org")).one()
    (mail, _) = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    assert [send_again(first, mail.id) for _ in range(3)] == [True, False, False]
    assert send_again(first) is True
    mails = db.session.scalars(
        select(OutboxMessage).filter_by(to_address="a@example.org").order_by(OutboxMessage.id)
    ).all()
    assert [each.text for each in mails] == [mail.text] * 3
    assert f"invitation={first.code}" in mail.text
    trail = db.session.scalars(select(AuditEntry).filter_by(action="invitation sent again")).all()
    assert [(each.subject_id, each.changes["invitation"]) for each in trail] == [
        (event.id, first.id)
    ] * 2


def not_again(invitation: SeatInvitation) -> str:
    with pytest.raises(DomainError) as refused:
        send_again(invitation)
    return refused.value.message


def test_an_invitation_is_not_sent_again_where_it_is_of_no_use() -> None:
    event, guest = closed_event(), make.profile()
    invited(event, guest.user.email)
    invitation = only_invitation()
    row = enters(event, guest)
    assert not_again(invitation) == "They have registered already, so nothing was sent."
    actions.cancel_registration(row, actor=guest.user, now=clock.now())
    assert send_again(invitation) is True
    event.registration_closes_at = clock.now()
    assert not_again(invitation) == OVER
    event.registration_closes_at, event.state = None, EventState.CANCELLED
    assert not_again(invitation) == OVER
    event.state = EventState.PUBLISHED
    actions.withdraw_invitation(invitation, actor=make.member(), now=clock.now())
    assert not_again(invitation) == "This invitation is withdrawn, so nothing was sent."


OVER = "Registration is over, so nobody can be invited any more."


def test_a_code_is_sent_to_nobody_again() -> None:
    code = actions.add_code(closed_event(), "Alpine", 2, actor=make.member(), now=clock.now())
    with pytest.raises(DomainError, match="goes to nobody by mail"):
        actions.send_invitation_again(code, seen=0, actor=make.member(), now=clock.now())


def test_a_code_lets_in_so_many_and_no_more() -> None:
    event = closed_event()
    code = actions.add_code(event, "Alpine Space", 2, actor=make.member(), now=clock.now()).code
    first = enters(event, make.profile(), code)
    enters(event, make.profile(), code)
    db.session.commit()
    assert refusal(event, make.profile(), code) == USED_UP
    actions.cancel_registration(first, actor=first.user, now=clock.now())
    assert enters(event, make.profile(), code).state is State.CONFIRMED


def test_a_code_of_another_event_lets_nobody_in() -> None:
    code = actions.add_code(make.event(), "", 5, actor=make.member(), now=clock.now()).code
    said = refusal(closed_event(), make.profile(), code)
    assert said.startswith("This event has no such code.")


def test_a_withdrawn_code_lets_nobody_in_and_nobody_out() -> None:
    event = closed_event()
    invitation = actions.add_code(event, "", 5, actor=make.member(), now=clock.now())
    row = enters(event, make.profile(), invitation.code)
    actions.withdraw_invitation(invitation, actor=make.member(), now=clock.now())
    db.session.commit()
    said = refusal(event, make.profile(), invitation.code)
    assert said == "This invitation was withdrawn. Ask Interact Office Turku."
    assert row.state is State.CONFIRMED


def test_who_is_invited_again_gets_a_new_link() -> None:
    event = closed_event()
    invited(event, "a@example.org")
    old = only_invitation().code
    actions.withdraw_invitation(only_invitation(), actor=make.member(), now=clock.now())
    assert invited(event, "a@example.org") == (1, 0)
    assert only_invitation().withdrawn_at is None
    assert only_invitation().code != old
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 2


def newcomer(email: str = "new@example.org", **values: Any) -> actions.Person:
    usual: dict[str, Any] = {
        "email": email,
        "name": "Ζωή Žižka",
        "zone": "Europe/Helsinki",
        "institution": "Region",
        "role": make.role(),
        "programme": make.programme(),
        "country": make.country(),
    }
    return actions.Person(**(usual | values))


def arrives(event: Event, person: actions.Person, code: str) -> str:
    """Send the form for newcomers; says the refusal, if it is one."""
    answers = actions.Answers(code=code)
    try:
        actions.register_newcomer(person, make.PASSWORD, event, answers, now=clock.now())
    except DomainError as refused:
        db.session.rollback()
        return refused.message
    db.session.commit()
    return ""


def test_a_newcomer_comes_in_by_the_link_of_their_own_mail(app: Flask) -> None:
    """Their address is not confirmed yet, but the link went to one mailbox only."""
    event = closed_event()
    invited(event, "new@example.org")
    assert arrives(event, newcomer("New@Example.org"), only_invitation().code) == ""
    row = db.session.scalars(select(Registration)).one()
    assert (row.state, row.upon_confirmation) == (State.UNCONFIRMED, State.CONFIRMED)
    assert row.invitation_id == only_invitation().id
    user = user_by_email("new@example.org")
    assert user
    actions.confirm_newcomer(user, now=clock.now())
    assert row.state is State.CONFIRMED


def test_a_newcomer_who_corrects_the_form_uses_their_invitation_once() -> None:
    event = closed_event()
    invited(event, "new@example.org")
    code = only_invitation().code
    assert arrives(event, newcomer(), code) == ""
    assert arrives(event, newcomer(institution="Region of Crete"), code) == ""
    assert db.session.scalars(select(Registration)).one().institution == "Region of Crete"


def test_the_last_use_of_a_code_serves_a_corrected_form() -> None:
    event = closed_event()
    code = actions.add_code(event, "", 1, actor=make.member(), now=clock.now()).code
    assert arrives(event, newcomer(), code) == ""
    assert arrives(event, newcomer(institution="Region of Crete"), code) == ""
    assert arrives(event, newcomer("other@example.org"), code) == USED_UP


@pytest.mark.parametrize("is_registered", [False, True])
def test_an_invited_address_gets_the_same_answer_with_and_without_an_account(
    is_registered: bool,
) -> None:
    event = closed_event()
    profile = make.profile(make.user(email="known@example.org"))
    invited(event, "known@example.org", "new@example.org")
    if is_registered:
        enters(event, profile)
        db.session.commit()
    codes = {each.email: each.code for each in db.session.scalars(select(SeatInvitation))}
    answers = [
        [arrives(event, newcomer(email), codes[email]) for _ in range(2)]
        for email in ("known@example.org", "new@example.org")
    ]
    assert answers == [["", ""], ["", ""]]


def test_a_used_code_refuses_whoever_has_an_account_like_anybody() -> None:
    event = closed_event()
    code = actions.add_code(event, "", 1, actor=make.member(), now=clock.now()).code
    enters(event, make.profile(make.user(email="known@example.org")), code)
    db.session.commit()
    emails = ("known@example.org", "new@example.org")
    assert [arrives(event, newcomer(email), code) for email in emails] == [USED_UP, USED_UP]


def test_a_personal_link_works_for_its_own_address_only() -> None:
    event = closed_event()
    invited(event, "guest@example.org")
    code = only_invitation().code
    assert refusal(event, make.profile(), code) == ELSEWHERE
    assert arrives(event, newcomer("other@example.org"), code) == ELSEWHERE


def test_a_seat_that_is_handed_over_keeps_the_invitation_used() -> None:
    event, guest = closed_event(), make.profile()
    invited(event, guest.user.email)
    row = enters(event, guest)
    colleague = make.profile()
    row.user_id, row.profile_id = colleague.user_id, colleague.id
    db.session.commit()
    assert refusal(event, guest) == ASK


def test_a_missing_or_wrong_code_is_said_beside_the_code() -> None:
    event, profile = closed_event(), make.profile()
    for code in ("", "WRONG"):
        with pytest.raises(DomainError) as refused:
            enters(event, profile, code)
        assert refused.value.field == "code"
        db.session.rollback()


@pytest.mark.parametrize("has_come", [False, True])
def test_an_invitation_forgets_the_address_of_a_deleted_account(has_come: bool) -> None:
    event, guest = closed_event(), make.profile()
    email = guest.user.email
    invited(event, email, "other@example.org")
    if has_come:
        enters(event, guest)
    delete_account(guest.user, now=clock.now())
    db.session.commit()
    rows = db.session.scalars(select(SeatInvitation).order_by(SeatInvitation.id)).all()
    gone = f"deleted-{guest.user.id}@invalid"
    assert [(row.email, row.withdrawn_at is None) for row in rows] == [
        (gone, False),
        ("other@example.org", True),
    ]


# -- what a change would do ----------------------------------------------------------------------


def test_a_preview_says_what_saving_does_and_moves_nobody() -> None:
    event = make.event(capacity=1)
    make.registration(event)
    waiting = [make.registration(event, make.user(n), State.WAITLISTED) for n in ("Bo", "Cid")]
    raised, actor = values(event, capacity=2), make.member()
    previewed = actions.preview_seat_rules(event, raised, actor=actor, now=clock.now())
    assert [row.state for row in waiting] == [State.WAITLISTED, State.WAITLISTED]
    assert db.session.scalars(select(OutboxMessage)).all() == []
    db.session.rollback()
    assert (event.capacity, rule(event, capacity=2)) == (1, previewed)
    assert [row.state for row in waiting] == [State.CONFIRMED, State.WAITLISTED]
    assert previewed.up == ["Bo"]


@pytest.mark.parametrize(
    "over",
    [
        {"state": EventState.CANCELLED},
        {"starts_at": make.days(-2), "ends_at": make.days(-1)},
    ],
)
def test_the_rules_of_an_event_that_is_over_stay_as_they_are(over: dict[str, Any]) -> None:
    event = make.event(**over)
    with pytest.raises(DomainError, match="its rules stay as they were"):
        rule(event, capacity=30)


def test_an_event_stays_by_selection_while_one_can_be_undone() -> None:
    event = make.event(admission=Admission.SELECTION)
    make.seat_rules(event, selected_at=clock.now() + timedelta(minutes=10))
    with pytest.raises(DomainError, match="Wait until people are told") as refusal:
        rule(event, admission=Admission.FIRST_COME)
    assert refusal.value.field == "admission"
