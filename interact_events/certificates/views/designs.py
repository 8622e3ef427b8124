"""Where the secretariat and the leads of offices say how certificates look."""

from base64 import b64encode

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.policies import can_lead_office
from interact_events.accounts.views.guard import staff_office
from interact_events.certificates import actions
from interact_events.certificates.forms import MOST_PICTURE_MB, DesignForm, design_form
from interact_events.certificates.pdf import VARIABLES
from interact_events.certificates.queries.designs import Standing, standing
from interact_events.certificates.rules.designs import Picture
from interact_events.certificates.rules.languages import USUAL, languages
from interact_events.core import clock
from interact_events.core.db import db, reading
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.headers import WITH_OWN_FRAME
from interact_events.core.web.uploads import receive, takes_files
from interact_events.interreg.models import Office
from interact_events.interreg.policies import can_administer

of_network = Blueprint("network_design", __name__, url_prefix="/admin/certificate-design")
of_offices = Blueprint("office_design", __name__, url_prefix="/offices/<code>/certificate-design")
of_offices.add_app_template_global(can_lead_office)

ZONE = "Europe/Bratislava"
SAVED = "The design is saved. Certificates that are issued from now on have it."


def _office(code: str) -> Office | None:
    """None is the network."""
    if code:
        return staff_office(code, can_lead_office)
    visible(can_administer(current_user))
    return None


@of_network.route("", methods=["GET", "POST"])
@of_offices.route("", methods=["GET", "POST"])
@takes_files
def edit(code: str = "") -> Response:
    """The editor; its preview lays out what is typed and saves nothing."""
    office = _office(code)
    if request.method == "POST":
        try:
            receive(2 * MOST_PICTURE_MB)
        except DomainError as refusal:
            form = design_form(standing(_office(code)))
            form.refuse(refusal)
            return _page(standing(office), form)
        office = _office(code)  # a role may have ended while the files came
    known = standing(office)
    form = design_form(known)
    if form.validate_on_submit():
        try:
            return _preview(office, form) if "preview" in request.form else _saved(office, form)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
            known = standing(_office(code))
    return _page(known, form)


def _saved(office: Office | None, form: DesignForm) -> Response:
    actions.change_design(office, form.values, actor=current_user, now=clock.now())
    db.session.commit()
    flash(SAVED, "success")
    return redirect(_address(office), code=303)


def _preview(office: Office | None, form: DesignForm) -> Response:
    zone = office.zone if office else ZONE
    today = clock.to_local(clock.now(), zone).date()
    db.session.commit()
    with reading():  # on SQLite others can write meanwhile
        pdf = actions.preview_design(office, form.values, form.language.data or USUAL, today=today)
        db.session.commit()
    headers = {"Content-Disposition": "inline; filename=preview.pdf"}
    return Response(pdf, mimetype="application/pdf", headers=headers)


@of_network.post("/drop")
@of_offices.post("/drop")
def drop(code: str = "") -> Response:
    office = _office(code)
    actions.drop_design(office, actor=current_user, now=clock.now())
    db.session.commit()
    flash("Certificates look like the network’s again." if office else "The design is dropped.")
    return redirect(_address(office), code=303)


def _address(office: Office | None) -> str:
    if office is None:
        return url_for("network_design.edit")
    return url_for("office_design.edit", code=office.code)


def _page(known: Standing, form: DesignForm) -> Response:
    office = known.office
    page = render_template(
        "certificates/designs/edit.html",
        base="events/office/office_base.html" if office else "base.html",
        office=office,
        known=known,
        zone=office.zone if office else ZONE,
        form=form,
        languages=languages(),
        variables=VARIABLES,
        address=_address(office),
        drop_address=url_for(f"{request.blueprint}.drop", **(request.view_args or {})),
        pictures={
            "logo": _source(form.new.get("logo") or known.own.logo),
            "signature": _source(form.new.get("signature") or known.own.signature),
        },
        inherits={"logo": known.inherited.logo, "signature": known.inherited.signature},
        most_mb=MOST_PICTURE_MB,
    )
    return make_response(page, WITH_OWN_FRAME)


def _source(picture: Picture | None) -> str:
    """The picture within the page: it is small, and so needs no address of its own."""
    if picture is None:
        return ""
    kind = "jpeg" if picture.kind == "jpg" else "png"
    return f"data:image/{kind};base64,{b64encode(picture.content).decode()}"
