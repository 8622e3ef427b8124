"""In which capacities people take part."""

from datetime import datetime

from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import profiles_of
from interact_events.core import audit
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.interreg.models import Country, Programme, StakeholderRole


def add_profile(
    user: User,
    *,
    institution: str,
    role: StakeholderRole,
    programme: Programme | None,
    country: Country,
    now: datetime,
) -> Profile:
    """One more capacity in which the person comes; the first one is the default."""
    _refuse_same_profile(user, institution, role, programme, country, None)
    profile = Profile(
        user_id=user.id,
        institution=institution,
        role=role,
        programme=programme,
        country=country,
        is_default=not profiles_of(user),
    )
    db.session.add(profile)
    audit.record("profile_added", profile, actor=user, now=now)
    db.session.expire(user, ["profiles"])
    return profile


def edit_profile(
    profile: Profile,
    *,
    institution: str,
    role: StakeholderRole,
    programme: Programme | None,
    country: Country,
    now: datetime,
) -> None:
    """Correct a profile; registrations keep what was true when they were made."""
    user = profile.user
    _refuse_same_profile(user, institution, role, programme, country, profile)
    profile.institution, profile.role = institution, role
    profile.programme, profile.country = programme, country
    audit.record("profile_changed", profile, actor=user, now=now)
    db.session.expire(user, ["profiles"])


def _refuse_same_profile(
    user: User,
    institution: str,
    role: StakeholderRole,
    programme: Programme | None,
    country: Country,
    own: Profile | None,
) -> None:
    wanted = (institution.casefold(), role, programme, country)
    for other in profiles_of(user):
        facts = (other.institution.casefold(), other.role, other.programme, other.country)
        if other is not own and facts == wanted:
            raise DomainError("You have this profile already.")


def make_default(profile: Profile, *, now: datetime) -> None:
    """The profile that a registration form offers first."""
    if profile.is_default:
        return
    user = profile.user
    for other in profiles_of(user):
        other.is_default = False
    db.session.flush()  # the index allows only one at any moment
    profile.is_default = True
    audit.record("profile_made_default", profile, actor=user, now=now)
    db.session.expire(user, ["profiles"])


def retire_profile(profile: Profile, *, now: datetime) -> None:
    """Take it off the list; registrations made with it keep it. Another becomes the default."""
    user, was_default = profile.user, profile.is_default
    profile.retired_at, profile.is_default = now, False
    db.session.flush()
    left = profiles_of(user)
    if was_default and left:
        left[0].is_default = True
    audit.record("profile_retired", profile, actor=user, now=now)
    db.session.expire(user, ["profiles"])
