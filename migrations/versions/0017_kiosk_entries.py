"""who came to a kiosk, with the number of the day

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-27 13:45:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('kiosk_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('kiosk_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('state_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=True),
    sa.Column('visitor', sa.String(), nullable=True),
    sa.Column('subject', sa.String(), nullable=True),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('served_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('waited_seconds', sa.Integer(), nullable=False),
    sa.Column('technician_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_kiosk_entry_category_id')),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_kiosk_entry_client_id')),
    sa.ForeignKeyConstraint(['kiosk_id'], ['kiosk.id'], name=op.f('fk_kiosk_entry_kiosk_id')),
    sa.ForeignKeyConstraint(['technician_id'], ['technician.id'], name=op.f('fk_kiosk_entry_technician_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kiosk_entry')),
    sa.UniqueConstraint('kiosk_id', 'day', 'number', name=op.f('uq_kiosk_entry_kiosk_id_day_number'))
    )
    with op.batch_alter_table('kiosk_entry', schema=None) as batch_op:
        batch_op.create_index('ix_kiosk_entry_kiosk_id_state', ['kiosk_id', 'state'], unique=False)


def downgrade():
    with op.batch_alter_table('kiosk_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_kiosk_entry_kiosk_id_state')

    op.drop_table('kiosk_entry')
