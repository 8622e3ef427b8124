"""What staff do with ideas."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import permitted, visible
from interact_events.core.web.pages import page_of
from interact_events.ideas import actions, queries
from interact_events.ideas.forms import CloseForm, IdeaForm
from interact_events.ideas.models import Idea
from interact_events.ideas.policies import can_edit_idea, is_staff, takes_in
from interact_events.ideas.rules import demand
from interact_events.ideas.views.export import as_workbook
from interact_events.ideas.views.guard import edited_idea, own_offices, seen_idea

blueprint = Blueprint("idea_care", __name__, url_prefix="/ideas/<slug>")


def _to(idea: Idea) -> Response:
    return redirect(url_for("ideas.show", slug=idea.slug), code=303)


@blueprint.post("/open")
def open_(slug: str) -> Response:
    idea = edited_idea(slug)
    actions.open_idea(idea, actor=current_user, now=clock.now())
    db.session.commit()
    flash("The idea is on the board.", "success")
    return _to(idea)


@blueprint.post("/reopen")
def reopen(slug: str) -> Response:
    idea = edited_idea(slug)
    actions.reopen_idea(idea, actor=current_user, now=clock.now())
    db.session.commit()
    flash("The idea is open again.", "success")
    return _to(idea)


@blueprint.route("/edit", methods=["GET", "POST"])
def edit(slug: str) -> str | Response:
    idea = edited_idea(slug)
    offices = own_offices(current_user)
    form = IdeaForm(offices, idea)
    if form.validate_on_submit():
        try:
            actions.save_idea(idea, form.values(), actor=current_user, now=clock.now())
            db.session.commit()
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash("The idea is saved.", "success")
            return _to(idea)
    return render_template("ideas/edit.html", idea=idea, form=form)


@blueprint.route("/close", methods=["GET", "POST"])
def close(slug: str) -> str | Response:
    idea, form = edited_idea(slug), CloseForm()
    if form.validate_on_submit():
        try:
            told = actions.close_idea(
                idea, form.reason.data or "", actor=current_user, now=clock.now()
            )
            db.session.commit()
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            who = words.count(told, "person is", "people are")
            flash(f"The idea is closed, and {who} told why.", "success")
            return _to(idea)
    people = len(queries.people_behind(idea))
    return render_template("ideas/close.html", idea=idea, form=form, people=people)


@blueprint.get("/merge")
def merge(slug: str) -> str:
    """Choosing the other one, then reading what will happen."""
    idea = edited_idea(slug)
    search = request.args.get("q", "").strip()[:100]
    page = page_of(queries.may_take_in(idea, search), size=10) if search else None
    alike = [] if search else queries.ideas_like(idea.title, current_user, but=idea)
    found = page.rows if page else [each for each in alike if takes_in(each)]
    into = _other(request.args["into"]) if request.args.get("into") else None
    if into and (into is idea or not takes_in(into)):
        into = None  # an address that no link of the page has
    ideas = [idea, *found, *([into] if into else [])]
    return render_template(
        "ideas/merge.html",
        idea=idea,
        q=search,
        page=page,
        found=[each for each in found if can_edit_idea(current_user, each)],
        into=into,
        both=len(queries.who_supports_both(idea, into)) if into else 0,
        numbers=queries.numbers_of_supporters(ideas),
    )


@blueprint.post("/merge")
def merge_now(slug: str) -> Response:
    idea, into = edited_idea(slug), _other(request.form.get("into", ""))
    moved = actions.merge_ideas(idea, into, actor=current_user, now=clock.now())
    db.session.commit()
    new = words.count(moved, "new supporter")
    flash(f"“{idea.title}” is part of this idea now, which brings {new}.", "success")
    return _to(into)


def _other(slug: str) -> Idea:
    """The idea that takes the supporters; staff have to care for that one as well."""
    other = queries.idea_by_slug(slug)
    visible(other)
    assert other  # visible() has answered 404 otherwise
    permitted(can_edit_idea(current_user, other))
    return other


@blueprint.get("/demand.xlsx")
def demand_file(slug: str) -> Response:
    idea = seen_idea(slug)
    permitted(is_staff(current_user))
    supports = queries.supports_of(idea)
    book = as_workbook(demand(queries.wishes_of(supports)), supports)
    answer = Response(
        book, mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer.headers.set("Content-Disposition", "attachment", filename=f"{idea.slug}.xlsx")
    return answer
