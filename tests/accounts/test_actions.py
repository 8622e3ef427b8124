from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from interact_events.accounts import actions, emails
from interact_events.accounts.models import Level, Membership, Profile, SignIn, User
from interact_events.accounts.queries import (
    countries_on_offer,
    demo_accounts,
    personal_data,
    profiles_of,
    programmes_on_offer,
    sign_token,
    token_hash,
    user_by_email,
    user_of_token,
    user_signed_in,
)
from interact_events.accounts.rules import DEMO_ACCOUNTS
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from tests import make

KEY = "a key"
DAY = timedelta(days=1)
NEW = {
    "email": "new@example.org",
    "name": "Zoi K",
    "password": "ferry before the tea",
    "zone": "UTC",
}

pytestmark = pytest.mark.usefixtures("app")


def mails() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.kind, row.to_address) for row in rows]


def audited() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


# Passwords and sign-in


def test_password_is_kept_as_argon2id() -> None:
    assert actions.hashed("ferry before the tea").startswith("$argon2id$")


def test_password_matches_however_letters_are_composed() -> None:
    person = make.user(password_hash=actions.hashed("cafe\u0301 before the ferry"))
    assert actions.is_password_of(person, "caf\u00e9 before the ferry")
    assert not actions.is_password_of(person, "cafe before the ferry")


def test_nobody_has_any_password() -> None:
    assert not actions.is_password_of(None, "nobody has this password")


@pytest.mark.usefixtures("slow_passwords")
def test_nobodys_hash_costs_as_much_as_a_new_one() -> None:
    """Otherwise the time of the answer would tell whether an address has an account."""
    costs = [text.split("$")[1:4] for text in (actions.NOBODYS_HASH, actions.hashed("x"))]
    assert costs[0] == costs[1]


@pytest.mark.usefixtures("slow_passwords")
def test_old_hash_is_renewed_at_sign_in() -> None:
    person = make.user(password_hash=PasswordHasher(time_cost=1).hash(make.PASSWORD))
    assert actions.user_with_password(person.email, make.PASSWORD) is person
    assert "t=3" in person.password_hash


def test_sign_in_lasts_until_it_expires() -> None:
    person, now = make.user(), clock.now()
    token = actions.begin_sign_in(person, now=now)
    assert user_signed_in(token_hash(token), now=now + 13 * DAY) is person
    assert user_signed_in(token_hash(token), now=now + 14 * DAY) is None


def test_database_holds_no_token() -> None:
    token = actions.begin_sign_in(make.user(), now=clock.now())
    db.session.flush()
    assert db.session.scalars(select(SignIn.token_hash)).one() == token_hash(token) != token


def test_purge_removes_only_what_is_over() -> None:
    person, now = make.user(), clock.now()
    actions.begin_sign_in(person, now=now - 15 * DAY)
    actions.begin_sign_in(person, now=now)
    assert actions.purge_sign_ins(now=now) == 1
    assert db.session.scalar(select(func.count(SignIn.id))) == 1


# Accounts


def test_sign_up_creates_an_unconfirmed_account_and_mails_a_link() -> None:
    actions.sign_up(**NEW, now=clock.now())
    user = user_by_email("NEW@example.org ")
    assert user is not None
    assert (user.name, user.confirmed_at) == ("Zoi K", None)
    assert mails() == [("accounts.confirm_address", "new@example.org")]


def test_sign_up_with_a_known_address_only_mails_its_owner() -> None:
    person = make.user("Owner", email="new@example.org")
    before = person.password_hash
    actions.sign_up(**NEW, now=clock.now())
    assert (person.name, person.password_hash) == ("Owner", before)
    assert mails() == [("accounts.account_exists", "new@example.org")]


def test_signing_up_again_replaces_an_unconfirmed_account() -> None:
    """Nobody can plant a password in somebody else's account by signing up first."""
    actions.sign_up(**NEW, now=clock.now())
    planted = user_by_email(NEW["email"])
    assert planted is not None
    old_link = sign_token("confirm", planted, key=KEY)
    actions.sign_up(**(NEW | {"password": "tea after the ferry"}), now=clock.now())
    assert user_of_token("confirm", old_link, key=KEY, max_age=DAY) is None
    assert actions.user_with_password(NEW["email"], NEW["password"]) is None
    assert actions.user_with_password(NEW["email"], "tea after the ferry") is planted
    assert [kind for kind, _ in mails()] == ["accounts.confirm_address"] * 2


def test_weak_password_is_refused_before_anybody_is_looked_up() -> None:
    make.user(email="new@example.org")
    for email in ("new@example.org", "other@example.org"):
        with pytest.raises(DomainError) as refusal:
            actions.sign_up(**(NEW | {"email": email, "password": "password1234"}), now=clock.now())
        assert refusal.value.field == "password"
    assert mails() == []


