"""What a person decides about their own account."""

from flask import Response as FlaskResponse
from flask import flash, jsonify, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts import actions
from interact_events.accounts.forms import ChangePasswordForm, DeleteForm, SettingsForm
from interact_events.accounts.queries import personal_data, profiles_of
from interact_events.accounts.views.sign_in import blueprint, enter, leave
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.limits import GUESSING, limiter

__all__ = ["blueprint"]

WRONG_PASSWORD = "That is not your password."  # noqa: S105  # a sentence


@blueprint.route("/my/settings", methods=["GET", "POST"])
def settings() -> str | Response:
    form = SettingsForm(obj=current_user)
    if form.validate_on_submit():
        actions.save_settings(
            current_user,
            name=form.name.data or "",
            certificate_name=form.certificate_name.data or "",
            zone=form.zone.data,
            wants_news=form.wants_news.data,
            now=clock.now(),
        )
        db.session.commit()
        flash("Your settings are saved.", "success")
        return redirect(url_for("accounts.settings"), code=303)
    profiles = profiles_of(current_user)
    return render_template("accounts/settings.html", form=form, profiles=profiles)


@blueprint.route("/my/settings/password", methods=["GET", "POST"])
@limiter.limit(GUESSING, methods=["POST"])
def change_password() -> str | Response:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            _check_own_password(form.present_password.data or "", "present_password")
            actions.change_password(current_user, form.password.data or "", now=clock.now())
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            enter(current_user, now=clock.now())
            db.session.commit()
            flash("Your password is changed. All other browsers are signed out.", "success")
            return redirect(url_for("accounts.settings"), code=303)
    return render_template("accounts/change_password.html", form=form)


def _check_own_password(password: str, field: str) -> None:
    if not actions.is_password_of(current_user, password):
        raise DomainError(WRONG_PASSWORD, field)


@blueprint.post("/my/settings/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    actions.end_all_sign_ins(current_user, now=clock.now())
    db.session.commit()
    leave()
    flash("You are signed out in every browser.", "success")
    return redirect(url_for("accounts.sign_in"), code=303)


@blueprint.get("/my/settings/my-data.json")
def export() -> FlaskResponse:
    answer = jsonify(personal_data(current_user, clock.now()))
    answer.headers["Content-Disposition"] = "attachment; filename=my-data.json"
    return answer


@blueprint.route("/my/settings/delete", methods=["GET", "POST"])
@limiter.limit(GUESSING, methods=["POST"])
def delete() -> str | Response:
    form = DeleteForm()
    if form.validate_on_submit():
        try:
            _check_own_password(form.password.data or "", "password")
            actions.delete_account(current_user, now=clock.now())
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            leave()
            flash("Your account is deleted.", "success")
            return redirect(url_for("events.home"), code=303)
    return render_template("accounts/delete.html", form=form)
