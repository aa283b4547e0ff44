"""Erasure and retention: what has been taken out of an expression, and when.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("history", sa.Column("salt", sa.String(length=32), server_default="", nullable=False))
    op.add_column("expressions", sa.Column("erasure_due_on", sa.Date(), nullable=True))
    op.add_column("expressions", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("enquiries", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("enquiries", "erased_at")
    op.drop_column("expressions", "erased_at")
    op.drop_column("expressions", "erasure_due_on")
    op.drop_column("history", "salt")
