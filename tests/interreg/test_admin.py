from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.interreg.models import (
    Office,
    Period,
    Programme,
    ProgrammeStatus,
    StakeholderRole,
    Topic,
)
from interact_events.interreg.views.tables import TABLES
from tests import make
from tests.client import Client, counted

ALL = sorted(TABLES)
EDITED = sorted(code for code, table in TABLES.items() if not table.is_fixed)


@pytest.fixture
def secretariat(client: Client) -> Client:
    client.sign_in(make.coordinator())
    make.closure()
    return client


def some_topic(code: str = "audit") -> Topic:
    return db.session.scalars(select(Topic).where(Topic.code == code)).one()


def test_eleven_tables_are_edited() -> None:
    assert ALL == [
        "closures",
        "countries",
        "date-rules",
        "objectives",
        "offices",
        "pages",
        "periods",
        "programmes",
        "roles",
        "strands",
        "topics",
    ]


def test_stranger_signs_in_first(client: Client) -> None:
    assert client.get("/admin/").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("level", Level)
def test_staff_of_an_office_find_nothing(client: Client, level: Level) -> None:
    topic = some_topic()
    client.sign_in(make.member(level=level))
    addresses = ("/admin/", "/admin/topics", "/admin/topics/new", f"/admin/topics/{topic.id}")
    assert [client.get(address).status_code for address in addresses] == [404] * 4


def test_staff_of_an_office_change_nothing(client: Client) -> None:
    topic = some_topic()
    client.sign_in(make.member(level=Level.LEAD))
    answers = [
        client.press(f"/admin/topics/{topic.id}/retire").status_code,
        client.press(f"/admin/topics/{topic.id}", name="Mine").status_code,
        client.press("/admin/topics/new", code="mine", name="Mine").status_code,
    ]
    assert answers == [404] * 3
    assert (topic.name, topic.is_retired) == ("Audit and control", False)
    assert db.session.scalars(select(Topic).where(Topic.code == "mine")).all() == []


def test_index_names_each_table(secretariat: Client) -> None:
    page = secretariat.get("/admin/").get_data(as_text=True)
    assert [f'href="/admin/{code}"' for code in ALL if f'href="/admin/{code}"' not in page] == []


@pytest.mark.parametrize("table", ALL)
def test_list_opens_with_a_link_to_each_row(secretariat: Client, table: str) -> None:
    rows = db.session.scalars(TABLES[table].search("").limit(25)).unique().all()
    page = secretariat.get(f"/admin/{table}").get_data(as_text=True)
    assert [row.id for row in rows if f'href="/admin/{table}/{row.id}"' not in page] == []


@pytest.mark.parametrize("table", ALL)
def test_each_row_keeps_its_values_when_saved_unchanged(secretariat: Client, table: str) -> None:
    row = db.session.scalars(TABLES[table].search("").limit(1)).unique().one()
    address = f"/admin/{table}/{row.id}"
    with secretariat.application.test_request_context():
        fields: dict[str, Any] = {
            name: [str(v) for v in value]
            if isinstance(value, list)
            else ("" if value is None else str(value))
            for name, value in TABLES[table].form(row).data.items()
            if value is not False and name != "csrf_token"
        }
    assert secretariat.press(address, **fields).status_code == 303
    assert db.session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize("table", EDITED)
def test_empty_new_row_is_refused_beside_its_fields(secretariat: Client, table: str) -> None:
    answer = secretariat.press(f"/admin/{table}/new")
    assert answer.status_code == 200
    assert 'class="error-summary"' in answer.get_data(as_text=True)
    assert db.session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize("table", EDITED)
def test_row_is_retired_and_brought_back(secretariat: Client, table: str) -> None:
    row = db.session.scalars(TABLES[table].search("").limit(1)).unique().one()
    address = f"/admin/{table}/{row.id}"
    assert secretariat.press(f"{address}/retire").headers["Location"] == address
    assert row.is_retired
    assert "Bring back" in secretariat.get(address).get_data(as_text=True)
    retired = secretariat.get(f"/admin/{table}?show=retired").get_data(as_text=True)
    assert (f'"{address}"' in retired, "Retired</span>" in retired) == (True, True)
    assert f'"{address}"' not in secretariat.get(f"/admin/{table}?show=current").get_data(
        as_text=True
    )
    secretariat.press(f"{address}/retire", back="yes")
    assert not row.is_retired
    entries = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert entries == ["retired", "brought back"]


