"""What holds for any rules, any people and any history of an event."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from operator import add, attrgetter
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from interact_events.registrations.rules import (
    CAPPED,
    Applicant,
    Cap,
    Dimension,
    EarlierFirst,
    EventRules,
    Excess,
    Hold,
    Proposal,
    SeatsTaken,
    State,
    Step,
    Waiting,
    admitted,
    barred,
    decide,
    excesses,
    full_sessions,
    held_but_given,
    next_change,
    promoted,
    propose,
    shortages,
)

by_number = attrgetter("number")
START = datetime(2027, 5, 12, 9, tzinfo=UTC)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


# -- people --------------------------------------------------------------------------------------

STRANDS = {None: None, 1: 1, 2: 1, 3: 2}  # of programmes
EVERYBODY = [
    Applicant(role, country, institution, STRANDS[programme], programme, is_online, *let_in)
    for programme, let_in, is_online, institution, country, role in product(
        STRANDS,
        [(False, False), (True, False), (False, True)],  # invited, exempt
        [False, False, True],  # more come than log in
        ["a", "b"],
        [1, 2],
        [1, 2, 3, 4],
    )
]
applicants = st.sampled_from(EVERYBODY)
crowds = st.lists(applicants, max_size=8)
seats_taken = crowds.map(SeatsTaken.of)
queues = st.lists(
    st.builds(Waiting, number=st.integers(1, 20), applicant=applicants),
    max_size=8,
    unique_by=lambda each: each.number,
)

# -- rules ---------------------------------------------------------------------------------------

hours = st.integers(0, 5)
instants = hours.map(at)
rarely = st.sampled_from([False, False, False, True])
all_or_some: st.SearchStrategy[frozenset[int]] = st.sampled_from(
    [frozenset(), frozenset(), frozenset({1}), frozenset({1, 2}), frozenset({2, 3})]
)
figures_of_caps = st.sampled_from([0, 1, 2, 3, None])


def rising(figures: list[int | None]) -> list[int | None]:
    return sorted(figures, key=lambda most: (most is None, most))


@st.composite
def caps(draw: st.DrawFn, *, is_rising: bool) -> Cap:
    """With up to two phases; the figures only rise where asked."""
    begins = draw(st.sampled_from([(), (1,), (2,), (1, 3)]))
    number = len(begins) + 1
    figures = draw(st.lists(figures_of_caps, min_size=number, max_size=number))
    figures = rising(figures) if is_rising else figures
    since: list[datetime | None] = [None, *map(at, begins)]
    per = draw(st.sampled_from(CAPPED))
    role = draw(st.sampled_from([None, 1, 2, 3])) if per is Dimension.ROLE_IN_COUNTRY else None
    return Cap(per, tuple(map(Step, since, figures)), role)


holds = st.lists(  # none for a fourth role
    st.builds(
        Hold,
        roles=st.sampled_from([frozenset({1}), frozenset({2, 3})]),
        seats=st.integers(0, 2),
        until=instants,
        is_online=rarely,
    ),
    max_size=3,
    unique_by=lambda hold: (hold.roles, hold.is_online),
).map(tuple)


def asked(**fixed: Any) -> st.SearchStrategy[EventRules]:
    """What events may ask; `fixed` says what isn't left open."""
    open_ones: dict[str, Any] = {
        "on_site": st.integers(0, 5),
        "online": st.integers(0, 3),
        "by_selection": st.booleans(),
        "by_invitation": rarely,
        "is_promoting": st.booleans(),
        "roles": all_or_some,
        "strands": all_or_some,
        "programmes": all_or_some,
        "countries": all_or_some,
        "caps": st.lists(caps(is_rising=False), max_size=3).map(tuple),
        "holds": holds,
    }
    return st.builds(EventRules, **(open_ones | fixed))


def with_room_for_holds(rules: EventRules) -> EventRules:
    """As many seats more as are held: nobody holds what there isn't."""
    online = sum(hold.seats for hold in rules.holds if hold.is_online)
    on_site = sum(hold.seats for hold in rules.holds if not hold.is_online)
    return replace(rules, on_site=rules.on_site + on_site, online=rules.online + online)


