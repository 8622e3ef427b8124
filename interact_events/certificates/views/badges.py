"""Certificates as Open Badges, and the public addresses that a badge points at.

Whoever holds a code may fetch the badge, as they may read the certificate: an employer's wallet
has no account here.
"""

import json
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from interact_events.certificates import badges, queries, rules
from interact_events.certificates.models import Certificate
from interact_events.core import clock, jose, links, words
from interact_events.core.errors import DomainError
from interact_events.core.web.access import public, visible
from interact_events.core.web.headers import NOT_INDEXED
from interact_events.core.web.limits import GUESSING, limiter
from interact_events.events.models import Event
from interact_events.interreg.models import Office
from interact_events.interreg.queries import office_by_code

blueprint = Blueprint("badges", __name__)

FROM_ANYWHERE = {"Access-Control-Allow-Origin": "*"}  # validators and wallets run in browsers
JSON_LD = "application/ld+json"
CHANGED = "The network’s signing key has changed and is about to be published. Try again later."
MINUTES, HOURS = "public, max-age=300", "public, max-age=3600"


# -- one person's --------------------------------------------------------------------------------


@blueprint.get("/certificates/badges/<code>.json")
@limiter.limit(GUESSING)
@public
def as_json(code: str) -> Response:
    """For reading; only the other one is signed."""
    certificate, facts = _known(code)
    document = badges.credential(certificate, facts)
    return _machines(document, **NOT_INDEXED, **_attached(facts, "json"))


@blueprint.get("/certificates/badges/<code>.jwt")
@limiter.limit(GUESSING)
@public
def as_jwt(code: str) -> Response:
    certificate, facts = _known(code)
    document = badges.credential(certificate, facts)
    return _signed(document, "text/plain", **NOT_INDEXED, **_attached(facts, "jwt"))


def _known(code: str) -> tuple[Certificate, rules.Facts]:
    known = rules.normalised(code)
    certificate = queries.certificate_by_code(known) if rules.is_well_typed(known) else None
    visible(certificate)
    assert certificate  # visible() has answered 404 otherwise
    return certificate, rules.from_json(certificate.facts)


def _attached(facts: rules.Facts, ending: str) -> dict[str, str]:
    name = f"open-badge-{words.slug(facts.event)}-{words.slug(facts.name)}.{ending}"
    return {"Content-Disposition": f"attachment; filename={name}"}


def _signed(document: badges.Json, mimetype: str, **headers: str) -> Response:
    """Signed by a key that everybody can read; else a sentence, as files are fetched by programs
    too."""
    try:
        token = _jwt(document)
    except DomainError as refusal:
        return Response(refusal.message, 503, {"Retry-After": "600"}, mimetype="text/plain")
    return Response(token, 200, FROM_ANYWHERE | headers, mimetype=mimetype)


def _jwt(document: badges.Json) -> str:
    key = jose.current_key(now=clock.now())
    if not queries.is_published(key.thumbprint):
        raise DomainError(CHANGED)
    return key.sign(badges.claims(document), kid=links.url("badges.key", thumbprint=key.thumbprint))


def _machines(document: badges.Json, mimetype: str = JSON_LD, **headers: str) -> Response:
    """In the order in which it is made, and so that people can read it too."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return Response(f"{text}\n", 200, FROM_ANYWHERE | headers, mimetype=mimetype)


# -- who issues, and what for --------------------------------------------------------------------


@blueprint.get("/certificates/issuers/<code>")
@public
def issuer(code: str) -> Response:
    office = _office(code)
    if _wants_json():
        return _varying(_machines(badges.issuer_profile(office)))
    keys = queries.published_keys()
    return _varying(render_template("certificates/issuer.html", office=office, keys=keys))


@blueprint.get("/certificates/issuers/<code>.json")
@public
def issuer_json(code: str) -> Response:
    return _machines(badges.issuer_profile(_office(code)))


def _office(code: str) -> Office:
    office = office_by_code(code)
    visible(office)
    assert office  # visible() has answered 404 otherwise
    return office


def _wants_json() -> bool:
    wished = request.accept_mimetypes.best_match(["text/html", JSON_LD, "application/json"])
    return wished not in (None, "text/html")


def _varying(answer: Any) -> Response:
    """One address for people and programs: nobody may keep the one for the other."""
    response = make_response(answer)
    response.vary.add("Accept")
    return response


@blueprint.get("/certificates/achievements/<slug>")
@public
def achievement(slug: str) -> Response:
    event = _awarded(slug)
    if _wants_json():
        return _varying(_machines(badges.achievement_of(event)))
    return _varying(
        render_template(
            "certificates/achievement.html",
            event=event,
            criteria=badges.CRITERIA,
        )
    )


@blueprint.get("/certificates/achievements/<slug>.json")
@public
def achievement_json(slug: str) -> Response:
    return _machines(badges.achievement_of(_awarded(slug)))


def _awarded(slug: str) -> Event:
    event = queries.awarded_event(slug)
    visible(event)
    assert event  # visible() has answered 404 otherwise
    return event


# -- whether it holds, and by which key ----------------------------------------------------------


@blueprint.get("/certificates/issuers/<code>/status/<int:number>")
@public
def status(code: str, number: int) -> Response:
    """Which of the office's badges are valid no more: bits alone, no code and no name."""
    office = _office(code)
    ended = queries.ended_among(office, badges.on_list(number))
    visible(ended is not None)
    document = badges.status_list(office.code, number, ended or (), now=clock.now())
    return _signed(document, "application/vc+jwt", **{"Cache-Control": MINUTES})


@blueprint.get("/certificates/keys/<thumbprint>.json")
@public
def key(thumbprint: str) -> Response:
    known = queries.key_by_thumbprint(thumbprint)
    visible(known)
    assert known  # visible() has answered 404 otherwise
    document = known.jwk | {"kid": known.thumbprint}
    return _machines(document, "application/jwk+json", **{"Cache-Control": HOURS})


@blueprint.get("/.well-known/jwks.json")
@public
def keys() -> Response:
    """Every key that ever signed, newest first."""
    known = [each.jwk | {"kid": each.thumbprint} for each in queries.published_keys()]
    return _machines({"keys": known}, "application/jwk-set+json", **{"Cache-Control": HOURS})