def test_retiring_twice_does_not_bring_back(secretariat: Client) -> None:
    topic = some_topic()
    secretariat.press(f"/admin/topics/{topic.id}/retire")
    secretariat.press(f"/admin/topics/{topic.id}/retire")
    assert topic.is_retired


def test_site_pages_are_only_edited(secretariat: Client) -> None:
    assert secretariat.get("/admin/pages/new").status_code == 404
    assert secretariat.press("/admin/pages/1/retire").status_code == 404


def test_unknown_tables_and_rows_are_not_found(secretariat: Client) -> None:
    addresses = ("/admin/users", "/admin/users/new", "/admin/topics/999999")
    assert [secretariat.get(address).status_code for address in addresses] == [404] * 3


def test_nothing_can_be_deleted(secretariat: Client) -> None:
    topic = some_topic()
    assert secretariat.delete(f"/admin/topics/{topic.id}").status_code in (400, 405)
    assert some_topic() is topic


@pytest.mark.parametrize(
    ("table", "search", "found"),
    [
        ("programmes", "OLAND dolna", 0),
        ("programmes", "grčka", 0),
        ("programmes", "BALTIC central", 2),
        ("programmes", "2014TC16M4TN001", 1),
        ("programmes", "100%", 0),
        ("offices", "turku", 1),
        ("roles", "first-level", 1),
        ("roles", "ctrl", 1),
        ("countries", "slova", 1),
        ("strands", "2021 next", 1),
        ("topics", "baltic", 1),
        ("pages", "EN 301 549", 1),
    ],
)
def test_search_finds(app: Flask, table: str, search: str, found: int) -> None:
    assert len(db.session.scalars(TABLES[table].search(search)).unique().all()) == found


def test_search_for_programmes_overlooks_marks(app: Flask) -> None:
    plain = db.session.scalars(TABLES["programmes"].search("mozambique")).all()
    marked = db.session.scalars(TABLES["programmes"].search("Môzambiqué")).all()
    assert (len(plain), plain) == (1, marked)


def test_search_without_result_says_so(secretariat: Client) -> None:
    page = secretariat.get("/admin/topics?q=zeppelin").get_data(as_text=True)
    assert "Nothing found" in page


def test_long_list_has_pages(secretariat: Client) -> None:
    first = secretariat.get("/admin/programmes").get_data(as_text=True)
    last = secretariat.get("/admin/programmes?page=99").get_data(as_text=True)
    assert ("Page 1 of 8" in first, "Page 8 of 8" in last) == (True, True)


@pytest.mark.parametrize("table", ALL)
def test_list_costs_as_many_queries_for_one_row_as_for_all(
    secretariat: Client, connection: Connection, table: str
) -> None:
    title = TABLES[table].title
    row = db.session.scalars(TABLES[table].search("").limit(1)).unique().one()
    with counted(connection) as few:
        secretariat.get(f"/admin/{table}", query_string={"q": getattr(row, "code", None)})
    with counted(connection) as many:
        secretariat.get(f"/admin/{table}")
    assert title.value(row)
    assert len(few) == len(many)


def test_programme_is_added(secretariat: Client) -> None:
    answer = secretariat.press(
        "/admin/programmes/new",
        name='Ζωή "Žižka" <b>',
        strand_id=make.programme().strand_id,
        status="active",
        countries=[make.country("FI").id, make.country("EE").id],
    )
    assert answer.headers["Location"] == "/admin/programmes"
    programme = db.session.scalars(select(Programme).where(Programme.name.contains("Ζωή"))).one()
    assert (
        programme.code,
        programme.status,
        [country.code for country in programme.countries],
        programme.search_text,
    ) == (None, ProgrammeStatus.ACTIVE, ["EE", "FI"], 'zoi "zizka" <b>')
    page = secretariat.get("/admin/programmes?q=zizka").get_data(as_text=True)
    assert "Ζωή &#34;Žižka&#34; &lt;b&gt;</a>" in page


