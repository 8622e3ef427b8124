"""Badges are signed by one library and verified by others: PyJWT and openbadgeslib."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier, OpenBadgeCredential
from openbadgeslib.ob3.contexts import load_context
from openbadgeslib.ob3.credential import IdentityObject
from openbadgeslib.ob3.status import decode_encoded_list, set_indices
from sqlalchemy import select

from interact_events.certificates import badges, rules
from interact_events.certificates.actions import new_code, publish_key, revoke_certificate
from interact_events.certificates.jobs import publish_signing_key
from interact_events.certificates.models import Certificate, Ending, SigningKey
from interact_events.core import clock, jose, signing
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from tests import make
from tests.certificates.conftest import MakeFacts
from tests.client import Client
from tests.core.test_signing import load, pem

NAME = "Ζωή “Žižka” <b>O'Neil</b>"
TITLE = 'Cost options "in practice" <b>'
ISSUED = datetime(2024, 5, 14, 9, 30, 15, 250, tzinfo=UTC)

Certify = Callable[..., Certificate]


@pytest.fixture
def certify(app: Flask, make_facts: MakeFacts) -> Certify:
    """Rows as they are issued, without laying out a PDF; the key is published."""
    publish_key(now=clock.now())

    def certified(event: Event | None = None, **facts: Any) -> Certificate:
        row = make.registration(event or make.event(TITLE))
        code = new_code()
        certificate = Certificate(
            registration_id=row.id,
            code=code,
            facts=rules.as_json(make_facts(name=NAME, event=TITLE, **facts)),
            sha256="0" * 64,
            holder_hash=rules.holder_hash(row.user.email, code),
            issued_at=ISSUED,
            issued_by_id=row.user_id,
        )
        db.session.add(certificate)
        db.session.commit()
        return certificate

    return certified


def document(certificate: Certificate) -> dict[str, Any]:
    return badges.credential(certificate, rules.from_json(certificate.facts))


def token_of(client: Client, certificate: Certificate) -> str:
    answer = client.get(f"/certificates/badges/{certificate.code}.jwt")
    assert answer.status_code == 200
    return answer.text


def published_pem(client: Client, token: str) -> bytes:
    """The key that the token's header names, from its public address."""
    address = urlsplit(jwt.get_unverified_header(token)["kid"])
    answer = client.get(address.path)
    assert (answer.status_code, "d" in answer.json) == (200, False)  # type: ignore[operator]
    held = jwt.PyJWK(answer.json).key  # type: ignore[arg-type]
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return bytes(held.public_bytes(serialization.Encoding.PEM, spki))


def fetched_from(client: Client) -> Callable[[str], bytes]:
    return lambda address: client.get(urlsplit(address).path).data


# -- what a badge says ---------------------------------------------------------------------------


