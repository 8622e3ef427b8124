import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, insert, select

from interact_events.accounts.models import Level
from interact_events.certificates import queries
from interact_events.certificates.actions import (
    Corrected,
    DesignValues,
    change_design,
    designs,
    draft_replacement,
    drop_design,
    set_languages,
    usual_text,
)
from interact_events.certificates.models import CertificateDesign, CertificatePicture
from interact_events.certificates.pdf import Sheet, certificate_pdfs
from interact_events.certificates.queries.designs import Standing, design_for, standing
from interact_events.certificates.rules.designs import (
    ACCENT,
    FREE_TEXTS,
    PLAIN,
    Design,
    Picture,
    contrast_on_white,
    effective,
    is_legible,
)
from interact_events.certificates.rules.languages import names
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db, table_of
from interact_events.core.errors import DomainError
from interact_events.interreg.models import Office
from tests import make
from tests.certificates.conftest import MakeFacts, attended_sessions
from tests.certificates.test_actions import ended_event, issue, participant
from tests.client import Client
from tests.core import poppler

ADDRESS = "/offices/turku/certificate-design"


def png(colour: str = "navy", size: tuple[int, int] = (60, 20)) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, colour).save(target, "PNG")
    return target.getvalue()


LOGO, SIGNATURE = Picture(png(), "png"), Picture(png("black"), "png")


# -- rules ---------------------------------------------------------------------------------------


def test_contrast_is_that_of_the_guidelines() -> None:
    ratios = [round(contrast_on_white(c), 2) for c in ("#000000", "#ffffff", "#767676", "#777777")]
    assert ratios == [21, 1, 4.54, 4.48]
    assert [is_legible(colour) for colour in (ACCENT, "#767676", "#777777")] == [True, True, False]


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.integers(0, 2))
def test_a_darker_colour_is_never_less_legible(r: int, g: int, b: int, which: int) -> None:
    darker = [r, g, b]
    darker[which] //= 2
    colours = ["#{:02x}{:02x}{:02x}".format(*each) for each in ((r, g, b), darker)]
    assert contrast_on_white(colours[0]) <= contrast_on_white(colours[1])


def test_an_office_says_what_it_wants_and_the_network_the_rest() -> None:
    own = Design(accent="#112233", texts={"de": {"heading": "Zertifikat"}})
    default = Design(
        accent="#445566", logo=LOGO, texts={"de": {"heading": "x", "closing": "Danke"}}
    )
    found = effective(own, default, "Anna")
    assert (found.accent, found.logo) == ("#112233", LOGO)
    assert found.texts == {"de": {"heading": "Zertifikat", "closing": "Danke"}}
    assert effective(PLAIN, PLAIN, "Anna") == Design(accent=ACCENT)


@pytest.mark.parametrize(
    ("signatory", "signed"), [("Anna", True), (" Anna ", True), ("Bea", False), ("", False)]
)
def test_a_signature_stands_above_its_own_name_alone(signatory: str, signed: bool) -> None:
    design = Design(signature=SIGNATURE, signature_of="Anna")
    assert bool(effective(design, PLAIN, signatory).signature) is signed
    assert bool(effective(PLAIN, design, signatory).signature) is signed


# -- changing ------------------------------------------------------------------------------------


def values(**changed: Any) -> DesignValues:
    return DesignValues(**{"accent": ACCENT, "texts": {}, **changed})


def change(office: Office | None, **changed: Any) -> None:
    change_design(office, values(**changed), actor=make.member(), now=clock.now())
    db.session.commit()


def pictures() -> int | None:
    return db.session.scalar(select(func.count()).select_from(CertificatePicture))


def test_only_what_differs_is_kept(app: Flask) -> None:
    office = make.office("turku")
    change(office, texts={"en": {"heading": "Certificate of attendance", "closing": ""}})
    assert standing(office).row is None
    change(None, accent="#445566", texts={"en": {"closing": "{{ office }} thanks you."}})
    change(
        office,
        accent="#445566",
        texts={"en": {"closing": "{{ office }} thanks you.", "heading": "Award"}},
    )
    own = standing(office).own
    assert (own.accent, own.texts) == ("", {"en": {"heading": "Award"}})
    assert design_for(office, "").accent == "#445566"
    assert usual_text("en", "closing", standing(office).default) == "{{ office }} thanks you."