def test_taken_code_is_answered_beside_the_field_and_the_answers_are_kept(
    secretariat: Client,
) -> None:
    page = secretariat.press("/admin/topics/new", code="audit", name="Once more").get_data(
        as_text=True
    )
    assert 'id="code-error"><span>“audit” is taken. Choose another one.</span>' in page
    assert 'value="Once more"' in page


@pytest.mark.parametrize(
    ("table", "fields", "sentence"),
    [
        ("topics", {"code": "Über uns"}, "Use small letters, digits and single hyphens."),
        ("countries", {"code": "fin"}, "Use the two capital letters of ISO 3166-1, such as FI."),
        ("periods", {"code": "2028"}, "Write two years with a hyphen: 2028-2034."),
        ("periods", {"cofinancing_rate": "101"}, "Enter a number from 0 to 100."),
        ("periods", {"starts_on": "soon"}, "Give a day, like 2027-05-12."),
        ("offices", {"zone": "Europe/Atlantis"}, "Choose one of those on offer."),
        ("offices", {"email": "turku"}, "Enter an address such as office@example.org."),
        ("offices", {"email": "ζωή@example.org"}, "Enter an address such as office@example.org."),
        ("offices", {"hue": "pink"}, "Choose one of those on offer."),
        ("programmes", {"code": "2021 TC"}, "Use capital letters and digits only."),
        ("programmes", {"strand_id": "0"}, "Choose one of those on offer."),
        ("roles", {"position": "-1"}, "Enter a number from 0 to 999."),
    ],
)
def test_bad_input_is_answered_beside_its_field(
    secretariat: Client, table: str, fields: dict[str, str], sentence: str
) -> None:
    page = secretariat.press(f"/admin/{table}/new", **fields).get_data(as_text=True)
    beside = page.partition(f'id="{next(iter(fields))}-error">')[2].partition("</div>")[0]
    assert sentence in beside


def test_period_that_ends_before_it_starts_is_refused(secretariat: Client) -> None:
    page = secretariat.press(
        "/admin/periods/new",
        code="2028-2034",
        starts_on="2034-12-31",
        ends_on="2028-01-01",
        publicity="co-funded",
        cofinancing_rate="80",
    ).get_data(as_text=True)
    assert 'id="ends_on-error"><span>The last day must come after the first day.' in page
    assert db.session.scalars(select(Period).where(Period.code == "2028-2034")).all() == []


def test_code_of_a_known_row_stays(secretariat: Client) -> None:
    topic = some_topic()
    secretariat.press(f"/admin/topics/{topic.id}", code="other", name="Auditing")
    assert (topic.code, topic.name) == ("audit", "Auditing")


def test_role_is_renamed_for_one_period(secretariat: Client) -> None:
    role = make.role()
    old, new = make.period("2014-2020").id, make.period("2021-2027").id
    secretariat.press(
        f"/admin/roles/{role.id}",
        position=4,
        **{
            f"label_in_{old}": "First-level controller",
            f"plural_in_{old}": "First-level controllers",
            f"label_in_{new}": "Control body",
            f"plural_in_{new}": "Control bodies",
        },
    )
    again = db.session.get_one(StakeholderRole, role.id)
    assert (again.label_in(old), again.label_in(new), again.plural_in(new)) == (
        "First-level controller",
        "Control body",
        "Control bodies",
    )


def test_office_keeps_a_country_that_is_retired(secretariat: Client) -> None:
    finland = make.country("FI")
    finland.is_retired = True
    db.session.commit()
    office = make.office()
    secretariat.press(
        f"/admin/offices/{office.id}",
        name=office.name,
        city="Åbo",
        country_id=finland.id,
        zone=office.zone,
        hue=office.hue.value,
        email=office.email,
    )
    assert (office.city, office.country_id) == ("Åbo", finland.id)
    new = secretariat.get("/admin/offices/new").get_data(as_text=True)
    assert f'<option value="{finland.id}">' not in new


def test_office_address_keeps_its_lines(secretariat: Client) -> None:
    office = make.office()
    secretariat.press(
        f"/admin/offices/{office.id}",
        name=office.name,
        city=office.city,
        country_id=office.country_id,
        zone=office.zone,
        hue=office.hue.value,
        email=office.email,
        address="Linnankatu\r\n20100 Turku",
    )
    row = db.session.get_one(Office, office.id)
    assert (row.address, row.subdivision) == ("Linnankatu\n20100 Turku", None)
