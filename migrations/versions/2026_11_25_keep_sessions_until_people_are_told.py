"""Keep sessions until people are told"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "session_choices", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    with op.batch_alter_table("session_choices", schema=None) as batch_op:
        batch_op.drop_column("left_at")
