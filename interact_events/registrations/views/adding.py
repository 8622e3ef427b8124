"""Adding somebody by hand: first their address, then what is asked of them."""

from dataclasses import dataclass

from flask import request
from flask_login import current_user

from interact_events.accounts.models import User
from interact_events.accounts.queries import profile_of, profiles_of, user_by_email
from interact_events.core import clock
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.registrations import actions, queries
from interact_events.registrations.forms import AddPersonForm, AddProfileForm, SearchPersonForm
from interact_events.registrations.models import Registration


@dataclass(frozen=True)
class Adding:
    """How far staff have come: whom they look for, who that is, what is still to be filled in."""

    search: SearchPersonForm | None
    found: User | None
    listed: Registration | None
    form: AddProfileForm | AddPersonForm | None


def adding_to(event: Event) -> Adding:
    """From the address that the page's own address holds."""
    search = SearchPersonForm(formdata=request.args) if "email" in request.args else None
    found = None
    if search and search.validate():
        found = user_by_email(search.email.data or "")
    listed = queries.standing_registration(event, found) if found else None
    return Adding(search, found, listed, None if listed else _form_for(event, found, search))


def _form_for(
    event: Event, found: User | None, search: SearchPersonForm | None
) -> AddProfileForm | AddPersonForm | None:
    """Their profiles where there is an account, else everything about a new person."""
    if search is None or search.errors:
        return None
    if found is None:
        return AddPersonForm(event, data={"email": search.email.data})
    form = AddProfileForm(event)
    form.profile.choices = [(p.id, p.label) for p in profiles_of(found)]
    if not form.is_submitted() and form.profile.choices:
        form.profile.data = form.profile.choices[0][0]
    return form


def add_to(event: Event, adding: Adding) -> Registration:
    """Do what the filled-in form says."""
    now, form = clock.now(), adding.form
    assert form
    is_online, override = form.is_online, form.reason_beyond
    if isinstance(form, AddPersonForm):
        return actions.add_person_by_hand(
            form.person(event.zone),
            event,
            actor=current_user,
            now=now,
            is_online=is_online,
            override=override,
        )
    profile = profile_of(adding.found, form.profile.data) if adding.found else None
    if profile is None:
        raise DomainError("Choose one of their profiles.", "profile")
    return actions.add_by_hand(
        profile, event, actor=current_user, now=now, is_online=is_online, override=override
    )
