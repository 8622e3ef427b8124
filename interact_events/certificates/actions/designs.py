"""Changing how certificates look. What is issued stays: its file is stored."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError

from interact_events.accounts.models import User
from interact_events.certificates.models import CertificateDesign, CertificatePicture
from interact_events.certificates.pdf import VARIABLES, joined_previews
from interact_events.certificates.queries.designs import Standing, standing
from interact_events.certificates.rules import AttendedSession, Facts
from interact_events.certificates.rules.designs import (
    FREE_TEXTS,
    LEAST_CONTRAST,
    Design,
    Picture,
    Texts,
    contrast_on_white,
    effective,
    is_legible,
)
from interact_events.certificates.rules.languages import language, languages
from interact_events.core import audit, links
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.mail import WRONG, check_template, filled_in
from interact_events.interreg.models import Office, Publicity

LONGEST = 400  # characters of a text once it is filled in
SAMPLES = {variable.name: variable.sample for variable in VARIABLES}
NAMES = ("María de los Ángeles Fernández-Villaverde y Þorsteinsdóttir", 'Ζωή "Žižka" Παπαδοπούλου')


@dataclass(frozen=True)
class DesignValues:
    """What somebody has typed; pictures are new ones, or those that are there but for removed."""

    accent: str
    texts: Texts
    signature_of: str = ""
    logo: Picture | None = None
    signature: Picture | None = None
    without_logo: bool = False
    without_signature: bool = False


def checked(known: Standing, values: DesignValues) -> Design:
    """The design that these values make, without what holds anyway; refusals name the field."""
    _check_accent(values.accent)
    texts = dict(_own_texts(values.texts, known.default))
    kept_logo = None if values.without_logo else known.own.logo
    kept_signature = None if values.without_signature else known.own.signature
    signature = values.signature or kept_signature
    if signature and not values.signature_of.strip():
        raise DomainError(
            "Say whose signature it is: it is printed above no other name.", "signature_of"
        )
    accent = values.accent.lower()
    return Design(
        accent="" if accent == known.inherited.accent else accent,
        logo=values.logo or kept_logo,
        signature=signature,
        signature_of=values.signature_of.strip() if signature else "",
        texts=texts,
    )


def _check_accent(accent: str) -> None:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", accent):
        raise DomainError(
            "Write the colour as # and six digits or letters, like #003399.", "accent"
        )
    if not is_legible(accent):
        ratio = int(contrast_on_white(accent) * 100) / 100  # never rounded up to what is asked
        raise DomainError(
            f"This colour is too light to be read: its contrast on white is {ratio:g}:1 and must "
            f"be {LEAST_CONTRAST:g}:1 at least. Choose a darker one.",
            "accent",
        )


def _own_texts(texts: Texts, default: Design) -> Iterator[tuple[str, dict[str, str]]]:
    """By language, each checked, but for those that the network or the language says anyway."""
    for code in languages():
        own = {
            name: source
            for name in FREE_TEXTS
            if (source := texts.get(code, {}).get(name, "").strip())
            and source != usual_text(code, name, default)
        }
        for name, source in own.items():
            _check_text(source, f"{name}_{code}")
        if own:
            yield code, own


def usual_text(code: str, name: str, default: Design) -> str:
    """What stands there if a place says nothing."""
    spoken = language(code)
    return default.text(code, name) or (spoken.say(name) if name in spoken.phrases else "")


def _check_text(source: str, field: str) -> None:
    """Variables and nothing else: no conditions, no pieces of mails."""
    if "{%" in source:
        raise DomainError("Only variables in double braces can be used here.", field)
    try:
        check_template(source, SAMPLES, field)
        said = filled_in(source, "", SAMPLES)[0]
    except DomainError as refusal:
        sentence = refusal.message.removeprefix("Line 1: ")
        raise DomainError(sentence[:1].upper() + sentence[1:], field) from None
    except WRONG as error:
        raise DomainError(f"This can’t be filled in: {error}", field) from None
    if len(said) > LONGEST:
        raise DomainError(f"That is too long: at most {LONGEST} characters.", field)


# -- changing ------------------------------------------------------------------------------------


def change_design(
    office: Office | None, values: DesignValues, *, actor: User, now: datetime
) -> None:
    """From the next certificate on an office, or the network, has this design."""
    known = _held(office)
    design = checked(known, values)
    if design == known.own:
        return
    row = known.row or CertificateDesign(office=office, is_default=office is None)
    changes = _changes(known.own, design)
    row.accent, row.signature_of, row.texts = design.accent, design.signature_of, dict(design.texts)
    row.changed_at, row.changed_by = now, actor
    old = [
        _put(row, "logo", known.own.logo, design.logo),
        _put(row, "signature", known.own.signature, design.signature),
    ]
    _save(row)  # nothing refers to the former pictures any more
    _delete(old)
    audit.record("design changed", row, actor=actor, now=now, **changes)


def _save(row: CertificateDesign) -> None:
    """The network's first one has no row to be held by: of two at once the later one is told."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        raise DomainError(
            "Somebody else has just saved a design. Look at it before you save yours."
        ) from None


