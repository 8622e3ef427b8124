"""The checklist of an event."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.checklists import actions, queries
from interact_events.checklists.forms import ItemForm
from interact_events.checklists.models import ChecklistItem
from interact_events.checklists.policies import distance_in_words
from interact_events.checklists.rules import usual_tasks
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event

blueprint = Blueprint("checklist", __name__, url_prefix="/offices/<code>/events/<slug>/checklist")


@blueprint.route("", methods=["GET", "POST"])
def index(code: str, slug: str) -> str | Response:
    """The list; what is sent here is one more task."""
    if request.method == "GET":
        event = staff_event(code, slug)
        form = ItemForm(event, formdata=None) if can_edit_event(current_user, event) else None
        return _list(event, form)
    event = staff_event(code, slug, can_edit_event)
    form = ItemForm(event)
    if form.validate():
        try:
            item = actions.add_item(event, form.values, actor=current_user, now=clock.now())
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            return _back(event, f"“{item.text}” is on the list.")
    return _list(event, form)


def _list(event: Event, form: ItemForm | None) -> str:
    items = queries.checklist_of(event)
    usual = usual_tasks(has_place=event.mode.has_place, has_link=event.mode.has_link)
    return render_template(
        "checklists/checklist/index.html",
        event=event,
        items=items,
        done=sum(item.is_done for item in items),
        urgencies=queries.urgencies(items, clock.now()),
        distance=distance_in_words,
        usual=usual,
        workers={person.id for person in queries.possible_owners(event)},
        form=form,
    )


@blueprint.route("/<int:item_id>", methods=["GET", "POST"])
def edit(code: str, slug: str, item_id: int) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    item = _item(event, item_id)
    form = ItemForm(event, item)
    if form.validate_on_submit():
        try:
            actions.change_item(item, form.values, actor=current_user, now=clock.now())
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            return _back(event, f"“{item.text}” is saved.")
    return render_template("checklists/checklist/edit.html", event=event, item=item, form=form)


@blueprint.post("/<int:item_id>/tick")
def tick(code: str, slug: str, item_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    item = _item(event, item_id)
    is_done = request.form.get("done") == "yes"
    actions.tick(item, is_done=is_done, actor=current_user, now=clock.now())
    db.session.commit()
    return _back(event, f"“{item.text}” is {'done' if is_done else 'to be done again'}.")


@blueprint.post("/<int:item_id>/remove")
def remove(code: str, slug: str, item_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    item = _item(event, item_id)
    actions.remove_item(item, actor=current_user, now=clock.now())
    said = f"“{item.text}” is off the list."
    db.session.commit()
    return _back(event, said)


@blueprint.post("/usual")
def usual(code: str, slug: str) -> Response:
    event = staff_event(code, slug, can_edit_event)
    number = actions.use_usual_tasks(event, actor=current_user, now=clock.now())
    db.session.commit()
    return _back(event, f"{words.count(number, 'task')} added. Say who does what.")


def _item(event: Event, number: int) -> ChecklistItem:
    item = queries.item_of(event, number)
    visible(item)
    assert item  # visible() has answered 404 otherwise
    return item


def _back(event: Event, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for(".index", code=event.office.code, slug=event.slug), code=303)
