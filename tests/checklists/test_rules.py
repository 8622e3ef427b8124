from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.checklists.policies import distance_in_words
from interact_events.checklists.rules import (
    USUAL,
    Urgency,
    due_on,
    urgency,
    usual_tasks,
)

DAYS = st.dates(date(2000, 1, 1), date(2099, 1, 1))


@given(day=DAYS, moved=st.integers(-400, 400), due_days=st.integers(-90, 500))
def test_what_is_due_moves_along(day: date, moved: int, due_days: int) -> None:
    shift = timedelta(days=moved)
    assert due_on(day + shift, due_days) == due_on(day, due_days) + shift


@given(due=DAYS, today=DAYS)
def test_what_is_done_is_never_urgent_and_what_is_late_always(due: date, today: date) -> None:
    assert urgency(due, today, is_done=True) is Urgency.DONE
    assert (urgency(due, today, is_done=False) is Urgency.OVERDUE) == (due < today)


@pytest.mark.parametrize(
    ("days", "stands"),
    [(-1, Urgency.OVERDUE), (0, Urgency.SOON), (7, Urgency.SOON), (8, Urgency.LATER)],
)
def test_seven_days_ahead_are_soon(days: int, stands: Urgency) -> None:
    today = date(2027, 5, 12)
    assert urgency(today + timedelta(days=days), today, is_done=False) is stands


def test_the_usual_tasks_fit_the_format() -> None:
    on_site = [each.text for each in usual_tasks(has_place=True, has_link=False)]
    online = [each.text for each in usual_tasks(has_place=False, has_link=True)]
    assert on_site == [
        *("Venue booked", "Speakers confirmed", "Interpreters booked", "Catering ordered"),
        *("Materials ready", "Evaluation sent"),
    ]
    assert "Venue booked" not in online
    assert "Platform and joining link ready" in online
    assert len(usual_tasks(has_place=True, has_link=True)) == len(USUAL)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "On the first day"),
        (1, "1 day before the start"),
        (30, "30 days before the start"),
        (-2, "2 days after the start"),
    ],
)
def test_the_distance_is_said_in_words(days: int, said: str) -> None:
    assert distance_in_words(days) == said
