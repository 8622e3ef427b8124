"""The tables that the secretariat edits about dates, on the pages that all tables share."""

from sqlalchemy import false, select

from interact_events.core import words
from interact_events.interreg.models import Country, Office, Programme
from interact_events.interreg.queries import matching
from interact_events.interreg.views.tables import Column, Table, add_table
from interact_events.scheduling import forms
from interact_events.scheduling.actions import save_closure
from interact_events.scheduling.models import Closure, DateRules


def _days(row: Closure) -> str:
    if row.first_on == row.last_on:
        return words.written(row.first_on)
    return words.days_named(row.first_on, row.last_on)


CLOSURES = Table(
    code="closures",
    name="Closures and own holidays",
    one="closure",
    about="Days on which an office, a programme or a country is away, or works on a holiday.",
    model=Closure,
    title=Column("Name", lambda row: row.name),
    columns=(
        Column("Days", _days),
        Column("Concerns", lambda row: row.concerns),
        Column("Means", lambda row: "People work" if row.is_working else "Day off"),
    ),
    search=lambda text: matching(
        select(Closure)
        .outerjoin(Office, Office.id == Closure.office_id)
        .outerjoin(Country, Country.id == Closure.country_id)
        .outerjoin(Programme, Programme.id == Closure.programme_id)
        .order_by(Closure.first_on.desc(), Closure.id),
        text,
        Closure.name,
        Office.name,
        Country.name,
        Programme.name,
    ),
    form=forms.ClosureForm,
    retired=Closure.is_retired.is_(True),
    save=save_closure,
    retiring="Warnings and the date finder will no longer heed it, and you can bring it back.",
    returning="Warnings and the date finder will heed it again.",
)

DATE_RULES = Table(
    code="date-rules",
    name="Warnings about dates",
    one="rule",
    about="How near similar events may be, and how early events are published.",
    model=DateRules,
    title=Column("Similar events", lambda row: f"{words.count(row.near_days, 'day')} apart"),
    columns=(Column("From publication to start", lambda row: words.count(row.lead_weeks, "week")),),
    search=lambda _text: select(DateRules).order_by(DateRules.id),
    form=forms.DateRulesForm,
    retired=false(),
    is_fixed=True,
)

TABLES = tuple(add_table(table) for table in (CLOSURES, DATE_RULES))
