from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interact_events.registrations.rules import (
    CAPPED,
    MOVES,
    UNDONE,
    AllSeatsTaken,
    Applicant,
    Barrier,
    Cap,
    CapReached,
    CountryNotInvited,
    Decision,
    Dimension,
    EarlierFirst,
    EventRules,
    Excess,
    Hold,
    NotInvited,
    OfficeSelects,
    OthersWait,
    ProgrammeNotInvited,
    Proposal,
    RoleNotInvited,
    SeatFree,
    SeatsHeld,
    SeatsTaken,
    State,
    Step,
    StrandNotInvited,
    Waiting,
    admitted,
    barred,
    decide,
    excesses,
    full_sessions,
    next_change,
    overtakes,
    promoted,
    propose,
    reasons_to_wait,
    shortages,
)

NOW = datetime(2027, 5, 12, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=7)
ANYBODY = Applicant(role=1, country=1, institution="a", strand=1, programme=1)


def taken_by(*applicants: Applicant) -> SeatsTaken:
    return SeatsTaken.of(applicants)


def in_line(*applicants: Applicant) -> list[Waiting]:
    """They came in this order."""
    return [Waiting(number, applicant) for number, applicant in enumerate(applicants, 1)]


def cap(per: Dimension, most: int | None, *later: Step, role: int | None = None) -> Cap:
    return Cap(per, (Step(None, most), *later), role)


# -- states --------------------------------------------------------------------------------------


def test_every_state_says_what_may_follow() -> None:
    assert set(MOVES) == set(State)


def test_a_cancelled_registration_stays_cancelled() -> None:
    assert MOVES[State.CANCELLED] == frozenset()


def test_nobody_becomes_unconfirmed_again() -> None:
    assert [state for state in State if State.UNCONFIRMED in MOVES[state]] == []


def test_whoever_is_in_can_leave() -> None:
    cannot = [state for state in State if State.CANCELLED not in MOVES[state]]
    assert cannot == [State.CANCELLED]


def test_an_offered_seat_is_accepted_or_let_go() -> None:
    assert MOVES[State.OFFERED] == {State.CONFIRMED, State.CANCELLED}


def test_what_an_office_selects_can_be_undone() -> None:
    assert MOVES[State.PENDING] - {State.CANCELLED} == UNDONE


def test_states_have_names_for_people() -> None:
    assert [state.label for state in State] == [
        "Unconfirmed",
        "Application pending",
        "Confirmed",
        "Seat offered",
        "On the waiting list",
        "Declined",
        "Cancelled",
    ]


# -- whom an event is for ------------------------------------------------------------------------

TWO = frozenset({2})


@pytest.mark.parametrize(
    ("asked", "barrier"),
    [
        ({"roles": TWO}, RoleNotInvited(TWO)),
        ({"strands": TWO}, StrandNotInvited(TWO)),
        ({"programmes": TWO}, ProgrammeNotInvited(TWO)),
        ({"countries": TWO}, CountryNotInvited(TWO)),
        ({"by_invitation": True}, NotInvited()),
    ],
)
def test_whom_the_event_is_not_for_is_refused(asked: dict[str, Any], barrier: Barrier) -> None:
    rules = EventRules(on_site=2, **asked)
    assert decide(rules, SeatsTaken(), ANYBODY, NOW) == Decision(None, (barrier,))


def test_every_barrier_is_named() -> None:
    rules = EventRules(
        on_site=0, by_invitation=True, roles=TWO, strands=TWO, programmes=TWO, countries=TWO
    )
    assert barred(rules, ANYBODY) == (
        RoleNotInvited(TWO),
        StrandNotInvited(TWO),
        ProgrammeNotInvited(TWO),
        CountryNotInvited(TWO),
        NotInvited(),
    )


def test_nobody_is_barred_where_nothing_is_asked() -> None:
    assert barred(EventRules(on_site=1), Applicant(role=7, country=7)) == ()


def test_whom_the_event_is_for_is_let_in() -> None:
    ones = frozenset({1, 2})
    rules = EventRules(on_site=1, roles=ones, strands=ones, programmes=ones, countries=ones)
    assert barred(rules, ANYBODY) == ()


def test_somebody_without_a_programme_has_no_strand_either() -> None:
    rules = EventRules(on_site=1, strands=TWO, programmes=TWO)
    assert barred(rules, Applicant(role=1, country=1)) == (
        StrandNotInvited(TWO),
        ProgrammeNotInvited(TWO),
    )


