"""Who may hold links to an expression, and which addresses are proven.

Addresses of expressions that were sent count as proven: our letters have reached them so far. Drafts prove theirs.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BATCH = 1_000
HOLDERS = sa.table(
    "holders",
    *(sa.column(name) for name in ("expression_id", "address", "address_key", "proof")),
    sa.column("proven_at", sa.DateTime(timezone=True)),
)
EXPRESSIONS = sa.table(
    "expressions",
    *(sa.column(name) for name in ("id", "state", "contact_email", "second_email")),
    sa.column("submitted_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.create_table(
        "holders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("expression_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("address_key", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("is_colleague", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof", sa.String(length=32), nullable=True),
        sa.Column("next_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["expression_id"], ["expressions.id"], name="fk_holders_expression_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_holders"),
        sa.UniqueConstraint("expression_id", "address_key", name="uq_holders_expression_id_address_key"),
    )
    op.create_index("ix_holders_address_key", "holders", ["address_key"])
    _prove_what_was_sent()


def _prove_what_was_sent() -> None:
    connection, last = op.get_bind(), 0
    sent = sa.select(EXPRESSIONS).where(EXPRESSIONS.c.state != "draft").order_by(EXPRESSIONS.c.id).limit(BATCH)
    while rows := connection.execute(sent.where(EXPRESSIONS.c.id > last)).all():
        last = rows[-1].id
        found = [holder for row in rows for holder in _holders(row)]
        if found:
            connection.execute(sa.insert(HOLDERS), found)


def _holders(row):
    addresses = {each.lower(): each for each in (row.second_email, row.contact_email) if each}
    about = {"expression_id": row.id, "proof": "earlier", "proven_at": row.submitted_at}
    return [{**about, "address": address, "address_key": key} for key, address in addresses.items()]


def downgrade() -> None:
    op.drop_table("holders")
