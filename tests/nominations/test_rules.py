"""Whether a seat may go from one person to another."""

from dataclasses import replace

import pytest

from interact_events.core import clock
from interact_events.nominations.rules import against_moving
from interact_events.registrations.rules import (
    Applicant,
    Cap,
    CapReached,
    CountryNotInvited,
    Dimension,
    EventRules,
    Hold,
    SeatsTaken,
    Step,
)
from tests import make

NOW = clock.now()
OLD = Applicant(role=1, country=1, institution="region", strand=1, programme=1, is_invited=True)
COLLEAGUE = replace(OLD, institution="city")


def cap(per: Dimension, most: int) -> Cap:
    return Cap(per, (Step(None, most),))


def seats(*others: Applicant) -> SeatsTaken:
    return SeatsTaken.of([OLD, *others])


def test_the_only_seat_moves() -> None:
    assert against_moving(EventRules(on_site=1), seats(), OLD, COLLEAGUE, NOW) == ()


def test_more_seats_given_than_there_are_hold_up_none() -> None:
    rules = EventRules(on_site=1)
    assert against_moving(rules, seats(OLD, OLD), OLD, COLLEAGUE, NOW) == ()


def test_seats_held_for_others_do_not_matter() -> None:
    rules = EventRules(on_site=1, holds=(Hold(frozenset({2}), 1, make.days(5)),))
    assert against_moving(rules, seats(), OLD, COLLEAGUE, NOW) == ()


@pytest.mark.parametrize("given", [1, 2, 3])
def test_the_limit_of_the_programme_has_the_seat_already(given: int) -> None:
    """Also where staff went beyond it, or lowered it later."""
    rules = EventRules(on_site=9, caps=(cap(Dimension.PROGRAMME, 2),))
    taken = seats(*[OLD] * (given - 1))
    assert against_moving(rules, taken, OLD, COLLEAGUE, NOW) == ()


def test_the_limit_of_another_institution_holds() -> None:
    limit = cap(Dimension.INSTITUTION, 1)
    rules = EventRules(on_site=9, caps=(limit,))
    taken = seats(COLLEAGUE)
    assert against_moving(rules, taken, OLD, COLLEAGUE, NOW) == (CapReached(limit, 1),)
    assert against_moving(rules, seats(), OLD, COLLEAGUE, NOW) == ()


def test_a_country_that_the_event_is_not_for_is_refused() -> None:
    rules = EventRules(on_site=9, countries=frozenset({1}))
    abroad = replace(COLLEAGUE, country=2)
    assert against_moving(rules, seats(), OLD, abroad, NOW) == (CountryNotInvited(frozenset({1})),)


def test_what_it_is_given_stays_as_it_was() -> None:
    taken = seats()
    against_moving(EventRules(on_site=1), taken, OLD, COLLEAGUE, NOW)
    assert taken == seats()
