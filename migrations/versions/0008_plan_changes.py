"""the changes of a plan, so that they can be undone

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-26 17:30:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('plan_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.Column('undoes', sa.JSON(), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_plan_change_by_id')),
    sa.ForeignKeyConstraint(['run_id'], ['plan_run.id'], name=op.f('fk_plan_change_run_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_plan_change_territory_id')),
    sa.ForeignKeyConstraint(['undone_by_id'], ['user_account.id'], name=op.f('fk_plan_change_undone_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_change'))
    )
    op.create_index(op.f('ix_plan_change_at'), 'plan_change', ['at'], unique=False)
    op.create_index('ix_plan_change_territory_id_at', 'plan_change', ['territory_id', 'at'], unique=False)
    op.create_table('plan_change_job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('change_id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('meant', sa.Boolean(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['change_id'], ['plan_change.id'], name=op.f('fk_plan_change_job_change_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_plan_change_job_client_id')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_plan_change_job_job_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_change_job'))
    )
    op.create_index(op.f('ix_plan_change_job_change_id'), 'plan_change_job', ['change_id'], unique=False)
    op.create_index(op.f('ix_plan_change_job_job_id'), 'plan_change_job', ['job_id'], unique=False)


def downgrade():
    op.drop_table('plan_change_job')
    op.drop_table('plan_change')
