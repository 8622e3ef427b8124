"""Reading people."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import joinedload, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from interact_events.accounts.models import Invitation, Level, Membership, Profile, SignIn, User
from interact_events.accounts.rules import DEMO_ACCOUNTS, INVITED_FOR
from interact_events.core.db import db
from interact_events.interreg.models import Country, Office, Programme, StakeholderRole

DATA = Path(__file__).parent / "data"

Owned = TypeVar("Owned", Profile, Membership, SignIn)


def user_by_email(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def token_hash(token: str) -> str:
    """What the database keeps of a secret that only its owner holds."""
    return hashlib.sha256(token.encode()).hexdigest()


# Asked at every page: made once, and the offices only of those who work in one.
_SIGNED_IN = (
    select(User, exists().where(Membership.user_id == User.id, Membership.ended_at.is_(None)))
    .join(SignIn, SignIn.user_id == User.id)
    .where(SignIn.token_hash == bindparam("token_hash"), SignIn.expires_at > bindparam("now"))
    .options(lazyload(User.memberships))
)

STILL_SIGNED_IN = "SELECT 1 FROM sign_ins WHERE token_hash ="  # within a minute it does not run out


def user_signed_in(token_hash: str, *, now: datetime) -> User | None:
    """The person whose browser holds the token, while its sign-in lasts."""
    found = db.session.execute(_SIGNED_IN, {"token_hash": token_hash, "now": now}).one_or_none()
    if found is None:
        return None
    user, is_staff = found
    if not is_staff:
        set_committed_value(user, "memberships", [])
    return user


def sign_token(purpose: str, user: User, *, key: str) -> str:
    """A secret for a mailed link; using it changes what it is bound to, so it works once."""
    return _serializer(purpose, key).dumps([user.id, state_of(user)])


def user_of_token(purpose: str, token: str, *, key: str, max_age: timedelta) -> User | None:
    """Whose token it is; None when it is forged, too old, used, or for another purpose."""
    try:
        seconds = int(max_age.total_seconds())
        user_id, state = _serializer(purpose, key).loads(token, max_age=seconds)
    except (BadData, ValueError, TypeError):
        return None
    user = db.session.get(User, user_id)
    return user if user and state == state_of(user) else None


def state_of(user: User) -> str:
    """Changes with the address, the password and the confirmation."""
    facts = f"{user.email} {user.password_hash} {user.confirmed_at is not None}"
    return token_hash(facts)[:16]


def sign_invitation(invitation: Invitation, *, key: str) -> str:
    """The secret in the link of an invitation."""
    return _serializer("invitation", key).dumps([invitation.id, invitation.email])


def invitation_of_token(token: str, *, key: str, now: datetime) -> Invitation | None:
    """The invitation, while it waits for an answer."""
    try:
        seconds = int(INVITED_FOR.total_seconds())
        invitation_id, email = _serializer("invitation", key).loads(token, max_age=seconds)
    except (BadData, ValueError, TypeError):
        return None
    open_ones = _open_invitations(now).where(Invitation.id == invitation_id)
    return db.session.scalar(open_ones.where(Invitation.email == email))


def _serializer(purpose: str, key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt=f"accounts.{purpose}")


@cache
def common_passwords() -> frozenset[str]:
    """Words and patterns that people reach for first."""
    lines = (DATA / "common-passwords.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(line for line in lines if line and not line.startswith("#"))


def profile_of(user: User, profile_id: int) -> Profile | None:
    """One of the person's own profiles in use."""
    return db.session.scalar(
        select(Profile).where(
            Profile.id == profile_id, Profile.user_id == user.id, Profile.retired_at.is_(None)
        )
    )


_PROFILES_OF = (
    select(Profile)
    .where(Profile.user_id == bindparam("user_id"), Profile.retired_at.is_(None))
    .options(
        joinedload(Profile.programme).lazyload(Programme.strand),
        joinedload(Profile.role).joinedload(StakeholderRole.labels),
    )
    .order_by(Profile.is_default.desc(), Profile.id)
)


def profiles_of(user: User) -> Sequence[Profile]:
    """Those in use, the default one first."""
    return db.session.scalars(_PROFILES_OF, {"user_id": user.id}).unique().all()


def roles_on_offer() -> Sequence[StakeholderRole]:
    return db.session.scalars(
        select(StakeholderRole)
        .where(~StakeholderRole.is_retired)
        .order_by(StakeholderRole.position, StakeholderRole.id)
    ).all()


def countries_on_offer() -> Sequence[Country]:
    """Those of the network first."""
    return db.session.scalars(
        select(Country)
        .where(~Country.is_retired)
        .order_by(Country.is_participating.desc(), Country.name)
    ).all()


def programmes_on_offer() -> Sequence[Programme]:
    everything = db.session.scalars(select(Programme).order_by(Programme.name)).all()
    return [programme for programme in everything if not programme.is_retired]