def test_who_lacks_the_earlier_event_is_refused_where_one_comes_first() -> None:
    rules, lacking = EventRules(on_site=1, after=7), replace(ANYBODY, lacks_earlier=True)
    assert decide(rules, SeatsTaken(), lacking, NOW) == Decision(None, (EarlierFirst(7),))
    assert barred(rules, ANYBODY) == ()
    assert barred(rules, replace(lacking, is_exempt=True)) == ()
    assert barred(EventRules(on_site=1), lacking) == ()


def test_an_invitation_opens_an_event_by_invitation() -> None:
    invited = Applicant(role=1, country=1, is_invited=True)
    assert barred(EventRules(on_site=1, by_invitation=True), invited) == ()


def test_an_invitation_does_not_change_whom_the_event_is_for() -> None:
    invited = Applicant(role=1, country=1, is_invited=True)
    rules = EventRules(on_site=1, by_invitation=True, roles=TWO)
    assert barred(rules, invited) == (RoleNotInvited(TWO),)


def test_whom_staff_let_in_meets_no_barrier_but_needs_a_seat() -> None:
    exempt = Applicant(role=1, country=1, is_exempt=True)
    rules = EventRules(on_site=0, by_invitation=True, roles=TWO, countries=TWO)
    assert barred(rules, exempt) == ()
    assert decide(rules, SeatsTaken(), exempt, NOW) == Decision(
        State.WAITLISTED, (AllSeatsTaken(0),)
    )


def test_the_refused_are_told_so_where_the_office_selects_too() -> None:
    rules = EventRules(on_site=1, by_selection=True, roles=TWO)
    assert decide(rules, SeatsTaken(), ANYBODY, NOW).is_refused


# -- seats on site and online --------------------------------------------------------------------

ONLINE = Applicant(role=1, country=1, is_online=True)


def test_a_free_seat_is_given_at_once() -> None:
    decision = decide(EventRules(on_site=2), taken_by(ANYBODY), ANYBODY, NOW)
    assert decision == Decision(State.CONFIRMED, (SeatFree(1),))
    assert not decision.is_refused


def test_without_a_free_seat_they_wait() -> None:
    decision = decide(EventRules(on_site=1), taken_by(ANYBODY), ANYBODY, NOW)
    assert decision == Decision(State.WAITLISTED, (AllSeatsTaken(1),))


def test_with_more_people_than_seats_they_wait() -> None:
    decision = decide(EventRules(on_site=1), taken_by(ANYBODY, ANYBODY), ANYBODY, NOW)
    assert decision == Decision(State.WAITLISTED, (AllSeatsTaken(1),))


@pytest.mark.parametrize("seats", [0, 5])
def test_where_the_office_selects_everybody_applies(seats: int) -> None:
    decision = decide(EventRules(on_site=seats, by_selection=True), SeatsTaken(), ANYBODY, NOW)
    assert decision == Decision(State.PENDING, (OfficeSelects(),))


def test_seats_on_site_and_online_are_two_pools() -> None:
    rules, taken = EventRules(on_site=1, online=3), taken_by(ANYBODY, ONLINE)
    assert decide(rules, taken, ANYBODY, NOW).reasons == (AllSeatsTaken(1),)
    assert decide(rules, taken, ONLINE, NOW).reasons == (SeatFree(2),)


def test_an_event_on_site_has_no_seat_online() -> None:
    decision = decide(EventRules(on_site=5), SeatsTaken(), ONLINE, NOW)
    assert decision == Decision(State.WAITLISTED, (AllSeatsTaken(0, is_online=True),))


# -- counting ------------------------------------------------------------------------------------


def test_a_seat_is_counted_by_everything_that_it_concerns() -> None:
    everything = Applicant(
        role=1,
        country=2,
        institution="a",
        strand=3,
        programme=4,
        is_online=True,
        sessions=frozenset({12, 5}),
    )
    assert taken_by(everything) == {
        (Dimension.MODE, "online"): 1,
        (Dimension.ROLE, "online:1"): 1,
        (Dimension.PROGRAMME, "4"): 1,
        (Dimension.COUNTRY, "2"): 1,
        (Dimension.INSTITUTION, "a"): 1,
        (Dimension.ROLE_IN_COUNTRY, "1:2"): 1,
        (Dimension.SESSION, "5"): 1,
        (Dimension.SESSION, "12"): 1,
    }


def test_somebody_without_a_programme_is_counted_for_none() -> None:
    assert ONLINE.key(Dimension.PROGRAMME) is None
    assert [counted for counted in ONLINE.counted if counted[0] is Dimension.PROGRAMME] == []


