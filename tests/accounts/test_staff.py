import re

import pytest
from sqlalchemy import Connection, select

from interact_events.accounts import actions
from interact_events.accounts.models import Invitation, Level, Membership, User
from interact_events.accounts.queries import sign_invitation, sign_token, user_by_email
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from tests import make
from tests.client import Client, counted

KEY = "a key for tests only"
GOOD = "ferry before the tea"
STAFF = "/offices/turku/staff"


def membership(person: User) -> Membership:
    return db.session.scalars(select(Membership).where(Membership.user_id == person.id)).one()


def invitations() -> list[Invitation]:
    return list(db.session.scalars(select(Invitation).order_by(Invitation.id)))


def invited(
    email: str = "new@example.org", office: str | None = "turku", level: Level = Level.EDITOR
) -> tuple[Invitation, str]:
    """An invitation and the address that its mail links."""
    row = actions.invite(
        email,
        office=make.office(office) if office else None,
        level=level,
        actor=make.coordinator(),
        now=clock.now(),
    )
    db.session.commit()
    return row, f"/invitations/{sign_invitation(row, key=KEY)}"


# Who sees and does what


def test_staff_see_their_colleagues(client: Client) -> None:
    make.member(level=Level.LEAD, name='Ζωή "Žižka" <b>O\'Neil</b>')
    client.sign_in(make.member(level=Level.VIEWER))
    page = client.get(STAFF).get_data(as_text=True)
    assert "Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;" in page
    assert "Send the invitation" not in page


ACTS = ["invite", "{}/level", "{}/end", "invitations/{}/withdraw"]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("level", [Level.VIEWER, Level.EDITOR])
def test_only_leads_change_the_staff(client: Client, act: str, level: Level) -> None:
    other = membership(make.member())
    row, _ = invited()
    client.sign_in(make.member(level=level))
    number = row.id if "withdraw" in act else other.id
    answer = client.press(f"{STAFF}/{act.format(number)}", email="a@example.org", level="lead")
    assert answer.status_code == 403
    assert (other.level, other.ended_at, row.withdrawn_at) == (Level.EDITOR, None, None)
    assert len(invitations()) == 1


@pytest.mark.parametrize(
    ("office", "act"),
    [*(("turku", act) for act in ACTS), *(("vienna", act) for act in ACTS if act != "invite")],
)
def test_lead_cannot_touch_another_office(client: Client, office: str, act: str) -> None:
    """Neither through its own address, nor by slipping its numbers under one's own office."""
    other = membership(make.member("turku"))
    row, _ = invited()
    client.sign_in(make.member("vienna", Level.LEAD))
    number = row.id if "withdraw" in act else other.id
    address = f"/offices/{office}/staff/{act.format(number)}"
    answer = client.press(address, email="a@example.org", level="lead")
    assert answer.status_code == 404
    assert (other.level, other.ended_at, row.withdrawn_at) == (Level.EDITOR, None, None)


def test_stranger_to_the_office_does_not_find_its_staff(client: Client) -> None:
    assert client.get(STAFF).status_code == 302
    client.sign_in(make.user())
    assert client.get(STAFF).status_code == 404


def test_former_member_does_not_find_it_either(client: Client) -> None:
    person = make.member()
    client.sign_in(person)
    assert client.get(STAFF).status_code == 200
    membership(person).ended_at = clock.now()
    assert client.get(STAFF).status_code == 404


def test_list_of_staff_costs_the_same_for_one_and_three(
    client: Client, connection: Connection
) -> None:
    client.sign_in(make.coordinator())
    counts = []
    for office, number in (("turku", 1), ("vienna", 3)):
        for n in range(number):
            make.member(office)
            invited(f"{office}{n}@example.org", office)
        client.get(f"/offices/{office}/staff")
        with counted(connection) as statements:
            client.get(f"/offices/{office}/staff")
        counts.append(len(statements))
    assert counts[0] == counts[1]


# Leading


