"""The network as data. Nothing here is deleted once used: it is retired."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Numeric, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.core.db import Base


class Publicity(StrEnum):
    """What the law of a funding period has printed beside the EU emblem."""

    ERDF = "erdf"  # 2014–2020: "European Union", "European Regional Development Fund"
    COFUNDED = "co-funded"  # 2021–2027: "Co-funded by the European Union"

    @property
    def lines(self) -> tuple[str, str]:
        """The words beside the emblem."""
        return {
            "erdf": ("European Union", "European Regional Development Fund"),
            "co-funded": ("Co-funded by", "the European Union"),
        }[self.value]


class ProgrammeStatus(StrEnum):
    ACTIVE = "active"
    CLOSED = "closed"
    SUSPENDED = "suspended"


class Hue(StrEnum):
    """An office's colour, a thin edge beside its events; defined in static/css/hues.css."""

    BLUE = "blue"
    TEAL = "teal"
    ORANGE = "orange"
    ROSE = "rose"
    VIOLET = "violet"
    GREEN = "green"


class Country(Base):
    __tablename__ = "countries"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)  # ISO 3166-1 alpha-2, XK for Kosovo
    name: Mapped[str]
    is_participating: Mapped[bool] = mapped_column(default=False)
    is_retired: Mapped[bool] = mapped_column(default=False)


class Period(Base):
    """A funding period; `cofinancing_rate` is the union's share in percent."""

    __tablename__ = "periods"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)  # "2021-2027"
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    publicity: Mapped[Publicity]
    cofinancing_rate: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    is_retired: Mapped[bool] = mapped_column(default=False)

    @property
    def name(self) -> str:
        return self.code.replace("-", "–")


class Strand(Base):
    __tablename__ = "strands"
    __table_args__ = (UniqueConstraint("period_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    code: Mapped[str]
    name: Mapped[str]
    is_retired: Mapped[bool] = mapped_column(default=False)

    period: Mapped[Period] = relationship(lazy="joined", innerjoin=True)

    @property
    def label(self) -> str:
        return f"{self.name} ({self.period.name})"


programme_countries = Table(
    "programme_countries",
    Base.metadata,
    Column("programme_id", ForeignKey("programmes.id"), primary_key=True),
    Column("country_id", ForeignKey("countries.id"), primary_key=True),
)


class Programme(Base):
    """An Interreg programme. An empty code or no countries mean unknown, not all."""

    __tablename__ = "programmes"
    __table_args__ = (UniqueConstraint("strand_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(unique=True)  # CCI
    name: Mapped[str]
    strand_id: Mapped[int] = mapped_column(ForeignKey("strands.id"))
    status: Mapped[ProgrammeStatus] = mapped_column(default=ProgrammeStatus.ACTIVE)
    source: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    search_text: Mapped[str] = mapped_column(default="")
    imported_as: Mapped[str | None] = mapped_column(unique=True)  # known by, whatever is edited

    strand: Mapped[Strand] = relationship(lazy="joined", innerjoin=True)
    countries: Mapped[list[Country]] = relationship(
        secondary=programme_countries, order_by=Country.name
    )

    @property
    def is_retired(self) -> bool:
        """Closed programmes still have controllers and auditors, so they stay on offer."""
        return self.status is ProgrammeStatus.SUSPENDED

    @property
    def label(self) -> str:
        """The name with its period, which tells apart those that kept their name."""
        return f"{self.name} ({self.strand.period.name})"


class Office(Base):
    """An office that runs events, or the secretariat that sees all of them."""

    __tablename__ = "offices"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)  # "turku", part of its address
    name: Mapped[str]
    city: Mapped[str]
    country_id: Mapped[int] = mapped_column(ForeignKey("countries.id"))
    zone: Mapped[str]
    subdivision: Mapped[str | None]  # ISO 3166-2 part whose public holidays count too
    hue: Mapped[Hue] = mapped_column(default=Hue.BLUE)
    email: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    signatory_name: Mapped[str] = mapped_column(default="")
    signatory_title: Mapped[str] = mapped_column(default="")
    is_secretariat: Mapped[bool] = mapped_column(default=False)
    is_retired: Mapped[bool] = mapped_column(default=False)

    country: Mapped[Country] = relationship(lazy="joined", innerjoin=True)


class RoleLabel(Base):
    """What a role is called in one period."""

    __tablename__ = "role_labels"
    __table_args__ = (UniqueConstraint("role_id", "period_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("stakeholder_roles.id"))
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    label: Mapped[str]
    plural: Mapped[str]


class StakeholderRole(Base):
    """What somebody does in a programme, e.g. CTRL; its label depends on the period."""

    __tablename__ = "stakeholder_roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int] = mapped_column(default=0)
    is_retired: Mapped[bool] = mapped_column(default=False)

    labels: Mapped[list[RoleLabel]] = relationship(
        lazy="selectin", order_by=RoleLabel.period_id, cascade="all, delete-orphan"
    )

    def relabel(self, period_id: int, label: str, plural: str) -> None:
        """Change or add the words of one period."""
        known = next((words for words in self.labels if words.period_id == period_id), None)
        if known is None:
            known = RoleLabel(period_id=period_id)
            self.labels.append(known)
        known.label, known.plural = label, plural

    def _in(self, period_id: int | None) -> RoleLabel | None:
        """The words of that period, else of the newest that has any."""
        exact = [label for label in self.labels if label.period_id == period_id]
        return next(iter(exact or self.labels[-1:]), None)

    def label_in(self, period_id: int | None = None) -> str:
        """ "Controller"."""
        words = self._in(period_id)
        return words.label if words else self.code

    def plural_in(self, period_id: int | None = None) -> str:
        """ "Controllers"."""
        words = self._in(period_id)
        return words.plural if words else self.code


class Topic(Base):
    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    is_retired: Mapped[bool] = mapped_column(default=False)


class Objective(Base):
    """A specific objective of the network in one period."""

    __tablename__ = "objectives"
    __table_args__ = (UniqueConstraint("period_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    code: Mapped[str]
    name: Mapped[str]
    is_retired: Mapped[bool] = mapped_column(default=False)

    period: Mapped[Period] = relationship(lazy="joined", innerjoin=True)


class SitePage(Base):
    """A text that the secretariat edits: contact, privacy notice, accessibility statement."""

    __tablename__ = "site_pages"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)  # its address: "privacy"
    title: Mapped[str]
    body: Mapped[str]  # Markdown
    position: Mapped[int] = mapped_column(default=0)
