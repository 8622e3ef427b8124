"""Share materials"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "materials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum("everyone", "confirmed", "came", name="audience", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(stored_as IS NULL) = (url != '')", name=op.f("ck_materials_is_file_or_link")
        ),
        sa.CheckConstraint("size >= 0", name=op.f("ck_materials_size_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_materials_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_materials_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_materials_session_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_materials")),
        sa.UniqueConstraint("code", name=op.f("uq_materials_code")),
        sa.UniqueConstraint("stored_as", name=op.f("uq_materials_stored_as")),
    )
    with op.batch_alter_table("materials", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_materials_event_id_position"), ["event_id", "position"]
        )
        batch_op.create_index(batch_op.f("ix_materials_session_id"), ["session_id"])
    op.create_table(
        "material_notices",
        sa.Column("material_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["material_id"],
            ["materials.id"],
            name=op.f("fk_material_notices_material_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_material_notices_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("material_id", "registration_id", name=op.f("pk_material_notices")),
    )
    with op.batch_alter_table("material_notices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_material_notices_registration_id"), ["registration_id"]
        )


def downgrade() -> None:
    """The files stay in the storage; nobody names them any more."""
    op.drop_table("material_notices")
    op.drop_table("materials")
