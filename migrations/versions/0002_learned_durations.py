"""durations learned from work that was done

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-26 11:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('duration_estimate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('mode', sa.String(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('building_id', sa.Integer(), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('quantile', sa.Integer(), nullable=False),
    sa.Column('jobs', sa.Integer(), nullable=False),
    sa.Column('near', sa.Integer(), nullable=False),
    sa.Column('learned_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_duration_estimate_building_id_building')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_duration_estimate_category_id_category'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_duration_estimate_client_id_client'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duration_estimate'))
    )
    with op.batch_alter_table('duration_estimate', schema=None) as batch_op:
        batch_op.create_index('ix_duration_estimate_category_id_mode_level', ['category_id', 'mode', 'level'], unique=False)
        batch_op.create_index(batch_op.f('ix_duration_estimate_client_id'), ['client_id'], unique=False)

    with op.batch_alter_table('client', schema=None) as batch_op:
        batch_op.add_column(sa.Column('duration_quantile', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('durations_learned_on', sa.Date(), nullable=True))
    op.execute(sa.text('UPDATE client SET duration_quantile = 70'))

    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('duration_source', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('duration_basis', sa.JSON(), nullable=False, server_default='{}'))


def downgrade():
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_column('duration_basis')
        batch_op.drop_column('duration_source')

    with op.batch_alter_table('client', schema=None) as batch_op:
        batch_op.drop_column('durations_learned_on')
        batch_op.drop_column('duration_quantile')

    with op.batch_alter_table('duration_estimate', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_duration_estimate_client_id'))
        batch_op.drop_index('ix_duration_estimate_category_id_mode_level')

    op.drop_table('duration_estimate')
