"""What is written to people about materials."""

from collections.abc import Sequence

from interact_events.core.links import url
from interact_events.core.mail import Mail, Variable, compose, kind
from interact_events.materials.models import Material
from interact_events.materials.rules import Audience
from interact_events.registrations.emails import REGISTRATION, facts
from interact_events.registrations.models import Registration

SHARED = kind(
    "materials.shared",
    "Materials are shared",
    *REGISTRATION,
    Variable(
        "materials",
        "a list of (title, what it is, session, link)",
        [
            ("Slides", "PDF, 1.2 MB", "Sampling", "https://events.example.eu/materials/0a1b"),
            ("Projects", "keep.eu", "", "https://events.example.eu/materials/2c3d"),
        ],
    ),
    Variable("needs_account", "whether any of them opens only after signing in", True),
    Variable("mine_link", "all that is shared with them", "https://events.example.eu/my/materials"),
)


def shared(registration: Registration, materials: Sequence[Material]) -> Mail:
    """The address of each; the files themselves stay where access is checked."""
    return compose(
        SHARED,
        materials=[_said(row) for row in materials],
        needs_account=any(row.audience is not Audience.EVERYONE for row in materials),
        mine_link=url("materials.mine"),
        **facts(registration),
    )


def _said(row: Material) -> tuple[str, str, str, str]:
    session = row.shown_session.title if row.shown_session else ""
    return row.title, row.what, session, url("materials.download", code=row.code)
