from hypothesis import given
from hypothesis import strategies as st

from interact_events.registrations.rules import (
    MOVES,
    AllSeatsTaken,
    Applicant,
    Decision,
    EventRules,
    OfficeSelects,
    RoleNotInvited,
    SeatFree,
    SeatsTaken,
    State,
    StrandNotInvited,
    Waiting,
    barred,
    decide,
    promoted,
)

ANYBODY = Applicant(role=1, strand=1)

small = st.integers(1, 3)
some = st.frozensets(small, max_size=2)
applicants = st.builds(Applicant, role=small, strand=st.none() | small)
events = st.builds(
    EventRules,
    capacity=st.integers(1, 5),
    by_selection=st.booleans(),
    roles=some,
    strands=some,
)
first_come = st.builds(EventRules, capacity=st.integers(1, 5), roles=some, strands=some)
seats = st.builds(SeatsTaken, total=st.integers(0, 6))
queues = st.lists(
    st.builds(Waiting, number=st.integers(1, 100), applicant=applicants),
    max_size=8,
    unique_by=lambda each: each.number,
)


def test_a_free_seat_is_given_at_once() -> None:
    decision = decide(EventRules(capacity=2), SeatsTaken(1), ANYBODY)
    assert decision == Decision(State.CONFIRMED, (SeatFree(1),))


def test_without_a_free_seat_they_wait() -> None:
    decision = decide(EventRules(capacity=2), SeatsTaken(2), ANYBODY)
    assert decision == Decision(State.WAITLISTED, (AllSeatsTaken(2),))


def test_where_the_office_selects_nobody_is_confirmed() -> None:
    decision = decide(EventRules(capacity=2, by_selection=True), SeatsTaken(0), ANYBODY)
    assert decision == Decision(State.PENDING, (OfficeSelects(),))


def test_every_obstacle_is_named() -> None:
    rules = EventRules(capacity=2, roles=frozenset({2}), strands=frozenset({3}))
    assert decide(rules, SeatsTaken(), ANYBODY) == Decision(
        None, (RoleNotInvited(frozenset({2})), StrandNotInvited(frozenset({3})))
    )


def test_somebody_without_a_programme_has_no_strand() -> None:
    rules = EventRules(capacity=2, strands=frozenset({3}))
    assert decide(rules, SeatsTaken(), Applicant(role=1)).is_refused


def test_empty_roles_and_strands_mean_all() -> None:
    assert barred(EventRules(capacity=1), Applicant(role=7)) == ()


def test_where_the_office_selects_nobody_moves_up_by_themselves() -> None:
    queue = [Waiting(1, ANYBODY)]
    assert promoted(EventRules(capacity=2, by_selection=True), SeatsTaken(0), queue) == []


def test_a_cancelled_registration_stays_cancelled() -> None:
    assert MOVES[State.CANCELLED] == frozenset()


def test_every_state_says_what_may_follow() -> None:
    assert set(MOVES) == set(State)


def test_nobody_becomes_unconfirmed_again() -> None:
    assert [state for state in State if State.UNCONFIRMED in MOVES[state]] == []


@given(events, seats, queues)
def test_promotion_never_exceeds_the_capacity(
    rules: EventRules, taken: SeatsTaken, queue: list[Waiting]
) -> None:
    seated = promoted(rules, taken, queue)
    assert not seated or taken.total + len(seated) <= rules.capacity


@given(events, seats, applicants)
def test_nobody_is_confirmed_without_a_seat(
    rules: EventRules, taken: SeatsTaken, applicant: Applicant
) -> None:
    confirmed = decide(rules, taken, applicant).state is State.CONFIRMED
    assert not confirmed or taken.total < rules.capacity


@given(first_come, seats, queues)
def test_nobody_eligible_waits_while_a_seat_is_free(
    rules: EventRules, taken: SeatsTaken, queue: list[Waiting]
) -> None:
    seated = promoted(rules, taken, queue)
    left = [w for w in queue if w.number not in seated and not barred(rules, w.applicant)]
    assert not left or taken.total + len(seated) >= rules.capacity


@given(first_come, seats, queues)
def test_promotion_follows_the_order_of_arrival(
    rules: EventRules, taken: SeatsTaken, queue: list[Waiting]
) -> None:
    allowed = sorted(w.number for w in queue if not barred(rules, w.applicant))
    seated = promoted(rules, taken, queue)
    assert seated == allowed[: len(seated)]


@given(events, seats, queues)
def test_the_same_queue_gives_the_same_result_in_any_order(
    rules: EventRules, taken: SeatsTaken, queue: list[Waiting]
) -> None:
    mixed = list(reversed(queue))
    assert promoted(rules, taken, mixed) == promoted(rules, taken, queue)


@given(events, seats, queues)
def test_a_second_promotion_finds_nothing_to_do(
    rules: EventRules, taken: SeatsTaken, queue: list[Waiting]
) -> None:
    seated = promoted(rules, taken, queue)
    left = [w for w in queue if w.number not in seated]
    assert promoted(rules, SeatsTaken(taken.total + len(seated)), left) == []


@given(events, seats, applicants)
def test_who_is_barred_is_refused_and_nobody_else(
    rules: EventRules, taken: SeatsTaken, applicant: Applicant
) -> None:
    assert decide(rules, taken, applicant).is_refused == bool(barred(rules, applicant))


@given(first_come, st.lists(applicants, max_size=10), st.lists(st.integers(0, 9), max_size=5))
def test_a_whole_history_stays_within_the_rules(
    rules: EventRules, arrivals: list[Applicant], leaving: list[int]
) -> None:
    """People arrive, some with a seat leave: never over capacity, never an idle seat."""
    seated: list[int] = []
    waiting: list[Waiting] = []
    for number, applicant in enumerate(arrivals):
        state = decide(rules, SeatsTaken(len(seated)), applicant).state
        if state is State.CONFIRMED:
            seated.append(number)
        elif state is State.WAITLISTED:
            waiting.append(Waiting(number, applicant))
    for number in leaving:
        if number in seated:
            seated.remove(number)
            up = promoted(rules, SeatsTaken(len(seated)), waiting)
            waiting = [w for w in waiting if w.number not in up]
            seated += up
        assert len(seated) <= rules.capacity
        assert not waiting or len(seated) == rules.capacity