events = asked()
first_come = asked(by_selection=st.just(False), is_promoting=st.just(True))
growing = st.builds(
    EventRules,
    on_site=st.integers(0, 3),
    online=st.integers(0, 1),
    by_invitation=rarely,
    roles=all_or_some,
    caps=st.lists(caps(is_rising=True), max_size=2).map(tuple),
    holds=holds,
).map(with_room_for_holds)
holding = st.builds(EventRules, on_site=st.integers(0, 2), holds=holds).map(with_room_for_holds)


overheld = st.builds(  # more is held than there is
    EventRules,
    on_site=st.integers(1, 3),
    holds=st.tuples(
        *(
            st.builds(Hold, roles=st.just(roles), seats=st.integers(1, 2), until=st.just(at(until)))
            for roles, until in ((frozenset({1}), 5), (frozenset({2, 3}), 4))
        )
    )
    .flatmap(st.permutations)
    .map(tuple),
)

# -- whom an event is for, said once more --------------------------------------------------------


def is_for(rules: EventRules, who: Applicant) -> bool:
    """The event asks for nobody in particular, or they are among those whom it asks for."""
    is_of_those = (
        (not rules.roles or who.role in rules.roles)
        and (not rules.strands or who.strand in rules.strands)
        and (not rules.programmes or who.programme in rules.programmes)
        and (not rules.countries or who.country in rules.countries)
    )
    return who.is_exempt or (is_of_those and (who.is_invited or not rules.by_invitation))


# -- the limits, said once more, by counting people ----------------------------------------------


def is_within(rules: EventRules, seated: Sequence[Applicant], now: datetime) -> bool:
    """No pool gives more than it has besides what it holds, and no group has more than its cap."""
    return all(_fits_pool(rules, seated, now, is_online) for is_online in (False, True)) and all(
        _fits_cap(cap, seated, now) for cap in rules.caps
    )


def _fits_pool(
    rules: EventRules, seated: Sequence[Applicant], now: datetime, is_online: bool
) -> bool:
    there = [who.role for who in seated if who.is_online is is_online]
    kept = [
        max(0, hold.seats - sum(role in hold.roles for role in there))
        for hold in rules.holds
        if hold.is_online is is_online and now < hold.until
    ]
    return len(there) + sum(kept) <= (rules.online if is_online else rules.on_site)


def _fits_cap(cap: Cap, seated: Sequence[Applicant], now: datetime) -> bool:
    most = [step.most for step in cap.steps if step.since is None or step.since <= now][-1]
    groups = Counter(
        _group(cap.per, who) for who in seated if cap.role is None or cap.role == who.role
    )
    del groups[None]
    return most is None or max(groups.values(), default=0) <= most


def _group(per: Dimension, who: Applicant) -> object:
    return {
        Dimension.PROGRAMME: who.programme,
        Dimension.COUNTRY: who.country,
        Dimension.INSTITUTION: who.institution,
        Dimension.ROLE_IN_COUNTRY: (who.role, who.country),
    }[per]


def may_take_a_seat(
    rules: EventRules, seated: Sequence[Applicant], who: Applicant, now: datetime
) -> bool:
    """Whatever was given before: one of the free seats is theirs, and each of their groups has
    fewer than its cap."""
    return any(
        hold is None or who.role in hold.roles
        for hold in _free_seats(rules, seated, now, who.is_online)
    ) and all(
        _fits_cap(cap, [*(each for each in seated if _are_one_group(cap, each, who)), who], now)
        for cap in rules.caps
    )


def _free_seats(
    rules: EventRules, seated: Sequence[Applicant], now: datetime, is_online: bool
) -> list[Hold | None]:
    """Each with what it is held for; where more is held than is free, the first holds have it."""
    there = [who.role for who in seated if who.is_online is is_online]
    free = max(0, (rules.online if is_online else rules.on_site) - len(there))
    held: list[Hold | None] = []
    for hold in rules.holds:
        if hold.is_online is is_online and now < hold.until:
            held += [hold] * (hold.seats - sum(role in hold.roles for role in there))
    return [*held, *[None] * free][:free]


