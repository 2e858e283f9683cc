"""what a plan run may touch, repairs put off by a dispatcher, and a version for a technician's absences

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-26 17:30:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('plan_run') as batch_op:
        batch_op.add_column(sa.Column('scope', sa.JSON(), nullable=False, server_default='{}'))
    with op.batch_alter_table('technician') as batch_op:
        batch_op.add_column(sa.Column('absences_version', sa.Integer(), nullable=False, server_default='1'))
    with op.batch_alter_table('plan_run') as batch_op:
        batch_op.alter_column('scope', server_default=None)
    with op.batch_alter_table('technician') as batch_op:
        batch_op.alter_column('absences_version', server_default=None)
    op.create_table('put_off',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_put_off_user_id_user_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_put_off')),
    sa.UniqueConstraint('user_id', 'cause', name=op.f('uq_put_off_user_id_cause'))
    )


def downgrade():
    op.drop_table('put_off')
    with op.batch_alter_table('technician') as batch_op:
        batch_op.drop_column('absences_version')
    with op.batch_alter_table('plan_run') as batch_op:
        batch_op.drop_column('scope')
