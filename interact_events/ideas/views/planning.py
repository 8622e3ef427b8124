"""Making an event of an idea."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import permitted, settings
from interact_events.core.web.parts import part
from interact_events.events.models import Event
from interact_events.ideas import actions, queries
from interact_events.ideas.forms import DraftForm
from interact_events.ideas.policies import can_plan_in
from interact_events.ideas.views.guard import edited_idea, own_offices

blueprint = Blueprint("idea_planning", __name__, url_prefix="/ideas/<slug>")


@part("draft")
def behind_draft(*, event: Event) -> str:
    """Whom publishing the event will tell first."""
    idea = queries.idea_of(event)
    if idea is None:
        return ""
    return render_template(
        "ideas/_draft.html",
        event=event,
        idea=idea,
        people=len(queries.people_behind(idea)),
        days=idea.head_start_days,
    )


@blueprint.route("/plan", methods=["GET", "POST"])
def plan(slug: str) -> str | Response:
    idea = edited_idea(slug)
    offices = own_offices(current_user)
    permitted(any(can_plan_in(current_user, idea, office) for office in offices))
    form = DraftForm(idea, offices)
    if form.validate_on_submit():
        try:
            event = actions.plan_idea(
                idea, form.values(), actor=current_user, now=clock.now(), host=settings().host
            )
            db.session.commit()
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash("The draft is made, and everybody behind the idea hears of it.", "success")
            code = event.office.code
            return redirect(url_for("office_events.show", code=code, slug=event.slug), code=303)
    people = len(queries.people_behind(idea))
    return render_template("ideas/plan.html", idea=idea, form=form, people=people)
