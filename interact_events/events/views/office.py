"""TODO."""

from flask import Blueprint

blueprint = Blueprint("office_events", __name__)
