"""What has to be said so that a calendar is right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.core.ics import Method
from interact_events.core.itip import Facts, Held, Item, Message, Wanted, differences, messages

NINE = datetime(2027, 1, 12, 7, tzinfo=UTC)  # 09:00 in Turku
HOUR = timedelta(hours=1)
BEFORE = NINE - timedelta(days=30)


def facts(**values: object) -> Facts:
    usual = Facts(
        title="Costs",
        starts_at=NINE,
        ends_at=NINE + 7 * HOUR,
        zone="Europe/Helsinki",
        where="Logomo, Turku",
        items=(Item("Lump sums", NINE, NINE + HOUR, "Room 3"),),
    )
    return replace(usual, **values)  # type: ignore[arg-type]


def said(held: dict[str, Held], wanted: dict[str, Wanted], **how: bool) -> list[Message]:
    return messages(held, wanted, now=BEFORE, all_of_them=how.get("all_of_them", False))


def test_facts_are_kept_as_they_are() -> None:
    assert Facts.from_json(facts().to_json()) == facts()


def test_what_is_new_changed_and_gone() -> None:
    held = {uid: Held(3, facts()) for uid in ("same", "changed", "gone")}
    held["ended"] = Held(4, facts(), is_cancelled=True)
    later = facts(starts_at=NINE + HOUR)
    wanted = {
        "same": Wanted(9, facts()),
        "changed": Wanted(2, later),
        "new": Wanted(5, facts()),
        "ended": Wanted(0, facts()),
    }
    assert {(each.uid, each.method, each.sequence, each.before) for each in said(held, wanted)} == {
        ("changed", Method.REQUEST, 4, facts()),
        ("new", Method.REQUEST, 5, None),
        ("ended", Method.REQUEST, 5, None),
        ("gone", Method.CANCEL, 4, facts()),
    }


def test_what_is_over_is_left_alone() -> None:
    past = facts(starts_at=BEFORE - 8 * HOUR, ends_at=BEFORE - HOUR)
    assert said({"gone": Held(0, past)}, {"new": Wanted(0, past)}) == []


def test_what_was_put_off_to_the_past_and_back_is_told() -> None:
    past = facts(starts_at=BEFORE - 8 * HOUR, ends_at=BEFORE - HOUR)
    assert len(said({"day": Held(0, facts())}, {"day": Wanted(1, past)})) == 1


def test_a_version_that_has_not_left_is_replaced_by_one_of_its_number() -> None:
    held = {"day": Held(2, facts(), is_untold=True)}
    (message,) = said(held, {"day": Wanted(0, facts())})
    assert (message.sequence, message.before) == (2, None)
    assert [held["day"].shown(0), held["day"].shown(5)] == [1, 5]


versions = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abc"), st.sampled_from(["x", "y"])),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)


@given(versions)
def test_whatever_happens_the_calendar_is_right_and_sequences_rise(
    history: list[tuple[dict[str, str], bool, bool]],
) -> None:
    """`history`: what is wanted, whether everybody's number rises, whether all is said anew."""
    held: dict[str, Held] = {}
    calendar: dict[str, str] = {}
    revision = 0
    for wanted, is_revised, all_of_them in history:
        revision += is_revised
        found = said(
            held,
            {uid: Wanted(revision, facts(title=title)) for uid, title in wanted.items()},
            all_of_them=all_of_them,
        )
        for each in found:
            old = held.get(each.uid)
            assert each.sequence >= (0 if old is None else old.sequence + 1)
            is_off = each.method is Method.CANCEL
            held[each.uid] = Held(each.sequence, each.facts, is_cancelled=is_off)
            calendar.pop(each.uid, None) if is_off else calendar.update(
                {each.uid: each.facts.title}
            )
        assert calendar == wanted


@pytest.mark.parametrize(
    ("after", "sentences"),
    [
        (facts(), []),
        (
            facts(starts_at=NINE + HOUR, ends_at=NINE + 8 * HOUR),
            [
                "Starts at 10:00 EET instead of 09:00 EET.",
                "Ends at 17:00 EET instead of 16:00 EET.",
            ],
        ),
        (
            facts(
                starts_at=NINE + timedelta(days=150), ends_at=NINE + timedelta(days=150, hours=7)
            ),
            [
                (
                    "Starts on Friday 11 June 2027, 10:00 EEST instead of Tuesday 12 January 2027, "
                    "09:00 EET."
                ),
                (
                    "Ends on Friday 11 June 2027, 17:00 EEST instead of Tuesday 12 January 2027, "
                    "16:00 EET."
                ),
            ],
        ),
        (facts(where="Online"), ["Where: Online instead of Logomo, Turku."]),
        (facts(title="Audit"), ["It is called “Audit” instead of “Costs”."]),
        (
            facts(items=(Item("Lump sums", NINE + HOUR, NINE + 2 * HOUR, "Room 4"),)),
            ["“Lump sums”: 10:00–11:00 EET in Room 4 instead of 09:00–10:00 EET in Room 3."],
        ),
        (
            facts(items=(Item("Unit costs", NINE, NINE + HOUR),)),
            [
                "New: “Unit costs”, 09:00–10:00 EET.",
                "No longer: “Lump sums”, 09:00–10:00 EET in Room 3.",
            ],
        ),
    ],
)
def test_what_changed_in_words(after: Facts, sentences: list[str]) -> None:
    assert differences(facts(), after) == sentences
