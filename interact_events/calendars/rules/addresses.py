"""The addresses of calendars."""

import hmac
from base64 import urlsafe_b64encode
from typing import NamedTuple
from urllib.parse import urlencode


def token_of(seed: str, *, key: str) -> str:
    """The 256 bits that are in a person's own address."""
    digest = hmac.digest(key.encode(), f"calendars.own:{seed}".encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


class Way(NamedTuple):
    """A program, the address that adds a calendar to it, and what to do there."""

    program: str
    address: str
    says: str


def webcal(address: str) -> str:
    """The same address, for a program that subscribes to it instead of opening it once."""
    return "webcal://" + address.partition("://")[2]


def ways(address: str, name: str) -> list[Way]:
    """How each program subscribes to the calendar at `address`, which it will show as `name`."""
    outlook = urlencode({"url": address, "name": name})
    return [
        Way(
            "Apple Calendar",
            webcal(address),
            "Opens Calendar on iPhone, iPad and Mac, which asks you to subscribe.",
        ),
        Way(
            "Google Calendar",
            f"https://calendar.google.com/calendar/r?{urlencode({'cid': webcal(address)})}",
            "Opens Google Calendar, which asks whether to add the calendar. It looks for changes "
            "about once a day.",
        ),
        Way(
            "Outlook at work",
            f"https://outlook.office.com/calendar/0/addfromweb?{outlook}",
            "Opens Outlook on the web for a work account: press Import. The calendar then is in "
            "Outlook on your computer and phone as well.",
        ),
        Way(
            "Outlook.com",
            f"https://outlook.live.com/calendar/0/addfromweb?{outlook}",
            "The same for a private Microsoft account.",
        ),
    ]
