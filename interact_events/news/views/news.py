"""Choosing one's news, and switching them off by the link in each mail."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.models import User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.mail import Mail, Words, worded
from interact_events.core.web.access import public, working
from interact_events.core.web.access import settings as site_settings
from interact_events.core.web.limits import limiter
from interact_events.news import actions, emails, queries
from interact_events.news.forms import NewsForm
from interact_events.news.models import NewsChoice
from interact_events.news.rules import next_slot

blueprint = Blueprint("news", __name__)

# Nobody can guess the link; providers press it for many of their people from one address.
PRESSING = "120 per minute"


@blueprint.route("/my/settings/news", methods=["GET", "POST"])
def settings() -> str | Response:
    now = clock.now()
    choice = queries.choice_of(current_user, now=now)
    form = NewsForm(current_user, choice)
    if form.validate_on_submit():
        actions.save_choice(current_user, **form.choice_values(), now=now)
        db.session.commit()
        flash("Your news settings are saved.", "success")
        return redirect(url_for(".settings"), code=303)
    digest = queries.next_digest(current_user, choice, now=now)
    return render_template(
        "news/settings.html",
        form=form,
        mail=_worded(emails.digest(current_user, digest)) if digest.items else None,
        next_at=_next(current_user, choice),
    )


def _next(user: User, choice: NewsChoice) -> object:
    return next_slot(
        clock.now(),
        zone=user.zone,
        weekday=choice.weekday,
        hour=choice.hour,
        told_week=choice.told_week,
    )


def _worded(mail: Mail) -> Words:
    return worded(mail.kind, mail.values)


@blueprint.get("/news/off/<token>")
@public
def off(token: str) -> str:
    """A page with one button: programs that only look at links switch nothing off."""
    return _off_page(_user(token))


@blueprint.post("/news/off/<token>")
@limiter.limit(PRESSING)
@public
def switch_off(token: str) -> str:
    """By the button, or by a mail program as RFC 8058 says: without sign-in and redirection."""
    user = _user(token)
    actions.switch_off(user, now=clock.now())
    db.session.commit()
    return _off_page(user)


def _user(token: str) -> User:
    user = queries.user_of_off_token(token, key=site_settings().secret_key)
    working(user)
    assert user  # working() has answered 410 otherwise
    return user


def _off_page(user: User) -> str:
    return render_template("news/off.html", user=user)


@blueprint.record
def _let_mail_programs_press(state: BlueprintSetupState) -> None:
    """They have no session and so no token; the link's signature stands for it."""
    state.app.extensions["csrf"].exempt(switch_off)
