"""Keep what desks sent"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_ticks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("pressed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name="fk_desk_ticks_registration_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_desk_ticks_session_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["taken_by_id"], ["users.id"], name="fk_desk_ticks_taken_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_desk_ticks"),
        sa.UniqueConstraint("key", name="uq_desk_ticks_key"),
    )
    op.create_index(
        "ix_desk_ticks_registration_id_session_id",
        "desk_ticks",
        ["registration_id", "session_id"],
    )


def downgrade() -> None:
    op.drop_table("desk_ticks")
