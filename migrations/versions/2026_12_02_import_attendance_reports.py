"""Import attendance reports"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = ("teams", "teams-log", "zoom", "webex", "other")


def upgrade() -> None:
    op.create_table(
        "attendance_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="reportkind", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.CheckConstraint("size >= 0", name="ck_attendance_imports_size_is_not_negative"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_attendance_imports_event_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["users.id"], name="fk_attendance_imports_uploaded_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["applied_by_id"], ["users.id"], name="fk_attendance_imports_applied_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["users.id"], name="fk_attendance_imports_undone_by_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attendance_imports"),
        sa.UniqueConstraint("stored_as", name="uq_attendance_imports_stored_as"),
    )
    op.create_index(
        "ix_attendance_imports_event_id_sha256", "attendance_imports", ["event_id", "sha256"]
    )
    op.create_index("ix_attendance_imports_uploaded_at", "attendance_imports", ["uploaded_at"])
    op.create_table(
        "attendance_aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_attendance_aliases_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["attendance_imports.id"],
            name="fk_attendance_aliases_import_id",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["users.id"], name="fk_attendance_aliases_confirmed_by_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attendance_aliases"),
        sa.UniqueConstraint("key", "user_id", name="uq_attendance_aliases_key_user_id"),
    )
    op.create_index("ix_attendance_aliases_user_id", "attendance_aliases", ["user_id"])
    op.create_index("ix_attendance_aliases_import_id", "attendance_aliases", ["import_id"])
    with op.batch_alter_table("presences") as batch:
        batch.add_column(sa.Column("import_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_presences_import_id", "attendance_imports", ["import_id"], ["id"]
        )
        batch.create_index("ix_presences_import_id", ["import_id"])


def downgrade() -> None:
    with op.batch_alter_table("presences") as batch:
        batch.drop_index("ix_presences_import_id")
        batch.drop_constraint("fk_presences_import_id", type_="foreignkey")
        batch.drop_column("import_id")
    op.drop_table("attendance_aliases")
    op.drop_table("attendance_imports")
