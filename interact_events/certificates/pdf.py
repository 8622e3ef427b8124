"""A certificate as an A4 page, with a second one where the list of sessions is long; records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import compress
from typing import Any

import structlog
from flask import current_app
from markupsafe import Markup
from weasyprint.document import Document

from interact_events.certificates.rules import (
    CODE_LENGTH,
    AttendedSession,
    Facts,
    RecordFacts,
    printed,
)
from interact_events.certificates.rules.designs import ACCENT, FREE_TEXTS, PLAIN, Design
from interact_events.certificates.rules.languages import Language, language
from interact_events.core import blanks, pdf, qr, signing, words
from interact_events.core.mail import WRONG, Variable, filled_in

log = structlog.get_logger()

STYLE_SHEET = "css/pdf/certificate.css"
NO_CODE = "0" * CODE_LENGTH
TOGETHER = 10  # certificates laid out as one document; more would hardly be faster
ON_FIRST_PAGE = 7  # sessions; more go to a page of their own
# How small the type is, of the first page and of the lists; see the style sheet.
SIZES = ((0, 0), (1, 0), (2, 0))
SIZES_WITH_LISTS = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2))

# What an office's own heading, introduction and closing line can say.
VARIABLES = (
    Variable("name", "the person’s name", "Ζωή Παπαδοπούλου"),
    Variable("role", "what they take part as", "Controller"),
    Variable("institution", "where they work", "Regional Council of Southwest Finland"),
    Variable("programme", "their programme; may be empty", "Interreg Central Baltic"),
    Variable("country", "their country, in the certificate’s language", "Finland"),
    Variable("event", "the event’s title", "First-level control in practice"),
    Variable("dates", "its days, in the certificate’s language", "12–13 May 2027"),
    Variable("place", "where it was", "Turku, Finland"),
    Variable("hours", "of learning that the person attended", "6.5 h"),
    Variable("office", "the office that ran the event", "Interact Office Turku"),
    Variable("signatory", "who signs", "Anna Virtanen"),
)


@dataclass(frozen=True)
class Sheet:
    """One certificate to be printed; `verify_url` goes into the QR code, the rest is read."""

    facts: Facts
    code: str
    verify_url: str
    verify_address: str
    design: Design = PLAIN
    is_preview: bool = False
    is_blank: bool = False  # the same for many, its lines and its QR code are filled in later

    @property
    def has_lists(self) -> bool:
        return len(self.facts.sessions) > ON_FIRST_PAGE

    @property
    def most_pages(self) -> int:
        return 2 if self.has_lists else 1

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        return SIZES_WITH_LISTS if self.has_lists else SIZES

    @property
    def qr(self) -> str:
        return "qr.png" if self.is_blank else f"qr-{self.code}.png"

    @cached_property
    def lines(self) -> dict[str, str]:
        """What may be different for each person of an event, each in one line where it fits."""
        facts, spoken = self.facts, language(self.facts.language)
        country = facts.printed_country or facts.country
        return {
            "name": facts.name,
            "capacity": ", ".join(filter(None, (facts.role, facts.institution))),
            "origin": ", ".join(filter(None, (facts.programme, country))),
            "attended": spoken.share(facts.attended_minutes, facts.learning_minutes),
            "code": printed(self.code),
            "sessions_of": spoken.say("sessions_of", name=facts.name),
            "code_again": spoken.say("certificate_code", code=printed(self.code)),
            "parallel_sum": spoken.say("parallel_sum", hours=spoken.hours(facts.attended_minutes)),
            **{line: spoken.hours(each.minutes) for line, each in _numbered(facts.sessions)},
        }

    @cached_property
    def values(self) -> dict[str, Any]:
        """What its template prints, whatever the size."""
        return {
            **_said(self.facts, self.design, language(self.facts.language)),
            **_styles(self.facts),
            "lines": dict.fromkeys(self.lines, "X") if self.is_blank else self.lines,
            "qr": self.qr,
            "verify_address": self.verify_address,
            "sessions": _numbered(self.facts.sessions),
            "lists": _lists(self.facts.sessions),
            "is_preview": self.is_preview,
        }


@dataclass(frozen=True)
class Batch:
    """What is laid out together, by registration; nothing for who has no claim any more."""

    sheets: Mapping[int, Sheet | None]
    at: datetime


def signed_batch(batch: Batch) -> dict[int, bytes]:
    """The files that are stored for good, by registration."""
    sheets = {number: sheet for number, sheet in batch.sheets.items() if sheet}
    files = zip(sheets.items(), certificate_pdfs(list(sheets.values())), strict=True)
    return {number: _signed(file, sheet.code, batch.at) for (number, sheet), file in files}


def _signed(file: bytes, code: str, now: datetime) -> bytes:
    """The code is in the reason too, where it is found in a file however broken."""
    return signing.sign(file, reason=f"Certificate of attendance {code}", now=now)


def certificate_pdfs(sheets: Sequence[Sheet]) -> list[bytes]:
    """A file for each. What several share is laid out once; those that fit in no blank are laid
    out whole, some together."""
    with pdf.in_one_go():
        files = dict(_filled(sheets))
        whole = [at for at in range(len(sheets)) if at not in files]
        for start in range(0, len(whole), TOGETHER):
            some = whole[start : start + TOGETHER]
            documents = _documents([sheets[at] for at in some])
            files |= zip(some, map(pdf.write, documents), strict=True)
    return [files[at] for at in range(len(sheets))]


def _filled(sheets: Sequence[Sheet]) -> Iterable[tuple[int, bytes]]:
    """The files of those that are the same but for their lines, by their places."""
    alike: dict[str, list[int]] = {}
    blank = [replace(sheet, is_blank=True) for sheet in sheets]
    for at, each in enumerate(blank):
        alike.setdefault(_article(each, 0, 0), []).append(at)
    for places in alike.values():
        if len(places) > 1:
            (document,) = _documents([blank[places[0]]])
            files = blanks.filled(document, [_filling(sheets[at]) for at in places])
            yield from ((at, file) for at, file in zip(places, files, strict=True) if file)


def _filling(sheet: Sheet) -> blanks.Filling:
    return blanks.Filling(sheet.lines, {"qr.png": qr.png(sheet.verify_url)}, _about(sheet))


def joined_previews(facts: Sequence[Facts], address: str, design: Design) -> bytes:
    """Some certificates of nobody in one file, each marked as a preview, with the code of none."""
    printed_address = address.partition("://")[2]
    documents = _documents(
        [Sheet(each, NO_CODE, address, printed_address, design, is_preview=True) for each in facts]
    )
    return pdf.write(pdf.joined(documents))


def _documents(sheets: Sequence[Sheet], step: int = 0) -> list[Document]:
    """One for each. Those that don't fit are laid out again in smaller type, until they do."""
    if not sheets:
        return []
    whole = _laid_out(sheets, step)
    parts = pdf.parted(whole)
    are_long = [
        len(pages) > sheet.most_pages and step + 1 < len(sheet.sizes)
        for sheet, pages in zip(sheets, parts, strict=True)
    ]
    again = iter(_documents(list(compress(sheets, are_long)), step + 1))
    return [
        next(again) if is_long else pdf.excerpt(whole, pages, _about(sheet))
        for sheet, pages, is_long in zip(sheets, parts, are_long, strict=True)
    ]


