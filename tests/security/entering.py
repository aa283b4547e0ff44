"""What tests of sign-in share: codes as an app would show them, tokens of forms, and the table of tries."""

import base64
import hashlib
import hmac
import re
import struct
import time

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from intake.extensions import db
from intake.models import Letter, SignIn, User
from tests.conftest import PASSWORD

STEP_SECONDS = 30


def code(key: str, *, steps: int = 0) -> str:
    """What an app shows for a key, so many steps from now; RFC 6238 by hand."""
    plain = re.sub(r"[\s-]", "", key).upper()
    secret = base64.b32decode(plain + "=" * (-len(plain) % 8))
    counter = struct.pack(">Q", int(time.time()) // STEP_SECONDS + steps)
    digest = hmac.new(secret, counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def password(client: FlaskClient, email: str, typed: str = PASSWORD, **query: str) -> TestResponse:
    """Type an address and a password."""
    return client.post("/staff/login", data={"email": email, "password": typed}, query_string=query)


def set_up_app(client: FlaskClient) -> str:
    """Set up an app as somebody who is signed in; the key that the page shows."""
    page = client.post("/staff/sign-in/app", data={"setup": "authenticator"})
    found = re.search(r'<code class="key">([^<]+)</code>', page.text)
    token = re.search(r'action="(/staff/sign-in/app/[^"]+)"', page.text)
    assert found, page.text
    assert token, page.text
    done = client.post(token[1], data={"code": code(found[1], steps=-1)})
    assert (done.status_code, done.location) == (302, "/staff/sign-in"), done.text
    return found[1]


def tries() -> list[tuple[str, bool]]:
    """The tries that were noted, in their order."""
    return [
        (str(way), came_in)
        for way, came_in in db.session.execute(select(SignIn.way, SignIn.came_in).order_by(SignIn.id))
    ]


def told(user: User) -> list[str]:
    """What the owner of an account was told by letters of ours: the third paragraph of each."""
    letters = db.session.scalars(select(Letter).where(Letter.kind == "account", Letter.recipient == user.email))
    return [letter.body.split("\n\n")[2] for letter in letters]