def test_create_account_refuses_a_confirmed_address() -> None:
    make.user(email="new@example.org")
    with pytest.raises(DomainError) as refusal:
        actions.create_account(**NEW, now=clock.now())
    assert refusal.value.field == "email"


def test_confirmation_asked_for_twice_is_mailed_once_in_ten_minutes() -> None:
    person, now = make.user(confirmed_at=None), clock.now()
    actions.ask_to_confirm(person, now=now)
    actions.ask_to_confirm(person, now=now)
    assert len(mails()) == 1
    actions.ask_to_confirm(person, now=now + timedelta(minutes=10))
    assert len(mails()) == 2


def test_confirming_is_audited_once() -> None:
    person, now = make.user(confirmed_at=None), clock.now()
    actions.confirm_address(person, now=now)
    actions.confirm_address(person, now=now + DAY)
    assert person.confirmed_at == now
    assert audited() == ["address_confirmed"]


def test_confirmation_link_leads_on_to_where_the_person_wanted() -> None:
    link = emails.confirm_address(make.user(confirmed_at=None), "/events/a").values["link"]
    assert link.partition("?")[2] == "next=/events/a"


# Tokens


def test_token_is_for_one_purpose_one_key_and_one_time() -> None:
    person = make.user(confirmed_at=None)
    token = sign_token("confirm", person, key=KEY)
    assert user_of_token("confirm", token, key=KEY, max_age=DAY) is person
    assert user_of_token("reset", token, key=KEY, max_age=DAY) is None
    assert user_of_token("confirm", token, key="another", max_age=DAY) is None
    assert user_of_token("confirm", token + "x", key=KEY, max_age=DAY) is None
    actions.confirm_address(person, now=clock.now())
    assert user_of_token("confirm", token, key=KEY, max_age=DAY) is None


def test_token_grows_old() -> None:
    token = sign_token("reset", make.user(), key=KEY)
    assert user_of_token("reset", token, key=KEY, max_age=timedelta(seconds=-1)) is None


@pytest.mark.parametrize("token", ["", ".", "a.b.c", "é", "W10.x.y"])
def test_nonsense_is_nobodys_token(token: str) -> None:
    assert user_of_token("reset", token, key=KEY, max_age=DAY) is None


def test_changing_the_password_ends_sign_ins_and_tells_the_owner() -> None:
    person, other = make.user(), make.user()
    for one in (person, person, other):
        actions.begin_sign_in(one, now=clock.now())
    actions.change_password(person, "ferry before the tea", now=clock.now())
    assert list(db.session.scalars(select(SignIn.user_id))) == [other.id]
    assert mails() == [("accounts.password_changed", person.email)]
    assert audited() == ["password_changed"]


def test_forgotten_password_is_answered_by_mail_for_everybody() -> None:
    person = make.user()
    actions.forget_password(person.email, now=clock.now())
    actions.forget_password("nobody@example.org", now=clock.now())
    assert mails() == [
        ("accounts.reset_password", person.email),
        ("accounts.no_account", "nobody@example.org"),
    ]


# Settings and leaving


def test_settings_are_audited_without_their_values() -> None:
    person = make.user("Old Name")
    for name in ("Old Name", "New Name"):
        actions.save_settings(
            person,
            name=name,
            certificate_name="",
            zone=person.zone,
            wants_news=False,
            now=clock.now(),
        )
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.changes) == ("settings_changed", {"fields": ["name"]})


def test_deleted_person_is_unnamed_and_cannot_come_back() -> None:
    person = make.member(name="Anna Virtanen")
    make.member(level=Level.LEAD)
    email, profile = person.email, make.profile(person)
    actions.begin_sign_in(person, now=clock.now())
    actions.delete_account(person, now=clock.now())
    assert (person.email, person.name) == (f"deleted-{person.id}@invalid", "Deleted person")
    assert (profile.institution, profile.retired_at is None) == ("", False)
    assert person.memberships == []
    assert db.session.scalar(select(func.count(SignIn.id))) == 0
    assert user_by_email(email) is None
    assert actions.user_with_password(person.email, make.PASSWORD) is None
    assert not actions.is_password_of(person, "")


def test_last_coordinator_cannot_leave() -> None:
    boss = make.coordinator()
    with pytest.raises(DomainError, match="the only coordinator"):
        actions.delete_account(boss, now=clock.now())
    make.coordinator()
    actions.delete_account(boss, now=clock.now())
    assert not boss.is_coordinator


def test_only_lead_cannot_delete_the_account() -> None:
    lead = make.member(level=Level.LEAD, name="Anna")
    with pytest.raises(DomainError, match="Anna is the only lead of Interact Office Turku"):
        actions.delete_account(lead, now=clock.now())


