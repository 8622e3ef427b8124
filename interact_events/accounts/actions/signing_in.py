"""Passwords, and browsers that are signed in."""

import secrets
import unicodedata
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import CursorResult, delete

from interact_events.accounts.models import SignIn, User
from interact_events.accounts.queries import common_passwords, token_hash, user_by_email
from interact_events.accounts.rules import SIGNED_IN_FOR, password_fault
from interact_events.core import audit
from interact_events.core.db import db
from interact_events.core.errors import DomainError

_argon2 = PasswordHasher()
# Checked when nobody has the address, so that the answer takes as long; a test keeps it current.
NOBODYS_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$8IKtepaZ/BnR0HoleNUSew"
    "$BDUIcGYcg9dPtkU1FH0fmRFGw6o8cFlFGcWPSjBLG4s"
)


def hashed(password: str) -> str:
    """The password as the database keeps it: Argon2id with a salt of its own."""
    return _argon2.hash(_typed(password))


def _typed(password: str) -> str:
    """The same password, however a keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password)


def is_password_of(user: User | None, password: str) -> bool:
    """Whether it is theirs; takes as long for nobody."""
    try:
        _argon2.verify(user.password_hash if user else NOBODYS_HASH, _typed(password))
    except (VerificationError, InvalidHashError):
        return False
    return user is not None


def check_password(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Refuse what is too short or easy to guess."""
    fault = password_fault(password, email=email, name=name, common=common_passwords())
    if fault:
        raise DomainError(fault, field)


def user_with_password(email: str, password: str) -> User | None:
    """Whose address and password these are; an old way of hashing is renewed in passing."""
    user = user_by_email(email)
    if not is_password_of(user, password):
        return None
    if user and _argon2.check_needs_rehash(user.password_hash):
        user.password_hash = hashed(password)
    return user


def begin_sign_in(user: User, *, now: datetime) -> str:
    """Sign a browser in; the token goes into its cookie and nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignIn(
            user_id=user.id,
            token_hash=token_hash(token),
            created_at=now,
            # on a full minute, for kept pages hold until the end of theirs
            expires_at=(now + SIGNED_IN_FOR).replace(second=0, microsecond=0),
        )
    )
    return token


def end_sign_in(token: str) -> None:
    """Sign the browser that holds the token out."""
    db.session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))


def end_all_sign_ins(user: User, *, now: datetime) -> None:
    """Sign every browser of the person out."""
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    audit.record("signed_out_everywhere", user, actor=user, now=now)


def purge_sign_ins(*, now: datetime) -> int:
    """Delete those that are over; says how many."""
    over = db.session.execute(delete(SignIn).where(SignIn.expires_at <= now))
    return over.rowcount if isinstance(over, CursorResult) else 0
