"""pauses, kiosk duty and the end of a shift, as technicians tap them

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-26 21:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('absence') as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(), nullable=False, server_default='absence'))
        batch_op.add_column(sa.Column('is_open', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('kiosk_duty') as batch_op:
        batch_op.add_column(sa.Column('is_open', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('absence') as batch_op:
        batch_op.alter_column('kind', server_default=None)
        batch_op.alter_column('is_open', server_default=None)
    with op.batch_alter_table('kiosk_duty') as batch_op:
        batch_op.alter_column('is_open', server_default=None)


def downgrade():
    with op.batch_alter_table('kiosk_duty') as batch_op:
        batch_op.drop_column('is_open')
    with op.batch_alter_table('absence') as batch_op:
        batch_op.drop_column('is_open')
        batch_op.drop_column('kind')
