"""An event, its agenda, and everything that is said about it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from babel import Locale
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, column, exists, table
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base
from interact_events.events import rules
from interact_events.interreg.models import (
    Country,
    Objective,
    Office,
    Period,
    StakeholderRole,
    Strand,
    Topic,
)

# The official languages of the union and of the neighbours that programmes reach, by ISO 639-1.
LANGUAGES: dict[str, str] = {
    code: Locale("en").languages[code]
    for code in (
        *("en", "bg", "bs", "cs", "da", "de", "el", "es", "et", "fi", "fr", "ga", "hr", "hu", "hy"),
        *("is", "it", "ka", "lt", "lv", "mk", "mt", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sq"),
        *("sr", "sv", "tr", "uk"),
    )
}


class EventState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    WORKSHOP = "workshop"
    SEMINAR = "seminar"
    TRAINING = "training"
    WEBINAR = "webinar"
    QA = "q-and-a"
    NETWORK_MEETING = "network-meeting"
    ONLINE_MEETING = "online-meeting"
    CONFERENCE = "conference"
    COMMITTEE = "committee-meeting"
    ACADEMY = "academy-course"

    @property
    def label(self) -> str:
        return "Q&A" if self is Kind.QA else self.value.replace("-", " ").capitalize()


class Mode(StrEnum):
    IN_PERSON = "in-person"
    ONLINE = "online"
    HYBRID = "hybrid"

    @property
    def label(self) -> str:
        return "In person" if self is Mode.IN_PERSON else self.value.capitalize()

    @property
    def has_place(self) -> bool:
        return self is not Mode.ONLINE

    @property
    def has_link(self) -> bool:
        return self is not Mode.IN_PERSON


class Admission(StrEnum):
    FIRST_COME = "first-come"
    SELECTION = "selection"

    @property
    def label(self) -> str:
        return "First come, first served" if self is Admission.FIRST_COME else "By selection"


def _link(name: str, other: str) -> Table:
    return Table(
        f"event_{name}",
        Base.metadata,
        Column("event_id", ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
        Column(f"{other}_id", ForeignKey(f"{name}.id"), primary_key=True),
    )


event_roles = _link("stakeholder_roles", "role")
event_strands = _link("strands", "strand")
event_topics = _link("topics", "topic")
event_offices = _link("offices", "office")


_agenda = table("sessions", column("event_id"), column("capacity"), column("cancelled_at"))


class Event(Base):
    """An event of an office.

    `seats_taken` and `waiting` are kept by the one function that changes registrations.
    A template is a draft for good: of its dates only the distance from the first day matters.
    `sequence` and `revised_at` say to calendars which version they hold.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("capacity > 0", name="has_seats"),
        CheckConstraint("online_capacity BETWEEN 0 AND capacity", name="online_seats_are_seats"),
        CheckConstraint("seats_taken >= 0 AND waiting >= 0", name="counts_are_not_negative"),
        CheckConstraint("certificate_threshold BETWEEN 1 AND 100", name="threshold_in_percent"),
        CheckConstraint("NOT is_template OR state = 'draft'", name="templates_stay_drafts"),
        Index(None, "state", "starts_at"),
        Index(None, "ends_at"),
        {"sqlite_autoincrement": True},  # the audit trail names drafts that are gone
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), index=True)
    state: Mapped[EventState] = mapped_column(default=EventState.DRAFT)
    is_template: Mapped[bool] = mapped_column(default=False)  # a draft that others are made from
    made_from_id: Mapped[int | None] = mapped_column(  # the template
        ForeignKey("events.id", ondelete="SET NULL"), index=True
    )

    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")  # Markdown
    learning_objectives: Mapped[str] = mapped_column(default="")  # Markdown
    kind: Mapped[Kind]
    mode: Mapped[Mode]
    language: Mapped[str] = mapped_column(default="en")  # ISO 639-1
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    objective_id: Mapped[int | None] = mapped_column(ForeignKey("objectives.id"))

    zone: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    venue: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country_id: Mapped[int | None] = mapped_column(ForeignKey("countries.id"))
    coordinates: Mapped[str] = mapped_column(default="")  # "60.4458, 22.2530", as maps copy it
    joining_url: Mapped[str] = mapped_column(default="")  # for the confirmed only

    admission: Mapped[Admission] = mapped_column(default=Admission.FIRST_COME)
    capacity: Mapped[int]
    online_capacity: Mapped[int] = mapped_column(default=0)  # of those seats; only hybrid events
    registration_opens_at: Mapped[datetime | None]  # empty: when published
    registration_closes_at: Mapped[datetime | None]  # empty: at the start
    certificate_threshold: Mapped[int] = mapped_column(default=80)  # percent of learning time

    contact_name: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")
    internal_notes: Mapped[str] = mapped_column(default="")
    budgeted_cost: Mapped[Decimal | None]  # EUR
    actual_cost: Mapped[Decimal | None]  # EUR

    seats_taken: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    sequence: Mapped[int] = mapped_column(default=0)
    revised_at: Mapped[datetime]
    search_text: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=0)  # raised by each edit: two tabs, one warning

    has_choice: Mapped[bool] = column_property(  # whether people choose among its sessions
        exists().where(
            _agenda.c.event_id == id,
            _agenda.c.capacity.is_not(None),
            _agenda.c.cancelled_at.is_(None),
        ),
        deferred=True,
    )

    office: Mapped[Office] = relationship(lazy="joined", innerjoin=True)
    country: Mapped[Country | None] = relationship(lazy="joined")
    period: Mapped[Period] = relationship(lazy="joined", innerjoin=True)
    objective: Mapped[Objective | None] = relationship()
    created_by: Mapped[User | None] = relationship()
    roles: Mapped[list[StakeholderRole]] = relationship(
        secondary=event_roles, order_by=StakeholderRole.position
    )
    strands: Mapped[list[Strand]] = relationship(secondary=event_strands, order_by=Strand.id)
    topics: Mapped[list[Topic]] = relationship(secondary=event_topics, order_by=Topic.name)
    co_organisers: Mapped[list[Office]] = relationship(
        secondary=event_offices, order_by=Office.name
    )
    sessions: Mapped[list["Session"]] = relationship(
        back_populates="event",
        order_by="Session.starts_at, Session.id",
        cascade="all, delete-orphan",
    )

    @property
    def is_draft(self) -> bool:
        return self.state is EventState.DRAFT

    @property
    def is_published(self) -> bool:
        return self.state is EventState.PUBLISHED

    @property
    def is_cancelled(self) -> bool:
        return self.state is EventState.CANCELLED

    @property
    def agenda(self) -> list["Session"]:
        """The sessions that take place, by time."""
        return [session for session in self.sessions if session.cancelled_at is None]

    @property
    def chosen_sessions(self) -> list["Session"]:
        """Those that people choose, because their seats are few."""
        return [session for session in self.agenda if session.capacity]

    @property
    def removed_sessions(self) -> list["Session"]:
        """What was on the agenda that people saw, and no longer is."""
        return [session for session in self.sessions if session.cancelled_at]

    @property
    def learning_minutes(self) -> int:
        """How much learning time the agenda offers; parallel sessions count once."""
        return rules.learning_minutes(self.agenda)

    @property
    def language_name(self) -> str:
        """ "English"."""
        return LANGUAGES.get(self.language, self.language)

    @property
    def fewest_seats(self) -> int:
        """How many it has to offer: those given, but for what staff gave beyond them."""
        return min(self.seats_taken, self.capacity)

    @property
    def seats_left(self) -> int:
        return max(0, self.capacity - self.seats_taken)

    def seats(self, *, online: bool) -> int:
        """How many seats there are in one mode."""
        if self.mode is Mode.HYBRID:
            return self.online_capacity if online else self.capacity - self.online_capacity
        return self.capacity if online is (self.mode is Mode.ONLINE) else 0

    @property
    def closes_at(self) -> datetime:
        """When registration ends."""
        return self.registration_closes_at or self.starts_at

    @property
    def place(self) -> str:
        """ "Turku, Finland", or "Online"."""
        if not self.mode.has_place:
            return "Online"
        parts = [self.city, self.country.name if self.country else ""]
        return ", ".join(part for part in parts if part) or "Place to be announced"

    @property
    def position(self) -> rules.Position | None:
        """Latitude and longitude, where people come together and somebody said so."""
        return rules.position_of(self.coordinates or "") if self.mode.has_place else None

    @property
    def map_url(self) -> str:
        """A map around the place, of OpenStreetMap's; nothing is asked of it before the press."""
        if self.position is None:
            return ""
        latitude, longitude = self.position
        point = f"mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}"
        return f"https://www.openstreetmap.org/?{point}"

    @property
    def full_place(self) -> str:
        """The place with venue and street, for those who travel."""
        if not self.mode.has_place:
            return "Online"
        return ", ".join(part for part in (self.venue, self.address, self.place) if part)


class Session(Base):
    """One item of the agenda; parallel ones may overlap. Cancelled ones stay for calendars.

    People choose a session that has a `capacity` of its own; everybody may join any other.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("capacity > 0", name="has_seats"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    uid: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    room: Mapped[str] = mapped_column(default="")
    speakers: Mapped[str] = mapped_column(default="")
    capacity: Mapped[int | None]
    is_learning: Mapped[bool] = mapped_column(default=True)  # counts for certificates
    sequence: Mapped[int] = mapped_column(default=0)
    revised_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(back_populates="sessions")

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)