def test_a_seat_taken_back_leaves_nothing() -> None:
    taken = taken_by(ANYBODY)
    taken.take_back(ANYBODY)
    assert taken == SeatsTaken()


def test_a_copy_counts_for_itself() -> None:
    taken = taken_by(ANYBODY)
    copy(taken).give(ANYBODY)
    assert taken == taken_by(ANYBODY)


def test_seats_are_counted_by_mode_and_by_roles_in_it() -> None:
    other = Applicant(role=2, country=1)
    taken = taken_by(ANYBODY, ANYBODY, other, ONLINE)
    assert (taken.in_mode(False), taken.in_mode(True)) == (3, 1)
    assert (taken.of_roles({1}, False), taken.of_roles({1, 2}, False)) == (2, 3)
    assert (taken.of_roles({1}, True), taken.of_roles({2}, True)) == (1, 0)


# -- limits for a programme, country, institution, or role in a country --------------------------


@pytest.mark.parametrize("per", CAPPED)
def test_whose_group_has_its_seats_waits(per: Dimension) -> None:
    limit = cap(per, 1)
    decision = decide(EventRules(on_site=5, caps=(limit,)), taken_by(ANYBODY), ANYBODY, NOW)
    assert decision == Decision(State.WAITLISTED, (CapReached(limit, 1),))


@pytest.mark.parametrize("per", CAPPED)
def test_a_limit_is_for_each_group_by_itself(per: Dimension) -> None:
    other = Applicant(role=2, country=2, institution="b", strand=1, programme=2)
    decision = decide(EventRules(on_site=5, caps=(cap(per, 1),)), taken_by(ANYBODY), other, NOW)
    assert decision == Decision(State.CONFIRMED, (SeatFree(4),))


def test_a_limit_counts_people_on_site_and_online_together() -> None:
    limit = cap(Dimension.COUNTRY, 1)
    rules = EventRules(on_site=5, online=5, caps=(limit,))
    assert shortages(rules, taken_by(ONLINE), ANYBODY, NOW) == (CapReached(limit, 1),)


def test_no_limit_for_programmes_stops_somebody_without_one() -> None:
    rules = EventRules(on_site=5, caps=(cap(Dimension.PROGRAMME, 0),))
    assert shortages(rules, SeatsTaken(), Applicant(role=1, country=1), NOW) == ()


def test_a_role_is_limited_in_each_country() -> None:
    limit = cap(Dimension.ROLE_IN_COUNTRY, 1)
    rules, taken = EventRules(on_site=5, caps=(limit,)), taken_by(Applicant(role=1, country=1))
    found = {
        (role, country): shortages(rules, taken, Applicant(role, country), NOW)
        for role in (1, 2)
        for country in (1, 2)
    }
    assert found == {(1, 1): (CapReached(limit, 1),), (1, 2): (), (2, 1): (), (2, 2): ()}


def test_a_limit_for_one_role_does_not_concern_another() -> None:
    limit = cap(Dimension.ROLE_IN_COUNTRY, 0, role=1)
    rules = EventRules(on_site=5, caps=(limit,))
    assert shortages(rules, SeatsTaken(), Applicant(1, 1), NOW) == (CapReached(limit, 0),)
    assert shortages(rules, SeatsTaken(), Applicant(2, 1), NOW) == ()


def test_every_limit_that_keeps_a_seat_from_them_is_named() -> None:
    of_programme, of_country = cap(Dimension.PROGRAMME, 1), cap(Dimension.COUNTRY, 1)
    rules = EventRules(on_site=1, caps=(of_programme, cap(Dimension.INSTITUTION, 2), of_country))
    assert shortages(rules, taken_by(ANYBODY), ANYBODY, NOW) == (
        AllSeatsTaken(1),
        CapReached(of_programme, 1),
        CapReached(of_country, 1),
    )


# -- phases --------------------------------------------------------------------------------------

SECOND, THIRD = Step(NOW + HOUR, 2), Step(NOW + 2 * HOUR, None)
PHASED = cap(Dimension.PROGRAMME, 1, SECOND, THIRD)


def test_a_figure_counts_from_its_instant_on() -> None:
    instants = (NOW, NOW + HOUR - timedelta.resolution, NOW + HOUR, NOW + 2 * HOUR)
    assert [PHASED.most(instant) for instant in instants] == [1, 1, 2, None]


def test_the_next_figure_is_known_until_it_counts() -> None:
    found = [PHASED.next_step(NOW + hours * HOUR) for hours in (0, 1, 2)]
    assert found == [SECOND, THIRD, None]


