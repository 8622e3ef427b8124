"""Plans for tests of the rules; what a test does not say is usual."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from interact_events.scheduling.rules import Around, Calendar, DateWarning, Kind, Plan, warnings

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)  # a Monday
WEDNESDAY = datetime(2027, 5, 12, 7, tzinfo=UTC)  # 10:00 in Helsinki


def plan(number: int | None = 1, **values: Any) -> Plan:
    """A workshop in Turku on a usual Wednesday, 10:00 to 16:00, published at once."""
    starts_at = values.pop("starts_at", WEDNESDAY)
    defaults = {
        "id": number,
        "office": 1,
        "zone": "Europe/Helsinki",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=6),
        "host": "FI",
        "countries": ("FI", "PT"),
        "published_at": NOW,
    }
    return Plan(**(defaults | values))


def around(*others: Plan, **values: Any) -> Around:
    """Finland and Portugal without a holiday."""
    empty = Calendar({})
    defaults: dict[str, Any] = {
        "calendars": {"FI": empty, "PT": empty, "AT": empty},
        "country_names": {"FI": "Finland", "PT": "Portugal", "AT": "Austria", "ZZ": "Nowhere"},
        "zones": {"FI": "Europe/Helsinki", "PT": "Europe/Lisbon", "AT": "Europe/Vienna"},
        "homes": {1: empty},
        "home_countries": {1: "FI", 2: "AT"},
        "others": others,
    }
    return Around(**(defaults | values))


def off(*days: tuple[date, str]) -> Calendar:
    return Calendar(dict(days))


def found(one: Plan, where: Around, now: datetime = NOW) -> list[DateWarning]:
    return warnings(one, where, now)


def kinds(one: Plan, where: Around, now: datetime = NOW) -> list[Kind]:
    return [warning.kind for warning in found(one, where, now)]
