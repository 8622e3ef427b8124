"""Who gets a certificate and why, or why none."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from interact_events.certificates.rules.codes import printed
from interact_events.core.words import slug


def reaches(attended: int, total: int, percent: int) -> bool:
    """Whether `attended` of `total` minutes are at least `percent`; without minutes nobody does."""
    return total > 0 and attended * 100 >= total * percent


def is_entitled(attended: int, total: int, percent: int, exception: bool | None) -> bool:
    """Whether somebody gets a certificate: by their share, unless the office made an exception;
    never for nothing."""
    return reaches(attended, total, percent) if exception is None else exception and attended > 0


class Why(StrEnum):
    """Why somebody gets a certificate, or none."""

    REACHED = "reached"
    GIVEN = "given"
    WITHHELD = "withheld"
    NO_SHOW = "no-show"
    NOTHING = "nothing"
    NO_LEARNING = "no-learning"
    BELOW = "below"

    @property
    def label(self) -> str:
        return {
            "reached": "Share reached",
            "given": "Exception: gets one",
            "withheld": "Exception: gets none",
            "no-show": "No-show",
            "nothing": "No attendance noted",
            "no-learning": "At no learning session",
            "below": "Share too small",
        }[self.value]


@dataclass(frozen=True)
class Noted:
    """What is known of somebody after an event; `exception` is the office's decision, if any."""

    attended: int  # minutes of learning time
    is_anywhere: bool  # noted at any session
    is_no_show: bool
    exception: bool | None


def why(noted: Noted, total: int, percent: int) -> Why:
    """The one reason that decides, in the order in which staff would ask."""
    if is_entitled(noted.attended, total, percent, noted.exception):
        return Why.GIVEN if noted.exception else Why.REACHED
    if noted.exception is False:
        return Why.WITHHELD
    if noted.attended:
        return Why.BELOW
    if noted.is_anywhere:
        return Why.NO_LEARNING
    return Why.NO_SHOW if noted.is_no_show else Why.NOTHING


class Group(StrEnum):
    """Where somebody stands, in the order in which lists show it."""

    WAITING = "to-be-issued"
    NONE = "none"
    ISSUED = "issued"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        return {
            "to-be-issued": "To be issued",
            "none": "Gets none",
            "issued": "Issued",
            "revoked": "Revoked",
        }[self.value]


def group_of(reason: Why, is_valid: bool | None) -> Group:
    """`is_valid` of the latest certificate; None where there is none."""
    if is_valid is None:
        return Group.WAITING if reason in (Why.REACHED, Why.GIVEN) else Group.NONE
    return Group.ISSUED if is_valid else Group.REVOKED


def issues_at(ends_at: datetime, zone: str, days: int) -> datetime:
    """So many days after the end, at the same time on the clocks of the event."""
    local = ends_at.astimezone(ZoneInfo(zone)) + timedelta(days=days)
    return local.astimezone(UTC)


def file_name(name: str, code: str) -> str:
    """ "certificate-zoe-zizka-7Q4K-….pdf": safe on every system, told apart by the code."""
    return f"{slug(f'certificate {name}')}-{printed(code)}.pdf"
