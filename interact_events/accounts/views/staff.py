"""Who works in an office, who coordinates, and who is asked to."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts import actions
from interact_events.accounts.forms import LEVELS, InviteCoordinatorForm, InviteForm, JoinForm
from interact_events.accounts.models import Invitation, Level, Membership, User
from interact_events.accounts.policies import can_lead_office
from interact_events.accounts.queries import (
    coordinators as all_coordinators,
)
from interact_events.accounts.queries import (
    invitation_of_token,
    invitations_to,
    membership_in,
    open_invitation,
    sign_token,
    staff_of,
    user_by_email,
)
from interact_events.accounts.views.guard import staff_office
from interact_events.accounts.views.sign_in import enter, home_of
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import public, settings, visible
from interact_events.core.web.failures import link_over
from interact_events.core.web.limits import GUESSING, limiter
from interact_events.interreg.models import Office

blueprint = Blueprint("staff", __name__)


# One office


@blueprint.get("/offices/<code>/staff")
def index(code: str) -> str:
    return _office_page(staff_office(code), InviteForm(formdata=None))


def _office_page(office: Office, form: InviteForm) -> str:
    return render_template(
        "accounts/staff/index.html",
        office=office,
        members=staff_of(office),
        invitations=invitations_to(office, now=clock.now()),
        form=form,
        levels=LEVELS,
        leads=can_lead_office(current_user, office),
    )


@blueprint.post("/offices/<code>/staff/invite")
def invite(code: str) -> str | Response:
    office = staff_office(code, can_lead_office)
    form = InviteForm()
    if form.validate_on_submit():
        try:
            return _invited(form.email.data or "", office, form.chosen_level)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _office_page(office, form)


def _invited(email: str, office: Office | None, level: Level) -> Response:
    actions.invite(email, office=office, level=level, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"An invitation is on its way to {email}.", "success")
    return _back_to(office)


def _back_to(office: Office | None) -> Response:
    page = url_for("staff.index", code=office.code) if office else url_for("staff.coordinators")
    return redirect(page, code=303)


@blueprint.post("/offices/<code>/staff/<int:membership_id>/level")
def change_level(code: str, membership_id: int) -> Response:
    office, membership = _membership(code, membership_id)
    visible(request.form.get("level") in list(Level))
    level = Level(request.form["level"])
    actions.change_level(membership, level, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"{membership.user.name} is {level.value} now.", "success")
    return _back_to(office)


@blueprint.post("/offices/<code>/staff/<int:membership_id>/end")
def end(code: str, membership_id: int) -> Response:
    office, membership = _membership(code, membership_id)
    actions.end_membership(membership, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"{membership.user.name} no longer works in {office.name}.", "success")
    if membership.user_id == current_user.id and not current_user.is_coordinator:
        return redirect(home_of(current_user), code=303)
    return _back_to(office)


def _membership(code: str, membership_id: int) -> tuple[Office, Membership]:
    office = staff_office(code, can_lead_office)
    membership = membership_in(office, membership_id)
    visible(membership)
    assert membership  # visible() has answered 404 otherwise
    return office, membership


@blueprint.post("/offices/<code>/staff/invitations/<int:invitation_id>/withdraw")
def withdraw(code: str, invitation_id: int) -> Response:
    return _withdrawn(invitation_id, staff_office(code, can_lead_office))


def _withdrawn(invitation_id: int, office: Office | None) -> Response:
    invitation = open_invitation(invitation_id, office, now=clock.now())
    visible(invitation)
    assert invitation  # visible() has answered 404 otherwise
    actions.withdraw_invitation(invitation, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"The invitation to {invitation.email} is withdrawn.", "success")
    return _back_to(office)


# The invited


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@limiter.limit(GUESSING, methods=["POST"])
@public
def accept(token: str) -> str | Response | tuple[str, int]:
    """A button for who has an account, a short form for who has none."""
    invitation = invitation_of_token(token, key=settings().secret_key, now=clock.now())
    if invitation is None:
        return link_over("Ask the person who invited you for a new invitation.")
    known = user_by_email(invitation.email)
    is_newcomer = known is None or known.confirmed_at is None
    form = JoinForm()
    if current_user.is_authenticated:
        if request.method == "POST":
            return _accepted(invitation, current_user)
    elif is_newcomer and form.validate_on_submit():
        try:
            return _joined(invitation, form)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "accounts/staff/accept.html", invitation=invitation, is_newcomer=is_newcomer, form=form
    )


def _accepted(invitation: Invitation, user: User) -> Response:
    actions.accept_invitation(invitation, user, now=clock.now())
    db.session.commit()
    flash("Welcome. You can start right away.", "success")
    return redirect(home_of(user), code=303)


def _joined(invitation: Invitation, form: JoinForm) -> Response:
    """In at once; an account that waited for its confirmation gets it on the usual page."""
    now = clock.now()
    user = actions.join_as_newcomer(
        invitation, name=form.name.data or "", password=form.password.data or "", now=now
    )
    if user.confirmed_at is None:
        db.session.commit()
        token = sign_token("confirm", user, key=settings().secret_key)
        return redirect(url_for("registrations.confirm", token=token), code=303)
    enter(user, now=now)
    db.session.commit()
    flash("Welcome. You can start right away.", "success")
    return redirect(home_of(user), code=303)


# The secretariat's coordinators


@blueprint.get("/admin/coordinators")
def coordinators() -> str:
    visible(current_user.is_coordinator)
    return _coordinators_page(InviteCoordinatorForm(formdata=None))


def _coordinators_page(form: InviteCoordinatorForm) -> str:
    return render_template(
        "accounts/staff/coordinators.html",
        coordinators=all_coordinators(),
        invitations=invitations_to(None, now=clock.now()),
        form=form,
    )


@blueprint.post("/admin/coordinators/invite")
def invite_coordinator() -> str | Response:
    visible(current_user.is_coordinator)
    form = InviteCoordinatorForm()
    if form.validate_on_submit():
        try:
            return _invited(form.email.data or "", None, Level.LEAD)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _coordinators_page(form)


@blueprint.post("/admin/coordinators/<int:user_id>/end")
def end_coordinator(user_id: int) -> Response:
    visible(current_user.is_coordinator)
    user = next((u for u in all_coordinators() if u.id == user_id), None)
    visible(user)
    assert user  # visible() has answered 404 otherwise
    actions.end_coordinator(user, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"{user.name} no longer coordinates.", "success")
    if user.id == current_user.id:
        return redirect(home_of(user), code=303)
    return _back_to(None)


@blueprint.post("/admin/coordinators/invitations/<int:invitation_id>/withdraw")
def withdraw_coordinator(invitation_id: int) -> Response:
    visible(current_user.is_coordinator)
    return _withdrawn(invitation_id, None)
