"""Publishing the key that signs badges, before it signs the first."""

from datetime import datetime

from sqlalchemy import select

from interact_events.certificates.models import SigningKey
from interact_events.core import audit, jose
from interact_events.core.db import db, insert_once


def publish_key(*, now: datetime) -> None:
    """Keep the public part of the network's key for good. Refused where it can't sign."""
    key = jose.current_key(now=now)
    values = {"thumbprint": key.thumbprint, "jwk": key.jwk, "noted_at": now}
    if insert_once([SigningKey.thumbprint], **values):
        this = SigningKey.thumbprint == key.thumbprint
        row = db.session.scalars(select(SigningKey).where(this)).one()
        audit.record("published", row, actor=None, now=now)