def _laid_out(sheets: Sequence[Sheet], step: int) -> Document:
    """One after the other, each from a page of its own."""
    articles = [_article(sheet, number, step) for number, sheet in enumerate(sheets)]
    whole = current_app.jinja_env.get_template("certificates/pdf/certificates.html")
    parts = {sheet.qr: qr.png(sheet.verify_url) for sheet in sheets}
    for design in (sheet.design for sheet in sheets):
        parts |= _pictures(design)
    return pdf.lay_out(whole.render(articles=articles), STYLE_SHEET, parts)


def _article(sheet: Sheet, number: int, step: int) -> Markup:
    template = current_app.jinja_env.get_template("certificates/pdf/_certificate.html")
    page_size, list_size = sheet.sizes[step]
    sizes = {"page_size": page_size, "list_size": list_size}
    return Markup(template.render(sheet.values, number=number, **sizes))  # noqa: S704  # it escapes


def _about(sheet: Sheet) -> pdf.About:
    facts, code = sheet.facts, printed(sheet.code)
    spoken = language(facts.language)
    dates = spoken.days(facts.starts_on, facts.ends_on)
    return pdf.About(
        title=f"{sheet.values['heading']}: {facts.name}, {facts.event}",
        author=facts.office,
        description=spoken.say(
            "description", name=facts.name, event=facts.event, code=code, dates=dates
        ),
        language=facts.language,
        created_on=facts.issued_on,
    )


