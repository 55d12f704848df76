"""Hours, holidays, overflow and standards of groups; clocks, snoozing and reminders of conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("groups") as table:
        table.add_column(sa.Column("hours", sa.JSON(), nullable=True))
        table.add_column(sa.Column("holidays", sa.JSON(), nullable=True))
        table.add_column(sa.Column("overflow_to", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("overflow_seconds", sa.Integer(), nullable=True))
        table.add_column(sa.Column("queue_limit", sa.Integer(), nullable=True))
        table.add_column(sa.Column("standards", sa.JSON(), nullable=True))
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("unanswered_since", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("snoozed_until", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("alerted", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("queue") as table:
        table.add_column(sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("in_group_since", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("handoffs") as table:
        table.add_column(sa.Column("first_answer_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("promises") as table:
        table.add_column(sa.Column("overdue_told_at", sa.BigInteger(), nullable=True))
