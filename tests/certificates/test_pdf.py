import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from interact_events.certificates.actions import new_code
from interact_events.certificates.pdf import Batch, Sheet, certificate_pdfs, signed_batch
from interact_events.certificates.rules import Facts, printed
from interact_events.core import pdf
from interact_events.interreg.models import Publicity
from tests.certificates.conftest import MakeFacts, attended_sessions
from tests.core import poppler

CODE = "7Q4K92MXHD3T0A1BC2D3"


def sheet_of(facts: Facts, code: str = CODE) -> Sheet:
    address = "events.example/certificates/verify"
    return Sheet(facts, code, f"https://{address}/{code}", address)


def pdf_of(facts: Facts, folder: Path) -> Path:
    file = folder / "certificate.pdf"
    file.write_bytes(certificate_pdfs([sheet_of(facts)])[0])
    return file


def text_of(file: Path) -> str:
    """All text, in reading order, each run of white space as one space."""
    return " ".join(poppler.run("pdftotext", file, "-").split())


def info_of(file: Path) -> dict[str, str]:
    lines = poppler.run("pdfinfo", file).splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


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
        "Þóra Łucja Győri Head of Interact Office Turku Signed electronically, 14 May 2027",
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


@pytest.mark.parametrize("long", [3, 9], ids=["one page", "two pages"])
def test_a_code_is_copied_in_one_piece(
    app: Flask, make_facts: MakeFacts, tmp_path: Path, long: int
) -> None:
    """Readers take a gap between two letters for a space."""
    (tmp_path / "one.pdf").write_bytes(
        certificate_pdfs(
            [sheet_of(make_facts(sessions=attended_sessions(long)), "A1RG6N1MA9TXB9TSBVAJ")]
        )[0]
    )
    pages = 2 if long > 7 else 1
    assert text_of(tmp_path / "one.pdf").count("A1RG-6N1M-A9TX-B9TS-BVAJ") == pages


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
    assert b"/Lang (en)" in poppler.objects_of(file)


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
    "name", ["Anna 🎉 Virtanen 👩‍🔬 " * 5, "‏דוד بن عليّ Cohen\u202e " * 4 + "<script>"]
)
def test_the_strangest_names_stay_on_the_page(
    app: Flask, make_facts: MakeFacts, tmp_path: Path, name: str
) -> None:
    file = pdf_of(make_facts(name=name[:120]), tmp_path)
    assert pages_of(file) == 1
    text = text_of(file)
    assert "Virtanen" in text or "Cohen" in text
    assert "Signed electronically" in text


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


def test_one_of_a_batch_is_the_same_file_as_one_alone(app: Flask, make_facts: MakeFacts) -> None:
    """Text, tags, metadata and fonts, of those too that need smaller type or a second page."""
    sheets = [
        sheet_of(make_facts(**changes))
        for changes in (
            {},
            {"name": "Ζωή Żiżka", "language": "de"},
            {"event": "Everything about simplified cost options " * 5},
            {"sessions": attended_sessions(40, "Management Workshop " * 9)},
        )
    ]
    assert certificate_pdfs(sheets) == [certificate_pdfs([sheet])[0] for sheet in sheets]


# -- filled into a blank -------------------------------------------------------------------------

NUMBERS = re.compile(r"(?<=[<(])\d+(?=-\d)")  # that WeasyPrint gives to tables
PEOPLE: tuple[dict[str, Any], ...] = (
    {"name": 'Ζωή "Žižka" <b>O\'Neil</b>'},
    {"name": "Борис  Щербаков-Живков"},
    {"name": "Łucja Źdźbło", "institution": "Regional  Council\u00a0of \u202eTurku"},
    {"name": "‏דוד בن عليّ Cohen"},
    {"name": "ნინო ბერიძე"},  # of the other font
    {"name": "Anna 🎉 Virtanen"},
    {"name": "Anna \U000e0041 Virtanen"},  # nothing has that letter
    {"institution": "Ministry of Regional Development " * 8},
    {"attended_minutes": 45, "programme": ""},
    {"role": ""},
    {"role": "", "institution": ""},
)


