"""Months, likeness and demand, over plain data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.ideas.rules import (
    SHOWN_ALIKE,
    Bar,
    Wish,
    alike,
    demand,
    months_as_number,
    months_in_words,
    months_of,
)

months = st.sets(st.integers(1, 12))
wishes = st.builds(
    Wish,
    role=st.sampled_from(["Controller", "Managing authority"]),
    programme=st.sampled_from(["", "Central Baltic"]),
    country=st.sampled_from(["Finland", "Greece", "Spain"]),
    language=st.sampled_from(["English", "German"]),
    months=months.map(months_as_number),
)


@given(months)
def test_months_come_back_as_they_went_in(chosen: set[int]) -> None:
    number = months_as_number(chosen)
    assert (months_of(number), 0 <= number <= 4095) == (sorted(chosen), True)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [([], "Any month"), ([3], "March"), ([12, 1, 3], "January, March and December")],
)
def test_months_are_said_in_the_order_of_the_year(chosen: list[int], said: str) -> None:
    assert months_in_words(months_as_number(chosen)) == said


@pytest.mark.parametrize(
    ("title", "other", "are"),
    [
        ("Lump sums", "Off-the-shelf lump sums: what the first audits found", True),
        ("Sampling of lump sums", "Lump sums, off the shelf", True),
        ("Audit of samples", "Sampling for audits", True),
        ("State aid for beginners", "State aid in events that are open to everybody", True),
        ("Preventing fraud", "Fraud prevention", True),
        ("FÖRDERFÄHIGKEIT", "Forderfahigkeit kleiner Projekte", True),
        ("Η αρχή", "I archi", True),
        ("Training on state aid", "Training on communication", False),
        ("Workshop for auditors", "Workshop for communicators", False),
        ("State aid: lump sums", "State aid in events that are open to everybody", True),
        ("Public procurement", "Public relations", False),
        ("???", "!!!", False),
    ],
)
def test_titles_are_alike_by_what_they_mean(title: str, other: str, are: bool) -> None:
    assert alike(title, {7: other}) == ([7] if are else [])


def test_the_most_alike_come_first_and_only_a_few() -> None:
    others = {n: f"Lump sums number {n}" for n in range(20)} | {99: "Lump sums"}
    found = alike("Lump sums", others)
    assert (found[0], len(found)) == (0, SHOWN_ALIKE)  # all have both words; the oldest first
    assert alike("Lump sums number 7", others)[0] == 7


@given(st.text(max_size=60), st.dictionaries(st.integers(1, 9), st.text(max_size=60)))
def test_whatever_is_typed_has_an_answer(title: str, others: dict[int, str]) -> None:
    assert set(alike(title, others)) <= others.keys()


@given(st.lists(wishes, max_size=30))
def test_every_supporter_is_counted_once_in_each_question(said: list[Wish]) -> None:
    found = dict(demand(said))
    one_answer = ("Role", "Programme", "Country", "Language")
    assert [sum(bar.people for bar in found[name]) for name in one_answer] == [len(said)] * 4
    assert all(bar.people <= len(said) for bar in found["Month"])


def test_demand_names_the_frequent_first_and_months_by_the_year() -> None:
    said = [
        Wish("Controller", "", "Greece", "English", months_as_number([5, 3])),
        Wish("Auditor", "Central Baltic", "Finland", "English", 0),
        Wish("Auditor", "Central Baltic", "Spain", "Spanish", months_as_number([5])),
    ]
    assert demand(said) == [
        ("Role", [Bar("Auditor", 2), Bar("Controller", 1)]),
        ("Programme", [Bar("Central Baltic", 2), Bar("No programme", 1)]),
        ("Country", [Bar("Finland", 1), Bar("Greece", 1), Bar("Spain", 1)]),
        ("Language", [Bar("English", 2), Bar("Spanish", 1)]),
        ("Month", [Bar("March", 1), Bar("May", 2), Bar("Any month", 1)]),
    ]
