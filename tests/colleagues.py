"""Makes further accounts of staff for tests in which one of each role is not enough; it signs nobody in."""

from intake.extensions import accounts, db
from intake.models import User
from workflows.people import Role

PASSWORD = "a long enough password"


def colleague(name: str, *roles: Role, email: str = "", **more: str) -> User:
    """A stored, active account; without an address, the name makes one."""
    for role in roles:
        accounts.find_or_create_role(role.value)
    address = email or f"{name.lower().replace(' ', '.')}@staff.example.org"
    made: User = accounts.create_user(
        email=address, name=name, password=PASSWORD, roles=[role.value for role in roles], **more
    )
    db.session.commit()
    return made