def test_a_badge_has_what_open_badges_ask_for(certify: Certify) -> None:
    certificate = certify()
    told = document(certificate)
    event = certificate.registration.event
    assert told["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert told["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert told["id"] == f"http://localhost/certificates/verify/{certificate.code}"
    assert told["validFrom"] == "2024-05-14T09:30:15Z"
    assert told["issuer"] == {
        "id": "http://localhost/certificates/issuers/turku",
        "type": ["Profile"],
        "name": "Interact Office Turku",
    }
    subject = told["credentialSubject"]
    achievement = subject["achievement"]
    assert (subject["type"], achievement["type"]) == (["AchievementSubject"], ["Achievement"])
    assert achievement["id"] == f"http://localhost/certificates/achievements/{event.slug}"
    assert (achievement["name"], achievement["criteria"]) == (
        TITLE,
        {"narrative": badges.CRITERIA},
    )
    assert achievement["description"] == (
        "Workshop, 12–13 May 2027, Turku, Finland; 2.5 h of learning time"
    )
    assert [each["value"] for each in subject["result"]] == ["135"]
    assert len(told["evidence"]) == 3


def test_every_word_of_it_is_one_that_its_contexts_define(certify: Certify) -> None:
    certificate = certify()
    told = document(certificate)
    event = certificate.registration.event
    known = {"@context"}.union(*(words_in(load_context(each)) for each in told["@context"]))
    for each in (told, badges.issuer_profile(event.office), badges.achievement_of(event)):
        assert set(words_in(each)) - known == set()
    status_list = badges.status_list("turku", 0, (), now=clock.now())
    assert set(words_in(status_list)) - known == set()


def words_in(value: Any) -> Iterator[str]:
    for held in value if isinstance(value, list) else []:
        yield from words_in(held)
    for name, held in value.items() if isinstance(value, dict) else []:
        yield name
        yield from words_in(held)


def test_who_knows_the_address_recognises_it_and_nobody_reads_it(certify: Certify) -> None:
    certificate = certify()
    email = certificate.registration.user.email
    told = document(certificate)
    address, name = told["credentialSubject"]["identifier"]
    assert address == IdentityObject.create(email, salt=address["salt"]).to_dict()
    assert address["hashed"] is True
    assert (name["identityType"], name["identityHash"]) == ("name", NAME)
    assert email not in json.dumps(told)


def test_it_stays_the_same_whatever_changes(client: Client, certify: Certify) -> None:
    certificate = certify()
    address = f"/certificates/badges/{certificate.code}.json"
    before = client.get(address).data
    row = certificate.registration
    row.event.title, row.user.email, row.user.name = "Other", "new@example.org", "Else"
    row.event.office.name = "Renamed"
    db.session.commit()
    assert client.get(address).data == before


def test_linkedin_gets_what_its_form_asks_for(certify: Certify) -> None:
    certificate = certify()
    link = urlsplit(badges.linkedin_url(certificate, rules.from_json(certificate.facts)))
    assert (link.scheme, link.netloc, link.path) == ("https", "www.linkedin.com", "/profile/add")
    assert parse_qs(link.query) == {
        "startTask": ["CERTIFICATION_NAME"],
        "name": [TITLE],
        "organizationName": ["Interact Office Turku"],
        "issueYear": ["2027"],
        "issueMonth": ["5"],
        "certUrl": [f"http://localhost/certificates/verify/{certificate.code}"],
        "certId": [rules.printed(certificate.code)],
    }


# -- the signed file -----------------------------------------------------------------------------


def test_others_verify_it_by_the_published_key(client: Client, certify: Certify) -> None:
    certificate = certify()
    token = token_of(client, certificate)
    header = jwt.get_unverified_header(token)
    assert set(header) == {"alg", "typ", "kid", "jwk"}
    assert (header["alg"], header["typ"]) == ("ES256", "JWT")
    assert "d" not in header["jwk"]
    key = published_pem(client, token)
    told = jwt.decode(token, key, algorithms=["ES256"])
    plain = document(certificate)
    assert told == plain | {
        "iss": plain["issuer"]["id"],
        "jti": plain["id"],
        "sub": plain["credentialSubject"]["id"],
        "nbf": int(ISSUED.timestamp()),
    }


def test_openbadgeslib_takes_it(client: Client, certify: Certify) -> None:
    certificate = certify()
    token = token_of(client, certificate)
    verifier = OB3Verifier(published_pem(client, token))
    found = verifier.verify(token, check_status=True, download=fetched_from(client))
    assert isinstance(found, OpenBadgeCredential)
    assert (found.achievement.name, found.issuer.name) == (TITLE, "Interact Office Turku")
    for part in range(3):
        with pytest.raises(OB3VerificationError):
            verifier.verify(changed(token, part))


def changed(token: str, part: int) -> str:
    """One bit of the header, of the content or of the signature is another one."""
    parts = token.split(".")
    held = bytearray(urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4)))
    held[len(held) // 2] ^= 1
    parts[part] = urlsafe_b64encode(bytes(held)).decode().rstrip("=")
    return ".".join(parts)


@pytest.mark.parametrize("ending", list(Ending))
def test_an_ended_one_is_on_the_list_and_no_other(
    client: Client, certify: Certify, ending: Ending
) -> None:
    event = make.event(TITLE)
    certificate, neighbour = certify(event), certify(event)
    tokens = [token_of(client, each) for each in (certificate, neighbour)]
    verifier = OB3Verifier(published_pem(client, tokens[0]))
    certificate.ending, certificate.ended_at = ending, clock.now()
    with pytest.raises(OB3VerificationError, match="revocation"):
        verifier.verify(tokens[0], check_status=True, download=fetched_from(client))
    verifier.verify(tokens[1], check_status=True, download=fetched_from(client))
    status = document(certificate)["credentialStatus"]
    answer = client.get(urlsplit(status["statusListCredential"]).path)
    assert answer.mimetype == "application/vc+jwt"
    told = json.dumps(jwt.decode(answer.text, options={"verify_signature": False}))
    assert [each for each in (certificate, neighbour) if each.code in told] == []
    assert int(status["statusListIndex"]) < badges.PER_LIST


@given(st.sets(st.integers(0, badges.PER_LIST - 1), max_size=50), st.integers(0, 9))
def test_each_bit_stands_for_one_certificate(places: set[int], number: int) -> None:
    numbers = badges.on_list(number)
    bits = decode_encoded_list(badges.encoded(numbers[each] for each in places))
    assert (set(set_indices(bits)), len(bits) * 8) == (places, badges.BITS)


def test_a_list_of_nothing_is_not_found(client: Client, certify: Certify) -> None:
    certify()
    for address in ("vienna/status/0", "turku/status/2147483647", "nowhere/status/0", "nowhere"):
        assert client.get(f"/certificates/issuers/{address}").status_code == 404


# -- keys ----------------------------------------------------------------------------------------


def test_what_a_former_key_signed_stays_verifiable(
    app: Flask, client: Client, certify: Certify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certify()
    old = token_of(client, certificate)
    new_seal = load(tmp_path, pem("New office"))
    monkeypatch.setitem(app.extensions, "seal", lambda: new_seal)
    unpublished = client.get(f"/certificates/badges/{certificate.code}.jwt")
    assert (unpublished.status_code, "signing key has changed" in unpublished.text) == (503, True)
    publish_signing_key()
    publish_signing_key()  # a second time it is known
    new = token_of(client, certificate)
    for token in (old, new):
        key = published_pem(client, token)
        jwt.decode(token, key, algorithms=["ES256"])
    known = client.get("/.well-known/jwks.json").json["keys"]  # type: ignore[index]
    kids = [jwt.get_unverified_header(token)["kid"] for token in (new, old)]
    assert [f"http://localhost/certificates/keys/{each['kid']}.json" for each in known] == kids
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "published")).all()
    assert [row.subject_type for row in noted] == ["signing_keys"] * 2


