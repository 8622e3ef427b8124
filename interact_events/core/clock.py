"""Instants are aware UTC inside; local time exists only at the edges."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from interact_events.core.errors import DomainError


def now() -> datetime:
    """The present instant; only views, commands and jobs call this and pass it on."""
    return datetime.now(UTC)


def full_minute(instant: datetime) -> datetime:
    """`instant`, or the next full minute: pages change by the clock only then (`web.kept`)."""
    full = instant.replace(second=0, microsecond=0)
    return full if full == instant else full + timedelta(minutes=1)


def to_local(instant: datetime, zone: str) -> datetime:
    """The wall clock in `zone` at `instant`."""
    return instant.astimezone(ZoneInfo(zone))


def to_utc(local: datetime, zone: str, *, field: str | None = None) -> datetime:
    """The instant at which the clocks of `zone` show the naive `local`.

    Seconds are dropped: pages change by the clock on full minutes (`web.kept`).

    Raises DomainError for years that must be a slip of the pen, and where clocks skip that time
    in spring. A time that comes twice in autumn means the first of the two.
    """
    if not 2000 <= local.year <= 2100:
        raise DomainError(f"Choose a year from 2000 to 2100, not {local.year}.", field)
    local = local.replace(second=0, microsecond=0)
    instant = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    if to_local(instant, zone).replace(tzinfo=None) != local:
        raise DomainError(
            f"{local:%H:%M} does not exist on that day in {zone}: "
            "clocks are put forward. Choose an earlier or later time.",
            field,
        )
    return instant


def midnight(day: date, zone: str) -> datetime:
    """The first instant of `day` in `zone`."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def is_same_wall_clock(zone: str, other: str, instant: datetime) -> bool:
    """Whether both zones show the same time at `instant`."""
    return to_local(instant, zone).utcoffset() == to_local(instant, other).utcoffset()


def zone_name(instant: datetime, zone: str) -> str:
    """The zone's abbreviation at `instant`: "EEST", or "UTC+4" where it has none."""
    local = to_local(instant, zone)
    name = local.tzname() or ""
    if name.isalpha():
        return name
    minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


@cache
def zones() -> tuple[str, ...]:
    """Every zone that a person may choose, by name."""
    regions = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return (*sorted(z for z in available_timezones() if z.split("/")[0] in regions), "UTC")
