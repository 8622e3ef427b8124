import re
import zlib
from pathlib import Path

import pytest
from flask import Flask

from interact_events.certificates.pdf import certificate_pdf
from interact_events.certificates.rules import Facts
from interact_events.interreg.models import Publicity
from tests.certificates import poppler
from tests.certificates.conftest import MakeFacts, attended_sessions

CODE = "7Q4K92MXHD3T0A1BC2D3"


def pdf_of(facts: Facts, folder: Path) -> Path:
    file = folder / "certificate.pdf"
    file.write_bytes(
        certificate_pdf(
            facts,
            CODE,
            f"https://events.example/certificates/verify/{CODE}",
            "events.example/certificates/verify",
        )
    )
    return file


def text_of(file: Path) -> str:
    """All text, in reading order, each run of white space as one space."""
    return " ".join(poppler.run("pdftotext", file, "-").split())


def info_of(file: Path) -> dict[str, str]:
    lines = poppler.run("pdfinfo", file).splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def objects_of(file: Path) -> bytes:
    """All compressed objects, written out."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", file.read_bytes(), re.S)
    return b"\n".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"x")


def pages_of(file: Path) -> int:
    return int(info_of(file)["Pages"])


def test_it_says_what_the_facts_say(app: Flask, make_facts: MakeFacts, tmp_path: Path) -> None:
    file = pdf_of(make_facts(), tmp_path)
    text = text_of(file)
    beginning = (
        "Interact Office Turku Certificate of attendance This is to certify that "
        "Zoë Ångström-Müller Controller, Regional Council of Southwest Finland "
        "Interreg Central Baltic, Finland attended the workshop "
        "Simplified cost options in practice 12–13 May 2027, Turku, Finland"
    )
    assert text.startswith(beginning)
    for words in (
        "Þóra Łucja Győri Head of Interact Office Turku Issued electronically, 14 May 2027",
        "events.example/certificates/verify 7Q4K-92MX-HD3T-0A1B-C2D3",
    ):
        assert words in text
    rows = [
        " ".join(row.split()) for row in poppler.run("pdftotext", "-layout", file, "-").split("\n")
    ]
    assert [row for row in rows if row.endswith(" min") or " h of " in row] == [
        "Session 0 45 min",
        "Session 1 45 min",
        "Session 2 45 min",
        "Learning hours attended 2.25 h of 2.5 h",
    ]


def test_it_is_a_tagged_a4_page_across(app: Flask, make_facts: MakeFacts, tmp_path: Path) -> None:
    file = pdf_of(make_facts(), tmp_path)
    info = info_of(file)
    assert info["Page size"] == "841.89 x 595.276 pts (A4)"
    assert info["Pages"] == "1"
    assert info["Tagged"] == "yes"
    assert info["JavaScript"] == "no"
    assert info["Title"] == (
        "Certificate of attendance: Zoë Ångström-Müller, Simplified cost options in practice"
    )
    assert info["Author"] == "Interact Office Turku"
    assert "pdfuaid:part" in poppler.run("pdfinfo", "-meta", file)
    assert b"/Lang (en)" in objects_of(file)


def test_reading_order_headings_and_alternatives_are_tagged(
    app: Flask, make_facts: MakeFacts, tmp_path: Path
) -> None:
    tags = poppler.run("pdfinfo", "-struct-text", pdf_of(make_facts(), tmp_path))
    order = [
        tags.index(part)
        for part in ("H1", '"Certificate of attendance"', "Zoë", "H2", "Simplified", "Table", "TH")
    ]
    assert order == sorted(order)
    assert tags.count("Figure") == 2


@pytest.mark.parametrize(
    "name",
    [
        "Ζωή Παπαδοπούλου-Ξενάκη",
        "Борис Щербаков-Живков",
        "Győri Őszike",
        "Łucja Źdźbło",
        "Þorgerður Ðal",
        "Ħal Għaxaq",
        "Гоце Ѓорѓиев Ќосе",
        "Ģirts Šķēle",
        "Գայանե Հակոբյան",
        "ნინო ბერიძე",
    ],
)
def test_every_european_script_is_embedded_and_can_be_copied(
    app: Flask, make_facts: MakeFacts, tmp_path: Path, name: str
) -> None:
    file = pdf_of(make_facts(name=name), tmp_path)
    assert name in text_of(file)
    fonts = [line.split() for line in poppler.run("pdffonts", file).splitlines()[2:]]
    assert len(fonts) >= 3
    assert {(font[-5], font[-3]) for font in fonts} == {("yes", "yes")}  # embedded, to Unicode
    assert any("Open-Sans" in font[0] for font in fonts)


def test_markup_in_a_name_is_printed_as_typed(
    app: Flask, make_facts: MakeFacts, tmp_path: Path
) -> None:
    name = 'Ζωή "Žižka" <b>O\'Neil</b> <img src=file:///etc/passwd>'
    assert name in text_of(pdf_of(make_facts(name=name, event=name), tmp_path))


@pytest.mark.parametrize(
    ("publicity", "words", "never"),
    [
        (
            Publicity.ERDF,
            "European Union European Regional Development Fund",
            "Co-funded",
        ),
        (Publicity.COFUNDED, "Co-funded by the European Union", "Regional Development"),
    ],
)
def test_the_publicity_is_that_of_the_period(
    app: Flask,
    make_facts: MakeFacts,
    tmp_path: Path,
    publicity: Publicity,
    words: str,
    never: str,
) -> None:
    text = text_of(pdf_of(make_facts(publicity=publicity), tmp_path))
    assert words in text
    assert never not in text


def test_seven_sessions_fit_on_the_first_page(
    app: Flask, make_facts: MakeFacts, tmp_path: Path
) -> None:
    long = "What a controller and an auditor expect from a programme that uses flat rates, part"
    facts = make_facts(sessions=attended_sessions(7, long), attended_minutes=315)
    file = pdf_of(facts, tmp_path)
    assert pages_of(file) == 1
    assert text_of(file).count(long) == 7


@pytest.mark.parametrize("long", ["Session", "How programmes " * 9, "Management Workshop " * 9])
def test_forty_sessions_fit_on_two_pages(
    app: Flask, make_facts: MakeFacts, tmp_path: Path, long: str
) -> None:
    facts = make_facts(sessions=attended_sessions(40, long), attended_minutes=900)
    file = pdf_of(facts, tmp_path)
    assert pages_of(file) == 2
    text = text_of(file)
    assert "40 sessions, listed on page 2" in text
    assert "Sessions that ran at the same time count once: 15 h in all." in text
    assert len(re.findall(r"12 May 45 min|13 May 45 min|14 May 45 min", text)) == 40


def test_the_longest_texts_stay_clear_of_the_footer(
    app: Flask, make_facts: MakeFacts, tmp_path: Path
) -> None:
    """Nothing is cut off, and the footer keeps its place on the one page."""
    facts = make_facts(
        name="Villanueva-Fitzgerald " * 5 + "Y" * 10,
        event="Everything about simplified cost options " * 5,
        institution="Ministry of Regional Development " * 6,
        programme="Interreg VI-A " * 14,
        role="Body carrying out the accounting function " * 2,
        sessions=attended_sessions(7, "A session title as long as forms allow it " * 4),
        attended_minutes=315,
    )
    file = pdf_of(facts, tmp_path)
    assert pages_of(file) == 1
    places = re.findall(
        r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]+)',
        poppler.run("pdftotext", "-bbox", file, "-"),
    )
    total = max(float(bottom) for _, bottom, word in places if word == "attended")
    footer = min(float(top) for top, _, word in places if word in ("Þóra", "Co-funded", "Check"))
    assert total < footer
    assert max(float(bottom) for _, bottom, _ in places) < 595