def may_have_a_seat(
    rules: EventRules, seated: Sequence[Applicant], who: Applicant, now: datetime
) -> bool:
    return is_for(rules, who) and may_take_a_seat(rules, seated, who, now)


def passed_over(
    rules: EventRules,
    seated: Sequence[Applicant],
    who: Applicant,
    line: Iterable[Applicant],
    now: datetime,
) -> list[Applicant]:
    """Those in line who may have a seat, and could have the very one that `who` takes, or none any
    more once it is taken. Whoever may takes a seat that is held for them, and else any."""
    free = _free_seats(rules, seated, now, who.is_online)
    hold = next((each for each in free if each and who.role in each.roles), None)
    return [
        one
        for one in line
        if may_have_a_seat(rules, seated, one, now)
        and (
            (one.is_online is who.is_online and (hold is None or one.role in hold.roles))
            or not may_take_a_seat(rules, [*seated, who], one, now)
        )
    ]


def _are_one_group(cap: Cap, one: Applicant, other: Applicant) -> bool:
    return _group(cap.per, one) == _group(cap.per, other)


# -- whole histories -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrives:
    who: Applicant


@dataclass(frozen=True)
class Leaves:
    number: int  # in order of arrival


@dataclass(frozen=True)
class Passes:
    hours: int


@dataclass(frozen=True)
class Grows:
    by: int
    is_online: bool


@dataclass(frozen=True)
class Releases:
    """The office gives up what it holds."""


@dataclass(frozen=True)
class Rules:
    """Other rules, stricter or not; their seats are those beside the ones that are given."""

    rules: EventRules


Change: TypeAlias = Arrives | Leaves | Passes | Grows | Releases | Rules

arrivals = st.lists(st.builds(Arrives, applicants), max_size=8)
what_follows = st.lists(
    st.builds(Arrives, applicants)
    | st.builds(Leaves, st.integers(0, 9))
    | st.builds(Passes, st.integers(1, 2))
    | st.builds(Grows, st.just(1), rarely)
    | st.just(Releases()),
    max_size=12,
)
courses: st.SearchStrategy[list[Change]] = st.builds(add, arrivals, what_follows)

limiting = st.builds(
    EventRules,
    on_site=st.integers(0, 3),
    online=st.integers(0, 1),
    roles=st.just(frozenset()) | all_or_some,
    caps=st.lists(caps(is_rising=False), max_size=2).map(tuple),
    holds=st.just(()) | holds,
)
roomy = st.builds(EventRules, on_site=st.integers(3, 6), online=st.integers(0, 2))
ruled_courses: st.SearchStrategy[list[Change]] = st.builds(
    lambda before, rules, after: [*before, Rules(rules), *after],
    arrivals,
    limiting,
    st.lists(
        st.builds(Arrives, applicants)
        | st.builds(Rules, limiting)
        | st.builds(Leaves, st.integers(0, 9))
        | st.builds(Passes, st.integers(1, 2)),
        max_size=8,
    ),
)
Mixing: TypeAlias = Callable[[list[Waiting]], Iterable[Waiting]]


