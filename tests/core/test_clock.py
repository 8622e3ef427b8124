from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.core import clock
from interact_events.core.errors import DomainError


def naive(text: str) -> datetime:
    """A wall clock without a zone."""
    return datetime.fromisoformat(text)


ZONES = st.sampled_from(clock.zones())
INSTANTS = st.datetimes(naive("2000-01-02T00:00"), naive("2100-12-30T00:00")).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


@given(INSTANTS, ZONES)
def test_local_time_means_the_instant_again_or_the_first_of_two(
    instant: datetime, zone: str
) -> None:
    local = clock.to_local(instant, zone)
    again = clock.to_utc(local.replace(tzinfo=None, fold=0), zone)
    instant = instant.replace(second=0)
    assert again == instant if local.fold == 0 else again < instant


@given(st.datetimes(naive("2000-01-02T00:00"), naive("2100-12-30T00:00")), ZONES)
def test_wall_clock_is_kept_or_refused(local: datetime, zone: str) -> None:
    try:
        instant = clock.to_utc(local, zone)
    except DomainError:
        return
    assert clock.to_local(instant, zone).replace(tzinfo=None) == local.replace(
        second=0, microsecond=0
    )


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), ZONES)
def test_midnight_is_the_first_instant_of_the_day(day: date, zone: str) -> None:
    first = clock.midnight(day, zone)
    before = clock.to_local(first - timedelta(seconds=1), zone).date()
    if clock.to_local(first, zone).date() == day:  # some island once skipped a whole day
        assert before < day


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Europe/Helsinki", naive("2027-03-28T03:30")),
        ("Europe/Madrid", naive("2027-03-28T02:00")),
        ("Africa/Cairo", naive("2027-04-30T00:30")),
    ],
)
def test_time_that_clocks_skip_is_refused(zone: str, local: datetime) -> None:
    with pytest.raises(DomainError) as refusal:
        clock.to_utc(local, zone, field="starts")
    assert refusal.value.field == "starts"
    assert refusal.value.message == (
        f"{local:%H:%M} does not exist on that day in {zone}: "
        "clocks are put forward. Choose an earlier or later time."
    )


def test_time_that_comes_twice_is_the_first() -> None:
    instant = clock.to_utc(naive("2027-10-31T03:30"), "Europe/Helsinki")
    assert instant == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_now_is_aware_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_midnight_skips_an_hour_that_is_missing() -> None:
    first = clock.midnight(date(2027, 4, 30), "Africa/Cairo")
    assert f"{clock.to_local(first, 'Africa/Cairo'):%d %H:%M}" == "30 01:00"


@pytest.mark.parametrize(
    ("zone", "other", "same"),
    [
        ("Europe/Vienna", "Europe/Madrid", True),
        ("Europe/Vienna", "Europe/Helsinki", False),
        ("Europe/London", "Africa/Casablanca", True),
    ],
)
def test_zones_compare_by_what_their_clocks_show(zone: str, other: str, same: bool) -> None:
    assert clock.is_same_wall_clock(zone, other, datetime(2027, 7, 1, tzinfo=UTC)) is same


@pytest.mark.parametrize(
    ("zone", "month", "name"),
    [
        ("Europe/Helsinki", 5, "EEST"),
        ("Europe/Helsinki", 1, "EET"),
        ("Europe/Vienna", 5, "CEST"),
        ("Asia/Tbilisi", 5, "UTC+4"),
        ("Asia/Kathmandu", 5, "UTC+5:45"),
        ("America/Sao_Paulo", 5, "UTC-3"),
        ("UTC", 5, "UTC"),
    ],
)
def test_zone_has_the_name_of_the_season(zone: str, month: int, name: str) -> None:
    assert clock.zone_name(datetime(2027, month, 12, tzinfo=UTC), zone) == name


def test_zones_hold_every_office() -> None:
    offices = {"Helsinki", "Madrid", "Copenhagen", "Vienna", "Bratislava"}
    assert {f"Europe/{city}" for city in offices} <= set(clock.zones())
    assert [zone for zone in clock.zones() if "/" not in zone] == ["UTC"]


@pytest.mark.parametrize("year", [1, 1999, 2101, 9999])
def test_a_slip_of_the_pen_in_the_year_is_refused(year: int) -> None:
    with pytest.raises(DomainError) as refusal:
        clock.to_utc(datetime(year, 1, 1), "Europe/Helsinki", field="starts")  # noqa: DTZ001
    assert refusal.value.field == "starts"
