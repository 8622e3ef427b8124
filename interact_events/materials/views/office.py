"""The office shares files and links, and tells people of them."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, files, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import settings, visible
from interact_events.core.web.uploads import receive, takes_files
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.materials import actions, queries
from interact_events.materials.actions import FOLDER, NewFile
from interact_events.materials.forms import (
    MOST_FILES,
    FilesForm,
    LinkForm,
    MaterialForm,
    SharingForm,
    Upload,
)
from interact_events.materials.models import Material
from interact_events.materials.policies import check_tellable

blueprint = Blueprint(
    "office_materials", __name__, url_prefix="/offices/<code>/events/<slug>/materials"
)


@blueprint.get("")
def index(code: str, slug: str) -> str:
    event, now = staff_event(code, slug), clock.now()
    materials = queries.materials_of(event)
    obstacle = _obstacle(event)
    people = [] if obstacle else queries.untold(event, materials, now)
    return render_template(
        "materials/office/index.html",
        event=event,
        materials=materials,
        told=Counter(material_id for material_id, _ in queries.told_of(event)),
        obstacle=obstacle,
        people=people,
        new={row.id for each in people for row in each.materials},
        now=now,
    )


def _obstacle(event: Event) -> str:
    """Why nobody can be told now, in words; empty if they can."""
    try:
        check_tellable(event)
    except DomainError as refusal:
        return refusal.message
    return ""


@blueprint.route("/add", methods=["GET", "POST"])
@takes_files
def add(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    if request.method == "POST":
        receive(MOST_FILES * settings().max_file_mb)
    form = FilesForm(event, settings().max_file_mb)
    if form.validate_on_submit() and _saved(form, lambda now: _add_files(event, form, now)):
        number = len(form.uploads)
        flash(
            f"{words.capitalised(words.count(number, 'file'))} added. Nobody is told yet.",
            "success",
        )
        return _index(event)
    return render_template("materials/office/add.html", event=event, form=form)


def _add_files(event: Event, form: FilesForm, now: datetime) -> None:
    with _keeping(form.uploads) as stored:
        new = [
            NewFile(each, upload.name, form.title.data or "")
            for each, upload in zip(stored, form.uploads, strict=True)
        ]
        actions.add_files(event, new, form.sharing, actor=current_user, now=now)
        db.session.commit()


def _keeping(uploads: Sequence[Upload]) -> AbstractContextManager[list[files.Stored]]:
    """Nobody waits for a transaction of ours while the storage takes its time."""
    db.session.rollback()
    return files.keeping(FOLDER, [each.content for each in uploads])


@blueprint.route("/add-link", methods=["GET", "POST"])
def add_link(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    form = LinkForm(event)
    if form.validate_on_submit() and _saved(form, lambda now: _add_link(event, form, now)):
        flash("The link is added. Nobody is told yet.", "success")
        return _index(event)
    return render_template("materials/office/add_link.html", event=event, form=form)


def _add_link(event: Event, form: LinkForm, now: datetime) -> None:
    title, url = form.title.data or "", form.url.data or ""
    actions.add_link(event, title, url, form.sharing, actor=current_user, now=now)
    db.session.commit()


@blueprint.route("/<int:material_id>", methods=["GET", "POST"])
@takes_files
def edit(code: str, slug: str, material_id: int) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    material = _material(event, material_id)
    if request.method == "POST":
        receive(settings().max_file_mb)
        material = _material(event, material_id)  # a colleague may have deleted it meanwhile
    form = _form_of(event, material)
    if form.validate_on_submit() and _saved(form, lambda now: _change(material, form, now)):
        flash(f"“{material.title}” is saved.", "success")
        return _index(event)
    return render_template("materials/office/edit.html", event=event, form=form, material=material)


def _form_of(event: Event, material: Material) -> LinkForm | MaterialForm:
    form = (
        LinkForm(event, material)
        if material.url
        else MaterialForm(event, material, settings().max_file_mb)
    )
    if not form.is_submitted():
        form.fill(material)
        form.title.data = material.title
        if isinstance(form, LinkForm):
            form.url.data = material.url
    return form


def _change(material: Material, form: LinkForm | MaterialForm, now: datetime) -> None:
    uploads = form.uploads if isinstance(form, MaterialForm) else []
    url = (form.url.data or "") if isinstance(form, LinkForm) else ""
    with _keeping(uploads) as stored:
        actions.change_material(
            material, form.title.data or "", form.sharing, url=url, actor=current_user, now=now
        )
        for each, upload in zip(stored, uploads, strict=True):
            new = NewFile(each, upload.name)
            actions.replace_file(material, new, actor=current_user, now=now)
        db.session.commit()


@blueprint.post("/<int:material_id>/move")
def move(code: str, slug: str, material_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    up = request.form.get("to") == "up"
    actions.move_material(_material(event, material_id), up=up, actor=current_user, now=clock.now())
    db.session.commit()
    return _index(event, f"material-{material_id}")


@blueprint.post("/<int:material_id>/delete")
def delete(code: str, slug: str, material_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    material = _material(event, material_id)
    title = material.title
    actions.delete_material(material, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"“{title}” is deleted.", "success")
    return _index(event)


@blueprint.post("/tell")
def tell(code: str, slug: str) -> Response:
    event = staff_event(code, slug, can_edit_event)
    told = actions.tell(event, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"{words.count(len(told), 'person gets', 'people get')} a mail.", "success")
    return _index(event)


# -- pieces --------------------------------------------------------------------------------------


def _material(event: Event, material_id: int) -> Material:
    material = queries.material_of(event, material_id)
    visible(material)
    assert material  # visible() has answered 404 otherwise
    return material


def _saved(form: SharingForm, act: Callable[[datetime], None]) -> bool:
    """Whether `act`, which commits, was done; else its refusal is beside its field."""
    try:
        act(clock.now())
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return False
    return True


def _index(event: Event, anchor: str | None = None) -> Response:
    address = url_for(".index", code=event.office.code, slug=event.slug, _anchor=anchor)
    return redirect(address, code=303)
