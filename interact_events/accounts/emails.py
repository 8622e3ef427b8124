"""The words of mails about accounts."""

from typing import cast

from flask import current_app

from interact_events.accounts.models import Invitation, User
from interact_events.accounts.queries import sign_invitation, sign_token
from interact_events.core import words
from interact_events.core.links import url
from interact_events.core.mail import Mail, Owner, Variable, compose, kind

SECRETARIAT_ZONE = "Europe/Bratislava"

NAME = Variable("name", "the person’s name", "Ζωή Παπαδοπούλου")
LINK = Variable("link", "where to do so", "https://events.example.eu/confirm/secret")
SIGN_IN = Variable("sign_in_link", "where to sign in", "https://events.example.eu/sign-in")
FORGOT = Variable("forgot_link", "where to choose a password", "https://events.example.eu/forgot")

CONFIRM_ADDRESS = kind(
    "accounts.confirm_address", "Please confirm your address", NAME, LINK, owner=Owner.ACCOUNT
)
ACCOUNT_EXISTS = kind(
    "accounts.account_exists",
    "There is an account already",
    NAME,
    SIGN_IN,
    FORGOT,
    owner=Owner.ACCOUNT,
)
RESET_PASSWORD = kind(
    "accounts.reset_password", "Choose a new password", NAME, LINK, owner=Owner.ACCOUNT
)
NO_ACCOUNT = kind(
    "accounts.no_account",
    "There is no account with this address",
    Variable("email", "the address", "zoi@example.org"),
    Variable("sign_up_link", "where to make one", "https://events.example.eu/sign-up"),
    owner=Owner.ACCOUNT,
)
PASSWORD_CHANGED = kind(
    "accounts.password_changed", "The password was changed", NAME, FORGOT, owner=Owner.ACCOUNT
)
INVITATION = kind(
    "accounts.invitation",
    "An invitation to work with an office",
    Variable("task", "what they are invited to", "Interact Office Turku"),
    Variable("invited_by", "who invites", "Anna Virtanen"),
    Variable("office", "with whom they work", "Interact Office Turku"),
    Variable("level", "as what", "editor"),
    Variable("until", "how long the link works", "12 May 2027, 12:00 EEST"),
    LINK,
    owner=Owner.ACCOUNT,
)


def _key() -> str:
    return cast("str", current_app.secret_key)


def confirm_address(user: User, next_path: str = "") -> Mail:
    """Asks for the password that makes the address theirs; leads on to `next_path`."""
    token = sign_token("confirm", user, key=_key())
    link = url("registrations.confirm", token=token, **({"next": next_path} if next_path else {}))
    return compose(CONFIRM_ADDRESS, name=user.name, link=link)


def account_exists(user: User) -> Mail:
    """Tells the owner of an address that somebody tried to sign up with it again."""
    return compose(
        ACCOUNT_EXISTS,
        name=user.name,
        sign_in_link=url("accounts.sign_in"),
        forgot_link=url("accounts.forgot"),
    )


def reset_password(user: User) -> Mail:
    token = sign_token("reset", user, key=_key())
    return compose(RESET_PASSWORD, name=user.name, link=url("accounts.reset", token=token))


def no_account(email: str) -> Mail:
    """Tells who asked for a new password that this address is not the one they signed up with."""
    return compose(NO_ACCOUNT, email=email, sign_up_link=url("accounts.sign_up"))


def password_changed(user: User) -> Mail:
    return compose(PASSWORD_CHANGED, name=user.name, forgot_link=url("accounts.forgot"))


def invitation(row: Invitation) -> Mail:
    office = row.office
    zone = office.zone if office else SECRETARIAT_ZONE
    return compose(
        INVITATION,
        task=office.name if office else "coordinate Interact Events",
        invited_by=row.invited_by.name,
        office=office.name if office else "the secretariat",
        level=row.level.value if office and row.level else "coordinator",
        until=words.moment(row.expires_at, zone),
        link=url("staff.accept", token=sign_invitation(row, key=_key())),
    )
