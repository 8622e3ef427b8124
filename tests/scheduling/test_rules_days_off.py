"""Public holidays of the five office cities as they stand in the law, and what is made of them."""

from datetime import date, timedelta

import pytest

from interact_events.scheduling.rules import (
    Calendar,
    Closed,
    changed_by,
    main_zone,
    public_calendar,
)

# Written out by hand, "month-day", Sundays among them where the law names them.
EVERY_YEAR = {
    "FI": "01-01 01-06 05-01 12-06 12-24 12-25 12-26",
    "DK": "01-01 12-25 12-26",
    "AT": "01-01 01-06 05-01 08-15 10-26 11-01 12-08 12-25 12-26",
    "SK": "01-01 01-06 05-01 07-05 08-29 11-01 12-24 12-25 12-26",
}
# Easter Sunday: 5 April 2026, 28 March 2027, 16 April 2028.
MOVING = {
    ("FI", 2026): "04-03 04-05 04-06 05-14 05-24 06-19 06-20 10-31",
    ("FI", 2027): "03-26 03-28 03-29 05-06 05-16 06-25 06-26 11-06",
    ("FI", 2028): "04-14 04-16 04-17 05-25 06-04 06-23 06-24 11-04",
    ("DK", 2026): "04-02 04-03 04-05 04-06 05-14 05-24 05-25",
    ("DK", 2027): "03-25 03-26 03-28 03-29 05-06 05-16 05-17",
    ("DK", 2028): "04-13 04-14 04-16 04-17 05-25 06-04 06-05",
    ("AT", 2026): "04-06 05-14 05-25 06-04",
    ("AT", 2027): "03-29 05-06 05-17 05-27",
    ("AT", 2028): "04-17 05-25 06-05 06-15",
    ("SK", 2026): "04-03 04-06",  # 8 May and 15 September are working days in 2026
    ("SK", 2027): "03-26 03-29 05-08 09-15",
    ("SK", 2028): "04-14 04-17 05-08 09-15",
}
VALENCIA = {  # the region names its twelve to fourteen days anew each year
    2026: "01-01 01-06 03-19 04-03 04-06 05-01 06-24 08-15 10-09 10-12 12-08 12-25",
    2027: "01-01 01-06 03-19 03-26 03-29 05-01 06-24 10-09 10-12 11-01 12-06 12-08 12-25",
    2028: "01-01 01-06 04-14 04-17 05-01 06-24 08-15 10-09 10-12 11-01 12-06 12-08 12-25",
}


def written(country: str, year: int) -> set[date]:
    if country == "ES":
        return _days(VALENCIA[year], year)
    return _days(f"{EVERY_YEAR[country]} {MOVING[country, year]}", year)


def _days(days: str, year: int) -> set[date]:
    return {date.fromisoformat(f"{year}-{day}") for day in days.split()}


def known(country: str, region: str | None = None, year: int = 2027) -> Calendar:
    found = public_calendar(country, region, [year])
    assert found
    return found[0]


@pytest.mark.parametrize("year", [2026, 2027, 2028])
@pytest.mark.parametrize(
    ("country", "region"),
    [("FI", None), ("ES", "VC"), ("DK", None), ("AT", "9"), ("SK", None)],
)
def test_holidays_of_the_office_cities(country: str, region: str | None, year: int) -> None:
    assert set(known(country, region, year).off) == written(country, year)


def test_several_years_are_one_calendar() -> None:
    both = public_calendar("FI", None, [2026, 2027])
    assert both
    assert set(both[0].off) == written("FI", 2026) | written("FI", 2027)


def test_holidays_have_english_names() -> None:
    off = known("AT", "9").off
    assert (off[date(2027, 5, 27)], off[date(2027, 5, 1)]) == ("Corpus Christi", "Labour Day")


@pytest.mark.parametrize("country", ["ZZ", "EU", ""])
def test_country_that_is_not_known_is_not_free(country: str) -> None:
    assert public_calendar(country, None, [2027]) is None


def test_country_without_any_holiday_is_not_known() -> None:
    """Martial law in Ukraine knows none; that is no reason to call every day free."""
    assert public_calendar("UA", None, [2027]) is None


def test_region_that_is_not_known_leaves_those_of_the_country() -> None:
    found = public_calendar("AT", "99", [2027])
    assert found
    assert (set(found[0].off), found[1]) == (written("AT", 2027), False)


# -- bridge days ---------------------------------------------------------------------------------


def test_friday_after_ascension_is_a_bridge_day() -> None:
    calendar = known("AT", "9")
    assert calendar.bridged(date(2027, 5, 7)) == "Ascension Day"
    assert calendar.bridged(date(2027, 5, 5)) == ""  # a Wednesday before: two working days off
    assert calendar.bridged(date(2027, 5, 6)) == ""  # the holiday itself
    assert calendar.bridged(date(2027, 5, 8)) == ""  # a Saturday


def test_monday_before_a_holiday_is_a_bridge_day() -> None:
    assert known("AT", "9").bridged(date(2027, 10, 25)) == "National Day"


def test_bridge_between_the_years() -> None:
    calendar = Calendar({date(2026, 12, 31): "New Year’s Eve"})
    assert calendar.bridged(date(2027, 1, 1)) == "New Year’s Eve"


def test_weekends_are_those_of_the_country() -> None:
    assert known("IL").is_weekend(date(2027, 5, 14))  # a Friday
    assert not known("FI").is_weekend(date(2027, 5, 14))


# -- closures ------------------------------------------------------------------------------------


def test_closure_adds_its_days_and_keeps_the_names_of_holidays() -> None:
    closed = Closed("Company days", date(2027, 5, 5), date(2027, 5, 7))
    off = changed_by(known("AT", "9"), [closed]).off
    names = [off[date(2027, 5, day)] for day in (5, 6, 7)]
    assert names == ["Company days", "Ascension Day", "Company days"]


def test_working_day_is_no_day_off_whatever_else_is_said() -> None:
    day = date(2027, 5, 6)
    works = Closed("We work", day, day, is_working=True)
    away = Closed("Away", day, day + timedelta(days=1))
    changed = changed_by(known("AT", "9"), [works, away])
    assert (day in changed.off, changed.off[date(2027, 5, 7)]) == (False, "Away")


def test_working_day_makes_no_bridge() -> None:
    day = date(2027, 5, 6)
    works = Closed("We work", day, day, is_working=True)
    assert changed_by(known("AT", "9"), [works]).bridged(date(2027, 5, 7)) == ""


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("PT", "Europe/Lisbon"),
        ("ES", "Europe/Madrid"),
        ("CY", "Asia/Nicosia"),
        ("UA", "Europe/Kyiv"),
        ("XK", "Europe/Belgrade"),
        ("ZZ", None),
    ],
)
def test_zone_in_which_most_people_live(country: str, zone: str | None) -> None:
    assert main_zone(country) == zone
