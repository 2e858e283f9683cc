"""what technicians say to their dispatchers: late, help

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-26 18:40:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('field_word',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('technician_id', sa.Integer(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('note', sa.String(), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.Column('due', sa.JSON(), nullable=False),
    sa.Column('told', sa.JSON(), nullable=False),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('remark', sa.String(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_field_word_answered_by_id')),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_field_word_client_id')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_field_word_job_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['technician_id'], ['technician.id'], name=op.f('fk_field_word_technician_id')),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_field_word_territory_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_field_word'))
    )
    with op.batch_alter_table('field_word', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_field_word_job_id'), ['job_id'], unique=False)
        batch_op.create_index('ix_field_word_technician_id_at', ['technician_id', 'at'], unique=False)
        batch_op.create_index('ix_field_word_territory_id_at', ['territory_id', 'at'], unique=False)


def downgrade():
    with op.batch_alter_table('field_word', schema=None) as batch_op:
        batch_op.drop_index('ix_field_word_territory_id_at')
        batch_op.drop_index('ix_field_word_technician_id_at')
        batch_op.drop_index(batch_op.f('ix_field_word_job_id'))

    op.drop_table('field_word')
