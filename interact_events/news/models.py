"""What somebody wants to hear of, and what they have been told."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.core.db import Base
from interact_events.interreg.models import Office, Topic
from interact_events.news.rules import HOUR, WEEKDAY


def _link(name: str, other: str) -> Table:
    return Table(
        f"news_{name}",
        Base.metadata,
        Column("user_id", ForeignKey("news_choices.user_id", ondelete="CASCADE"), primary_key=True),
        Column(f"{other}_id", ForeignKey(f"{name}.id"), primary_key=True),
    )


news_topics = _link("topics", "topic")
news_offices = _link("offices", "office")


class NewsChoice(Base):
    """A person's news; whether they want any is `User.wants_news`.

    At `looked_at` the job has last asked whether there is anything to say; events published until
    `told_until` have been told, or were not for them. `told_week` is the ISO week of their latest
    mail, "2027-W19".
    """

    __tablename__ = "news_choices"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_exists"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour_exists"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(default=WEEKDAY)  # 0 is Monday
    hour: Mapped[int] = mapped_column(default=HOUR)
    looked_at: Mapped[datetime]
    told_until: Mapped[datetime]
    told_week: Mapped[str] = mapped_column(default="")

    topics: Mapped[list[Topic]] = relationship(secondary=news_topics, order_by=Topic.name)
    offices: Mapped[list[Office]] = relationship(secondary=news_offices, order_by=Office.name)
