"""Certificates for everybody to verify and for their owners to fetch."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import Headers

from interact_events.certificates import queries, rules
from interact_events.certificates.forms import VerifyForm
from interact_events.certificates.policies import can_download_certificate
from interact_events.core import words
from interact_events.core.web.access import public, visible
from interact_events.core.web.limits import GUESSING, limiter

blueprint = Blueprint("certificates", __name__)

NOT_INDEXED = {"X-Robots-Tag": "noindex, nofollow"}


@blueprint.get("/certificates/verify")
@limiter.limit(GUESSING, exempt_when=lambda: "code" not in request.args)
@public
def verify() -> Response:
    """A form that leads to the page of the code."""
    form = VerifyForm(request.args if "code" in request.args else None)
    if "code" in request.args and form.validate():
        address = url_for("certificates.verified", code=rules.normalised(form.code.data or ""))
        return redirect(address)  # type: ignore[return-value]  # werkzeug's own class
    return make_response(render_template("certificates/verify.html", form=form))


@blueprint.get("/certificates/verify/<code>")
@limiter.limit(GUESSING)
@public
def verified(code: str) -> Response:
    """What was printed, for whoever holds the code; nothing that was not printed."""
    known = rules.normalised(code)
    certificate = queries.certificate_by_code(known) if rules.is_well_typed(known) else None
    page = render_template(
        "certificates/verified.html",
        facts=rules.from_json(certificate.facts) if certificate else None,
        sha256=certificate.sha256 if certificate else "",
        code=rules.printed(known) if rules.has_shape(known) else code,
        is_mistyped=not rules.is_well_typed(known),
    )
    return make_response(page, 200 if certificate else 404, NOT_INDEXED)


@blueprint.get("/certificates/<code>.pdf")
def download(code: str) -> Response:
    """The stored file, for its owner and the event's staff."""
    certificate = queries.certificate_by_code(rules.normalised(code))
    visible(certificate and can_download_certificate(current_user, certificate))
    assert certificate  # visible() has answered 404 otherwise
    headers = Headers(NOT_INDEXED)
    facts = rules.from_json(certificate.facts)
    name = f"certificate-{words.slug(facts.event)}-{words.slug(facts.name)}.pdf"
    headers.add("Content-Disposition", "attachment", filename=name)
    pdf = queries.file_of(certificate)
    return Response(pdf, mimetype="application/pdf", headers=headers)


@blueprint.get("/my/certificates")
def mine() -> str:
    owned = queries.certificates_of_user(current_user)
    return render_template(
        "certificates/mine.html",
        certificates=[(row.code, rules.from_json(row.facts)) for row in owned],
        printed=rules.printed,
    )