@dataclass
class History:
    """An event as people come and go; `mixed` is the order in which its queue is read."""

    rules: EventRules
    mixed: Mixing = list
    now: datetime = START
    came: int = 0
    seated: list[Waiting] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)

    @property
    def with_seat(self) -> list[Applicant]:
        return [each.applicant for each in self.seated]

    @property
    def taken(self) -> SeatsTaken:
        return SeatsTaken.of(self.with_seat)

    def go_on(self, change: Change) -> None:
        match change:
            case Arrives(who):
                self._arrive(who)
            case Leaves(number):
                self.seated = [each for each in self.seated if each.number != number]
                self.waiting = [each for each in self.waiting if each.number != number]
            case Passes(number):
                self.now += timedelta(hours=number)
            case Grows(by, is_online):
                pool = "online" if is_online else "on_site"
                more: dict[str, Any] = {pool: self.rules.capacity(is_online) + by}
                self.rules = replace(self.rules, **more)
            case Releases():
                self.rules = replace(self.rules, holds=())
            case Rules(rules):
                on_site, online = map(self.taken.in_mode, (False, True))
                self.rules = replace(
                    rules,
                    on_site=rules.on_site + on_site,
                    online=rules.online + online,
                    is_promoting=self.rules.is_promoting,
                )
        self._promote()

    def new_seats(self, change: Change) -> list[tuple[list[Applicant], Waiting]]:
        """Those whom the change gives one, in their order, with who had a seat before them."""
        had = {each.number for each in self.seated}
        self.go_on(change)
        seated = self.with_seat
        return [
            (seated[:at], each) for at, each in enumerate(self.seated) if each.number not in had
        ]

    @property
    def line(self) -> list[Applicant]:
        return [each.applicant for each in self.waiting]

    def may_have(self, each: Waiting, seated: Sequence[Applicant]) -> bool:
        return may_have_a_seat(self.rules, seated, each.applicant, self.now)

    def overtaken_by(self, who: Applicant) -> list[Applicant]:
        return passed_over(self.rules, self.with_seat, who, self.line, self.now)

    def has_seat_for(self, who: Applicant) -> bool:
        """Where the office chooses, for somebody who comes now."""
        is_free = may_have_a_seat(self.rules, self.with_seat, who, self.now)
        return is_free and not self.overtaken_by(who)

    def beyond(self, seated: Sequence[Applicant]) -> tuple[list[Excess], list[int]]:
        """As the audit and the preview of new rules count it."""
        taken = SeatsTaken.of(seated)
        held = [held_but_given(self.rules, taken, mode, self.now) for mode in (False, True)]
        return excesses(self.rules, taken, self.now), held

    def _arrive(self, who: Applicant) -> None:
        each = Waiting(self.came, who)
        self.came += 1
        state = decide(self.rules, self.taken, who, self.now, line=self.line).state
        if state is State.CONFIRMED:
            self.seated.append(each)
        elif state is State.WAITLISTED:
            self.waiting.append(each)

    def _promote(self) -> None:
        numbers = promoted(self.rules, self.taken, self.mixed(self.waiting), self.now)
        left = {each.number: each for each in self.waiting}
        self.seated += [left.pop(number) for number in numbers]
        self.waiting = list(left.values())


@given(growing, courses)
def test_a_history_never_goes_over_a_limit(rules: EventRules, course: list[Change]) -> None:
    """Neither over the seats, nor over a cap in force, nor into seats held for others."""
    history = History(rules)
    for change in course:
        history.go_on(change)
        assert is_within(history.rules, history.with_seat, history.now)
        assert excesses(history.rules, history.taken, history.now) == []


@settings(max_examples=300)
@given(growing | roomy | overheld, courses | ruled_courses)
def test_no_new_seat_goes_over_a_limit_whatever_the_rules_become(
    rules: EventRules, course: list[Change]
) -> None:
    """What was given under other rules may be over a limit, but goes no further over it."""
    history = History(rules)
    for change in course:
        for before, each in history.new_seats(change):
            assert may_take_a_seat(history.rules, before, each.applicant, history.now)
            assert is_for(history.rules, each.applicant)
            assert history.beyond([*before, each.applicant]) == history.beyond(before)


@settings(max_examples=300)
@given(growing | roomy | overheld, courses | ruled_courses)
def test_in_a_history_seats_go_in_the_order_of_arrival(
    rules: EventRules, course: list[Change]
) -> None:
    """Each of them to the first of those who wait that may take it."""
    history = History(rules)
    for change in course:
        line = list(history.waiting)
        for before, each in history.new_seats(change):
            able = [one.number for one in line if history.may_have(one, before)]
            assert min([*able, each.number]) == each.number
            line = [one for one in line if one is not each]


@settings(max_examples=300)
@given(growing | roomy | overheld, courses | ruled_courses)
def test_in_a_history_nobody_waits_while_they_may_have_a_seat(
    rules: EventRules, course: list[Change]
) -> None:
    history = History(rules)
    for change in course:
        history.go_on(change)
        seated = history.with_seat
        assert [one for one in history.waiting if history.may_have(one, seated)] == []