def test_before_the_first_figure_there_is_no_limit() -> None:
    assert Cap(Dimension.PROGRAMME, (SECOND,)).most(NOW) is None


def test_who_waits_for_the_next_phase_is_told_of_it() -> None:
    rules = EventRules(on_site=5, caps=(PHASED,))
    assert shortages(rules, taken_by(ANYBODY), ANYBODY, NOW) == (CapReached(PHASED, 1, SECOND),)


def test_the_next_phase_gives_them_a_seat() -> None:
    rules = EventRules(on_site=5, caps=(PHASED,))
    decisions = [
        decide(rules, taken_by(*[ANYBODY] * seats), ANYBODY, NOW + hours * HOUR)
        for seats, hours in ((1, 1), (2, 1), (2, 2))
    ]
    assert decisions == [
        Decision(State.CONFIRMED, (SeatFree(4),)),
        Decision(State.WAITLISTED, (CapReached(PHASED, 2, THIRD),)),
        Decision(State.CONFIRMED, (SeatFree(3),)),
    ]


# -- held seats ----------------------------------------------------------------------------------

HELD = Hold(roles=frozenset({2, 3}), seats=2, until=NOW + HOUR)
HOLDING = EventRules(on_site=3, holds=(HELD,))


def test_held_seats_are_kept_from_others() -> None:
    assert decide(HOLDING, SeatsTaken(), ANYBODY, NOW).reasons == (SeatFree(1),)
    assert decide(HOLDING, taken_by(ANYBODY), ANYBODY, NOW) == Decision(
        State.WAITLISTED, (SeatsHeld((HELD,)),)
    )


@pytest.mark.parametrize("role", [2, 3])
def test_held_seats_are_for_each_of_the_roles(role: int) -> None:
    decision = decide(HOLDING, taken_by(ANYBODY), Applicant(role, country=1), NOW)
    assert decision == Decision(State.CONFIRMED, (SeatFree(2),))


def test_once_they_have_their_seats_the_rest_is_for_all() -> None:
    taken = taken_by(Applicant(role=2, country=1), Applicant(role=3, country=1))
    assert decide(HOLDING, taken, ANYBODY, NOW).reasons == (SeatFree(1),)


def test_they_may_have_more_than_is_held_for_them() -> None:
    held_for = Applicant(role=2, country=1)
    assert decide(HOLDING, taken_by(held_for, held_for), held_for, NOW).reasons == (SeatFree(1),)


def test_held_seats_are_released_at_their_instant() -> None:
    taken = taken_by(ANYBODY)
    just_before = NOW + HOUR - timedelta.resolution
    assert decide(HOLDING, taken, ANYBODY, just_before).state is State.WAITLISTED
    assert decide(HOLDING, taken, ANYBODY, NOW + HOUR).reasons == (SeatFree(2),)


def test_seats_held_on_site_do_not_concern_people_online() -> None:
    rules = EventRules(on_site=2, online=1, holds=(HELD,))
    assert decide(rules, SeatsTaken(), ONLINE, NOW).reasons == (SeatFree(1),)


def test_seats_held_online_do_not_concern_people_on_site() -> None:
    online = Hold(frozenset({2}), 1, NOW + HOUR, is_online=True)
    rules = EventRules(on_site=1, online=1, holds=(online,))
    assert decide(rules, SeatsTaken(), ANYBODY, NOW).reasons == (SeatFree(1),)
    assert decide(rules, SeatsTaken(), ONLINE, NOW).reasons == (SeatsHeld((online,)),)


def test_people_on_site_take_none_of_the_seats_held_online() -> None:
    online = Hold(frozenset({2}), 1, NOW + HOUR, is_online=True)
    rules = EventRules(on_site=5, online=1, holds=(online,))
    on_site = taken_by(Applicant(role=2, country=1))
    assert decide(rules, on_site, ONLINE, NOW).reasons == (SeatsHeld((online,)),)


def test_they_wait_only_for_seats_held_for_others() -> None:
    other = Hold(frozenset({1}), 1, NOW + HOUR)
    rules = EventRules(on_site=3, holds=(HELD, other))
    taken = taken_by(ANYBODY)
    assert shortages(rules, taken, ANYBODY, NOW) == (SeatsHeld((HELD,)),)


def test_all_that_is_held_for_others_is_kept() -> None:
    one, two = Hold(frozenset({2}), 1, NOW + HOUR), Hold(frozenset({3}), 2, NOW + HOUR)
    rules = EventRules(on_site=4, holds=(one, two))
    assert decide(rules, SeatsTaken(), ANYBODY, NOW).reasons == (SeatFree(1),)


