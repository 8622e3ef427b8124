"""People and what they may do."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.core.db import Base
from interact_events.interreg.models import Country, Office, Programme, StakeholderRole


class Level(StrEnum):
    """What a member of an office may do there; each level includes those before it."""

    VIEWER = "viewer"  # sees, checks people in
    EDITOR = "editor"  # creates, decides
    LEAD = "lead"  # publishes, cancels, issues certificates, invites staff

    def includes(self, other: "Level") -> bool:
        order = list(Level)
        return order.index(self) >= order.index(other)


DELETED = "@invalid"  # how the addresses of deleted accounts end


class User(Base):
    """A person. `email` is stored in lower case; `confirmed_at` says that it is theirs."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    certificate_name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str]
    zone: Mapped[str]
    is_coordinator: Mapped[bool] = mapped_column(default=False)
    wants_news: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(
        lazy="selectin",
        primaryjoin="and_(User.id == Membership.user_id, Membership.ended_at == None)",
        foreign_keys="Membership.user_id",
        viewonly=True,
    )
    profiles: Mapped[list["Profile"]] = relationship(
        primaryjoin="and_(User.id == Profile.user_id, Profile.retired_at == None)",
        foreign_keys="Profile.user_id",
        order_by="desc(Profile.is_default), Profile.id",
        viewonly=True,
    )

    # What Flask-Login asks of a user; its id there is the sign-in's token, see SignIn.
    is_active = True
    is_authenticated = True
    is_anonymous = False

    @property
    def is_deleted(self) -> bool:
        """They have deleted their account; what is left of it has no address to write to."""
        return self.email.endswith(DELETED)

    @property
    def printed_name(self) -> str:
        """The name for certificates."""
        return self.certificate_name or self.name

    @property
    def offices(self) -> list[Office]:
        return [membership.office for membership in self.memberships]

    def level_in(self, office_id: int) -> Level | None:
        """What they are in that office; the coordinator leads everywhere."""
        if self.is_coordinator:
            return Level.LEAD
        return next((m.level for m in self.memberships if m.office_id == office_id), None)


class SignIn(Base):
    """One browser that is signed in; the cookie holds a token, we hold its hash."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Profile(Base):
    """In which capacity a person comes: institution, role, programme, country."""

    __tablename__ = "profiles"
    __table_args__ = (
        Index(
            "uq_profiles_default",
            "user_id",
            unique=True,
            sqlite_where=text("is_default AND retired_at IS NULL"),
            postgresql_where=text("is_default AND retired_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    institution: Mapped[str]
    role_id: Mapped[int] = mapped_column(ForeignKey("stakeholder_roles.id"))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programmes.id"))
    country_id: Mapped[int] = mapped_column(ForeignKey("countries.id"))
    is_default: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    role: Mapped[StakeholderRole] = relationship(lazy="joined", innerjoin=True)
    programme: Mapped[Programme | None] = relationship(lazy="joined")
    country: Mapped[Country] = relationship(lazy="joined", innerjoin=True)

    @property
    def label(self) -> str:
        """ "Controller, Central Baltic, Regional Council of Southwest Finland"."""
        parts = [self.role.label_in(), self.programme and self.programme.name, self.institution]
        return ", ".join(part for part in parts if part)


class Membership(Base):
    """Somebody works in an office; ended, never deleted."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index(
            "uq_memberships_active",
            "user_id",
            "office_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), index=True)
    level: Mapped[Level]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    office: Mapped[Office] = relationship(lazy="joined", innerjoin=True)


class Invitation(Base):
    """An office asked an address to join its staff; without an office: as coordinator."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), index=True)
    level: Mapped[Level]
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    office: Mapped[Office | None] = relationship(lazy="joined")
    invited_by: Mapped[User] = relationship()
