"""Seals what a dry run has shown into its page, so that what is confirmed is what was seen; it stores nothing."""

import secrets

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from intake.bulk import DryRun, Plan
from workflows.workflow import Reason, Refused

HOURS = 2
NOT_READ = Reason(
    "plan_unreadable",
    "The dry run is more than two hours old, or its page was changed on the way. Make the dry run again.",
)


def _seal(user_id: int) -> URLSafeTimedSerializer:
    """Each member of staff has a seal of their own."""
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"bulk plan of {user_id}")


def sealed(trigger: str, facts: dict[str, object], dry: DryRun, *, user_id: int) -> str:
    """The plan of a dry run as text for a hidden field."""
    items = [(row.expression_id, row.version, row.reasons) for row in dry.rows]
    return str(_seal(user_id).dumps([secrets.token_urlsafe(24), trigger, facts, items]))


def opened(text: str, *, user_id: int) -> Plan:
    """The plan behind such a text. Raises `Refused` when it is too old or not ours."""
    try:
        return Plan(*_seal(user_id).loads(text, max_age=HOURS * 3600))
    except BadData as error:
        raise Refused([NOT_READ]) from error
