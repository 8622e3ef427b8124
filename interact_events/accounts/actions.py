"""What people do with their accounts, and staff with each other's places."""

import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError

from interact_events.accounts import emails
from interact_events.accounts.models import (
    DELETED,
    Invitation,
    Level,
    Membership,
    Profile,
    SignIn,
    User,
)
from interact_events.accounts.queries import (
    common_passwords,
    coordinators,
    invitations_to,
    leads_of,
    membership_of,
    profiles_of,
    state_of,
    token_hash,
    user_by_email,
)
from interact_events.accounts.queries import sign_token as sign_token
from interact_events.accounts.queries import user_of_token as user_of_token
from interact_events.accounts.rules import INVITED_FOR, SIGNED_IN_FOR, password_fault
from interact_events.core import audit, outbox
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.mail import Mail
from interact_events.interreg.models import Country, Office, Programme, StakeholderRole

_argon2 = PasswordHasher()
# Checked when nobody has the address, so that the answer takes as long; a test keeps it current.
NOBODYS_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$8IKtepaZ/BnR0HoleNUSew"
    "$BDUIcGYcg9dPtkU1FH0fmRFGw6o8cFlFGcWPSjBLG4s"
)


# Passwords and sign-in


def hashed(password: str) -> str:
    """The password as the database keeps it: Argon2id with a salt of its own."""
    return _argon2.hash(_typed(password))


def _typed(password: str) -> str:
    """The same password, however a keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password)


def is_password_of(user: User | None, password: str) -> bool:
    """Whether it is theirs; takes as long for nobody."""
    try:
        _argon2.verify(user.password_hash if user else NOBODYS_HASH, _typed(password))
    except (VerificationError, InvalidHashError):
        return False
    return user is not None


def check_password(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Refuse what is too short or easy to guess."""
    fault = password_fault(password, email=email, name=name, common=common_passwords())
    if fault:
        raise DomainError(fault, field)


def user_with_password(email: str, password: str) -> User | None:
    """Whose address and password these are; an old way of hashing is renewed in passing."""
    user = user_by_email(email)
    if not is_password_of(user, password):
        return None
    if user and _argon2.check_needs_rehash(user.password_hash):
        user.password_hash = hashed(password)
    return user


def begin_sign_in(user: User, *, now: datetime) -> str:
    """Sign a browser in; the token goes into its cookie and nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignIn(
            user_id=user.id,
            token_hash=token_hash(token),
            created_at=now,
            # on a full minute, for kept pages hold until the end of theirs
            expires_at=(now + SIGNED_IN_FOR).replace(second=0, microsecond=0),
        )
    )
    return token


def end_sign_in(token: str) -> None:
    """Sign the browser that holds the token out."""
    db.session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))


def end_all_sign_ins(user: User, *, now: datetime) -> None:
    """Sign every browser of the person out."""
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    audit.record("signed_out_everywhere", user, actor=user, now=now)


def purge_sign_ins(*, now: datetime) -> int:
    """Delete those that are over; says how many."""
    over = db.session.execute(delete(SignIn).where(SignIn.expires_at <= now))
    return over.rowcount if isinstance(over, CursorResult) else 0


# Accounts


def sign_up(
    *, email: str, name: str, password: str, zone: str, next_path: str = "", now: datetime
) -> None:
    """Create an account, or tell its owner that there is one; the outside sees no difference."""
    check_password(password, email=email, name=name)
    known = user_by_email(email)
    if known and known.confirmed_at:
        hashed(password)  # as much work as for a new account
        key = f"account_exists:{known.id}:{_tens_of_minutes(now)}"
        mail = emails.account_exists(known)
        outbox.post(mail, recipient(known), key=key, now=now, asked_for=True)
        return
    user = create_account(email=email, name=name, password=password, zone=zone, now=now)
    ask_to_confirm(user, next_path=next_path, now=now)


def create_account(*, email: str, name: str, password: str, zone: str, now: datetime) -> User:
    """A new account whose address is not confirmed yet; posts no mail.

    An unconfirmed account belongs to nobody: signing up again replaces its name and password, and
    links mailed before stop working. The caller has looked for a confirmed one.
    """
    check_password(password, email=email, name=name)
    email = email.strip().lower()
    facts = {"name": name, "password_hash": hashed(password), "zone": zone}
    user = user_by_email(email) or _new_user(email, facts, now)
    if user.confirmed_at:
        raise DomainError("There is an account with this address already. Sign in first.", "email")
    user.name, user.password_hash, user.zone = name, facts["password_hash"], zone
    audit.record("account_created", user, actor=user, now=now)
    return user


def _new_user(email: str, facts: dict[str, str], now: datetime) -> User:
    """The row; of two simultaneous sign-ups with one address, both get the first one's."""
    try:
        with db.session.begin_nested():
            user = User(email=email, created_at=now, **facts)
            db.session.add(user)
            return user
    except IntegrityError:
        return db.session.scalars(select(User).where(User.email == email)).one()


