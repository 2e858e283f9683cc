"""what a run assumes that is not so

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-26 17:20:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('plan_run') as batch_op:
        batch_op.add_column(sa.Column('assumed', sa.JSON(none_as_null=True), nullable=True))


def downgrade():
    # to a version that knows no what-ifs they would be proposals like any other, to be accepted, even by themselves
    op.execute("DELETE FROM plan_run WHERE assumed IS NOT NULL AND state <> 'accepted'")
    with op.batch_alter_table('plan_run') as batch_op:
        batch_op.drop_column('assumed')
