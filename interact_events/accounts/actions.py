"""What people do with their accounts."""

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher

from interact_events.accounts.models import SignIn, User
from interact_events.core.db import db

SIGNED_IN_FOR = timedelta(days=14)

_argon2 = PasswordHasher()


def hashed(password: str) -> str:
    """The password as the database keeps it: Argon2id with a salt of its own."""
    return _argon2.hash(password)


def token_hash(token: str) -> str:
    """What the database keeps of a secret that only its owner holds."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin_sign_in(user: User, *, now: datetime) -> str:
    """Sign a browser in; the token goes into its cookie and nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignIn(
            user_id=user.id,
            token_hash=token_hash(token),
            created_at=now,
            expires_at=now + SIGNED_IN_FOR,
        )
    )
    return token
