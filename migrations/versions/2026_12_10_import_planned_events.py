"""Import planned events"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name="fk_event_imports_office_id"),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["users.id"], name="fk_event_imports_uploaded_by_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_event_imports"),
    )
    op.create_index("ix_event_imports_office_id", "event_imports", ["office_id"])
    op.create_index("ix_event_imports_uploaded_at", "event_imports", ["uploaded_at"])
    op.create_table(
        "imported_events",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_imported_events_event_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name="fk_imported_events_office_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_imported_events"),
        sa.UniqueConstraint("office_id", "uid", name="uq_imported_events_office_id_uid"),
    )


def downgrade() -> None:
    op.drop_table("imported_events")
    op.drop_table("event_imports")
