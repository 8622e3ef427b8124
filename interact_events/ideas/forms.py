"""What an idea, and somebody who would come, look like as forms."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import BooleanField, DateField, IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from interact_events.accounts.models import Profile
from interact_events.core.errors import DomainError
from interact_events.core.web.forms import CheckboxesField, Form, TextField, offers
from interact_events.events.forms import IdField, LongTextField
from interact_events.events.models import LANGUAGES, Kind
from interact_events.events.queries import on_offer, rows_of
from interact_events.ideas.actions import DraftValues, IdeaValues, SupportValues
from interact_events.ideas.models import Idea, IdeaSupport
from interact_events.ideas.policies import takes_support
from interact_events.ideas.queries import roles_behind
from interact_events.ideas.rules import MONTHS, months_of
from interact_events.interreg.models import Office, StakeholderRole, Topic


class SupportFields:
    """As what somebody would come, in which language and when."""

    profile = IdField("You would come as", InputRequired("Say in which role."))
    language = SelectField(
        "Language",
        [InputRequired()],
        choices=offers(LANGUAGES.items()),
        default="en",
        description="The one that you would like it to be held in.",
    )
    months = CheckboxesField(
        "Months that suit you",
        coerce=int,
        choices=offers(enumerate(MONTHS, start=1)),
        description="Tick none if any month does.",
    )
    comment = LongTextField(
        "What it should answer for you",
        most=500,
        rows=3,
        description="Only staff read this, without your name.",
    )


class SupportForm(SupportFields, Form):
    """ "I would come"."""

    def __init__(
        self, profiles: Sequence[Profile], support: IdeaSupport | None = None, **kw: Any
    ) -> None:
        super().__init__(**kw)
        offer_profiles(self, profiles)
        if support and not self.is_submitted():
            self.profile.data, self.language.data = support.profile_id, support.language
            self.months.data, self.comment.data = months_of(support.months), support.comment

    def values(self, profiles: Iterable[Profile]) -> SupportValues:
        return support_values(self, profiles)


def offer_profiles(form: Any, profiles: Sequence[Profile]) -> None:
    """Their default profile is the first one."""
    form.profile.choices = offers((each.id, each.label) for each in profiles)


def support_values(form: Any, profiles: Iterable[Profile]) -> SupportValues:
    """The answers of a valid form."""
    profile = next((each for each in profiles if each.id == form.profile.data), None)
    if profile is None:
        raise DomainError("Choose one of your profiles.", "profile")
    return SupportValues(
        profile=profile,
        language=form.language.data,
        months=tuple(form.months.data or ()),
        comment=form.comment.data or "",
    )


def head_start_field() -> IntegerField:
    return IntegerField(
        "Head start for supporters, in days",
        [
            InputRequired("Give a number of days, or 0."),
            NumberRange(0, 60, "Give a number from 0 to 60."),
        ],
        default=0,
        description="They are told by mail when the event is published. With 3 they can register "
        "at once, and everybody else three days later.",
        render_kw={"inputmode": "numeric"},
    )


class IdeaForm(Form):
    """What an idea is about; `offices` are those that staff may take it to. While its event is a
    draft, the head start of its supporters can be changed."""

    title = TextField(
        "Title",
        [DataRequired("Give the idea a title.")],
        most=160,
        description="The topic in a few words.",
    )
    text = LongTextField(
        "What it should be about",
        most=5_000,
        rows=6,
        description="Which questions it should answer, and for whom. Markdown works: **bold**, "
        "lists with -, links as [text](address).",
    )
    topics = CheckboxesField("Topics", coerce=int)
    office = IdField("Office", description="Whose editors look after it. None: those of all.")
    head_start = head_start_field()

    def __init__(self, offices: Sequence[Office], idea: Idea | None = None, **kw: Any) -> None:
        super().__init__(**kw)
        if idea and idea.office and offices and idea.office not in offices:
            offices = [*offices, idea.office]  # one that is retired keeps what it has
        if not (idea and idea.is_planned and takes_support(idea)):
            del self.head_start
        topics = on_offer(Topic, idea.topics if idea else ())
        self.topics.choices = offers((topic.id, topic.name) for topic in topics)
        self.offices = list(offices)
        if offices:
            named = [("", "None"), *((office.id, office.name) for office in offices)]
            self.office.choices = offers(named)
        else:
            del self.office
        if idea and not self.is_submitted():
            self.title.data, self.text.data = idea.title, idea.text
            self.topics.data = [topic.id for topic in idea.topics]
            if "office" in self:
                self.office.data = idea.office_id
            if "head_start" in self:
                self.head_start.data = idea.head_start_days

    def values(self) -> IdeaValues:
        """The answers of a valid form."""
        number = self.office.data if "office" in self else None
        return IdeaValues(
            title=self.title.data or "",
            text=self.text.data or "",
            topics=tuple(rows_of(Topic, self.topics.data)),
            office=next((office for office in self.offices if office.id == number), None),
            head_start_days=self.head_start.data if "head_start" in self else None,
        )


class ProposalForm(SupportFields, IdeaForm):
    """A new idea, and that its author would come; who has no profile is not asked that."""

    would_come = BooleanField("I would come myself", default=True)

    def __init__(self, offices: Sequence[Office], profiles: Sequence[Profile], **kw: Any) -> None:
        super().__init__(offices, **kw)
        if profiles:
            offer_profiles(self, profiles)
            return
        for name in SUPPORT:
            del self[name]

    def support(self, profiles: Iterable[Profile]) -> SupportValues | None:
        """What its author says of coming, if they would."""
        if "would_come" not in self or not self.would_come.data:
            return None
        return support_values(self, profiles)


SUPPORT = ("would_come", "profile", "language", "months", "comment")


class CloseForm(Form):
    """Why there will be no event."""

    reason = LongTextField(
        "Reason",
        most=500,
        rows=4,
        description="Everybody who would come gets it by mail. Say what they can do instead.",
    )

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.reason.flags.required = True  # the action asks for it


class DraftForm(Form):
    """An event made of an idea; the draft has room for everything else."""

    office = IdField("Office", InputRequired())
    title = TextField("Title", [DataRequired("Give the event a title.")], most=160)
    kind = SelectField(
        "Kind", [InputRequired()], choices=offers((kind.value, kind.label) for kind in Kind)
    )
    first_day = DateField("First day", [InputRequired("Choose the first day.")])
    roles = CheckboxesField(
        "Target roles",
        coerce=int,
        description="Those in which people would come are ticked. Only ticked roles can register; "
        "tick none if the event is for everybody.",
    )
    head_start = head_start_field()

    def __init__(self, idea: Idea, offices: Sequence[Office], **kw: Any) -> None:
        super().__init__(**kw)
        self.offices = list(offices)
        self.office.choices = offers((office.id, office.name) for office in offices)
        roles = on_offer(StakeholderRole)
        self.roles.choices = offers((role.id, role.plural_in()) for role in roles)
        if not self.is_submitted():
            self.title.data, self.office.data = idea.title, idea.office_id or offices[0].id
            self.roles.data = [role.id for role in roles_behind(idea)]

    def values(self) -> DraftValues:
        """The answers of a valid form."""
        assert self.first_day.data
        return DraftValues(
            office=next(office for office in self.offices if office.id == self.office.data),
            title=self.title.data or "",
            kind=Kind(self.kind.data),
            first_day=self.first_day.data,
            roles=tuple(rows_of(StakeholderRole, self.roles.data)),
            head_start_days=self.head_start.data or 0,
        )
