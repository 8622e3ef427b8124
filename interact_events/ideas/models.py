"""What people would like to be held, and who would come."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import Profile, User
from interact_events.core.db import Base
from interact_events.events.models import LANGUAGES, Event
from interact_events.ideas.rules import IdeaState, months_in_words
from interact_events.interreg.models import Office, Topic

idea_topics = Table(
    "idea_topics",
    Base.metadata,
    Column("idea_id", ForeignKey("ideas.id", ondelete="CASCADE"), primary_key=True),
    Column("topic_id", ForeignKey("topics.id"), primary_key=True),
)


class Idea(Base):
    """A topic that somebody would like an event about.

    It is planned while it has an event: a draft that is deleted leaves the idea open again. One
    that was merged leads to the one that took its supporters, never to a third.
    """

    __tablename__ = "ideas"
    __table_args__ = (
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into"),
        CheckConstraint("state != 'closed' OR reason != ''", name="closed_with_a_reason"),
        CheckConstraint("head_start_days BETWEEN 0 AND 60", name="head_start_in_days"),
        Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    text: Mapped[str] = mapped_column(default="")  # Markdown
    state: Mapped[IdeaState]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"), index=True)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    proposed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")  # why it was closed, for its supporters
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ideas.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(
        ForeignKey("events.id", ondelete="SET NULL"), unique=True
    )
    head_start_days: Mapped[int] = mapped_column(default=0)  # before registration opens to others
    search_text: Mapped[str] = mapped_column(default="")

    office: Mapped[Office | None] = relationship(lazy="joined")
    proposed_by: Mapped[User | None] = relationship()
    merged_into: Mapped["Idea | None"] = relationship(remote_side=id)
    event: Mapped[Event | None] = relationship()
    topics: Mapped[list[Topic]] = relationship(secondary=idea_topics, order_by=Topic.name)

    @property
    def is_proposed(self) -> bool:
        return self.state is IdeaState.PROPOSED

    @property
    def is_open(self) -> bool:
        """Seen by everybody; planned ones are too."""
        return self.state is IdeaState.OPEN

    @property
    def is_merged(self) -> bool:
        return self.state is IdeaState.MERGED

    @property
    def is_closed(self) -> bool:
        return self.state is IdeaState.CLOSED

    @property
    def is_planned(self) -> bool:
        return self.is_open and self.event_id is not None


class IdeaSupport(Base):
    """Somebody would come, as one of their profiles, in that language and those months."""

    __tablename__ = "idea_supports"
    __table_args__ = (
        UniqueConstraint("idea_id", "user_id"),
        CheckConstraint("months BETWEEN 0 AND 4095", name="months_of_a_year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("ideas.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id"), index=True)
    language: Mapped[str]  # ISO 639-1
    months: Mapped[int] = mapped_column(default=0)  # a bit for each, see rules; 0: any
    comment: Mapped[str] = mapped_column(default="")
    said_at: Mapped[datetime]

    idea: Mapped[Idea] = relationship()
    user: Mapped[User] = relationship()
    profile: Mapped[Profile] = relationship()

    @property
    def language_name(self) -> str:
        """ "English"."""
        return LANGUAGES.get(self.language, self.language)

    @property
    def months_named(self) -> str:
        """ "March and April", "Any month"."""
        return months_in_words(self.months)
