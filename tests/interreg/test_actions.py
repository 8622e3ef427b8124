from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import Base, db
from interact_events.core.errors import DomainError
from interact_events.interreg import actions
from interact_events.interreg.models import (
    Country,
    Objective,
    Office,
    Period,
    Programme,
    ProgrammeStatus,
    Publicity,
    SitePage,
    StakeholderRole,
    Strand,
    Topic,
)
from tests import make

TABLES: tuple[type[Base], ...] = (
    Country,
    Objective,
    Office,
    Period,
    Programme,
    SitePage,
    StakeholderRole,
    Strand,
    Topic,
)


def counts() -> dict[str, int | None]:
    return {
        table.__tablename__: db.session.scalar(select(func.count()).select_from(table))
        for table in TABLES
    }


def newest_entry() -> tuple[str, str, int, dict[str, object]]:
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    return entry.action, entry.subject_type, entry.subject_id, entry.changes


def a_period(**values: object) -> dict[str, object]:
    return {
        "code": "2028-2034",
        "starts_on": date(2028, 1, 1),
        "ends_on": date(2034, 12, 31),
        "publicity": Publicity.COFUNDED,
        "cofinancing_rate": Decimal(80),
    } | values


def a_programme(**values: object) -> dict[str, object]:
    return {
        "code": None,
        "name": "Ελλάδα–Česko",
        "strand_id": make.programme().strand_id,
        "status": ProgrammeStatus.ACTIVE,
        "countries": [make.country("FI"), make.country("CZ")],
        "source": "",
        "note": "",
    } | values


def test_reference_data_is_complete(app: Flask) -> None:
    assert counts() == {
        "countries": 70,
        "objectives": 6,
        "offices": 5,
        "periods": 2,
        "programmes": 184,
        "site_pages": 3,
        "stakeholder_roles": 13,
        "strands": 11,
        "topics": 24,
    }


def test_reference_data_loads_twice_without_doubles(app: Flask) -> None:
    before = counts()
    actions.load_reference_data()
    assert counts() == before


def test_reference_data_leaves_edits_alone(app: Flask) -> None:
    before = counts()
    nameless = db.session.scalars(select(Programme).where(Programme.code.is_(None)).limit(1)).one()
    nameless.name, nameless.code = "Another name", "2021TC16NEW01"
    known = make.programme()
    known.name, known.code = "Baltic at the centre", "2021TC16NEW02"
    make.office().name = "Interact Office of Turku"
    make.role().relabel(make.period().id, "Control body", "Control bodies")
    page = db.session.scalars(select(SitePage).where(SitePage.code == "contact")).one()
    page.body = "Come by."
    db.session.commit()
    actions.load_reference_data()
    db.session.expire_all()
    assert counts() == before
    assert nameless.name == "Another name"
    assert known.name == "Baltic at the centre"
    assert make.office().name == "Interact Office of Turku"
    assert make.role().label_in() == "Control body"
    assert page.body == "Come by."


def test_reference_data_adds_a_row_that_is_missing(app: Flask) -> None:
    topic = db.session.scalars(select(Topic).where(Topic.code == "audit")).one()
    db.session.delete(topic)
    db.session.commit()
    actions.load_reference_data()
    again = db.session.scalars(select(Topic).where(Topic.code == "audit")).one()
    assert again.name == "Audit and control"


def test_reference_data_keeps_a_programme_that_was_typed_before(app: Flask) -> None:
    known = make.programme()
    known.imported_as = None
    db.session.commit()
    actions.load_reference_data()
    assert counts()["programmes"] == 184


def test_each_role_has_words_for_each_period(app: Flask) -> None:
    periods = set(db.session.scalars(select(Period.id)))
    roles = db.session.scalars(select(StakeholderRole)).all()
    assert {frozenset(label.period_id for label in role.labels) for role in roles} == {
        frozenset(periods)
    }


def test_role_is_called_as_its_period_does(app: Flask) -> None:
    role = make.role("CTRL")
    old, new = make.period("2014-2020").id, make.period("2021-2027").id
    assert [role.label_in(old), role.label_in(new), role.label_in(), role.plural_in(old)] == [
        "First-level controller",
        "Controller",
        "Controller",
        "First-level controllers",
    ]


def test_save_adds_a_row_and_notes_it(app: Flask) -> None:
    actor, topic = make.coordinator(), Topic()
    actions.save(topic, {"code": "green", "name": "Green deal"}, actor=actor, now=clock.now())
    assert newest_entry() == (
        "added",
        "topics",
        topic.id,
        {"code": [None, "green"], "name": [None, "Green deal"]},
    )


def test_save_notes_only_what_has_changed(app: Flask) -> None:
    office = make.office()
    values = {"city": "Åbo", "zone": office.zone, "is_secretariat": False}
    actions.save(office, values, actor=make.coordinator(), now=clock.now())
    assert newest_entry() == ("edited", "offices", office.id, {"city": ["Turku", "Åbo"]})


