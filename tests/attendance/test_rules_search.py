"""Names are found from their first letters, without marks, and with one typing error."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.attendance.rules import (
    fit,
    has_waited_too_long,
    is_slip,
    on_our_clock,
    plain,
    sought_in,
    version_of,
    words_of,
)
from tests.node import Read, reading_with

LETTERS = "abcdeo"
WORDS = st.text(LETTERS, min_size=1, max_size=8)


def edits(word: str) -> set[str]:
    """Everything one typing error away, by the definition."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    return {
        *(a + b[1:] for a, b in cuts if b),
        *(a + c + b for a, b in cuts for c in LETTERS),
        *(a + c + b[1:] for a, b in cuts if b for c in LETTERS),
        *(a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1),
    } | {word}


@given(typed=WORDS, word=WORDS)
def test_a_slip_is_one_error_away_from_the_beginning_of_a_word(typed: str, word: str) -> None:
    beginnings = {word[:i] for i in range(len(word) + 1)}
    if len(typed) < 3:
        assert not is_slip(typed, word)
    elif len(typed) > 3:
        assert is_slip(typed, word) == any(typed in edits(each) for each in beginnings)
    elif typed != word:
        assert is_slip(typed, word) == (typed in edits(word))


@given(word=st.text(LETTERS, min_size=4, max_size=8), data=st.data())
def test_whoever_has_made_one_error_in_a_name_finds_it(word: str, data: st.DataObject) -> None:
    typed = data.draw(st.sampled_from(sorted(edits(word))))
    assert fit(sought_in(typed), words_of(f"Ann {word}"), []) is not None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ziz", "Søren Žižka"),
        ("SOREN Z", "Søren Žižka"),
        ("zoi", "Ζωή Παπαδοπούλου"),
        ("papadopoulou", "Ζωή Παπαδοπούλου"),
        ("papadopuolou", "Ζωή Παπαδοπούλου"),
        ("angelov", "Ангелов Петър"),
        ("oneil", "Sean O’Neil"),
        ("o'neil", "Sean O'Neil"),
        ("neil", "Sean O'Neil"),
        ("anna-mar", "Anna-Maria Weiß"),
        ("weiss", "Anna-Maria Weiß"),
        ("lubcia", "Ľubica"),
        ("eav", "Eva"),
        ("", "Anybody"),
    ],
)
def test_a_name_is_found(typed: str, name: str) -> None:
    assert fit(sought_in(typed), words_of(name), []) is not None


@pytest.mark.parametrize(("typed", "name"), [("zx", "Zoë"), ("ann", "Alan"), ("bo lu", "Bo Berg")])
def test_another_name_is_not_found(typed: str, name: str) -> None:
    assert fit(sought_in(typed), words_of(name), []) is None


def test_what_was_typed_right_comes_before_slips_and_names_before_the_rest() -> None:
    rest = words_of("Ander Institute")
    names = ["Ander", "Anderson", "Bo", "Adner"]
    fits = [fit(["ander"], words_of(name), rest if name == "Bo" else []) for name in names]
    assert fits == [0, 1, 2, 3]
    assert fit(["insitute"], [], rest) == 4


# -- the browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser_fit() -> Iterator[Read]:
    with reading_with("ical.js", "attendance/names.mjs") as read:
        yield read


NAMES = st.text("aábcčdeoyž' -ñ", max_size=12)


@given(typed=NAMES, name=NAMES, rest=NAMES)
def test_the_browser_finds_the_same_people(
    browser_fit: Read, typed: str, name: str, rest: str
) -> None:
    """It takes off marks alone; what it can't write in plain letters the page tells it."""
    asked = browser_fit(json.dumps([typed, name, rest]))
    assert asked["fit"] == fit(sought_in(typed), words_of(name), words_of(rest))


def test_plain_keeps_the_script() -> None:
    assert [plain(text) for text in ("Žižka  Å", "Ζωή", "Søren")] == ["zizka a", "ζωη", "søren"]


# -- desks ---------------------------------------------------------------------------------------

NOW = datetime(2027, 5, 12, 9, tzinfo=UTC)


def test_a_wrong_clock_still_says_how_long_a_tick_waited() -> None:
    wrong = NOW + timedelta(days=1000)
    assert on_our_clock(wrong - timedelta(minutes=5), wrong, NOW) == NOW - timedelta(minutes=5)
    assert on_our_clock(wrong + timedelta(minutes=5), wrong, NOW) == NOW
    long_ago = on_our_clock(datetime.min.replace(tzinfo=UTC), NOW, NOW)
    assert (NOW - long_ago, has_waited_too_long(long_ago, NOW)) == (timedelta(days=60), True)
    assert not has_waited_too_long(on_our_clock(NOW - timedelta(days=30), NOW, NOW), NOW)


def test_a_version_names_what_is_shown() -> None:
    assert version_of([1, "a"]) == version_of([1, "a"]) != version_of([1, "b"])
