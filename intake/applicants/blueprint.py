"""The blueprint to which the modules of views add theirs; it has no page of its own."""

from flask import Blueprint

bp = Blueprint("applicants", __name__)