def test_lead_invites_by_mail(client: Client) -> None:
    lead = make.member(level=Level.LEAD, name="Anna Virtanen")
    client.sign_in(lead)
    answer = client.press(f"{STAFF}/invite", page=STAFF, email="New@example.org", level="viewer")
    assert answer.location == STAFF
    row = invitations()[0]
    assert (row.email, row.level, row.invited_by) == ("new@example.org", Level.VIEWER, lead)
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert mail.subject == "Invitation to Interact Office Turku"
    assert "Anna Virtanen invites you" in mail.text


def test_inviting_a_colleague_is_refused_beside_the_field(client: Client) -> None:
    colleague = make.member(name="Bea")
    client.sign_in(make.member(level=Level.LEAD))
    page = client.press(f"{STAFF}/invite", page=STAFF, email=colleague.email, level="viewer")
    assert "Bea works in this office already." in page.get_data(as_text=True)
    assert invitations() == []


def test_lead_changes_a_level_and_ends_a_membership(client: Client) -> None:
    colleague = membership(make.member())
    client.sign_in(make.member(level=Level.LEAD))
    client.press(f"{STAFF}/{colleague.id}/level", page=STAFF, level="viewer")
    assert colleague.level is Level.VIEWER
    client.press(f"{STAFF}/{colleague.id}/end", page=STAFF)
    assert colleague.ended_at is not None


def test_level_that_does_not_exist_is_not_found(client: Client) -> None:
    colleague = membership(make.member())
    client.sign_in(make.member(level=Level.LEAD))
    assert client.press(f"{STAFF}/{colleague.id}/level", level="owner").status_code == 404


def test_only_lead_cannot_leave_by_accident(client: Client) -> None:
    lead = make.member(level=Level.LEAD, name="Anna")
    client.sign_in(lead)
    client.press(f"{STAFF}/{membership(lead).id}/end", page=STAFF)
    assert membership(lead).ended_at is None
    page = client.get(STAFF).get_data(as_text=True)
    assert "Anna is the only lead of Interact Office Turku." in page


def test_lead_who_leaves_lands_among_the_own_registrations(client: Client) -> None:
    make.member(level=Level.LEAD)
    lead = make.member(level=Level.LEAD)
    client.sign_in(lead)
    answer = client.press(f"{STAFF}/{membership(lead).id}/end", page=STAFF)
    assert answer.location == "/my/"
    assert client.get(STAFF).status_code == 404


def test_withdrawn_invitation_is_over(client: Client) -> None:
    row, link = invited()
    lead = make.member(level=Level.LEAD)
    client.sign_in(lead)
    client.press(f"{STAFF}/invitations/{row.id}/withdraw", page=STAFF)
    client.press("/sign-out")
    assert client.get(link).status_code == 410


# Accepting


def test_newcomer_joins_with_name_and_password(client: Client) -> None:
    _, link = invited()
    answer = client.press(link, page=link, name="Zoi K", password=GOOD)
    user = user_by_email("new@example.org")
    assert user is not None
    assert answer.location == "/offices/turku/"
    assert user.confirmed_at is not None
    assert {m.office.code: m.level for m in user.memberships} == {"turku": Level.EDITOR}
    assert client.get(STAFF).status_code == 200
    assert client.get(link).status_code == 410


def test_newcomer_needs_a_good_password(client: Client) -> None:
    _, link = invited()
    page = client.press(link, page=link, name="Zoi K", password="password1234")
    assert "That password is easy to guess." in page.get_data(as_text=True)
    assert user_by_email("new@example.org") is None


def test_opening_the_link_joins_nobody(client: Client) -> None:
    person = make.user()
    row, link = invited(person.email)
    client.sign_in(person)
    assert client.get(link).status_code == 200
    assert (row.accepted_at, person.memberships) == (None, [])


