import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.accounts.queries import common_passwords
from interact_events.accounts.rules import best_matches, is_common, password_fault
from interact_events.core.web.access import local_path

GUESSABLE = "That password is easy to guess. Choose words that do not belong together."
NAMED = "Leave your name and your e-mail address out of your password."
SHORT = "Use at least 12 characters. A few words in a row work well."


def fault(
    password: str, email: str = "anna.v@example.org", name: str = "Anna Virtanen"
) -> str | None:
    return password_fault(password, email=email, name=name, common=common_passwords())


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Passw0rd!!!!!",
        "P@ssw0rd-2026",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "123456789012",
        "210987654321",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "letmeinletmein",
        "welcome to interact",
        "I love you forever",
        "Summer2026!!",
        "qazwsxedcrfv",
        "asdfghjkl;'#12",
        "Żużużużużużu",
    ],
)
def test_common_password_is_refused(password: str) -> None:
    assert fault(password) == GUESSABLE


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "interact demo 2026",
        "tea before the ferry",
        "Grüße aus Viborg am Hald Sø",
        "Ένα δύο τρία, φεύγω πια",
        "xK9#vL2$qR7w",
    ],
)
def test_good_password_passes(password: str) -> None:
    assert fault(password) is None


@pytest.mark.parametrize(
    ("password", "email", "name"),
    [
        ("virtanen and ferries", "a@example.org", "Anna Virtanen"),
        ("ferries ANNA VIRTANEN", "a@example.org", "Anna Virtanen"),
        ("my zoi.k login key", "zoi.k@example.org", "Z"),
        ("zižka likes ferries", "a@example.org", 'Ζωή "Žižka" O’Neil'),
    ],
)
def test_password_with_name_or_address_is_refused(password: str, email: str, name: str) -> None:
    assert fault(password, email, name) == NAMED


def test_short_name_inside_a_word_is_no_fault() -> None:
    assert fault("banana ferry mountain", "an@example.org", "Ana Li") is None


def test_password_length_has_two_ends() -> None:
    assert fault("xK9#vL2$qR7") == SHORT
    assert fault("ferry " * 34) == "Use at most 200 characters."


@given(st.text(max_size=11))
def test_every_short_password_is_refused(password: str) -> None:
    assert fault(password) == SHORT


@given(st.text(min_size=1, max_size=6), st.integers(min_value=2, max_value=9))
def test_a_piece_repeated_is_common(piece: str, times: int) -> None:
    assert is_common(piece * times, frozenset())


OPTIONS = [
    ("Interreg Europe (2014–2020)", "Interreg Europe", "2014TC16RFIR001"),
    ("Interreg Europe (2021–2027)", "Interreg Europe", "2021TC16FFIR001"),
    ("Central Baltic (2021–2027)", "Central Baltic", "2021TC16RFCB004"),
    ("Caraïbes (2021–2027)", "Caraïbes", "2021TC16FFOR001"),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Interreg Europe (2021–2027)", [1]),
        ("interreg europe", [0, 1]),
        ("2021tc16ffir001", [1]),
        ("baltic", [2]),
        ("baltic central", [2]),
        ("CARAIBES", [3]),
        ("2021–2027", [1, 2, 3]),
        ("Atlantis", []),
        ("   ", []),
        ("", []),
    ],
)
def test_typed_text_finds_options(typed: str, found: list[int]) -> None:
    assert best_matches(typed, OPTIONS) == found


@given(st.sampled_from(range(len(OPTIONS))))
def test_the_exact_label_always_means_its_own_option(index: int) -> None:
    assert best_matches(OPTIONS[index][0], OPTIONS) == [index]


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        None,
    ],
)
def test_no_link_leads_elsewhere(wanted: str | None) -> None:
    assert local_path(wanted) is None


def test_a_path_of_this_site_is_kept() -> None:
    assert local_path("/events/a?b=c#d") == "/events/a?b=c#d"
