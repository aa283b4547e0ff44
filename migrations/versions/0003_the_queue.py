"""The queue: the words of expressions for full-text search, and an index for each order of the queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from intake import search

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
EXPRESSIONS = sa.table(
    'expressions', sa.column('id', sa.Integer), sa.column('state', sa.String), sa.column('reference', sa.String),
    sa.column('organisation_name', sa.String), sa.column('communities', sa.Text), sa.column('criteria', JSON),
    sa.column('category', sa.String), sa.column('country', sa.String), sa.column('preferences', JSON),
)
INTO_INDEX = "INSERT INTO search_index(rowid, words) VALUES (new.expression_id, new.words);"
OUT_OF_INDEX = "INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', old.expression_id, old.words);"


def upgrade() -> None:
    op.create_table('search_words',
    sa.Column('expression_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.Text().with_variant(postgresql.TSVECTOR(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['expression_id'], ['expressions.id'], name=op.f('fk_search_words_expression_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('expression_id', name=op.f('pk_search_words'))
    )
    if op.get_bind().dialect.name == 'postgresql':
        # Without a list of what is pending, a search costs the same after many changes as before them.
        op.create_index('ix_search_words_words', 'search_words', ['words'], postgresql_using='gin', postgresql_with={'fastupdate': 'off'})
    else:
        _create_index_of_sqlite()
    op.drop_index('ix_expressions_state_submitted_at', 'expressions')
    op.create_index('ix_expressions_by_submission', 'expressions', ['call_id', 'state', 'submitted_at', 'id'])
    op.create_index('ix_expressions_by_decision', 'expressions', ['call_id', 'state', 'decision_due_on', 'id'])
    op.create_index('ix_expressions_by_name', 'expressions', ['call_id', 'state', 'organisation_key', 'id'])
    op.create_index('ix_expressions_unread', 'expressions', ['call_id', 'unread', 'state', 'submitted_at', 'id'])
    _fill()


def _create_index_of_sqlite() -> None:
    """The tokenizer `ascii` parts at spaces here, because words are stored in their final form with spaces between."""
    op.execute(
        "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search_words', content_rowid='expression_id', "
        "tokenize=\"ascii tokenchars '_'\", detail='none', columnsize=0, prefix='1 2 3 4 5 6 7 8')"
    )
    op.execute(f"CREATE TRIGGER search_words_inserted AFTER INSERT ON search_words BEGIN {INTO_INDEX} END")
    op.execute(f"CREATE TRIGGER search_words_deleted AFTER DELETE ON search_words BEGIN {OUT_OF_INDEX} END")
    op.execute(f"CREATE TRIGGER search_words_updated AFTER UPDATE ON search_words BEGIN {OUT_OF_INDEX} {INTO_INDEX} END")


def _fill() -> None:
    connection = op.get_bind()
    submitted = sa.select(EXPRESSIONS).where(EXPRESSIONS.c.state != 'draft').order_by(EXPRESSIONS.c.id).limit(search.BATCH)
    last = 0
    while batch := connection.execute(submitted.where(EXPRESSIONS.c.id > last)).mappings().all():
        search.store(connection, batch)
        last = batch[-1]['id']


def downgrade() -> None:
    op.drop_index('ix_expressions_unread', 'expressions')
    op.drop_index('ix_expressions_by_name', 'expressions')
    op.drop_index('ix_expressions_by_decision', 'expressions')
    op.drop_index('ix_expressions_by_submission', 'expressions')
    op.create_index('ix_expressions_state_submitted_at', 'expressions', ['state', 'submitted_at', 'id'])
    if op.get_bind().dialect.name == 'sqlite':
        op.execute("DROP TABLE search_index")
    op.drop_table('search_words')
