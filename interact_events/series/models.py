"""Events that belong together."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base
from interact_events.events.models import Event
from interact_events.interreg.models import Office


class Series(Base):
    """The same training in several cities, or modules that follow each other (`is_ordered`)."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), index=True)
    name: Mapped[str]
    is_ordered: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    office: Mapped[Office] = relationship(lazy="joined", innerjoin=True)
    created_by: Mapped[User] = relationship()


class SeriesEvent(Base):
    """An event's place in its series; it is in one at most."""

    __tablename__ = "series_events"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]

    event: Mapped[Event] = relationship()
    series: Mapped[Series] = relationship()
