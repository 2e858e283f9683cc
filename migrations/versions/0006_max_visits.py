"""the most visits that a technician may make on one day

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-26 15:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('technician') as batch_op:
        batch_op.add_column(sa.Column('max_visits', sa.Integer(), nullable=True))


def downgrade():
    with op.batch_alter_table('technician') as batch_op:
        batch_op.drop_column('max_visits')