def test_save_notes_nothing_when_nothing_has_changed(app: Flask) -> None:
    office = make.office()
    actions.save(office, {"city": "Turku"}, actor=make.coordinator(), now=clock.now())
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_save_refuses_a_code_that_is_taken(app: Flask) -> None:
    with pytest.raises(DomainError) as refusal:
        actions.save(
            Topic(), {"code": "audit", "name": "X"}, actor=make.coordinator(), now=clock.now()
        )
    assert (refusal.value.field, refusal.value.message) == (
        "code",
        "“audit” is taken. Choose another one.",
    )


def test_save_lets_two_periods_use_one_code(app: Flask) -> None:
    actor, now = make.coordinator(), clock.now()
    old = {"period_id": make.period("2014-2020").id, "code": "1", "name": "Once more"}
    actions.save(Objective(), old, actor=actor, now=now)
    new = {"period_id": make.period("2021-2027").id, "code": "1", "name": "Once more"}
    with pytest.raises(DomainError) as refusal:
        actions.save(Objective(), new, actor=actor, now=now)
    assert refusal.value.field == "code"


def test_period_must_end_after_it_starts(app: Flask) -> None:
    values = a_period(ends_on=date(2028, 1, 1))
    with pytest.raises(DomainError) as refusal:
        actions.save_period(Period(), values, actor=make.coordinator(), now=clock.now())
    assert refusal.value.field == "ends_on"


def test_period_is_kept(app: Flask) -> None:
    actions.save_period(Period(), a_period(), actor=make.coordinator(), now=clock.now())
    assert make.period("2028-2034").cofinancing_rate == Decimal(80)


def test_programme_is_found_by_what_it_is_called_now(app: Flask) -> None:
    programme = Programme()
    actions.save_programme(programme, a_programme(), actor=make.coordinator(), now=clock.now())
    assert programme.search_text == "ellada-cesko"
    assert newest_entry()[3]["countries"] == [None, ["CZ", "FI"]]


def test_two_programmes_may_lack_a_code(app: Flask) -> None:
    actor, now = make.coordinator(), clock.now()
    actions.save_programme(Programme(), a_programme(name="One"), actor=actor, now=now)
    actions.save_programme(Programme(), a_programme(name="Two"), actor=actor, now=now)
    assert counts()["programmes"] == 186


def test_programme_name_is_taken_within_its_strand_only(app: Flask) -> None:
    actor, now, known = make.coordinator(), clock.now(), make.programme()
    with pytest.raises(DomainError) as refusal:
        actions.save_programme(Programme(), a_programme(name=known.name), actor=actor, now=now)
    assert refusal.value.field == "name"
    elsewhere = db.session.scalars(select(Strand).where(Strand.code == "NEXT")).one()
    values = a_programme(name=known.name, strand_id=elsewhere.id)
    actions.save_programme(Programme(), values, actor=actor, now=now)
    assert counts()["programmes"] == 185


def test_role_gets_new_words(app: Flask) -> None:
    role, now = make.role(), make.period().id
    values = {"position": role.position, "labels": {now: ("Control body", "Control bodies")}}
    actions.save_role(role, values, actor=make.coordinator(), now=clock.now())
    assert (role.label_in(now), role.plural_in(now)) == ("Control body", "Control bodies")
    assert newest_entry() == (
        "relabelled",
        "stakeholder_roles",
        role.id,
        {"labels": {str(now): [["Controller", "Controllers"], ["Control body", "Control bodies"]]}},
    )


def test_retired_row_is_brought_back(app: Flask) -> None:
    topic, actor = db.session.scalars(select(Topic).limit(1)).one(), make.coordinator()
    actions.retire(topic, actor=actor, now=clock.now())
    states = [topic.is_retired]
    actions.bring_back(topic, actor=actor, now=clock.now())
    assert [*states, topic.is_retired] == [True, False]
    assert newest_entry() == ("brought back", "topics", topic.id, {})


@pytest.mark.parametrize(
    ("period", "status"),
    [("2014-2020", ProgrammeStatus.CLOSED), ("2021-2027", ProgrammeStatus.ACTIVE)],
)
def test_programme_comes_back_as_its_period_says(
    app: Flask, period: str, status: ProgrammeStatus
) -> None:
    programme = db.session.scalars(
        select(Programme).join(Programme.strand).join(Strand.period).where(Period.code == period)
    ).first()
    assert programme
    actor, now = make.coordinator(), make.days(0).replace(year=2026)
    actions.retire(programme, actor=actor, now=now)
    assert (programme.is_retired, programme.status) == (True, ProgrammeStatus.SUSPENDED)
    actions.bring_back(programme, actor=actor, now=now)
    assert programme.status is status
