"""Views of secretariat."""

from flask import Blueprint

bp = Blueprint("secretariat", __name__)