def test_person_with_an_account_signs_in_and_presses_a_button(client: Client) -> None:
    person = make.user()
    row, link = invited(person.email)
    page = client.get(link).get_data(as_text=True)
    assert re.findall(r'href="(/sign-in\?[^"]*)">Sign in to accept', page) == [
        f"/sign-in?next={link}"
    ]
    client.press(link, page="/sign-in", name="Zoi K", password=GOOD)
    assert row.accepted_at is None
    client.sign_in(person)
    assert client.press(link, page=link).location == "/offices/turku/"
    assert [m.office.code for m in person.memberships] == ["turku"]


def test_somebody_else_cannot_accept(client: Client) -> None:
    row, link = invited(make.user().email)
    other = make.user()
    client.sign_in(other)
    assert f"You are signed in as {other.email}." in client.get(link).get_data(as_text=True)
    client.press(link)
    assert (row.accepted_at, other.memberships) == (None, [])


def test_account_that_was_never_confirmed_gets_a_new_password_and_the_button(
    client: Client,
) -> None:
    """Whoever planted it with a password of their own does not become staff."""
    planted = make.user(email="new@example.org", confirmed_at=None)
    _, link = invited()
    answer = client.press(link, page=link, name="Zoi K", password=GOOD)
    assert (answer.location or "").startswith("/confirm/")
    assert actions.is_password_of(planted, GOOD)
    assert planted.confirmed_at is None


def test_old_invitation_is_over(client: Client) -> None:
    row, link = invited()
    row.expires_at = clock.now()
    assert client.get(link).status_code == 410


def test_token_for_something_else_is_no_invitation(client: Client) -> None:
    token = sign_token("invitation", make.user(), key=KEY)
    assert client.get(f"/invitations/{token}").status_code == 410


# Coordinators


@pytest.mark.parametrize("level", list(Level))
def test_coordinators_page_is_the_coordinators_alone(client: Client, level: Level) -> None:
    boss = make.coordinator()
    client.sign_in(make.member(level=level))
    assert client.get("/admin/coordinators").status_code == 404
    assert client.press("/admin/coordinators/invite", email="a@example.org").status_code == 404
    assert client.press(f"/admin/coordinators/{boss.id}/end").status_code == 404
    row, _ = invited(office=None)
    withdraw = f"/admin/coordinators/invitations/{row.id}/withdraw"
    assert client.press(withdraw).status_code == 404


def test_coordinator_invites_another_one(client: Client) -> None:
    client.sign_in(make.coordinator())
    page = "/admin/coordinators"
    client.press(f"{page}/invite", page=page, email="new@example.org")
    row = invitations()[0]
    assert (row.email, row.office) == ("new@example.org", None)
    client.press("/sign-out")
    link = f"/invitations/{sign_invitation(row, key=KEY)}"
    assert client.press(link, page=link, name="Zoi K", password=GOOD).location == "/offices/"
    assert client.get(page).status_code == 200


def test_withdrawing_needs_the_right_page(client: Client) -> None:
    row, _ = invited(office=None)
    client.sign_in(make.coordinator())
    assert client.press(f"{STAFF}/invitations/{row.id}/withdraw").status_code == 404
    client.press(f"/admin/coordinators/invitations/{row.id}/withdraw")
    assert row.withdrawn_at is not None


def test_last_coordinator_stays(client: Client) -> None:
    boss = make.coordinator()
    client.sign_in(boss)
    page = "/admin/coordinators"
    client.press(f"{page}/{boss.id}/end", page=page)
    assert boss.is_coordinator
    assert "This is the only coordinator." in client.get(page).get_data(as_text=True)
    make.coordinator()
    assert client.press(f"{page}/{boss.id}/end", page=page).location == "/my/"
    assert not boss.is_coordinator


def test_coordinator_manages_every_office(client: Client) -> None:
    lead = membership(make.member("vienna", Level.LEAD))
    client.sign_in(make.coordinator())
    page = "/offices/vienna/staff"
    client.press(f"{page}/{lead.id}/end", page=page)
    assert lead.ended_at is not None
