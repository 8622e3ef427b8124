"""One description for each table that the secretariat edits; the pages for all are in admin.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select

from interact_events.core import words
from interact_events.core.db import Base
from interact_events.interreg import actions, forms
from interact_events.interreg.models import (
    Country,
    Objective,
    Office,
    Period,
    Programme,
    ProgrammeStatus,
    SitePage,
    StakeholderRole,
    Strand,
    Topic,
)
from interact_events.interreg.queries import matching, programmes_matching, roles_matching


@dataclass(frozen=True)
class Column:
    """One column of a list."""

    heading: str
    value: Callable[[Any], str]


@dataclass(frozen=True)
class Table:
    """How one table is listed, searched and edited. `title` names a row, first in the list."""

    code: str  # in its address
    name: str
    one: str
    about: str
    model: type[Base]
    title: Column
    columns: tuple[Column, ...]
    search: Callable[[str], Select[Any]]
    form: Callable[[Any], forms.RowForm]
    retired: ColumnElement[bool]
    save: Callable[..., None] = actions.save
    retiring: str = (
        "It will no longer be on offer. Whatever uses it already keeps it, and you can bring it "
        "back."
    )
    returning: str = "It will be on offer again in every list."
    is_fixed: bool = False  # rows are only edited: views ask for them by code


def _percent(period: Period) -> str:
    return f"{period.cofinancing_rate:.2f}".rstrip("0").rstrip(".") + " %"


def _years(row: Strand | Objective) -> str:
    return row.period.name


OFFICES = Table(
    code="offices",
    name="Offices",
    one="office",
    about="Who runs events, where, and how to reach them.",
    model=Office,
    title=Column("Name", lambda office: office.name),
    columns=(
        Column("City", lambda office: f"{office.city}, {office.country.name}"),
        Column("Time zone", lambda office: office.zone),
        Column("E-mail", lambda office: office.email),
        Column("Signs certificates", lambda office: office.signatory_name or "Nobody yet"),
    ),
    search=lambda text: matching(
        select(Office).order_by(Office.is_secretariat, Office.name),
        text,
        Office.code,
        Office.name,
        Office.city,
        Office.email,
    ),
    form=forms.OfficeForm,
    retired=Office.is_retired.is_(True),
)

ROLES = Table(
    code="roles",
    name="Stakeholder roles",
    one="role",
    about="What people do in a programme, and what that is called in each period.",
    model=StakeholderRole,
    title=Column("Role now", lambda role: role.label_in()),
    columns=(
        Column("Code", lambda role: role.code),
        Column("Formerly", lambda role: role.labels[0].label if role.labels else ""),
        Column("Several", lambda role: role.plural_in()),
    ),
    search=roles_matching,
    form=forms.role_form,
    retired=StakeholderRole.is_retired.is_(True),
    save=actions.save_role,
)

PROGRAMMES = Table(
    code="programmes",
    name="Programmes",
    one="programme",
    about="The Interreg programmes that people work for.",
    model=Programme,
    title=Column("Name", lambda programme: programme.name),
    columns=(
        Column("CCI code", lambda programme: programme.code or "Unknown"),
        Column("Strand", lambda programme: programme.strand.label),
        Column(
            "Countries",
            lambda programme: ", ".join(c.code for c in programme.countries) or "Unknown",
        ),
        Column("Status", lambda programme: words.capitalised(programme.status.value)),
    ),
    search=programmes_matching,
    form=forms.ProgrammeForm,
    retired=Programme.status == ProgrammeStatus.SUSPENDED,
    save=actions.save_programme,
)

STRANDS = Table(
    code="strands",
    name="Strands",
    one="strand",
    about="The kinds of cooperation that a period knows.",
    model=Strand,
    title=Column("Name", lambda strand: strand.name),
    columns=(Column("Period", _years), Column("Code", lambda strand: strand.code)),
    search=lambda text: matching(
        select(Strand).join(Strand.period).order_by(Period.starts_on.desc(), Strand.code),
        text,
        Strand.code,
        Strand.name,
        Period.code,
    ),
    form=forms.OfPeriodForm,
    retired=Strand.is_retired.is_(True),
)

COUNTRIES = Table(
    code="countries",
    name="Countries",
    one="country",
    about="Where people, offices and programmes are.",
    model=Country,
    title=Column("Name", lambda country: country.name),
    columns=(
        Column("ISO code", lambda country: country.code),
        Column("Takes part", lambda country: "Yes" if country.is_participating else "No"),
    ),
    search=lambda text: matching(
        select(Country).order_by(Country.name), text, Country.code, Country.name
    ),
    form=forms.CountryForm,
    retired=Country.is_retired.is_(True),
)

PERIODS = Table(
    code="periods",
    name="Periods",
    one="period",
    about="Funding periods: what the law has printed, and the Union's share of the costs.",
    model=Period,
    title=Column("Years", lambda period: period.name),
    columns=(
        Column(
            "Beside the emblem",
            lambda period: dict(forms.PUBLICITY)[period.publicity.value],
        ),
        Column("Co-financing rate", _percent),
    ),
    search=lambda text: matching(
        select(Period).order_by(Period.starts_on.desc()), text, Period.code
    ),
    form=forms.PeriodForm,
    retired=Period.is_retired.is_(True),
    save=actions.save_period,
)

TOPICS = Table(
    code="topics",
    name="Topics",
    one="topic",
    about="What events are about; visitors filter by them.",
    model=Topic,
    title=Column("Name", lambda topic: topic.name),
    columns=(Column("Code", lambda topic: topic.code),),
    search=lambda text: matching(select(Topic).order_by(Topic.name), text, Topic.code, Topic.name),
    form=forms.TopicForm,
    retired=Topic.is_retired.is_(True),
)

OBJECTIVES = Table(
    code="objectives",
    name="Specific objectives",
    one="objective",
    about="What the network has promised for a period; each event serves one.",
    model=Objective,
    title=Column("Name", lambda objective: objective.name),
    columns=(Column("Period", _years), Column("Code", lambda objective: objective.code)),
    search=lambda text: matching(
        select(Objective).join(Objective.period).order_by(Period.starts_on.desc(), Objective.code),
        text,
        Objective.code,
        Objective.name,
        Period.code,
    ),
    form=forms.OfPeriodForm,
    retired=Objective.is_retired.is_(True),
)

PAGES = Table(
    code="pages",
    name="Site pages",
    one="site page",
    about="The texts that every page links: contact, privacy, accessibility.",
    model=SitePage,
    title=Column("Title", lambda page: page.title),
    columns=(Column("Address", lambda page: f"/{page.code}"),),
    search=lambda text: matching(
        select(SitePage).order_by(SitePage.position), text, SitePage.title, SitePage.body
    ),
    form=forms.PageForm,
    retired=false(),
    is_fixed=True,
)

TABLES = {
    table.code: table
    for table in (
        PROGRAMMES,
        OFFICES,
        ROLES,
        COUNTRIES,
        PERIODS,
        STRANDS,
        TOPICS,
        OBJECTIVES,
        PAGES,
    )
}


def add_table(table: Table) -> Table:
    """For features on top: their tables are edited on the same pages."""
    TABLES[table.code] = table
    return table
