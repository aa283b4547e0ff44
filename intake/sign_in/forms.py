"""Flask-Security's forms, which refuse while an account pauses; each asks for one thing in our words."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security import (
    ChangePasswordForm,
    LoginForm,
    MfRecoveryForm,
    TwoFactorRescueForm,
    TwoFactorSelectForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    WebAuthnRegisterForm,
    current_user,
)
from flask_security.utils import get_message
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from intake import pauses
from intake.models import User
from intake.pauses import account_of
from intake.sign_in_settings import WRONG_CODE

LONGEST_CODE = 64
LONGEST_PASSWORD = 1_000
NO_CODE = _l("Type the code.")


class ButtonField(StringField):
    """What the button says that was pressed; Flask-Security puts `choices` there and checks them itself."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices: list[tuple[str, str]] = []


class AppForm(TwoFactorSetupForm):
    """Set up an app, or remove it."""

    setup = ButtonField()  # type: ignore[assignment]


class WayForm(TwoFactorSelectForm):
    """Which second factor."""

    which = ButtonField()  # type: ignore[assignment]


class HelpForm(TwoFactorRescueForm):
    """Never shown: the page of the code links to recovery codes."""

    help_setup = ButtonField()  # type: ignore[assignment]


class PasskeyForm(WebAuthnRegisterForm):
    """The name of a new passkey."""

    name = StringField(_l("Name"), validators=[InputRequired(_l("Write a name by which you will know it."))])
    usage = StringField(default="secondary")  # type: ignore[assignment]

    def validate(self, **kwargs: Any) -> bool:
        """Whether it can have this name; each is shown after the password, never instead of it."""
        self.usage.data = "secondary"
        return bool(super().validate(**kwargs))


class PasswordForm(LoginForm):
    """Address and password; an unknown address costs what a known one does."""

    remember = None  # type: ignore[assignment]

    def validate(self, **kwargs: Any) -> bool:
        """Whether this is the password of an account that does not pause."""
        is_right = super().validate(**kwargs)
        user = account_of(self.user)
        if is_right and not pauses.is_paused(user, knows_browser=True):
            return True
        if self.ifield is not None and (user is None or self.user_authenticated):
            pauses.refused(user)
            self.email.errors = [*self.email.errors, get_message("GENERIC_AUTHN_FAILED")[0]]
        return False


class AgainForm(VerifyForm):
    """The password once more, of somebody who is signed in."""

    def validate(self, **kwargs: Any) -> bool:
        """Whether it is the password of this account, which does not pause."""
        if not pauses.is_paused(account_of(self.user), knows_browser=True):
            return bool(super().validate(**kwargs))
        self.password.errors = [get_message("INVALID_PASSWORD")[0]]
        return False


class CodeForm(TwoFactorVerifyCodeForm):
    """The code of an app; while it is being set up, nothing is counted."""

    code = StringField(
        _l("Code from your app"),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
        validators=[InputRequired(NO_CODE), Length(max=LONGEST_CODE, message=WRONG_CODE)],
    )

    def validate(self, **kwargs: Any) -> bool:
        """Whether it is a code of now that nobody has used, of an account that does not pause."""
        if self.is_setup:
            return bool(super().validate(**kwargs))
        user = account_of(self.user)
        pauses.lock(user)
        return _unless_paused(self, user) and bool(super().validate(**kwargs))


class RecoveryForm(MfRecoveryForm):
    """A recovery code."""

    code = StringField(
        _l("Recovery code"),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
        validators=[InputRequired(NO_CODE), Length(max=LONGEST_CODE, message=WRONG_CODE)],
    )

    def validate(self, **kwargs: Any) -> bool:
        """Whether it is one that nobody has used, of an account that does not pause."""
        user = account_of(self.user)
        pauses.lock(user)
        if not _unless_paused(self, user):
            return False
        is_right = bool(super().validate(**kwargs))
        if not is_right and self.code.data and set(self.errors) == {"code"}:
            pauses.refused(user)
        return is_right


def _unless_paused(form: Any, user: User) -> bool:
    if not pauses.is_paused(user):
        return True
    pauses.refused(user)
    form.code.errors = [WRONG_CODE]
    return False


class NewPasswordForm(ChangePasswordForm):
    """The old password and a new one; a wrong old one counts as a wrong try."""

    def validate(self, **kwargs: Any) -> bool:
        """Whether the password may be changed."""
        if super().validate(**kwargs):
            return True
        if get_message("INVALID_PASSWORD")[0] in self.password.errors:
            pauses.refused(account_of(current_user))
        return False


FORMS = {
    "login_form": PasswordForm,
    "verify_form": AgainForm,
    "two_factor_verify_code_form": CodeForm,
    "mf_recovery_form": RecoveryForm,
    "change_password_form": NewPasswordForm,
    "two_factor_setup_form": AppForm,
    "two_factor_select_form": WayForm,
    "two_factor_rescue_form": HelpForm,
    "wan_register_form": PasskeyForm,
}
"""By the names under which Flask-Security asks for them."""
