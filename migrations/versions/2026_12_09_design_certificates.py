"""Design certificates, and write them in many languages"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_pictures"),
    )
    op.create_table(
        "certificate_designs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("accent", sa.String(), nullable=False),
        sa.Column("logo_id", sa.Integer(), nullable=True),
        sa.Column("signature_id", sa.Integer(), nullable=True),
        sa.Column("signature_of", sa.String(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "is_default = (office_id IS NULL)", name="ck_certificate_designs_default_is_no_offices"
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name="fk_certificate_designs_office_id"
        ),
        sa.ForeignKeyConstraint(
            ["logo_id"], ["certificate_pictures.id"], name="fk_certificate_designs_logo_id"
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["certificate_pictures.id"],
            name="fk_certificate_designs_signature_id",
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["users.id"], name="fk_certificate_designs_changed_by_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_designs"),
        sa.UniqueConstraint("office_id", name="uq_certificate_designs_office_id"),
    )
    op.create_index(
        "uq_certificate_designs_default",
        "certificate_designs",
        ["is_default"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "certificate_languages",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name="fk_certificate_languages_event_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", name="pk_certificate_languages"),
    )
    op.create_table(
        "certificate_language_wishes",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name="fk_certificate_language_wishes_registration_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name="pk_certificate_language_wishes"),
    )


def downgrade() -> None:
    for table in (
        *("certificate_language_wishes", "certificate_languages"),
        *("certificate_designs", "certificate_pictures"),
    ):
        op.drop_table(table)