def test_who_has_more_than_is_held_for_them_takes_from_the_open_seats() -> None:
    one, two = Hold(frozenset({2}), 1, NOW + HOUR), Hold(frozenset({3}), 2, NOW + HOUR)
    rules = EventRules(on_site=4, holds=(one, two))
    taken = taken_by(*[Applicant(role=2, country=1)] * 2)
    assert decide(rules, taken, ANYBODY, NOW).state is State.WAITLISTED


# -- sessions with seats of their own ------------------------------------------------------------


def test_a_session_is_full_when_its_seats_are_chosen() -> None:
    taken = taken_by(
        Applicant(role=1, country=1, sessions=frozenset({1, 2, 4})),
        Applicant(role=1, country=1, is_online=True, sessions=frozenset({2})),
    )
    capacities = {1: 2, 2: 2, 3: 0, 5: 1}
    assert full_sessions(capacities, taken, [1, 2, 3, 4, 5]) == {2, 3}


def test_only_the_chosen_sessions_matter() -> None:
    assert full_sessions({1: 0, 2: 0}, SeatsTaken(), [2]) == {2}


# -- the waiting list ----------------------------------------------------------------------------


def test_who_came_first_moves_up_first() -> None:
    queue = in_line(ANYBODY, ANYBODY, ANYBODY)
    assert promoted(EventRules(on_site=2), SeatsTaken(), reversed(queue), NOW) == [1, 2]


def test_a_seat_that_the_first_may_not_take_goes_to_the_next() -> None:
    rules = EventRules(on_site=2, caps=(cap(Dimension.COUNTRY, 1),))
    queue = in_line(Applicant(1, 1), Applicant(1, 1), Applicant(1, 2))
    assert promoted(rules, SeatsTaken(), queue, NOW) == [1, 3]


def test_whom_the_event_is_no_longer_for_is_passed_over() -> None:
    rules = EventRules(on_site=1, roles=TWO)
    queue = in_line(Applicant(1, 1), Applicant(2, 1))
    assert promoted(rules, SeatsTaken(), queue, NOW) == [2]


def test_nobody_moves_up_where_the_office_promotes() -> None:
    rules = EventRules(on_site=1, is_promoting=False)
    assert promoted(rules, SeatsTaken(), in_line(ANYBODY), NOW) == []


def test_after_a_selection_people_move_up() -> None:
    rules = EventRules(on_site=1, by_selection=True)
    assert promoted(rules, SeatsTaken(), in_line(ANYBODY, ANYBODY), NOW) == [1]


def test_people_move_up_in_either_mode() -> None:
    queue = in_line(ANYBODY, ANYBODY, ONLINE, ONLINE)
    assert promoted(EventRules(on_site=1, online=1), SeatsTaken(), queue, NOW) == [1, 3]


def test_promotion_leaves_the_counts_to_the_caller() -> None:
    taken = SeatsTaken()
    promoted(EventRules(on_site=1), taken, in_line(ANYBODY), NOW)
    assert taken == SeatsTaken()


# -- what time alone changes ---------------------------------------------------------------------


def test_time_changes_nothing_without_phases_or_held_seats() -> None:
    rules = EventRules(on_site=1, caps=(cap(Dimension.COUNTRY, 1),))
    assert next_change(rules, NOW) is None


def test_the_next_change_is_the_nearest_to_come() -> None:
    held = Hold(frozenset({2}), 1, NOW + 3 * HOUR)
    rules = EventRules(on_site=1, caps=(PHASED,), holds=(held,))
    found = [next_change(rules, NOW + hours * HOUR) for hours in range(4)]
    assert found == [NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR, None]


# -- more seats given than a limit allows --------------------------------------------------------


def test_a_limit_that_is_kept_to_is_no_excess() -> None:
    limits = tuple(cap(per, 1) for per in CAPPED)
    assert excesses(EventRules(on_site=1, caps=limits), taken_by(ANYBODY), NOW) == []


def test_more_people_than_seats_are_an_excess_of_the_mode() -> None:
    taken = taken_by(ANYBODY, ANYBODY, ONLINE)
    assert excesses(EventRules(on_site=1), taken, NOW) == [
        Excess((Dimension.MODE, "on-site"), 2, 1),
        Excess((Dimension.MODE, "online"), 1, 0),
    ]


def test_each_group_beyond_a_limit_is_an_excess() -> None:
    limit = cap(Dimension.COUNTRY, 1)
    taken = taken_by(*[Applicant(1, country) for country in (1, 2, 2, 3, 3, 3)])
    assert excesses(EventRules(on_site=6, caps=(limit,)), taken, NOW) == [
        Excess((Dimension.COUNTRY, "2"), 2, 1, limit),
        Excess((Dimension.COUNTRY, "3"), 3, 1, limit),
    ]


