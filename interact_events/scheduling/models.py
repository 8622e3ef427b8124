"""Who is away when, what the network chose about dates, and warnings that somebody answered."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base
from interact_events.events.models import Event
from interact_events.interreg.models import Country, Office, Programme


class Closure(Base):
    """An office, a country, a programme or everyone is away; with `is_working` a public holiday
    is none for them. What is retired counts no more."""

    __tablename__ = "closures"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="ends_after_start"),
        CheckConstraint(
            "(CASE WHEN office_id IS NULL THEN 0 ELSE 1 END) + "
            "(CASE WHEN country_id IS NULL THEN 0 ELSE 1 END) + "
            "(CASE WHEN programme_id IS NULL THEN 0 ELSE 1 END) <= 1",
            name="concerns_one_or_all",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    first_on: Mapped[date]
    last_on: Mapped[date]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    country_id: Mapped[int | None] = mapped_column(ForeignKey("countries.id"))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programmes.id"))
    is_working: Mapped[bool] = mapped_column(default=False)
    is_retired: Mapped[bool] = mapped_column(default=False)

    office: Mapped[Office | None] = relationship(lazy="joined")
    country: Mapped[Country | None] = relationship(lazy="joined")
    programme: Mapped[Programme | None] = relationship(lazy="joined")

    @property
    def concerns(self) -> str:
        """ "Interact Office Turku", "Everyone"."""
        concerned = self.office or self.country or self.programme
        return concerned.name if concerned else "Everyone"

    @property
    def scope(self) -> str:
        """ "office:3" or "everyone", as a form offers it."""
        ids = {
            "office": self.office_id,
            "country": self.country_id,
            "programme": self.programme_id,
        }
        return next((f"{name}:{number}" for name, number in ids.items() if number), "everyone")


class DateRules(Base):
    """What the network chose: the one row says how near is near, and how soon is too soon."""

    __tablename__ = "date_rules"
    __table_args__ = (
        CheckConstraint("near_days BETWEEN 0 AND 60", name="near_is_near"),
        CheckConstraint("lead_weeks BETWEEN 0 AND 52", name="lead_within_a_year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    near_days: Mapped[int] = mapped_column(default=14)
    lead_weeks: Mapped[int] = mapped_column(default=6)

    is_retired = False  # what pages of tables ask


class DismissedWarning(Base):
    """A lead has read a warning about an event's dates and said why they stay."""

    __tablename__ = "dismissed_warnings"
    __table_args__ = (UniqueConstraint("event_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    key: Mapped[str]
    reason: Mapped[str]
    dismissed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    dismissed_at: Mapped[datetime]

    event: Mapped[Event] = relationship()
    dismissed_by: Mapped[User] = relationship()
