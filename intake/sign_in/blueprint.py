"""The blueprint of sign-in."""

from flask import Blueprint

bp = Blueprint("sign_in", __name__, url_prefix="/staff/sign-in")
