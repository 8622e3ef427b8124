"""Give offices words of their own"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_wordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["users.id"], name=op.f("fk_own_wordings_changed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_own_wordings_event_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_own_wordings_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_wordings")),
    )
    with op.batch_alter_table("own_wordings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_own_wordings_event_id"), ["event_id"], unique=False)
        for place, condition in (
            ("office", "event_id IS NULL"),
            ("event", "event_id IS NOT NULL"),
        ):
            batch_op.create_index(
                f"uq_own_wordings_{place}",
                ["kind", f"{place}_id"],
                unique=True,
                sqlite_where=sa.text(condition),
                postgresql_where=sa.text(condition),
            )


def downgrade() -> None:
    op.drop_table("own_wordings")
