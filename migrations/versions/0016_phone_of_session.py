"""the phone on which somebody is signed in, so that giving it up ends the session

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-27 08:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('user_session') as batch_op:
        batch_op.add_column(sa.Column('device_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key('fk_user_session_device_id_device', 'device', ['device_id'], ['id'], ondelete='SET NULL')
        batch_op.create_index('ix_user_session_device_id', ['device_id'])


def downgrade():
    with op.batch_alter_table('user_session') as batch_op:
        batch_op.drop_index('ix_user_session_device_id')
        batch_op.drop_constraint('fk_user_session_device_id_device', type_='foreignkey')
        batch_op.drop_column('device_id')
