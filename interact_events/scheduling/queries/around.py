"""What lies around plans: days off, closures, other events."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from interact_events.core.db import db
from interact_events.scheduling.models import Closure, DateRules
from interact_events.scheduling.queries.network import Network
from interact_events.scheduling.queries.plans import plans_within
from interact_events.scheduling.rules import (
    Around,
    Calendar,
    Closed,
    Plan,
    changed_by,
    main_zone,
    public_calendar,
)

USUAL = {"near_days": 14, "lead_weeks": 6}


def date_rules() -> DateRules:
    """What the network chose, else what is usual."""
    return db.session.scalar(select(DateRules).order_by(DateRules.id)) or DateRules(**USUAL)


def around_wish(first: date, last: date, network: Network) -> Around:
    """What lies around the days, other events a season before and after included."""
    rules = date_rules()
    reach = timedelta(days=rules.near_days + 3)
    start, end = (datetime.combine(day, time(), UTC) for day in (first - reach, last + reach))
    return around_days(first, last, network, plans_within(start, end, network), rules)


def around_days(
    first: date,
    last: date,
    network: Network,
    plans: Mapping[int, Plan],
    rules: DateRules,
    booked: Mapping[frozenset[int], int] | None = None,
) -> Around:
    """The days and what is known about them; bridges look one day further."""
    years = range((first - timedelta(days=1)).year, (last + timedelta(days=1)).year + 1)
    rows = list(db.session.scalars(select(Closure).where(~Closure.is_retired)))
    closures = [_closed(row, network) for row in rows]
    homes, regions = _homes(network, closures, years)
    codes = {country.code: country.name for country in network.countries.values()}
    return Around(
        calendars=_calendars(codes, closures, years),
        country_names=codes,
        zones={code: zone for code in codes if (zone := main_zone(code))},
        homes=homes,
        home_countries={office.id: office.country.code for office in network.offices.values()},
        unknown_regions=regions,
        closures=[each for each in closures if each.country is None],
        programme_names={row.programme.id: row.programme.name for row in rows if row.programme},
        others=list(plans.values()),
        booked=booked or {},
        near_days=rules.near_days,
        lead_days=rules.lead_weeks * 7,
    )


def _closed(row: Closure, network: Network) -> Closed:
    return Closed(
        row.name,
        row.first_on,
        row.last_on,
        office=row.office_id,
        country=network.code_of(row.country_id),
        programme=row.programme_id,
        is_working=row.is_working,
    )


def _calendars(
    codes: Iterable[str], closures: Iterable[Closed], years: Iterable[int]
) -> dict[str, Calendar]:
    """Of each country whose holidays are known."""
    found = {}
    for code in codes:
        if known := public_calendar(code, None, years):
            own = [each for each in closures if each.country == code or _works(each)]
            found[code] = changed_by(known[0], own)
    return found


def _works(closed: Closed) -> bool:
    """Everyone's working days are no holiday anywhere; everyone's closures are told apart."""
    return closed.is_working and closed.is_for_all


def _homes(
    network: Network, closures: Iterable[Closed], years: Iterable[int]
) -> tuple[dict[int, Calendar], dict[int, str]]:
    """The days off where each office is, and the regions of which none are known."""
    homes, regions = {}, {}
    for office in network.offices.values():
        known = public_calendar(office.country.code, office.subdivision, years)
        if known is None:
            continue
        calendar, has_region = known
        own = [
            each
            for each in closures
            if each.country == office.country.code
            or _works(each)
            or (each.is_working and each.office == office.id)
        ]
        homes[office.id] = changed_by(calendar, own)
        if not has_region:
            regions[office.id] = f"{office.country.name}, region {office.subdivision}"
    return homes, regions