def test_a_limit_for_one_role_is_exceeded_by_that_role_only() -> None:
    limit = cap(Dimension.ROLE_IN_COUNTRY, 0, role=1)
    taken = taken_by(*[Applicant(role, country=4) for role in (1, 2, 11)])
    assert excesses(EventRules(on_site=3, caps=(limit,)), taken, NOW) == [
        Excess((Dimension.ROLE_IN_COUNTRY, "1:4"), 1, 0, limit)
    ]


def test_an_excess_ends_with_the_phase() -> None:
    rules, taken = EventRules(on_site=5, caps=(PHASED,)), taken_by(*[ANYBODY] * 3)
    found = [excesses(rules, taken, NOW + hours * HOUR) for hours in range(3)]
    of_programme = (Dimension.PROGRAMME, "1")
    assert found == [
        [Excess(of_programme, 3, 1, PHASED)],
        [Excess(of_programme, 3, 2, PHASED)],
        [],
    ]


# -- a fair selection ----------------------------------------------------------------------------


def of_programme(number: int | None, *, role: int = 1, country: int = 1) -> Applicant:
    return Applicant(role, country, strand=number and 1, programme=number)


def test_each_programme_has_a_seat_before_one_has_two() -> None:
    applicants = in_line(of_programme(1), of_programme(1), of_programme(2))
    assert propose(EventRules(on_site=2), SeatsTaken(), applicants, NOW) == [
        Proposal(1, State.CONFIRMED),
        Proposal(3, State.CONFIRMED, of_programme=0, of_country=1, of_role=1),
        Proposal(2, State.WAITLISTED, 1, 2, 2, (AllSeatsTaken(2),)),
    ]


def test_seats_given_before_count() -> None:
    before = taken_by(of_programme(1))
    applicants = in_line(of_programme(1), of_programme(2))
    assert propose(EventRules(on_site=2), before, applicants, NOW) == [
        Proposal(2, State.CONFIRMED, of_programme=0, of_country=1, of_role=1),
        Proposal(1, State.WAITLISTED, 1, 2, 2, (AllSeatsTaken(2),)),
    ]


@pytest.mark.parametrize(
    ("first", "rival", "chosen"),
    [
        (of_programme(1), of_programme(2, country=2, role=2), 3),  # country and role have none
        (of_programme(1, role=2), of_programme(2, country=2), 3),  # the country comes first
        (of_programme(1), of_programme(2, role=2), 3),  # then the role
        (of_programme(1), of_programme(2), 2),  # then who came first
    ],
)
def test_between_programmes_the_country_decides_then_the_role_then_arrival(
    first: Applicant, rival: Applicant, chosen: int
) -> None:
    applicants = in_line(of_programme(3), first, rival)
    proposals = propose(EventRules(on_site=2), SeatsTaken(), applicants, NOW)
    assert [p.number for p in proposals if p.state is State.CONFIRMED] == [1, chosen]


def test_a_role_is_counted_on_site_and_online_together() -> None:
    before = taken_by(Applicant(role=2, country=9, is_online=True))
    applicants = in_line(of_programme(1, role=2), of_programme(2, role=1))
    proposals = propose(EventRules(on_site=1, online=1), before, applicants, NOW)
    assert [(p.number, p.of_role) for p in proposals] == [(2, 0), (1, 1)]


def test_people_without_a_programme_are_counted_by_institution() -> None:
    applicants = in_line(*[Applicant(1, 1, institution) for institution in "aab"])
    proposals = propose(EventRules(on_site=2), SeatsTaken(), applicants, NOW)
    assert [(p.number, p.of_programme) for p in proposals] == [(1, 0), (3, 0), (2, 1)]


def test_who_may_take_no_seat_in_their_turn_waits_and_the_next_is_chosen() -> None:
    limit = cap(Dimension.ROLE_IN_COUNTRY, 0, role=2)
    applicants = in_line(of_programme(1, role=2), of_programme(1))
    rules = EventRules(on_site=1, caps=(limit,))
    assert propose(rules, SeatsTaken(), applicants, NOW) == [
        Proposal(1, State.WAITLISTED, reasons=(CapReached(limit, 0),)),
        Proposal(2, State.CONFIRMED),
    ]


