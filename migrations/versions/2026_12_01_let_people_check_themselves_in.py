"""Let people check themselves in"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_codes",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name="fk_room_codes_session_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["opened_by_id"], ["users.id"], name="fk_room_codes_opened_by_id"),
        sa.PrimaryKeyConstraint("session_id", name="pk_room_codes"),
    )


def downgrade() -> None:
    op.drop_table("room_codes")
