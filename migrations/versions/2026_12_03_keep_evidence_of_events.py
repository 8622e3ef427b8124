"""Keep evidence of events"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("stored_as", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(stored_as IS NULL) = (removed_at IS NOT NULL)",
            name="ck_evidence_files_is_there_or_not",
        ),
        sa.CheckConstraint(
            "session_id IS NULL OR held_on IS NULL", name="ck_evidence_files_session_or_day"
        ),
        sa.CheckConstraint("size > 0", name="ck_evidence_files_has_content"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_evidence_files_event_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name="fk_evidence_files_session_id",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["users.id"], name="fk_evidence_files_uploaded_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["removed_by_id"], ["users.id"], name="fk_evidence_files_removed_by_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_evidence_files"),
        sa.UniqueConstraint("stored_as", name="uq_evidence_files_stored_as"),
    )
    op.create_index("ix_evidence_files_session_id", "evidence_files", ["session_id"])
    op.create_index(
        "uq_evidence_files_once",
        "evidence_files",
        ["event_id", "sha256"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("evidence_files")