def ask_to_confirm(user: User, *, next_path: str = "", now: datetime) -> None:
    """Mail the link that confirms the address; often asked for, it goes once in ten minutes."""
    key = f"confirm_address:{user.id}:{state_of(user)}:{_tens_of_minutes(now)}"
    mail = emails.confirm_address(user, next_path)
    outbox.post(mail, recipient(user), key=key, now=now, asked_for=True)


def _tens_of_minutes(now: datetime) -> int:
    return int(now.timestamp()) // 600


def recipient(user: User) -> outbox.Recipient:
    return outbox.Recipient(user.name, user.email, user.id)


def confirm_address(user: User, *, now: datetime) -> None:
    """The person has shown that the address is theirs."""
    if user.confirmed_at is None:
        user.confirmed_at = now
        audit.record("address_confirmed", user, actor=user, now=now)
        outbox.works_again(user.email, actor=user, now=now)


def forget_password(email: str, *, now: datetime) -> None:
    """Mail a link for a new password, or that the address has no account."""
    user = user_by_email(email)
    mail: Mail = emails.reset_password(user) if user else emails.no_account(email)
    to = recipient(user) if user else outbox.Recipient("", email)
    state = state_of(user) if user else token_hash(email)[:16]
    key = f"reset:{state}:{_tens_of_minutes(now)}"
    outbox.post(mail, to, key=key, now=now, asked_for=True)


def reset_password(user: User, password: str, *, now: datetime) -> None:
    """A new password by the link that was mailed: so mails do arrive."""
    change_password(user, password, now=now)
    outbox.works_again(user.email, actor=user, now=now)


def change_password(user: User, password: str, *, now: datetime) -> None:
    """Replace the password and sign every browser out; the owner hears of it."""
    check_password(password, email=user.email, name=user.name)
    user.password_hash = hashed(password)
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    audit.record("password_changed", user, actor=user, now=now)
    key = f"password_changed:{user.id}:{state_of(user)}"
    outbox.post(emails.password_changed(user), recipient(user), key=key, now=now)


def save_settings(
    user: User, *, name: str, certificate_name: str, zone: str, wants_news: bool, now: datetime
) -> None:
    """Change what a person may change about themselves; names stay out of the audit."""
    before = (user.name, user.certificate_name, user.zone, user.wants_news)
    after = (name, certificate_name, zone, wants_news)
    if before == after:
        return
    user.name, user.certificate_name, user.zone = name, certificate_name, zone
    choose_news(user, wants_news=wants_news)
    fields = ("name", "certificate_name", "zone", "wants_news")
    changed = [f for f, old, new in zip(fields, before, after, strict=True) if old != new]
    audit.record("settings_changed", user, actor=user, now=now, fields=changed)


NewsEnder: TypeAlias = Callable[[User], None]
_news_enders: list[NewsEnder] = []


def on_news_off(end: NewsEnder) -> NewsEnder:
    """For features on top: whoever has switched news off gets none that is under way."""
    _news_enders.append(end)
    return end


def choose_news(user: User, *, wants_news: bool) -> None:
    """Wherever somebody says whether they want news."""
    if user.wants_news == wants_news:
        return  # an assignment alone would cost a flush
    if not wants_news:
        for end in _news_enders:
            end(user)
    user.wants_news = wants_news


Eraser: TypeAlias = Callable[[User, str, datetime], None]
_erasers: list[Eraser] = []


def on_deletion(erase: Eraser) -> Eraser:
    """For features on top: what they know by the address has to go while it is still known.

    `erase` is called with the person, the address that stands for theirs from now on, and now.
    """
    _erasers.append(erase)
    return erase


def delete_account(user: User, *, now: datetime) -> None:
    """Forget who the person is; rows that an audit needs keep pointing at somebody unnamed.

    The personal fields of registrations belong to registrations, which come on top of this.
    """
    _keep_a_coordinator(user)
    for membership in user.memberships:
        _keep_a_lead(membership)
        membership.ended_at = now
    for profile in profiles_of(user):
        profile.retired_at, profile.is_default, profile.institution = now, False, ""
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    outbox.forget_address(user.email)
    gone = f"deleted-{user.id}{DELETED}"
    db.session.execute(update(Invitation).where(Invitation.email == user.email).values(email=gone))
    for erase in _erasers:
        erase(user, gone, now)
    user.email, user.name, user.certificate_name = gone, "Deleted person", ""
    user.password_hash, user.is_coordinator, user.wants_news = "", False, False
    audit.record("account_deleted", user, actor=user, now=now)
    db.session.expire(user, ["memberships", "profiles"])


# Contact profiles


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


# Staff


