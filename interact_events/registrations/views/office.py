"""TODO."""

from flask import Blueprint

blueprint = Blueprint("office_registrations", __name__)
