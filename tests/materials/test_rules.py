from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.materials.rules import (
    Audience,
    Viewer,
    is_web_address,
    may_open,
)

NOW = datetime(2027, 5, 12, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder() -> None:
    """Rules need neither application nor files."""


@dataclass(frozen=True)
class Offer:
    audience: Audience
    session_id: int | None = None
    available_at: datetime | None = None


STRANGER, SEATED = Viewer(), Viewer(is_confirmed=True)
STAFF = Viewer(is_staff=True)


def came(*sessions: int) -> Viewer:
    return Viewer(is_confirmed=True, came_to=frozenset(sessions))


def opens(offer: Offer, viewer: Viewer) -> bool:
    return may_open(offer, viewer, is_draft=False, now=NOW)


@pytest.mark.parametrize(
    ("offer", "expected"),
    [  # for a stranger, with a seat, who came to session 1, who came to session 2
        (Offer(Audience.EVERYONE), [True, True, True, True]),
        (Offer(Audience.EVERYONE, session_id=1), [True, True, True, True]),
        (Offer(Audience.CONFIRMED), [False, True, True, True]),
        (Offer(Audience.CONFIRMED, session_id=1), [False, True, True, True]),
        (Offer(Audience.CAME), [False, False, True, True]),
        (Offer(Audience.CAME, session_id=1), [False, False, True, False]),
    ],
)
def test_who_may_open_what(offer: Offer, expected: list[bool]) -> None:
    assert [opens(offer, viewer) for viewer in (STRANGER, SEATED, came(1), came(2))] == expected


def test_who_was_ticked_and_has_no_seat_any_more_has_not_come() -> None:
    ticked = Viewer(is_confirmed=False, came_to=frozenset({1}))
    assert not opens(Offer(Audience.CAME), ticked)


def test_nobody_but_staff_opens_it_before_its_instant() -> None:
    second = timedelta(seconds=1)
    for at, expected in ((NOW + second, False), (NOW, True), (NOW - second, True)):
        offer = Offer(Audience.EVERYONE, available_at=at)
        assert opens(offer, STRANGER) is expected
        assert opens(offer, STAFF)


offers_ = st.builds(
    Offer,
    st.sampled_from(Audience),
    st.none() | st.integers(1, 3),
    st.none() | st.sampled_from([NOW - timedelta(1), NOW + timedelta(1)]),
)
viewers = st.builds(
    Viewer, st.just(False), st.booleans(), st.frozensets(st.integers(1, 3), max_size=3)
)


@given(offers_, viewers)
def test_of_a_draft_only_staff_open_anything(offer: Offer, viewer: Viewer) -> None:
    assert not may_open(offer, viewer, is_draft=True, now=NOW)
    assert may_open(offer, STAFF, is_draft=True, now=NOW)


@given(offers_, viewers)
def test_more_rights_never_close_anything(offer: Offer, viewer: Viewer) -> None:
    """A wider audience opens to all whom a narrower one lets in; so does more presence."""
    wider = {Audience.CAME: Audience.CONFIRMED, Audience.CONFIRMED: Audience.EVERYONE}
    if not opens(offer, viewer):
        return
    opener = Offer(
        wider.get(offer.audience, Audience.EVERYONE), offer.session_id, offer.available_at
    )
    assert opens(opener, viewer)
    assert opens(offer, Viewer(is_confirmed=True, came_to=viewer.came_to | {1, 2, 3}))


# -- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "good", ["https://keep.eu", "http://example.org:8080/a?b=c#d", "https://xn--bcher-kva.example/"]
)
def test_a_web_address(good: str) -> None:
    assert is_web_address(good)


@pytest.mark.parametrize(
    "bad",
    [
        *("javascript:alert(1)", "data:text/html,x", "ftp://example.org", "//example.org", "/my/"),
        *("https://", "https:///path", "https://user:word@example.org", "https://a b.example"),
        *("https://example.org:port/", "https://[::1", "https:\\\\example.org", "", "keep.eu"),
        "https://example.org\r\nSet-Cookie: a=b",
    ],
)
def test_no_web_address(bad: str) -> None:
    assert not is_web_address(bad)