def test_export_holds_the_account_and_all_profiles() -> None:
    person = make.member(name='Ζωή "Žižka"')
    actions.retire_profile(make.profile(person), now=clock.now())
    make.profile(person, institution="Second")
    data = personal_data(person, clock.now())
    assert data["account"]["name"] == 'Ζωή "Žižka"'
    assert [p["institution"] for p in data["profiles"]] == [
        "Regional Council of Southwest Finland",
        "Second",
    ]
    assert [m["level"] for m in data["memberships"]] == ["editor"]


# Profiles


def add(person: User, institution: str) -> Profile:
    return actions.add_profile(
        person,
        institution=institution,
        role=make.role(),
        programme=None,
        country=make.country(),
        now=clock.now(),
    )


def defaults(person: User) -> list[str]:
    return [p.institution for p in profiles_of(person) if p.is_default]


def test_first_profile_is_the_default() -> None:
    person = make.user()
    add(person, "First")
    add(person, "Second")
    assert defaults(person) == ["First"]
    assert [p.institution for p in person.profiles] == ["First", "Second"]


def test_same_profile_twice_is_refused() -> None:
    person = make.user()
    add(person, "First")
    with pytest.raises(DomainError, match="You have this profile already"):
        add(person, "FIRST")


def test_another_profile_becomes_the_default() -> None:
    person = make.user()
    add(person, "First")
    actions.make_default(add(person, "Second"), now=clock.now())
    assert defaults(person) == ["Second"]


def test_retiring_the_default_leaves_another_one() -> None:
    person = make.user()
    first, second = add(person, "First"), add(person, "Second")
    actions.retire_profile(first, now=clock.now())
    assert defaults(person) == ["Second"]
    actions.retire_profile(second, now=clock.now())
    assert profiles_of(person) == []
    assert first.retired_at is not None


def test_all_programmes_are_on_offer() -> None:
    assert len(programmes_on_offer()) == 184


def test_countries_of_the_network_come_first() -> None:
    order = [country.is_participating for country in countries_on_offer()]
    assert order == sorted(order, reverse=True)


def test_programme_labels_are_unique() -> None:
    """Otherwise a suggestion that was chosen could match two."""
    labels = [programme.label for programme in programmes_on_offer()]
    assert len(set(labels)) == len(labels)


# Staff


def test_invitation_replaces_an_older_one() -> None:
    boss, now = make.coordinator(), clock.now()
    office = make.office()
    old = actions.invite("a@example.org", office=office, level=Level.LEAD, actor=boss, now=now)
    new = actions.invite("A@example.org", office=office, level=Level.VIEWER, actor=boss, now=now)
    assert old.withdrawn_at == now
    assert (new.email, new.withdrawn_at) == ("a@example.org", None)
    assert len(mails()) == 2


def test_accepting_never_lowers_a_level() -> None:
    boss, now = make.coordinator(), clock.now()
    lead = make.user()
    first, second = (
        actions.invite(lead.email, office=office, level=level, actor=boss, now=now)
        for office, level in ((make.office(), Level.LEAD), (make.office("vienna"), Level.VIEWER))
    )
    actions.accept_invitation(first, lead, now=now)
    actions.accept_invitation(second, lead, now=now)
    first.accepted_at = None
    first.level = Level.VIEWER
    actions.accept_invitation(first, lead, now=now)
    assert {m.office.code: m.level for m in lead.memberships} == {
        "turku": Level.LEAD,
        "vienna": Level.VIEWER,
    }


def test_invitation_is_for_one_address() -> None:
    boss, now = make.coordinator(), clock.now()
    invitation = actions.invite("a@example.org", office=None, level=Level.LEAD, actor=boss, now=now)
    other = make.user()
    with pytest.raises(DomainError, match="for another address"):
        actions.accept_invitation(invitation, other, now=now)
    assert not other.is_coordinator


def membership(person: User) -> Membership:
    return db.session.scalars(select(Membership).where(Membership.user_id == person.id)).one()


def test_only_lead_stays_unless_the_secretariat_decides() -> None:
    lead, now = make.member(level=Level.LEAD), clock.now()
    with pytest.raises(DomainError, match="is the only lead"):
        actions.end_membership(membership(lead), actor=lead, now=now)
    with pytest.raises(DomainError, match="is the only lead"):
        actions.change_level(membership(lead), Level.EDITOR, actor=lead, now=now)
    actions.change_level(membership(lead), Level.EDITOR, actor=make.coordinator(), now=now)
    assert membership(lead).level is Level.EDITOR


def test_a_second_lead_lets_the_first_one_go() -> None:
    lead, now = make.member(level=Level.LEAD), clock.now()
    make.member(level=Level.LEAD)
    actions.end_membership(membership(lead), actor=lead, now=now)
    assert membership(lead).ended_at == now
    assert lead.memberships == []


def test_demo_accounts_are_those_that_exist() -> None:
    email, what = DEMO_ACCOUNTS[2]
    make.user(email=email)
    assert demo_accounts() == [(email, what)]
