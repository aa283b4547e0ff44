"""The desk: views, notes, conflicts, visits, sheets, runs of many steps, and letters changed by hand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('bulk_runs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('trigger', sa.String(length=40), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_bulk_runs_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_runs')),
    sa.UniqueConstraint('key', name=op.f('uq_bulk_runs_key'))
    )
    op.create_table('letter_texts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('audience', sa.String(32), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('english_digest', sa.String(length=64), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('author_name', sa.String(length=200), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_letter_texts_author_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter_texts')),
    sa.UniqueConstraint('kind', 'audience', 'language', 'number', name=op.f('uq_letter_texts_kind_audience_language_number'))
    )
    op.create_table('saved_views',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('query', sa.String(length=3000), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_saved_views_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_views')),
    sa.UniqueConstraint('user_id', 'name', name=op.f('uq_saved_views_user_id_name'))
    )
    op.create_table('bulk_items',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('fate', sa.String(32), nullable=False),
    sa.Column('reasons', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_bulk_items_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['run_id'], ['bulk_runs.id'], name=op.f('fk_bulk_items_run_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_items')),
    sa.UniqueConstraint('run_id', 'expression_id', name=op.f('uq_bulk_items_run_id_expression_id'))
    )
    op.create_index('ix_bulk_items_run_id_fate', 'bulk_items', ['run_id', 'fate'], unique=False)
    op.create_table('conflicts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(32), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_back', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_by_id', sa.Integer(), nullable=True),
    sa.Column('lift_reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_conflicts_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['lifted_by_id'], ['user.id'], name=op.f('fk_conflicts_lifted_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_conflicts_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conflicts'))
    )
    op.create_index('ix_conflicts_expression_id', 'conflicts', ['expression_id'], unique=False)
    op.create_index('uq_conflicts_in_force', 'conflicts', ['expression_id', 'user_id'], unique=True, sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))
    op.create_table('assignments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('screener_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_assignments_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_assignments_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['screener_id'], ['user.id'], name=op.f('fk_assignments_screener_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignments'))
    )
    op.create_index('ix_assignments_expression_id', 'assignments', ['expression_id'], unique=False)
    op.create_index('ix_assignments_screener_id_told_at', 'assignments', ['screener_id', 'told_at'], unique=False)
    op.create_table('notes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('author_name', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_notes_author_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_notes_expression_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notes'))
    )
    op.create_index('ix_notes_expression_id', 'notes', ['expression_id'], unique=False)
    op.create_table('reminders',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_reminders_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_reminders_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminders'))
    )
    op.create_index('ix_reminders_user_id_on', 'reminders', ['user_id', 'on'], unique=False)
    op.create_table('revisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('before', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('verdicts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_revisions_expression_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revisions'))
    )
    op.create_index('ix_revisions_expression_id', 'revisions', ['expression_id'], unique=False)
    op.create_table('second_opinions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('criterion', sa.String(length=40), nullable=False),
    sa.Column('outcome', sa.String(32), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('screener_id', sa.Integer(), nullable=True),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_second_opinions_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['screener_id'], ['user.id'], name=op.f('fk_second_opinions_screener_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_second_opinions')),
    sa.UniqueConstraint('expression_id', 'criterion', name=op.f('uq_second_opinions_expression_id_criterion'))
    )
    op.create_table('settlements',
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('criterion', sa.String(length=40), nullable=False),
    sa.Column('first_outcome', sa.String(32), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_settlements_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_settlements_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('expression_id', 'criterion', name=op.f('pk_settlements'))
    )
    op.create_table('sheet_drafts',
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('typed', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_sheet_drafts_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_sheet_drafts_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('expression_id', 'user_id', name=op.f('pk_sheet_drafts'))
    )
    op.create_table('visits',
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_visits_expression_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_visits_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('expression_id', 'user_id', name=op.f('pk_visits'))
    )
    op.create_table('mentions',
    sa.Column('note_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['note_id'], ['notes.id'], name=op.f('fk_mentions_note_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_mentions_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('note_id', 'user_id', name=op.f('pk_mentions'))
    )
    op.create_index('ix_mentions_user_id_seen_at', 'mentions', ['user_id', 'seen_at'], unique=False)
    op.create_table('letter_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('letter_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('action', sa.String(32), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('before', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['letter_id'], ['letters.id'], name=op.f('fk_letter_events_letter_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_letter_events_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter_events'))
    )
    op.create_index('ix_letter_events_letter_id', 'letter_events', ['letter_id'], unique=False)
    op.add_column('expressions', sa.Column('unread', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('letters', sa.Column('kept_back', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('letters', sa.Column('calendar', sa.Text(), server_default='', nullable=False))
    op.add_column('user', sa.Column('organisation', sa.String(length=200), server_default='', nullable=False))
    op.add_column('user', sa.Column('wants_digest', sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column('user', sa.Column('digested_on', sa.Date(), nullable=True))
    op.add_column('verdicts', sa.Column('settled', sa.Text(), server_default='', nullable=False))



def downgrade() -> None:
    op.drop_column('verdicts', 'settled')
    op.drop_column('user', 'digested_on')
    op.drop_column('user', 'wants_digest')
    op.drop_column('user', 'organisation')
    op.drop_column('letters', 'calendar')
    op.drop_column('letters', 'kept_back')
    op.drop_column('expressions', 'unread')
    op.drop_index('ix_letter_events_letter_id', 'letter_events')
    op.drop_table('letter_events')
    op.drop_index('ix_mentions_user_id_seen_at', 'mentions')
    op.drop_table('mentions')
    op.drop_table('visits')
    op.drop_table('sheet_drafts')
    op.drop_table('settlements')
    op.drop_table('second_opinions')
    op.drop_index('ix_revisions_expression_id', 'revisions')
    op.drop_table('revisions')
    op.drop_index('ix_reminders_user_id_on', 'reminders')
    op.drop_table('reminders')
    op.drop_index('ix_notes_expression_id', 'notes')
    op.drop_table('notes')
    op.drop_index('ix_assignments_screener_id_told_at', 'assignments')
    op.drop_index('ix_assignments_expression_id', 'assignments')
    op.drop_table('assignments')
    op.drop_index('uq_conflicts_in_force', 'conflicts', sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))
    op.drop_index('ix_conflicts_expression_id', 'conflicts')
    op.drop_table('conflicts')
    op.drop_index('ix_bulk_items_run_id_fate', 'bulk_items')
    op.drop_table('bulk_items')
    op.drop_table('saved_views')
    op.drop_table('letter_texts')
    op.drop_table('bulk_runs')
