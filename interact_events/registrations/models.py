"""A person's registration for an event, and what the event asks of those who register."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    column,
    exists,
    table,
    text,
)
from sqlalchemy.orm import Mapped, column_property, foreign, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from interact_events.accounts.models import User
from interact_events.core.audit import HasId
from interact_events.core.db import Base
from interact_events.core.itip import Facts, Held
from interact_events.events.models import Event, Session
from interact_events.interreg.models import Country, Programme, StakeholderRole
from interact_events.registrations.rules import (
    MOVES,
    SEATED,
    UNDONE,
    Cap,
    Dimension,
    Hold,
    Step,
)
from interact_events.registrations.rules import State as State  # part of the table


class Promotion(StrEnum):
    """What happens with a seat that becomes free while people wait."""

    AUTOMATIC = "automatic"
    OFFER = "offer"
    OFFICE = "office"

    @property
    def label(self) -> str:
        return {
            "automatic": "It goes to the first one in line at once",
            "offer": "It is offered to the first one in line, who has to accept in time",
            "office": "The office chooses who gets it",
        }[self.value]


@dataclass(frozen=True)
class Reconfirmation:
    """People with a seat are asked `ask_days` before the start whether they still come, warned
    `warn_days` before it, and lose the seat `release_days` before it if they stayed silent."""

    ask_days: int
    warn_days: int
    release_days: int


class SeatRules(Base):
    """What an event asks beyond the seats, roles and strands of its own row.

    `limits` holds programmes, countries, caps and held seats as one document: it is read whole
    for each decision and never searched. `reconfirmation` holds a `Reconfirmation` for each mode
    that asks for one. At `settle_at` time alone changes something, and the job looks.
    """

    __tablename__ = "seat_rules"
    __table_args__ = (
        CheckConstraint("offer_hours > 0", name="offers_last"),
        CheckConstraint("after_event_id != event_id", name="comes_after_another"),
    )

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    by_invitation: Mapped[bool] = mapped_column(default=False)
    promotion: Mapped[Promotion] = mapped_column(default=Promotion.AUTOMATIC)
    offer_hours: Mapped[int] = mapped_column(default=48)
    after_event_id: Mapped[int | None] = mapped_column(  # only who has a seat there may register
        ForeignKey("events.id", ondelete="SET NULL"), index=True
    )
    decision_on: Mapped[date | None]  # when a selection is promised
    selected_at: Mapped[datetime | None]  # when people are told of the latest selection
    limits: Mapped[dict[str, Any]]
    reconfirmation: Mapped[dict[str, Any]]
    settle_at: Mapped[datetime | None] = mapped_column(index=True)

    @classmethod
    def usual(cls, event_id: int) -> "SeatRules":
        """The rules of an event that nobody has given any."""
        return cls(
            event_id=event_id,
            by_invitation=False,
            promotion=Promotion.AUTOMATIC,
            offer_hours=48,
            limits={},
            reconfirmation={},
        )

    @property
    def programmes(self) -> frozenset[int]:
        return frozenset(self.limits.get("programmes", ()))

    @property
    def countries(self) -> frozenset[int]:
        return frozenset(self.limits.get("countries", ()))

    @property
    def caps(self) -> tuple[Cap, ...]:
        return tuple(
            Cap(
                Dimension(cap["per"]),
                tuple(Step(_instant(since), most) for since, most in cap["steps"]),
                cap.get("role"),
            )
            for cap in self.limits.get("caps", ())
        )

    @property
    def holds(self) -> tuple[Hold, ...]:
        return tuple(
            Hold(
                frozenset(hold["roles"]),
                hold["seats"],
                datetime.fromisoformat(hold["until"]),
                hold.get("is_online", False),
            )
            for hold in self.limits.get("holds", ())
        )

    def is_selection_secret(self, now: datetime) -> bool:
        """The office has decided, but can still undo it: nobody may be told anything by it."""
        return self.selected_at is not None and now < self.selected_at

    def reconfirmation_for(self, *, online: bool) -> Reconfirmation | None:
        values = self.reconfirmation.get("online" if online else "on-site")
        return Reconfirmation(**values) if values else None


def limits_of(
    programmes: frozenset[int],
    countries: frozenset[int],
    caps: tuple[Cap, ...],
    holds: tuple[Hold, ...],
) -> dict[str, Any]:
    """The document that SeatRules.limits keeps."""
    return {
        "programmes": sorted(programmes),
        "countries": sorted(countries),
        "caps": [
            {
                "per": cap.per.value,
                "role": cap.role,
                "steps": [[_iso(step.since), step.most] for step in cap.steps],
            }
            for cap in caps
        ],
        "holds": [
            {
                "roles": sorted(hold.roles),
                "seats": hold.seats,
                "until": hold.until.isoformat(),
                "is_online": hold.is_online,
            }
            for hold in holds
        ],
    }


def _instant(text_: str | None) -> datetime | None:
    return datetime.fromisoformat(text_) if text_ else None


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


class SeatTally(Base):
    """How many seats of an event one programme, country … has; only the one function that moves
    registrations writes it."""

    __tablename__ = "seat_tallies"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    dimension: Mapped[Dimension] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    taken: Mapped[int]


class SeatInvitation(Base):
    """Who may register for an event by invitation: one address, or `most_uses` with the code."""

    __tablename__ = "seat_invitations"
    __table_args__ = (
        CheckConstraint("most_uses > 0", name="has_uses"),
        UniqueConstraint("event_id", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None]  # in lower case; empty for a code that is passed on
    label: Mapped[str] = mapped_column(default="")  # whom a code is for
    most_uses: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]


class HeadStart(Base):
    """Somebody who may register from then on, while for everybody else registration opens later."""

    __tablename__ = "head_starts"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    from_at: Mapped[datetime]


_needs = table("needs", column("registration_id"))


class Registration(Base):
    """One person for one event; the number of the row is the place in the queue, for good.

    Name, role label and the rest are as they were that day: profiles change afterwards.
    `upon_confirmation` is what somebody who has not confirmed yet gets when they do; it holds
    their seat meanwhile. What is held waits until `answer_by`: for that, for an offered seat to
    be accepted, for a seat to be reconfirmed.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        Index(
            "uq_registrations_one_each",
            "event_id",
            "user_id",
            unique=True,
            sqlite_where=text("state != 'cancelled'"),
            postgresql_where=text("state != 'cancelled'"),
        ),
        Index(None, "event_id", "state"),
        Index(None, "user_id"),
        Index(
            "ix_registrations_answer_by",
            "answer_by",
            sqlite_where=text("answer_by IS NOT NULL"),
            postgresql_where=text("answer_by IS NOT NULL"),
        ),
        Index(
            "ix_registrations_waiting",
            "event_id",
            "id",
            sqlite_where=text("state = 'waitlisted' OR upon_confirmation = 'waitlisted'"),
            postgresql_where=text("state = 'waitlisted' OR upon_confirmation = 'waitlisted'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    profile_id: Mapped[int | None] = mapped_column(ForeignKey("profiles.id"))  # once they said yes
    state: Mapped[State] = mapped_column(default=State.UNCONFIRMED)
    upon_confirmation: Mapped[State | None]
    submitted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    reconfirmed_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # a selection stays the office's own until then
    moves: Mapped[int] = mapped_column(default=0)  # how often it moved: names its mails
    reason: Mapped[str] = mapped_column(default="")  # why declined or cancelled, in words
    override: Mapped[str] = mapped_column(default="")  # why staff went beyond the rules

    name: Mapped[str]
    institution: Mapped[str]
    role_id: Mapped[int] = mapped_column(ForeignKey("stakeholder_roles.id"))
    role_label: Mapped[str]
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programmes.id"))
    country_id: Mapped[int] = mapped_column(ForeignKey("countries.id"))
    search_text: Mapped[str] = mapped_column(default="")

    is_online: Mapped[bool] = mapped_column(default=False)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("seat_invitations.id"), index=True)
    nominated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    may_be_listed: Mapped[bool] = mapped_column(default=False)  # in the participants' list
    may_be_photographed: Mapped[bool] = mapped_column(default=False)

    has_needs: Mapped[bool] = column_property(  # whether they wrote what they need on site
        exists().where(_needs.c.registration_id == id), deferred=True
    )

    # To read: it is written by its numbers, so that nothing related has to be looked into.
    event: Mapped[Event] = relationship(viewonly=True)
    user: Mapped[User] = relationship(foreign_keys=user_id, viewonly=True)
    nominated_by: Mapped[User | None] = relationship(foreign_keys=nominated_by_id, viewonly=True)
    role: Mapped[StakeholderRole] = relationship(viewonly=True)
    programme: Mapped[Programme | None] = relationship(viewonly=True)
    country: Mapped[Country] = relationship(viewonly=True)
    seat_rules: Mapped[SeatRules | None] = relationship(
        primaryjoin=foreign(event_id) == SeatRules.event_id, viewonly=True
    )

    def relate(self, **rows: HasId | None) -> None:
        """Note the rows behind its numbers, where they are at hand."""
        for name, row in rows.items():
            setattr(self, f"{name}_id", row.id if row else None)
            set_committed_value(self, name, row)

    @property
    def holds_seat(self) -> bool:
        return self.state in SEATED or self.upon_confirmation in SEATED

    @property
    def is_waiting(self) -> bool:
        return State.WAITLISTED in (self.state, self.upon_confirmation)

    @property
    def must_reconfirm(self) -> bool:
        """They have a seat and were asked whether they still come."""
        return self.state is State.CONFIRMED and self.answer_by is not None

    def is_untold(self, now: datetime) -> bool:
        """A selection has decided on them, and they have not been told."""
        return self.told_at is not None and now < self.told_at and self.state in UNDONE

    def state_shown(self, now: datetime) -> State:
        """The state as the person may know it: nobody reads of a selection before its mails."""
        return State.PENDING if self.is_untold(now) else self.state

    def may_become(self, to: State, now: datetime) -> bool:
        """Whether that follows; what nobody has been told of can be undone or withdrawn from."""
        is_open = self.is_untold(now) and to in (State.PENDING, State.CANCELLED)
        return is_open or to in MOVES[self.state]


class SessionChoice(Base):
    """A registrant chose a session with seats of its own; it counts once they have a seat.

    With `left_at` it was full when they got their seat: it counts no more. They keep reading it
    until then, when they are told of the seat, and that it is lost from then on.
    """

    __tablename__ = "session_choices"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    session_id: Mapped[int] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    left_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship()
    session: Mapped[Session] = relationship()


class Needs(Base):
    """Dietary and access needs, kept apart and deleted soon after the event."""

    __tablename__ = "needs"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    diet: Mapped[str] = mapped_column(default="")
    access: Mapped[str] = mapped_column(default="")

    registration: Mapped[Registration] = relationship()


class CalendarEntry(Base):
    """What one person was sent of one entry of their calendar: the latest version of it.

    Kept by person, not by registration: who cancels and comes back gets the same entry with a
    higher SEQUENCE. It goes out at `told_at`, which may lie ahead; `checked_at` is when it was
    last compared with the event.
    """

    __tablename__ = "calendar_entries"
    __table_args__ = (Index(None, "event_id", "checked_at"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    uid: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    sequence: Mapped[int]
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]]
    told_at: Mapped[datetime]
    checked_at: Mapped[datetime]

    def held(self, now: datetime) -> Held:
        return Held(
            sequence=self.sequence,
            facts=Facts.from_json(self.facts),
            is_cancelled=self.is_cancelled,
            is_untold=now < self.told_at,
        )
