"""How often an address may try what could be abused."""

from flask import Flask, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from interact_events.config import Settings

limiter = Limiter(key_func=get_remote_address)

GUESSING = "10 per minute; 60 per hour"  # passwords, codes
MAILING = "5 per minute; 30 per hour"  # whatever makes us write to an address


def was_taken(response: Response) -> bool:
    """Whether a form did what it was sent for; one with mistakes makes us write to nobody."""
    return response.status_code in (302, 303)


def init_app(app: Flask, settings: Settings) -> None:
    """Counts live in Redis where there is one, else in each web process."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or "memory://"
    limiter.init_app(app)
