"""Certificates, exceptions, designs and languages of them, and records of all one learnt."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.certificates.rules import Days
from interact_events.core.db import Base
from interact_events.events.models import Event
from interact_events.interreg.models import Office
from interact_events.registrations.models import Registration


class Ending(StrEnum):
    """Why a certificate is valid no more."""

    REPLACED = "replaced"
    REVOKED = "revoked"


class Certificate(Base):
    """What was certified, frozen: later changes of names or events don't reach it.

    A wrong one ends, by another that replaces it or by being revoked; it stays to be verified.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", name="ends_at_an_instant"),
        Index(
            "uq_certificates_one_valid",
            "registration_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)  # 20 characters, no dashes
    facts: Mapped[dict[str, Any]]  # certificates.rules.Facts as JSON
    search_text: Mapped[str] = mapped_column(default="")  # the printed name, folded
    sha256: Mapped[str] = mapped_column(index=True)
    holder_hash: Mapped[str]  # of the address it went to, salted with the code
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"), unique=True)
    ending: Mapped[Ending | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(default="")  # why it ended; staff and its owner read it

    registration: Mapped[Registration] = relationship()
    issued_by: Mapped[User] = relationship(foreign_keys=issued_by_id)
    ended_by: Mapped[User | None] = relationship(foreign_keys=ended_by_id)

    @property
    def is_valid(self) -> bool:
        return self.ended_at is None


class SigningKey(Base):
    """The public part of a key that signs badges: published for good, as they outlive it."""

    __tablename__ = "signing_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    thumbprint: Mapped[str] = mapped_column(unique=True)
    jwk: Mapped[dict[str, Any]]
    noted_at: Mapped[datetime]


class CertificateFile(Base):
    """The PDF itself, in a table of its own so that lists don't carry it."""

    __tablename__ = "certificate_files"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    pdf: Mapped[bytes]


class CertificateException(Base):
    """An office's decision on one person, beyond the share of learning time, and why."""

    __tablename__ = "certificate_exceptions"
    __table_args__ = (CheckConstraint("reason != ''", name="has_reason"),)

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    gives: Mapped[bool]  # a certificate although it would get none; else none
    reason: Mapped[str]
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    noted_by: Mapped[User] = relationship()


# -- learning records ----------------------------------------------------------------------------


class RecordEnding(StrEnum):
    """Why a learning record is valid no more."""

    REVOKED = "revoked"  # by the person it is about
    ERASED = "erased"  # with their account: of what it said nothing is left


class LearningRecord(Base):
    """What somebody had attended on some days, as it was noted when they had it issued."""

    __tablename__ = "learning_records"
    __table_args__ = (
        CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", name="ends_at_an_instant"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)  # as those of certificates
    first_on: Mapped[date | None]  # the days that it covers, open where one is missing
    last_on: Mapped[date | None]
    facts: Mapped[dict[str, Any]]  # certificates.rules.RecordFacts as JSON; nothing once erased
    sha256: Mapped[str] = mapped_column(index=True)
    issued_at: Mapped[datetime]
    ending: Mapped[RecordEnding | None]
    ended_at: Mapped[datetime | None]

    @property
    def is_valid(self) -> bool:
        return self.ended_at is None

    @property
    def days(self) -> Days:
        return Days(self.first_on, self.last_on)


class LearningRecordFile(Base):
    """The PDF itself, in a table of its own so that lists don't carry it."""

    __tablename__ = "learning_record_files"

    record_id: Mapped[int] = mapped_column(
        ForeignKey("learning_records.id", ondelete="CASCADE"), primary_key=True
    )
    pdf: Mapped[bytes]


class RecordShare(Base):
    """A link by which others read what a person has attended on some days; we hold its hash."""

    __tablename__ = "record_shares"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    @property
    def days(self) -> Days:
        return Days(self.first_on, self.last_on)


MOST_RETRIES = 3  # a day apart


class AutomaticIssue(Base):
    """What an event's lead chose about certificates that are issued by themselves.

    `days` after the end; empty: never. The latest choice of an office holds for its events that
    end later and have none of their own. `started_at` keeps it from happening twice: it begins
    again only where it has failed, a day later and a few times at most.
    """

    __tablename__ = "automatic_issues"
    __table_args__ = (CheckConstraint("days BETWEEN 1 AND 60", name="days_are_few"),)

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    days: Mapped[int | None]
    set_at: Mapped[datetime]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    is_chosen: Mapped[bool]  # here; else it was taken over from the office's latest choice
    stopped_at: Mapped[datetime | None]  # this once; it stays the office's latest choice
    stopped_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime | None]  # for the last time
    retries: Mapped[int] = mapped_column(default=0)  # one more than there may be: given up

    event: Mapped[Event] = relationship()
    set_by: Mapped[User] = relationship(foreign_keys=set_by_id)
    stopped_by: Mapped[User | None] = relationship(foreign_keys=stopped_by_id)

    @property
    def is_given_up(self) -> bool:
        return self.retries > MOST_RETRIES


# -- looks and languages -------------------------------------------------------------------------


class CertificatePicture(Base):
    """A logo or a signature, drawn anew and small; it never changes."""

    __tablename__ = "certificate_pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # "png" or "jpg"
    content: Mapped[bytes]


class CertificateDesign(Base):
    """How certificates look: one design for the network, and one for each office that says more.

    What was issued keeps its look, for its file is stored.
    """

    __tablename__ = "certificate_designs"
    __table_args__ = (
        CheckConstraint("is_default = (office_id IS NULL)", name="default_is_no_offices"),
        Index(
            "uq_certificate_designs_default",
            "is_default",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    is_default: Mapped[bool] = mapped_column(default=False)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), unique=True)
    accent: Mapped[str] = mapped_column(default="")  # "#003399"
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("certificate_pictures.id"))
    signature_id: Mapped[int | None] = mapped_column(ForeignKey("certificate_pictures.id"))
    signature_of: Mapped[str] = mapped_column(default="")  # printed above this name alone
    texts: Mapped[dict[str, Any]]  # {"de": {"heading": …, "introduction": …, "closing": …}}
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    logo: Mapped[CertificatePicture | None] = relationship(foreign_keys=logo_id)
    signature: Mapped[CertificatePicture | None] = relationship(foreign_keys=signature_id)
    office: Mapped[Office | None] = relationship()
    changed_by: Mapped[User] = relationship()


class CertificateLanguages(Base):
    """The languages that an event's certificates come in, its usual one first."""

    __tablename__ = "certificate_languages"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    languages: Mapped[list[str]] = mapped_column(JSON())  # ISO 639-1


class CertificateLanguageWish(Base):
    """The language that a person has chosen for their certificate."""

    __tablename__ = "certificate_language_wishes"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str]