def test_whom_the_event_is_not_for_is_proposed_to_be_declined() -> None:
    applicants = in_line(of_programme(1), of_programme(1, role=2))
    rules = EventRules(on_site=2, by_selection=True, is_promoting=False, roles=TWO)
    assert propose(rules, SeatsTaken(), applicants, NOW) == [
        Proposal(2, State.CONFIRMED),
        Proposal(1, State.DECLINED, reasons=(RoleNotInvited(TWO),)),
    ]


def test_held_seats_stay_free_where_only_others_apply() -> None:
    proposals = propose(HOLDING, SeatsTaken(), in_line(ANYBODY, ANYBODY), NOW)
    assert proposals == [
        Proposal(1, State.CONFIRMED),
        Proposal(2, State.WAITLISTED, 1, 1, 1, (SeatsHeld((HELD,)),)),
    ]


def test_the_declined_are_listed_as_they_came() -> None:
    applicants = in_line(of_programme(1), of_programme(2))
    proposals = propose(EventRules(on_site=2, roles=TWO), SeatsTaken(), applicants[::-1], NOW)
    assert [proposal.number for proposal in proposals] == [1, 2]


# -- nobody overtakes, nothing idles -------------------------------------------------------------


OFFICE = EventRules(on_site=2, is_promoting=False)


def behind(rules: EventRules, taken: SeatsTaken, who: Applicant, *line: Applicant) -> State | None:
    """What they get behind these people."""
    return decide(rules, taken, who, NOW, line=line).state


def test_where_the_office_promotes_nobody_overtakes_those_who_wait() -> None:
    alone = decide(OFFICE, SeatsTaken(), ANYBODY, NOW)
    assert alone == Decision(State.CONFIRMED, (SeatFree(2),))
    decision = decide(OFFICE, SeatsTaken(), ANYBODY, NOW, line=[ANYBODY])
    assert decision == Decision(State.WAITLISTED, (OthersWait(),))


def test_the_line_is_read_only_where_the_office_promotes_and_a_seat_is_free() -> None:
    line, full = iter([ANYBODY]), taken_by(ANYBODY, ANYBODY)
    rules = replace(OFFICE, is_promoting=True)
    assert decide(rules, SeatsTaken(), ANYBODY, NOW, line=line).state is State.CONFIRMED
    assert decide(OFFICE, full, ANYBODY, NOW, line=line).reasons == (AllSeatsTaken(2),)
    assert list(line) == [ANYBODY]


def test_who_can_have_no_seat_now_keeps_nobody_from_one() -> None:
    other = replace(ANYBODY, role=2, country=2, programme=2, institution="b")
    capped = replace(OFFICE, caps=(cap(Dimension.PROGRAMME, 1),))
    assert behind(capped, taken_by(ANYBODY), other, ANYBODY) is State.CONFIRMED
    assert behind(replace(OFFICE, roles=TWO), SeatsTaken(), other, ANYBODY) is State.CONFIRMED
    held = replace(OFFICE, holds=(Hold(TWO, 1, LATER),))
    assert behind(held, taken_by(ANYBODY), other, ANYBODY) is State.CONFIRMED


def test_whom_staff_let_in_is_not_passed_over() -> None:
    rules, exempt = replace(OFFICE, roles=TWO), replace(ANYBODY, is_exempt=True)
    assert behind(rules, SeatsTaken(), replace(ANYBODY, role=2), exempt) is State.WAITLISTED


def test_a_held_seat_is_none_that_others_in_line_could_have() -> None:
    """They wait for the one beside it; who it is held for waits behind those alike."""
    rules, held_for = replace(OFFICE, holds=(Hold(TWO, 1, LATER),)), replace(ANYBODY, role=2)
    assert behind(rules, SeatsTaken(), held_for, ANYBODY) is State.CONFIRMED
    assert behind(rules, SeatsTaken(), held_for, ANYBODY, held_for) is State.WAITLISTED
    assert behind(rules, SeatsTaken(), ANYBODY, held_for) is State.WAITLISTED


def test_a_seat_in_the_other_mode_passes_over_nobody() -> None:
    rules = replace(OFFICE, online=2)
    assert behind(rules, SeatsTaken(), ONLINE, ANYBODY) is State.CONFIRMED
    assert behind(rules, SeatsTaken(), ANYBODY, ONLINE) is State.CONFIRMED


@pytest.mark.parametrize(
    ("most", "state"), [(1, State.WAITLISTED), (2, State.CONFIRMED), (None, State.CONFIRMED)]
)
def test_the_last_seat_of_a_group_is_in_either_mode_theirs_who_wait(
    most: int | None, state: State
) -> None:
    rules = replace(OFFICE, online=2, caps=(cap(Dimension.COUNTRY, most),))
    assert behind(rules, SeatsTaken(), ONLINE, ANYBODY) is state
    assert behind(rules, SeatsTaken(), ONLINE, Applicant(1, 2)) is State.CONFIRMED


