"""What choices come to, as pure data."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from interact_events.registrations.rules import (
    Applicant,
    Cap,
    Dimension,
    EventRules,
    Excess,
    Hold,
    RoleNotInvited,
    SeatsHeld,
    SeatsTaken,
    State,
    Step,
    Waiting,
)
from interact_events.selections.rules import (
    Places,
    Share,
    Totals,
    balance,
    explained,
    fingerprint,
    moving_up,
    outcome,
    overall,
    places,
    propose_beside,
    totals,
)

NOW = datetime(2027, 5, 12, 9, tzinfo=UTC)
SEAT, WAIT, NO = State.CONFIRMED, State.WAITLISTED, State.DECLINED


def waiting(number: int, programme: int = 1, country: int = 1, role: int = 1) -> Waiting:
    who = Applicant(role=role, country=country, strand=1, programme=programme, is_invited=True)
    return Waiting(number, who)


def two_each(programmes: int = 1) -> Cap:
    return Cap(Dimension.PROGRAMME, (Step(None, programmes),))


def test_totals_count_those_without_a_choice_as_undecided() -> None:
    assert totals([1, 2, 3, 4], {1: SEAT, 2: WAIT, 3: NO, 9: SEAT}) == Totals(1, 1, 1, 1)


def test_a_fingerprint_names_the_choices_in_whatever_order() -> None:
    assert fingerprint({1: SEAT, 2: NO}) == fingerprint({2: NO, 1: SEAT})
    assert fingerprint({1: SEAT}) != fingerprint({1: WAIT})


def test_an_outcome_within_the_rules_breaks_nothing() -> None:
    found = outcome(
        EventRules(on_site=2), SeatsTaken(), [waiting(1), waiting(2)], {1: SEAT, 2: WAIT}, NOW
    )
    assert (found.beyond, found.excesses) == ((), ())
    assert found.taken.in_mode(is_online=False) == 1


def test_an_outcome_names_who_goes_beyond_a_limit_and_which() -> None:
    rules = EventRules(on_site=2, caps=(two_each(),))
    people = [waiting(1), waiting(2), waiting(3, programme=2)]
    found = outcome(rules, SeatsTaken(), people, dict.fromkeys((1, 2, 3), SEAT), NOW)
    assert [each.number for each in found.beyond] == [2, 3]
    assert [(each.counted, each.taken, each.most) for each in found.excesses] == [
        ((Dimension.MODE, "on-site"), 3, 2),
        ((Dimension.PROGRAMME, "1"), 2, 1),
    ]


def test_an_old_excess_to_which_the_choices_add_nothing_is_not_theirs() -> None:
    rules = EventRules(on_site=9, caps=(two_each(),))
    taken = SeatsTaken.of([waiting(1).applicant, waiting(2).applicant])
    found = outcome(rules, taken, [waiting(3, programme=2)], {3: SEAT}, NOW)
    assert found.excesses == ()


def test_held_seats_and_uninvited_roles_go_beyond_the_rules_too() -> None:
    hold = Hold(frozenset({2}), 1, NOW + timedelta(days=1))
    rules = EventRules(on_site=1, roles=frozenset({1, 2}), holds=(hold,))
    people = [waiting(1), waiting(2, role=3)]
    found = outcome(rules, SeatsTaken(), people, {1: SEAT}, NOW)
    assert found.beyond[0].reasons == (SeatsHeld((hold,)),)
    found = outcome(rules, SeatsTaken(), people, {2: SEAT}, NOW)
    assert found.beyond[0].reasons[0] == RoleNotInvited(frozenset({1, 2}))


def test_a_proposal_keeps_what_was_chosen_by_hand_and_counts_its_seats() -> None:
    people = [waiting(1), waiting(2, programme=2), waiting(3, programme=3)]
    rules = EventRules(on_site=2)
    found = propose_beside(rules, SeatsTaken(), people, {3: SEAT, 1: NO}, NOW)
    assert [(each.number, each.state) for each in found] == [(2, SEAT)]
    found = propose_beside(rules, SeatsTaken(), people, {3: SEAT}, NOW)
    assert [(each.number, each.state) for each in found] == [(1, SEAT), (2, WAIT)]


def test_the_explanation_of_a_hand_made_choice_is_that_of_the_method_without_it() -> None:
    people = [waiting(1), waiting(2, programme=2)]
    found = explained(EventRules(on_site=1), SeatsTaken(), people, {1: NO}, NOW)
    assert {number: proposal.state for number, proposal in found.items()} == {1: SEAT, 2: SEAT}


def test_free_seats_would_go_to_the_waiting_list_whatever_the_event_says_before() -> None:
    rules = EventRules(on_site=2, by_selection=True, is_promoting=False)
    assert moving_up(rules, SeatsTaken(), [waiting(5), waiting(4), waiting(6)], NOW) == [4, 5]


def test_balance_puts_the_largest_group_first() -> None:
    people = [("Alpine", True, False), ("Baltic", False, True), ("Baltic", False, False)]
    assert balance(people) == [Share("Baltic", 0, 1, 2), Share("Alpine", 1, 0, 1)]


def test_an_outcome_names_the_limits_and_holds_that_the_choices_just_fill() -> None:
    kept = Hold(frozenset({1}), 2, NOW + timedelta(days=1))
    rules = EventRules(on_site=3, caps=(two_each(2),), holds=(kept, replace(kept, until=NOW)))
    people = [waiting(1), waiting(2), waiting(3, programme=2, role=2)]
    found = outcome(rules, SeatsTaken(), people, {1: SEAT}, NOW)
    assert (found.reached, found.filled) == ((), ())
    found = outcome(rules, SeatsTaken(), people, {1: SEAT, 2: SEAT}, NOW)
    assert found.reached == (Excess((Dimension.PROGRAMME, "1"), 2, 2, two_each(2)),)
    assert found.filled == (kept,)
    found = outcome(rules, SeatsTaken(), people, dict.fromkeys((1, 2, 3), SEAT), NOW)
    assert found.reached[0] == Excess((Dimension.MODE, "on-site"), 3, 3)


def test_what_was_full_before_is_not_reached_by_the_choices() -> None:
    kept = Hold(frozenset({1}), 1, NOW + timedelta(days=1))
    rules = EventRules(on_site=9, caps=(two_each(1),), holds=(kept,))
    taken = SeatsTaken.of([waiting(1).applicant])
    found = outcome(rules, taken, [waiting(2, programme=2, country=2)], {2: SEAT}, NOW)
    assert [each.counted for each in found.reached] == [(Dimension.PROGRAMME, "2")]
    assert found.filled == ()


def test_the_seats_of_each_mode_are_counted_apart() -> None:
    rules = EventRules(on_site=2, online=1)
    on_site, online = waiting(1).applicant, replace(waiting(2).applicant, is_online=True)
    before, after = (
        SeatsTaken.of([on_site, online, online]),
        SeatsTaken.of([on_site] * 3 + [online] * 2),
    )
    found = [places(rules, before, after, is_online) for is_online in (False, True)]
    assert found == [Places(False, chosen=2, free=1), Places(True, chosen=0, free=0)]
    assert [each.is_over for each in found] == [True, False]


def test_each_share_is_held_against_everybodys() -> None:
    shares = [Share("Baltic", 1, 1, 3), Share("Alpine", 0, 1, 5)]
    assert [share.percent for share in (*shares, overall(shares))] == [67, 20, 38]
    assert overall([]).percent == 0