@given(growing | roomy | overheld, courses | ruled_courses)
def test_only_leaving_takes_a_seat_away(rules: EventRules, course: list[Change]) -> None:
    history = History(rules)
    for change in course:
        before = list(history.seated)
        history.go_on(change)
        kept = [each for each in before if change != Leaves(each.number)]
        assert history.seated[: len(kept)] == kept


@given(growing | roomy | overheld, courses | ruled_courses)
def test_the_same_history_gives_the_same_result(rules: EventRules, course: list[Change]) -> None:
    """In whatever order the queue is read."""
    one, other = History(rules), History(rules, mixed=reversed)
    for change in course:
        one.go_on(change)
        other.go_on(change)
        assert one.seated == other.seated
    assert one.waiting == other.waiting


# -- where the office chooses who moves up -------------------------------------------------------

shared = st.builds(  # what is left of a country is for both modes
    EventRules,
    is_promoting=st.just(False),
    on_site=st.integers(1, 3),
    online=st.integers(1, 2),
    roles=st.sampled_from([frozenset(), frozenset({1})]),
    caps=st.integers(1, 2).map(lambda most: (Cap(Dimension.COUNTRY, (Step(None, most),)),)),
)
neighbours = st.builds(
    Applicant, role=st.integers(1, 2), country=st.integers(1, 2), is_online=st.booleans()
)
by_office = (growing | roomy | overheld | limiting).map(
    lambda rules: replace(rules, is_promoting=False)
)


@settings(max_examples=300)
@given(by_office, courses | ruled_courses)
def test_where_the_office_chooses_nobody_moves_up(rules: EventRules, course: list[Change]) -> None:
    history = History(rules)
    for change in course:
        seated = [each.applicant for _, each in history.new_seats(change)]
        assert seated in ([], [change.who] if isinstance(change, Arrives) else [])


@settings(max_examples=300)
@given(by_office, courses | ruled_courses)
def test_where_the_office_chooses_nobody_overtakes_who_could_have_the_seat(
    rules: EventRules, course: list[Change]
) -> None:
    history = History(rules)
    for change in course:
        overtaken = history.overtaken_by(change.who) if isinstance(change, Arrives) else []
        seated = history.new_seats(change)
        assert not (seated and overtaken)


@settings(max_examples=300)
@given(by_office, courses | ruled_courses)
def test_where_the_office_chooses_nobody_waits_behind_who_could_not_have_the_seat(
    rules: EventRules, course: list[Change]
) -> None:
    history = History(rules)
    for change in course:
        is_theirs = isinstance(change, Arrives) and history.has_seat_for(change.who)
        assert bool(history.new_seats(change)) == is_theirs


def those_with_a_turn(history: History, applied: list[Waiting]) -> list[int]:
    """Who gets a seat when they come one after the other, behind who waits already and who comes
    to wait by it."""
    numbers = []
    for each in applied:
        is_theirs = history.has_seat_for(each.applicant)
        (history.seated if is_theirs else history.waiting).append(each)
        numbers += [each.number] if is_theirs else []
    return numbers


Encounter: TypeAlias = tuple[EventRules, list[list[Waiting]]]


def encounters(
    rules: st.SearchStrategy[EventRules], *people: st.SearchStrategy[list[Applicant]]
) -> st.SearchStrategy[Encounter]:
    """Some have a seat, some wait, some apply, each as they came."""
    return st.tuples(
        rules,
        st.tuples(*people).map(lambda them: [[*map(Waiting, range(9), each)] for each in them]),
    )


crowded = encounters(by_office, crowds, crowds, st.lists(applicants, min_size=1, max_size=8))
crowded |= encounters(
    shared, *(st.lists(neighbours, min_size=least, max_size=3) for least in (0, 1, 2))
)


