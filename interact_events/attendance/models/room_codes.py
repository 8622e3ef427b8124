"""The code that a room's screen shows, by which people check themselves in."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base
from interact_events.events.models import Session

SHOWN_FOR = timedelta(seconds=30)  # each QR code
SPOKEN_FOR = timedelta(minutes=5)  # each code that is read out: people have to hear and type it
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"  # nothing that looks like something else
LENGTH = 6  # of a spoken code


class RoomCode(Base):
    """While it is open, its secret and the clock make each code; each start makes a new secret."""

    __tablename__ = "room_codes"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None]

    session: Mapped[Session] = relationship()
    opened_by: Mapped[User] = relationship()

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def token_at(self, now: datetime) -> str:
        """What the QR code on the screen holds at that moment."""
        return self._token(_slot(now, SHOWN_FOR))

    def has_shown(self, token: str, now: datetime) -> bool:
        """Whether the screen shows it, has just shown it, or will next where clocks differ."""
        slot = _slot(now, SHOWN_FOR)
        return any(_is_same(token, self._token(each)) for each in (slot - 1, slot, slot + 1))

    def spoken_at(self, now: datetime) -> str:
        """What is read out at that moment."""
        return self._spoken(_slot(now, SPOKEN_FOR))

    def has_spoken(self, typed: str, now: datetime) -> bool:
        """Whether that is, or was just before, what is read out."""
        slot = _slot(now, SPOKEN_FOR)
        return any(_is_same(typed, self._spoken(each)) for each in (slot - 1, slot))

    def _token(self, slot: int) -> str:
        return f"{self.session_id}-{self._digest(f'shown {slot}').hex()[:24]}"

    def _spoken(self, slot: int) -> str:
        number = int.from_bytes(self._digest(f"spoken {slot}"))
        places = (number // len(ALPHABET) ** at for at in range(LENGTH))
        return "".join(ALPHABET[place % len(ALPHABET)] for place in places)

    def _digest(self, what: str) -> bytes:
        return hmac.digest(self.secret.encode(), what.encode(), "sha256")


def left_of_slot(now: datetime, length: timedelta) -> float:
    """The seconds until the next code."""
    return length.total_seconds() - now.timestamp() % length.total_seconds()


def _slot(now: datetime, length: timedelta) -> int:
    return int(now.timestamp() // length.total_seconds())


def _is_same(given: str, own: str) -> bool:
    return hmac.compare_digest(given.encode(), own.encode())
