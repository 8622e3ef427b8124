"""What somebody says about their news."""

from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired

from interact_events.accounts.models import User
from interact_events.core.web.forms import CheckboxesField, Form, offers
from interact_events.events.queries import on_offer
from interact_events.interreg.models import Office, Topic
from interact_events.news.models import NewsChoice
from interact_events.news.rules import HOURS

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class NewsForm(Form):
    wants_news = BooleanField(
        "Send me new events by e-mail",
        description="Once a week at most, and only if there are any. Each mail has a link that "
        "ends them by one press.",
    )
    topics = CheckboxesField(
        "Topics",
        coerce=int,
        description="You always hear of events that you can register for in one of your profiles. "
        "Choose topics to hear of events for other roles too.",
    )
    offices = CheckboxesField(
        "Offices", coerce=int, description="Choose none to hear of the events of all offices."
    )
    weekday = SelectField("Day of the week", [InputRequired("Choose a day.")], coerce=int)
    hour = SelectField("Time", [InputRequired("Choose a time.")], coerce=int)

    def __init__(self, user: User, choice: NewsChoice) -> None:
        values = {
            "wants_news": user.wants_news,
            "topics": [topic.id for topic in choice.topics],
            "offices": [office.id for office in choice.offices],
            "weekday": choice.weekday,
            "hour": choice.hour,
        }
        super().__init__(data=values)
        self._topics = {topic.id: topic for topic in on_offer(Topic, choice.topics)}
        self._offices = {office.id: office for office in on_offer(Office, choice.offices)}
        self.topics.choices = offers((number, t.name) for number, t in self._topics.items())
        self.offices.choices = offers((number, o.name) for number, o in self._offices.items())
        self.weekday.choices = offers(enumerate(WEEKDAYS))
        self.hour.choices = offers((hour, f"{hour:02}:00") for hour in HOURS)
        self.hour.description = f"On the clocks of your time zone, {user.zone}."

    def choice_values(self) -> dict[str, Any]:
        """Only of a form that is valid; a number that is not on offer is none of theirs."""
        return {
            "wants_news": self.wants_news.data,
            "topics": [self._topics[number] for number in self.topics.data or ()],
            "offices": [self._offices[number] for number in self.offices.data or ()],
            "weekday": self.weekday.data,
            "hour": self.hour.data,
        }
