import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.certificates import rules
from interact_events.certificates.actions import new_code
from interact_events.certificates.rules import (
    ALPHABET,
    CODE_LENGTH,
    AttendedSession,
    Facts,
    as_json,
    check_character,
    from_json,
    is_well_typed,
    normalised,
    printed,
    reaches,
)
from interact_events.interreg.models import Publicity

payloads = st.text(ALPHABET, min_size=CODE_LENGTH - 1, max_size=CODE_LENGTH - 1)
codes = payloads.map(lambda payload: payload + check_character(payload))
lines = st.text(max_size=60)
minutes = st.integers(0, 10_000)
facts = st.builds(
    Facts,
    **dict.fromkeys(
        ("name", "role", "programme", "institution", "country", "event", "kind", "dates"), lines
    ),
    **dict.fromkeys(("place", "office", "signatory_name", "signatory_title"), lines),
    **dict.fromkeys(("starts_on", "ends_on", "issued_on"), st.dates()),
    sessions=st.lists(st.builds(AttendedSession, lines, st.dates(), minutes)).map(tuple),
    attended_minutes=minutes,
    learning_minutes=minutes,
    publicity=st.sampled_from(Publicity),
)


@given(codes)
def test_every_wrong_character_is_detected(code: str) -> None:
    wrong = [
        code[:place] + other + code[place + 1 :]
        for place in range(CODE_LENGTH)
        for other in ALPHABET
        if other != code[place]
    ]
    assert len(wrong) == CODE_LENGTH * 31
    assert [c for c in wrong if is_well_typed(c)] == []


@given(codes, st.data())
def test_a_missing_or_doubled_character_is_detected(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, CODE_LENGTH - 1))
    assert not is_well_typed(code[:place] + code[place + 1 :])
    assert not is_well_typed(code[:place] + code[place] + code[place:])


@given(codes, st.data())
def test_most_swaps_of_neighbours_are_detected(code: str, data: st.DataObject) -> None:
    """All but the pair 0 and Z, which Luhn's algorithm can't tell apart."""
    place = data.draw(st.integers(0, CODE_LENGTH - 2))
    one, two = code[place], code[place + 1]
    swapped = code[:place] + two + one + code[place + 2 :]
    assert is_well_typed(swapped) == (one == two or {one, two} == {"0", "Z"})


@given(codes, st.data())
def test_a_code_is_understood_however_it_is_typed(code: str, data: st.DataObject) -> None:
    dashed = data.draw(st.sampled_from(["-", " ", " - ", "–", "‑", ""])).join(
        code[i : i + 4] for i in range(0, CODE_LENGTH, 4)
    )
    zero = data.draw(st.sampled_from("0Oo"))
    one = data.draw(st.sampled_from("1IiLl"))
    typed = dashed.replace("0", zero).replace("1", one)
    at = "https://events.example/certificates/verify/"
    forms = [typed, typed.lower(), f" {typed} ", at + code, f"{at}{typed}/ "]
    assert normalised(data.draw(st.sampled_from(forms))) == code


@given(st.text(max_size=30))
def test_no_text_is_too_strange_to_be_judged(text: str) -> None:
    assert is_well_typed(normalised(text)) in (True, False)


def test_printed_is_in_groups_of_four() -> None:
    assert printed("7Q4K92MXHD3T0A1BC2D3") == "7Q4K-92MX-HD3T-0A1B-C2D3"


def test_new_codes_are_well_typed_and_never_the_same() -> None:
    made = {new_code() for _ in range(500)}
    assert len(made) == 500
    assert all(is_well_typed(code) for code in made)


@given(facts)
def test_facts_come_back_from_json_as_they_were(original: Facts) -> None:
    assert from_json(json.loads(json.dumps(as_json(original)))) == original


@pytest.mark.parametrize(
    ("attended", "total", "percent", "expected"),
    [
        (80, 100, 80, True),
        (79, 100, 80, False),
        (479, 600, 80, False),
        (480, 600, 80, True),
        (29, 50, 58, True),  # 0.29 * 200 is 57.99999999999999 in floating point
        (1, 3, 34, False),
        (1, 1, 100, True),
        (0, 0, 1, False),
    ],
)
def test_reaches_compares_exactly(attended: int, total: int, percent: int, expected: bool) -> None:
    assert reaches(attended, total, percent) is expected


@pytest.mark.parametrize(
    ("noted", "reason"),
    [
        (rules.Noted(80, True, False, None), rules.Why.REACHED),
        (rules.Noted(79, True, False, None), rules.Why.BELOW),
        (rules.Noted(79, True, False, True), rules.Why.GIVEN),
        (rules.Noted(80, True, False, False), rules.Why.WITHHELD),
        (rules.Noted(0, False, True, False), rules.Why.WITHHELD),
        (rules.Noted(0, False, True, None), rules.Why.NO_SHOW),
        (rules.Noted(0, False, False, None), rules.Why.NOTHING),
        (rules.Noted(0, True, False, None), rules.Why.NO_LEARNING),
        (rules.Noted(0, True, False, True), rules.Why.NO_LEARNING),
    ],
)
def test_everybody_has_one_reason(noted: rules.Noted, reason: rules.Why) -> None:
    assert rules.why(noted, 100, 80) is reason


@given(st.integers(0, 100), st.booleans(), st.booleans(), st.sampled_from([None, True, False]))
def test_the_reason_and_the_claim_agree(
    attended: int, is_anywhere: bool, is_no_show: bool, exception: bool | None
) -> None:
    noted = rules.Noted(attended, is_anywhere or attended > 0, is_no_show, exception)
    is_given = rules.why(noted, 100, 80) in (rules.Why.REACHED, rules.Why.GIVEN)
    assert is_given is rules.is_entitled(attended, 100, 80, exception)


@given(st.text())
def test_a_file_name_is_safe_and_has_the_code(name: str) -> None:
    code = "7Q4K92MXHD3T0A1BC2D3"
    written = rules.file_name(name, code)
    assert re.fullmatch(r"certificate[a-z0-9-]*-7Q4K-92MX-HD3T-0A1B-C2D3\.pdf", written)
    assert len(written) < 120


@given(st.binary(max_size=50), st.lists(st.integers(0, 9_999_999_999), max_size=12))
def test_whatever_a_file_claims_of_signatures_costs_little(start: bytes, claims: list[int]) -> None:
    pdf = start + b"".join(b"/ByteRange [0 %d %d %d]" % (n, n, n) for n in claims)
    parts = rules.parts_signed(pdf)
    assert len(parts) <= rules.MOST_SIGNATURES
    assert all(pdf.startswith(part) and part != pdf for part in parts)
