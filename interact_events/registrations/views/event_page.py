"""TODO."""

from flask import Blueprint

blueprint = Blueprint("event_page", __name__)
