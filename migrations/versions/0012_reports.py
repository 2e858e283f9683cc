"""what was done on a job, its photos and signature, and the mail that tells of it

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-26 18:35:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('purpose', sa.String(), nullable=False, server_default='file'))
        batch_op.add_column(sa.Column('job_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_attachment_job_id'), 'job', ['job_id'], ['id'], ondelete='SET NULL')
        batch_op.create_index(batch_op.f('ix_attachment_job_id'), ['job_id'], unique=False)

    with op.batch_alter_table('category', schema=None) as batch_op:
        batch_op.add_column(sa.Column('proof', sa.JSON(), nullable=False, server_default='{}'))

    op.create_table('report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('resolution', sa.String(), nullable=True),
    sa.Column('cause', sa.String(), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('checks', sa.JSON(), nullable=False),
    sa.Column('signer', sa.String(), nullable=True),
    sa.Column('unsigned', sa.String(), nullable=True),
    sa.Column('unsigned_why', sa.String(), nullable=True),
    sa.Column('signature_id', sa.Integer(), nullable=True),
    sa.Column('authors', sa.JSON(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('written', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_report_job_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['signature_id'], ['attachment.id'], name=op.f('fk_report_signature_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('job_id', name=op.f('uq_report_job_id'))
    )
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_changed_at'), ['changed_at'], unique=False)

    op.create_table('letter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('report_version', sa.Integer(), nullable=False),
    sa.Column('attachment_id', sa.Integer(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trouble', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_letter_attachment_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_letter_report_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('report_id', 'report_version', name=op.f('uq_letter_report_id_report_version'))
    )
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.create_index('ix_letter_state_due_at', ['state', 'due_at'], unique=False)


def downgrade():
    op.drop_table('letter')
    op.drop_table('report')
    with op.batch_alter_table('category', schema=None) as batch_op:
        batch_op.drop_column('proof')

    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attachment_job_id'))
        batch_op.drop_constraint(batch_op.f('fk_attachment_job_id'), type_='foreignkey')
        batch_op.drop_column('job_id')
        batch_op.drop_column('purpose')