def test_a_replaced_picture_is_gone_and_a_dropped_design_too(app: Flask) -> None:
    office = make.office("turku")
    change(office, logo=LOGO, signature=SIGNATURE, signature_of="Anna")
    change(office, logo=Picture(png("green"), "png"), signature_of="Anna")
    found = standing(office).own
    assert (found.logo == LOGO, found.signature == SIGNATURE, pictures()) == (False, True, 2)
    change(office, without_signature=True)
    found = standing(office).own
    assert (found.signature, found.signature_of, pictures()) == (None, "", 1)
    for _ in range(2):
        drop_design(office, actor=make.member(), now=clock.now())
    assert (standing(office).own, pictures()) == (PLAIN, 0)
    trail = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert trail[-4:] == ["design changed"] * 3 + ["design dropped"]


def test_of_two_first_designs_the_later_one_is_refused(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(None, accent="#aa0000")
    nothing = Standing(None, None, PLAIN, PLAIN)
    monkeypatch.setattr(designs, "standing", lambda _office: nothing)  # read before the other
    with pytest.raises(DomainError, match="Somebody else has just saved a design"):
        change(None, accent="#006600")
    assert db.session.scalars(select(CertificateDesign.accent)).all() == ["#aa0000"]


def test_a_picture_that_came_in_another_tab_goes_with_the_next_one(app: Flask) -> None:
    office, lead = make.office("turku"), make.member(level=Level.LEAD)
    change(office, logo=LOGO)
    seen = standing(office)  # by the page, before the other tab
    assert seen.row
    was, row = seen.row.logo_id, table_of(CertificateDesign)
    new = insert(CertificatePicture).values(kind="png", content=png("red"))
    number = db.session.execute(new.returning(CertificatePicture.id)).scalar_one()
    db.session.execute(row.update().values(logo_id=number))
    db.session.execute(table_of(CertificatePicture).delete().where(CertificatePicture.id == was))
    change_design(office, values(logo=SIGNATURE), actor=lead, now=clock.now())
    assert (standing(office).own.logo, pictures()) == (SIGNATURE, 1)


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"accent": "blue"}, "accent", "six digits"),
        ({"accent": "#ffcc00"}, "accent", "1.51:1 and must be 4.5:1"),
        ({"accent": "#777777"}, "accent", "4.47:1"),
        ({"texts": {"de": {"closing": "{{ nobody }}"}}}, "closing_de", "There is no variable"),
        ({"texts": {"fi": {"heading": "{{ name"}}}, "heading_fi", "not closed"),
        ({"texts": {"en": {"closing": "{% if name %}x{% endif %}"}}}, "closing_en", "Only var"),
        ({"texts": {"en": {"closing": "{{ name.upper() }}"}}}, "closing_en", "can’t be used"),
        ({"texts": {"en": {"closing": "{{ event }}" * 30}}}, "closing_en", "too long"),
        ({"signature": SIGNATURE}, "signature_of", "whose signature"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    app: Flask, changed: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence) as refusal:
        change(make.office("turku"), **changed)
    assert refusal.value.field == field


# -- pages ---------------------------------------------------------------------------------------


def typed(**changed: Any) -> dict[str, Any]:
    texts = {f"{name}_{code}": "" for name in FREE_TEXTS for code in names()}
    return {"accent": ACCENT, "language": "en", "signature_of": "", **texts, **changed}


def test_leads_edit_their_office_and_coordinators_the_network(client: Client, app: Flask) -> None:
    assert client.get(ADDRESS).status_code == 302
    people = {
        make.member(level=Level.LEAD): (200, 404),
        make.member(): (403, 404),
        make.member("vienna", Level.LEAD): (404, 404),
        make.user("Nobody"): (404, 404),
        make.user("Coordinator", is_coordinator=True): (200, 200),
    }
    for person, expected in people.items():
        client.sign_in(person)
        found = [client.get(page).status_code for page in (ADDRESS, "/admin/certificate-design")]
        assert tuple(found) == expected
    client.sign_in(make.member())
    assert client.press(f"{ADDRESS}/drop").status_code == 403


def test_what_is_wrong_keeps_the_answers_and_the_picture(client: Client, app: Flask) -> None:
    office = make.office("turku")
    client.sign_in(make.member(level=Level.LEAD))
    fields = typed(accent="#eeeeee", closing_de='Danke "{{ name }}" <b>')
    page = client.press(ADDRESS, page=ADDRESS, **fields, logo=(BytesIO(png()), "logo.png")).text
    assert "too light to be read" in page
    assert "Danke &#34;{{ name }}&#34; &lt;b&gt;" in page
    assert re.findall(r"<details open>\s*<summary lang=\"(..)\">", page) == ["en", "de"]
    sent = re.search(r'name="logo_sent"[^>]*value="([^"]+)"', page)
    assert sent
    fields |= {"accent": "#004400", "logo_sent": sent[1]}
    assert client.press(ADDRESS, page=ADDRESS, **fields).status_code == 303
    own = standing(office).own
    assert (own.accent, own.texts) == ("#004400", {"de": {"closing": 'Danke "{{ name }}" <b>'}})
    assert own.logo
    client.press(f"{ADDRESS}/drop")
    assert db.session.scalars(select(CertificateDesign)).all() == []


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"<svg/>", "logo.svg", "files of that type are not taken"),
        (b"<svg/>", "logo.png", "of another kind than its name says"),
        (b"\x89PNG\r\n\x1a\nrest", "logo.png", "can’t be opened"),
    ],
)
def test_other_files_are_refused(
    client: Client, app: Flask, content: bytes, name: str, sentence: str
) -> None:
    client.sign_in(make.member(level=Level.LEAD))
    page = client.press(ADDRESS, page=ADDRESS, **typed(), logo=(BytesIO(content), name)).text
    assert sentence in page
    assert 'value="#003399"' in page


