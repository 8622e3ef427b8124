"""A certificate as an Open Badge 3.0, and what such a badge points at: JSON-LD as plain data.

All of it follows from the frozen facts and the code, so a badge is the same whenever it is asked
for. Badges are W3C Verifiable Credentials (data model 2.0).
"""

import gzip
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from interact_events.certificates.models import Certificate
from interact_events.certificates.rules import AttendedSession, Facts, printed
from interact_events.core import words
from interact_events.core.links import url
from interact_events.events.models import Event
from interact_events.interreg.models import Office

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

BITS = 131_072  # no shorter list is allowed, so that a single one hides among many
PER_LIST = BITS // 8  # 1EdTech's own validator reads no place beyond the number of bytes
LIST_HOLDS = timedelta(days=1)  # so that nobody can show an old list for long

CRITERIA = (
    "Attending enough of the event’s learning time. "
    "The office that runs it notes who is present in each session."
)

Json = dict[str, Any]


# -- the badge -----------------------------------------------------------------------------------


def credential(certificate: Certificate, facts: Facts) -> Json:
    """The certificate as an OpenBadgeCredential, without a proof."""
    event = certificate.registration.event
    address = url("certificates.verified", code=certificate.code)
    issuer = _profile(event.office.code, facts.office)
    return {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": facts.event,
        "description": _description(facts),
        "issuer": issuer,
        "validFrom": _instant(certificate.issued_at),
        "credentialSubject": _subject(certificate, facts, f"{address}#holder", issuer),
        "evidence": [_evidence(session) for session in facts.sessions],
        "credentialStatus": _status(certificate, event.office.code),
    }


def _subject(certificate: Certificate, facts: Facts, address: str, issuer: Json) -> Json:
    achievement = _achievement(certificate.registration.event.slug, facts.event, issuer)
    minutes = f"{achievement['id']}#minutes"
    return {
        "id": address,
        "type": ["AchievementSubject"],
        "identifier": _identifiers(certificate, facts),
        "role": facts.role,
        "licenseNumber": printed(certificate.code),
        "activityStartDate": f"{facts.starts_on}T00:00:00Z",
        "activityEndDate": f"{facts.ends_on}T00:00:00Z",
        "achievement": achievement
        | {
            "description": _description(facts),
            "criteria": {"narrative": CRITERIA},
            "resultDescription": [
                {
                    "id": minutes,
                    "type": ["ResultDescription"],
                    "name": "Minutes of learning time attended",
                    "resultType": "RawScore",
                    "valueMax": str(facts.learning_minutes),
                }
            ],
        },
        "result": [
            {
                "type": ["Result"],
                "resultDescription": minutes,
                "value": str(facts.attended_minutes),
            }
        ],
    }


def _identifiers(certificate: Certificate, facts: Facts) -> list[Json]:
    """The name as printed; the address only so that who knows it finds that it is this one."""
    return [
        {
            "type": "IdentityObject",
            "identityType": "emailAddress",
            "hashed": True,
            "identityHash": f"sha256${certificate.holder_hash}",
            "salt": certificate.code,
        },
        {
            "type": "IdentityObject",
            "identityType": "name",
            "hashed": False,
            "identityHash": facts.name,
        },
    ]


def _evidence(session: AttendedSession) -> Json:
    return {
        "type": ["Evidence"],
        "name": session.title,
        "description": f"{words.written(session.on)}, {words.hours(session.minutes)}",
        "genre": "Attendance",
    }


def _description(facts: Facts) -> str:
    """ "Workshop, 12–13 May 2027, Turku, Finland; 5 h of learning time"."""
    what = (words.capitalised(facts.kind), facts.dates, facts.place)
    return f"{', '.join(what)}; {words.hours(facts.learning_minutes)} of learning time"


def claims(document: Json) -> Json:
    """What a JWT of it says: the document, and its own facts once more under JWT's names."""
    issuer = document["issuer"]
    return document | {
        "iss": issuer if isinstance(issuer, str) else issuer["id"],
        "jti": document["id"],
        "nbf": int(datetime.fromisoformat(document["validFrom"]).timestamp()),
        "sub": document["credentialSubject"]["id"],
    }


def linkedin_url(certificate: Certificate, facts: Facts) -> str:
    """Where LinkedIn adds a certificate to the profile of whoever is signed in there."""
    values = {
        "startTask": "CERTIFICATION_NAME",
        "name": facts.event,
        "organizationName": facts.office,
        "issueYear": facts.issued_on.year,
        "issueMonth": facts.issued_on.month,
        "certUrl": url("certificates.verified", code=certificate.code),
        "certId": printed(certificate.code),
    }
    return f"https://www.linkedin.com/profile/add?{urlencode(values)}"


# -- what it points at ---------------------------------------------------------------------------


def issuer_profile(office: Office) -> Json:
    """An office as it is now."""
    profile = _profile(office.code, office.name)
    known = {"email": office.email, "phone": office.phone}
    told = {name: value for name, value in known.items() if value}
    return {"@context": [CREDENTIALS, OPEN_BADGES]} | profile | told | {"url": url("events.home")}


def achievement_of(event: Event) -> Json:
    """What an event lets people achieve, as it is called now."""
    issuer = _profile(event.office.code, event.office.name)
    return (
        {"@context": [CREDENTIALS, OPEN_BADGES]}
        | _achievement(event.slug, event.title, issuer)
        | {
            "description": event.summary or event.kind.label,
            "criteria": {"id": url("badges.achievement", slug=event.slug), "narrative": CRITERIA},
            "inLanguage": event.language,
        }
    )


def _profile(code: str, name: str) -> Json:
    return {"id": url("badges.issuer", code=code), "type": ["Profile"], "name": name}


def _achievement(slug: str, name: str, creator: Json) -> Json:
    return {
        "id": url("badges.achievement", slug=slug),
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": name,
        "creator": creator,
    }


# -- whether it still holds ----------------------------------------------------------------------


def _status(certificate: Certificate, office_code: str) -> Json:
    number, place = divmod(certificate.id, PER_LIST)
    address = _list_address(office_code, number)
    return {
        "id": f"{address}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(place),
        "statusListCredential": address,
    }


def on_list(number: int) -> range:
    """The numbers of the certificates that have a place on that list."""
    return range(number * PER_LIST, (number + 1) * PER_LIST)


def status_list(office_code: str, number: int, ended: Iterable[int], *, now: datetime) -> Json:
    """A credential of its own: a bit for each certificate, set where it is valid no more."""
    address = _list_address(office_code, number)
    return {
        "@context": [CREDENTIALS],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": url("badges.issuer", code=office_code),
        "validFrom": _instant(now),
        "validUntil": _instant(now + LIST_HOLDS),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(ended),
        },
    }


def encoded(ended: Iterable[int]) -> str:
    """Bits from the left, zipped, in base 64 for addresses, without padding."""
    bits = bytearray(BITS // 8)
    for number in ended:
        place = number % PER_LIST
        bits[place // 8] |= 0x80 >> place % 8
    zipped = gzip.compress(bits, mtime=0)
    return "u" + urlsafe_b64encode(zipped).decode().rstrip("=")


def _list_address(office_code: str, number: int) -> str:
    return url("badges.status", code=office_code, number=number)


def _instant(moment: datetime) -> str:
    """To the second, as JWT counts."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
