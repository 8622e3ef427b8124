"""TODO."""

from flask import Blueprint

blueprint = Blueprint("office_certificates", __name__)
