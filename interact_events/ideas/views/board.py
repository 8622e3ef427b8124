"""The demand board: ideas, and who would come."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.queries import profiles_of
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.pages import page_of
from interact_events.events.queries import on_offer
from interact_events.ideas import actions, queries
from interact_events.ideas.forms import SupportForm
from interact_events.ideas.models import Idea
from interact_events.ideas.policies import (
    can_edit_idea,
    can_reopen,
    can_take_back,
    is_staff,
    standing,
    takes_support,
)
from interact_events.ideas.queries import Filters, Shown
from interact_events.ideas.rules import demand
from interact_events.ideas.views.guard import seen_idea
from interact_events.interreg.models import Office, Topic

blueprint = Blueprint("ideas", __name__)
blueprint.add_app_template_global(standing, "idea_standing")
blueprint.add_app_template_global(can_edit_idea)

COMMENTS = 50  # that the page shows; the file has all


@blueprint.get("/ideas")
def index() -> str:
    filters = Filters.from_args(request.args, is_staff=is_staff(current_user))
    page = page_of(queries.board(filters, current_user), size=20)
    return render_template(
        "ideas/index.html",
        filters=filters,
        page=page,
        shown=Shown,
        numbers=queries.numbers_of_supporters(page.rows),
        mine=queries.supported_among(page.rows, current_user),
        topics=[(topic.code, topic.name) for topic in on_offer(Topic)],
        offices=[(office.code, office.city) for office in on_offer(Office)],
        is_staff=is_staff(current_user),
    )


@blueprint.get("/ideas/<slug>")
def show(slug: str) -> str | Response:
    idea = seen_idea(slug)
    if idea.merged_into:
        flash(f"“{idea.title}” is now part of this idea.", "info")
        return redirect(url_for(".show", slug=idea.merged_into.slug), code=303)
    return _page(idea)


@blueprint.post("/ideas/<slug>/support")
def support(slug: str) -> str | Response:
    idea, profiles = seen_idea(slug), profiles_of(current_user)
    form = SupportForm(profiles)
    if form.validate_on_submit():
        try:
            counts = actions.support(
                idea, form.values(profiles), actor=current_user, now=clock.now()
            )
            db.session.commit()
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash("Thank you. The offices see that you would come.", "success")
            return redirect(url_for(".show", slug=counts.slug), code=303)
    return _page(idea, form)


@blueprint.post("/ideas/<slug>/support/withdraw")
def withdraw(slug: str) -> Response:
    idea = seen_idea(slug)
    actions.withdraw_support(idea, actor=current_user, now=clock.now())
    db.session.commit()
    flash("You are no longer among those who would come.", "success")
    # An idea that concerned them only as long as they supported it is out of their sight now.
    counts = idea.merged_into or idea
    stays = counts.is_open or counts.proposed_by_id == current_user.id or is_staff(current_user)
    return redirect(url_for(".show", slug=counts.slug) if stays else url_for(".index"), code=303)


def _page(idea: Idea, form: SupportForm | None = None) -> str:
    own, profiles = queries.support_of(idea, current_user), profiles_of(current_user)
    return render_template(
        "ideas/show.html",
        idea=idea,
        own=own,
        profiles=profiles,
        form=form or SupportForm(profiles, own),
        people=queries.numbers_of_supporters([idea])[idea.id],
        takes_support=takes_support(idea),
        may_take_back=can_take_back(current_user, idea),
        **_staff_part(idea),
    )


def _staff_part(idea: Idea) -> dict[str, Any]:
    """What only staff see: what is asked for, and what they can do about it."""
    if not is_staff(current_user):
        return {"demand": None, "may_edit": False}
    supports = queries.supports_of(idea)
    comments = [row for row in supports if row.comment]
    return {
        "demand": demand(queries.wishes_of(supports)),
        "comments": comments[:COMMENTS],
        "more_comments": len(comments[COMMENTS:]),
        "may_edit": can_edit_idea(current_user, idea),
        "may_reopen": can_reopen(idea),
    }
