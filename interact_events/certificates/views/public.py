"""Certificates for everybody to verify and for their owners to fetch."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import Headers

from interact_events.certificates import badges, queries, rules
from interact_events.certificates.forms import MOST_MB, FileForm, VerifyForm
from interact_events.certificates.models import Certificate
from interact_events.certificates.policies import can_download_certificate
from interact_events.certificates.views.record import record_as_json, record_shown
from interact_events.core import words
from interact_events.core.errors import DomainError
from interact_events.core.web.access import public, visible
from interact_events.core.web.headers import NOT_INDEXED
from interact_events.core.web.limits import GUESSING, limiter
from interact_events.core.web.uploads import receive, takes_files

blueprint = Blueprint("certificates", __name__)


@blueprint.get("/certificates/verify")
@limiter.limit(GUESSING, exempt_when=lambda: "code" not in request.args)
@public
def verify() -> Response:
    """A form that leads to the page of the code."""
    form = VerifyForm(request.args if "code" in request.args else None)
    if "code" in request.args and form.validate():
        address = url_for("certificates.verified", code=rules.normalised(form.code.data or ""))
        return redirect(address)  # type: ignore[return-value]  # werkzeug's own class
    return make_response(_page(form, FileForm(formdata=None)))


def _page(form: VerifyForm, file_form: FileForm) -> str:
    return render_template("certificates/verify.html", form=form, file_form=file_form)


@blueprint.post("/certificates/verify")
@limiter.limit(GUESSING)
@public
@takes_files
def verify_file() -> Response:
    """Whether a file is a certificate or record as it was issued; the file is not kept."""
    try:
        receive(MOST_MB)
    except DomainError as refusal:
        form = FileForm(formdata=None)
        form.refuse(DomainError(refusal.message, "pdf"))
        return make_response(_page(VerifyForm(None), form), 413)
    form = FileForm()
    if not form.validate_on_submit():
        return make_response(_page(VerifyForm(None), form))
    content = form.pdf.data.stream.read()
    if known := queries.checked_record(content):
        return record_shown(known.record, is_file=True, is_altered=known.is_altered)
    found = queries.checked(content)
    if found.certificate is None:
        is_collection = rules.is_collection(content)
        return _shown(None, "", is_file=True, is_collection=is_collection)
    return _shown(
        found.certificate, found.certificate.code, is_file=True, is_altered=found.is_altered
    )


@blueprint.get("/certificates/verify/<code>")
@limiter.limit(GUESSING)
@public
def verified(code: str) -> Response:
    """What was printed, for whoever holds the code; nothing that was not printed."""
    known = rules.normalised(code)
    certificate = queries.certificate_by_code(known) if rules.is_well_typed(known) else None
    if certificate is None and (record := queries.record_by_code(known)):
        return record_shown(record)
    return _shown(certificate, known if rules.has_shape(known) else code)


@blueprint.get("/certificates/verify/<code>.json")
@limiter.limit(GUESSING)
@public
def verified_json(code: str) -> Response:
    """The same for programs."""
    known = rules.normalised(code)
    certificate = queries.certificate_by_code(known) if rules.is_well_typed(known) else None
    if certificate is None and (record := queries.record_by_code(known)):
        return record_as_json(record)
    if certificate is None:
        return make_response({"state": "unknown"}, 404, NOT_INDEXED)
    replacement = queries.replacement_of(certificate)
    told = {
        "kind": "certificate",
        "state": certificate.ending.value if certificate.ending else "valid",
        "ended_at": certificate.ended_at.isoformat() if certificate.ended_at else None,
        "replaced_by": rules.printed(replacement.code) if replacement else None,
        "code": rules.printed(certificate.code),
        "sha256": certificate.sha256,
        "facts": certificate.facts,
    }
    return make_response(told, 200, NOT_INDEXED)


def _shown(
    certificate: Certificate | None,
    code: str,
    *,
    is_file: bool = False,
    is_altered: bool = False,
    is_collection: bool = False,
) -> Response:
    known = rules.normalised(code)
    replacement = queries.replacement_of(certificate) if certificate else None
    page = render_template(
        "certificates/verified.html",
        certificate=certificate,
        zone=certificate.registration.event.zone if certificate else "",
        replaced_by=rules.printed(replacement.code) if replacement else "",
        facts=rules.from_json(certificate.facts) if certificate else None,
        sha256=certificate.sha256 if certificate else "",
        code=rules.printed(known) if rules.has_shape(known) else code,
        is_mistyped=not rules.is_well_typed(known),
        is_file=is_file,
        is_altered=is_altered,
        is_collection=is_collection,
    )
    return make_response(page, 200 if certificate or is_file else 404, NOT_INDEXED)


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
        certificates=[(row, rules.from_json(row.facts)) for row in owned],
        printed=rules.printed,
        linkedin_url=badges.linkedin_url,
    )