def test_without_a_key_that_can_sign_there_is_a_sentence(
    app: Flask, client: Client, certify: Certify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/certificates/badges/{certify().code}.jwt"
    expired = load(tmp_path, pem("Old office", days=-1))
    monkeypatch.setitem(app.extensions, "seal", lambda: expired)
    publish_signing_key()
    answer = client.get(address)
    assert (answer.status_code, "“Old office” expired on" in answer.text) == (503, True)

    def broken() -> signing.Seal:
        raise PermissionError("signing.pem")

    monkeypatch.setitem(app.extensions, "seal", broken)
    assert "can’t be read" in client.get(address).text
    assert len(db.session.scalars(select(SigningKey)).all()) == 1


def as_der(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_an_rsa_key_signs_too() -> None:
    key = jose.key_of(as_der(rsa.generate_private_key(65537, 2048)))
    token = key.sign({"name": NAME}, kid="https://events.example.eu/key")
    told = jwt.decode(token, jwt.PyJWK(key.jwk).key, algorithms=["RS256"])
    assert (told, key.algorithm) == ({"name": NAME}, "RS256")
    assert set(key.jwk) == {"kty", "n", "e", "alg", "use"}


def test_a_key_that_no_validator_knows_is_refused() -> None:
    with pytest.raises(DomainError, match="P-256 or an RSA key"):
        jose.key_of(as_der(ec.generate_private_key(ec.SECP384R1())))


# -- pages ---------------------------------------------------------------------------------------


def test_whoever_has_the_code_fetches_it_and_robots_pass_by(
    client: Client, certify: Certify
) -> None:
    code = certify().code
    for ending, mimetype in (("json", "application/ld+json"), ("jwt", "text/plain")):
        answer = client.get(f"/certificates/badges/{code.lower()}.{ending}")
        assert (answer.status_code, answer.mimetype) == (200, mimetype)
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        name = f"open-badge-cost-options-in-practice-b-zoi-zizka-b-o-neil-b.{ending}"
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert client.get(f"/certificates/badges/{new_code()}.{ending}").status_code == 404
    codes = [client.get(f"/certificates/badges/{new_code()}.jwt").status_code for _ in range(9)]
    assert codes == [404] * 8 + [429]


def test_issuer_and_achievement_are_pages_and_data(client: Client, certify: Certify) -> None:
    event = certify().registration.event
    for path, title in (
        ("/certificates/issuers/turku", "Interact Office Turku"),
        (f"/certificates/achievements/{event.slug}", TITLE),
    ):
        page = client.get(path)
        assert (page.mimetype, page.headers["Vary"]) == ("text/html", "Accept, Cookie")
        assert "<b></h1>" not in page.text
        asked = client.get(path, headers={"Accept": "application/ld+json"})
        assert asked.json == client.get(f"{path}.json").json
        assert asked.json
        assert (asked.json["id"], asked.json["name"]) == (f"http://localhost{path}", title)
    unknown = make.event("Never certified")
    assert client.get(f"/certificates/achievements/{unknown.slug}").status_code == 404
    assert client.get("/certificates/keys/unknown.json").status_code == 404


def test_its_owner_finds_the_ways_to_show_it(client: Client, certify: Certify) -> None:
    certificate = certify()
    client.sign_in(certificate.registration.user)
    page = client.get("/my/certificates").text
    assert 'rel="noopener">Add to LinkedIn</a>' in page
    for ending in ("jwt", "json"):
        assert f'href="/certificates/badges/{certificate.code}.{ending}"' in page
    revoke_certificate(certificate, reason="x", actor=make.member(), now=clock.now())
    assert "Add to LinkedIn" not in client.get("/my/certificates").text
    client.sign_in(make.user())
    assert certificate.code not in client.get("/my/certificates").text


def test_the_page_that_verifies_leads_to_the_badge(client: Client, certify: Certify) -> None:
    certificate = certify()
    address = f"/certificates/verify/{certificate.code}"
    page = client.get(address).text
    for link in (
        f"/certificates/badges/{certificate.code}.jwt",
        "/certificates/issuers/turku",
        f"/certificates/achievements/{certificate.registration.event.slug}",
    ):
        assert f'href="{link}"' in page
    revoke_certificate(certificate, reason="x", actor=make.member(), now=clock.now())
    assert "is marked as revoked, for it was revoked" in client.get(address).text