@settings(max_examples=500)
@given(crowded, instants)
def test_where_the_office_chooses_who_comes_gets_a_seat_that_nobody_in_line_could_have(
    encounter: Encounter, now: datetime
) -> None:
    rules, (seated, waiting, [each, *_]) = encounter
    history = History(rules, now=now, seated=seated, waiting=waiting)
    decision = decide(rules, history.taken, each.applicant, now, line=history.line)
    assert (decision.state is State.CONFIRMED) == history.has_seat_for(each.applicant)


@settings(max_examples=500)
@given(crowded, instants, st.sampled_from([list, reversed]))
def test_where_the_office_chooses_applicants_get_what_those_who_arrive_get(
    encounter: Encounter, now: datetime, mixed: Mixing
) -> None:
    rules, (seated, waiting, applied) = encounter
    history = History(rules, now=now, seated=seated, waiting=[*waiting])
    numbers = admitted(rules, history.taken, [*mixed(applied)], waiting, now)
    assert numbers == those_with_a_turn(history, applied)


# -- one decision --------------------------------------------------------------------------------


@given(events, seats_taken, applicants, instants)
def test_who_is_barred_is_refused_and_nobody_else(
    rules: EventRules, taken: SeatsTaken, who: Applicant, now: datetime
) -> None:
    assert decide(rules, taken, who, now).is_refused != is_for(rules, who)


@given(events, seats_taken, applicants, instants, st.booleans())
def test_an_earlier_event_opens_or_bars_and_changes_nothing_else(
    rules: EventRules, taken: SeatsTaken, who: Applicant, now: datetime, comes_first: bool
) -> None:
    asks = replace(rules, after=7 if comes_first else None)
    lacking = decide(asks, taken, replace(who, lacks_earlier=True), now)
    usual = decide(rules, taken, who, now)
    assert decide(asks, taken, who, now) == usual
    if not comes_first or who.is_exempt:
        assert lacking == usual
    else:
        assert lacking.reasons[-1] == EarlierFirst(7)
        assert lacking.is_refused


@given(first_come, seats_taken, applicants, instants)
def test_a_seat_is_confirmed_only_where_nothing_keeps_it(
    rules: EventRules, taken: SeatsTaken, who: Applicant, now: datetime
) -> None:
    has_seat = is_for(rules, who) and not shortages(rules, taken, who, now)
    assert (decide(rules, taken, who, now).state is State.CONFIRMED) == has_seat


@given(first_come, seats_taken, applicants, instants)
def test_who_comes_alone_and_who_waits_alone_get_the_same(
    rules: EventRules, taken: SeatsTaken, who: Applicant, now: datetime
) -> None:
    is_confirmed = decide(rules, taken, who, now).state is State.CONFIRMED
    assert promoted(rules, taken, [Waiting(1, who)], now) == ([1] if is_confirmed else [])


@settings(max_examples=500)  # cheap, and several limits must meet
@given(growing | holding, crowds, applicants, instants)
def test_a_seat_is_kept_from_them_only_if_it_would_break_a_limit(
    rules: EventRules, crowd: list[Applicant], who: Applicant, now: datetime
) -> None:
    seated: list[Applicant] = []
    for other in crowd:
        seated += [other] if is_within(rules, [*seated, other], now) else []
    is_kept = bool(shortages(rules, SeatsTaken.of(seated), who, now))
    assert is_kept != is_within(rules, [*seated, who], now)


@given(crowds, applicants)
def test_a_seat_given_and_taken_back_changes_nothing(
    crowd: list[Applicant], who: Applicant
) -> None:
    taken = SeatsTaken.of(crowd)
    taken.give(who)
    taken.take_back(who)
    assert taken == SeatsTaken.of(reversed(crowd))


sessions = st.frozensets(st.integers(1, 2))


@given(st.dictionaries(st.integers(1, 2), st.integers(0, 3)), st.lists(sessions), sessions)
def test_chosen_sessions_are_full_or_have_a_seat_for_one_more(
    capacities: dict[int, int], choices: list[frozenset[int]], chosen: frozenset[int]
) -> None:
    taken = SeatsTaken.of(Applicant(role=1, country=1, sessions=each) for each in choices)
    seats = Counter(session for each in choices for session in each)
    free = {one for one in chosen if one not in capacities or seats[one] < capacities[one]}
    assert full_sessions(capacities, taken, chosen) == chosen - free


