"""street times

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-26 10:50:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('street_times',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('way', sa.String(), nullable=False),
    sa.Column('places', sa.LargeBinary(), nullable=False),
    sa.Column('seconds', sa.LargeBinary(), nullable=False),
    sa.Column('asked', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_street_times_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_street_times')),
    sa.UniqueConstraint('territory_id', 'way', name=op.f('uq_street_times_territory_id_way'))
    )


def downgrade():
    op.drop_table('street_times')
