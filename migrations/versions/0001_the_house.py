"""The house."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calls',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calls')),
    sa.UniqueConstraint('slug', name=op.f('uq_calls_slug'))
    )
    op.create_table('role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('description', sa.String(length=255), nullable=True),
    sa.Column('permissions', sa.UnicodeText(), nullable=True),
    sa.Column('update_datetime', sa.DateTime(), server_default=sa.text('(CURRENT_TIMESTAMP)'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role')),
    sa.UniqueConstraint('name', name=op.f('uq_role_name'))
    )
    op.create_table('user',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('username', sa.String(length=255), nullable=True),
    sa.Column('password', sa.String(length=255), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('fs_uniquifier', sa.String(length=64), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(), nullable=True),
    sa.Column('last_login_at', sa.DateTime(), nullable=True),
    sa.Column('current_login_at', sa.DateTime(), nullable=True),
    sa.Column('last_login_ip', sa.String(length=64), nullable=True),
    sa.Column('current_login_ip', sa.String(length=64), nullable=True),
    sa.Column('login_count', sa.Integer(), nullable=True),
    sa.Column('tf_primary_method', sa.String(length=64), nullable=True),
    sa.Column('tf_totp_secret', sa.String(length=255), nullable=True),
    sa.Column('tf_phone_number', sa.String(length=128), nullable=True),
    sa.Column('us_totp_secrets', sa.Text(), nullable=True),
    sa.Column('us_phone_number', sa.String(length=128), nullable=True),
    sa.Column('fs_webauthn_user_handle', sa.String(length=64), nullable=True),
    sa.Column('mf_recovery_codes', sa.UnicodeText(), nullable=True),
    sa.Column('create_datetime', sa.DateTime(), server_default=sa.text('(CURRENT_TIMESTAMP)'), nullable=False),
    sa.Column('update_datetime', sa.DateTime(), server_default=sa.text('(CURRENT_TIMESTAMP)'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('email', name=op.f('uq_user_email')),
    sa.UniqueConstraint('fs_uniquifier', name=op.f('uq_user_fs_uniquifier')),
    sa.UniqueConstraint('fs_webauthn_user_handle', name=op.f('uq_user_fs_webauthn_user_handle')),
    sa.UniqueConstraint('us_phone_number', name=op.f('uq_user_us_phone_number')),
    sa.UniqueConstraint('username', name=op.f('uq_user_username'))
    )
    op.create_table('expressions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=16), nullable=False),
    sa.Column('creation_key', sa.String(length=64), nullable=True),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(32), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision_due_on', sa.Date(), nullable=True),
    sa.Column('organisation_name', sa.String(length=200), nullable=False),
    sa.Column('organisation_key', sa.String(length=200), nullable=False),
    sa.Column('category', sa.String(length=40), nullable=False),
    sa.Column('sub_type', sa.String(length=40), nullable=False),
    sa.Column('country', sa.String(length=3), nullable=False),
    sa.Column('website', sa.String(length=500), nullable=False),
    sa.Column('contact_name', sa.String(length=200), nullable=False),
    sa.Column('contact_title', sa.String(length=200), nullable=False),
    sa.Column('contact_email', sa.String(length=254), nullable=False),
    sa.Column('second_email', sa.String(length=254), nullable=False),
    sa.Column('contact_phone', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('preferences', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('criteria', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('delegate_name', sa.String(length=200), nullable=False),
    sa.Column('delegate_title', sa.String(length=200), nullable=False),
    sa.Column('participation_mode', sa.String(32), nullable=True),
    sa.Column('communities', sa.Text(), nullable=False),
    sa.Column('countries_served', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('sdgs', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('action_lines', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('accessibility_needs', sa.Text(), nullable=False),
    sa.Column('consented_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('notice_version', sa.String(length=40), nullable=False),
    sa.Column('duplicate_acknowledged', sa.Boolean(), nullable=False),
    sa.Column('fictitious', sa.Boolean(), nullable=False),
    sa.Column('screener_id', sa.Integer(), nullable=True),
    sa.Column('criteria_met', sa.Integer(), nullable=False),
    sa.Column('criteria_count', sa.Integer(), nullable=False),
    sa.Column('points', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('answer_due_on', sa.Date(), nullable=True),
    sa.Column('focus_area', sa.String(length=40), nullable=True),
    sa.Column('seat_mode', sa.String(32), nullable=True),
    sa.CheckConstraint("NOT (state IN ('assigned', 'confirmed', 'screened', 'waitlisted')) OR criteria_met = criteria_count", name=op.f('ck_expressions_screened_is_judged')),
    sa.CheckConstraint("NOT (state IN ('assigned', 'confirmed', 'waitlisted')) OR focus_area IS NOT NULL", name=op.f('ck_expressions_assigned_has_focus_area')),
    sa.CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name=op.f('ck_expressions_submitted_has_time')),
    sa.CheckConstraint("state NOT IN ('confirmed', 'waitlisted') OR seat_mode IS NOT NULL", name=op.f('ck_expressions_seat_has_mode')),
    sa.CheckConstraint('criteria_count > 0', name=op.f('ck_expressions_criteria_exist')),
    sa.ForeignKeyConstraint(['call_id'], ['calls.id'], name=op.f('fk_expressions_call_id')),
    sa.ForeignKeyConstraint(['screener_id'], ['user.id'], name=op.f('fk_expressions_screener_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expressions')),
    sa.UniqueConstraint('creation_key', name=op.f('uq_expressions_creation_key')),
    sa.UniqueConstraint('reference', name=op.f('uq_expressions_reference'))
    )
    with op.batch_alter_table('expressions', schema=None) as batch_op:
        batch_op.create_index('ix_expressions_contact_email', ['contact_email'], unique=False)
        batch_op.create_index('ix_expressions_organisation_key', ['organisation_key', 'call_id'], unique=False)
        batch_op.create_index('ix_expressions_screener_id', ['screener_id', 'state'], unique=False)
        batch_op.create_index('ix_expressions_state_submitted_at', ['state', 'submitted_at', 'id'], unique=False)
        batch_op.create_index('uq_expressions_active_organisation', ['call_id', 'organisation_key'], unique=True, sqlite_where=sa.text("state IN ('assigned', 'confirmed', 'returned', 'screened', 'submitted', 'waitlisted') AND NOT duplicate_acknowledged"), postgresql_where=sa.text("state IN ('assigned', 'confirmed', 'returned', 'screened', 'submitted', 'waitlisted') AND NOT duplicate_acknowledged"))

    op.create_table('roles_users',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_roles_users_role_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_roles_users_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'role_id', name=op.f('pk_roles_users'))
    )
    op.create_table('history',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('trigger', sa.String(length=40), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('target', sa.String(length=40), nullable=False),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('before', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('words_digest', sa.String(length=64), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_history_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_history_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_history')),
    sa.UniqueConstraint('expression_id', 'number', name=op.f('uq_history_expression_id_number'))
    )
    op.create_table('verdicts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('criterion', sa.String(length=40), nullable=False),
    sa.Column('outcome', sa.String(32), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('screener_id', sa.Integer(), nullable=True),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_verdicts_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['screener_id'], ['user.id'], name=op.f('fk_verdicts_screener_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_verdicts')),
    sa.UniqueConstraint('expression_id', 'criterion', name=op.f('uq_verdicts_expression_id_criterion'))
    )
    op.create_table('letters',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=True),
    sa.Column('step_id', sa.Integer(), nullable=True),
    sa.Column('superseded_by_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('audience', sa.String(32), nullable=False),
    sa.Column('recipient', sa.String(length=254), nullable=False),
    sa.Column('recipient_name', sa.String(length=200), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('message_id', sa.String(length=200), nullable=False),
    sa.Column('status', sa.String(32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tried_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_token', sa.String(length=36), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_letters_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['step_id'], ['history.id'], name=op.f('fk_letters_step_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['superseded_by_id'], ['history.id'], name=op.f('fk_letters_superseded_by_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letters')),
    sa.UniqueConstraint('message_id', name=op.f('uq_letters_message_id'))
    )
    with op.batch_alter_table('letters', schema=None) as batch_op:
        batch_op.create_index('ix_letters_expression_id', ['expression_id'], unique=False)
        batch_op.create_index('ix_letters_status_due_at', ['status', 'due_at'], unique=False)
        batch_op.create_index('ix_letters_step_id', ['step_id'], unique=False)

    op.create_table('access_links',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('letter_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_access_links_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['letter_id'], ['letters.id'], name=op.f('fk_access_links_letter_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_access_links_token_hash'))
    )
    with op.batch_alter_table('access_links', schema=None) as batch_op:
        batch_op.create_index('ix_access_links_expression_id', ['expression_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('access_links', schema=None) as batch_op:
        batch_op.drop_index('ix_access_links_expression_id')

    op.drop_table('access_links')
    with op.batch_alter_table('letters', schema=None) as batch_op:
        batch_op.drop_index('ix_letters_step_id')
        batch_op.drop_index('ix_letters_status_due_at')
        batch_op.drop_index('ix_letters_expression_id')

    op.drop_table('letters')
    op.drop_table('verdicts')
    op.drop_table('history')
    op.drop_table('roles_users')
    with op.batch_alter_table('expressions', schema=None) as batch_op:
        batch_op.drop_index('uq_expressions_active_organisation', sqlite_where=sa.text("state IN ('assigned', 'confirmed', 'returned', 'screened', 'submitted', 'waitlisted') AND NOT duplicate_acknowledged"), postgresql_where=sa.text("state IN ('assigned', 'confirmed', 'returned', 'screened', 'submitted', 'waitlisted') AND NOT duplicate_acknowledged"))
        batch_op.drop_index('ix_expressions_state_submitted_at')
        batch_op.drop_index('ix_expressions_screener_id')
        batch_op.drop_index('ix_expressions_organisation_key')
        batch_op.drop_index('ix_expressions_contact_email')

    op.drop_table('expressions')
    op.drop_table('user')
    op.drop_table('role')
    op.drop_table('calls')
