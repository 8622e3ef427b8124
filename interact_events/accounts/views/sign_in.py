"""Signing up, in and out."""

from flask import Blueprint

from interact_events.accounts.actions import token_hash
from interact_events.accounts.models import User
from interact_events.accounts.queries import user_signed_in
from interact_events.core import clock
from interact_events.core.web.access import login_manager

blueprint = Blueprint("accounts", __name__)


@login_manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login has no types
def load_user(token: str) -> User | None:
    return user_signed_in(token_hash(token), now=clock.now())