def invite(
    email: str, *, office: Office | None, level: Level, actor: User, now: datetime
) -> Invitation:
    """Ask an address to join the office, or (no office) to coordinate; replaces an older asking."""
    email = email.strip().lower()
    _refuse_member(email, office)
    for older in invitations_to(office, now=now):
        if older.email == email:
            older.withdrawn_at = now
    invitation = Invitation(
        email=email,
        office=office,
        level=level,
        invited_by=actor,
        created_at=now,
        expires_at=now + INVITED_FOR,
    )
    db.session.add(invitation)
    place = office.code if office else "coordinators"
    audit.record("invited", invitation, actor=actor, now=now, place=place, level=level.value)
    to = outbox.Recipient("", email)
    outbox.post(emails.invitation(invitation), to, key=f"invitation:{invitation.id}", now=now)
    return invitation


def _refuse_member(email: str, office: Office | None) -> None:
    user = user_by_email(email)
    if user and office and membership_of(user, office):
        raise DomainError(f"{user.name} works in this office already.", "email")
    if user and not office and user.is_coordinator:
        raise DomainError(f"{user.name} is a coordinator already.", "email")


def withdraw_invitation(invitation: Invitation, *, actor: User, now: datetime) -> None:
    """The mailed link stops working."""
    invitation.withdrawn_at = now
    audit.record("invitation_withdrawn", invitation, actor=actor, now=now)


def accept_invitation(invitation: Invitation, user: User, *, now: datetime) -> None:
    """The invited person joins; who has a place there already keeps the higher level."""
    if invitation.email != user.email:
        raise DomainError("This invitation is for another address.")
    invitation.accepted_at = now
    audit.record("invitation_accepted", invitation, actor=user, now=now)
    if invitation.office is None:
        user.is_coordinator = True
        audit.record("coordinator_made", user, actor=user, now=now)
        return
    present = membership_of(user, invitation.office)
    if present is None:
        _begin_membership(user, invitation.office, invitation.level, now)
    elif invitation.level.includes(present.level):
        present.level = invitation.level


def _begin_membership(user: User, office: Office, level: Level, now: datetime) -> None:
    membership = Membership(user=user, office=office, level=level, started_at=now)
    db.session.add(membership)
    audit.record(
        "membership_begun", membership, actor=user, now=now, office=office.code, level=level.value
    )
    db.session.expire(user, ["memberships"])


def join_as_newcomer(invitation: Invitation, *, name: str, password: str, now: datetime) -> User:
    """Create the account that the invitation is for; the mailed link has shown the address.

    An account that waited for confirmation stays unconfirmed: confirming it brings more with it.
    """
    is_new = user_by_email(invitation.email) is None
    zone = invitation.office.zone if invitation.office else "Europe/Bratislava"
    user = create_account(email=invitation.email, name=name, password=password, zone=zone, now=now)
    if is_new:
        confirm_address(user, now=now)
    accept_invitation(invitation, user, now=now)
    return user


def change_level(membership: Membership, level: Level, *, actor: User, now: datetime) -> None:
    """Let a member do more or less."""
    if membership.level is level:
        return
    if actor.is_coordinator is False:
        _keep_a_lead(membership)
    before, membership.level = membership.level, level
    audit.record(
        "level_changed", membership, actor=actor, now=now, before=before.value, after=level.value
    )
    db.session.expire(membership.user, ["memberships"])


def end_membership(membership: Membership, *, actor: User, now: datetime) -> None:
    """The person no longer works there; what they did stays theirs."""
    if actor.is_coordinator is False:
        _keep_a_lead(membership)
    membership.ended_at = now
    audit.record("membership_ended", membership, actor=actor, now=now)
    db.session.expire(membership.user, ["memberships"])


def _keep_a_lead(membership: Membership) -> None:
    """An office without a lead cannot publish; only the secretariat may leave one so."""
    if membership.level is not Level.LEAD:
        return
    lock(membership.office)  # two leads who leave at once
    if leads_of(membership.office_id) == 1:
        raise DomainError(
            f"{membership.user.name} is the only lead of {membership.office.name}. "
            "Make somebody else a lead first, or ask the secretariat."
        )


def make_coordinator(user: User, *, actor: User | None, now: datetime) -> None:
    """Let the person see all offices and administer the network's data."""
    user.is_coordinator = True
    audit.record("coordinator_made", user, actor=actor, now=now)


def end_coordinator(user: User, *, actor: User, now: datetime) -> None:
    """The person no longer coordinates; their places in offices stay."""
    _keep_a_coordinator(user)
    user.is_coordinator = False
    audit.record("coordinator_ended", user, actor=actor, now=now)


def _keep_a_coordinator(user: User) -> None:
    everybody = coordinators() if user.is_coordinator else []
    for person in everybody:
        lock(person)  # two who leave at once
    if everybody and not any(p.is_coordinator for p in everybody if p is not user):
        raise DomainError(
            "This is the only coordinator. Invite somebody else as coordinator first."
        )
