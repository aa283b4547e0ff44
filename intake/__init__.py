"""The application: `create_app` binds settings, extensions, guards and blueprints; it holds no rule and no page."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_talisman import Talisman
from werkzeug.middleware.proxy_fix import ProxyFix

from intake import (
    access,
    applicants,
    broker,
    config,
    enquiries,
    errors,
    extensions,
    guidance,
    headers,
    mailbox,
    outside,
    pages,
    screening,
    secretariat,
    sign_in,
    storage,
)
from intake.programme import load_programme
from intake.resources import folder
from intake.site import Site

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def create_app(environment: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None) -> Flask:
    """The application with the INTAKE_ settings of `environment` (this process's), `overrides` in Flask's words on top.

    Raises `config.SettingError` or `programme.ProgrammeError` with a sentence for the administrator.
    """
    app = Site(__name__, template_folder=str(folder("templates")))
    settings = config.read_settings(os.environ if environment is None else environment)
    app.config.update(config.flask_config(settings))
    app.config.update(overrides or {})
    app.config["PROGRAMME_FILE"] = config.programme_path(settings)
    app.extensions["programme"] = load_programme(app.config["PROGRAMME_FILE"])
    extensions.compress.init_app(app)
    outside.follow(app)
    headers.install(app)
    access.measure(app)
    _bind(app)
    pages.install(app)
    access.install(app)
    errors.install(app)
    for blueprint in (applicants.bp, screening.bp, secretariat.bp, enquiries.bp, guidance.bp, outside.bp):
        app.register_blueprint(blueprint)
    app.register_blueprint(sign_in.bp)
    mailbox.install(app)
    return app


def _bind(app: Flask) -> None:
    extensions.db.init_app(app)
    with app.app_context():
        storage.prepare(extensions.db.engine)
    extensions.migrate.init_app(app, extensions.db, directory=str(folder("migrations")))
    extensions.mail.init_app(app)
    extensions.babel.init_app(app, locale_selector=extensions.language)
    extensions.csrf.init_app(app)
    extensions.security.init_app(app, **sign_in.FORMS)  # type: ignore[arg-type]
    sign_in.install(app)
    extensions.refuse_tokens(app)
    extensions.limiter.init_app(app)
    broker.install(app)
    https = app.config["HTTPS"]
    Talisman(
        app,
        force_https=https,
        strict_transport_security=https,
        session_cookie_secure=https,
        content_security_policy=CONTENT_SECURITY_POLICY,
        referrer_policy="same-origin",
        frame_options="DENY",
        permissions_policy=headers.PERMISSIONS,
    )
    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]
