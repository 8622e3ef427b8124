"""The forms of registrants, of the staff who decide on them, and of an event's rules."""

from interact_events.registrations.forms.answers import (
    AnswersForm,
    ConfirmForm,
    NewcomerForm,
    PlaceForm,
    RegisterForm,
    SessionChoices,
    SessionsForm,
)
from interact_events.registrations.forms.invitations import CodeForm, SeatInvitationsForm
from interact_events.registrations.forms.office import (
    AddPersonForm,
    AddProfileForm,
    BeyondFields,
    BeyondForm,
    CancelEventForm,
    DecisionForm,
    ListForm,
    SearchPersonForm,
)
from interact_events.registrations.forms.seats import SeatsForm

__all__ = [
    "AddPersonForm",
    "AddProfileForm",
    "AnswersForm",
    "BeyondFields",
    "BeyondForm",
    "CancelEventForm",
    "CodeForm",
    "ConfirmForm",
    "DecisionForm",
    "ListForm",
    "NewcomerForm",
    "PlaceForm",
    "RegisterForm",
    "SearchPersonForm",
    "SeatInvitationsForm",
    "SeatsForm",
    "SessionChoices",
    "SessionsForm",
]