def _said(facts: Facts, design: Design, spoken: Language) -> dict[str, Any]:
    """The words in the certificate's language, and the pictures by their names."""
    values = _values(facts, spoken)
    return {
        "facts": facts,
        "language": spoken,
        "say": spoken.say,
        "dates": values["dates"],
        "design": {"accent": design.accent or ACCENT},
        "logo": design.logo.name if design.logo else "",
        "signature": design.signature.name if design.signature else "",
        **{name: _free_text(name, design, spoken, values) for name in FREE_TEXTS},
    }


def _values(facts: Facts, spoken: Language) -> dict[str, str]:
    return {
        "name": facts.name,
        "role": facts.role,
        "institution": facts.institution,
        "programme": facts.programme,
        "country": facts.printed_country or facts.country,
        "event": facts.event,
        "dates": spoken.days(facts.starts_on, facts.ends_on),
        "place": facts.printed_place or facts.place,
        "hours": spoken.hours(facts.attended_minutes),
        "office": facts.office,
        "signatory": facts.signatory_name,
    }


def _free_text(name: str, design: Design, spoken: Language, values: Mapping[str, str]) -> str:
    """The office's own words; where they have become wrong or say nothing, the usual ones."""
    source = design.text(spoken.code, name)
    usual = spoken.say(name) if name in spoken.phrases else ""
    if not source:
        return usual
    try:
        return filled_in(source, "", values)[0] or usual
    except WRONG:
        log.exception("certificate_text_failed", text=name)
        return usual


def _pictures(design: Design) -> dict[str, bytes]:
    shown = (each for each in (design.logo, design.signature) if each)
    return {picture.name: picture.content for picture in shown}


def _styles(facts: Facts) -> dict[str, str]:
    return {
        "name_style": _style(facts.name, 32, 64),
        "title_style": _style(facts.event, 75, 150),
    }


def _lists(sessions: Sequence[AttendedSession]) -> list[Sequence[tuple[str, AttendedSession]]]:
    """The two columns of the second page; none where the first page has room."""
    if len(sessions) <= ON_FIRST_PAGE:
        return []
    half, numbered = -(-len(sessions) // 2), _numbered(sessions)
    return [numbered[:half], numbered[half:]]


def _numbered(sessions: Sequence[AttendedSession]) -> list[tuple[str, AttendedSession]]:
    """Each with the name of its line."""
    return [(f"session-{number}", session) for number, session in enumerate(sessions, 1)]


def _style(text: str, long: int, longest: int) -> str:
    return "longest" if len(text) > longest else "long" if len(text) > long else ""


# -- learning records ----------------------------------------------------------------------------


def record_pdf(facts: RecordFacts, code: str, verify_url: str, verify_address: str) -> bytes:
    """Somebody's learning on as many A4 pages as it takes; `verify_url` goes into the QR code.

    No links in it: the only code that can be read in a broken file has to be its own.
    """
    html = current_app.jinja_env.get_template("certificates/pdf/record.html").render(
        facts=facts,
        code=printed(code),
        verify_address=verify_address,
        printed=printed,
        words=words,
        name_style=_style(facts.name, 32, 64),
    )
    with pdf.in_one_go():
        document = pdf.lay_out(html, "css/pdf/record.css", {"qr.svg": qr.svg(verify_url)})
        return pdf.write(document)