def drop_design(office: Office | None, *, actor: User, now: datetime) -> None:
    """An office looks like the network again, the network as it came; pressed twice, the same."""
    known = _held(office)
    if known.row is None:
        return
    pictures = [known.row.logo, known.row.signature]
    audit.record("design dropped", known.row, actor=actor, now=now, **_changes(known.own, Design()))
    db.session.delete(known.row)
    db.session.flush()
    _delete(pictures)


def _held(office: Office | None) -> Standing:
    """Of two at once the later one reads what the first has left, be it a design or none."""
    if office:
        lock(office)
    known = standing(office)
    if known.row is None:
        return known
    lock(known.row)
    return standing(office)


def _put(
    row: CertificateDesign, name: str, before: Picture | None, after: Picture | None
) -> CertificatePicture | None:
    """Give the row its new picture; says which one is of no use any more."""
    if before == after:
        return None
    old: CertificatePicture | None = getattr(row, name)
    setattr(
        row, name, CertificatePicture(kind=after.kind, content=after.content) if after else None
    )
    return old


def _delete(pictures: list[CertificatePicture | None]) -> None:
    for picture in pictures:
        if picture:
            db.session.delete(picture)
    db.session.flush()


def _changes(before: Design, after: Design) -> dict[str, object]:
    """What the history keeps; of pictures only their names, which are their checksums."""
    told: dict[str, list[object]] = {
        "accent": [before.accent, after.accent],
        "logo": [_name(before.logo), _name(after.logo)],
        "signature": [_name(before.signature), _name(after.signature)],
        "texts": [dict(before.texts), dict(after.texts)],
    }
    return {name: pair for name, pair in told.items() if pair[0] != pair[1]}


def _name(picture: Picture | None) -> str:
    return picture.name if picture else ""


# -- looking at it first -------------------------------------------------------------------------


def preview_design(office: Office | None, values: DesignValues, code: str, *, today: date) -> bytes:
    """Two certificates of people who do not exist: one with a long name, one in Greek."""
    known = standing(office)
    facts = _sample_facts(office, code, today)
    if office is None:
        facts = replace(facts, signatory_name=values.signature_of or facts.signatory_name)
    design = effective(checked(known, values), known.default, facts.signatory_name)
    address = links.url("certificates.verify")
    everybody = [replace(facts, name=name) for name in NAMES]
    return joined_previews(everybody, address, design)


def _sample_facts(office: Office | None, code: str, today: date) -> Facts:
    spoken = language(code)
    first = today - timedelta(days=3)
    titles = ("Unit costs and lump sums", "What an audit trail has to show")
    country = office.country if office else None
    named = spoken.country(country.code, country.name) if country else ""
    return Facts(
        **_sample_person(),
        country="Finland",
        event="Simplified cost options in practice: a workshop for controllers and programmes",
        kind="workshop",
        starts_on=first,
        ends_on=first + timedelta(days=1),
        dates="",
        place="",
        sessions=tuple(
            AttendedSession(title, first + timedelta(days=n), 90) for n, title in enumerate(titles)
        ),
        attended_minutes=180,
        learning_minutes=225,
        office=office.name if office else "Interact Office",
        signatory_name=office.signatory_name if office else "Jana Kováčová",
        signatory_title=office.signatory_title if office else "Head of the office",
        publicity=Publicity.COFUNDED,
        issued_on=today,
        language=code,
        printed_country=spoken.country("FI", "Finland"),
        printed_place=f"{office.city}, {named}" if office else spoken.say("online"),
    )


def _sample_person() -> Mapping[str, str]:
    names = ("name", "role", "programme", "institution")
    return {name: str(SAMPLES[name]) for name in names}
