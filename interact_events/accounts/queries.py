"""Reading people."""

from datetime import datetime

from sqlalchemy import select

from interact_events.accounts.models import SignIn, User
from interact_events.core.db import db


def user_signed_in(token_hash: str, *, now: datetime) -> User | None:
    """The person whose browser holds the token, while its sign-in lasts."""
    return db.session.scalar(
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(SignIn.token_hash == token_hash, SignIn.expires_at > now)
    )
