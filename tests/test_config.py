"""Settings: every one documented, every wrong one refused by name with what is expected."""

from pathlib import Path

import pytest

from intake.config import SETTINGS, SettingError, flask_config, read_settings

GOOD = {"INTAKE_SECRET_KEY": "s" * 32, "INTAKE_DATABASE_URL": "postgresql://intake@db/intake"}
ADMINISTRATION = Path(__file__).parents[1] / "docs" / "administration.md"


def test_good_settings_are_read_with_their_defaults() -> None:
    settings = read_settings({**GOOD, "INTAKE_BASE_URL": "https://intake.example.org/", "HOME": "/home/somebody"})

    assert settings["DATABASE_URL"] == "postgresql+psycopg://intake@db/intake"
    assert settings["BASE_URL"] == "https://intake.example.org"
    assert (settings["MAIL_PORT"], settings["HTTPS"], settings["PROGRAMME"]) == (25, False, "")
    assert set(settings) == {setting.name for setting in SETTINGS}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("INTAKE_SECRET_KEY", "short", "INTAKE_SECRET_KEY: expected at least 32 random characters"),
        (
            "INTAKE_DATABASE_URL",
            "mysql://x",
            "INTAKE_DATABASE_URL: expected sqlite:///FILE or postgresql://USER@HOST/NAME",
        ),
        ("INTAKE_BASE_URL", "intake.example.org", "INTAKE_BASE_URL: expected an address that begins with https://"),
        ("INTAKE_MAIL_PORT", "many", "INTAKE_MAIL_PORT: expected a whole number"),
        ("INTAKE_MAIL_PORT", "-1", "INTAKE_MAIL_PORT: expected a whole number"),
        ("INTAKE_HTTPS", "perhaps", "INTAKE_HTTPS: expected yes or no"),
        ("INTAKE_MIAL_SERVER", "x", "INTAKE_MIAL_SERVER is not a setting. Did you mean INTAKE_MAIL_SERVER?"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({**GOOD, name: value})

    assert str(refused.value).startswith(said)


def test_missing_settings_are_named_all_at_once() -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({})

    assert [line.split(" is not set")[0] for line in str(refused.value).splitlines()] == [
        "INTAKE_SECRET_KEY",
        "INTAKE_DATABASE_URL",
    ]


def test_https_makes_cookies_secure() -> None:
    assert flask_config(read_settings({**GOOD, "INTAKE_HTTPS": "yes"}))["SESSION_COOKIE_SECURE"] is True
    assert flask_config(read_settings(GOOD))["SESSION_COOKIE_SECURE"] is False


def test_every_setting_stands_in_the_administration_guide_with_its_default_and_meaning() -> None:
    guide = ADMINISTRATION.read_text(encoding="utf-8")

    for setting in SETTINGS:
        default = "must be set" if setting.default is None else f"`{setting.default}`" if setting.default else "empty"
        assert f"| `INTAKE_{setting.name}` | {default} | {setting.meaning} |" in guide
