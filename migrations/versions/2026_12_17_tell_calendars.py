"""Tell calendars"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("events") as batch_op:
        batch_op.add_column(
            sa.Column("coordinates", sa.String(), nullable=False, server_default="")
        )
    with op.batch_alter_table("events") as batch_op:
        batch_op.alter_column("coordinates", server_default=None)
    op.create_table(
        "calendar_entries",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_calendar_entries_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_calendar_entries_event_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "uid", name="pk_calendar_entries"),
    )
    op.create_index(
        "ix_calendar_entries_event_id_checked_at", "calendar_entries", ["event_id", "checked_at"]
    )


def downgrade() -> None:
    op.drop_table("calendar_entries")
    with op.batch_alter_table("events") as batch_op:
        batch_op.drop_column("coordinates")
