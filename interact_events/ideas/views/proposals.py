"""Proposing an idea, once it is clear that there is none like it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.queries import profiles_of
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import permitted
from interact_events.ideas import actions, queries
from interact_events.ideas.forms import ProposalForm
from interact_events.ideas.models import Idea
from interact_events.ideas.policies import can_take_back
from interact_events.ideas.views.guard import own_offices, seen_idea

blueprint = Blueprint("proposals", __name__)

THANKS = "Thank you. An office looks at your idea before others see it."


@blueprint.route("/ideas/new", methods=["GET", "POST"])
def add() -> str | Response:
    profiles = profiles_of(current_user)
    form = ProposalForm(own_offices(current_user), profiles)
    alike: list[Idea] = []
    if form.validate_on_submit():
        if "anyway" not in request.form:
            alike = queries.ideas_like(form.title.data or "", current_user)
        if not alike and (idea := _proposed(form)):
            flash(THANKS if idea.is_proposed else "The idea is on the board.", "success")
            return redirect(url_for("ideas.show", slug=idea.slug), code=303)
    elif not form.is_submitted():
        form.title.data = request.args.get("title", "")[:160]
    return render_template(
        "ideas/propose.html",
        form=form,
        alike=alike,
        numbers=queries.numbers_of_supporters(alike),
        has_profile=bool(profiles),
    )


def _proposed(form: ProposalForm) -> Idea | None:
    now = clock.now()
    try:
        idea = actions.propose(form.values(), actor=current_user, now=now)
        if comes := form.support(profiles_of(current_user)):
            actions.support(idea, comes, actor=current_user, now=now)
        db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return None
    return idea


@blueprint.post("/ideas/<slug>/take-back")
def take_back(slug: str) -> Response:
    idea = seen_idea(slug)
    permitted(can_take_back(current_user, idea))
    actions.take_back(idea, actor=current_user, now=clock.now())
    db.session.commit()
    flash("Your proposal is gone.", "success")
    return redirect(url_for("ideas.index"), code=303)
