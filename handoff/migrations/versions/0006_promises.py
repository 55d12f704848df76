"""Promises of several kinds, that can be withdrawn, with a warning before they come due."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("promises") as table:
        table.add_column(sa.Column("kind", sa.String(length=16), nullable=False, server_default="answer"))
        table.add_column(sa.Column("withdrawn_seq", sa.Integer(), nullable=True))
        table.add_column(sa.Column("warned_at", sa.BigInteger(), nullable=True))