# -- the waiting list ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """Some have a seat, some queue: to wait for the next seat, or for the office's selection."""

    rules: EventRules
    taken: SeatsTaken
    queue: list[Waiting]
    now: datetime

    def promoted(self) -> list[int]:
        return promoted(self.rules, self.taken, self.queue, self.now)

    def proposed(self) -> list[Proposal]:
        return propose(self.rules, self.taken, self.queue, self.now)

    def after(self, numbers: list[int]) -> "Scene":
        """Once these have their seats."""
        given_to = [each for each in self.queue if each.number in numbers]
        left = [each for each in self.queue if each.number not in numbers]
        taken = copy(self.taken)
        for each in given_to:
            taken.give(each.applicant)
        return replace(self, taken=taken, queue=left)

    def as_they_came(self) -> "Scene":
        """The queue is read in any order; this one is theirs."""
        return replace(self, queue=sorted(self.queue, key=by_number))

    def could_take_a_seat(self) -> list[int]:
        """Those in the queue whom nothing keeps from a seat."""
        return [
            each.number
            for each in self.queue
            if is_for(self.rules, each.applicant)
            and not shortages(self.rules, self.taken, each.applicant, self.now)
        ]

    def excesses(self) -> list[Excess]:
        return excesses(self.rules, self.taken, self.now)


def scenes(rules: st.SearchStrategy[EventRules] = events) -> st.SearchStrategy[Scene]:
    return st.builds(Scene, rules, seats_taken, queues, instants)


@given(scenes())
def test_promotion_only_gives_seats_and_only_to_those_who_wait(scene: Scene) -> None:
    """Whatever the rules have become, no seat given before is touched."""
    before = copy(scene.taken)
    numbers = scene.promoted()
    waiting = sorted(each.number for each in scene.queue)
    assert numbers == [number for number in waiting if number in numbers]
    assert scene.taken == before
    assert before <= scene.after(numbers).taken


@given(scenes())
def test_promotion_goes_no_further_over_a_limit(scene: Scene) -> None:
    assert scene.after(scene.promoted()).excesses() == scene.excesses()


@given(scenes(first_come))
def test_nobody_waits_while_a_seat_they_may_take_is_free(scene: Scene) -> None:
    assert scene.after(scene.promoted()).could_take_a_seat() == []


@given(scenes(first_come))
def test_nobody_is_passed_over_who_could_have_taken_the_seat(scene: Scene) -> None:
    """Each seat goes to the first of those who could take it in that turn."""
    numbers = scene.promoted()
    turns = [scene.after(numbers[:turn]) for turn in range(len(numbers))]
    assert numbers == [min(turn.could_take_a_seat()) for turn in turns]


@given(scenes(asked(is_promoting=st.just(True), caps=st.just(()), holds=st.just(()))))
def test_without_caps_and_held_seats_the_first_in_line_get_the_seats(scene: Scene) -> None:
    numbers = scene.promoted()
    for is_online in (False, True):
        line = sorted(
            each.number
            for each in scene.queue
            if each.applicant.is_online is is_online and is_for(scene.rules, each.applicant)
        )
        free = max(0, scene.rules.capacity(is_online) - scene.taken.in_mode(is_online))
        assert [number for number in numbers if number in line] == line[:free]


@given(scenes())
def test_the_queue_may_be_read_in_any_order(scene: Scene) -> None:
    assert scene.promoted() == scene.as_they_came().promoted()


@given(scenes(first_come))
def test_a_second_promotion_finds_nothing_to_do(scene: Scene) -> None:
    assert scene.after(scene.promoted()).promoted() == []


@given(scenes(), hours)
def test_until_the_next_change_time_alone_changes_nothing(scene: Scene, later: int) -> None:
    then = scene.now + timedelta(hours=later)
    change = next_change(scene.rules, scene.now)
    if change is not None and then >= change:
        then = change - timedelta.resolution
    afterwards = replace(scene, now=then)
    assert afterwards.promoted() == scene.promoted()
    assert afterwards.excesses() == scene.excesses()


