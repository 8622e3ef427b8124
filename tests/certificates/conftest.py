"""A certificate's facts for any test."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from interact_events.certificates.rules import AttendedSession, Facts
from interact_events.interreg.models import Publicity

MakeFacts = Callable[..., Facts]


def attended_sessions(number: int, title: str = "Session") -> tuple[AttendedSession, ...]:
    return tuple(
        AttendedSession(f"{title} {i}", date(2027, 5, 12 + i * 3 // number), 45)
        for i in range(number)
    )


@pytest.fixture
def make_facts() -> MakeFacts:
    def make(**changes: Any) -> Facts:
        values: dict[str, Any] = {
            "name": "Zoë Ångström-Müller",
            "role": "Controller",
            "programme": "Interreg Central Baltic",
            "institution": "Regional Council of Southwest Finland",
            "country": "Finland",
            "event": "Simplified cost options in practice",
            "kind": "workshop",
            "starts_on": date(2027, 5, 12),
            "ends_on": date(2027, 5, 13),
            "dates": "12–13 May 2027",
            "place": "Turku, Finland",
            "sessions": attended_sessions(3),
            "attended_minutes": 135,
            "learning_minutes": 150,
            "office": "Interact Office Turku",
            "signatory_name": "Þóra Łucja Győri",
            "signatory_title": "Head of Interact Office Turku",
            "publicity": Publicity.COFUNDED,
            "issued_on": date(2027, 5, 14),
        }
        return Facts(**(values | changes))

    return make
