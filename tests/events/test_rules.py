"""Learning time and the phases of registration."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.events.rules import (
    Phase,
    learning_minutes,
    position_of,
    registration_phase,
    union_minutes,
)

DAY = datetime(2027, 5, 12, tzinfo=UTC)


def at(minute: int) -> datetime:
    return DAY + timedelta(minutes=minute)


spans = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 120)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=8,
)


@given(spans)
def test_union_minutes_counts_every_covered_minute_once(pairs: list[tuple[int, int]]) -> None:
    covered = {minute for start, end in pairs for minute in range(start, end)}
    assert union_minutes([(at(start), at(end)) for start, end in pairs]) == len(covered)


@given(spans, st.randoms())
def test_union_minutes_does_not_mind_the_order(pairs: list[tuple[int, int]], dice: object) -> None:
    intervals = [(at(start), at(end)) for start, end in pairs]
    shuffled = sorted(intervals, key=lambda _: dice.random())  # type: ignore[attr-defined]
    assert union_minutes(shuffled) == union_minutes(intervals)


@dataclass
class Item:
    starts_at: datetime
    ends_at: datetime
    is_learning: bool = True


def test_learning_minutes_leaves_out_breaks_and_counts_parallel_sessions_once() -> None:
    agenda = [
        Item(at(0), at(90)),
        Item(at(0), at(60)),
        Item(at(90), at(105), is_learning=False),
        Item(at(105), at(165)),
    ]
    assert learning_minutes(agenda) == 150


OPENS, CLOSES, ENDS = at(10), at(20), at(40)


@dataclass
class Sample:
    """Opens at minute 10, closes at 20, ends at 40, three seats left."""

    is_draft: bool = False
    is_cancelled: bool = False
    ends_at: datetime = ENDS
    registration_opens_at: datetime | None = OPENS
    closes_at: datetime = CLOSES
    seats_left: int = 3


@pytest.mark.parametrize(
    ("minute", "phase"),
    [
        (9, Phase.NOT_OPEN),
        (10, Phase.OPEN),
        (19, Phase.OPEN),
        (20, Phase.CLOSED),
        (39, Phase.CLOSED),
        (40, Phase.PAST),
    ],
)
def test_phase_follows_the_clock(minute: int, phase: Phase) -> None:
    assert registration_phase(Sample(), at(minute)) == phase


def test_phase_is_full_without_a_seat_left() -> None:
    assert registration_phase(Sample(seats_left=0), at(15)) == Phase.FULL


@given(st.integers(0, 60), st.integers(0, 2), st.booleans())
def test_draft_and_cancelled_win_over_the_clock(minute: int, seats: int, is_draft: bool) -> None:
    event = Sample(is_draft=is_draft, is_cancelled=not is_draft, seats_left=seats)
    expected = Phase.DRAFT if is_draft else Phase.CANCELLED
    assert registration_phase(event, at(minute)) == expected


@given(
    st.integers(0, 60),
    st.none() | st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 2),
)
def test_registrations_are_taken_only_between_opening_and_closing(
    minute: int, opens: int | None, closes: int, ends: int, seats: int
) -> None:
    event = Sample(
        registration_opens_at=None if opens is None else at(opens),
        closes_at=at(closes),
        ends_at=at(ends),
        seats_left=seats,
    )
    is_between = (opens is None or opens <= minute) and minute < min(closes, ends)
    assert registration_phase(event, at(minute)).takes_registrations == is_between


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("60.4458, 22.2530", (60.4458, 22.253)),
        (" -33.9;18.42 ", (-33.9, 18.42)),
        ("48.213 16.369", (48.213, 16.369)),
        ("60,4458, 22,2530", None),
        ("60.4458", None),
        ("90.1, 0", None),
        ("0, 180.5", None),
        ("60.4458, 22.2530\nGEO:0;0", None),
        ("", None),
    ],
)
def test_a_point_on_the_map(text: str, position: tuple[float, float] | None) -> None:
    assert position_of(text) == position
