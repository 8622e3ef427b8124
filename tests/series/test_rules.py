from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.series.rules import Edit, differences, reordered, stand_in_day


@given(day=st.dates(date(2000, 1, 1), date(2069, 12, 31)))
def test_a_template_lies_far_ahead_on_the_same_date_and_weekday(day: date) -> None:
    far = stand_in_day(day)
    assert 2070 <= far.year < 2098
    assert (far.month, far.day, far.weekday()) == (day.month, day.day, day.weekday())


MADE = datetime(2027, 1, 1, tzinfo=UTC)


def at(day: int, *parts: str) -> Edit:
    return Edit(MADE + timedelta(days=day), frozenset(parts))


@pytest.mark.parametrize(
    ("of_template", "of_event", "taken_over", "found"),
    [
        ([], [], [], []),  # they never said the same, or a history is gone
        ([at(-1, "summary")], [], [], []),  # that was copied
        ([at(1, "title")], [], [], []),
        ([at(1, "summary")], [], [], [False]),
        ([], [at(1, "summary")], [], []),  # the event's own
        ([at(1, "summary")], [at(2, "summary")], [], [True]),
        ([at(1, "summary")], [at(2, "summary")], [at(3, "summary")], []),  # taken over since
        ([at(4, "summary")], [at(3, "summary")], [at(3, "summary")], [False]),
        ([at(4, "summary")], [], [at(5, "agenda")], [False]),
    ],
)
def test_what_could_follow(
    of_template: list[Edit], of_event: list[Edit], taken_over: list[Edit], found: list[bool]
) -> None:
    shown = differences(
        {"summary": "New", "kind": "Workshop"},
        {"summary": "Old", "kind": "Workshop"},
        made_at=MADE,
        of_template=of_template,
        of_event=of_event,
        taken_over=taken_over,
    )
    assert [each.is_own for each in shown] == found
    assert all((each.before, each.after) == ("Old", "New") for each in shown)


@given(
    order=st.lists(st.integers(), min_size=1, unique=True).flatmap(
        lambda rows: st.tuples(st.just(rows), st.sampled_from(rows))
    ),
    up=st.booleans(),
)
def test_an_order_keeps_everybody_and_goes_back(order: tuple[list[int], int], up: bool) -> None:
    rows, number = order
    after = reordered(rows, number, up=up)
    assert sorted(after) == sorted(rows)
    if after != rows:
        assert reordered(after, number, up=not up) == rows


def test_of_an_agenda_only_what_differs_is_quoted() -> None:
    (found,) = differences(
        {"agenda": "Coffee\nCases\nSupper"},
        {"agenda": "Coffee\nCases\nDinner"},
        made_at=MADE,
        of_template=[at(1, "agenda")],
        of_event=[],
        taken_over=[],
    )
    assert (found.before, found.after) == ("Dinner", "Supper")