# -- a fair selection ----------------------------------------------------------------------------


def chosen(proposals: list[Proposal]) -> list[int]:
    return [each.number for each in proposals if each.state is State.CONFIRMED]


def in_turn(proposals: list[Proposal]) -> list[Proposal]:
    """Those whose turn came; whom the event is not for has none."""
    return [each for each in proposals if each.state is not State.DECLINED]


@given(scenes())
def test_each_applicant_has_one_proposal(scene: Scene) -> None:
    numbers = [proposal.number for proposal in scene.proposed()]
    assert sorted(numbers) == sorted(each.number for each in scene.queue)


@given(scenes())
def test_who_is_barred_is_proposed_to_be_declined_and_nobody_else(scene: Scene) -> None:
    declined = {p.number: p.reasons for p in scene.proposed() if p.state is State.DECLINED}
    others = [each for each in scene.queue if not is_for(scene.rules, each.applicant)]
    assert declined == {each.number: barred(scene.rules, each.applicant) for each in others}


@given(growing, queues, instants)
def test_a_selection_never_goes_over_a_limit(
    rules: EventRules, queue: list[Waiting], now: datetime
) -> None:
    numbers = chosen(propose(rules, SeatsTaken(), queue, now))
    assert is_within(rules, [each.applicant for each in queue if each.number in numbers], now)


@given(scenes())
def test_a_selection_goes_no_further_over_a_limit(scene: Scene) -> None:
    before = copy(scene.taken)
    numbers = chosen(scene.proposed())
    assert scene.taken == before
    assert scene.after(numbers).excesses() == scene.excesses()


@given(scenes())
def test_a_selection_leaves_nobody_waiting_who_could_take_a_seat(scene: Scene) -> None:
    assert scene.after(chosen(scene.proposed())).could_take_a_seat() == []


@given(scenes())
def test_each_turn_goes_to_whose_group_has_fewest_seats(scene: Scene) -> None:
    """The same by looking, for each turn, at all who are left."""
    taken = copy(scene.taken)
    left = [each for each in scene.queue if is_for(scene.rules, each.applicant)]
    expected = []
    while left:
        each = min(left, key=lambda one: _turn(taken, one))
        left.remove(each)
        lacking = shortages(scene.rules, taken, each.applicant, scene.now)
        state = State.WAITLISTED if lacking else State.CONFIRMED
        counts = _turn(taken, each)[:3]
        by_institution = not each.applicant.programme
        expected.append(Proposal(each.number, state, *counts, lacking, by_institution))
        if not lacking:
            taken.give(each.applicant)
    assert in_turn(scene.proposed()) == expected


def _turn(taken: SeatsTaken, each: Waiting) -> tuple[int, int, int, int]:
    who = each.applicant
    if programme := who.key(Dimension.PROGRAMME):
        of_group = taken[Dimension.PROGRAMME, programme]
    else:
        of_group = taken[Dimension.INSTITUTION, who.institution]
    of_country = taken[Dimension.COUNTRY, str(who.country)]
    of_role = sum(taken.of_roles([who.role], is_online) for is_online in (False, True))
    return of_group, of_country, of_role, each.number


@given(st.integers(0, 5), st.lists(st.integers(1, 3), max_size=8))
def test_no_programme_has_a_second_seat_while_another_has_none(
    seats: int, programmes: list[int]
) -> None:
    """Nor a third while another that asks for more has one."""
    queue = [
        Waiting(number, Applicant(role=1, country=1, strand=1, programme=programme))
        for number, programme in enumerate(programmes)
    ]
    numbers = chosen(propose(EventRules(on_site=seats), SeatsTaken(), queue, START))
    assert len(numbers) == min(seats, len(queue))
    seated = Counter(programmes[number] for number in numbers)
    most = max(seated.values(), default=0)
    left = {programmes[each.number] for each in queue if each.number not in numbers}
    assert [programme for programme in sorted(left) if seated[programme] < most - 1] == []


@given(scenes())
def test_applicants_may_be_read_in_any_order(scene: Scene) -> None:
    assert scene.proposed() == scene.as_they_came().proposed()
