"""The forms of registrants, of the staff who decide on them, and of an event's rules."""

from interact_events.registrations.forms.answers import (
    AnswersForm,
    ConfirmForm,
    NewcomerForm,
    PlaceChoices,
    PlaceForm,
    RegisterForm,
    SessionsForm,
)
from interact_events.registrations.forms.office import (
    AddPersonForm,
    AddProfileForm,
    BeyondFields,
    CancelEventForm,
    DecisionForm,
    ListForm,
    SearchPersonForm,
)

__all__ = [
    "AddPersonForm",
    "AddProfileForm",
    "AnswersForm",
    "BeyondFields",
    "CancelEventForm",
    "ConfirmForm",
    "DecisionForm",
    "ListForm",
    "NewcomerForm",
    "PlaceChoices",
    "PlaceForm",
    "RegisterForm",
    "SearchPersonForm",
    "SessionsForm",
]
