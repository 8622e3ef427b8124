import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.core import words

HELSINKI = "Europe/Helsinki"
MAY_12 = datetime(2027, 5, 12, 6, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_written() -> None:
    assert words.written(date(2027, 5, 2)) == "2 May 2027"


def test_day_is_that_of_the_zone() -> None:
    late = at("2027-05-12T22:30")
    assert [words.day(late, zone) for zone in ("UTC", HELSINKI)] == ["12 May 2027", "13 May 2027"]


def test_weekday() -> None:
    assert words.weekday(MAY_12, HELSINKI) == "Wednesday 12 May 2027"


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2027-05-12T06:00", "2027-05-12T13:00", "12 May 2027"),
        ("2027-05-12T06:00", "2027-05-13T13:00", "12–13 May 2027"),
        ("2027-05-30T06:00", "2027-06-01T13:00", "30 May – 1 June 2027"),
        ("2027-12-30T06:00", "2028-01-01T13:00", "30 December 2027 – 1 January 2028"),
        ("2027-05-12T20:00", "2027-05-12T21:30", "12–13 May 2027"),
    ],
)
def test_day_span(start: str, end: str, text: str) -> None:
    assert words.day_span(at(start), at(end), HELSINKI) == text


def test_clock() -> None:
    assert words.clock(MAY_12, HELSINKI) == "09:00"


def test_time_span_names_its_zone() -> None:
    assert words.time_span(MAY_12, at("2027-05-12T13:30"), HELSINKI) == "09:00–16:30 EEST"


def test_moment() -> None:
    assert words.moment(at("2027-04-28T15:00"), HELSINKI) == "28 April 2027, 18:00 EEST"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0 h"),
        (1, "1 min"),
        (45, "45 min"),
        (59, "59 min"),
        (60, "1 h"),
        (90, "1.5 h"),
        (100, "1.67 h"),
        (600, "10 h"),
    ],
)
def test_hours(minutes: int, text: str) -> None:
    assert words.hours(minutes) == text


@pytest.mark.parametrize(
    ("start", "end", "days", "months", "number"),
    [
        ("2027-05-12T06:00", "2027-05-12T13:00", "12", "May", 1),
        ("2027-05-12T06:00", "2027-05-13T13:00", "12–13", "May", 2),
        ("2027-05-30T06:00", "2027-06-01T13:00", "30–1", "May–Jun", 3),
        ("2027-05-12T20:00", "2027-05-12T21:30", "12–13", "May", 2),
    ],
)
def test_days_and_months(start: str, end: str, days: str, months: str, number: int) -> None:
    span = (at(start), at(end), HELSINKI)
    assert (
        words.days(*span),
        words.months(*span),
        words.number_of_days(*span),
        words.is_one_day(*span),
    ) == (days, months, number, number == 1)


def test_month() -> None:
    assert words.month(at("2027-05-31T22:00"), HELSINKI) == "June 2027"


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        (None, ""),
        (HELSINKI, ""),
        ("Europe/Sofia", ""),
        ("Europe/Vienna", "08:00–09:30 CEST"),
        ("Pacific/Auckland", "18:00–19:30 NZST"),
        ("Pacific/Honolulu", "Tuesday, 20:00–21:30 HST"),
    ],
)
def test_elsewhere_speaks_where_clocks_differ(zone: str | None, text: str) -> None:
    assert words.elsewhere(MAY_12, at("2027-05-12T07:30"), HELSINKI, zone) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (1, "1 learning minute"),
        (45, "45 learning minutes"),
        (60, "1 learning hour"),
        (690, "11.5 learning hours"),
    ],
)
def test_learning(minutes: int, text: str) -> None:
    assert words.learning(minutes) == text


def test_money() -> None:
    assert words.money(Decimal("1250")) == "EUR 1,250.00"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 seats"), (1, "1 seat"), (14, "14 seats"), (25000, "25,000 seats")]
)
def test_count(number: int, text: str) -> None:
    assert words.count(number, "seat") == text


def test_count_of_an_irregular_word() -> None:
    assert [words.count(n, "person", "people") for n in (1, 2)] == ["1 person", "2 people"]


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_listed(items: list[str], text: str) -> None:
    assert words.listed(items) == text


def test_listed_with_another_word() -> None:
    assert words.listed(["Turku", "Vienna"], "or") == "Turku or Vienna"


def test_capitalised_leaves_the_rest() -> None:
    assert [words.capitalised(text) for text in ("", "ö", "eU funds")] == ["", "Ö", "EU funds"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ζωή", "zoi"),
        ("  Žižka\t ĽUBOMÍR ", "zizka lubomir"),
        ("Þórdís Æsa Ørsted", "thordis aesa orsted"),
        ("Straße", "strasse"),
        ("Димитър", "dimitar"),
        ("O'Neil", "o'neil"),
    ],
)
def test_folded(text: str, folded: str) -> None:
    assert words.folded(text) == folded


@given(st.text())
def test_folded_is_plain_and_stays(text: str) -> None:
    folded = words.folded(text)
    assert folded.isascii()
    assert folded == folded.lower()
    assert words.folded(folded) == folded


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Čo je nové?", "co-je-nove"),
        ("Simplified cost options – 2027", "simplified-cost-options-2027"),
        ("?!", "event"),
        ("", "event"),
        ("a" * 200, "a" * 80),
        ("a" * 79 + " b", "a" * 79),
    ],
)
def test_slug(text: str, slug: str) -> None:
    assert words.slug(text) == slug


@given(st.text())
def test_slug_suits_an_address(text: str) -> None:
    slug = words.slug(text)
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 80


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1.0 KB"),
        (348_160, "340 KB"),
        (1_258_291, "1.2 MB"),
        (25 * 1024 * 1024, "25 MB"),
    ],
)
def test_size(length: int, said: str) -> None:
    assert words.size(length) == said