# -- what is printed -----------------------------------------------------------------------------


def saved(content: bytes, folder: Path) -> Path:
    file = folder / "certificate.pdf"
    file.write_bytes(content)
    return file


def test_a_design_and_a_language_are_all_over_the_file(
    app: Flask, make_facts: MakeFacts, tmp_path: Path
) -> None:
    facts = make_facts(
        language="de",
        printed_country="Finnland",
        printed_place="Turku, Finnland",
        sessions=attended_sessions(8),
        attended_minutes=360,
        learning_minutes=360,
        signatory_name="Anna",
    )
    closing = {"de": {"closing": "{{ name }}: {{ hours }} am {{ dates }}"}}
    design = Design("#8a1c4a", LOGO, SIGNATURE, "Anna", closing)
    sheet = Sheet(facts, "7Q4K92MXHD3T0A1BC2D3", "https://x.example", "x", design)
    (pdf,) = certificate_pdfs([sheet])
    file = saved(pdf, tmp_path)
    text = " ".join(poppler.run("pdftotext", file, "-").split())
    for said in (
        "Teilnahmebescheinigung Hiermit wird bescheinigt: Zoë Ångström-Müller",
        "Finnland hat an folgendem Workshop teilgenommen:",
        "Zoë Ångström-Müller: 6 Std. am 12.–13. Mai 2027",
        "8 Programmteile, aufgeführt auf Seite 2",
        "6 Std. von 6 Std.",
        "Elektronisch signiert am 14. Mai 2027",
        "Kofinanziert von der Europäischen Union",
    ):
        assert said in text
    objects = poppler.objects_of(file)
    assert b"/Lang (de)" in objects
    assert "Teilnahmebescheinigung: Zoë" in poppler.run("pdfinfo", file)
    assert poppler.run("pdfinfo", "-struct-text", file).count("Figure") == 4
    for alternative in ("Logo: Interact Office Turku", "Unterschrift: Anna"):
        assert alternative.encode() in objects
    assert b"0.541176 0.109804 0.290196 rg" in objects
    fonts = [line.split() for line in poppler.run("pdffonts", file).splitlines()[2:]]
    assert {(font[-5], font[-3]) for font in fonts} == {("yes", "yes")}


def test_a_new_design_changes_nothing_that_is_issued(app: Flask, tmp_path: Path) -> None:
    event = ended_event()
    set_languages(event, ["fi"], actor=make.member(), now=clock.now())
    old = issue(participant(event))
    assert old
    before = queries.file_of(old)
    set_languages(event, ["en"], actor=make.member(), now=clock.now())
    change(event.office, texts={"fi": {"heading": "Kunniakirja"}})
    assert queries.file_of(old) == before
    corrected = Corrected("Dr Zoë Žižka", "Controller", "Regional Council of Southwest Finland")
    draft = draft_replacement(old, corrected, now=clock.now())
    assert draft.facts.language == "fi"
    text = poppler.run("pdftotext", saved(draft.pdf, tmp_path), "-")
    assert "Kunniakirja" in text
    assert "Täten todistetaan, että" in text


def test_a_preview_shows_a_long_and_a_greek_name_and_saves_nothing(
    client: Client, app: Flask, tmp_path: Path
) -> None:
    client.sign_in(make.user("Coordinator", is_coordinator=True))
    fields = typed(accent="#004400", language="sk", preview="yes")
    answer = client.press("/admin/certificate-design", page="/admin/certificate-design", **fields)
    assert answer.mimetype == "application/pdf"
    text = poppler.run("pdftotext", saved(answer.data, tmp_path), "-")
    assert 'Ζωή "Žižka" Παπαδοπούλου' in text
    assert "María de los Ángeles" in text
    assert text.count("Náhľad: toto nie je potvrdenie") == 2
    assert db.session.scalars(select(CertificateDesign)).all() == []
