"""Whom a report means: sure ones alone, everything else is staff's to say."""

import random
import time
from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.attendance import rules
from interact_events.attendance.rules import Attendee, Candidate, How, Match
from tests.attendance.reports import at, zoom

ANNA = Candidate(1, 11, "Anna Virtanen", emails=("anna@example.org",))
SOREN = Candidate(2, 12, "Søren Žižka", names=("Søren A. Žižka",), emails=("s.z@example.org",))
ZOI = Candidate(3, 13, "Ζωή Παπαδοπούλου", emails=("zoi@example.org",))
JEAN = Candidate(4, 14, "Jean-Luc Lefèvre", emails=("jl@example.org",))
ASDIS = Candidate(5, 15, "Ásdís Þórsdóttir")
PEOPLE = [ANNA, SOREN, ZOI, JEAN, ASDIS]


def match(
    name: str,
    email: str = "",
    people: Iterable[Candidate] = PEOPLE,
    aliases: dict[str, set[int]] | None = None,
) -> Match:
    attendee = Attendee(2, name, email, ((at(9), at(10)),))
    (found,) = rules.match_all([attendee], list(people), aliases)
    return found


def sure(name: str, email: str = "") -> tuple[How, int | None]:
    found = match(name, email)
    return found.how, found.sure.id if found.sure else None


def test_the_address_decides_whatever_the_name() -> None:
    assert sure("Jean-Luc Lefèvre", "anna@example.org") == (How.EMAIL, 1)


@pytest.mark.parametrize(
    "name",
    [
        "Anna Virtanen",
        "ANNA VIRTANEN",
        "Virtanen, Anna",
        "Virtanen Anna (Guest)",
        "Anna Virtanen (External)",
        "Anna Virtanen (Unverified)",
        "Anna Virtanen (Regional Council)",
        "Anna Virtanen | Regional Council",
        "Anna Virtanen - Central Baltic",
        "CB – Anna Virtanen",
        "Dr. Anna Virtanen, PhD",
        "Anna_Virtanen",
        "[EXT] Anna Virtanen",
        "Anni (Anna Virtanen)",
    ],
)
def test_a_name_is_known_however_it_is_dressed(name: str) -> None:
    assert sure(name) == (How.NAME, 1)


@pytest.mark.parametrize(
    ("name", "who"),
    [("Soren Zizka", 2), ("Søren A. Žižka", 2), ("Zoi Papadopoyloy", 3), ("lefevre jean luc", 4)],
)
def test_marks_and_alphabets_do_not_matter(name: str, who: int) -> None:
    assert sure(name) == (How.NAME, who)


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("Ana Virtanen", 1),
        ("Anna Virtannen", 1),
        ("Anna Maria Virtanen", 1),
        ("CZ Anna Virtanen", 1),
        ("Anna V.", 1),
        ("S. Žižka", 2),
        ("Ásdís Þ.", 5),
    ],
)
def test_a_likely_name_is_only_suggested(name: str, who: int) -> None:
    found = match(name)
    assert (found.how, found.sure) == (How.SIMILAR, None)
    best = found.suggestions[0]
    assert best.candidate.id == who
    assert 72 <= best.score < 100


def test_what_stands_before_the_at_is_looked_at() -> None:
    found = match("iPhone", "jeanluc.lefevre@home.example")
    assert [each.candidate for each in found.suggestions] == [JEAN]


@pytest.mark.parametrize("name", ["iPhone", "Guest", "Host", "Projector room", "+358 40 123", "🙂"])
def test_nobody_is_suggested_for_what_is_no_name(name: str) -> None:
    assert match(name).how is How.NOBODY


def test_two_people_of_one_name_are_never_chosen() -> None:
    other = Candidate(9, 19, "Anna VIRTANEN", detail="Elsewhere")
    found = match("Anna Virtanen", people=[*PEOPLE, other])
    assert (found.how, found.sure) == (How.SIMILAR, None)
    assert {(each.candidate.id, each.score) for each in found.suggestions} == {(1, 100), (9, 100)}


def test_two_names_in_one_are_two_people() -> None:
    assert match("Anna Virtanen (Søren Žižka)").sure is None


def test_an_alias_that_was_confirmed_is_known() -> None:
    found = match("Anni V-nen", aliases={"anni nen v": {11}})
    assert (found.how, found.sure) == (How.ALIAS, ANNA)
    assert match("x", "home@x.org", aliases={"home@x.org": {11}}).sure == ANNA


def test_an_alias_of_two_or_of_somebody_elsewhere_is_none() -> None:
    assert match("Anni V-nen", aliases={"anni nen v": {11, 12}}).sure is None
    assert match("Anni V-nen", aliases={"anni nen v": {99}}).sure is None


def test_an_alias_never_takes_the_name_of_somebody_else() -> None:
    """Søren once joined at Anna's computer; Anna comes herself, or two Annas do."""
    found = match("Anna Virtanen", aliases={"anna virtanen": {12}})
    assert (found.sure, found.namesakes) == (None, 2)
    other = Candidate(9, 19, "Anna Virtanen")
    assert (
        match("Anna Virtanen", people=[ANNA, other], aliases={"anna virtanen": {11}}).sure is None
    )
    assert match("Anna Virtanen", aliases={"anna virtanen": {11}}).sure == ANNA


def test_a_first_name_or_a_device_is_not_remembered() -> None:
    def keys(name: str, email: str = "") -> list[str]:
        return rules.alias_keys(Attendee(1, name, email, ()))

    assert keys("Anna") == keys("Anna's iPhone") == keys("Galaxy S21") == []
    assert keys("Anna (Guest)", "anna@x.org") == ["anna@x.org"]
    assert keys("Virtanen, Anna") == ["anna virtanen"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_finds_its_place(name: str, email: str) -> None:
    found = match(name, email)
    assert (found.sure is not None) == (found.how in (How.EMAIL, How.ALIAS, How.NAME))
    assert rules.name_key(rules.name_key(name)) == rules.name_key(name)


@given(st.permutations(["Anna", "Maria", "Virtanen"]))
def test_the_order_of_names_does_not_matter(parts: list[str]) -> None:
    assert rules.name_key(" ".join(parts)) == "anna maria virtanen"


def test_five_thousand_rows_take_seconds() -> None:
    """Each fifth is misspelt. Time of the processor, for others may keep the machine busy."""
    letters = random.Random(5)  # the same names each time
    syllables = ["ka", "lo", "vir", "ta", "nen", "mü", "ller", "sø", "ren", "žiž", "pa", "do"]

    def name() -> str:
        return " ".join("".join(letters.choices(syllables, k=3)).title() for _ in range(2))

    everybody = list({name() for _ in range(6000)})[:5000]
    people = [Candidate(n, n, each) for n, each in enumerate(everybody)]
    shown = [each[:-1] + "x" if n % 5 == 0 else each for n, each in enumerate(everybody)]
    content = zoom([(each, "", at(9), at(12)) for each in shown])
    started = time.process_time()
    report = rules.report_of(content)
    order = report.likely_order(date(2026, 5, 12), date(2026, 5, 12))
    assert order
    reading = rules.read(report, order, rules.zone_of("Europe/Helsinki"))
    matches = rules.match_all(reading.attendees, people)
    took = time.process_time() - started
    assert sum(each.sure is not None for each in matches) > 3900
    assert took < 3, f"{took:.1f} s"
