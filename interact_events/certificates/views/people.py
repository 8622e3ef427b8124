"""One person's certificate at an event: exceptions before it is issued, corrections afterwards."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user

from interact_events.attendance.actions import close_attendance
from interact_events.attendance.queries import registration_of
from interact_events.certificates import actions, policies, queries, rules
from interact_events.certificates.forms import ExceptionForm, ReplaceForm, RevokeForm
from interact_events.certificates.models import Certificate, Ending
from interact_events.core import clock
from interact_events.core.db import db, reading
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.forms import Form
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event, can_lead_event
from interact_events.events.views.guard import staff_event
from interact_events.registrations.models import Registration

blueprint = Blueprint(
    "certificate_people",
    __name__,
    url_prefix="/offices/<code>/events/<slug>/certificates/people/<int:registration_id>",
)


@blueprint.get("")
def show(code: str, slug: str, registration_id: int) -> str:
    event = staff_event(code, slug)
    person = _person(event, registration_id)
    issued = queries.certificates_for(person)
    return render_template(
        "certificates/office/person.html",
        event=event,
        person=person,
        standing=queries.standing_of(person),
        issued=[(row, rules.from_json(row.facts)) for row in issued],
        valid=next((row for row in issued if row.is_valid), None),
        is_revoked=bool(issued) and issued[0].ending is Ending.REVOKED,
        printed=rules.printed,
        why_in_words=policies.why_in_words,
        may_edit=can_edit_event(current_user, event),
        may_lead=can_lead_event(current_user, event),
    )


def _person(event: Event, registration_id: int) -> Registration:
    person = registration_of(event, registration_id)
    visible(person)
    assert person  # visible() has answered 404 otherwise
    return person


@blueprint.get("/preview.pdf")
def preview(code: str, slug: str, registration_id: int) -> Response:
    """How it would look if it were issued now."""
    person = _person(staff_event(code, slug, can_lead_event), registration_id)
    visible(queries.attended_minutes_of(person))
    pdf = actions.preview_certificate(person.id, now=clock.now())
    headers = {"Content-Disposition": "inline; filename=preview.pdf"}
    return Response(pdf, mimetype="application/pdf", headers=headers)


@blueprint.route("/exception", methods=["GET", "POST"])
def except_(code: str, slug: str, registration_id: int) -> str | Response:
    event = staff_event(code, slug, can_lead_event)
    person = _person(event, registration_id)
    known = queries.standing_of(person).exception
    values = {"gives": "give" if known.gives else "none", "reason": known.reason} if known else {}
    form = ExceptionForm(data=values)

    def decide() -> None:
        actions.except_person(
            person,
            gives=form.gives.data == "give",
            reason=form.reason.data or "",
            actor=current_user,
            now=clock.now(),
        )

    return _answer(
        form, event, person, decide, "The exception is noted.", "certificates/office/exception.html"
    )


@blueprint.post("/exception/take-back")
def take_exception_back(code: str, slug: str, registration_id: int) -> Response:
    event = staff_event(code, slug, can_lead_event)
    person = _person(event, registration_id)
    actions.take_exception_back(person, actor=current_user, now=clock.now())
    db.session.commit()
    flash("The share of learning time decides again.", "success")
    return _back(event, person)


@blueprint.route("/replace", methods=["GET", "POST"])
def replace(code: str, slug: str, registration_id: int) -> str | Response:
    """The new one is laid out before anything is locked; of two tabs the later one is refused."""
    event = staff_event(code, slug, can_lead_event)
    person = _person(event, registration_id)
    certificate = _valid(person)
    form = ReplaceForm(data=_as_issued(certificate))

    def put_right() -> None:
        form.check_shows(certificate.code)
        now = clock.now()
        draft = _while_reading(
            lambda: actions.draft_replacement(certificate, form.corrected, now=now)
        )
        if form.corrected.is_attendance_anew:
            close_attendance(event, actor=current_user, now=now)
        actions.replace_certificate(
            certificate, draft, reason=form.reason.data or "", actor=current_user, now=now
        )

    return _answer(
        form,
        event,
        person,
        put_right,
        "The corrected certificate is issued.",
        "certificates/office/replace.html",
        code=rules.printed(certificate.code),
    )


def _as_issued(certificate: Certificate) -> dict[str, str]:
    facts = rules.from_json(certificate.facts)
    said = {"name": facts.name, "role": facts.role, "institution": facts.institution}
    return {"certificate": certificate.code, **said}


@blueprint.route("/revoke", methods=["GET", "POST"])
def revoke(code: str, slug: str, registration_id: int) -> str | Response:
    event = staff_event(code, slug, can_lead_event)
    person = _person(event, registration_id)
    certificate = _valid(person)
    form = RevokeForm(data={"certificate": certificate.code})

    def end() -> None:
        form.check_shows(certificate.code)
        actions.revoke_certificate(
            certificate, reason=form.reason.data or "", actor=current_user, now=clock.now()
        )

    return _answer(
        form,
        event,
        person,
        end,
        "The certificate is revoked.",
        "certificates/office/revoke.html",
        code=rules.printed(certificate.code),
    )


@blueprint.route("/anew", methods=["GET", "POST"])
def anew(code: str, slug: str, registration_id: int) -> str | Response:
    """For who has a revoked one; laid out before anything is locked, as a replacement is."""
    event = staff_event(code, slug, can_lead_event)
    person = _person(event, registration_id)
    last, form = queries.certificate_for(person), Form()
    visible(last and last.ending is Ending.REVOKED)

    def issue() -> None:
        now = clock.now()
        draft = _while_reading(lambda: actions.draft_anew(registration_id, now=now))
        close_attendance(event, actor=current_user, now=now)
        actions.issue_anew(draft, actor=current_user, now=now)

    done = "Another certificate is issued; the revoked one stays revoked."
    return _answer(
        form, event, person, issue, done, "certificates/office/anew.html", **_known(person)
    )


def _while_reading(lay_out: Callable[[], actions.Draft]) -> actions.Draft:
    """So that on SQLite others can write meanwhile; whoever stores it checks everything anew."""
    db.session.commit()
    with reading():
        draft = lay_out()
        db.session.commit()
    return draft


def _known(person: Registration) -> dict[str, Any]:
    """What would be certified now, or why nothing can be."""
    try:
        return {"facts": actions.facts_anew(person, now=clock.now()), "obstacle": ""}
    except DomainError as refusal:
        return {"facts": None, "obstacle": refusal.message}


def _valid(person: Registration) -> Certificate:
    """Who presses in a tab that is older than the end of the certificate reads that."""
    certificate = queries.valid_certificate_for(person)
    if certificate is None and request.method == "POST" and queries.certificate_for(person):
        flash("Nothing was changed: there is no valid certificate any more.", "danger")
        abort(_back(person.event, person))
    visible(certificate)
    assert certificate  # visible() has answered 404 otherwise
    return certificate


def _answer(
    form: Form,
    event: Event,
    person: Registration,
    act: Callable[[], Any],
    done: str,
    page: str,
    **shown: Any,
) -> str | Response:
    """Act and lead back, or show the form with what is wrong."""
    if form.validate_on_submit():
        try:
            act()
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(done, "success")
            return _back(event, person)
    return render_template(page, event=event, person=person, form=form, **shown)


def _back(event: Event, person: Registration) -> Response:
    address = url_for(".show", code=event.office.code, slug=event.slug, registration_id=person.id)
    return redirect(address, code=303)  # type: ignore[return-value]  # werkzeug's own class
