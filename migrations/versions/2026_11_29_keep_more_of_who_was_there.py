"""Keep more of who was there"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SOURCES = ("desk", "qr", "room-code", "join-link", "import", "correction")


def upgrade() -> None:
    source = sa.Enum(*SOURCES, name="source", native_enum=False, length=30)
    with op.batch_alter_table("presences") as batch:
        batch.add_column(sa.Column("source", source, nullable=False, server_default="desk"))
        batch.add_column(sa.Column("parts", sa.JSON(), nullable=True))
    with op.batch_alter_table("presences") as batch:
        batch.alter_column("source", existing_type=source, server_default=None)
    op.create_table(
        "presence_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("reason != ''", name="ck_presence_corrections_has_reason"),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name="fk_presence_corrections_registration_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name="fk_presence_corrections_session_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["corrected_by_id"], ["users.id"], name="fk_presence_corrections_corrected_by_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_presence_corrections"),
    )
    op.create_index(
        "ix_presence_corrections_registration_id_session_id",
        "presence_corrections",
        ["registration_id", "session_id"],
    )
    op.create_table(
        "attendance_closings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_attendance_closings_event_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["users.id"], name="fk_attendance_closings_closed_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by_id"], ["users.id"], name="fk_attendance_closings_reopened_by_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attendance_closings"),
    )
    op.create_index(
        "uq_attendance_closings_one_each",
        "attendance_closings",
        ["event_id"],
        unique=True,
        sqlite_where=sa.text("reopened_at IS NULL"),
        postgresql_where=sa.text("reopened_at IS NULL"),
    )
    op.create_table(
        "no_shows",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name="fk_no_shows_registration_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["noted_by_id"], ["users.id"], name="fk_no_shows_noted_by_id"),
        sa.PrimaryKeyConstraint("registration_id", name="pk_no_shows"),
    )


def downgrade() -> None:
    op.drop_table("no_shows")
    op.drop_table("attendance_closings")
    op.drop_table("presence_corrections")
    with op.batch_alter_table("presences") as batch:
        batch.drop_column("parts")
        batch.drop_column("source")
