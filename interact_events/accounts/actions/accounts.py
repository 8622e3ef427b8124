"""What people do with their accounts."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from interact_events.accounts import emails
from interact_events.accounts.actions.signing_in import check_password, hashed
from interact_events.accounts.models import SignIn, User
from interact_events.accounts.queries import state_of, token_hash, user_by_email
from interact_events.core import audit, outbox
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.mail import Mail


def sign_up(
    *, email: str, name: str, password: str, zone: str, next_path: str = "", now: datetime
) -> None:
    """Create an account, or tell its owner that there is one; the outside sees no difference."""
    check_password(password, email=email, name=name)
    known = user_by_email(email)
    if known and known.confirmed_at:
        hashed(password)  # as much work as for a new account
        key = f"account_exists:{known.id}:{_tens_of_minutes(now)}"
        mail = emails.account_exists(known)
        outbox.post(mail, recipient(known), key=key, now=now, asked_for=True)
        return
    user = create_account(email=email, name=name, password=password, zone=zone, now=now)
    ask_to_confirm(user, next_path=next_path, now=now)


def create_account(*, email: str, name: str, password: str, zone: str, now: datetime) -> User:
    """A new account whose address is not confirmed yet; posts no mail.

    An unconfirmed account belongs to nobody: signing up again replaces its name and password, and
    links mailed before stop working. The caller has looked for a confirmed one.
    """
    check_password(password, email=email, name=name)
    email = email.strip().lower()
    facts = {"name": name, "password_hash": hashed(password), "zone": zone}
    user = user_by_email(email) or _new_user(email, facts, now)
    if user.confirmed_at:
        raise DomainError("There is an account with this address already. Sign in first.", "email")
    user.name, user.password_hash, user.zone = name, facts["password_hash"], zone
    audit.record("account_created", user, actor=user, now=now)
    return user


def _new_user(email: str, facts: dict[str, str], now: datetime) -> User:
    """The row; of two simultaneous sign-ups with one address, both get the first one's."""
    try:
        with db.session.begin_nested():
            user = User(email=email, created_at=now, **facts)
            db.session.add(user)
            return user
    except IntegrityError:
        return db.session.scalars(select(User).where(User.email == email)).one()


def ask_to_confirm(user: User, *, next_path: str = "", now: datetime) -> None:
    """Mail the link that confirms the address; often asked for, it goes once in ten minutes."""
    key = f"confirm_address:{user.id}:{state_of(user)}:{_tens_of_minutes(now)}"
    mail = emails.confirm_address(user, next_path)
    outbox.post(mail, recipient(user), key=key, now=now, asked_for=True)


def _tens_of_minutes(now: datetime) -> int:
    return int(now.timestamp()) // 600


def recipient(user: User) -> outbox.Recipient:
    return outbox.Recipient(user.name, user.email, user.id)


def confirm_address(user: User, *, now: datetime) -> None:
    """The person has shown that the address is theirs."""
    if user.confirmed_at is None:
        user.confirmed_at = now
        audit.record("address_confirmed", user, actor=user, now=now)
        outbox.works_again(user.email, actor=user, now=now)


def forget_password(email: str, *, now: datetime) -> None:
    """Mail a link for a new password, or that the address has no account."""
    user = user_by_email(email)
    mail: Mail = emails.reset_password(user) if user else emails.no_account(email)
    to = recipient(user) if user else outbox.Recipient("", email)
    state = state_of(user) if user else token_hash(email)[:16]
    key = f"reset:{state}:{_tens_of_minutes(now)}"
    outbox.post(mail, to, key=key, now=now, asked_for=True)


def reset_password(user: User, password: str, *, now: datetime) -> None:
    """A new password by the link that was mailed: so mails do arrive."""
    change_password(user, password, now=now)
    outbox.works_again(user.email, actor=user, now=now)


def change_password(user: User, password: str, *, now: datetime) -> None:
    """Replace the password and sign every browser out; the owner hears of it."""
    check_password(password, email=user.email, name=user.name)
    user.password_hash = hashed(password)
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    audit.record("password_changed", user, actor=user, now=now)
    key = f"password_changed:{user.id}:{state_of(user)}"
    outbox.post(emails.password_changed(user), recipient(user), key=key, now=now)


def save_settings(
    user: User, *, name: str, certificate_name: str, zone: str, wants_news: bool, now: datetime
) -> None:
    """Change what a person may change about themselves; names stay out of the audit."""
    before = (user.name, user.certificate_name, user.zone, user.wants_news)
    after = (name, certificate_name, zone, wants_news)
    if before == after:
        return
    user.name, user.certificate_name, user.zone = name, certificate_name, zone
    choose_news(user, wants_news=wants_news)
    fields = ("name", "certificate_name", "zone", "wants_news")
    changed = [f for f, old, new in zip(fields, before, after, strict=True) if old != new]
    audit.record("settings_changed", user, actor=user, now=now, fields=changed)


NewsEnder: TypeAlias = Callable[[User], None]
_news_enders: list[NewsEnder] = []


def on_news_off(end: NewsEnder) -> NewsEnder:
    """For features on top: whoever has switched news off gets none that is under way."""
    _news_enders.append(end)
    return end


def choose_news(user: User, *, wants_news: bool) -> None:
    """Wherever somebody says whether they want news."""
    if user.wants_news == wants_news:
        return  # an assignment alone would cost a flush
    if not wants_news:
        for end in _news_enders:
            end(user)
    user.wants_news = wants_news
