"""Keep a checklist for each event"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checklist_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "due_days BETWEEN -90 AND 500", name="ck_checklist_items_due_near_the_event"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_checklist_items_event_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_checklist_items_owner_id"),
        sa.ForeignKeyConstraint(["done_by_id"], ["users.id"], name="fk_checklist_items_done_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_checklist_items"),
    )
    op.create_index("ix_checklist_items_event_id", "checklist_items", ["event_id"])
    op.create_index("ix_checklist_items_owner_id", "checklist_items", ["owner_id"])


def downgrade() -> None:
    op.drop_table("checklist_items")