def demo_accounts() -> list[tuple[str, str]]:
    """The known accounts that exist here: (address, what they are)."""
    addresses = [email for email, _ in DEMO_ACCOUNTS]
    here = set(db.session.scalars(select(User.email).where(User.email.in_(addresses))))
    return [(email, what) for email, what in DEMO_ACCOUNTS if email in here]


def staff_of(office: Office) -> Sequence[Membership]:
    """Who works there now, leads first."""
    found = db.session.scalars(
        select(Membership)
        .join(Membership.user)
        .options(joinedload(Membership.user).lazyload(User.memberships))
        .where(Membership.office_id == office.id, Membership.ended_at.is_(None))
        .order_by(User.name, Membership.id)
    ).all()
    return sorted(found, key=lambda m: -list(Level).index(m.level))


def membership_in(office: Office, membership_id: int) -> Membership | None:
    """A membership of that office that lasts."""
    return db.session.scalar(
        select(Membership).where(
            Membership.id == membership_id,
            Membership.office_id == office.id,
            Membership.ended_at.is_(None),
        )
    )


def membership_of(user: User, office: Office) -> Membership | None:
    return db.session.scalar(
        select(Membership).where(
            Membership.user_id == user.id,
            Membership.office_id == office.id,
            Membership.ended_at.is_(None),
        )
    )


def leads_of(office_id: int) -> int:
    """How many lead the office."""
    return (
        db.session.scalar(
            select(func.count(Membership.id)).where(
                Membership.office_id == office_id,
                Membership.level == Level.LEAD,
                Membership.ended_at.is_(None),
            )
        )
        or 0
    )


def coordinators() -> Sequence[User]:
    return db.session.scalars(
        select(User).where(User.is_coordinator).order_by(User.name, User.id)
    ).all()


def _open_invitations(now: datetime) -> Select[Invitation]:
    return select(Invitation).where(
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > now,
    )


def invitations_to(office: Office | None, *, now: datetime) -> Sequence[Invitation]:
    """Those of the office (None: of the secretariat's coordinators) that wait for an answer."""
    here = Invitation.office_id == office.id if office else Invitation.office_id.is_(None)
    return db.session.scalars(
        _open_invitations(now)
        .options(joinedload(Invitation.invited_by).lazyload(User.memberships))
        .where(here)
        .order_by(Invitation.created_at, Invitation.id)
    ).all()


def open_invitation(
    invitation_id: int, office: Office | None, *, now: datetime
) -> Invitation | None:
    """One of those, by its number."""
    return next((i for i in invitations_to(office, now=now) if i.id == invitation_id), None)


Teller = TypeVar("Teller", bound=Callable[[User, datetime], Any])
_tellers: dict[str, Callable[[User, datetime], Any]] = {}


def personal_part(name: str) -> Callable[[Teller], Teller]:
    """For features on top: let the function tell what they hold about a person, in plain types and
    as far as the person may know it at that moment; it stands under `name` in what they download.
    """

    def mark(tell: Teller) -> Teller:
        _tellers[name] = tell
        return tell

    return mark


def personal_data(user: User, now: datetime) -> dict[str, Any]:
    """What we hold about the person, in plain types."""
    parts = {name: tell(user, now) for name, tell in _tellers.items()}
    return parts | {
        "account": _account_data(user),
        "profiles": [_profile_data(row) for row in _all_of(Profile, user)],
        "memberships": [_membership_data(row) for row in _all_of(Membership, user)],
        "sign_ins": [
            {"created_at": row.created_at.isoformat(), "expires_at": row.expires_at.isoformat()}
            for row in _all_of(SignIn, user)
        ],
    }


def _all_of(table: type[Owned], user: User) -> Iterable[Owned]:
    """Every row of the person, retired and ended ones too."""
    return db.session.scalars(select(table).where(table.user_id == user.id).order_by(table.id))


def _account_data(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "name_on_certificates": user.printed_name,
        "time_zone": user.zone,
        "wants_news": user.wants_news,
        "is_coordinator": user.is_coordinator,
        "created_at": user.created_at.isoformat(),
        "confirmed_at": _iso(user.confirmed_at),
    }


def _profile_data(profile: Profile) -> dict[str, Any]:
    return {
        "institution": profile.institution,
        "role": profile.role.label_in(),
        "programme": profile.programme.label if profile.programme else None,
        "country": profile.country.name,
        "is_default": profile.is_default,
        "retired_at": _iso(profile.retired_at),
    }


def _membership_data(membership: Membership) -> dict[str, Any]:
    return {
        "office": membership.office.name,
        "level": membership.level.value,
        "started_at": membership.started_at.isoformat(),
        "ended_at": _iso(membership.ended_at),
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
