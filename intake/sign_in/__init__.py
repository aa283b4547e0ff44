"""How staff enter their accounts: Flask-Security's forms with pauses, and the page “Your sign-in”."""

from intake.sign_in import overview, passkeys
from intake.sign_in.blueprint import bp
from intake.sign_in.following import install
from intake.sign_in.forms import FORMS

__all__ = ["FORMS", "bp", "install", "overview", "passkeys"]
