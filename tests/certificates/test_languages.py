import string
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from interact_events.accounts.models import Level
from interact_events.certificates import rules
from interact_events.certificates.actions import facts_of, set_languages, wish_language
from interact_events.certificates.models import Certificate
from interact_events.certificates.queries.designs import choice_of, languages_of
from interact_events.certificates.rules.languages import language, languages, offered, picked
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Kind, Mode
from interact_events.interreg.models import Publicity
from interact_events.registrations.models import Registration
from tests import make
from tests.certificates.conftest import MakeFacts
from tests.certificates.test_actions import all_of, ended_event, participant
from tests.client import Client

OTHERS = [code for code in languages() if code != "en"]
DAY = date(2027, 5, 12)


# -- the catalogues ------------------------------------------------------------------------------


def phrases(values: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(values, str):
        yield path, values
        return
    pairs = values.items() if isinstance(values, dict) else enumerate(values)
    for key, value in pairs:
        yield from phrases(value, f"{path}.{key}")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_six_languages_are_shipped() -> None:
    assert {"en", "fi", "es", "da", "de", "sk"} <= languages().keys()


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_every_phrase_with_the_same_placeholders(code: str) -> None:
    english = dict(phrases(dict(language("en").phrases)))
    other = dict(phrases(dict(language(code).phrases)))
    assert other.keys() == english.keys()
    assert {k: placeholders(v) for k, v in other.items() if not k.startswith(".dates")} == {
        k: placeholders(v) for k, v in english.items() if not k.startswith(".dates")
    }
    assert [k for k, v in other.items() if not v.strip()] == []


@pytest.mark.parametrize("code", languages())
def test_every_kind_of_event_and_every_publicity_has_words(code: str) -> None:
    spoken = language(code)
    kinds = {kind.label if kind is Kind.QA else kind.label.lower() for kind in Kind}
    assert kinds <= spoken.phrases["attended"].keys()
    assert all(all(spoken.publicity(each)) for each in Publicity)
    assert spoken.attended("a kind that is no more") == spoken.phrases["attended"]["event"]


@pytest.mark.parametrize(
    ("code", "one", "within_month", "within_year", "hours"),
    [
        ("en", "12 May 2027", "12–13 May 2027", "12 May – 11 June 2027", "1,250.5 h"),
        ("de", "12. Mai 2027", "12.–13. Mai 2027", "12. Mai – 11. Juni 2027", "1.250,5 Std."),
        (
            *("fi", "12. toukokuuta 2027", "12.–13. toukokuuta 2027"),
            *("12. toukokuuta – 11. kesäkuuta 2027", "1\xa0250,5 t"),
        ),
        (
            *("es", "12 de mayo de 2027", "12–13 de mayo de 2027"),
            *("12 de mayo – 11 de junio de 2027", "1.250,5 h"),
        ),
        ("da", "12. maj 2027", "12.–13. maj 2027", "12. maj – 11. juni 2027", "1.250,5 t."),
        ("sk", "12. mája 2027", "12. – 13. mája 2027", "12. mája – 11. júna 2027", "1\xa0250,5 h"),
    ],
)
def test_dates_and_hours_are_written_as_there(
    code: str, one: str, within_month: str, within_year: str, hours: str
) -> None:
    spoken = language(code)
    assert spoken.days(DAY, DAY) == one
    assert spoken.days(DAY, DAY + timedelta(days=1)) == within_month
    assert spoken.days(DAY, DAY + timedelta(days=30)) == within_year
    assert spoken.hours(75030) == hours


def test_a_span_over_new_year_says_both_years() -> None:
    said = language("de").days(date(2026, 12, 31), date(2027, 1, 1))
    assert said == "31. Dezember 2026 – 1. Januar 2027"


@given(
    st.none() | st.text(max_size=3) | st.sampled_from(sorted(languages())),
    st.lists(st.sampled_from([*languages(), "xx"])),
    st.sampled_from(["en", "de", "el"]),
)
def test_everybody_gets_a_language_that_there_is(
    wish: str | None, chosen: list[str], spoken: str
) -> None:
    on_offer = offered(chosen, spoken)
    got = picked(wish, on_offer)
    assert got in on_offer
    assert set(on_offer) <= languages().keys()
    assert got == wish or wish not in on_offer


def test_old_facts_are_in_english(make_facts: MakeFacts) -> None:
    facts = make_facts()
    old = rules.as_json(facts)
    for name in ("language", "printed_country", "printed_place"):
        del old[name]
    assert rules.from_json(old) == facts
    german = make_facts(language="de", printed_country="Finnland", printed_place="Turku, Finnland")
    assert rules.from_json(rules.as_json(german)) == german


# -- events and people ---------------------------------------------------------------------------


def test_an_event_offers_the_language_that_it_is_held_in_and_english(app: Flask) -> None:
    assert languages_of(ended_event()) == ["en"]
    assert languages_of(ended_event(language="de")) == ["de", "en"]
    assert languages_of(ended_event(language="el")) == ["en"]  # there is none in Greek


def test_facts_keep_the_language_and_stay_in_english(app: Flask) -> None:
    event = ended_event(mode=Mode.HYBRID, online_capacity=2)
    row = participant(event)
    lead, now = make.member(), clock.now()
    set_languages(event, ["de", "fi"], actor=lead, now=now)
    facts = facts_of(row, all_of(event), now=now)
    assert (facts.language, facts.country, facts.place) == (
        *("de", "Finland"),
        "Turku, Finland, and online",
    )
    assert (facts.printed_country, facts.printed_place) == (
        "Finnland",
        "Turku, Finnland und online",
    )
    wish_language(row, "fi", actor=row.user, now=now)
    assert facts_of(row, all_of(event), now=now).printed_place == "Turku, Suomi sekä verkossa"
    set_languages(event, ["en", "de"], actor=lead, now=now)  # Finnish is on offer no more
    facts = facts_of(row, all_of(event), now=now)
    assert (facts.language, facts.printed_country, facts.printed_place) == ("en", "", "")


def test_what_makes_no_sense_is_refused(app: Flask) -> None:
    event = ended_event()
    row, lead, now = participant(event), make.member(), clock.now()
    for codes in ([], ["xx"]):
        with pytest.raises(DomainError, match=r"at least one|no language"):
            set_languages(event, codes, actor=lead, now=now)
    with pytest.raises(DomainError, match="on offer"):
        wish_language(row, "fi", actor=row.user, now=now)
    assert choice_of(row).language == "en"


def test_staff_choose_and_others_do_not(client: Client, app: Flask) -> None:
    event = ended_event()
    address = f"/offices/turku/events/{event.slug}/certificates/languages"
    client.sign_in(make.member("vienna"))
    assert client.get(address).status_code == 404
    client.sign_in(make.member(level=Level.VIEWER))
    assert client.get(address).status_code == 403
    client.sign_in(make.member())
    assert client.press(address, usual="fi", others=["en", "fi"]).status_code == 303
    assert languages_of(event) == ["fi", "en"]
    assert "Suomi (Finnish)" in client.get(address.removesuffix("/languages")).text
    assert "Choose one of those" in client.press(address, usual="xx").text


def undrawn(row: Registration) -> None:
    """A certificate without a file: laying one out takes longer than the test."""
    facts = rules.as_json(facts_of(row, all_of(row.event), now=clock.now()))
    db.session.add(
        Certificate(
            registration_id=row.id,
            code=f"{row.id:020}",
            facts=facts,
            sha256="0" * 64,
            holder_hash="0" * 64,
            issued_at=clock.now(),
            issued_by_id=row.user_id,
        )
    )
    db.session.commit()


def test_a_person_chooses_until_the_certificate_is_issued(client: Client, app: Flask) -> None:
    event = ended_event(language="de")
    row, other = participant(event), participant(event, "Other")
    page, address = (
        f"/my/registrations/{row.id}",
        f"/my/registrations/{row.id}/certificate-language",
    )
    client.sign_in(other.user)
    assert client.press(address, language="en").status_code == 404
    client.sign_in(row.user)
    assert "Deutsch (German)" in client.get(page).text
    assert client.press(address, language="en").status_code == 303
    assert client.press(address, language="fi").status_code == 303  # refused
    assert choice_of(row).language == "en"
    undrawn(row)
    assert "Deutsch (German)" not in client.get(page).text
    assert "issued already" in client.get(client.press(address, language="de").location).text
    assert choice_of(row).language == "en"
