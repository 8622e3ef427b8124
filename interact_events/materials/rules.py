"""Who may open a material when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit


class Audience(StrEnum):
    EVERYONE = "everyone"
    CONFIRMED = "confirmed"
    CAME = "came"

    @property
    def label(self) -> str:
        return {
            "everyone": "Everyone, without signing in",
            "confirmed": "Those with a confirmed seat",
            "came": "Those who came",
        }[self.value]


@dataclass(frozen=True)
class Viewer:
    """Who looks: staff of the event, with a confirmed seat, and the sessions they came to."""

    is_staff: bool = False
    is_confirmed: bool = False
    came_to: frozenset[int] = frozenset()


class Offered(Protocol):
    """What of a material decides who may open it."""

    @property
    def audience(self) -> Audience: ...
    @property
    def session_id(self) -> int | None: ...
    @property
    def available_at(self) -> datetime | None: ...


def is_available(material: Offered, now: datetime) -> bool:
    return material.available_at is None or now >= material.available_at


def is_for(material: Offered, viewer: Viewer) -> bool:
    """Whether it is meant for them; who came to the event has come to one of its sessions."""
    if material.audience is Audience.EVERYONE:
        return True
    if not viewer.is_confirmed:
        return False
    if material.audience is Audience.CONFIRMED:
        return True
    if material.session_id is None:
        return bool(viewer.came_to)
    return material.session_id in viewer.came_to


def may_open(material: Offered, viewer: Viewer, *, is_draft: bool, now: datetime) -> bool:
    """Staff always; others what is meant for them, once it is time and the event is public."""
    if viewer.is_staff:
        return True
    return not is_draft and is_available(material, now) and is_for(material, viewer)


def is_web_address(text: str) -> bool:
    """Whether a link leads to a page: http or https with a host, nobody's password in it."""
    if any(c <= " " or c == "\\" for c in text):
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port
        (parts.hostname or "").encode("idna")  # a host that can't be one leads nowhere
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
