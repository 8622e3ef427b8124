"""A certificate and its file."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.core.db import Base
from interact_events.registrations.models import Registration


class Certificate(Base):
    """What was certified, frozen: later changes of names or events don't reach it."""

    __tablename__ = "certificates"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"), unique=True)
    code: Mapped[str] = mapped_column(unique=True)  # 20 characters, no dashes
    facts: Mapped[dict[str, Any]]  # certificates.rules.Facts as JSON
    sha256: Mapped[str]
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    registration: Mapped[Registration] = relationship()


class CertificateFile(Base):
    """The PDF itself, in a table of its own so that lists don't carry it."""

    __tablename__ = "certificate_files"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    pdf: Mapped[bytes]
