"""What people open: parts of other pages, a page of their own, and each file."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template
from flask_login import current_user

from interact_events.accounts.models import User
from interact_events.core import clock
from interact_events.core.web.access import login_manager, public
from interact_events.core.web.downloads import stored_file
from interact_events.core.web.parts import part
from interact_events.events.models import Event
from interact_events.events.policies import can_view_event
from interact_events.materials import queries
from interact_events.materials.policies import can_open_material, openable

blueprint = Blueprint("materials", __name__)


def _viewer() -> User | None:
    return current_user if current_user.is_authenticated else None


@part("event")
@part("registration")
def on_page(event: Event, now: datetime, **_more: object) -> str:
    """The list on the event's page and on the registrant's own."""
    viewer = _viewer()
    shown = openable(event, queries.materials_of(event), viewer, now)
    if not shown:
        return ""
    is_staff = viewer is not None and can_view_event(viewer, event)
    return render_template(
        "materials/_section.html", event=event, materials=shown, is_staff=is_staff, now=now
    )


@blueprint.get("/my/materials")
def mine() -> str:
    return render_template(
        "materials/mine.html", shared=queries.materials_for(current_user, clock.now())
    )


@blueprint.get("/materials/<code>")
@public
def download(code: str) -> Any:
    """A stranger is asked to sign in whether there is such a material or not."""
    material = queries.material_by_code(code)
    if material is None or not can_open_material(_viewer(), material, clock.now()):
        return abort(404) if _viewer() else login_manager.unauthorized()
    return redirect(material.url) if material.url else stored_file(material)