def test_a_seat_in_another_mode_is_weighed_against_the_one_given_up() -> None:
    rules = replace(OFFICE, online=1, caps=(cap(Dimension.COUNTRY, 3),))
    before, after = taken_by(ANYBODY), taken_by(ONLINE)
    assert not overtakes(rules, before, after, [ANYBODY], NOW)
    assert overtakes(rules, before, after, [ANYBODY, ONLINE], NOW)
    assert not overtakes(rules, before, before, [ANYBODY, ONLINE], NOW)


def test_who_waits_reads_every_reason_or_that_the_office_chooses() -> None:
    rules = replace(OFFICE, roles=TWO)
    full = taken_by(ANYBODY, ANYBODY)
    assert reasons_to_wait(rules, full, ANYBODY, NOW) == (RoleNotInvited(TWO), AllSeatsTaken(2))
    assert reasons_to_wait(OFFICE, full, ANYBODY, NOW) == (AllSeatsTaken(2),)
    assert reasons_to_wait(OFFICE, SeatsTaken(), ANYBODY, NOW) == (OthersWait(),)
    for other in (replace(OFFICE, is_promoting=True), replace(OFFICE, by_selection=True)):
        assert reasons_to_wait(other, SeatsTaken(), ANYBODY, NOW) == ()


# -- once there is no selection any more ---------------------------------------------------------


def test_applicants_get_seats_in_the_order_in_which_they_came() -> None:
    applied = in_line(ANYBODY, ANYBODY, ANYBODY)
    assert admitted(OFFICE, SeatsTaken(), applied[::-1], [], NOW) == [1, 2]


def test_no_applicant_overtakes_who_waits_where_the_office_promotes() -> None:
    waiting, applied = [Waiting(9, ANYBODY)], in_line(ANYBODY, ONLINE)
    rules = replace(OFFICE, online=1)
    assert admitted(rules, SeatsTaken(), applied, waiting, NOW) == [2]
    rules = replace(rules, is_promoting=True)
    assert admitted(rules, SeatsTaken(), applied, waiting, NOW) == [1, 2, 9]


def test_who_waits_without_a_chance_keeps_no_applicant_from_a_seat() -> None:
    rules = replace(OFFICE, caps=(cap(Dimension.COUNTRY, 1),))
    waiting, others = [Waiting(1, ANYBODY)], [Waiting(2, ANYBODY), Waiting(3, Applicant(1, 2))]
    assert admitted(rules, taken_by(ANYBODY), others, waiting, NOW) == [3]


def test_an_applicant_overtakes_none_who_goes_to_the_list_before() -> None:
    """The first waits behind who waits online, the second behind the first."""
    rules = EventRules(on_site=2, online=1, is_promoting=False, caps=(cap(Dimension.COUNTRY, 1),))
    applied = in_line(ANYBODY, Applicant(1, 2))
    assert admitted(rules, SeatsTaken(), applied, [Waiting(9, ONLINE)], NOW) == []


def test_applicants_whom_the_event_is_not_for_wait_in_nobodys_way() -> None:
    rules, theirs = replace(OFFICE, roles=TWO), replace(ANYBODY, role=2)
    assert admitted(rules, SeatsTaken(), in_line(ANYBODY, theirs), [], NOW) == [2]


def test_two_holds_for_fewer_seats_than_they_keep_leave_none_to_nobody() -> None:
    """Two of four seats are given to others: both holds want what is left."""
    first, second = (Hold(frozenset({role}), 2, LATER) for role in (1, 2))
    rules = EventRules(on_site=4, holds=(first, second))
    taken = SeatsTaken.of([replace(ANYBODY, role=3)] * 2)
    queue = in_line(replace(ANYBODY, role=2), replace(ANYBODY, role=1))
    assert promoted(rules, taken, queue, NOW) == [2]


def test_a_hold_that_is_filled_is_no_reason() -> None:
    filled, open_ = (Hold(frozenset({role}), 1, LATER) for role in (1, 2))
    rules = EventRules(on_site=2, holds=(filled, open_))
    taken = SeatsTaken.of([replace(ANYBODY, role=1)])
    decision = decide(rules, taken, replace(ANYBODY, role=3), NOW)
    assert decision == Decision(State.WAITLISTED, (SeatsHeld((open_,)),))
