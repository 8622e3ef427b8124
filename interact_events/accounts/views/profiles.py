"""A person's contact profiles: in which capacities they come."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts import actions
from interact_events.accounts.forms import ProfileForm
from interact_events.accounts.models import Profile
from interact_events.accounts.queries import profile_of, profiles_of
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import local_path, visible

blueprint = Blueprint("profiles", __name__)


def own_profile(profile_id: int) -> Profile:
    """One of the signed-in person's; 404 for anybody else's."""
    profile = profile_of(current_user, profile_id)
    visible(profile)
    assert profile  # visible() has answered 404 otherwise
    return profile


@blueprint.get("/my/profiles")
def index() -> str:
    return render_template("accounts/profiles/index.html", profiles=profiles_of(current_user))


@blueprint.route("/my/profiles/new", methods=["GET", "POST"])
def add() -> str | Response:
    form = ProfileForm()
    if form.validate_on_submit():
        try:
            actions.add_profile(current_user, **form.profile_values(), now=clock.now())
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            return _saved("The profile is added.")
    return render_template("accounts/profiles/add.html", form=form)


@blueprint.route("/my/profiles/<int:profile_id>", methods=["GET", "POST"])
def edit(profile_id: int) -> str | Response:
    profile = own_profile(profile_id)
    form = ProfileForm.of(profile)
    if form.validate_on_submit():
        try:
            actions.edit_profile(profile, **form.profile_values(), now=clock.now())
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            return _saved("The profile is saved.")
    return render_template("accounts/profiles/edit.html", form=form, profile=profile)


def _saved(words: str) -> Response:
    """Back to the list, or to the registration that asked for a profile."""
    db.session.commit()
    flash(words, "success")
    return redirect(local_path(request.args.get("next")) or url_for("profiles.index"), code=303)


@blueprint.post("/my/profiles/<int:profile_id>/default")
def make_default(profile_id: int) -> Response:
    actions.make_default(own_profile(profile_id), now=clock.now())
    return _saved("Registration forms will offer this profile first.")


@blueprint.post("/my/profiles/<int:profile_id>/retire")
def retire(profile_id: int) -> Response:
    actions.retire_profile(own_profile(profile_id), now=clock.now())
    return _saved("The profile is removed. Registrations made with it keep what they say.")
