"""How a group's waiting customers come to its agents."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("groups") as table:
        table.add_column(sa.Column("assignment", sa.String(length=16), nullable=True))
