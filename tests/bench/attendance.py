"""Part `attendance`: ticks and reports (see `desks`), and papers for many people, against a
document for each of them."""

import time
from collections.abc import Callable, Iterator, Sequence

import click
from flask import Flask
from weasyprint import CSS, HTML
from weasyprint.urls import path2url

from interact_events.attendance.pdf import (
    Attendee,
    Occasion,
    SignedList,
    badges,
    badges_pdf,
    lists,
    lists_pdf,
)
from interact_events.attendance.pdf.sheets import Part
from interact_events.config import read_settings
from interact_events.core import qr
from interact_events.core.pdf import STATIC, VARIANT, OwnAssets
from interact_events.factory import create_app
from tests.bench import desks, servers
from tests.bench.frame import Figure, alternated
from tests.bench.pages import production

PEOPLE = 300
NAIVE_PEOPLE = 20  # each costs the reference the same
ROUNDS = 3
REFERENCE = "naive WeasyPrint loop, a document a person"
SIZE = "sheet-90x54"


def measured() -> Iterator[Figure]:
    """The figures of this part, one by one."""
    yield from desks.measured()
    yield from _papers()


# -- papers --------------------------------------------------------------------------------------

OCCASION = Occasion(
    title="Simplified cost options and how they are audited",
    dates="12–13 May 2027",
    place="Logomo, Turku, Finland",
    office="Interact Office Turku",
    hue="teal",
    publicity=("Co-funded by", "the European Union"),
)
FIRST = ("Anna", "Jürgen", "Zoë", "Łucja", "Ζωή", "Борис", "Mária", "Søren", "Ģirts", "João")
LAST = ("Virtanen", "Müller", "Ångström", "Źdźbło", "Παπαδοπούλου", "Щербаков", "Žižka")


def _papers() -> Iterator[Figure]:
    with servers.folder() as folder:
        settings = read_settings(production(folder, f"sqlite:///{folder / 'none'}", 1))
        app = create_app(settings, queue_in_memory=True)
        people = [_attendee(number) for number in range(PEOPLE)]
        with app.app_context():
            yield _paper("badge_pages_rate", people, _badges, lambda p: _loop(app, _badge, p))
            yield _paper("list_pages_rate", people, _list, lambda p: _loop(app, _line, p))


def _attendee(number: int) -> Attendee:
    return Attendee(
        name=f"{FIRST[number % len(FIRST)]} {LAST[number * 3 % len(LAST)]}",
        institution="Regional Council of Southwest Finland",
        role="Controller",
        programme="Interreg VI-A Central Baltic",
        country="Finland",
        link=f"https://events.interact.example/check-in/4f9c2a7be1d80653a9c47e21bb50d{number:03}",
    )


def _paper(
    name: str,
    people: Sequence[Attendee],
    ours: Callable[[Sequence[Attendee]], object],
    theirs: Callable[[Sequence[Attendee]], object],
) -> Figure:
    """People a second, each of whom is a page of the reference."""
    click.echo(f"Measuring {name}", err=True)
    ours(people[:10])  # both warm
    theirs(people[:2])
    return alternated(
        name,
        "people/s",
        REFERENCE,
        ours=lambda: _rate(ours, people),
        theirs=lambda: _rate(theirs, people[:NAIVE_PEOPLE]),
        rounds=ROUNDS,
    )


def _rate(make: Callable[[Sequence[Attendee]], object], people: Sequence[Attendee]) -> float:
    began = time.perf_counter()
    make(people)
    return len(people) / (time.perf_counter() - began)


def _badges(people: Sequence[Attendee]) -> bytes:
    return badges_pdf(OCCASION, people, SIZE)


def _list(people: Sequence[Attendee]) -> bytes:
    return lists_pdf(OCCASION, [SignedList("Audits", "Wednesday 12 May 2027", "Room 3", people)])


def _loop(app: Flask, part_of: Callable[[Attendee], Part], people: Sequence[Attendee]) -> None:
    """The same template and style sheet for each person alone, as the library's manual has it."""
    sheets = {badges.TEMPLATE: badges.STYLE_SHEET, lists.TEMPLATE: lists.STYLE_SHEET}
    for person in people:
        part = part_of(person)
        html = app.jinja_env.get_template(part.template).render(part.values)
        page = HTML(
            string=html, base_url=path2url(STATIC) + "/", url_fetcher=OwnAssets(part.pictures)
        )
        page.write_pdf(stylesheets=[CSS(STATIC / sheets[part.template])], pdf_variant=VARIANT)


def _badge(person: Attendee) -> Part:
    """Its QR code drawn as a path, as on a certificate."""
    card = badges.Card(person, 20, person.institution, 9, "code.svg")
    values = {"occasion": OCCASION, "event": OCCASION.title, "size": SIZE, "pages": [[card]]}
    return Part(badges.TEMPLATE, values, 1, {"code.svg": qr.svg(person.link)})


def _line(person: Attendee) -> Part:
    one = SignedList("Audits", "Wednesday 12 May 2027", "Room 3", [person])
    return Part(lists.TEMPLATE, {"occasion": OCCASION, "list": one, "walk_ins": ()}, 1, {})
