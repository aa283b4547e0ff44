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
        ("INTAKE_MAIL_PORT", "70000", "INTAKE_MAIL_PORT: expected a whole number from 1 to 65535"),
        ("INTAKE_MAIL_SERVER", "smtp.example.org:25", "INTAKE_MAIL_SERVER: expected the name or number of a host"),
        ("INTAKE_MAIL_SERVER", "smtp://mail.example.org", "INTAKE_MAIL_SERVER: expected the name or number of a host"),
        ("INTAKE_MAIL_TIMEOUT", "0", "INTAKE_MAIL_TIMEOUT: expected a whole number from 1 to 600"),
        ("INTAKE_TRUSTED_PROXIES", "99", "INTAKE_TRUSTED_PROXIES: expected a whole number from 0 to 10"),
        ("INTAKE_RATE_LIMIT_STORAGE", "127.0.0.1:6379", "INTAKE_RATE_LIMIT_STORAGE: expected memory:// or redis://"),
        ("INTAKE_CELERY_BROKER_URL", "localhost:5672", "INTAKE_CELERY_BROKER_URL: expected redis://HOST:PORT/NUMBER"),
        ("INTAKE_CELERY_BROKER_URL", "redis://", "INTAKE_CELERY_BROKER_URL: expected redis://HOST:PORT/NUMBER"),
        ("INTAKE_CELERY_BROKER_URL", "redis://h:99999/0", "INTAKE_CELERY_BROKER_URL: expected redis://HOST:PORT"),
        ("INTAKE_CELERY_BROKER_URL", "redis://h:1/zero", "INTAKE_CELERY_BROKER_URL: expected redis://HOST:PORT"),
        ("INTAKE_INBOX", "imaps://mail.example.org/INBOX", "INTAKE_INBOX: expected imaps://USER@HOST/FOLDER"),
        ("INTAKE_INBOX", "pop3://user@mail.example.org", "INTAKE_INBOX: expected imaps://USER@HOST/FOLDER"),
        ("INTAKE_DKIM_KEY", "/nowhere/key.pem", "INTAKE_DKIM_KEY: expected a file that this process may read; No such"),
        ("INTAKE_DKIM_KEY", str(ADMINISTRATION), "INTAKE_DKIM_KEY: expected a private key in PEM form"),
        ("INTAKE_LOG_FORMAT", "xml", "INTAKE_LOG_FORMAT: expected text or json"),
        ("INTAKE_HTTPS", "perhaps", "INTAKE_HTTPS: expected yes or no"),
        ("INTAKE_MIAL_SERVER", "x", "INTAKE_MIAL_SERVER is not a setting. Did you mean INTAKE_MAIL_SERVER?"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({**GOOD, name: value})

    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"MAIL_USE_TLS": "yes", "MAIL_USE_SSL": "yes"}, "INTAKE_MAIL_USE_TLS and INTAKE_MAIL_USE_SSL are both set"),
        ({"MAIL_PORT": "465", "MAIL_USE_TLS": "yes"}, "INTAKE_MAIL_USE_SSL is not set: port 465 expects TLS"),
        ({"MAIL_USERNAME": "intake"}, "INTAKE_MAIL_PASSWORD is not set: expected the password"),
        ({"MAIL_PASSWORD": "secret"}, "INTAKE_MAIL_USERNAME is not set: expected the account"),
        (
            {"MAIL_SERVER": "mail.example.org", "MAIL_USERNAME": "intake", "MAIL_PASSWORD": "secret"},
            "INTAKE_MAIL_USE_TLS is not set: expected it, or INTAKE_MAIL_USE_SSL",
        ),
        ({"DKIM_SELECTOR": "intake"}, "INTAKE_DKIM_KEY is not set: expected the file"),
        ({"INBOX": "imaps://intake@mail.example.org/INBOX"}, "INTAKE_INBOX_PASSWORD is not set: expected the password"),
        ({"INBOX": "maildir:///var/mail/intake", "INBOX_PASSWORD": "secret"}, "INTAKE_INBOX_PASSWORD is set, and"),
        (
            {"DATABASE_URL": "sqlite:///intake.sqlite3", "CELERY_BROKER_URL": "redis://127.0.0.1:6379/0"},
            "INTAKE_CELERY_BROKER_URL is set, and INTAKE_DATABASE_URL is SQLite",
        ),
        ({"HTTPS": "yes", "BASE_URL": "http://intake.example.org"}, "INTAKE_BASE_URL begins with http:// although"),
    ],
)
def test_settings_that_contradict_each_other_are_refused_by_name(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({**GOOD, **{f"INTAKE_{name}": value for name, value in given.items()}})

    assert (len(str(refused.value).splitlines()), str(refused.value)[: len(said)]) == (1, said)
    assert "secret" not in str(refused.value)


def test_a_key_that_signs_needs_the_selector_of_its_twin(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\n", encoding="ascii")

    with pytest.raises(SettingError, match=r"^INTAKE_DKIM_SELECTOR is not set: expected the name under which"):
        read_settings({**GOOD, "INTAKE_DKIM_KEY": str(key)})


def test_a_folder_of_measures_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingError, match=r"^PROMETHEUS_MULTIPROC_DIR: expected a folder that is there"):
        read_settings({**GOOD, "PROMETHEUS_MULTIPROC_DIR": "/nowhere"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTAKE_MAIL_SERVER", "2001:db8::1"),
        ("INTAKE_CELERY_BROKER_URL", "amqps://intake:secret@broker.example.org//"),
        ("INTAKE_CELERY_BROKER_URL", "rediss://:secret@broker.example.org:6380/3"),
        ("INTAKE_RATE_LIMIT_STORAGE", "redis://127.0.0.1:6379/1"),
        ("INTAKE_INBOX", "maildir:///var/mail/intake"),
    ],
)
def test_every_form_that_is_promised_is_taken(name: str, value: str) -> None:
    assert read_settings({**GOOD, name: value})[name.removeprefix("INTAKE_")] == value


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