def read(pdf: bytes, folder: Path) -> tuple[str, str, bytes, dict[str, str]]:
    """Its words, its tags, its looks, and what it says of itself."""
    (folder / "one.pdf").write_bytes(pdf)
    file, info = folder / "one.pdf", info_of(folder / "one.pdf")
    del info["File size"]
    poppler.run("pdftoppm", "-r", "60", file, folder / "page")
    looks = b"".join(page.read_bytes() for page in sorted(folder.glob("page*.ppm")))
    tags = poppler.run("pdfinfo", "-struct-text", file)
    return text_of(file), NUMBERS.sub("", tags), looks, info


@pytest.mark.parametrize("long", [3, 9], ids=["one page", "two pages"])
def test_filled_in_it_reads_and_looks_like_one_laid_out_alone(
    app: Flask, make_facts: MakeFacts, tmp_path: Path, long: int
) -> None:
    sheets = [
        sheet_of(make_facts(sessions=attended_sessions(long), **changes), code=new_code())
        for changes in PEOPLE
    ]
    for sheet, file in zip(sheets, certificate_pdfs(sheets), strict=True):
        (alone,) = certificate_pdfs([sheet])
        assert read(file, tmp_path) == read(alone, tmp_path)
        fonts = [line.split() for line in poppler.run("pdffonts", tmp_path / "one.pdf").split("\n")]
        assert {font[-5] for font in fonts[2:-1]} == {"yes"}


SAID = st.lists(
    st.sampled_from(
        [
            *("Zoë", "Ζωή", "Борис", "ნინო", "Łódź", "office", "e\u0301", "X", "Total", "45 min"),
            *("W" * 20, "iii", "AVAVA", "<b>", "&amp;", "\\", "(", '"', "🎉", "-", " ", "  ", "\n"),
        ]
    ),
    max_size=12,
).map(lambda parts: "".join(parts)[:120].strip())
ANYBODY = st.fixed_dictionaries(
    {
        "name": SAID.filter(bool),
        "role": SAID,
        "institution": SAID,
        "programme": SAID,
        "language": st.sampled_from(["en", "en", "de"]),
        "attended_minutes": st.sampled_from([45, 90, 135]),
    }
)


@trials(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(ANYBODY, min_size=2, max_size=5), long=st.sampled_from([0, 3, 40]))
def test_whoever_is_in_a_batch_each_file_says_its_own_alone(
    app: Flask, make_facts: MakeFacts, tmp_path: Path, people: list[dict[str, Any]], long: int
) -> None:
    sheets = [
        sheet_of(make_facts(sessions=attended_sessions(long), **each), code=new_code())
        for each in people
    ]
    file = tmp_path / "one.pdf"
    for sheet, made in zip(sheets, certificate_pdfs(sheets), strict=True):
        file.write_bytes(made)
        text, title = text_of(file), info_of(file)["Title"]
        file.write_bytes(certificate_pdfs([sheet])[0])
        assert (text, title) == (text_of(file), info_of(file)["Title"])
        assert [each.code for each in sheets if printed(each.code) in text] == [sheet.code]


def test_all_that_fit_are_laid_out_once(
    app: Flask, make_facts: MakeFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out: list[int] = []

    def counting(html: str, *others: Any) -> Any:
        laid_out.append(html.count("<article"))
        return lay_out(html, *others)

    lay_out = pdf.lay_out
    monkeypatch.setattr(pdf, "lay_out", counting)
    names: list[dict[str, Any]] = [{"name": f"Person {n}"} for n in range(12)]
    certificate_pdfs([sheet_of(make_facts(**each)) for each in (*names, *PEOPLE)])
    assert sum(laid_out) == 1 + 5  # the blank; another font, twice no letter, two lines, none


def test_filled_in_and_signed_other_readers_believe_it(
    app: Flask, make_facts: MakeFacts, tmp_path: Path
) -> None:
    names = ("Zoë", "Ζωή")
    batch = Batch(
        {at: sheet_of(make_facts(name=name)) for at, name in enumerate(names)}, datetime.now(UTC)
    )
    for number, signed in signed_batch(batch).items():
        file = tmp_path / f"{number}.pdf"
        file.write_bytes(signed)
        assert "Signature is Valid" in poppler.run("pdfsig", "-nocert", file)
        assert "Total document signed" in poppler.run("pdfsig", "-nocert", file)
