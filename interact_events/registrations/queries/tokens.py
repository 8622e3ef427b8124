"""Signed numbers of registrations, for codes and links that name nobody."""

from enum import StrEnum

from itsdangerous import BadData, URLSafeSerializer


class Purpose(StrEnum):
    """What a token is good for; one is of no use in place of another."""

    CHECK_IN = "check-in"
    JOIN = "join"


def sign_number(purpose: Purpose, registration_id: int, *, key: str) -> str:
    """Always the same for a registration, so that a printed code stays good."""
    return str(_serializer(purpose, key).dumps(registration_id))


def number_of_token(purpose: Purpose, token: str, *, key: str) -> int | None:
    """The registration's number, which may be gone; None when it is forged or of another kind."""
    try:
        number = _serializer(purpose, key).loads(token)
    except (BadData, ValueError):
        return None
    return number if isinstance(number, int) else None


def _serializer(purpose: Purpose, key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=f"registrations.{purpose}")
