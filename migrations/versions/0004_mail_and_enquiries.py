"""Mail that comes in, enquiries, and a history that can be about either.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enquiries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("silent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("expression_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["expression_id"], ["expressions.id"], name=op.f("fk_enquiries_expression_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiries")),
        sa.UniqueConstraint("reference", name=op.f("uq_enquiries_reference")),
    )
    op.create_index("ix_enquiries_state", "enquiries", ["state", "state_since", "id"])
    op.create_index("ix_enquiries_email", "enquiries", ["email"])
    with op.batch_alter_table("history") as history:
        history.alter_column("expression_id", existing_type=sa.Integer(), nullable=True)
        history.add_column(sa.Column("enquiry_id", sa.Integer(), nullable=True))
        history.create_foreign_key(
            op.f("fk_history_enquiry_id"), "enquiries", ["enquiry_id"], ["id"], ondelete="CASCADE"
        )
        history.create_unique_constraint(op.f("uq_history_enquiry_id_number"), ["enquiry_id", "number"])
        history.create_check_constraint(
            op.f("ck_history_is_about_one"), "(expression_id IS NULL) <> (enquiry_id IS NULL)"
        )
    with op.batch_alter_table("letters") as letters:
        letters.add_column(sa.Column("enquiry_id", sa.Integer(), nullable=True))
        letters.create_foreign_key(
            op.f("fk_letters_enquiry_id"), "enquiries", ["enquiry_id"], ["id"], ondelete="CASCADE"
        )
        letters.create_index("ix_letters_enquiry_id", ["enquiry_id"])
        letters.create_index("ix_letters_sent_at", ["sent_at"])
    with op.batch_alter_table("letter_texts") as texts:
        texts.add_column(sa.Column("folder", sa.String(length=40), server_default="expression", nullable=False))
        texts.drop_constraint(op.f("uq_letter_texts_kind_audience_language_number"), type_="unique")
        texts.create_unique_constraint(
            op.f("uq_letter_texts_folder_kind_audience_language_number"),
            ["folder", "kind", "audience", "language", "number"],
        )
    op.create_table(
        "received_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("sender_name", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expression_id", sa.Integer(), nullable=True),
        sa.Column("enquiry_id", sa.Integer(), nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["expression_id"], ["expressions.id"], name=op.f("fk_received_messages_expression_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["enquiries.id"], name=op.f("fk_received_messages_enquiry_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_received_messages_letter_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_messages")),
        sa.UniqueConstraint("identity", name=op.f("uq_received_messages_identity")),
    )
    op.create_index("ix_received_messages_kind_received_at", "received_messages", ["kind", "received_at", "id"])
    op.create_index("ix_received_messages_expression_id", "received_messages", ["expression_id"])
    op.create_index("ix_received_messages_enquiry_id", "received_messages", ["enquiry_id"])
    op.create_index("ix_received_messages_sender", "received_messages", ["sender", "received_at"])


def downgrade() -> None:
    op.drop_table("received_messages")
    op.execute("DELETE FROM letter_texts WHERE folder <> 'expression'")
    with op.batch_alter_table("letter_texts") as texts:
        texts.drop_constraint(op.f("uq_letter_texts_folder_kind_audience_language_number"), type_="unique")
        texts.create_unique_constraint(
            op.f("uq_letter_texts_kind_audience_language_number"), ["kind", "audience", "language", "number"]
        )
        texts.drop_column("folder")
    op.execute("DELETE FROM letters WHERE enquiry_id IS NOT NULL")
    with op.batch_alter_table("letters") as letters:
        letters.drop_index("ix_letters_sent_at")
        letters.drop_index("ix_letters_enquiry_id")
        letters.drop_constraint(op.f("fk_letters_enquiry_id"), type_="foreignkey")
        letters.drop_column("enquiry_id")
    op.execute("DELETE FROM history WHERE enquiry_id IS NOT NULL")
    with op.batch_alter_table("history") as history:
        history.drop_constraint(op.f("ck_history_is_about_one"), type_="check")
        history.drop_constraint(op.f("uq_history_enquiry_id_number"), type_="unique")
        history.drop_constraint(op.f("fk_history_enquiry_id"), type_="foreignkey")
        history.drop_column("enquiry_id")
        history.alter_column("expression_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("enquiries")
