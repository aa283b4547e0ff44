"""The application for a WSGI server."""

import sys

from intake import create_app, logs
from intake.config import SettingError
from intake.programme import ProgrammeError

APPLICATION_CANNOT_BE_LOADED = 4
"""The exit code by which gunicorn knows that another try would end the same way."""

try:
    app = create_app()
except (SettingError, ProgrammeError) as error:
    print(error, file=sys.stderr)
    sys.exit(APPLICATION_CANNOT_BE_LOADED)
logs.configure(app.config["LOG_FORMAT"])
