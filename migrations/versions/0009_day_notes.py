"""notes of the day, and from where an event came

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-26 17:30:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('event') as batch_op:
        batch_op.add_column(sa.Column('via', sa.String(), nullable=True))
        batch_op.create_index('ix_event_territory_id_id', ['territory_id', 'id'], unique=False)
    op.create_table('day_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_day_note_author_id')),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_day_note_territory_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_day_note'))
    )
    op.create_index('ix_day_note_territory_id_day', 'day_note', ['territory_id', 'day'], unique=False)


def downgrade():
    op.drop_table('day_note')
    with op.batch_alter_table('event') as batch_op:
        batch_op.drop_index('ix_event_territory_id_id')
        batch_op.drop_column('via')
