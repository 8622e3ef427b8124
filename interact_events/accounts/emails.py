"""The words of mails about accounts."""

from typing import cast

from flask import current_app

from interact_events.accounts.models import Invitation, User
from interact_events.accounts.queries import sign_invitation, sign_token
from interact_events.core.links import url
from interact_events.core.mail import Mail, compose


def _key() -> str:
    return cast("str", current_app.secret_key)


def confirm_address(user: User, next_path: str = "") -> Mail:
    """Asks to press the button that makes the address theirs; leads on to `next_path`."""
    token = sign_token("confirm", user, key=_key())
    link = url("registrations.confirm", token=token, **({"next": next_path} if next_path else {}))
    return compose("accounts/email/confirm_address.txt", user=user, link=link)


def account_exists(user: User) -> Mail:
    """Tells the owner of an address that somebody tried to sign up with it again."""
    return compose("accounts/email/account_exists.txt", user=user)


def reset_password(user: User) -> Mail:
    token = sign_token("reset", user, key=_key())
    link = url("accounts.reset", token=token)
    return compose("accounts/email/reset_password.txt", user=user, link=link)


def no_account(email: str) -> Mail:
    """Tells who asked for a new password that this address is not the one they signed up with."""
    return compose("accounts/email/no_account.txt", email=email)


def password_changed(user: User) -> Mail:
    return compose("accounts/email/password_changed.txt", user=user)


def invitation(row: Invitation) -> Mail:
    link = url("staff.accept", token=sign_invitation(row, key=_key()))
    return compose("accounts/email/invitation.txt", invitation=row, link=link)
